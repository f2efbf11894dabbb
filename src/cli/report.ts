import type { Diagnostic } from "../core/diagnostics.ts";
import { renderDiagnostic } from "../ui/diagnostics.ts";
import type { CommonOptions, Context } from "./context.ts";
import { jsonStream } from "./jsonStream.ts";

/** More at once nobody reads, and the first ones would scroll away. */
const MOST_SHOWN = 100;

/**
 * Tells diagnostics, each once: on standard error as text, the first hundred of them; with -json as events of the
 * run's stream, all of them.
 */
export function reporter(context: Context, common: CommonOptions): (diagnostics: readonly Diagnostic[]) => void {
  const told = new Set<string>();
  return (diagnostics) => {
    let left = MOST_SHOWN;
    let more = 0;
    for (const diagnostic of diagnostics) {
      if (left === 0 && !common.json) {
        more++;
        continue;
      }
      const text = renderDiagnostic(diagnostic, {
        colour: common.colour && context.stderr.isTTY,
        width: context.stderr.columns ?? 100,
      });
      if (told.has(text)) continue;
      told.add(text);
      left--;
      if (common.json) {
        jsonStream(context).emit({ type: "diagnostic", diagnostic });
      } else context.stderr.write(`\n${text}\n`);
    }
    if (more > 0) context.stderr.write(`\n${more} more like these are not shown; -json tells all.\n\n`);
  };
}
