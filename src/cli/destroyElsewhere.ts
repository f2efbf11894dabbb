import { resolve } from "node:path";
import { fail, warningDiagnostic } from "../core/diagnostics.ts";
import type { HostLab } from "../core/workspaces.ts";
import { printable } from "../ui/text.ts";
import { approve } from "./approve.ts";
import type { CommonOptions, Context, ExitCode } from "./context.ts";
import { findLab, nameOf } from "./hostLabs.ts";
import { runningName } from "./planning.ts";
import { reporter } from "./report.ts";
import { watchSignals } from "./signals.ts";
import { inWorkspace } from "./workspaces.ts";

/** What `destroy` does in the directory of a lab. */
type DestroyThere = (context: Context, common: CommonOptions) => Promise<ExitCode>;

interface Wish {
  readonly lab: string;
  readonly autoApprove?: boolean | undefined;
  readonly target?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/**
 * `destroy -lab`, from any directory: as `destroy` in the lab's own, and where its directory or its state is gone, the
 * end of what the registry knows of it.
 */
export async function destroyElsewhere(
  context: Context,
  common: CommonOptions,
  wish: Wish,
  destroyThere: DestroyThere,
): Promise<ExitCode> {
  const { workspace } = common;
  const lab = findLab(await context.labs(), {
    word: wish.lab,
    path: await realPath(context, resolve(common.directory, wish.lab)),
    workspace,
  });
  const place = inWorkspace(context, { workspace: lab.workspace, data: lab.data });
  if (!common.json) context.stdout.write(`Lab ${printable(nameOf(lab))} in ${printable(lab.directory)}\n\n`);
  if (lab.isThere) {
    const { state } = await (await place.states(lab.directory)).load();
    if (state.lineage === lab.lineage) return await destroyThere(place, { ...common, directory: lab.directory });
  }
  return await endRunning(place, common, wish, lab);
}

async function realPath(context: Context, path: string): Promise<string> {
  return await context.realPath(path).catch(() => path);
}

/** By the registry alone: nothing is written in the lab's directory, which may be another's by now. */
async function endRunning(context: Context, common: CommonOptions, wish: Wish, lab: HostLab): Promise<ExitCode> {
  const { running: processes, lineage, registry } = lab;
  const subject = `registry entry ${registry}`;
  const name = printable(nameOf(lab));
  const lost = lab.isThere ? "state" : "directory";
  if ([...(wish.target ?? []), ...(wish.exclude ?? [])].length > 0) {
    fail(`The ${lost} of lab ${name} is gone, so no part of it can be chosen`, {
      subject,
      detail: "Without -target and -exclude all that still runs of it is ended.",
    });
  }
  const lines = processes.map((one) => `  - ${printable(runningName(one))}\n`).join("");
  if (common.json) {
    const detail = lines === "" ? "Nothing of it runs." : `What still runs of it is ended:\n${lines}`;
    reporter(context, common)([warningDiagnostic(`The ${lost} of lab ${name} is gone`, { subject, detail })]);
  } else if (lines === "") context.stdout.write(`Its ${lost} is gone, and nothing of it runs: labform forgets it.\n`);
  else context.stdout.write(`Its ${lost} is gone. labform will end what still runs of it:\n\n${lines}`);
  const signals = watchSignals(() => {});
  try {
    const asks = processes.length > 0 && wish.autoApprove !== true;
    if (asks && !(await approve(context, common, "destroy", undefined, signals.stopping))) return 1;
    const states = await context.states(lab.directory);
    await states.removeLeftover({ lineage, labName: lab.name, registry, processes });
  } finally {
    signals.release();
  }
  if (!common.json) context.stdout.write(`\nNothing of lab ${name} is left on this host.\n`);
  return 0;
}
