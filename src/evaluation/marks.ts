import type { Path, Raw, Value } from "../core/values.ts";

/** The value, marked sensitive as a whole when `sensitive`. */
export function marked(value: Value, sensitive: boolean): Value {
  return sensitive && !value.sensitive ? { type: value.type, raw: value.raw, sensitive: true } : value;
}

/** Marked itself, or holding something that is. */
export function containsSensitive(value: Value): boolean {
  if (value.sensitive) return true;
  const { raw } = value;
  if (raw instanceof Map) {
    for (const item of (raw as ReadonlyMap<string, Value>).values()) if (containsSensitive(item)) return true;
  } else if (Array.isArray(raw)) {
    for (const item of raw as readonly Value[]) if (containsSensitive(item)) return true;
  }
  return false;
}

/** Where the marks are; one around others is one path. */
export function sensitivePaths(value: Value): Path[] {
  const found: Path[] = [];
  if (containsSensitive(value)) collectMarks(value, [], found);
  return found;
}

function collectMarks(value: Value, path: Path, found: Path[]): void {
  if (value.sensitive) {
    found.push(path);
    return;
  }
  const { raw } = value;
  if (raw instanceof Map) {
    for (const [name, item] of raw as ReadonlyMap<string, Value>) collectMarks(item, [...path, name], found);
  } else if (Array.isArray(raw)) {
    for (const [at, item] of (raw as readonly Value[]).entries()) collectMarks(item, [...path, at], found);
  }
}

/** Without any mark, at any depth. */
export function unmarked(value: Value): Value {
  if (!containsSensitive(value)) return value;
  return { type: value.type, raw: unmarkedRaw(value.raw), sensitive: false };
}

function unmarkedRaw(raw: Raw): Raw {
  if (raw instanceof Map) {
    const plain = new Map<string, Value>();
    for (const [name, item] of raw as ReadonlyMap<string, Value>) plain.set(name, unmarked(item));
    return plain;
  }
  return Array.isArray(raw) ? (raw as readonly Value[]).map(unmarked) : raw;
}
