import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { memoryProvider } from "../../providers/memory/index.ts";
import { main } from "../../src/cli/cli.ts";
import { createContext } from "../../src/main/start.ts";
import { createPorts } from "../../src/system/index.ts";
import { Engine } from "../engine/engine.ts";
import { begin } from "./halfDone.ts";

/** In a lab file: an escape sequence that clears the screen, and a character that a terminal may take for ESC [. */
const NAME = "\\u001b[2J\\u0007\\u009bH";
const SHOWN = "\\u{1b}[2J\\u{7}\\u{9b}H";
const HARMFUL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

let engine: Engine;
beforeEach(() => {
  engine = new Engine(`lab "${NAME}" {}\nnode "a" {\n  for_each = toset(["${NAME}"])\n}\n`);
});
afterEach(() => engine.close());

test("nothing of what a lab calls itself and its nodes reaches the terminal as it is", async () => {
  for (const words of [
    ["plan"],
    ["apply", "-auto-approve"],
    ["show"],
    ["status"],
    ["wait"],
    ["destroy", "-auto-approve"],
  ]) {
    const { stdout, stderr, exitCode } = await engine.run(...words);
    expect(exitCode, stderr).toBe(0);
    expect(`${stdout}${stderr}`, words[0]).not.toMatch(HARMFUL);
  }
});

test("a node is named on the command line by the name it is shown with", async () => {
  await engine.run("apply", "-auto-approve");
  const [, shown = ""] = /^(node\.a\S+)/m.exec((await engine.run("status")).stdout) ?? [];
  expect(shown).toBe('node.a["\\u001b[2J\\u0007\\u009bH"]');
  expect((await engine.run("stop", shown)).exitCode).toBe(0);
  expect((await engine.run("plan", "-replace", shown)).stdout).toContain("1 to replace");
  expect((await engine.run("start", "a[\x1b[2J\x07\x9bH]")).stderr).toBe("");
});

test("the title of a watched status shows the lab's name harmlessly", async () => {
  await engine.run("apply", "-auto-approve");
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 200, rows: 20 });
  let seen = "";
  stdout.on("data", (data) => {
    seen += data;
  });
  const provider = memoryProvider(engine.world);
  const watching = main(["status", "-watch"], {
    ...createContext("0.1.0", "", { node: provider, link: provider }),
    environment: {},
    workingDirectory: engine.directory,
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
  });
  while (!seen.includes("Ctrl-C ends")) await sleep(20);
  stdin.write("q");
  expect(await watching).toBe(0);
  expect(seen).toContain(`Lab "${SHOWN}" at `);
});

test("what a lost lab left running is named harmlessly when it is ended", async () => {
  await engine.run("apply", "-auto-approve");
  const address = 'node.a["\\u001b[2J\\u0007\\u009bH"]';
  const store = await begin(engine, address, "start", "creating");
  const token = store.state.instances.get(address)?.pending?.token;
  const child = spawn("sleep", ["60"], { env: { LABFORM_TOKEN: token }, stdio: "ignore" });
  try {
    while (!(await createPorts().files.readText(`/proc/${child.pid}/environ`)).includes("LABFORM_TOKEN"))
      await sleep(5);
    await store.close();
    rmSync(join(engine.directory, ".labform"), { recursive: true });
    const { stdout, stderr, exitCode } = await engine.run("destroy", "-auto-approve");
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain(`Nothing of the lost lab "${SHOWN}" runs any more.`);
    expect(`${stdout}${stderr}`).not.toMatch(HARMFUL);
  } finally {
    child.kill("SIGKILL");
  }
});
