import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Absolute paths of the guest that real-QEMU tests boot; see scripts/guest.mjs. */
export interface Guest {
  readonly kernel: string;
  readonly initrd: string;
  /** Ignores the power button. */
  readonly initrdWithoutAcpi: string;
  /** Has the modules of every disk interface, and ext2. */
  readonly initrdWithDisks: string;
}

/** The initrd with QEMU's guest agent, which is fetched where it is missing. */
export function initrdWithAgent(): string {
  execFileSync("bash", ["-c", "source scripts/install.sh && node scripts/guest.mjs"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, INSTALL_FOR_TESTS: "1" },
  });
  return `${root}.cache/guest/initrd-agent`;
}

let built = false;

/**
 * Builds the guest when it is missing or not of the present sources, and what building it needs when that is missing;
 * throws with what the scripts said when they cannot.
 */
export function guest(): Guest {
  if (!built) {
    execFileSync("bash", ["-c", "source scripts/install.sh && node scripts/guest.mjs"], {
      cwd: root,
      stdio: "inherit",
    });
    built = true;
  }
  return {
    kernel: `${root}.cache/guest/vmlinux`,
    initrd: `${root}.cache/guest/initrd`,
    initrdWithoutAcpi: `${root}.cache/guest/initrd-noacpi`,
    initrdWithDisks: `${root}.cache/guest/initrd-disks`,
  };
}
