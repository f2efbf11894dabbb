import { basename, dirname, join } from "node:path";
import type { AppendFile, Ports } from "../src/core/ports.ts";
import type { HostFacts } from "../src/core/state.ts";
import { guarded, ifPresent } from "./failure.ts";
import { areAllGone, formatKnown, type KnownProcess, livingOf, parseKnown } from "./knownProcesses.ts";
import { layoutOf } from "./layout.ts";
import { ensurePrivateDirectory } from "./privateDirectory.ts";
import { runDirectory } from "./registryPath.ts";
import { fieldsOf, hostFactsOf, textOf } from "./shape.ts";

/** Whose entry it is: what lab.json holds. */
export interface RegisteredLab {
  readonly directory: string;
  readonly workspace: string;
  /** The data directory, absolute: LABFORM_DATA_DIR may have moved it. */
  readonly data: string;
  /** The checkpoint, absolute: the lab's backend may have it elsewhere. */
  readonly state: string;
  readonly name: string;
  readonly lineage: string;
  /** Where it runs: a home directory may be on several hosts. Entries of former versions do not say. */
  readonly host?: HostFacts | undefined;
}

/** Past this many bytes processes.jsonl is written anew without what has ended. */
const longestProcesses = 1024 * 1024;

/**
 * The entry of one lab: it outlives the lab's own directory, which CI runners clean away, and knows by token and
 * identity every process that was ever meant to start.
 */
export class RegistryEntry {
  readonly path: string;
  readonly #ports: Ports;
  readonly #written = new Set<string>();
  #processes: AppendFile | undefined;
  #size = 0;

  constructor(ports: Ports, path: string) {
    this.#ports = ports;
    this.path = path;
  }

  /** Makes what is missing; `known` is what the state tells of and the entry may have lost. */
  async open(lab: RegisteredLab, known: readonly KnownProcess[]): Promise<void> {
    await ensurePrivateDirectory(this.#ports, { role: "registry", path: dirname(this.path) });
    await ensurePrivateDirectory(this.#ports, { role: "registry entry", path: this.path });
    await ensurePrivateDirectory(this.#ports, { role: "run directory", path: runDirectory(this.path) });
    await this.#guarded(async () => {
      const { files } = this.#ports;
      const text = `${JSON.stringify(lab, null, 2)}\n`;
      const there = await ifPresent(files.readText(labFile(this.path)));
      if (there !== text) await files.writeAtomic(labFile(this.path), text, 0o600);
      await files.syncDirectory(dirname(this.path));
      await this.#openProcesses();
    });
    await this.add(known);
  }

  /** Durable when it resolved. What was added before costs nothing. */
  async add(known: readonly KnownProcess[]): Promise<void> {
    const lines = [...new Set(known.map(formatKnown))].filter((line) => !this.#written.has(line));
    if (lines.length === 0) return;
    const file = this.#processes;
    if (!file) throw new Error("the registry entry is not open");
    await this.#guarded(async () => {
      const text = lines.join("");
      this.#size += Buffer.byteLength(text);
      try {
        await file.append(text);
        await file.sync();
      } catch (error) {
        // Half a line must not run into the next one.
        await file.append("\n").catch(() => {});
        throw error;
      }
    });
    for (const line of lines) this.#written.add(line);
  }

