import type { ResourceKind } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Module, ModuleCall, Resource } from "../core/lab.ts";
import type { ResourceSchema } from "../core/schema.ts";
import { attributeSchema } from "../core/schema.ts";
import type { Range } from "../core/source.ts";
import { literalMeantBy } from "../core/suggestion.ts";
import type { Reference } from "../core/syntax.ts";
import { addOnce, withUser } from "../core/templateUse.ts";
import { references } from "../language/references.ts";
import { didYouMean, listed } from "./names.ts";
import type { Site } from "./sites.ts";
import { sitesOf } from "./sites.ts";
import { unsupportedRoots } from "./unsupported.ts";

interface Context {
  readonly module: Module;
  readonly schemas: ReadonlyMap<ResourceKind, ResourceSchema>;
}

/** Members that are always there, by root. */
const fixed: ReadonlyMap<string, readonly string[]> = new Map([
  ["lab", ["name", "workspace"]],
  ["path", ["module", "root", "cwd"]],
  ["each", ["key", "value"]],
  ["count", ["index"]],
]);

/** Reports each reference to something that does not exist, or that has no meaning where it stands. */
export function checkReferences(
  module: Module,
  schemas: ReadonlyMap<ResourceKind, ResourceSchema>,
  diagnostics: Diagnostic[],
): void {
  const context = { module, schemas };
  for (const site of sitesOf(module)) {
    const problems = [...constantCondition(site)];
    for (const reference of site.references) {
      const problem = checkReference(reference, site, context);
      if (problem) problems.push(problem);
    }
    problems.push(...checkTriggers(site, context));
    for (const problem of problems) {
      if (site.resource?.templates) addOnce(withUser(problem, site.resource), diagnostics);
      else diagnostics.push(problem);
    }
  }
  for (const owner of [...module.calls.values(), ...module.resources.values(), ...module.outputs.values()]) {
    for (const { address, range } of owner.dependsOn) {
      const dot = address.indexOf(".");
      const [root, name] = [address.slice(0, dot), address.slice(dot + 1)];
      if (root === "module" ? module.calls.has(name) : module.resources.has(address)) continue;
      diagnostics.push(missing({ root, path: [name], range }, namesOfKind(module, root)));
    }
  }
}

/** What follows a key that is known only with the instance; the rest is checked as every reference is. */
function checkTriggers(site: Site, { module, schemas }: Context): readonly Diagnostic[] {
  const triggers = site.triggers ? (site.resource?.lifecycle?.triggers ?? []) : [];
  return triggers.flatMap(({ address, key, path, expression }) => {
    const target = key && module.resources.get(address);
    if (!target) return [];
    if (!target.count && !target.forEach) {
      const detail = `It has neither count nor for_each, so it is one instance without a key: write ${address}.`;
      return [errorDiagnostic(`${address} has no instances by key`, { detail, range: key.range })];
    }
    const [attribute] = path;
    if (typeof attribute !== "string") return [];
    const schema = schemas.get(target.kind) as ResourceSchema;
    return checkAttribute(address, target.kind, attribute, schema, expression.range) ?? [];
  });
}

/** What is the same whatever the lab is checks nothing. */
function constantCondition({ rule }: Site): readonly Diagnostic[] {
  if (!rule || references(rule.condition).length > 0) return [];
  const example = rule.kind === "postcondition" ? "self.ram > 0" : "var.routers > 1";
  const detail = `It refers to nothing, so it would always say the same. Compare something of the lab: condition = ${example}.`;
  return [errorDiagnostic("The condition looks at nothing", { detail, range: rule.condition.range })];
}

function checkReference(reference: Reference, site: Site, context: Context): Diagnostic | undefined {
  const { root, path, range } = reference;
  const { module, schemas } = context;
  const isResource = schemas.has(root as ResourceKind) || root === "module";
  const isKnown = isResource || root === "var" || root === "local" || root === "self" || fixed.has(root);
  if (!isKnown) return unknownRoot(reference, context);
  const notHere = misplaced(reference, site, isResource);
  if (notHere) return notHere;

  const [name] = path;
  if (root === "self") return checkSelf(reference, site, context);
  if (typeof name !== "string") {
    return errorDiagnostic(`"${root}" needs a name`, {
      detail: `It cannot be used as a whole: write ${root}.${fixed.get(root)?.[0] ?? "name"}, with a name that stands in the file as it is.`,
      range,
    });
  }
  if (root === "var") return module.variables.has(name) ? undefined : missing(reference, [...module.variables.keys()]);
  if (root === "local") return module.locals.has(name) ? undefined : missing(reference, [...module.locals.keys()]);
  if (!isResource) {
    const members = fixed.get(root) as readonly string[];
    return members.includes(name) ? undefined : missing(reference, members);
  }
  const call = root === "module" ? module.calls.get(name) : undefined;
  if (call) return reference.attempted ? undefined : checkCall(reference, call);
  const resource = module.resources.get(`${root}.${name}`);
  if (!resource) return missing(reference, namesOfKind(module, root));
  return checkInstance(reference, resource, schemas.get(resource.kind) as ResourceSchema);
}

