import { createHash } from "node:crypto";

/** Something a guest is made of, found but maybe not fetched yet. */
export interface Part<Taken> {
  /** Another one where it is not the same to the byte; undefined where nothing on this host can tell. */
  readonly identity: string | undefined;
  /** Rejects with a `Failure`. */
  readonly take: () => Promise<Taken>;
}

export function digestOf(...data: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const one of data) hash.update(`${one.length} `).update(one);
  return hash.digest("hex");
}
