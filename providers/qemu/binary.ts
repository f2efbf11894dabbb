import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic, Failure } from "../../src/core/diagnostics.ts";
import type { Ports, RunResult } from "../../src/core/ports.ts";
import type { Json } from "../../src/core/values.ts";
import { SANDBOX } from "./arguments.ts";
import type { Answers } from "./binaryCache.ts";
import { BinaryCache } from "./binaryCache.ts";
import type { Offers } from "./offers/ask.ts";
import { COMMANDS, QUESTION, readAnswers, readDevices } from "./offers/ask.ts";
import { PLATFORMS } from "./schema/machine.ts";

/** What is known of a QEMU executable. Kept in a node's notes: the same file need not be asked again. */
export interface Binary {
  readonly path: string;
  /** Device, inode, size and times of the file, in one word. */
  readonly identity: string;
  /** `7.2.22` */
  readonly version: string;
  readonly sandbox: boolean;
}

/** The oldest with `-netdev stream` and `dgram`. */
export const OLDEST: readonly [number, number] = [7, 2];

export function binaryName(platform: string): string {
  return `qemu-system-${platform}`;
}

/** The platform an executable's name tells, as in GNS3: qemu-kvm is x86_64, qemu is i386. */
export function platformOfBinary(binary: string): string | undefined {
  const name = binary.slice(binary.lastIndexOf("/") + 1);
  if (name === "qemu-kvm" || name === "kvm") return "x86_64";
  if (name === "qemu") return "i386";
  const platform = /^qemu-system-([a-z0-9_]+)/.exec(name)?.[1];
  return platform !== undefined && PLATFORMS.includes(platform) ? platform : undefined;
}

/** The absolute path of an executable named in a lab file or by its platform, or why there is none. */
export async function locateBinary(
  ports: Pick<Ports, "files" | "processes">,
  wanted: string,
  directory: string | null,
): Promise<{ readonly path: string } | { readonly diagnostic: Diagnostic }> {
  const path = wanted.startsWith("/")
    ? wanted
    : directory === null
      ? await ports.processes.find(wanted)
      : `${directory}/${wanted}`;
  const subject = `QEMU binary ${path ?? wanted}`;
  if (path === undefined) {
    return {
      diagnostic: errorDiagnostic(`QEMU binary ${wanted} is not on PATH`, {
        detail: `Install QEMU for that platform (on Debian and Ubuntu: ${debianPackage(wanted)}), or say where it is with binary_directory in provider "qemu" or qemu_binary on the node.`,
        subject,
      }),
    };
  }
  try {
    const { kind } = await ports.files.stat(path);
    if (kind !== "file") {
      return { diagnostic: errorDiagnostic(`QEMU binary ${path} is no file but a ${kind}`, { subject }) };
    }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    return {
      diagnostic: errorDiagnostic(`QEMU binary ${path} ${missing ? "does not exist" : "is not accessible"}`, {
        detail: missing ? "Install QEMU there, or change qemu_binary or binary_directory." : message(error),
        subject,
      }),
    };
  }
  try {
    await ports.files.access(path, "execute");
  } catch {
    return {
      diagnostic: errorDiagnostic(`QEMU binary ${path} is not executable`, {
        detail: `Make it so with: chmod +x ${path}`,
        subject,
      }),
    };
  }
  return { path };
}

function debianPackage(name: string): string {
  const platform = platformOfBinary(name) ?? "x86_64";
  if (platform === "x86_64" || platform === "i386") return "qemu-system-x86";
  if (platform === "arm" || platform === "aarch64") return "qemu-system-arm";
  if (/^(mips|ppc|sparc)/.test(platform)) return `qemu-system-${/^(mips|ppc|sparc)/.exec(platform)?.[1]}`;
  return "qemu-system-misc";
}

/** Asks executables what they are, each once for as long as it is the same file. */
export class Binaries {
  readonly #ports: Pick<Ports, "files" | "processes">;
  readonly #cache: BinaryCache;
  readonly #answers = new Map<string, Promise<Answers>>();
  readonly #offers = new Map<string, Promise<Offers>>();

  constructor(ports: Pick<Ports, "files" | "processes" | "host">) {
    this.#ports = ports;
    this.#cache = new BinaryCache(ports);
  }

  /** `known` from an earlier run is believed while the file is the same. Rejects with `Failure`. */
  async inspect(path: string, known?: Binary): Promise<Binary> {
    const identity = await this.#identity(path);
    if (known?.path === path && known.identity === identity) return known;
    const { version, sandbox } = await this.#answersOf(path, identity);
    return { path, identity, version, sandbox };
  }