function misplaced(
  { root, path, range, elements }: Reference,
  site: Site,
  isResource: boolean,
): Diagnostic | undefined {
  if (root === "each" || root === "count") {
    if (site.instances === root || site.instances === "either") return undefined;
    const argument = root === "each" ? "for_each" : "count";
    const element = [...(elements ?? [])].at(-1);
    const meant =
      element === undefined ? "" : ` The element of the dynamic block is ${element}.key and ${element}.value.`;
    return errorDiagnostic(`"${root}" has no meaning here`, {
      detail: `It stands for the instance of a node, link or module that has ${argument}, inside its block and outside of ${argument} itself.${meant}`,
      range,
    });
  }
  if (root === "self" && site.rule?.kind !== "postcondition") {
    return errorDiagnostic('"self" has no meaning here', {
      detail:
        "It stands for the node or link that a postcondition is about, inside that block. Elsewhere write the name of what is meant, such as node.r1.",
      range,
    });
  }
  if (site.triggers && `${root}.${path[0]}` === site.owner) {
    return errorDiagnostic(`${site.owner} cannot be replaced because of itself`, {
      detail: "replace_triggered_by names what has it made anew by changing: other nodes and links. Take it away.",
      range,
    });
  }
  if (site.rule && isResource && `${root}.${path[0]}` === site.owner) {
    const remedy =
      site.rule.kind === "postcondition"
        ? "Write self instead: the instance that is checked."
        : "A precondition is checked before it is made. Refer to what it is made of, or write a postcondition with self.";
    return errorDiagnostic(`A ${site.rule.kind} of ${site.owner} cannot refer to ${site.owner}`, {
      detail: remedy,
      range,
    });
  }
  if (site.owner === "lab" && root !== "lab" && root !== "var") {
    return errorDiagnostic(`The lab block cannot refer to "${root}"`, {
      detail: "It is read before the rest of the lab: variables, lab.name and lab.workspace are known by then.",
      range,
    });
  }
  if (site.owner.startsWith("var.") && isResource) {
    return errorDiagnostic(`A validation of ${site.owner} cannot refer to "${root}"`, {
      detail: "Variables are checked before nodes and links are made. Refer to variables, locals, lab and path.",
      range,
    });
  }
  if (site.owner.startsWith("provider.") && isResource) {
    return errorDiagnostic(`A provider cannot refer to "${root}"`, {
      detail: "Its settings are needed before nodes and links are made, so they cannot depend on any.",
      range,
    });
  }
  return undefined;
}

function checkSelf({ path: [attribute], range }: Reference, site: Site, { schemas }: Context): Diagnostic | undefined {
  const kind = site.resource?.kind ?? "node";
  const schema = schemas.get(kind);
  if (typeof attribute !== "string" || !schema) return undefined;
  return checkAttribute("self", kind, attribute, schema, range);
}

/** What follows the name must be an instance key where there are instances, and an attribute where there is one. */
function checkInstance(reference: Reference, resource: Resource, schema: ResourceSchema): Diagnostic | undefined {
  const { address } = resource;
  const { range } = reference;
  const [, first, second] = reference.path;
  if (resource.count && typeof first === "string" && !/^\d+$/.test(first)) {
    const detail = `It has count, so write which of its instances is meant: ${address}[0].${first}, or ${address}[*].${first} for all.`;
    return errorDiagnostic(`${address} has no attribute of its own`, { detail, range });
  }
  const keyed = resource.count !== undefined || resource.forEach !== undefined;
  if (!keyed && typeof first === "number") {
    const detail = `It has neither count nor for_each, so it is one instance without a key: write ${address}.`;
    return errorDiagnostic(`${address} has no instance [${first}]`, { detail, range });
  }
  const attribute = keyed ? second : first;
  return typeof attribute === "string" ? checkAttribute(address, resource.kind, attribute, schema, range) : undefined;
}

