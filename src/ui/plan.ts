import type { ResourceKind } from "../core/addresses.ts";
import type { Move, OutputChange, Plan } from "../core/plan.ts";
import type { ResourceSchema } from "../core/schema.ts";
import { UNKNOWN } from "../core/values.ts";
import { actionLabel, changeLines, markOf } from "./change.ts";
import type { Palette } from "./colour.ts";
import { palette } from "./colour.ts";
import { alignedLeads, changedValue, wholeValue } from "./difference.ts";
import { driftParagraphs } from "./drift.ts";
import type { Line } from "./lines.ts";
import { colouredMark, renderLine } from "./lines.ts";
import { planSummary } from "./summary.ts";
import { SHOWN, WORDS } from "./value.ts";

export interface PlanOptions {
  readonly colour: boolean;
  /** Cells of a line. */
  readonly width: number;
  readonly schemas: ReadonlyMap<ResourceKind, ResourceSchema>;
}

/** A plan as text, in Terraform's look. Without the plan's diagnostics. Ends with a line break. */
export function renderPlan(plan: Plan, options: PlanOptions): string {
  const colours = palette(options.colour);
  const changes = plan.changes.filter(({ action }) => action !== "none");
  const outputs = plan.outputs.filter(({ action }) => action !== "none");
  const paragraphs = driftParagraphs(plan, { ...options, colours });
  if (plan.mode === "refresh-only") paragraphs.push(...recordingParagraphs(plan));
  else if (changes.length === 0) paragraphs.length = 0;
  const moves = plan.moves ?? [];
  if (paragraphs.length === 0 && changes.length === 0 && moves.length === 0 && outputs.length === 0) {
    return `${colours.bold(nothing(plan))}\n`;
  }

  if (changes.length > 0) {
    paragraphs.push(legend(plan, colours), ["labform will do this:"]);
    const drifted = new Set(plan.drift.map(({ address }) => address));
    const movedFrom = new Map(moves.map(({ from, to }) => [to, from] as const));
    const context = { ...options, colours, refreshed: plan.refreshed, drifted, movedFrom };
    const services = changes.filter(({ kind }) => kind === "service");
    if (services.length > 0) paragraphs.push(services.flatMap((change) => changeLines(change, context)));
    for (const change of changes) {
      if (change.kind !== "service") paragraphs.push(changeLines(change, context));
    }
  }
  const unchanged = movesAlone(plan);
  if (unchanged.length > 0) {
    if (changes.length === 0) paragraphs.push(["labform will do this:"]);
    paragraphs.push(unchanged.map(({ from, to }) => `  ${colours.bold(`# ${from}`)} has moved to ${colours.bold(to)}`));
  }
  if (changes.length + moves.length > 0) {
    paragraphs.push([summary(planSummary(changes, moves.length), colours)]);
    if (changes.length === 0) paragraphs.push(["Only addresses change in the state: nothing on the host is touched."]);
  }
  if (outputs.length > 0) {
    const lines = outputLines(outputs).map((line) => renderLine(line, colours));
    paragraphs.push(["Changes to outputs:", ...lines]);
    if (changes.length + moves.length === 0 && plan.mode !== "refresh-only")
      paragraphs.push(["Only outputs change: no node, link or service does."]);
  }
  if (plan.partial) paragraphs.push(["Only a part of the lab was planned: -target or -exclude leaves out the rest."]);
  return `${paragraphs.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** Of what does not change otherwise: the others say it themselves. */
function movesAlone({ moves = [], changes }: Plan): readonly Move[] {
  const changing = new Set(changes.map(({ address }) => address));
  return moves.filter(({ to }) => !changing.has(to));
}

/** What apply makes of a plan that only records. */
function recordingParagraphs({ refreshes, lost = [] }: Plan): string[][] {
  if (refreshes.length + lost.length === 0) return [];
  return [["This plan only records that: apply writes it into the state and touches nothing on the host."]];
}

function nothing({ mode, partial }: Plan): string {
  if (partial) return "No changes in the part that was planned: -target or -exclude leaves out the rest.";
  if (mode === "refresh-only") return "No changes. The host is as the state has it recorded.";
  return mode === "destroy" ? "No changes. There is nothing to destroy." : "No changes. The lab is as its files say.";
}

/** Only the marks that are used. */
function legend(plan: Plan, colours: Palette): string[] {
  const used = new Map<string, string>();
  for (const change of plan.changes) {
    if (change.action === "none") continue;
    const mark = markOf(change.action);
    const label = change.action === "replace" ? "destroy, then create anew" : actionLabel(change);
    used.set(label, `${" ".repeat(3 - mark.length)}${colouredMark(mark, colours)} ${label}`);
  }
  return ["Changes are marked with these signs:", ...used.values()];
}

function summary(text: string, colours: Palette): string {
  return text.replace(/^Plan:/, colours.bold("Plan:"));
}

function outputLines(outputs: readonly OutputChange[]): Line[] {
  const leads = alignedLeads(outputs.map(({ name }) => name));
  return outputs.flatMap((output, at) => {
    const showing = {
      words: WORDS,
      before: output.sensitive || output.wasSensitive ? { paths: [[]] } : SHOWN,
      after: output.sensitive ? { paths: [[]] } : SHOWN,
    };
    const lead = leads[at] as string;
    const before = output.before?.value ?? null;
    const after = output.after === undefined ? UNKNOWN : output.after.value;
    if (output.action === "create") return wholeValue("+", lead, after, "", 0, showing);
    if (output.action === "delete") return wholeValue("-", lead, before, " -> null", 0, showing);
    const lines = changedValue(lead, before, after, "", 0, showing);
    return lines.length > 0 ? lines : [{ depth: 0, mark: "~", text: `${lead}(the same value, of another type)` }];
  });
}
