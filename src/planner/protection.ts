import { addressIn, formatModules, parseAddress, resourceAddress } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, hasErrors } from "../core/diagnostics.ts";
import type { Checked, Resource } from "../core/lab.ts";
import type { Change } from "../core/plan.ts";
import { shellWord } from "../core/shellWord.ts";
import type { Range } from "../core/source.ts";
import { withUser } from "../core/templateUse.ts";
import { BOOL, UNKNOWN } from "../core/values.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { Scope } from "../evaluation/scope.ts";
import { describeReferences } from "../evaluation/shown.ts";
import { convert, describeType } from "../evaluation/types.ts";
import type { WhyUnknown } from "./expand.ts";

/** What a block says of all its instances, those that it no longer has included. */
export interface BlockRules {
  readonly preventDestroy: boolean;
  readonly resource: Pick<Resource, "address" | "range" | "templates" | "count" | "forEach">;
  /** Where `prevent_destroy` stands. */
  readonly range?: Range | undefined;
}

export function readBlockRules(resource: Resource, scope: Scope, why: WhyUnknown): Checked<BlockRules> {
  const expression = resource.lifecycle?.preventDestroy;
  if (!expression) return { value: { preventDestroy: false, resource }, diagnostics: [] };
  const { range } = expression;
  const { value, diagnostics } = evaluate(expression, scope);
  const refuse = (summary: string, detail: string): Checked<BlockRules> => {
    const found = errorDiagnostic(summary, { detail, range, values: describeReferences(expression, scope) });
    return { diagnostics: [withUser(found, resource)] };
  };
  if (hasErrors(diagnostics)) return { diagnostics: diagnostics.map((one) => withUser(one, resource)) };
  if (value.sensitive) {
    return refuse("prevent_destroy may not be sensitive", "A plan that it refuses gives its value away.");
  }
  if (value.raw === UNKNOWN) {
    const remedy =
      "Use values that stand in the lab files or variables: whether a plan is allowed must be known with it.";
    return refuse("prevent_destroy is not known at plan", `${why(expression)} ${remedy}`);
  }
  const converted = convert(value, BOOL);
  if ("error" in converted) {
    return refuse("prevent_destroy must be true or false", `It is ${describeType(value.type)}: ${converted.error}.`);
  }
  return { value: { preventDestroy: converted.value.raw === true, resource, range }, diagnostics };
}

/** `module.pod["a"].node.r1` of `module.pod["a"].node.r1[0]` */
export function blockAddress(address: string): string {
  const parsed = parseAddress(address);
  if (!parsed) return address;
  return addressIn(formatModules(parsed.modules), resourceAddress(parsed.kind, parsed.name));
}

/**
 * One error for each instance that a plan would destroy or replace although it is not to be. What its block says counts;
 * where there is no block any more, what was applied last.
 */
export function refuseDestruction(
  changes: readonly Change[],
  blocks: ReadonlyMap<string, BlockRules>,
): readonly Diagnostic[] {
  return changes.flatMap((change) => {
    const { action, address, prior } = change;
    if (action !== "delete" && action !== "replace") return [];
    const block = blocks.get(blockAddress(address));
    const isPrevented = block ? block.preventDestroy : prior?.preventDestroy === true;
    if (!isPrevented) return [];
    const what = `The plan would ${action === "delete" ? "destroy" : "replace"} it: ${reasons(change)}.`;
    const elsewhere = `leave it out with -exclude=${shellWord(address)}`;
    const detail = block
      ? `${what} Its block says prevent_destroy. Undo what it comes from, set prevent_destroy = false, or ${elsewhere}.`
      : `${what} prevent_destroy was set when it was applied last. Apply it once with prevent_destroy = false in its block, or ${elsewhere}.`;
    const found = errorDiagnostic(`${address} is not to be destroyed`, { detail, range: block?.range, address });
    return [block ? withUser(found, block.resource) : found];
  });
}

function reasons({ causes }: Change): string {
  const told = causes.map(({ summary, at }) => (at === undefined ? summary : `${summary} (${at})`));
  return told.length === 0 ? "it cannot become what the lab files say as it is" : told.join("; ");
}
