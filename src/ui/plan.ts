import type { ResourceKind } from "../core/addresses.ts";
import type { OutputChange, Plan } from "../core/plan.ts";
import type { ResourceSchema } from "../core/schema.ts";
import { UNKNOWN } from "../core/values.ts";
import { actionLabel, changeLines, markOf } from "./change.ts";
import type { Palette } from "./colour.ts";
import { palette } from "./colour.ts";
import { alignedLeads, changedValue, wholeValue } from "./difference.ts";
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
  if (changes.length === 0 && outputs.length === 0) return `${colours.bold(nothing(plan))}\n`;

  const paragraphs: string[][] = [];
  if (changes.length > 0) {
    paragraphs.push(legend(plan, colours), ["labform will do this:"]);
    const context = { ...options, colours, refreshed: plan.refreshed };
    const services = changes.filter(({ kind }) => kind === "service");
    if (services.length > 0) paragraphs.push(services.flatMap((change) => changeLines(change, context)));
    for (const change of changes) {
      if (change.kind !== "service") paragraphs.push(changeLines(change, context));
    }
    paragraphs.push([summary(planSummary(changes), colours)]);
  }
  if (outputs.length > 0) {
    const lines = outputLines(outputs).map((line) => renderLine(line, colours));
    paragraphs.push(["Changes to outputs:", ...lines]);
    if (changes.length === 0) paragraphs.push(["Only outputs change: no node, link or service does."]);
  }
  return `${paragraphs.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function nothing({ mode }: Plan): string {
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
    const concealed = output.sensitive ? { paths: [[]] } : SHOWN;
    const showing = { words: WORDS, before: concealed, after: concealed };
    const lead = leads[at] as string;
    const before = output.before?.value ?? null;
    const after = output.after === undefined ? UNKNOWN : output.after.value;
    if (output.action === "create") return wholeValue("+", lead, after, "", 0, showing);
    if (output.action === "delete") return wholeValue("-", lead, before, " -> null", 0, showing);
    const lines = changedValue(lead, before, after, "", 0, showing);
    return lines.length > 0 ? lines : [{ depth: 0, mark: "~", text: `${lead}(the same value, of another type)` }];
  });
}
