/*
 * How adapters are named, as in GNS3 (its StandardPortFactory): by a format in which numbers stand for {placeholders}.
 */

export interface PortNaming {
  /** Without a `faultInFormat`. */
  readonly format: string;
  /** So many adapters make a segment; 0: each is one of its own. */
  readonly segmentSize: number;
  /** Of adapter 0, which then counts neither as a port nor as a segment. */
  readonly first: string | null;
}

/** What a format may hold besides text: a placeholder, perhaps filled up with zeros ({0:02d}), or a doubled brace. */
const PIECE = /\{\{|\}\}|\{([01]|adapter|(?:port|segment)\d)(?::0(\d)d?)?\}|[{}]/g;

/** The part of a format that is neither text nor placeholder; undefined when there is none. */
export function faultInFormat(format: string): string | undefined {
  for (const { 0: piece, 1: placeholder, index } of format.matchAll(PIECE)) {
    if (placeholder !== undefined || piece.length > 1) continue;
    return /^\{[^{}]*\}?/.exec(format.slice(index))?.[0] ?? piece;
  }
  return undefined;
}

/** The names of so many adapters, in order. */
export function portNames(adapters: number, { format, segmentSize, first }: PortNaming): readonly string[] {
  const names: string[] = [];
  let port = 0;
  let segment = 0;
  for (let adapter = 0; adapter < adapters; adapter++) {
    if (adapter === 0 && first !== null) {
      names.push(first);
      continue;
    }
    names.push(filled(format, adapter, port, segment));
    port++;
    if (segmentSize === 0) segment++;
    else if (port === segmentSize) {
      segment++;
      port = 0;
    }
  }
  return names;
}

function filled(format: string, adapter: number, port: number, segment: number): string {
  return format.replace(PIECE, (piece: string, placeholder: string | undefined, width: string | undefined) => {
    if (placeholder === undefined) return piece.slice(0, 1);
    return String(valueOf(placeholder, adapter, port, segment)).padStart(Number(width ?? 0), "0");
  });
}

function valueOf(placeholder: string, adapter: number, port: number, segment: number): number {
  if (placeholder === "adapter") return adapter;
  const offset = Number(placeholder.slice(-1));
  if (placeholder.startsWith("port")) return port + offset;
  if (placeholder.startsWith("segment")) return segment + offset;
  return placeholder === "0" ? port : segment;
}
