import type { Cell } from "./table.ts";
import { renderTable } from "./table.ts";
import { DEFAULT_WIDTH } from "./view.ts";

export interface StatusRow {
  readonly address: string;
  /** `running`, a status of the record, or what was found on the host: `down`, `broken`, `absent`. */
  readonly condition: string;
  /** Why it is not as recorded. */
  readonly detail: string | null;
  readonly pid: number | null;
  /** `127.0.0.1:5000` */
  readonly console: string | null;
  readonly monitor: string | null;
}

/** One line an instance; columns that no row has anything in are left out. */
export function renderStatus(
  rows: readonly StatusRow[],
  { colour, width = DEFAULT_WIDTH }: { readonly colour: boolean; readonly width?: number | undefined },
): string {
  if (rows.length === 0) return "Nothing of this lab exists.\n";
  const columns: readonly (readonly [string, (row: StatusRow) => Cell])[] = [
    ["ADDRESS", (row) => row.address],
    ["CONDITION", ({ condition }) => ({ text: condition, tone: toneOf(condition) })],
    ["PID", ({ pid }) => (pid === null ? "" : String(pid))],
    ["CONSOLE", (row) => row.console ?? ""],
    ["MONITOR", (row) => row.monitor ?? ""],
    ["WHY", (row) => row.detail ?? ""],
  ];
  const used = columns.filter(([, cell]) => rows.some((row) => cell(row) !== ""));
  const cells = rows.map((row) => used.map(([, cell]) => cell(row)));
  return renderTable(
    used.map(([name]) => name),
    cells,
    { colour, width },
  );
}

function toneOf(condition: string) {
  if (condition === "running" || condition === "ok") return "good";
  return condition === "unready" || condition === "creating" || condition === "deleting" ? "warning" : "bad";
}
