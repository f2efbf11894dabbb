import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Instance } from "../../../../src/core/state.ts";
import type { Planned, PlannedAttributes } from "../../../../src/core/values.ts";
import { UNKNOWN } from "../../../../src/core/values.ts";
import { messages, TestLab } from "../support.ts";

let lab: TestLab;

beforeAll(async () => {
  lab = await TestLab.open();
});
afterAll(() => lab.close());

const MAC = "02:00:00:00:00:10";

/** Blocks by label, as the engine decodes them. */
function blocks(written: { readonly [label: string]: PlannedAttributes }): Planned {
  const none = { type: null, mac_address: null, name: null, user_network: null };
  return Object.fromEntries(Object.entries(written).map(([label, block]) => [label, { ...none, ...block }]));
}

async function complaints(...request: Parameters<TestLab["plan"]>): Promise<string> {
  return messages((await lab.plan(...request)).diagnostics);
}

describe("adapters", () => {
  it("have names by the format, and what their blocks say otherwise", async () => {
    const { planned, diagnostics } = await lab.plan({
      adapters: 3,
      mac_address: MAC,
      port_name_format: "Gi{1}/{0}",
      port_segment_size: 2,
      adapter_settings: blocks({ "1": { type: "rtl8139", mac_address: "0200.5e00.0001", name: "mgmt" } }),
    });
    expect(messages(diagnostics)).toBe("");
    const adapter = [
      { id: "r1-3f2a9c1d/0", mac_address: MAC, name: "Gi0/0" },
      { id: "r1-3f2a9c1d/1", mac_address: "02:00:5e:00:00:01", name: "mgmt" },
      { id: "r1-3f2a9c1d/2", mac_address: "02:00:00:00:00:12", name: "Gi1/0" },
    ];
    expect(planned["adapter"]).toEqual(adapter);
    expect(planned["port"]).toEqual({ "Gi0/0": adapter[0], mgmt: adapter[1], "Gi1/0": adapter[2] });
    expect((await lab.plan({ adapters: 0 })).planned).toMatchObject({ adapter: [], port: {} });
  });

  it("are known as far as what they hang on is", async () => {
    const one = { id: "r1-3f2a9c1d/0" };
    expect((await lab.plan({ mac_address: UNKNOWN })).planned["adapter"]).toEqual([
      { ...one, mac_address: UNKNOWN, name: "eth0" },
    ]);
    const format = await lab.plan({ mac_address: MAC, port_name_format: UNKNOWN });
    expect(format.planned).toMatchObject({ adapter: [{ ...one, mac_address: MAC, name: UNKNOWN }], port: UNKNOWN });
    const adapter_settings = blocks({ "0": { name: UNKNOWN, mac_address: UNKNOWN } });
    const own = await lab.plan({ adapter_settings });
    expect(own.planned).toMatchObject({ adapter: [{ ...one, mac_address: UNKNOWN, name: UNKNOWN }], port: UNKNOWN });
    expect((await lab.plan({ adapters: UNKNOWN })).planned).toMatchObject({ adapter: UNKNOWN, port: UNKNOWN });
  });

  it("of one address or one name are refused, both named", async () => {
    const base = { adapters: 4, mac_address: MAC };
    const adapter_settings = blocks({ "3": { mac_address: "02:00:00:00:00:11" } });
    expect(await complaints({ ...base, adapter_settings })).toMatch(
      /^Adapters 1 and 3 have the same MAC address: 02:00:00:00:00:11\n/,
    );
    expect(await complaints({ ...base, port_name_format: "lan" })).toMatch(
      /^Adapters 0 and 1 have the same name: "lan"\n.*port_name_format/,
    );
    expect(await complaints({ ...base, adapter_settings: blocks({ "2": { name: "eth0" } }) })).toMatch(
      /^Adapters 0 and 2 have the same name: "eth0"\n.*adapter "2"/,
    );
  });

  it("of two nodes have no address in common", async () => {
    const other = { address: "node.r2", id: "r2-00000001" };
    await lab.reload();
    expect(await complaints({ adapters: 3, mac_address: MAC })).toBe("");
    expect(await complaints({ adapters: 2, mac_address: "02:00:00:00:00:0f" }, other)).toMatch(
      /^MAC address 02:00:00:00:00:10 of adapter 1 is that of adapter 0 of node\.r1 too\n/,
    );
    expect(await complaints({ adapters: 3, mac_address: MAC })).toBe("");
    expect(await complaints({ adapters: 3, mac_address: "02:00:00:00:01:00" })).toBe("");
    expect(await complaints({ adapters: 2, mac_address: "02:00:00:00:00:0f" }, other)).toBe("");
  });

  it("take no argument that makes no sense", async () => {
    const block = (settings: PlannedAttributes) => complaints({ adapter_settings: blocks({ "0": settings }) });
    expect(await block({ mac_address: "here" })).toContain(
      'mac_address of the block adapter "0" is no MAC address: "here"',
    );
    expect(await block({ mac_address: "03:00:00:00:00:00" })).toContain("gives an adapter a group address");
    expect(await block({ mac_address: "00:00:00:00:00:00" })).toContain("is all zeros");
    expect(await block({ name: "" })).toContain('name of the block adapter "0" is no name: ""');
    expect(await block({ type: "e1000,romfile=/etc/passwd" })).toContain('type of the block adapter "0" is "e1000,rom');
    expect(await complaints({ port_name_format: "Gi{2}" })).toContain('port_name_format has no meaning for "{2}"');
    expect(await complaints({ first_port_name: "a\nb" })).toContain('first_port_name is no name: "a\\nb"');
    expect(await complaints({ adapter_settings: blocks({ "1": { name: "x" } }) })).toContain(
      'adapter "1" is beyond what the node has\nOf adapters it has one, number 0.',
    );
    expect(await complaints({ adapter_settings: blocks({ eth0: { name: "x" } }) })).toContain(
      'adapter "eth0" is no number of an adapter',
    );
  });

  it("hide nothing: an address or a name that must not be seen is refused, and not shown", async () => {
    const adapter_settings = blocks({ "0": { mac_address: "secret", name: "secret" } });
    const text = await complaints(
      { adapter_settings, first_port_name: "secret" },
      {
        sensitive: [["first_port_name"], ["adapter_settings", "0", "mac_address"], ["adapter_settings", "0", "name"]],
      },
    );
    expect(text).toContain("first_port_name is sensitive, and cannot be hidden");
    expect(text).toContain('adapter_settings["0"].mac_address is sensitive');
    expect(text).not.toContain('secret"');
  });
});

