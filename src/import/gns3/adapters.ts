import type { NestedBlockSchema } from "../../core/schema.ts";
import { nestedSchema } from "../../core/schema.ts";
import type { Draft } from "./blocks.ts";
import type { Entry } from "./ledger.ts";
import type { NodeMaking } from "./qemu.ts";

/** Types that GNS3 takes and QEMU calls otherwise. */
const ALIASES: { readonly [type: string]: string } = { virtio: "virtio-net-pci" };
/** Types that are no adapter with one cable. */
const NO_ADAPTERS: { readonly [type: string]: string } = {
  rocker: "rocker is a whole switch, whose ports the guest makes itself; the adapter has labform's default type.",
};

const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i;

/** How many adapters, of what types, with what addresses and names. */
export function takeAdapters(node: Draft, entry: Entry, properties: Entry, { schema, macs }: NodeMaking): void {
  const count = properties.get("adapters");
  if (typeof count === "number") node.take(properties, "adapters", "adapters", count);
  takeType(node, properties, "adapter_type", "adapter_type");
  const adapters = typeof count === "number" ? count : 1;
  takeMac(node, properties, adapters, macs);
  const own = ["custom_adapters"].flatMap((key) => [...entry.items(key), ...properties.items(key)]);
  const named = takeNames(node, entry, adapters, own);
  const block = nestedSchema(schema, "adapter") as NestedBlockSchema;
  const seen = new Set<number>();
  for (const one of own) {
    const number = one.get("adapter_number");
    if (typeof number !== "number" || number < 0 || number >= adapters || seen.has(number)) {
      for (const key of one.keys()) one.lost(key, `The node has no adapter for it: it has ${adapters}.`);
      continue;
    }
    seen.add(number);
    const adapter = node.inner("adapter", String(number), block);
    takeOwnType(adapter, one, properties);
    takeMac(adapter, one, 1, macs);
    const name = one.text("port_name");
    if (name !== undefined && named.get(number) === name) adapter.take(one, "port_name", "name", name);
    else if (name !== undefined) one.lost("port_name", "Another adapter of the node has that name.");
    one.apart("adapter_number", "It is the label of the adapter's block, where that says something.");
    one.finish();
  }
}

function takeType(draft: Draft, entry: Entry, key: string, name: string): void {
  const type = entry.text(key);
  if (type === undefined) return;
  const no = NO_ADAPTERS[type];
  if (no !== undefined) entry.lost(key, no);
  else draft.take(entry, key, name, ALIASES[type] ?? type);
}

function takeOwnType(adapter: Draft, one: Entry, properties: Entry): void {
  const usual = properties.text("adapter_type") ?? "e1000";
  if (one.text("adapter_type") === usual) one.leftOut("adapter_type", "It is the node's adapter_type.");
  else takeType(adapter, one, "adapter_type", "type");
}

/** Of so many adapters, one after the other. Copies of a node may have its address, and labform gives none twice. */
function takeMac(draft: Draft, entry: Entry, adapters: number, macs: Set<number>): void {
  const key = "mac_address";
  const address = entry.text(key);
  if (address === undefined) return;
  if (!MAC.test(address)) return entry.lost(key, "It is no MAC address.");
  const first = Number.parseInt(address.replaceAll(":", ""), 16);
  const wanted = Array.from({ length: adapters }, (_, at) => first + at);
  if (wanted.some((one) => macs.has(one))) {
    return entry.lost(key, "Another adapter of the project has that address, or one of those that follow from it.");
  }
  for (const one of wanted) macs.add(one);
  draft.take(entry, key, key, address.toLowerCase());
}

const PLACEHOLDER = /\{\{|\}\}|\{([01]|adapter|(?:port|segment)\d)(?::0(\d)d?)?\}|[{}]/g;

/** How the adapters are named, where that tells them apart; what each is named. */
function takeNames(node: Draft, entry: Entry, adapters: number, own: readonly Entry[]): ReadonlyMap<number, string> {
  const format = entry.text("port_name_format") ?? "Ethernet{0}";
  const size = typeof entry.get("port_segment_size") === "number" ? Number(entry.get("port_segment_size")) : 0;
  const first = entry.text("first_port_name");
  const written = new Map<number, string>();
  for (const one of own) {
    const [number, name] = [one.get("adapter_number"), one.text("port_name")];
    if (typeof number !== "number" || name === undefined || written.has(number)) continue;
    if (![...written.values()].includes(name)) written.set(number, name);
  }
  const named = namesOf(adapters, format, size, first);
  const all = named?.map((name, at) => written.get(at) ?? name);
  if (all !== undefined && new Set(all).size === all.length) {
    if (entry.text("port_name_format") !== undefined) {
      node.take(entry, "port_name_format", "port_name_format", format);
    }
    if (entry.get("port_segment_size") !== null) node.take(entry, "port_segment_size", "port_segment_size", size);
    if (first !== undefined) node.take(entry, "first_port_name", "first_port_name", first);
    return written;
  }
  const why =
    named === undefined
      ? "labform knows no such placeholder; the adapters have labform's names."
      : "It gives two adapters one name, which labform refuses; the adapters have labform's names.";
  for (const key of ["port_name_format", "port_segment_size", "first_port_name"]) {
    if (entry.get(key) !== null && entry.get(key) !== "") entry.lost(key, why);
  }
  return new Map([...written].filter(([, name]) => !/^eth\d+$/.test(name)));
}

/** As GNS3 counts ports and segments; undefined where the format is none. */
function namesOf(
  adapters: number,
  format: string,
  size: number,
  first: string | undefined,
): readonly string[] | undefined {
  const pieces = [...format.matchAll(PLACEHOLDER)];
  if (pieces.some(([piece, placeholder]) => placeholder === undefined && piece.length === 1)) return undefined;
  let [port, segment] = [0, 0];
  return Array.from({ length: adapters }, (_, adapter) => {
    if (adapter === 0 && first !== undefined) return first;
    const name = format.replace(PLACEHOLDER, (piece, placeholder?: string, width?: string) => {
      if (placeholder === undefined) return piece.slice(0, 1);
      return String(numberOf(placeholder, adapter, port, segment)).padStart(Number(width ?? 0), "0");
    });
    port++;
    if (size === 0) segment++;
    else if (port === size) [segment, port] = [segment + 1, 0];
    return name;
  });
}

function numberOf(placeholder: string, adapter: number, port: number, segment: number): number {
  if (placeholder === "adapter") return adapter;
  const offset = Number(placeholder.slice(-1));
  if (placeholder.startsWith("port")) return port + offset;
  if (placeholder.startsWith("segment")) return segment + offset;
  return placeholder === "0" ? port : segment;
}
