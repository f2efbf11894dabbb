import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { Files, Ports, ProcessIdentity } from "../../src/core/ports.ts";
import type { Instance, JournalRecord } from "../../src/core/state.ts";
import type { OpenOptions, StateStore } from "../../src/core/workspace.ts";
import { createPorts } from "../../src/system/index.ts";
import { createStateAccess } from "../../state/access.ts";

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function afterThisTest(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

/** Real ports in a directory of the test's own, with faults on demand. */
export interface World {
  readonly root: string;
  readonly lab: string;
  readonly stateHome: string;
  readonly data: string;
  readonly ports: Ports;
  readonly access: ReturnType<typeof createStateAccess>;
  /** The calls of `files` in order, `sync journal.jsonl` and the like. */
  readonly calls: string[];
  /** Called before each call; what it throws is the call's error. */
  before: (call: string, path: string) => void;
}

export async function makeWorld(change: { readonly dataDirectory?: string } = {}): Promise<World> {
  const root = await mkdtemp(join(tmpdir(), "labform-state-"));
  afterThisTest(() => rm(root, { recursive: true, force: true }));
  const lab = join(root, "lab");
  const stateHome = join(root, "xdg");
  await mkdir(lab);
  const real = createPorts();
  const host = Object.create(real.host, {
    environment: { value: { ...process.env, XDG_STATE_HOME: stateHome }, configurable: true },
  });
  const calls: string[] = [];
  const observe = (call: string, path: string) => {
    calls.push(`${call} ${path.split("/").at(-1)}`);
    world.before(call, path);
  };
  const ports: Ports = { ...real, host, files: observed(real.files, observe) };
  const options = { ports, labDirectory: lab, workspace: "default", programs: "/programs", labformVersion: "0.1.0" };
  const world: World = {
    root,
    lab,
    stateHome,
    data: join(lab, ".labform", "default"),
    ports,
    access: createStateAccess({ ...options, ...change }),
    calls,
    before: () => {},
  };
  return world;
}

function observed(files: Files, observe: (call: string, path: string) => void): Files {
  return {
    ...files,
    async writeAtomic(path, data, mode) {
      observe("writeAtomic", path);
      await files.writeAtomic(path, data, mode);
    },
    async readText(path) {
      observe("readText", path);
      return await files.readText(path);
    },
    async makeDirectory(path) {
      observe("makeDirectory", path);
      await files.makeDirectory(path);
    },
    async rename(from, to) {
      observe("rename", from);
      await files.rename(from, to);
    },
    async remove(path) {
      observe("remove", path);
      await files.remove(path);
    },
    async openAppend(path, mode) {
      const file = await files.openAppend(path, mode);
      return {
        async append(data) {
          observe("append", path);
          await file.append(data);
        },
        async sync() {
          observe("sync", path);
          await file.sync();
        },
        async truncate(size) {
          observe("truncate", path);
          await file.truncate(size);
        },
        close: () => file.close(),
      };
    },
  };
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by the test`), { code });
}

export function openOptions(change: Partial<OpenOptions> = {}): OpenOptions {
  return { command: "apply", lockTimeoutMs: 0, onWait: () => {}, ...change };
}

export function beginOf(store: StateStore): JournalRecord {
  const { lineage, serial, registry } = store.state;
  const lab = { name: "pair", identity: "pair" };
  return {
    record: "begin",
    lineage,
    serial: serial + 1,
    registry,
    command: "apply",
    lab,
    time: "2026-01-31T12:00:00Z",
  };
}

/** Opened and begun. */
export async function begun(world: World): Promise<StateStore> {
  const store = await world.access.open(openOptions());
  afterThisTest(() => store.close());
  await store.record(beginOf(store));
  return store;
}

export function nodeOf(name: string, change: Partial<Instance> = {}): Instance {
  return {
    address: `node.${name}`,
    kind: "node",
    provider: "qemu",
    schemaVersion: 1,
    id: `${name}-00000000`,
    status: "ok",
    attributes: { ram: 256 },
    sensitive: [],
    dependencies: [],
    private: {},
    ...change,
  };
}

export function outcomeOf(instance: Instance): JournalRecord {
  return { record: "outcome", operation: "start", instance };
}

export function intentOf(instance: Instance, token: string): JournalRecord {
  const pending = { operation: "start", token, since: "2026-01-31T12:00:00Z" } as const;
  return { record: "intent", instance: { ...instance, status: "creating", pending } };
}

export function withProcess(instance: Instance, identity: ProcessIdentity): Instance {
  return { ...instance, private: { ...instance.private, process: { ...identity } } };
}

/** A real process with a token; killed when the test ends. */
export async function startSleeper(ports: Ports, token: string, command: readonly string[] = ["sleep", "60"]) {
  const { processes } = ports;
  const identity = await processes.spawn({
    command: command[0] as string,
    arguments: command.slice(1),
    directory: tmpdir(),
    token,
    logFile: "/dev/null",
  });
  afterThisTest(() => processes.signal(identity, "SIGKILL"));
  return identity;
}
