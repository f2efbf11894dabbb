import { Failure, hasErrors } from "../../core/diagnostics.ts";
import type { Live } from "../../core/provider.ts";
import type { Instance } from "../../core/state.ts";
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
  const rows = [...found.values()].flatMap((one) => (one.live ? [row(one.instance, one.live)] : []));
  context.stdout.write(
    common.json
      ? `${JSON.stringify({ format_version: "1.0", instances: rows })}\n`
      : renderStatus(rows, { colour: common.colour }),
  );
  return 0;
}

function row(instance: Instance, live: Live): StatusRow {
  const { attributes } = instance;
  return {
    address: instance.address,
    condition: live.condition === "present" ? (instance.status === "ok" ? "running" : instance.status) : live.condition,
    detail: live.condition === "present" ? null : live.cause.summary,
    pid: typeof attributes.pid === "number" ? attributes.pid : null,
    console: port(attributes.console),
    monitor: port(attributes.monitor),
  };
}

function port(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("host" in value) || !("port" in value)) return null;
  return `${String(value.host)}:${String(value.port)}`;
}
