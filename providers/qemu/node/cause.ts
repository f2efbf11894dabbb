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
  readonly data?: { readonly reason?: unknown };
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

/** The keeper's last note of this boot that tells of an end: SHUTDOWN, or `ended` when QEMU's socket just closed. */
async function lastWord(files: Files, path: string, since: string): Promise<RecordedEvent | undefined> {
  const text = await files.readText(path).catch(() => "");
  let last: RecordedEvent | undefined;
  for (const line of text.split("\n")) {
    if (!line.includes('"SHUTDOWN"') && !line.includes('"ended"')) continue;
    const event = parseEvent(line);
    if (event && event.time >= since) last = event;
  }
  return last;
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
