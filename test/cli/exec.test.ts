import { afterEach, beforeEach, expect, test } from "vitest";
import { memoryProvider } from "../../providers/memory/index.ts";
import { main } from "../../src/cli/cli.ts";
import type { GuestResult, Provider } from "../../src/core/provider.ts";
import { createContext } from "../../src/main/start.ts";
import { Engine } from "../engine/engine.ts";

let engine: Engine;
let asked: readonly string[];
beforeEach(async () => {
  engine = new Engine('lab "m" {}\nnode "a" {}\n');
  await engine.run("apply", "-auto-approve");
  asked = [];
});
afterEach(() => engine.close());

const DONE: GuestResult = {
  started: true,
  exitCode: 0,
  signal: null,
  stdout: Buffer.from("out\n"),
  stderr: Buffer.from("wrong\n"),
  truncated: false,
};

/** Runs one command line on a lab whose guests answer so. */
async function run(words: readonly string[], result: GuestResult | null = DONE) {
  const context = createContext("0.1.0", "", {
    node: memoryProvider(engine.world),
    link: memoryProvider(engine.world),
  });
  const written: { [name in "stdout" | "stderr"]: Buffer[] } = { stdout: [], stderr: [] };
  const stream = (name: keyof typeof written) =>
    ({
      isTTY: false,
      write: (data: string | Uint8Array) => written[name].push(Buffer.from(data as Uint8Array)) > 0,
    }) as unknown as NodeJS.WriteStream;
  const exitCode = await main(["-chdir", engine.directory, ...words], {
    ...context,
    environment: {},
    workingDirectory: "/",
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    providers: (directories) => {
      const providers = context.providers(directories);
      const execInGuest: Provider["execInGuest"] = async (_node, command) => {
        asked = command;
        return result as GuestResult;
      };
      const load = async (name: string) =>
        Object.assign(Object.create(await providers.load(name)), result === null ? {} : { execInGuest });
      return { ...providers, load };
    },
  });
  const text = (name: keyof typeof written) => Buffer.concat(written[name]).toString();
  return { exitCode, stdout: text("stdout"), stderr: text("stderr") };
}

test.each([
  ["two dashes before it", ["a", "--", "ls", "-l", "--", "x y"], ["ls", "-l", "--", "x y"]],
  ["no dashes before it", ["a", "ls", "-json", "-help"], ["ls", "-json", "-help"]],
  ["options of labform before the node", ["-no-color", "a", "--", "ls", "-chdir=/x"], ["ls", "-chdir=/x"]],
])("a command reaches the guest as it was written: %s", async (_, words, command) => {
  expect(await run(["exec", ...words])).toEqual({ exitCode: 0, stdout: "out\n", stderr: "wrong\n" });
  expect(asked).toEqual(command);
});

test.each([
  ["its own", { ...DONE, exitCode: 3 }, 3],
  ["128 and the signal's number", { ...DONE, exitCode: null, signal: 15 }, 143],
])("the exit code is %s", async (_, result, exitCode) => {
  expect((await run(["exec", "a", "x"], result as GuestResult)).exitCode).toBe(exitCode);
});

test("a command that the guest does not have is 127, with the guest's words", async () => {
  const result: GuestResult = { started: false, reason: "No such file or directory" };
  expect(await run(["exec", "a", "x"], result)).toEqual({
    exitCode: 127,
    stdout: "",
    stderr: "No such file or directory\n",
  });
});

test("bytes come through as they are, and what was cut off is said", async () => {
  const result: GuestResult = { ...DONE, stdout: Buffer.from([0x61, 0xc3]), truncated: true };
  const { stderr } = await run(["exec", "a", "x"], result);
  expect(stderr).toBe("wrong\nlabform: the output was longer than the guest agent keeps; its end is lost\n");
});

test("-json gives one document, with the same exit code", async () => {
  const { exitCode, stdout } = await run(["exec", "-json", "a", "--", "x"], { ...DONE, exitCode: 2 });
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toEqual({
    format_version: "1.0",
    address: "node.a",
    started: true,
    exit_code: 2,
    signal: null,
    stdout: "out\n",
    stderr: "wrong\n",
    truncated: false,
  });
});

test("without a command, without such a node, and where nothing can be run: errors", async () => {
  expect((await run(["exec", "a"])).exitCode).toBe(1);
  expect((await run(["exec", "b", "x"])).stderr).toContain("b");
  expect((await run(["exec", "a", "x"], null)).stderr).toContain("Nothing can be run in the guest of node.a");
});
