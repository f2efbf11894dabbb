/**
 * Addresses: `node.r1`, `node.router["r1"]`, `link.core[0]`, `service.bridge["builtin"]`. A resource address names a
 * block, an instance address one of its instances. Inside labform they travel as text in this canonical form.
 */
export type ResourceKind = "node" | "link" | "network" | "service";

export type InstanceKey = string | number | undefined;

export interface Address {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly key: InstanceKey;
}

export function resourceAddress(kind: ResourceKind, name: string): string {
  return `${kind}.${name}`;
}

export function instanceAddress(resource: string, key: InstanceKey): string {
  if (key === undefined) return resource;
  return typeof key === "number" ? `${resource}[${key}]` : `${resource}[${quoteKey(key)}]`;
}

/**
 * As JSON, and what that leaves of control characters (C1, which a terminal may take for the start of a sequence) and of
 * those that turn the direction of text (Unicode Standard Annex 9) escaped too: addresses are shown as they are.
 */
export function quoteKey(key: string): string {
  return JSON.stringify(key).replace(
    /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const pattern =
  /^(node|link|network|service)\.([\p{ID_Start}_][\p{ID_Continue}-]*)(?:\[(?:(\d+)|("(?:[^"\\]|\\.)*"))\])?$/u;

/** Undefined when `text` is no address. */
export function parseAddress(text: string): Address | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  let key: InstanceKey;
  if (match[3] !== undefined) key = Number(match[3]);
  else if (match[4] !== undefined) {
    try {
      key = JSON.parse(match[4]) as string;
    } catch {
      return undefined;
    }
  }
  return { kind: match[1] as ResourceKind, name: match[2] as string, key };
}

/** `node.router["r1"]` → `node.router` */
export function resourceOf(instance: string): string {
  const bracket = instance.indexOf("[");
  return bracket === -1 ? instance : instance.slice(0, bracket);
}
