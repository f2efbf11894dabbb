import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Attribute, Block } from "../core/syntax.ts";
import type { Draft, DraftCall } from "./draft.ts";
import { declaredName } from "./labels.ts";
import { attributeOf, literalString } from "./literals.ts";
import { readRepetition } from "./repetition.ts";
import { readDependsOn } from "./resource.ts";
import { moduleArguments, moduleBlocks } from "./schemas.ts";
import { checkBody, duplicate, wrongLabels } from "./shape.ts";
import { unsupportedInCallLifecycle, unsupportedInModuleCall } from "./unsupported.ts";

/** Reads a `module` block; its directory is read and its arguments are compared with that when all blocks are read. */
export function readModuleCall(block: Block, draft: Draft): void {
  const name = declaredName(block, draft, draft.calls, 'module "name" { … }');
  if (name === undefined) return;
  const { body, headerRange: range } = block;
  const { diagnostics } = draft;
  const title = `module "${name}"`;
  const [lifecycle, ...others] = body.blocks.filter(({ type }) => type === "lifecycle");
  if (lifecycle) {
    const owner = { title: "lifecycle", header: lifecycle.headerRange, unsupported: unsupportedInCallLifecycle };
    if (lifecycle.labels.length > 0) diagnostics.push(wrongLabels(lifecycle, "lifecycle { … }", 0));
    checkBody(lifecycle.body, moduleBlocks.lifecycle, owner, draft);
  }
  for (const other of others) {
    diagnostics.push(duplicate("lifecycle", `in ${title}`, other.headerRange, (lifecycle as Block).headerRange));
  }
  for (const nested of body.blocks) {
    if (nested.type === "lifecycle") continue;
    const detail =
      unsupportedInModuleCall.get(nested.type) ??
      "It holds arguments only: source, count, for_each, depends_on, and the values of the module's variables; and a block lifecycle.";
    diagnostics.push(
      errorDiagnostic(`"${nested.type}" cannot be used in ${title}`, { detail, range: nested.typeRange }),
    );
  }
  draft.calls.set(name, {
    name,
    address: `module.${name}`,
    source: readSource(block, title, draft),
    ...readRepetition(body, title, diagnostics),
    dependsOn: readDependsOn(body, diagnostics),
    arguments: body.attributes.filter((attribute) => isArgument(attribute, title, draft)),
    range,
  });
}

/** Whether it is the value of a variable, and no word of the language. */
function isArgument({ name, nameRange: range }: Attribute, title: string, draft: Draft): boolean {
  if (Object.hasOwn(moduleArguments, name)) return false;
  const reason = unsupportedInModuleCall.get(name);
  if (reason === undefined) return true;
  draft.diagnostics.push(errorDiagnostic(`"${name}" cannot be used in ${title}`, { detail: reason, range }));
  return false;
}

function readSource({ body, headerRange }: Block, title: string, draft: Draft): DraftCall["source"] {
  const written = attributeOf(body, "source");
  if (!written) {
    if (!draft.complete) return undefined;
    const detail = `It says which directory has the lab files of ${title}: source = "./pod".`;
    draft.diagnostics.push(errorDiagnostic('Missing argument "source"', { detail, range: headerRange }));
    return undefined;
  }
  const text = literalString(body, "source", draft.diagnostics);
  if (text === undefined) return undefined;
  const { range } = written.expression;
  const problem = sourceProblem(text);
  if (problem === undefined) return { text, range };
  draft.diagnostics.push(errorDiagnostic(`Bad module source ${JSON.stringify(text)}`, { detail: problem, range }));
  return undefined;
}

const remote =
  "labform takes modules from local directories only. Get the files first (a git submodule, a copy), and name their directory: ./modules/pod.";

/** Undefined when the source is a directory: it begins with ./, ../ or /. */
function sourceProblem(source: string): string | undefined {
  if (/^(?:\.{1,2})?\//.test(source)) return undefined;
  if (source === "") return 'Name a directory: "./pod".';
  if (/^[a-z0-9]+::/i.test(source) || /^[\w.-]+@[\w.-]+:/.test(source)) return `It names a repository. ${remote}`;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) return `It is the address of a download. ${remote}`;
  const parts = source.split("/");
  const isHost = /^[\w-]+(?:\.[\w-]+)+(?::\d+)?$/.test(parts[0] as string) && parts.length > 2;
  if (isHost || (parts.length > 2 && parts.length < 5 && parts.every((part) => /^[\w.-]+$/.test(part)))) {
    return `It looks like the address of a repository or registry. ${remote} If it is a directory, write "./${source}".`;
  }
  const relative = source === "." || source === ".." ? `${source}/` : `./${source}`;
  return `A directory's name begins with ./, ../ or /. Did you mean ${JSON.stringify(relative)}?`;
}
