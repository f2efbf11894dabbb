import { expect, test } from "vitest";
import { memoryProvider } from "../../providers/memory/index.ts";
import { World } from "../../providers/memory/world.ts";
import { SimulatedHost } from "./host.ts";
import { labform } from "./labform.ts";
import { apply, destroy, plan } from "./scenario.ts";

const BEFORE = `
lab "memory" {}
node "a" {
  adapters = 2
}
node "b" {}
link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
}
`;

/** A restart, a replacement, a live change, a node more, a link less. */
const AFTER = `
lab "memory" {}
node "a" {
  adapters = 2
  size     = 2
}
node "b" {
  colour = "black"
  note   = node.a.serial_number
}
node "c" {
  depends_on = [node.a]
}
link "ac" {
  endpoints = [node.a.adapter[0], node.c.adapter[0]]
}
`;

async function hostBefore(): Promise<{ readonly host: SimulatedHost; readonly world: World }> {
  const host = new SimulatedHost(3);
  const world = new World();
  const maker = memoryProvider(world);
  host.makers = { node: maker, link: maker };
  host.write("memory.lab.hcl", BEFORE);
  await apply(host);
  host.write("memory.lab.hcl", AFTER);
  return { host, world };
}

const words = ["apply", "-auto-approve"];

test("with the memory provider, too, a kill at any call is made whole by the next apply, and destroy leaves nothing", async () => {
  const { host: first } = await hostBefore();
  const calls: number[] = [];
  const { ended } = await labform(first, words, ({ index, name }) => {
    // A sync changes nothing that another process could see.
    if (index >= 0 && name !== "sync") calls.push(index);
    return undefined;
  });
  expect(ended).toBe(0);
  for (const at of calls) {
    const { host, world } = await hostBefore();
    await labform(host, words, ({ index }) => (index === at ? { fate: "kill after" } : undefined));
    await plan(host);
    await apply(host);
    expect(await plan(host), `after call ${at}`).toEqual([]);
    const nodes = [...world.nodes.values()].map((node) => [node.address, node.run?.phase, node.carriers]);
    expect(
      nodes.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      `after call ${at}`,
    ).toEqual([
      ["node.a", "running", [0]],
      ["node.b", "running", []],
      ["node.c", "running", [0]],
    ]);
    await destroy(host);
    expect(world.isEmpty()).toBe(true);
  }
}, 300_000);
