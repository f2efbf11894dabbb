import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { qemu } from "../../../providers/qemu/index.ts";
import { notesOf } from "../../../providers/qemu/notes.ts";
import { qemuSchema } from "../../../providers/qemu/schema.ts";
import { hasErrors } from "../../../src/core/diagnostics.ts";
import type { Operation } from "../../../src/core/lifecycle.ts";
import type { Ports } from "../../../src/core/ports.ts";
import type {
  Carried,
  HostDirectories,
  OperationContext,
  PlanAnswer,
  PlanRequest,
  Provider,
  Settings,
} from "../../../src/core/provider.ts";
import type { BlockSchema } from "../../../src/core/schema.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json, Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import { createPorts } from "../../../src/system/index.ts";

export const SEED = "3f2a9c1d5b7e8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70819";

/** Another for each node, as the engine gives them. */
function seedOf(address = "node.r1"): string {
  return address === "node.r1" ? SEED : createHash("sha256").update(address).digest("hex");
}

/** What the engine makes of an empty block: each argument's default, or null. */
export function defaults(schema: BlockSchema): { [name: string]: Json } {
  const attributes: { [name: string]: Json } = {};
  for (const [name, attribute] of Object.entries(schema.attributes)) {
    if (attribute.computed === undefined || attribute.optional) attributes[name] = attribute.default ?? null;
  }
  for (const [name, block] of Object.entries(schema.blocks ?? {})) {
    attributes[block.attribute ?? name] = block.nesting === "single" ? null : block.nesting === "list" ? [] : {};
  }
  return attributes;
}

export function nodeConfig(config: PlannedAttributes): PlannedAttributes {
  return { ...defaults(qemuSchema.resources["node"] as BlockSchema), ...config };
}

/** A lab on the real host in a directory of its own; `close` ends what it started and takes the directory away. */
export class TestLab {
  readonly root = mkdtempSync(join(tmpdir(), "labform-qemu-"));
  readonly directories: HostDirectories;
  readonly ports: Ports;
  readonly instances = new Map<string, Instance>();
  provider!: Provider;
  settings!: Settings;

  private constructor(change: (ports: Ports) => Ports) {
    this.directories = {
      lab: join(this.root, "lab"),
      nodes: join(this.root, "nodes"),
      run: join(this.root, "run"),
      programs: resolve("dist"),
    };
    for (const one of ["lab", "nodes", "run"] as const) mkdirSync(this.directories[one], { mode: 0o700 });
    this.ports = change(createPorts());
  }

  static async open(settings: Settings = {}, change: (ports: Ports) => Ports = (ports) => ports): Promise<TestLab> {
    const lab = new TestLab(change);
    lab.provider = await qemu.load(lab.ports, lab.directories);
    const resolved = await lab.provider.settings(
      { ...defaults(qemuSchema.settings), accel: "tcg", ...portRanges(lab.ports), ...settings },
      false,
    );
    lab.settings = resolved.settings;
    return lab;
  }

  /** As the command after this one would find it: nothing remembered but the record. */
  async reload(): Promise<void> {
    this.provider = await qemu.load(this.ports, this.directories);
  }

  async plan(config: PlannedAttributes, rest: Partial<PlanRequest> = {}): Promise<PlanAnswer> {
    return await this.provider.plan({
      address: "node.r1",
      id: "r1-3f2a9c1d",
      seed: seedOf(rest.address),
      settings: this.settings,
      config: nodeConfig(config),
      prior: null,
      tunnel: "stream",
      sensitive: [],
      offline: false,
      ...rest,
    });
  }

  /** The record of a node as a create begins with it. */
  async planned(config: PlannedAttributes, rest: Partial<PlanRequest> = {}): Promise<Instance> {
    const { planned, diagnostics } = await this.plan(config, rest);
    if (hasErrors(diagnostics)) throw new Error(JSON.stringify(diagnostics));
    const attributes: { [name: string]: Json } = {};
    for (const [name, value] of Object.entries(planned)) attributes[name] = known(value);
    return {
      address: rest.address ?? "node.r1",
      kind: "node",
      provider: "qemu",
      schemaVersion: 1,
      id: rest.id ?? "r1-3f2a9c1d",
      status: "creating",
      attributes,
      sensitive: [],
      dependencies: ["service.keeper"],
      private: {},
    };
  }

