import type { Target } from "../core/addresses.ts";
import { formatTarget } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import { isInside } from "../core/moves.ts";
import type { Block, Body } from "../core/syntax.ts";
import type { Draft } from "./draft.ts";
import { attributeOf } from "./literals.ts";
import { movedSchema } from "./schemas.ts";
import { checkBody, wrongLabels } from "./shape.ts";
import { staticAddress } from "./staticAddress.ts";
import { unsupportedInMoved } from "./unsupported.ts";

/** Reads a `moved` block; one whose addresses cannot be moved to each other is reported and left out. */
export function readMoved(block: Block, draft: Draft): void {
  const { body, headerRange: range } = block;
  const { diagnostics } = draft;
  if (block.labels.length > 0) diagnostics.push(wrongLabels(block, "moved { from = … to = … }", 0));
  checkBody(body, movedSchema, { title: "a moved block", header: range, unsupported: unsupportedInMoved }, draft);
  const from = addressOf(body, "from", diagnostics);
  const to = addressOf(body, "to", diagnostics);
  if (!from || !to) return;
  const wrong = refusal(from, to);
  const fromRange = attributeOf(body, "from")?.expression.range ?? range;
  if (wrong) diagnostics.push(errorDiagnostic(wrong.summary, { detail: wrong.detail, range }));
  else draft.moved.push({ from, to, fromRange, range });
}

/** What an argument says that is an address, where it is one. */
export function addressOf(body: Body, name: string, diagnostics: Diagnostic[]): Target | undefined {
  const expression = attributeOf(body, name)?.expression;
  if (!expression) return undefined;
  const address = staticAddress(expression, name);
  if (!("severity" in address)) return address;
  diagnostics.push(address);
  return undefined;
}

function refusal(from: Target, to: Target): { readonly summary: string; readonly detail: string } | undefined {
  const [source, destination] = [formatTarget(from), formatTarget(to)];
  const summary = `${source} cannot have moved to ${destination}`;
  const kinds = [from, to].map((one) => one.at(-1)?.kind ?? "");
  if (kinds[0] !== kinds[1]) {
    const detail = `The one is a ${kinds[0]}, the other a ${kinds[1]}: a node stays a node, a link a link, a module a module.`;
    return { summary, detail };
  }
  if (source === destination) return { summary, detail: "Both are the same address. Remove the block, or correct it." };
  if (isInside(from, to)) return { summary, detail: "One of the two modules is in the other." };
  return undefined;
}
