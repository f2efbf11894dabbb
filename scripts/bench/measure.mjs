// How the benchmark times: whole processes, in turn with what they are compared with, and the median of the ratios pair by
// pair, so that a machine whose speed drifts does not spoil it.
import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";

/** Runs a program to its end; seconds it took. Rejects when it fails. */
export function timeProcess(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], ...options });
    let stderr = "";
    child.stderr?.on("data", (chunk) => (stderr += chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve((performance.now() - started) / 1000);
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}\n${stderr}`));
    });
  });
}

/** Largest resident set of a process in MB, as GNU time says; undefined where it is not installed. */
export function memoryOf(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn("/usr/bin/time", ["-f", "%M", command, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      ...options,
    });
    let stderr = "";
    child.stderr?.on("data", (chunk) => (stderr += chunk));
    child.on("error", () => resolve(undefined));
    child.on("close", () => resolve(Number(stderr.trim().split("\n").at(-1)) / 1024));
  });
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** `first` and `second` in turn, each answering with what it measured; the median of each and of the ratios. */
export async function inPairs(times, first, second) {
  const pairs = [];
  await first();
  await second();
  for (let at = 0; at < times; at++) pairs.push([await first(), await second()]);
  return {
    first: median(pairs.map(([a]) => a)),
    second: median(pairs.map(([, b]) => b)),
    ratio: median(pairs.map(([a, b]) => a / b)),
  };
}

/** A row of the result: what, the two figures, their ratio, and what it may be. */
export function row(what, measured, budget, unit = "s") {
  const figure = (number) => (number >= 100 ? number.toFixed(0) : number.toPrecision(3));
  const within = budget.atMost === undefined ? measured.ratio >= budget.atLeast : measured.ratio <= budget.atMost;
  const limit = budget.atMost === undefined ? `≥ ${figure(budget.atLeast)}` : `≤ ${figure(budget.atMost)}`;
  const figures = `${figure(measured.first)} ${unit} / ${figure(measured.second)} ${unit}`;
  console.log(
    `${what.padEnd(66)} ${figures.padEnd(26)} ${figure(measured.ratio).padStart(7)} ${limit.padEnd(8)} ${within ? "" : "OVER"}`,
  );
  return within;
}
