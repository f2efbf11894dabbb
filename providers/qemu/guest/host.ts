import type { Ports } from "../../../src/core/ports.ts";

/** What building a guest needs of the world. */
export interface GuestHost {
  readonly ports: Pick<Ports, "files" | "processes">;
  /** A directory for what is only needed meanwhile; whoever made it removes it. */
  readonly scratch: string;
  readonly signal?: AbortSignal | undefined;
  /** A line about what takes long. */
  readonly tell: (line: string) => void;
}

/** The content of a file, or undefined where there is none that may be read. */
export async function readIfThere({ ports }: GuestHost, path: string): Promise<Buffer | undefined> {
  try {
    return Buffer.from(await ports.files.read(path));
  } catch {
    return undefined;
  }
}
