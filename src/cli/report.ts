import type { Diagnostic } from "../core/diagnostics.ts";
import type { Emit } from "../core/events.ts";
import { renderDiagnostic } from "../ui/diagnostics.ts";
import { jsonView } from "../ui/json.ts";
import type { CommonOptions, Context } from "./context.ts";

/** Tells diagnostics, each once: on standard error as text; with -json as events, in `emit`'s stream where one is open. */
export function reporter(
  context: Context,
  common: CommonOptions,
  emit?: Emit,
): (diagnostics: readonly Diagnostic[]) => void {
  const told = new Set<string>();
  let json = emit;
  return (diagnostics) => {
    for (const diagnostic of diagnostics) {
      const text = renderDiagnostic(diagnostic, {
        colour: common.colour && context.stderr.isTTY,
        width: context.stderr.columns ?? 100,
      });
      if (told.has(text)) continue;
      told.add(text);
      if (common.json) {
        json ??= jsonView((line) => void context.stdout.write(line), context.version).emit;
        json({ type: "diagnostic", diagnostic });
      } else context.stderr.write(`\n${text}\n`);
    }
  };
}
