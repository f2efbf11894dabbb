import type { EndStatistics, Station } from "../core/provider.ts";
import type { Cell } from "./table.ts";
import { renderTable } from "./table.ts";
import { countOf, displayWidth, printable } from "./text.ts";
import { trafficOf } from "./traffic.ts";
import { DEFAULT_WIDTH } from "./view.ts";

/** One instance of `status -json`; the names are part of the format. */
export interface StatusRow {
  readonly address: string;
  readonly kind: string;
  /**
   * Of a node `running`, `unready`, `suspended` or `off`; of a link `up` or `suspended`; of a service `running`. Of
   * anything a status of the record (`creating`, `tainted`, `deleting`), or what was found: `down`, `broken`, `absent`.
   */
  readonly condition: string;
  /** Why it is not as it should be, as a phrase. */
  readonly detail: string | null;
  /** Of a node that runs: whether its ready conditions were met. */
  readonly ready: boolean | null;
  readonly pid: number | null;
  /** ISO 8601, of the process that runs. */
  readonly started: string | null;
  /** `127.0.0.1:5000`, and of a screen `vnc://127.0.0.1:5901`. */
  readonly console: string | null;
  readonly aux: string | null;
  readonly monitor: string | null;
  /** Of a link: what is set otherwise than by default, `{ "delay_ms": 20 }`. */
  readonly impairments: { readonly [name: string]: string | number | boolean } | null;
  /** Of a link: the file its frames are written to now. */
  readonly capture: string | null;
  /** Of a network: what is set at each of its ends. */
  readonly ports: readonly StatusPort[] | null;
  /** Of a link or network: what each end has sent and received since its bridge took it; in the order of the ends. */
  readonly statistics: readonly EndStatistics[] | null;
}

/** An end of a network. */
export interface StatusPort {
  /** `port["web"]`; of one that is in the list of endpoints what is plugged in, `node.r1.adapter[0]`. */
  readonly name: string;
  readonly suspended: boolean;
  readonly impairments: StatusRow["impairments"];
  readonly capture: string | null;
}