  /** Keeps the file short over a long life; `needed` stays in any case. */
  async compact(needed: readonly KnownProcess[]): Promise<void> {
    if (this.#size <= longestProcesses) return;
    await this.#guarded(async () => {
      const path = processesFile(this.path);
      const known = parseKnown(await this.#ports.files.readText(path));
      const kept = new Set([...livingOf(this.#ports, known).map(knownLiving), ...needed].map(formatKnown));
      await this.#ports.files.writeAtomic(path, [...kept].join(""), 0o600);
      await this.close();
      this.#written.clear();
      await this.#openProcesses();
    });
  }

  /**
   * Takes the entry away unless something of it may still live. The path comes from a file that may have been brought
   * in with a checkout: nothing is removed but an entry of this very lineage.
   */
  async removeIfDone(lineage: string): Promise<void> {
    await this.#guarded(async () => {
      const lab = await readLab(this.#ports, this.path);
      if (lab?.lineage !== lineage && !(lab === undefined && (await this.#isHusk(lineage)))) return;
      if (!areAllGone(this.#ports, await readKnown(this.#ports, this.path))) return;
      await this.close();
      await removeEntry(this.#ports, this.path);
    });
  }

  /** What a kill at the end of a removal leaves: the entry's directory, with nothing in it. */
  async #isHusk(lineage: string): Promise<boolean> {
    if (basename(this.path) !== lineage) return false;
    return (await ifPresent(this.#ports.files.list(this.path)))?.length === 0;
  }

  async close(): Promise<void> {
    const file = this.#processes;
    this.#processes = undefined;
    await file?.close();
  }

  async #openProcesses(): Promise<void> {
    const path = processesFile(this.path);
    const text = (await ifPresent(this.#ports.files.readText(path))) ?? "";
    for (const known of parseKnown(text)) this.#written.add(formatKnown(known));
    this.#size = Buffer.byteLength(text);
    this.#processes = await this.#ports.files.openAppend(path, 0o600);
    if (text !== "" && !text.endsWith("\n")) await this.#processes.append("\n");
  }

  #guarded<T>(work: () => Promise<T>): Promise<T> {
    return guarded("write the registry", { role: "registry entry", path: this.path }, work);
  }
}

function knownLiving({ address, identity }: { address: string; identity: NonNullable<KnownProcess["identity"]> }) {
  return { address, token: identity.token, identity };
}

/** What says whose entry it is goes last, so that a removal that was cut short is found and done again. */
export async function removeEntry(ports: Ports, entry: string): Promise<void> {
  const names = (await ifPresent(ports.files.list(entry))) ?? [];
  for (const name of names) if (name !== "lab.json") await ports.files.remove(join(entry, name));
  await ports.files.remove(entry);
}

/** The lab's state is in another file now. */
export async function moveState(ports: Ports, entry: string, lineage: string, state: string): Promise<void> {
  const lab = await readLab(ports, entry);
  if (lab?.lineage !== lineage || lab.state === state) return;
  const place = { role: "registry entry", path: entry };
  const text = `${JSON.stringify({ ...lab, state }, null, 2)}\n`;
  await guarded("write the registry", place, () => ports.files.writeAtomic(labFile(entry), text, 0o600));
}

/** Undefined when there is no entry, or none that can be read. */
export async function readLab(ports: Ports, entry: string): Promise<RegisteredLab | undefined> {
  try {
    const fields = fieldsOf(JSON.parse(await ports.files.readText(labFile(entry))), "");
    const directory = textOf(fields.directory, "directory");
    const workspace = textOf(fields.workspace, "workspace");
    // Entries of former versions do not say where these are.
    const usual = layoutOf(directory, workspace, undefined);
    return {
      directory,
      workspace,
      data: fields.data === undefined ? usual.data : textOf(fields.data, "data"),
      state: fields.state === undefined ? usual.checkpoint : textOf(fields.state, "state"),
      name: textOf(fields.name, "name"),
      lineage: textOf(fields.lineage, "lineage"),
      ...(fields.host === undefined ? {} : { host: hostFactsOf(fields.host, "host") }),
    };
  } catch {
    return undefined;
  }
}

export async function readKnown(ports: Ports, entry: string): Promise<readonly KnownProcess[]> {
  return parseKnown((await ifPresent(ports.files.readText(processesFile(entry)))) ?? "");
}

function labFile(entry: string): string {
  return join(entry, "lab.json");
}

function processesFile(entry: string): string {
  return join(entry, "processes.jsonl");
}
