import { join } from "node:path";
import { Worker } from "node:worker_threads";

/** HashiCorp's parser needs 1.7 s for 230 kB, most of it garbage collection; lab files are far smaller. */
const BYTES_LIMIT = 64 * 1024;
const TIME_LIMIT_MS = 2_000;
const HEAP_LIMIT_MB = 512;

export type Verdict = "accepts" | "rejects" | "no opinion";

/**
 * What HashiCorp's own grammar says to a file that ours rejects. It runs in a thread of its own, `referee.js` in
 * `programsDirectory` (absolute), since it can neither be interrupted nor trusted not to throw: any failure, and any answer after
 * `limitMs`, is no opinion. Never rejects.
 */
export async function askReferee(text: string, programsDirectory: string, limitMs = TIME_LIMIT_MS): Promise<Verdict> {
  if (Buffer.byteLength(text) > BYTES_LIMIT) return "no opinion";
  const worker = new Worker(join(programsDirectory, "referee.js"), {
    workerData: text,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB },
  });
  let timer: NodeJS.Timeout | undefined;
  const verdict = await new Promise<Verdict>((resolve) => {
    worker.once("message", (message: unknown) =>
      resolve(message === "accepts" || message === "rejects" ? message : "no opinion"),
    );
    worker.once("error", () => resolve("no opinion"));
    worker.once("exit", () => resolve("no opinion"));
    timer = setTimeout(() => resolve("no opinion"), limitMs);
  });
  clearTimeout(timer);
  await worker.terminate();
  return verdict;
}
