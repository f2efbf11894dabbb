import type { ResourceKind } from "../core/addresses.ts";
import { parseAddress } from "../core/addresses.ts";
import type { Action } from "../core/lifecycle.ts";
import type { Cause, Change } from "../core/plan.ts";
import type { ResourceSchema } from "../core/schema.ts";
import type { Json } from "../core/values.ts";
import { formatPath } from "../core/values.ts";
import { bodyLines } from "./body.ts";
import type { Palette } from "./colour.ts";
import type { Mark } from "./lines.ts";
import { colouredMark, line, renderLine } from "./lines.ts";
import { printable, wrap } from "./text.ts";
import { quote, WORDS } from "./value.ts";

export interface ChangeOptions {
  readonly colours: Palette;
  readonly width: number;
  readonly schemas: ReadonlyMap<ResourceKind, ResourceSchema>;
  /** False: what the host decides is said to be so. */
  readonly refreshed: boolean;
  /** Addresses of which it was told above what became of them: their changes say so in short. */
  readonly drifted: ReadonlySet<string>;
  /** From present addresses to those that are recorded. */
  readonly movedFrom: ReadonlyMap<string, string>;
}

const marks: { readonly [action in Action]: Mark } = {
  none: " ",
  wait: "…",
  update: "~",
  start: "↻",
  boot: "↻",
  restart: "~",
  stop: "~",
  reload: "~",
  create: "+",
  replace: "-/+",
  delete: "-",
  forget: ".",
};

export function markOf(action: Action): Mark {
  return marks[action];
}

/** What the legend says beside the mark. */
export function actionLabel(change: Change): string {
  if (change.action === "restart") return change.rests ? "turn off" : `update (${restartNote(change)})`;
  return change.action === "start" && change.rests ? "prepare" : labels[change.action];
}

const labels: { readonly [action in Action]: string } = {
  none: "nothing",
  wait: "wait until ready",
  update: "update in place",
  start: "start",
  boot: "start",
  restart: "update",
  stop: "turn off",
  reload: "reset",
  create: "create",
  replace: "replace",
  delete: "destroy",
  forget: "remove from the state, and leave as it is",
};

/** The lines of one change: what is done and why, then what becomes different. */
export function changeLines(change: Change, options: ChangeOptions): string[] {
  const { colours } = options;
  if (change.kind === "service") return serviceLines(change, options);
  const heading = `  ${colours.bold(`# ${change.address}`)} ${sentence(change)}`;
  const causes = causesOf(change, options).flatMap((cause) => causeLines(cause, options));
  const mark = markOf(change.action);
  const block = blockHeader(change);
  const isKept = change.action === "forget";
  const body = isKept
    ? []
    : bodyLines(
        change.action === "create" ? null : (change.prior?.attributes ?? null),
        change.action === "delete" ? null : change.planned,
        options.schemas.get(change.kind),
        1,
        {
          showing: {
            words: WORDS,
            before: { paths: change.prior?.sensitive ?? [] },
            after: { paths: change.sensitive },
          },
          undecided: options.refreshed ? undefined : "(decided on the host)",
          note: (path, bySchema) => forces(change, change.classes[formatPath(path)] ?? bySchema),
        },
      );
  const shown = body.some(({ text }) => text !== "")
    ? [line(0, mark, `${block} {`), ...body, line(0, " ", "}")]
    : [line(0, mark, block)];
  const former = options.movedFrom.get(change.address);
  const moved = former === undefined ? [] : [`  ${colours.dim("#")}   moved from ${former}`];
  return [heading, ...moved, ...causes, ...shown.map((one) => renderLine(one, colours))];
}

/** What was told above with all that shows it is only named again; of what is not there or not whole, just that. */
function causesOf(change: Change, { drifted }: ChangeOptions): readonly Cause[] {
  if (!drifted.has(change.address)) return change.causes;
  const short = { down: "it does not run any more", broken: "it is not whole any more", absent: "it is gone" };
  const { found } = change;
  return change.causes.map((cause, at) => {
    if (cause.kind !== "host" && cause.kind !== "hand") return cause;
    const summary = at === 0 && found !== null && found !== "present" ? short[found] : cause.summary;
    return { ...cause, summary, evidence: [] };
  });
}