describe("a type of adapter", () => {
  /** GNS3's list, but for what is no type of QEMU's. */
  const TYPES = [
    ...["e1000", "e1000-82544gc", "e1000-82545em", "e1000e", "i82550", "i82551", "i82557a", "i82557b", "i82557c"],
    ...["i82558a", "i82558b", "i82559a", "i82559b", "i82559c", "i82559er", "i82562", "i82801", "ne2k_pci", "pcnet"],
    ...["rtl8139", "virtio-net-pci", "vmxnet3"],
  ];

  it("is one the executable has", async () => {
    for (const adapter_type of TYPES) expect(await complaints({ adapter_type })).toBe("");
    expect(await complaints({ adapter_type: "e100" })).toMatch(
      /has no network adapter "e100"\nDid you mean "e1000"\?.*-device help/,
    );
    expect(await complaints({ adapter_type: "virtio" })).toContain('Did you mean "virtio-net');
    expect(await complaints({ adapter_settings: blocks({ "0": { type: "vmxnet4" } }) })).toContain(
      'Did you mean "vmxnet3"?',
    );
  });

  it("that no adapter has is not asked for", async () => {
    expect(await complaints({ adapters: 0, adapter_type: "vmxnet4" })).toBe("");
    expect(await complaints({ adapter_type: "vmxnet4", adapter_settings: blocks({ "0": { type: "e1000" } }) })).toBe(
      "",
    );
  });

  it("is a network adapter with a cable, on the machine's bus", async () => {
    expect(await complaints({ adapter_type: "VGA" })).toContain(
      "VGA cannot be the type of adapter 0: it is no network adapter",
    );
    expect(await complaints({ adapter_type: "rocker" })).toContain("it takes no cable: rocker is a whole switch");
    expect(await complaints({ adapters: 2, adapter_settings: blocks({ "1": { type: "usb-net" } }) })).toContain(
      "usb-net cannot be the type of adapter 1: it sits on a bus of kind usb-bus",
    );
    expect(await complaints({ adapter_type: "ne2k_isa" })).toContain("it sits on a bus of kind ISA");
  });
});

describe("what a change of adapters takes", () => {
  let prior: Instance;
  const before: PlannedAttributes = {
    adapters: 2,
    mac_address: MAC,
    adapter_settings: blocks({ "1": { type: "rtl8139", name: "lan" } }),
  };
  const classes = async (config: PlannedAttributes) => {
    const answer = await lab.plan({ ...before, ...config }, { prior });
    return answer.classes ?? {};
  };

  beforeAll(async () => {
    await lab.reload();
    prior = await lab.planned(before);
  });

  it("is nothing the guest notices where only names differ", async () => {
    expect(await classes({ port_name_format: "Gi{0}" })).toEqual({ adapter: "live" });
    expect(
      await classes({ adapter_settings: blocks({ "0": { name: "wan" }, "1": { type: "rtl8139" } }) }),
    ).toMatchObject({ adapter: "live", 'adapter_settings["0"]': "live", 'adapter_settings["1"]': "live" });
  });

  it("is nothing the guest notices where the same is only written elsewhere", async () => {
    const adapter_settings = blocks({ "0": { type: "e1000", mac_address: MAC } });
    const moved = await classes({ adapter_type: "rtl8139", adapter_settings });
    expect(moved).toMatchObject({ adapter_type: "live", 'adapter_settings["0"]': "live" });
    expect(moved).toMatchObject({ 'adapter_settings["1"]': "live" });
  });

  it("is a restart where an address, a type or how many there are differs", async () => {
    expect(await classes({})).toEqual({});
    expect(await classes({ adapters: 3 })).toEqual({});
    const typed = await classes({ adapter_settings: blocks({ "0": { type: "e1000e" }, "1": { name: "lan" } }) });
    expect(typed).toEqual({});
    const addressed = blocks({ "1": { type: "rtl8139", name: "x", mac_address: "02:00:00:00:00:20" } });
    expect(await classes({ adapter_settings: addressed })).toEqual({});
  });
});