  /** What it can emulate. Rejects with `Failure`. */
  async offers({ path, identity }: Pick<Binary, "path" | "identity">): Promise<Offers> {
    const key = `${path} ${identity}`;
    let offers = this.#offers.get(key);
    if (!offers) {
      offers = this.#askOffers(path, identity);
      this.#offers.set(key, offers);
    }
    return await offers;
  }

  /** Names and aliases of the devices it can emulate. Rejects with `Failure`. */
  async devices(binary: Pick<Binary, "path" | "identity">): Promise<ReadonlySet<string>> {
    return new Set((await this.offers(binary)).devices);
  }

  /** Both questions at once: on two processors that takes no longer than the longer one. */
  async #askOffers(path: string, identity: string): Promise<Offers> {
    const answers = await this.#answersOf(path, identity);
    if (answers.offers) return answers.offers;
    const [help, spoken] = await Promise.all([
      this.#run(path, ["-device", "help"]),
      this.#run(path, QUESTION, COMMANDS),
    ]);
    const devices = readDevices(help.stdout);
    if (help.exitCode !== 0 || devices.devices.length === 0) {
      throw oddAnswer(path, "-device help", "what it emulates", help);
    }
    const machines = readAnswers(spoken.stdout);
    if (!machines) throw oddAnswer(path, QUESTION.join(" "), "which machines it has", spoken);
    const offers = { ...machines, ...devices };
    await this.#cache.write(path, { ...answers, offers });
    return offers;
  }

  async #answersOf(path: string, identity: string): Promise<Answers> {
    const key = `${path} ${identity}`;
    let answers = this.#answers.get(key);
    if (!answers) {
      answers = this.#remembered(path, identity);
      this.#answers.set(key, answers);
    }
    return await answers;
  }

  async #remembered(path: string, identity: string): Promise<Answers> {
    const kept = await this.#cache.read(path, identity);
    if (kept) return kept;
    const asked = await this.#ask(path, identity);
    await this.#cache.write(path, asked);
    return asked;
  }

  async #identity(path: string): Promise<string> {
    const stat = await this.#ports.files.stat(path).catch((error: unknown) => {
      throw new Failure(
        errorDiagnostic(`QEMU binary ${path} is not accessible`, {
          detail: message(error),
          subject: `QEMU binary ${path}`,
        }),
        { cause: error },
      );
    });
    return [stat.device, stat.inode, stat.size, stat.modifiedMs, stat.changedMs].join("-");
  }

  /** A binary without seccomp refuses `-sandbox` before it comes to `--version` (QEMU: softmmu/vl.c). */
  async #ask(path: string, identity: string): Promise<Answers> {
    const sandboxed = await this.#run(path, [...SANDBOX, "--version"]);
    // One that was killed, or took too long, refused nothing.
    const isRefusal = sandboxed.signal === null && sandboxed.exitCode !== 0;
    const result = isRefusal ? await this.#run(path, ["--version"]) : sandboxed;
    const version = /version (\d+\.\d+(?:\.\d+)?)/.exec(result.stdout)?.[1];
    if (result.exitCode !== 0 || version === undefined) throw oddAnswer(path, "--version", "which QEMU it is", result);
    refuseOld(path, version);
    return { identity, version, sandbox: sandboxed.exitCode === 0 };
  }

  async #run(path: string, args: readonly string[], input = ""): Promise<RunResult> {
    try {
      return await this.#ports.processes.run(path, args, { timeoutMs: 10_000, input });
    } catch (error) {
      throw new Failure(
        errorDiagnostic(`${path} could not be run`, { detail: message(error), subject: `QEMU binary ${path}` }),
        { cause: error },
      );
    }
  }
}

function oddAnswer(path: string, question: string, what: string, result: RunResult): Failure {
  const output = `${result.stdout}${result.stderr}`.trim() || "(nothing)";
  return new Failure(
    errorDiagnostic(`${path} does not say ${what}`, {
      detail: `${path} ${question} ended with ${ending(result)} and said: ${output.slice(0, 1000)}`,
      subject: `QEMU binary ${path}`,
    }),
  );
}

function refuseOld(path: string, version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new Failure(
    errorDiagnostic(`${path} is QEMU ${version}, and labform needs ${OLDEST.join(".")} or later`, {
      detail:
        "Older ones cannot connect adapters through Unix sockets. Install a newer QEMU, or name one with qemu_binary or binary_directory.",
      subject: `QEMU binary ${path}`,
    }),
  );
}

export function binaryFromNotes(json: Json | undefined): Binary | undefined {
  return json === undefined || json === null ? undefined : (json as unknown as Binary);
}

function ending(result: RunResult): string {
  return result.signal === null ? `exit code ${result.exitCode}` : `signal ${result.signal}`;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
