import { afterAll, beforeAll, expect, it } from "vitest";
import { formatMac } from "../../../../providers/qemu/mac.ts";
import { withQmp } from "../../../../providers/qemu/node/qmp.ts";
import type { Instance } from "../../../../src/core/state.ts";
import type { Json } from "../../../../src/core/values.ts";
import { TestLab } from "../support.ts";

let lab: TestLab;

beforeAll(async () => {
  lab = await TestLab.open();
});
afterAll(() => lab.close());

/** GNS3's own bridges failed with most of these numbers. */
const COUNTS = [1, 27, 28, 29, 60, 91, 122, 155, 219, 251, 275];
const BASE = 0x0200_5e10_00f0;

/** What QEMU itself says of a running node: its status, and its adapters in their order. */
async function seen(node: Instance): Promise<{ readonly status: string; readonly adapters: readonly string[] }> {
  return await withQmp(lab.ports, lab.directories.run, node.id, 60_000, async (qmp) => {
    const ask = (command: string, args: { readonly [name: string]: Json } = {}) => qmp.execute(command, args, 60_000);
    const network = String(await ask("human-monitor-command", { "command-line": "info network" }));
    const adapters = [...network.matchAll(/^nic(\d+): .*model=([\w-]+),macaddr=([\da-f:]+)$/gm)];
    const { status } = (await ask("query-status")) as { readonly status: string };
    return { status, adapters: adapters.map(([, number, model, mac]) => `${number} ${model} ${mac}`) };
  });
}

function expected(adapters: number, model: string): readonly string[] {
  return Array.from({ length: adapters }, (_, at) => `${at} ${model} ${formatMac(BASE + at)}`);
}

async function runs(adapters: number, type: string, model = type, machine = "pc"): Promise<void> {
  const config = { ram: 64, adapters, adapter_type: type, machine, mac_address: formatMac(BASE), console_type: "none" };
  const running = await lab.running(config);
  try {
    expect(await seen(running)).toEqual({ status: "running", adapters: expected(adapters, model) });
  } finally {
    await lab.perform("remove", await lab.perform("stop", running));
  }
}

it.each(COUNTS)(
  "QEMU runs with %i adapters, and has them in order with the base's address and those after it",
  (count) => runs(count, "e1000"),
);

it.each([
  ["virtio-net-pci", "pc"],
  ["vmxnet3", "pc"],
  ["rtl8139", "q35"],
])("QEMU runs with 275 adapters of %s on %s", (type, machine) => runs(275, type, type, machine));

it("each adapter is of its own type and has its own address, where its block says so", async () => {
  const block = { mac_address: null, name: null, user_network: null };
  const running = await lab.running({
    ram: 64,
    adapters: 3,
    mac_address: formatMac(BASE),
    adapter_settings: {
      "0": { ...block, type: "virtio-net-pci" },
      "2": { ...block, type: "pcnet", mac_address: "02-00-5E-00-00-01", name: "mgmt" },
    },
  });
  const { adapters } = await seen(running);
  expect(adapters).toEqual([
    `0 virtio-net-pci ${formatMac(BASE)}`,
    `1 e1000 ${formatMac(BASE + 1)}`,
    "2 pcnet 02:00:5e:00:00:01",
  ]);
  await lab.perform("remove", await lab.perform("stop", running));
});
