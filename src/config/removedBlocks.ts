import type { Target } from "../core/addresses.ts";
import { formatTarget } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Module, RemovedBlock } from "../core/lab.ts";
import type { Range } from "../core/source.ts";
import type { Block } from "../core/syntax.ts";
import type { Draft } from "./draft.ts";
import { lifecycleOf } from "./lifecycle.ts";
import { attributeOf, literalBool } from "./literals.ts";
import { addressOf } from "./moved.ts";
import { removedSchema } from "./schemas.ts";
import { checkBody, wrongLabels } from "./shape.ts";
import { unsupportedInRemoved } from "./unsupported.ts";

/** Reads a `removed` block; one that does not name a whole resource or module is reported and left out. */
export function readRemoved(block: Block, draft: Draft): void {
  const { body, headerRange: range } = block;
  const { diagnostics } = draft;
  if (block.labels.length > 0) diagnostics.push(wrongLabels(block, "removed { from = … }", 0));
  checkBody(body, removedSchema, { title: "a removed block", header: range, ...unsupportedInRemoved }, draft);
  const lifecycle = lifecycleOf(body);
  const destroy = lifecycle ? literalBool(lifecycle, "destroy", true, diagnostics) : true;
  const from = addressOf(body, "from", diagnostics);
  if (!from) return;
  const fromRange = attributeOf(body, "from")?.expression.range ?? range;
  if (from.some(({ key }) => key !== undefined)) {
    const whole = formatTarget(from.map((step) => ({ ...step, key: undefined })));
    const detail = `A removed block speaks of all instances: write ${whole}. Of one instance alone: labform state rm.`;
    diagnostics.push(errorDiagnostic(`"from" of a removed block has no keys`, { detail, range: fromRange }));
    return;
  }
  draft.removed.push({ from, fromRange, destroy, range });
}

/** What its `removed` blocks say that cannot be so: of what is still declared, and of one thing twice and differently. */
export function checkRemoved(module: Module): readonly Diagnostic[] {
  const first = new Map<string, RemovedBlock>();
  return module.removed.flatMap((block) => {
    const address = formatTarget(block.from);
    const other = first.get(address);
    if (!other) first.set(address, block);
    else if (other.destroy !== block.destroy) return [contradiction(address, block, other)];
    const declared = declaration(module, block.from);
    return declared ? [stillDeclared(address, block, declared)] : [];
  });
}

/** Where the block stands that declares what an address means, if there is one. */
function declaration(module: Module, [step, ...rest]: Target): Range | undefined {
  if (!step) return undefined;
  if (step.kind !== "module") return module.resources.get(`${step.kind}.${step.name}`)?.range;
  const call = module.calls.get(step.name);
  return rest.length === 0 || !call ? call?.range : declaration(call.module, rest);
}

function stillDeclared(address: string, { fromRange }: RemovedBlock, declared: Range): Diagnostic {
  return errorDiagnostic(`${address} is not removed: it is still declared`, {
    detail:
      "A removed block says what is to become of what is no longer in the lab files. Remove the one block or the other.",
    range: fromRange,
    related: [{ message: "it is declared here", range: declared }],
  });
}

function contradiction(address: string, { fromRange }: RemovedBlock, other: RemovedBlock): Diagnostic {
  return errorDiagnostic(`Two removed blocks say different things of ${address}`, {
    detail: "By the one it is to be destroyed, by the other it is to stay. Remove one of the two.",
    range: fromRange,
    related: [{ message: "the other stands here", range: other.range }],
  });
}
