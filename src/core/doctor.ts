/** What `doctor` found of one thing that labs need. */
export interface Finding {
  /** What was looked at, in a word or two: `qemu-img`, `KVM`, `memory`. */
  readonly subject: string;
  /**
   * ok: as it should be. note: good to know, and nothing suffers. warning: something may go wrong or is missing.
   * error: the lab in the directory cannot run; without one, that no lab could.
   */
  readonly level: "ok" | "note" | "warning" | "error";
  /** One line, no full stop. */
  readonly text: string;
  /** What to do about it, in whole sentences. */
  readonly fix?: string | undefined;
  /** In the lab files: `pair.lab.hcl:12:1`. */
  readonly at?: string | undefined;
}

/** `512 MiB`, `23.5 GiB` */
export function formatBytes(bytes: number): string {
  const gibibytes = bytes / 1024 ** 3;
  return gibibytes < 1 ? `${Math.floor(bytes / 1024 ** 2)} MiB` : `${gibibytes.toFixed(1)} GiB`;
}
