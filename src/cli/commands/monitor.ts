import { fail } from "../../core/diagnostics.ts";
import { attachTo } from "../console/line.ts";
import { openNode } from "../console/nodes.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";

/** Without a command a session on the monitor's port; with one its answer, and nobody else's session is disturbed. */
export async function run(
  context: Context,
  common: CommonOptions,
  _options: unknown,
  operands: readonly string[],
): Promise<ExitCode> {
  const [name = "", ...words] = operands;
  if (words.length === 0) {
    await attachTo(context, common, name, "monitor");
    return 0;
  }
  const { node, provider } = await openNode(context, common, name);
  if (!provider.askMonitor)
    fail(`${node.address} has no monitor`, { detail: `The provider ${provider.name} has none.` });
  const answer = await provider.askMonitor(node, words.join(" "));
  if (common.json)
    context.stdout.write(`${JSON.stringify({ format_version: "1.0", address: node.address, answer })}\n`);
  else if (answer !== "") context.stdout.write(answer.endsWith("\n") ? answer : `${answer}\n`);
  return 0;
}