export interface StatusLook {
  readonly colour: boolean;
  /** Columns that matter less are left out where they do not fit. Default 100. */
  readonly width?: number | undefined;
  /** Lines at most. */
  readonly height?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Column {
  readonly name: string;
  readonly cell: (row: StatusRow) => Cell;
  /** The higher, the sooner it is left out. */
  readonly spare?: number;
}

/** What the last column is worth: where it would get less, others are left out for it. */
const DETAIL_WIDTH = 24;

/** One line an instance, and one for each end of a network; columns that no row has anything in are left out. */
export function renderStatus(instances: readonly StatusRow[], look: StatusLook): string {
  const { colour, width = DEFAULT_WIDTH, height = Number.POSITIVE_INFINITY } = look;
  if (instances.length === 0) return "Nothing of this lab exists.\n";
  const rows = instances.flatMap((one) => [one, ...portLines(one)]);
  const shown = rows.length + 1 <= height ? rows : rows.slice(0, Math.max(0, height - 2));
  const columns = fitting(columnsOf(look.now), shown, width);
  const table = renderTable(
    columns.map(({ name }) => name),
    shown.map((row) => columns.map(({ cell }) => cell(row))),
    { colour, width },
  );
  return shown === rows ? table : `${table}… and ${countOf(rows.length - shown.length, "more", "more")}\n`;
}

/** The ends of a network, as if each were an instance. */
function portLines(network: StatusRow): readonly StatusRow[] {
  return (network.ports ?? []).map(({ name, suspended, impairments, capture }, at) => {
    const end = network.statistics?.[at];
    return {
      ...network,
      address: `  ${name}`,
      condition: suspended && network.condition === "up" ? "suspended" : network.condition,
      detail: heardAt(end?.stations ?? []),
      impairments,
      capture,
      ports: null,
      statistics: end ? [end] : null,
    };
  });
}

/** More of them would hide the rest of the line. */
const MOST_STATIONS = 2;

/** `heard 02:00:00:00:00:01 (VLAN 10, 3 s ago)` */
function heardAt(stations: readonly Station[]): string | null {
  if (stations.length === 0) return null;
  const recent = stations.toSorted((one, other) => one.age_s - other.age_s);
  const shown = recent.slice(0, MOST_STATIONS).map(({ mac, vlan, age_s: age }) => {
    return `${mac} (${vlan === null ? "" : `VLAN ${vlan}, `}${age} s ago)`;
  });
  const more = stations.length > shown.length ? [`${stations.length - shown.length} more`] : [];
  return `heard ${[...shown, ...more].join(", ")}`;
}

function columnsOf(now: number): readonly Column[] {
  return [
    { name: "ADDRESS", cell: (row) => row.address },
    { name: "CONDITION", cell: ({ condition }) => ({ text: condition, tone: toneOf(condition) }) },
    { name: "PID", cell: ({ pid }) => (pid === null ? "" : String(pid)), spare: 1 },
    { name: "UPTIME", cell: ({ started }) => (started === null ? "" : uptime(now - Date.parse(started))), spare: 2 },
    { name: "CONSOLE", cell: (row) => row.console ?? "" },
    { name: "AUX", cell: (row) => row.aux ?? "" },
    { name: "MONITOR", cell: (row) => row.monitor ?? "", spare: 3 },
    { name: "TRAFFIC", cell: ({ statistics }) => (statistics ? trafficOf(statistics) : ""), spare: 4 },
    { name: "DETAIL", cell: detailOf },
  ];
}

function fitting(columns: readonly Column[], rows: readonly StatusRow[], width: number): readonly Column[] {
  const textOf = (cell: Cell) => printable(typeof cell === "string" ? cell : cell.text);
  const widthOf = ({ name, cell }: Column) =>
    Math.max(displayWidth(name), ...rows.map((row) => displayWidth(textOf(cell(row)))));
  const used = columns.filter(({ cell }) => rows.some((row) => textOf(cell(row)) !== ""));
  const sizes = new Map(used.map((one) => [one, widthOf(one)]));
  const total = (some: readonly Column[]) =>
    some.reduce((sum, one) => {
      const size = sizes.get(one) ?? 0;
      return sum + 2 + (one.name === "DETAIL" ? Math.min(size, DETAIL_WIDTH) : size);
    }, -2);
  let kept: readonly Column[] = used;
  while (total(kept) > width) {
    const [least] = kept.filter(({ spare }) => spare !== undefined).sort((a, b) => (b.spare ?? 0) - (a.spare ?? 0));
    if (!least) break;
    kept = kept.filter((one) => one !== least);
  }
  return kept;
}

function detailOf({ detail, impairments, capture }: StatusRow): string {
  const set = Object.entries(impairments ?? {}).map(([name, value]) => `${name}=${value}`);
  return [detail ?? "", set.join(" "), capture === null ? "" : `captured to ${capture}`]
    .filter((part) => part !== "")
    .join("; ");
}

/** `42s`, `3m 5s`, `2h 40m`, `9d 3h` */
function uptime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (large: number, largeUnit: string, small: number, smallUnit: string) =>
    `${large}${largeUnit}${small === 0 ? "" : ` ${small}${smallUnit}`}`;
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return two(Math.floor(seconds / 60), "m", seconds % 60, "s");
  if (seconds < 86_400) return two(Math.floor(seconds / 3600), "h", Math.floor((seconds % 3600) / 60), "m");
  return two(Math.floor(seconds / 86_400), "d", Math.floor((seconds % 86_400) / 3600), "h");
}

function toneOf(condition: string) {
  if (condition === "running" || condition === "up") return "good";
  if (condition === "off" || condition === "suspended") return "dim";
  return condition === "unready" || condition === "creating" || condition === "deleting" ? "warning" : "bad";
}
