import { Failure, hasErrors } from "../../core/diagnostics.ts";
import type { Live } from "../../core/provider.ts";
import type { Instance } from "../../core/state.ts";
import type { Found } from "../../planner/refresh.ts";
import { refresh } from "../../planner/refresh.ts";
import type { StatusRow } from "../../ui/status.ts";
import { renderStatus } from "../../ui/status.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { describeLeftovers } from "../planning.ts";
import { reporter } from "../report.ts";

/** Every instance as it is found now: from the record and the host, the lab files are not read. */
export async function run(context: Context, common: CommonOptions): Promise<ExitCode> {
  const states = await context.states(common.directory);
  const { state, directories } = await states.load();
  // On standard error also with -json: what is on standard output stays one document.
  reporter(context, { ...common, json: false })(await describeLeftovers(states, state.lineage, "warning"));
  const { found, diagnostics } = await refresh(state, context.providers(directories), false);
  if (hasErrors(diagnostics)) throw new Failure(diagnostics);
  const rows = [...found.values()].flatMap((one) =>
    one.live ? [row(one.instance, one.live, lostBridge(one.instance, found))] : [],
  );
  context.stdout.write(
    common.json
      ? `${JSON.stringify({ format_version: "1.0", instances: rows })}\n`
      : renderStatus(rows, { colour: common.colour, width: context.stdout.columns ?? Number.MAX_SAFE_INTEGER }),
  );
  return 0;
}

/** A link is whole in the record while its bridge is gone, for the bridge's next start wires it again; but it carries nothing. */
function lostBridge(instance: Instance, found: ReadonlyMap<string, Found>): string | undefined {
  if (instance.kind !== "link") return undefined;
  return instance.dependencies.find((address) => {
    const one = found.get(address);
    return one?.instance.kind === "service" && one.condition !== "present";
  });
}

function row(instance: Instance, live: Live, bridge: string | undefined): StatusRow {
  const { attributes } = instance;
  const present = instance.status === "ok" ? "running" : instance.status;
  const seen =
    live.condition !== "present"
      ? { condition: live.condition, detail: live.cause.summary }
      : bridge === undefined
        ? { condition: present, detail: null }
        : { condition: "down", detail: `${bridge} does not carry it` };
  return {
    address: instance.address,
    ...seen,
    pid: live.condition === "present" ? pidOf(instance) : null,
    console: port(attributes.console),
    monitor: port(attributes.monitor),
  };
}

/** Not all that have a process show its pid as an attribute. */
function pidOf({ private: notes }: Instance): number | null {
  const { process } = notes;
  return typeof process === "object" && process !== null && "pid" in process ? Number(process.pid) : null;
}

function port(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("host" in value) || !("port" in value)) return null;
  return `${String(value.host)}:${String(value.port)}`;
}
