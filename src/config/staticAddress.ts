import type { Target } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Expression } from "../core/syntax.ts";
import { isJsonFile } from "../language/json/expression.ts";

const kinds: ReadonlySet<string> = new Set(["node", "link", "network", "module"]);

/**
 * The address that an expression is which is evaluated nowhere: `node.r1`, `module.pod["a"].link.core[0]`, as seen from
 * the module that it stands in.
 */
export function staticAddress(expression: Expression, argument: string): Target | Diagnostic {
  const words = flatten(expression);
  if (!words) return notStatic(expression, argument);
  const steps: Target[number][] = [];
  for (let at = 0; at < words.length; ) {
    const [kind, name, key] = words.slice(at, at + 3) as [Word, Word | undefined, Word | undefined];
    const isLast = steps.length > 0 && steps.at(-1)?.kind !== "module";
    if (typeof kind === "object" || !kinds.has(kind) || typeof name !== "string" || isLast) {
      return noAddress(expression, argument);
    }
    const keyed = typeof key === "object";
    steps.push({ kind: kind as Target[number]["kind"], name, key: keyed ? key.key : undefined });
    at += keyed ? 3 : 2;
  }
  return steps;
}

/** A name, or a key in brackets. */
type Word = string | { readonly key: string | number };

function flatten(expression: Expression): readonly Word[] | undefined {
  const words: Word[] = [];
  let at = expression;
  for (;;) {
    if (at.kind === "variable") return [at.name, ...words.reverse()];
    if (at.kind === "attribute") {
      words.push(at.legacyIndex ? { key: Number(at.name) } : at.name);
      at = at.object;
    } else if (at.kind === "index") {
      const key = at.key.kind === "literal" ? at.key.value : undefined;
      if (typeof key !== "string" && !(Number.isSafeInteger(key) && (key as number) >= 0)) return undefined;
      words.push({ key: key as string | number });
      at = at.object;
    } else return undefined;
  }
}

function notStatic({ range }: Expression, argument: string): Diagnostic {
  const form = isJsonFile(range.file) ? `"${argument}": "node.r1"` : `${argument} = node.r1`;
  const detail = `It is read before anything is evaluated: names joined by dots, and keys in brackets that stand there as they are. Write it without quotes, calls and calculations: ${form}.`;
  const inJson = detail.replace("without quotes, calls", "without calls");
  return errorDiagnostic(`"${argument}" must be an address`, {
    detail: isJsonFile(range.file) ? inJson : detail,
    range,
  });
}

function noAddress({ range }: Expression, argument: string): Diagnostic {
  const detail = `An address of a node, link or module looks like node.r1, link.core[0], module.pod or module.pod["a"].node.r1, as seen from this module.`;
  return errorDiagnostic(`"${argument}" is no address`, { detail, range });
}
