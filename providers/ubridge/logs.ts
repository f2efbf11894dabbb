import { join } from "node:path";
import type { Ports } from "../../src/core/ports.ts";
import type { HostDirectories } from "../../src/core/provider.ts";
import { type Engine, logName } from "./engine.ts";

const LIMIT_BYTES = 1024 * 1024;
const EVIDENCE_LINES = 5;

/** uBridge writes a line for each frame sent to a node that is off; its log is emptied in place now and then. */
export async function trimLog(ports: Ports, host: HostDirectories, engine: Engine): Promise<void> {
  const path = join(host.run, logName(engine));
  try {
    if ((await ports.files.stat(path)).size > LIMIT_BYTES) await ports.files.truncate(path, 0);
  } catch {
    // No log yet.
  }
}

/** The last lines a bridge wrote. */
export async function lastLines(ports: Ports, host: HostDirectories, engine: Engine): Promise<readonly string[]> {
  try {
    const tail = await ports.files.readTail(join(host.run, logName(engine)), 4096);
    return tail.trimEnd().split("\n").filter(Boolean).slice(-EVIDENCE_LINES);
  } catch {
    return [];
  }
}
