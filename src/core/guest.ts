import { isAbsolute, join } from "node:path";

/** What a node provider makes of a host's own parts so that labs have cheap hosts: a small guest. Paths are absolute. */
export interface GuestRequest {
  /** Where it is put. */
  readonly out: string;
  /** Instead of what is found on the host: a kernel, the directory of its modules, and a static busybox. */
  readonly kernel?: string | undefined;
  readonly modules?: string | undefined;
  readonly busybox?: string | undefined;
  /** A line about what takes long. */
  readonly tell: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface BuiltGuest {
  readonly kernel: string;
  readonly initrd: string;
  /** False where the one that is there already is what would be built. */
  readonly isNew: boolean;
  /** What they are made of: paths, or packages. */
  readonly madeOf: { readonly kernel: string; readonly busybox: string };
  /** What the guest cannot do, or does slower than it could; whole sentences. */
  readonly notes: readonly string[];
  /** A block of a lab file that boots it. */
  readonly example: string;
}

/**
 * Where an account's guests are for all its labs, by the XDG Base Directory Specification; undefined where the
 * environment names no place.
 */
export function guestDirectory(environment: { readonly [name: string]: string | undefined }): string | undefined {
  const { XDG_DATA_HOME: data, HOME: home } = environment;
  if (data !== undefined && isAbsolute(data)) return join(data, "labform/guest");
  return home !== undefined && isAbsolute(home) ? join(home, ".local/share/labform/guest") : undefined;
}
