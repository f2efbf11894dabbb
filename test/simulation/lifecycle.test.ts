import { expect, test } from "vitest";
import { memoryProvider } from "../../providers/memory/index.ts";
import { World } from "../../providers/memory/world.ts";
import type { ProviderFactory } from "../../src/core/provider.ts";
import { SimulatedHost } from "./host.ts";
import { labform, recorded } from "./labform.ts";
import { apply, destroy, plan } from "./scenario.ts";

const lab = (prevents: boolean, note = "one") => `
lab "life" {}
node "a" {
  note = "${note}"
  lifecycle {
    prevent_destroy = ${prevents}
  }
}
node "b" {}
link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
}
`;

const words = ["apply", "-auto-approve"];

/** The same host each time, with what was applied, and what is to be applied next. */
async function hostBefore(before: string, after: string, makers = (one: ProviderFactory) => [one, one] as const) {
  const host = new SimulatedHost(5);
  const [first, then] = makers(memoryProvider(new World()));
  host.makers = { node: first, link: first };
  host.write("life.lab.hcl", before);
  await apply(host);
  host.write("life.lab.hcl", after);
  host.makers = { node: then, link: then };
  return host;
}

/** A run for each call of the apply that changes something, killed right after it. */
async function* killed(begin: () => Promise<SimulatedHost>): AsyncGenerator<readonly [SimulatedHost, string]> {
  const calls: number[] = [];
  const { ended } = await labform(await begin(), words, ({ index, name }) => {
    if (index >= 0 && name !== "sync") calls.push(index);
    return undefined;
  });
  expect(ended).toBe(0);
  expect(calls.length).toBeGreaterThan(3);
  for (const at of calls) {
    const host = await begin();
    await labform(host, words, ({ index }) => (index === at ? { fate: "kill after" } : undefined));
    yield [host, `after call ${at}`];
  }
}

const prevents = async (host: SimulatedHost) => (await recorded(host)).instances.get("node.a")?.preventDestroy === true;

test.each([
  ["set", false, true],
  ["taken back", true, false],
])(
  "a prevent_destroy that is %s is recorded whole or not at all, whenever the apply is killed",
  async (_, from, to) => {
    for await (const [host, when] of killed(() => hostBefore(lab(from), lab(to)))) {
      if (await prevents(host)) {
        const refused = await labform(host, ["destroy", "-auto-approve"]);
        expect(refused.ended, when).toBe(1);
        expect(refused.stderr, when).toContain("node.a is not to be destroyed");
      }
      await apply(host);
      expect(await prevents(host), when).toBe(to);
      expect(await plan(host), when).toEqual([]);
      const last = await labform(host, ["destroy", "-auto-approve"]);
      expect(last.ended, when).toBe(to ? 1 : 0);
    }
  },
  300_000,
);

/** The second version is the first with another number; what is upgraded twice over would be upgraded wrongly. */
function twoVersions(memory: ProviderFactory): readonly [ProviderFactory, ProviderFactory] {
  const { resources } = memory.schema;
  const node = { ...(resources.node as NonNullable<typeof resources.node>), version: 2 };
  const second: ProviderFactory = {
    ...memory,
    schema: { ...memory.schema, resources: { ...resources, node } },
    upgrade: ({ version, type, ...record }) => {
      if (version !== 1 || type !== "node") throw new Error(`${type} of version ${version} is no older record`);
      return record;
    },
  };
  return [memory, second];
}

test("records of an older schema are upgraded once, whenever the apply that does it is killed", async () => {
  for await (const [host, when] of killed(() => hostBefore(lab(false), lab(false, "two"), twoVersions))) {
    const versions = [...(await recorded(host)).instances.values()].filter(({ kind }) => kind === "node");
    expect(
      versions.map((one) => one.schemaVersion),
      when,
    ).toEqual([2, 2]);
    await apply(host);
    expect(await plan(host), when).toEqual([]);
    await destroy(host);
  }
}, 300_000);
