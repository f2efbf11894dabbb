import { errorDiagnostic, Failure } from "../../core/diagnostics.ts";
import { FORMAT_VERSION } from "../../ui/json/types.ts";
import { renderStatus } from "../../ui/status.ts";
import { printable } from "../../ui/text.ts";
import type { Sight } from "../console/look.ts";
import { looker } from "../console/look.ts";
import { withShortNames } from "../console/statusRows.ts";
import { openWatchScreen } from "../console/watchScreen.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { parseDuration } from "../flagValues.ts";
import { describeLeftovers } from "../planning.ts";
import { reporter } from "../report.ts";
import { watchSignals } from "../signals.ts";

interface Options {
  /** `true` without an interval. */
  readonly watch?: string | true;
}

/** Every instance as it is found now: from the record and the host, the lab files are not read. */
export async function run(context: Context, common: CommonOptions, options: Options): Promise<ExitCode> {
  const everyMs = options.watch === undefined ? undefined : interval(options.watch);
  if (everyMs !== undefined && !common.json) requireTerminal(context);
  const states = await context.states(common.directory);
  const look = looker(context, states);
  const first = await look();
  // On standard error also with -json: what is on standard output stays one document.
  reporter(context, { ...common, json: false })(await describeLeftovers(states, first.lineage, "warning"));
  if (everyMs === undefined) {
    const width = context.stdout.columns || Number.MAX_SAFE_INTEGER;
    context.stdout.write(common.json ? documentOf(first) : table(first, common, { width }));
  } else if (common.json) await watchAsJson(context, first, look, everyMs);
  else await watchOnTerminal(context, common, first, look, everyMs);
  return 0;
}

function documentOf({ rows, now }: Sight): string {
  return `${JSON.stringify({ format_version: FORMAT_VERSION, timestamp: new Date(now).toISOString(), instances: rows })}\n`;
}

function table(
  { rows, now }: Sight,
  common: CommonOptions,
  size: { readonly width: number; readonly height?: number },
): string {
  return renderStatus(withShortNames(rows, common.directory), { colour: common.colour, now, ...size });
}

async function watchAsJson(context: Context, first: Sight, look: () => Promise<Sight>, everyMs: number): Promise<void> {
  const { stdout } = context;
  const signals = watchSignals(() => {});
  const unread = new AbortController();
  const onError = () => unread.abort();
  stdout.on("error", onError);
  try {
    const stop = AbortSignal.any([signals.stopping, unread.signal]);
    await repeat(context, first, look, everyMs, stop, (sight) => void stdout.write(documentOf(sight)));
  } finally {
    stdout.off("error", onError);
    signals.release();
  }
}

async function watchOnTerminal(
  context: Context,
  common: CommonOptions,
  first: Sight,
  look: () => Promise<Sight>,
  everyMs: number,
): Promise<void> {
  const signals = watchSignals(() => {});
  const screen = openWatchScreen(context);
  try {
    const stop = AbortSignal.any([signals.stopping, screen.left]);
    await repeat(context, first, look, everyMs, stop, (sight) =>
      screen.draw(({ columns, rows }) => {
        const head = `${title(sight)}, every ${everyMs / 1000} s; Ctrl-C ends`;
        // One row is left free, and one is the title's.
        const height = Math.max(1, rows - 2);
        return [head, ...table(sight, common, { width: columns, height }).trimEnd().split("\n")].slice(0, rows - 1);
      }),
    );
  } finally {
    screen.close();
    signals.release();
  }
}

function title({ lab, now }: Sight): string {
  const time = new Date(now).toTimeString().slice(0, 8);
  return lab === undefined ? `At ${time}` : `Lab "${printable(lab)}" at ${time}`;
}

/** Shows the first look and then another each `everyMs`, until `stop` aborts. */
async function repeat(
  { ports: { clock } }: Context,
  first: Sight,
  look: () => Promise<Sight>,
  everyMs: number,
  stop: AbortSignal,
  show: (sight: Sight) => void,
): Promise<void> {
  let next = clock.monotonic();
  show(first);
  for (;;) {
    // A look that takes long is not followed by the next at once.
    next = Math.max(next + everyMs, clock.monotonic() + everyMs / 2);
    try {
      await clock.sleep(next - clock.monotonic(), stop);
    } catch (error) {
      if (stop.aborted) return;
      throw error;
    }
    const sight = await look();
    if (stop.aborted) return;
    show(sight);
  }
}

/** Oftener would keep the host busy with being looked at. */
const SHORTEST_MS = 200;

function interval(given: string | true): number {
  const ms = given === true ? 1000 : parseDuration(given, "-watch");
  if (ms >= SHORTEST_MS) return ms;
  throw new Failure(
    errorDiagnostic(`-watch=${String(given)} is too often`, { detail: `Look each ${SHORTEST_MS} ms at most.` }),
  );
}

function requireTerminal({ stdout, environment }: Context): void {
  if (stdout.isTTY && environment.TERM !== "dumb") return;
  throw new Failure(
    errorDiagnostic("-watch needs a terminal to draw on", {
      detail: "Standard output is none. With -json it prints a document a line instead; without -watch the table once.",
    }),
  );
}
