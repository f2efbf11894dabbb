import type { Diagnostic } from "../core/diagnostics.ts";
import { renderDiagnostic } from "../ui/diagnostics.ts";
import { jsonView } from "../ui/json.ts";
import type { CommonOptions, Context } from "./context.ts";

/** Tells diagnostics: on standard error as text, or on standard output as JSON events. */
export async function reporter(context: Context, common: CommonOptions): Promise<(diagnostics: readonly Diagnostic[]) => void> {
  const seen = new Set<string>();
  const view = common.json ? jsonView((text) => context.stdout.write(text), context.version) : undefined;
  return (diagnostics) => {
    for (const diagnostic of diagnostics) {
      const text = renderDiagnostic(diagnostic, { colour: common.colour && context.stderr.isTTY === true, width: context.stderr.columns ?? 100 });
      if (seen.has(text)) continue;
      seen.add(text);
      if (view) view({ type: "diagnostic", diagnostic });
      else context.stderr.write(`${text}\n`);
    }
  };
}
