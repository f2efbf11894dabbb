import { HypervisorLost } from "./hypervisor.ts";

/** `bridge list`: `NAME (NIOs = 2)`, newest first. */
export function parseList(lines: readonly string[]): readonly { readonly name: string; readonly ends: number }[] {
  return lines.map((line) => {
    const match = /^(.+) \(NIOs = (\d)\)$/.exec(line);
    if (!match) throw unreadable("bridge list", line);
    return { name: match[1] as string, ends: Number(match[2]) };
  });
}

export interface ShownBridge {
  readonly running: boolean;
  /** Names, in the order frames pass them. */
  readonly filters: readonly string[];
  /** As the bridge describes it: `LOCAL -> REMOTE` for Unix datagrams, the path for a stream. */
  readonly source: string | undefined;
  readonly destination: string | undefined;
}

/** `bridge show NAME` */
export function parseShow(lines: readonly string[]): ShownBridge {
  let running: boolean | undefined;
  const filters: string[] = [];
  const ends: { Source?: string; Destination?: string } = {};
  for (const line of lines) {
    const state = /^bridge '.*' is (not )?running$/.exec(line);
    const filter = /^Filter '(.*)' configured in position \d+$/.exec(line);
    const end = /^(Source|Destination) NIO: (.*)$/.exec(line);
    if (state) running = state[1] === undefined;
    else if (filter) filters.push(filter[1] as string);
    else if (end) ends[end[1] as "Source" | "Destination"] = end[2] as string;
    else throw unreadable("bridge show", line);
  }
  if (running === undefined) throw unreadable("bridge show", lines[0] ?? "");
  return { running, filters, source: ends.Source, destination: ends.Destination };
}

export interface EndStatistics {
  readonly packetsIn: number;
  readonly bytesIn: number;
  readonly packetsOut: number;
  readonly bytesOut: number;
  /** Frames the end could not take; only the built-in bridge counts them. */
  readonly dropped: number | undefined;
}

/** `bridge get_stats NAME` */
export function parseStatistics(lines: readonly string[]): {
  readonly source: EndStatistics | undefined;
  readonly destination: EndStatistics | undefined;
} {
  const ends: { Source?: EndStatistics; Destination?: EndStatistics } = {};
  for (const line of lines) {
    const match =
      /^(Source|Destination) NIO: +IN: (\d+) packets \((\d+) bytes\) OUT: (\d+) packets \((\d+) bytes\)(?: DROPPED: (\d+) packets)?$/.exec(
        line,
      );
    if (!match) throw unreadable("bridge get_stats", line);
    ends[match[1] as "Source" | "Destination"] = {
      packetsIn: Number(match[2]),
      bytesIn: Number(match[3]),
      packetsOut: Number(match[4]),
      bytesOut: Number(match[5]),
      dropped: match[6] === undefined ? undefined : Number(match[6]),
    };
  }
  return { source: ends.Source, destination: ends.Destination };
}

function unreadable(command: string, line: string): HypervisorLost {
  return new HypervisorLost(`its answer to "${command}" cannot be read: ${JSON.stringify(line.slice(0, 80))}`);
}