  /** One step as the applier does it; what it reaches in the middle is kept as the applier keeps it. */
  async perform(operation: Operation, instance: Instance, rest: Partial<OperationContext> = {}): Promise<Instance> {
    const token = rest.token ?? this.ports.random.hex(16);
    const pending = { operation, token, since: new Date().toISOString() };
    const intent: Instance = { ...instance, pending };
    this.instances.set(instance.address, intent);
    const result = await this.provider.perform(operation, {
      address: instance.address,
      instance: intent,
      wanted: instance.attributes,
      prior: null,
      settings: this.settings,
      byHand: false,
      token,
      attachments: [],
      left: [],
      anew: false,
      endsGuest: false,
      carriers: [],
      tell: () => {},
      waiting: () => {},
      plugged: new Set(),
      services: new Map(),
      carried: [],
      progress: async (reached) => {
        this.instances.set(instance.address, { ...reached, pending });
      },
      signal: new AbortController().signal,
      ...rest,
    });
    if (!result) {
      this.instances.delete(instance.address);
      return instance;
    }
    const { pending: _, ...settled } = result;
    this.instances.set(instance.address, settled);
    return settled;
  }

  async keeper(carried: readonly Carried[] = [], rest: Partial<OperationContext> = {}): Promise<Instance> {
    const before = this.instances.get("service.keeper");
    const instance: Instance = before ?? {
      address: "service.keeper",
      kind: "service",
      provider: "qemu",
      schemaVersion: 1,
      id: "keeper-00000000",
      status: "creating",
      attributes: { pid: null, version: null },
      sensitive: [],
      dependencies: [],
      private: {},
    };
    return { ...(await this.perform("launch", instance, { carried, ...rest })), status: "ok" };
  }

  /** Planned, prepared and started; the keeper too. */
  async running(
    config: PlannedAttributes,
    rest: Partial<PlanRequest> = {},
    context: Partial<OperationContext> = {},
  ): Promise<Instance> {
    if (!this.instances.has("service.keeper")) await this.keeper();
    const prepared = await this.perform("prepare", await this.planned(config, rest));
    return { ...(await this.perform("start", prepared, context)), status: "ok" };
  }

  async read(...instances: readonly Instance[]) {
    return await this.provider.read(instances);
  }

  async close(): Promise<void> {
    for (const instance of this.instances.values()) {
      const identity =
        notesOf(instance).process ??
        this.ports.processes.findByTokens(new Set([instance.pending?.token ?? ""])).get(instance.pending?.token ?? "");
      if (!identity) continue;
      this.ports.processes.signal(identity, "SIGKILL");
      await this.ports.processes.waitForExit(identity, 5000);
    }
    rmSync(this.root, { recursive: true, force: true });
  }

  runFiles(): readonly string[] {
    return readdirSync(this.directories.run).sort();
  }
}

/** Tests run beside each other: each lab takes its ports from a range of its own, below those of clients. */
function portRanges(ports: Ports): Settings {
  const first = 11_000 + 30 * ports.random.integer(333);
  return {
    console_ports: [first, first + 9],
    monitor_ports: [first + 10, first + 19],
    forward_ports: [first + 20, first + 29],
  };
}

function known(planned: Planned): Json {
  return planned === UNKNOWN ? null : (planned as Json);
}

export function messages(
  diagnostics: readonly { readonly summary: string; readonly detail?: string | undefined }[],
): string {
  return diagnostics.map((one) => `${one.summary}\n${one.detail ?? ""}`).join("\n");
}

/** The message of a `Failure`, with its details; fails the test when `act` succeeds. */
export async function failureOf(act: Promise<unknown>): Promise<string> {
  const { Failure } = await import("../../../src/core/diagnostics.ts");
  const error = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failure)) throw new Error(`expected a Failure, got ${String(error)}`, { cause: error });
  return messages(error.diagnostics);
}
