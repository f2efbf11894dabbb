import { dirname } from "node:path";
import { fail } from "../../../src/core/diagnostics.ts";
import type { Ports, Processes, RunResult } from "../../../src/core/ports.ts";
import { shellQuoted } from "../arguments.ts";
import { formatSize } from "./size.ts";

export interface ImageInfo {
  readonly format: string;
  /** The size a guest sees. */
  readonly bytes: number;
  /** Absolute path and format of the image it lies over. */
  readonly backing?: { readonly path: string; readonly format: string | undefined } | undefined;
}

/** Of a slow network disk: what it does is little, but it waits for the disk. */
const TIMEOUT_MS = 120_000;

/** qemu-img's exit codes of `check`: nothing, corruptions, or leaks alone (QEMU: docs/tools/qemu-img.rst). */
const LEAKS = 3;
const CHECKED = [0, 2, LEAKS];

/** Where the qemu-img of a QEMU is: beside it, else on PATH. */
export async function locateQemuImg(
  processes: Pick<Processes, "find">,
  qemu: string | null,
): Promise<string | undefined> {
  const beside = qemu === null ? undefined : await processes.find("qemu-img", dirname(qemu));
  return beside ?? (await processes.find("qemu-img"));
}

/** The qemu-img that belongs to a QEMU. Rejects with `Failure` when there is none. */
export async function findQemuImg(ports: Pick<Ports, "processes" | "files">, qemu: string | null): Promise<QemuImg> {
  const path = await locateQemuImg(ports.processes, qemu);
  if (path !== undefined) return new QemuImg(ports, path);
  return fail("qemu-img is not installed", {
    detail: `Disks are made with it. Install it (on Debian and Ubuntu: apt install qemu-utils); it is searched beside ${qemu ?? "the QEMU binary"}, then on PATH.`,
    subject: "qemu-img",
  });
}

/** qemu-img, with every format said. All its methods reject with `Failure`, which carries what it said. */
export class QemuImg {
  readonly #ports: Pick<Ports, "processes" | "files">;
  readonly path: string;

  constructor(ports: Pick<Ports, "processes" | "files">, path: string) {
    this.#ports = ports;
    this.path = path;
  }

  /** Guesses the format where none is given. Also of an image that a QEMU has open. */
  async info(path: string, format: string | null, what: string): Promise<ImageInfo> {
    const given = format === null ? [] : ["-f", format];
    const { stdout } = await this.#run(["info", "--force-share", "--output=json", ...given, path], () => ({
      summary: format === null ? `${capital(what)} ${path} cannot be read` : `${capital(what)} ${path} is no ${format}`,
    }));
    const document = JSON.parse(stdout) as { readonly [name: string]: unknown };
    const backing = document["full-backing-filename"] ?? document["backing-filename"];
    const backingFormat = document["backing-filename-format"];
    return {
      format: String(document["format"]),
      bytes: Number(document["virtual-size"]),
      backing:
        typeof backing === "string"
          ? { path: backing, format: typeof backingFormat === "string" ? backingFormat : undefined }
          : undefined,
    };
  }

  /** A qcow2 that lies over `base`, or is empty; of the base's size where none is given. */
  async create(
    path: string,
    base: { readonly path: string; readonly format: string } | undefined,
    bytes: number | undefined,
  ): Promise<void> {
    const over = base ? ["-F", base.format, "-b", base.path] : [];
    const size = bytes === undefined ? [] : [String(bytes)];
    const args = ["create", "-q", "-f", "qcow2", ...over, path, ...size];
    try {
      await this.#run(args, () => ({ summary: `${path} could not be made` }), path);
    } catch (error) {
      await this.#ports.files.remove(path).catch(() => {});
      throw error;
    }
  }

  /** A qcow2 of its own with the content of an image. */
  async copy(from: string, format: string, path: string): Promise<void> {
    const args = ["convert", "-q", "-f", format, "-O", "qcow2", from, path];
    await this.#run(args, () => ({ summary: `${from} could not be copied to ${path}` }), path);
  }

  /** Only the overlay's header is written: its base is the same, elsewhere. */
  async rebase(path: string, base: { readonly path: string; readonly format: string }): Promise<void> {
    const args = ["rebase", "-q", "-u", "-f", "qcow2", "-F", base.format, "-b", base.path, path];
    await this.#run(args, () => ({ summary: `${path} could not be told that its base is now ${base.path}` }), path);
  }

  async grow(path: string, format: string, bytes: number): Promise<void> {
    const args = ["resize", "-q", "-f", format, path, String(bytes)];
    await this.#run(args, () => ({ summary: `${path} could not be grown to ${formatSize(bytes)}` }), path);
  }

  /** Of a qcow2 that no QEMU has open: `leaks`, it only takes more room than it needs. */
  async check(path: string): Promise<"whole" | "leaks" | "corrupt"> {
    const describe = () => ({ summary: `${path} could not be checked` });
    const { exitCode } = await this.#run(["check", "-q", "-f", "qcow2", path], describe, undefined, CHECKED);
    return exitCode === 0 ? "whole" : exitCode === LEAKS ? "leaks" : "corrupt";
  }

  async freeLeaks(path: string): Promise<void> {
    const describe = () => ({ summary: `${path} could not be repaired` });
    await this.#run(["check", "-q", "-r", "leaks", "-f", "qcow2", path], describe, path, CHECKED);
  }

  async #run(
    args: readonly string[],
    describe: () => { summary: string },
    written?: string,
    expected: readonly number[] = [0],
  ): Promise<RunResult> {
    const command = shellQuoted([this.path, ...args]);
    let result: RunResult;
    try {
      result = await this.#ports.processes.run(this.path, args, { timeoutMs: TIMEOUT_MS });
    } catch (cause) {
      return fail("qemu-img could not be run", { detail: `${command}: ${String(cause)}`, subject: "qemu-img", cause });
    }
    if (result.exitCode !== null && expected.includes(result.exitCode)) return result;
    const words = `${result.stderr}${result.stdout}`.trim();
    const ended =
      result.signal === "SIGKILL"
        ? `It did not end within ${TIMEOUT_MS / 1000} s and was killed.`
        : `It ended with ${result.signal === null ? `exit code ${result.exitCode}` : `signal ${result.signal}`}.`;
    const space = written !== undefined && /No space left on device|Disk quota exceeded/.test(words);
    return fail(describe().summary, {
      detail: [
        ...(space ? [await this.#shortOfSpace(written)] : []),
        `${ended} It said: ${words === "" ? "nothing" : words}`,
        `The command: ${command}`,
      ].join("\n"),
      subject: written ?? "qemu-img",
    });
  }

  async #shortOfSpace(path: string): Promise<string> {
    const directory = dirname(path);
    const free = await this.#ports.files.freeBytes(directory).then(formatSize, () => "too little");
    return `The disk is full: ${free} are free in ${directory}, and an empty overlay takes about 200 KiB, more as the guest writes. Free some space and apply again: it goes on where it stopped.`;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
