import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Event } from "../../src/core/events.ts";
import type { Terminal } from "../../src/ui/live/terminal.ts";
import type { Screen } from "../support/emulator.ts";
import { Emulator } from "../support/emulator.ts";

// ink shows nothing live where a CI runner's variables are set; it looks at them when it is loaded.
delete process.env.CI;
delete process.env.CONTINUOUS_INTEGRATION;

export interface Recorded {
  readonly atMs: number;
  readonly event: Event;
}

/** A stream of streams/, as test/support/recordStream.ts recorded it of a real apply; times count from its begin. */
export function readStream(name: string): readonly Recorded[] {
  const path = fileURLToPath(new URL(`streams/${name}.jsonl`, import.meta.url));
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const recorded = lines.map((line) => JSON.parse(line) as { readonly at: number; readonly event: Event });
  const begin = recorded[0]?.at ?? 0;
  return recorded.map(({ at, event }) => ({ atMs: at - begin, event }));
}

type Deed =
  | { readonly do: "write"; readonly text: string }
  | { readonly do: "resize"; readonly columns: number; readonly rows: number }
  | { readonly do: "look"; readonly name: string };

/**
 * A terminal that notes what is done to it under a test's clock, and shows it afterwards under the real one, as a real
 * terminal emulator would have.
 */
export class NotedTerminal implements Terminal {
  columns: number;
  rows: number;
  readonly folds = true;
  readonly #size: { readonly columns: number; readonly rows: number };
  readonly #deeds: Deed[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#size = { columns, rows };
  }

  write(text: string): void {
    this.#deeds.push({ do: "write", text });
  }

  onResize(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  onSuspend(): () => void {
    return () => {};
  }

  resize(columns: number, rows: number): void {
    this.#deeds.push({ do: "resize", columns, rows });
    this.columns = columns;
    this.rows = rows;
    for (const listener of this.#listeners) listener();
  }

  look(name: string): void {
    this.#deeds.push({ do: "look", name });
  }

  get written(): string {
    return this.#deeds.map((deed) => (deed.do === "write" ? deed.text : "")).join("");
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** What stood there at each look, by name, and at the `end`. */
  async screens(): Promise<ReadonlyMap<string, Screen>> {
    const emulator = new Emulator(this.#size.columns, this.#size.rows);
    const screens = new Map<string, Screen>();
    let text = "";
    for (const deed of [...this.#deeds, { do: "look", name: "end" } as const]) {
      if (deed.do === "write") {
        text += deed.text;
        continue;
      }
      await emulator.write(text);
      text = "";
      if (deed.do === "resize") emulator.resize(deed.columns, deed.rows);
      else screens.set(deed.name, emulator.screen());
    }
    emulator.close();
    return screens;
  }
}