function checkAttribute(
  who: string,
  kind: ResourceKind,
  attribute: string,
  schema: ResourceSchema,
  range: Range,
): Diagnostic | undefined {
  if (attributeSchema(schema, attribute)) return undefined;
  const attributes = attributeNames(schema);
  if (attributes.includes(attribute)) return undefined;
  const meant = didYouMean(attribute, attributes);
  return errorDiagnostic(`${who} has no attribute "${attribute}"`, {
    detail: `A ${kind} has nothing of this name.${meant}`,
    range,
  });
}

/** What follows the name must be an instance key where there are instances, and an output where there is one. */
function checkCall({ path, range }: Reference, call: ModuleCall): Diagnostic | undefined {
  const { address, module } = call;
  const [, first, second] = path;
  if (call.count && typeof first === "string" && !/^\d+$/.test(first)) {
    const detail = `It has count, so write which of its instances is meant: ${address}[0].${first}, or ${address}[*].${first} for all.`;
    return errorDiagnostic(`${address} has no output of its own`, { detail, range });
  }
  const keyed = call.count !== undefined || call.forEach !== undefined;
  if (!keyed && typeof first === "number") {
    const detail = `It has neither count nor for_each, so it is one instance without a key: write ${address}.`;
    return errorDiagnostic(`${address} has no instance [${first}]`, { detail, range });
  }
  const name = keyed ? second : first;
  if (typeof name !== "string" || !module.complete || module.outputs.has(name)) return undefined;
  const names = [...module.outputs.keys()];
  const meant = didYouMean(name, names);
  const output = names.find((one) => meant.includes(`"${one}"`));
  const declared = output === undefined ? undefined : module.outputs.get(output);
  const has = names.length === 0 ? "It declares none." : `It has ${listed(names.slice(0, 8))}.`;
  return errorDiagnostic(`${address} has no output "${name}"`, {
    detail: `Only the outputs of a module can be referred to, and ${module.path} declares none of this name.${meant || ` ${has}`}`,
    range,
    related: [
      { message: "the module is called here", range: call.range },
      ...(declared ? [{ message: `output "${declared.name}" is declared here`, range: declared.range }] : []),
    ],
  });
}

function attributeNames(schema: ResourceSchema): string[] {
  const blocks = Object.entries(schema.blocks ?? {}).map(([name, block]) => block.attribute ?? name);
  return [...Object.keys(schema.attributes), ...blocks];
}

const declarations: ReadonlyMap<string, (name: string) => string> = new Map([
  ["var", (name) => `variable "${name}" { … }`],
  ["local", (name) => `locals { ${name} = … }`],
  ["node", (name) => `node "${name}" { … }`],
  ["link", (name) => `link "${name}" { … }`],
  ["network", (name) => `network "${name}" { … }`],
  ["module", (name) => `module "${name}" { … }`],
]);

function missing({ root, path, range }: Reference, candidates: readonly string[]): Diagnostic {
  const name = String(path[0]);
  const meant = didYouMean(name, candidates);
  const declare = declarations.get(root);
  const remedy = declare
    ? ` It is declared by a block ${declare(name)}.`
    : ` It has ${listed(candidates.map((candidate) => `${root}.${candidate}`))}.`;
  return errorDiagnostic(`${root}.${name} does not exist`, {
    detail: `Nothing in this lab has that name.${meant || remedy}`,
    range,
  });
}

function namesOfKind(module: Module, kind: string): string[] {
  if (kind === "module") return [...module.calls.keys()];
  const names: string[] = [];
  for (const resource of module.resources.values()) if (resource.kind === kind) names.push(resource.name);
  return names;
}

function unknownRoot({ root, path, range, elements }: Reference, { module, schemas }: Context): Diagnostic {
  const reason = unsupportedRoots.get(root);
  if (reason !== undefined) return errorDiagnostic(`"${root}" cannot be referred to`, { detail: reason, range });
  const full = [
    ...[...module.resources.values()].filter((one) => one.name === root).map((one) => one.address),
    ...(module.calls.has(root) ? [`module.${root}`] : []),
    ...(module.variables.has(root) ? [`var.${root}`] : []),
    ...(module.locals.has(root) ? [`local.${root}`] : []),
  ];
  const roots = ["var", "local", ...schemas.keys(), "module", ...fixed.keys(), ...(elements ?? [])];
  let detail = `References begin with ${listed(roots, "or")}.`;
  if (full.length > 0) detail += ` Did you mean ${listed(full, "or")}?`;
  else if (didYouMean(root, roots) !== "") detail += didYouMean(root, roots);
  else if (path.length === 0 && literalMeantBy(root)) detail += ` Did you mean ${literalMeantBy(root)}?`;
  else if (path.length === 0) detail += ` If text is meant, put it in quotes: "${root}".`;
  return errorDiagnostic(`Unknown name "${root}"`, { detail, range });
}
