import { afterEach, beforeEach, expect, test } from "vitest";
import { memoryProvider } from "../../providers/memory/index.ts";
import { main } from "../../src/cli/cli.ts";
import type { Provider } from "../../src/core/provider.ts";
import { createContext } from "../../src/main/start.ts";
import { Engine } from "../engine/engine.ts";

let engine: Engine;
beforeEach(async () => {
  engine = new Engine('lab "m" {}\nnode "a" {}\n');
  await engine.run("apply", "-auto-approve");
});
afterEach(() => engine.close());

/** Runs one command line on a lab whose monitors answer with the line they were given, in brackets. */
async function run(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const context = createContext("0.1.0", "", {
    node: memoryProvider(engine.world),
    link: memoryProvider(engine.world),
  });
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) =>
    ({ isTTY: false, write: (text: string) => (written[name] += text) !== "" }) as unknown as NodeJS.WriteStream;
  const exitCode = await main(words, {
    ...context,
    environment,
    workingDirectory: "/",
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    providers: (directories) => {
      const providers = context.providers(directories);
      const askMonitor: Provider["askMonitor"] = async (_node, line) => `[${line}]`;
      return {
        ...providers,
        load: async (name) => Object.assign(Object.create(await providers.load(name)), { askMonitor }),
      };
    },
  });
  return { exitCode, ...written };
}

test.each([
  ["a dash of its own", ["a", "info", "registers", "-a"], "info registers -a"],
  [
    "what labform would take for its own",
    ["a", "info", "-json", "-help", "--input=false"],
    "info -json -help --input=false",
  ],
  ["another directory", ["a", "x", "-chdir=/nowhere"], "x -chdir=/nowhere"],
  ["two dashes in it", ["a", "print", "--", "-1"], "print -- -1"],
  ["two dashes before it", ["a", "--", "info", "block", "-v"], "info block -v"],
  ["two dashes before the node", ["--", "a", "info", "block", "-v"], "info block -v"],
  ["options of labform before the node", ["-input", "false", "-no-color", "a", "info", "-v"], "info -v"],
])("a monitor's command reaches it as it was written: %s", async (_, words, line) => {
  expect(await run(["-chdir", engine.directory, "monitor", ...words])).toEqual({
    exitCode: 0,
    stdout: `[${line}]\n`,
    stderr: "",
  });
});

test("labform's own options are taken before the node's name, also from LABFORM_CLI_ARGS", async () => {
  const document = { format_version: "1.0", address: "node.a", answer: "[info -v]" };
  const words = ["monitor", "a", "info", "-v"];
  const given = await run([`-chdir=${engine.directory}`, "monitor", "-json", ...words.slice(1)]);
  expect(JSON.parse(given.stdout)).toEqual(document);
  const set = await run(["-chdir", engine.directory, ...words], { LABFORM_CLI_ARGS: "-json" });
  expect(JSON.parse(set.stdout)).toEqual(document);
  expect((await run(["monitor", "-chdir", engine.directory, "a", "info"])).stdout).toBe("[info]\n");
});

test("an option of monitor that does not exist is refused, and its help says where options go", async () => {
  expect((await run(["monitor", "-jsn", "a", "info"])).stderr).toContain("monitor has no flag -jsn");
  const { stdout } = await run(["monitor", "-help"]);
  expect(stdout).toContain("labform monitor r1 info registers -a");
  expect(stdout).toMatch(/before the node's\s+name/);
});