function serviceLines(change: Change, options: ChangeOptions): string[] {
  const { colours, width } = options;
  const why = causesOf(change, options)
    .map(({ summary }) => printable(summary))
    .join("; ");
  const text = `${change.address} ${sentence(change)}${why === "" || change.action === "create" ? "" : `: ${why}`}`;
  const [first, ...rest] = wrap(text, Math.max(40, width - 4)) as [string, ...string[]];
  return [`  ${colouredMark(markOf(change.action), colours)} ${first}`, ...rest.map((one) => `    ${one}`)];
}

function sentence(change: Change): string {
  return sentences[change.action](change);
}

const sentences: { readonly [action in Action]: (change: Change) => string } = {
  none: () => "stays as it is",
  wait: () => "will be waited for until it is ready",
  update: () => "will be updated in place",
  start: (change) => `will be started${guestNote(change)}`,
  boot: () => "will be started",
  restart: (change) =>
    change.rests ? `will be updated and turned off (${stopNote(change)})` : `will be updated (${restartNote(change)})`,
  stop: (change) => `will be turned off (${stopNote(change)})`,
  reload: () => "will be reset",
  create: () => "will be created",
  replace: (change) => `must be replaced${lossNote(change)}`,
  delete: (change) => `will be destroyed${lossNote(change)}`,
  forget: () => "will be removed from the state and not destroyed",
};

/** What a restart is for the thing itself: by what its node was told to do when it stops. */
function restartNote(change: Change): string {
  const { kind } = change;
  if (kind === "service") return "restarts the service";
  if (kind !== "node") return "unplugged for a moment";
  return `restarts the node: ${stopNote(change)}`;
}

function stopNote({ prior, machineState }: Pick<Change, "prior" | "machineState">): string {
  const how = prior?.attributes["on_stop"];
  if (how === "shutdown_signal") return "its guest is told to shut down";
  if (how !== "save_vm_state") return "power cut";
  return machineState === "lost" ? "power cut and cold boot" : "its machine state is saved";
}

/** What a start is for the guest of a machine whose state was saved. */
function guestNote({ machineState }: Change): string {
  if (machineState === undefined) return "";
  return machineState === "kept" ? " (goes on from its saved machine state)" : " (cold boot)";
}

/** The disks whose writes are in overlays, which go with the object. */
function lossNote({ prior }: Change): string {
  const disks = prior?.attributes["disk"];
  if (typeof disks !== "object" || disks === null || Array.isArray(disks)) return "";
  const lost = Object.entries(disks as { readonly [label: string]: Json })
    .filter(([, disk]) => {
      const settings = disk as { readonly [name: string]: Json };
      return settings["linked_clone"] !== false && settings["readonly"] !== true;
    })
    .map(([label]) => label)
    .sort();
  return lost.length === 0 ? "" : ` (what its guest wrote is lost: ${lost.join(", ")})`;
}

function causeLines({ summary, at, evidence }: Cause, { colours, width }: ChangeOptions): string[] {
  const text = `${printable(summary)}${at === undefined ? "" : ` (${printable(at)})`}`;
  return [
    ...wrap(text, Math.max(40, width - 6)).map((part) => `  ${colours.dim("#")}   ${part}`),
    ...(evidence ?? []).map((one) => `  ${colours.dim(`#     | ${printable(one)}`)}`),
  ];
}

/** `node "router" ["r1"]` */
export function blockHeader({ address, kind }: Pick<Change, "address" | "kind">): string {
  const parsed = parseAddress(address);
  if (!parsed) return address;
  const key =
    parsed.key === undefined ? "" : typeof parsed.key === "number" ? `[${parsed.key}]` : `[${quote(parsed.key)}]`;
  return `${kind} ${quote(parsed.name)}${key === "" ? "" : ` ${key}`}`;
}

function forces(change: Change, needs: string | undefined): string | undefined {
  if (change.action === "replace" && needs === "replace") return "forces replacement";
  if ((change.action === "replace" || change.action === "restart") && needs === "restart") {
    return change.action === "restart" ? "needs the restart" : undefined;
  }
  return undefined;
}
