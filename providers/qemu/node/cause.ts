import { sayTime } from "../../../src/core/clockTime.ts";
import type { Cause } from "../../../src/core/plan.ts";
import type { Files } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import { eventsFile, nodeDirectory, qemuLog } from "../names.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { lastLines } from "./log.ts";

interface RecordedEvent {
  readonly time: string;
  readonly event: string;
  readonly data?: { readonly reason?: unknown; readonly action?: unknown; readonly device?: unknown };
}

/** What QEMU's SHUTDOWN gives as reason (QEMU: qapi/run-state.json, ShutdownCause), as the rest of a sentence. */
const REASONS: { readonly [reason: string]: string } = {
  "guest-shutdown": "the guest powered itself off",
  "guest-reset": "the guest reset itself, and QEMU ended",
  "guest-panic": "the guest panicked, and QEMU ended",
  "host-qmp-quit": "QEMU was told to quit",
  "host-signal": "QEMU was ended by a signal",
  "host-ui": "QEMU was told to quit",
  "host-error": "QEMU ended after an error of its host",
};

/** How often the keeper's last note is waited for: it writes it when it sees the socket close, a moment later. */
const LOOKS = 5;
const LOOK_MS = 40;

/**
 * Why a QEMU is gone: from what the keeper wrote down of this boot, else from QEMU's own log. `keeperAnswers` is asked
 * only when neither says anything: then a living keeper is given a moment to write.
 */
export async function whyGone(
  instance: Instance,
  tools: Pick<PlanTools, "ports" | "directories">,
  keeperAnswers: () => Promise<boolean>,
): Promise<Cause> {
  const { files, clock } = tools.ports;
  const { started = "", logOffset = 0 } = notesOf(instance);
  const lines = await lastLines(files, qemuLog(nodeDirectory(tools.directories.nodes, instance.id)), logOffset);
  const path = `${tools.directories.run}/${eventsFile(instance.id)}`;
  const bySignal = signalLine(lines);
  let last = await lastWord(files, path, started);
  if (!last && !bySignal && (await keeperAnswers())) {
    for (let look = 0; look < LOOKS && !last; look++) {
      await clock.sleep(LOOK_MS);
      last = await lastWord(files, path, started);
    }
  }
  if (last?.event === "SHUTDOWN") {
    const reason = String(last.data?.reason);
    const what = REASONS[reason] ?? `QEMU ended (${reason})`;
    const evidence = reason === "host-signal" && bySignal ? [bySignal] : [];
    return host(`${what} ${sayTime(last.time, clock.now())}`, evidence);
  }
  if (bySignal) return host("QEMU was ended by a signal", [bySignal]);
  if (last) return host(`QEMU ended without a word ${sayTime(last.time, clock.now())}: killed or crashed`, lines);
  return host("QEMU is gone, and why is unknown: the keeper was down when it ended", lines);
}

/** Why a guest stands still, or goes on, though that was not labform's doing: from what the keeper wrote down. */
export async function whyPower(
  instance: Instance,
  paused: boolean,
  tools: Pick<PlanTools, "ports" | "directories">,
): Promise<Cause> {
  const { files, clock } = tools.ports;
  const path = `${tools.directories.run}/${eventsFile(instance.id)}`;
  const events = await recordedEvents(files, path, notesOf(instance).started ?? "", [
    "STOP",
    "RESUME",
    "BLOCK_IO_ERROR",
  ]);
  const at = events.findLastIndex((one) => one.event === (paused ? "STOP" : "RESUME"));
  const last = events[at];
  const when = last ? ` ${sayTime(last.time, clock.now())}` : "";
  const power: Pick<Cause, "kind" | "path"> = { kind: "host", path: ["power"] };
  if (!paused) return { ...power, summary: `its guest was resumed on the host${when}` };
  // With the policy QEMU has by default a disk that is full stops the guest, and any other fault is the guest's (QEMU:
  // qapi/block-core.json, BlockdevOnError).
  const before = events[at - 1];
  if (before?.event !== "BLOCK_IO_ERROR" || before.data?.action !== "stop") {
    return { ...power, summary: `its guest was paused on the host${when}` };
  }
  const { reason, device } = before.data;
  const evidence = [`BLOCK_IO_ERROR: ${String(device)}: ${String(reason)}`];
  return { ...power, summary: `QEMU paused its guest${when}: a disk of it could not be written`, evidence };
}

/** The keeper's last note of this boot that tells of an end: SHUTDOWN, or `ended` when QEMU's socket just closed. */
async function lastWord(files: Files, path: string, since: string): Promise<RecordedEvent | undefined> {
  return (await recordedEvents(files, path, since, ["SHUTDOWN", "ended"])).at(-1);
}

async function recordedEvents(
  files: Files,
  path: string,
  since: string,
  names: readonly string[],
): Promise<readonly RecordedEvent[]> {
  const text = await files.readText(path).catch(() => "");
  const found: RecordedEvent[] = [];
  for (const line of text.split("\n")) {
    if (!names.some((name) => line.includes(`"${name}"`))) continue;
    const event = parseEvent(line);
    if (event && event.time >= since) found.push(event);
  }
  return found;
}

function parseEvent(line: string): RecordedEvent | undefined {
  try {
    const event = JSON.parse(line) as RecordedEvent;
    return typeof event.time === "string" && typeof event.event === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}

/** QEMU's own word when SIGTERM, SIGINT or SIGHUP ends it: `terminating on signal 15 from pid 4711 (bash)`. */
function signalLine(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => line.includes("terminating on signal"));
}

function host(summary: string, evidence: readonly string[]): Cause {
  return { kind: "host", summary, ...(evidence.length > 0 ? { evidence } : {}) };
}
