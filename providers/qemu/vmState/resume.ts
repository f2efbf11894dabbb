import { sayTime } from "../../../src/core/clockTime.ts";
import { Failure } from "../../../src/core/diagnostics.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { nodeAttributes } from "../attributes.ts";
import { nodeDirectory, vmStateFile } from "../names.ts";
import { notesOf, withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import type { QmpClient } from "../qmp.ts";
import { QmpError } from "../qmp.ts";
import { lookAt } from "../there.ts";
import { dropState, whySpoilt } from "./file.ts";
import { hardwareOf } from "./hardware.ts";
import { addFile, runJob } from "./jobs.ts";
import { OTHER_HARDWARE, type SavedState } from "./record.ts";

/** All of the guest's memory is read, from a disk that others read at the same time. */
const LOAD_MS = 120_000;

export interface Resuming {
  /** Into a QEMU that waits before its first instruction, and goes on waiting. */
  load(qmp: QmpClient): Promise<void>;
  /** Before its guest may be let run, by whomever: from now on it may have gone on. */
  take(): Promise<void>;
}

type PowerOn = (context: OperationContext, tools: PlanTools, resuming?: Resuming) => Promise<Instance>;

/**
 * Starts a node of which a state was saved: its guest goes on from there, or boots where the state is not this machine's
 * any more, which is told. A QEMU that fails while it loads is a failure, and the state is kept.
 */
export async function resumeNode(context: OperationContext, tools: PlanTools, powerOn: PowerOn): Promise<Instance> {
  const { instance } = context;
  const { files } = tools.ports;
  const directory = nodeDirectory(tools.directories.nodes, instance.id);
  const saved = notesOf(instance).saved as SavedState;
  let why = await whyUnfit(saved, instance, tools);
  if (why === undefined) {
    const state = new Loading(saved, context, tools);
    try {
      const running = await powerOn(context, tools, state);
      // Its QEMU has what was saved alone now, which `saved` then says.
      if (nodeAttributes(running.attributes).power === "suspended") return running;
      context.tell(`its guest goes on from where it was stopped ${sayTime(saved.at, tools.ports.clock.now())}`);
      return withNotes(running, { saved: undefined });
    } catch (error) {
      if (state.refusal === undefined) throw await withState(error, vmStateFile(directory), tools);
      why = `its saved machine state could not be loaded (${state.refusal})`;
    }
  }
  context.tell(`${why}: it boots anew`);
  await dropState(files, directory);
  return await powerOn({ ...context, instance: withNotes(instance, { saved: undefined }) }, tools);
}

async function whyUnfit(saved: SavedState, instance: Instance, tools: PlanTools): Promise<string | undefined> {
  const { qemu_binary: path } = nodeAttributes(instance.attributes);
  const { version } = await tools.binaries.inspect(path, notesOf(instance).binary);
  if (saved.hardware !== hardwareOf(instance.attributes, version)) return OTHER_HARDWARE;
  return await whySpoilt(saved, instance, tools);
}

class Loading implements Resuming {
  /** Why QEMU cannot go on from it. */
  refusal: string | undefined;
  readonly #saved: SavedState;
  readonly #context: OperationContext;
  readonly #tools: PlanTools;
  readonly #directory: string;

  constructor(saved: SavedState, context: OperationContext, tools: PlanTools) {
    this.#saved = saved;
    this.#context = context;
    this.#tools = tools;
    this.#directory = nodeDirectory(tools.directories.nodes, context.instance.id);
  }

  async load(qmp: QmpClient): Promise<void> {
    const { clock } = this.#tools.ports;
    const { token } = this.#context;
    const { tag } = this.#saved;
    const deadline = clock.monotonic() + LOAD_MS;
    const left = () => Math.max(1, deadline - clock.monotonic());
    this.#context.waiting("its saved machine state to be loaded");
    try {
      const node = await addFile(qmp, vmStateFile(this.#directory), token, left());
      await runJob(qmp, "snapshot-load", { tag, vmstate: node, devices: [node] }, { left, clock, token });
      await qmp.execute("blockdev-del", { "node-name": node }, left());
    } catch (error) {
      if (error instanceof QmpError && error.reason === "refused") this.refusal = error.message;
      throw error;
    }
  }

  async take(): Promise<void> {
    await dropState(this.#tools.ports.files, this.#directory);
  }
}

/** A failure with what becomes of the state. */
async function withState(error: unknown, path: string, { ports }: PlanTools): Promise<unknown> {
  if (!(error instanceof Failure)) return error;
  const more = (await lookAt(ports.files, path))
    ? `Its saved machine state is kept for the next start: ${path}. Remove that file to have it boot instead.`
    : "Its guest may have gone on from its saved machine state, which is given up: at the next start it boots.";
  const [first, ...rest] = error.diagnostics;
  if (!first) return error;
  return new Failure([{ ...first, detail: `${first.detail}\n${more}` }, ...rest], { cause: error.cause });
}
