import { rmSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { TestLab } from "../support/lab.ts";
import { StateServer } from "../support/stateServer.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const names = Array.from({ length: 10 }, (_, at) => `n${at}`);

function labText(backend: string): string {
  const nodes = names.map((name) => `node "${name}" {\n  ram   = 64\n  power = "off"\n}\n`);
  return `lab "many" {\n${backend}}\n\n${nodes.join("\n")}`;
}

async function made(kind: string): Promise<{ readonly lab: TestLab; readonly server: StateServer }> {
  const server = await StateServer.start();
  server.generous = kind === "http, LOCK";
  closing.push(() => server.close());
  const lab = new TestLab({ "a.lab.hcl": labText(kind === "local" ? "" : server.block({ timeout: 20 })) });
  closing.push(() => lab.close());
  if (kind !== "local") await succeed(lab, "init");
  return { lab, server };
}

async function succeed(lab: TestLab, ...words: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await lab.run(words);
  expect(exitCode, `${words.join(" ")}: ${stdout}${stderr}`).toBe(0);
}

describe.each(["local", "http, LOCK", "http as GitLab's"])("ten runs at once (%s)", (kind) => {
  it("go one at a time, and nothing that one of them did is lost", { timeout: 180_000 }, async () => {
    const { lab, server } = await made(kind);
    await Promise.all(names.map(() => succeed(lab, "apply", "-auto-approve", "-lock-timeout=100s")));
    expect(lab.state().serial).toBe(1);
    await Promise.all(names.map((name) => succeed(lab, "taint", `node.${name}`, "-lock-timeout=100s")));
    const { serial, instances } = lab.state();
    expect(serial).toBe(11);
    const tainted = instances.filter(({ status }) => status === "tainted").map(({ address }) => address);
    expect(tainted.toSorted()).toEqual(names.map((name) => `node.${name}`));
    if (kind === "local") return;
    expect(server.document.serial).toBe(11);
    expect(server.lock).toBeUndefined();
  });
});

describe("a run that is killed while it has the server's lock", () => {
  it.each(["http, LOCK", "http as GitLab's"])(
    "does not keep the next one of its host out (%s)",
    { timeout: 60_000 },
    async (kind) => {
      const { lab, server } = await made(kind);
      await succeed(lab, "apply", "-auto-approve");
      server.fault = ({ wish }) => (wish === "write" ? "hang" : undefined);
      const killed = lab.start(["taint", "node.n0"]);
      while (server.requests.at(-1)?.wish !== "write" || server.lock === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      killed.kill("SIGKILL");
      expect((await killed.result).signal).toBe("SIGKILL");
      server.fault = () => undefined;
      expect(server.lock).toBeDefined();
      // A simple server tells who had the lock, so that the note of it here is not even needed.
      if (server.generous) rmSync(lab.path(".labform/default/server-lock.json"));
      await succeed(lab, "taint", "node.n1");
      expect(server.lock).toBeUndefined();
      expect(lab.state().instances.filter(({ status }) => status === "tainted")).toHaveLength(2);
      expect(server.document.serial).toBe(3);
    },
  );
});
