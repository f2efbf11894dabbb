import { createHash } from "node:crypto";
import type { BlockSchema, ChangeClass } from "../../../src/core/schema.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Attributes, Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { isWhollyPlanned, UNKNOWN } from "../../../src/core/values.ts";
import { adapterHardware } from "../adapters/plan.ts";
import { qemuArguments } from "../arguments.ts";
import { nodeAttributes } from "../attributes.ts";
import { plannedDisks } from "../disks/disk.ts";
import { notesOf } from "../notes.ts";
import { qemuSchema } from "../schema.ts";

/**
 * A digest of the machine that a node's attributes make: a saved state is loaded into the same one only, since QEMU
 * takes it silently where a card or a processor was added. Undefined while not everything that counts is known.
 *
 * It is made of QEMU's own arguments, in which another version of labform shows too, of the node's where a change takes
 * more than a live one, and of QEMU's version.
 */
export function hardwareOf(attributes: PlannedAttributes, version: string): string | undefined {
  const schema = qemuSchema.resources["node"] as BlockSchema;
  const counting = countingOf(schema, attributes, "live");
  for (const name of BESIDE) delete counting[name];
  // A disk that grows, or another disc, is live while its guest is told of it, and a surprise when it is not.
  counting["sizes"] = plannedDisks(attributes).map(([, { size = null }]) => size);
  counting["cdrom_image"] = attributes["cdrom_image"] ?? null;
  const adapters = adapterHardware(attributes);
  counting["user_networks"] = adapters.map(({ user_network = null }) => user_network);
  // Only its port in the guest counts; what else the node waits for is no machine's.
  const agent = agentOf(attributes);
  counting["agent"] = agent;
  if (!isWhollyPlanned(counting)) return undefined;
  const ready = agent === true ? { guest_agent: true } : null;
  const adapter_settings = Object.fromEntries(adapters.map(({ type = null }, at) => [at, { type }]));
  const machine = { ...knownOf(schema, attributes), ...PLACED, ready, adapter_settings } as Attributes;
  const options = qemuArguments(nodeAttributes(machine), { address: "", directory: "", lab: "", sandbox: false });
  const document = JSON.stringify([version, withoutHost(options), sorted(counting)]);
  return createHash("sha256").update(document).digest("hex").slice(0, 32);
}

/** Of the machine that QEMU runs as: of the guest agent's port the record tells only what is wanted. */
export function hardwareOfRunning(instance: Instance): string | undefined {
  const { agent, binary } = notesOf(instance);
  const ready = agent ? { guest_agent: true } : null;
  return hardwareOf({ ...instance.attributes, ready }, binary?.version ?? "");
}

/** How it is connected to the host, what it is called there, and what QEMU's arguments tell wherever it is written. */
const BESIDE = [
  ...["id", "qemu_binary", "tunnel", "forward", "ready"],
  ...["adapter", "adapter_settings", "adapter_type", "mac_address"],
];

/** Only for options that are not compared. */
const PLACED = { id: "", tunnel: "stream" };

function agentOf({ ready = null }: PlannedAttributes): Planned {
  if (ready === UNKNOWN) return UNKNOWN;
  return isBody(ready) ? (ready["guest_agent"] ?? false) : false;
}

const HOST_OPTIONS: ReadonlySet<string> = new Set(["-name", "-sandbox", "-mon", "-chardev", "-netdev"]);

function withoutHost(options: readonly string[]): readonly string[] {
  return options.filter((one, at) => !HOST_OPTIONS.has(one) && !HOST_OPTIONS.has(options[at - 1] ?? ""));
}

/** What of a block takes more than a live change. */
function countingOf(schema: BlockSchema, values: PlannedAttributes, inherited: ChangeClass) {
  const counting: { [name: string]: Planned } = {};
  for (const [name, { change = inherited }] of Object.entries(schema.attributes)) {
    if (change !== "live") counting[name] = values[name] ?? null;
  }
  for (const [blockName, block] of Object.entries(schema.blocks ?? {})) {
    const { change = inherited, nesting } = block;
    const name = block.attribute ?? blockName;
    const value = values[name] ?? null;
    const of = (one: Planned): Planned => (isBody(one) ? countingOf(block, one, change) : one);
    if (nesting === "single" || !isBody(value)) counting[name] = of(value);
    else counting[name] = Object.fromEntries(Object.entries(value).map(([label, one]) => [label, of(one)]));
  }
  return counting;
}

/** All attributes there are; what the host has yet to decide is no machine's and left out. */
function knownOf(schema: BlockSchema, attributes: PlannedAttributes): PlannedAttributes {
  const none = Object.keys(schema.attributes).map((name): [string, Planned] => [name, null]);
  const known = Object.entries(attributes).filter(([, value]) => isWhollyPlanned(value));
  return Object.fromEntries([...none, ...known]);
}

function isBody(one: Planned): one is PlannedAttributes {
  return one !== null && one !== UNKNOWN && typeof one === "object" && !Array.isArray(one);
}

/** Names in one order, which is another in a record that was read. */
function sorted(value: Planned): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isBody(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => [name, sorted(one)]);
}
