import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OlderRecord, ProviderFactory, UpgradedRecord } from "../../src/core/provider.ts";
import type { Json } from "../../src/core/values.ts";
import { LifecycleEngine } from "./lifecycleLab.ts";

type Fields = { readonly [name: string]: Json };

function renamed(fields: Fields, from: string, to: string): Fields {
  const { [from]: value = null, ...others } = fields;
  return { ...others, [to]: value };
}

/** What a node was in version 1 and 2: a password that is a secret since, then a size that was a text. */
const steps: readonly ((record: UpgradedRecord) => UpgradedRecord)[] = [
  ({ attributes, sensitive, private: notes }) => ({
    attributes: renamed(attributes, "password", "secret"),
    sensitive: sensitive.map((path) => path.map((step) => (step === "password" ? "secret" : step))),
    private: renamed(notes, "token", "run"),
  }),
  (record) => ({ ...record, attributes: { ...record.attributes, size: Number(record.attributes.size) } }),
];

function upgrade({ type, version, ...record }: OlderRecord): UpgradedRecord {
  if (type !== "node") throw new Error(`${type} has one version`);
  return steps.slice(version - 1).reduce<UpgradedRecord>((done, step) => step(done), record);
}

/** The memory whose nodes are recorded in another version. */
const inVersion =
  (version: number) =>
  (memory: ProviderFactory): ProviderFactory => {
    const { resources } = memory.schema;
    const node = { ...(resources.node as NonNullable<typeof resources.node>), version };
    return { ...memory, schema: { ...memory.schema, resources: { ...resources, node } }, upgrade };
  };

interface Document {
  readonly labformVersion: string;
  readonly instances: readonly {
    readonly address: string;
    readonly kind: string;
    readonly schemaVersion: number;
    readonly attributes: Fields;
    readonly sensitive: Json;
    readonly private: Fields;
  }[];
}

let engine: LifecycleEngine;
beforeEach(async () => {
  engine = new LifecycleEngine();
  engine.provider = inVersion(3);
  engine.lab(
    `node "a" {\n  size   = 2\n  secret = "hush"\n}\n\nnode "b" {}\n\nlink "l" {\n  endpoints = [node.a.adapter[0], node.b.adapter[0]]\n}\n\noutput "size" {\n  value = node.a.size\n}\n`,
  );
  await engine.applied();
});
afterEach(() => engine.close());

const path = () => join(engine.directory, ".labform", "default", "state.json");
const document = (): Document => JSON.parse(readFileSync(path(), "utf8")) as Document;

function rewrite(change: (node: Document["instances"][number]) => object): void {
  const before = document();
  const instances = before.instances.map((one) => (one.kind === "node" ? { ...one, ...change(one) } : one));
  writeFileSync(path(), JSON.stringify({ ...before, instances }));
}

/** The nodes' records as version 1 wrote them. */
function writeAsVersion1(): void {
  rewrite(({ attributes, private: notes, sensitive }) => ({
    schemaVersion: 1,
    attributes: { ...renamed(attributes, "secret", "password"), size: String(attributes.size) },
    private: renamed(notes, "run", "token"),
    sensitive: JSON.parse(JSON.stringify(sensitive).replaceAll("secret", "password")) as Json,
  }));
}

const versions = () => document().instances.flatMap((one) => (one.kind === "node" ? [one.schemaVersion] : []));

describe("a record of an older schema", () => {
  it("is upgraded through every version, so that nothing is to be changed", async () => {
    const pids = [engine.pidOf("node.a"), engine.pidOf("node.b")];
    writeAsVersion1();
    expect(await engine.changes()).toEqual([]);
    await engine.applied();
    expect([engine.pidOf("node.a"), engine.pidOf("node.b")]).toEqual(pids);
  });

  it("is read by commands that plan nothing, with what is sensitive in it kept", async () => {
    writeAsVersion1();
    const before = readFileSync(path(), "utf8");
    const shown = await engine.succeeded("show");
    expect(shown).toMatch(/size += 2\n/);
    expect(shown).not.toContain("hush");
    expect(await engine.succeeded("status")).toContain("running");
    expect(readFileSync(path(), "utf8")).toBe(before);
  });

  it("is written by the next apply, also by one that has nothing else to do", async () => {
    writeAsVersion1();
    await engine.applied();
    expect(versions()).toEqual([3, 3]);
    expect(engine.recorded("node.a").attributes).toMatchObject({ size: 2, secret: "hush" });
    expect(engine.recorded("node.a").attributes).not.toHaveProperty("password");
  });

  it("is changed, stopped by hand and destroyed as any other", async () => {
    writeAsVersion1();
    await engine.succeeded("stop", "a");
    expect(versions()).toEqual([3, 3]);
    writeAsVersion1();
    engine.lab('node "a" {\n  size = 3\n}\n');
    await engine.applied();
    writeAsVersion1();
    await engine.succeeded("destroy", "-auto-approve");
    expect(engine.addresses()).toEqual([]);
  });

  it("is upgraded from the version in between by what is left of the way", async () => {
    rewrite(({ attributes }) => ({ schemaVersion: 2, attributes: { ...attributes, size: String(attributes.size) } }));
    expect(await engine.changes()).toEqual([]);
  });

  it("is upgraded when its document is pushed", async () => {
    writeAsVersion1();
    const text = readFileSync(path(), "utf8").replace(
      /"serial": ?(\d+)/,
      (_, serial) => `"serial": ${Number(serial) + 1}`,
    );
    writeFileSync(join(engine.directory, "given.json"), text);
    await engine.succeeded("state", "push", "given.json");
    expect(versions()).toEqual([3, 3]);
  });
});

describe("a record of a newer schema", () => {
  it.each([
    ["plan"],
    ["apply", "-auto-approve"],
    ["destroy", "-auto-approve"],
    ["show"],
    ["status"],
    ["taint", "node.a"],
  ])("is refused by name: %s %s", async (...command) => {
    engine.provider = inVersion(2);
    const before = readFileSync(path(), "utf8");
    const said = await engine.refusal(...command);
    expect(said).toContain("node.a was written by a newer labform");
    expect(said).toContain("knows versions up to 2. So is one more.");
    expect(said).toContain("The state was last written by labform 0.1.0: use that version or a later one");
    expect(said.match(/Error:/g)).toHaveLength(1);
    expect(readFileSync(path(), "utf8")).toBe(before);
  });

  it("is refused in a document that is pushed", async () => {
    const text = await engine.succeeded("state", "pull");
    writeFileSync(join(engine.directory, "given.json"), text);
    engine.provider = inVersion(2);
    expect(await engine.refusal("state", "push", "given.json")).toContain("was written by a newer labform");
  });
});
