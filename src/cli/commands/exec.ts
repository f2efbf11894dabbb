import { fail } from "../../core/diagnostics.ts";
import type { GuestResult } from "../../core/provider.ts";
import { openNode } from "../console/nodes.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";

/** A shell's own: no such program, and what a signal is counted from. */
const NOT_FOUND = 127;
const BY_SIGNAL = 128;

/** The guest's output on the streams it was written to, and its exit code as this one's. */
export async function run(
  context: Context,
  common: CommonOptions,
  _options: unknown,
  [name = "", ...command]: readonly string[],
): Promise<ExitCode> {
  const { node, provider } = await openNode(context, common, name);
  if (!provider.execInGuest) {
    fail(`Nothing can be run in the guest of ${node.address}`, { detail: `The provider ${provider.name} has no way.` });
  }
  const result = await provider.execInGuest(node, command);
  if (common.json) context.stdout.write(`${JSON.stringify(documentOf(node.address, result))}\n`);
  else show(context, result);
  return exitCodeOf(result);
}

function exitCodeOf(result: GuestResult): number {
  if (!result.started) return NOT_FOUND;
  if (result.signal !== null) return BY_SIGNAL + result.signal;
  return result.exitCode ?? 1;
}

/** As it is: what a program wrote may be no text. */
function show({ stdout, stderr }: Context, result: GuestResult): void {
  if (!result.started) {
    stderr.write(`${result.reason}\n`);
    return;
  }
  stdout.write(result.stdout);
  stderr.write(result.stderr);
  if (result.truncated) stderr.write("labform: the output was longer than the guest agent keeps; its end is lost\n");
}

function documentOf(address: string, result: GuestResult) {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const output = result.started
    ? {
        signal: result.signal,
        stdout: text(result.stdout),
        stderr: text(result.stderr),
        truncated: result.truncated,
      }
    : { signal: null, stdout: "", stderr: result.reason, truncated: false };
  return { format_version: "1.0", address, started: result.started, exit_code: exitCodeOf(result), ...output };
}
