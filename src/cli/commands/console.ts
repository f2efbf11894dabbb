import { errorDiagnostic, Failure, hasErrors } from "../../core/diagnostics.ts";
import type { ProviderSet } from "../../core/provider.ts";
import type { State } from "../../core/state.ts";
import { refresh } from "../../planner/refresh.ts";
import { attach } from "../console/attach.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";

export async function run(
  context: Context,
  common: CommonOptions,
  _options: unknown,
  operands: readonly string[],
): Promise<ExitCode> {
  const { state, directories } = await (await context.states(common.directory)).load();
  const { address, host, port } = findConsole(state, operands[0] ?? "");
  await requireServed(state, context.providers(directories), address);
  await attach({ host, port, name: `console of ${address}`, input: context.stdin, output: context.stdout });
  return 0;
}

/** A recorded port may be a stranger's by now, and what is typed on a console may be a password: who serves it is looked at first. */
async function requireServed(state: State, providers: ProviderSet, address: string): Promise<void> {
  const { found, diagnostics } = await refresh(state, providers, false);
  if (hasErrors(diagnostics)) throw new Failure(diagnostics);
  const node = found.get(address)?.instance;
  const lost = node?.dependencies.find((one) => one.startsWith("service.") && found.get(one)?.condition !== "present");
  if (node?.attributes.console && lost === undefined) return;
  throw new Failure(
    errorDiagnostic(`The console of ${address} is not served`, {
      address,
      detail: `${lost ?? "The lab's keeper"} does not hold its port any more. "labform apply" starts that again, and no node is touched by it.`,
    }),
  );
}

/** `r1` may stand for `node.r1`. */
function findConsole(
  state: State,
  name: string,
): { readonly address: string; readonly host: string; readonly port: number } {
  const nodes = [...state.instances.values()].filter((one) => one.kind === "node");
  const node = nodes.find((one) => one.address === name || one.address === `node.${name}`);
  if (!node) {
    const names = nodes.map((one) => one.address).join(", ");
    throw new Failure(
      errorDiagnostic(`There is no node "${name}"`, {
        detail: nodes.length === 0 ? "The state has no nodes; apply makes them." : `The state has ${names}.`,
      }),
    );
  }
  const front = node.attributes.console;
  if (typeof front !== "object" || front === null || !("port" in front)) {
    throw new Failure(
      errorDiagnostic(`${node.address} has no console to attach to`, {
        detail: 'Its console_type is "none", or it was never started.',
      }),
    );
  }
  return { address: node.address, host: String(front.host), port: Number(front.port) };
}
