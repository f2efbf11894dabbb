import type { ResourceKind } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Lab, Resource } from "../core/lab.ts";
import type { ResourceSchema } from "../core/schema.ts";
import type { Reference } from "../core/syntax.ts";
import { didYouMean, listed } from "./names.ts";
import type { Site } from "./sites.ts";
import { sitesOf } from "./sites.ts";
import { unsupportedRoots } from "./unsupported.ts";

interface Context {
  readonly lab: Lab;
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
  lab: Lab,
  schemas: ReadonlyMap<ResourceKind, ResourceSchema>,
  diagnostics: Diagnostic[],
): void {
  const context = { lab, schemas };
  for (const site of sitesOf(lab)) {
    for (const reference of site.references) {
      const problem = checkReference(reference, site, context);
      if (problem) diagnostics.push(problem);
    }
  }
  for (const owner of [...lab.resources.values(), ...lab.outputs.values()]) {
    for (const { address, range } of owner.dependsOn) {
      if (lab.resources.has(address)) continue;
      const dot = address.indexOf(".");
      const reference = { root: address.slice(0, dot), path: [address.slice(dot + 1)], range };
      diagnostics.push(missing(reference, namesOfKind(lab, reference.root)));
    }
  }
}

function checkReference(reference: Reference, site: Site, context: Context): Diagnostic | undefined {
  const { root, path, range } = reference;
  const { lab, schemas } = context;
  const isResource = schemas.has(root as ResourceKind);
  const isKnown = isResource || root === "var" || root === "local" || fixed.has(root);
  if (!isKnown) return unknownRoot(reference, context);
  const notHere = misplaced(reference, site, isResource);
  if (notHere) return notHere;

  const [name] = path;
  if (typeof name !== "string") {
    return errorDiagnostic(`"${root}" needs a name`, {
      detail: `It cannot be used as a whole: write ${root}.${fixed.get(root)?.[0] ?? "name"}, with a name that stands in the file as it is.`,
      range,
    });
  }
  if (root === "var") return lab.variables.has(name) ? undefined : missing(reference, [...lab.variables.keys()]);
  if (root === "local") return lab.locals.has(name) ? undefined : missing(reference, [...lab.locals.keys()]);
  if (!isResource) {
    const members = fixed.get(root) as readonly string[];
    return members.includes(name) ? undefined : missing(reference, members);
  }
  const resource = lab.resources.get(`${root}.${name}`);
  if (!resource) return missing(reference, namesOfKind(lab, root));
  return checkInstance(reference, resource, schemas.get(resource.kind) as ResourceSchema);
}

function misplaced({ root, range }: Reference, site: Site, isResource: boolean): Diagnostic | undefined {
  if (root === "each" || root === "count") {
    if (site.instances === root) return undefined;
    const argument = root === "each" ? "for_each" : "count";
    return errorDiagnostic(`"${root}" has no meaning here`, {
      detail: `It stands for the instance of a node or link that has ${argument}, inside its block and outside of ${argument} itself.`,
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
  if (typeof attribute !== "string" || schema.attributes[attribute]) return undefined;
  const attributes = attributeNames(schema);
  if (attributes.includes(attribute)) return undefined;
  const meant = didYouMean(attribute, attributes);
  return errorDiagnostic(`${address} has no attribute "${attribute}"`, {
    detail: `A ${resource.kind} has nothing of this name.${meant}`,
    range,
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

function namesOfKind(lab: Lab, kind: string): string[] {
  const names: string[] = [];
  for (const resource of lab.resources.values()) if (resource.kind === kind) names.push(resource.name);
  return names;
}

function unknownRoot({ root, path, range }: Reference, { lab, schemas }: Context): Diagnostic {
  const reason = unsupportedRoots.get(root);
  if (reason !== undefined) return errorDiagnostic(`"${root}" cannot be referred to`, { detail: reason, range });
  const full = [
    ...[...lab.resources.values()].filter((one) => one.name === root).map((one) => one.address),
    ...(lab.variables.has(root) ? [`var.${root}`] : []),
    ...(lab.locals.has(root) ? [`local.${root}`] : []),
  ];
  const roots = ["var", "local", ...schemas.keys(), ...fixed.keys()];
  let detail = `References begin with ${listed(roots, "or")}.`;
  if (full.length > 0) detail += ` Did you mean ${listed(full, "or")}?`;
  else if (didYouMean(root, roots) !== "") detail += didYouMean(root, roots);
  else if (path.length === 0) detail += ` If text is meant, put it in quotes: "${root}".`;
  return errorDiagnostic(`Unknown name "${root}"`, { detail, range });
}
