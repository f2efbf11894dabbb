import { afterAll, beforeAll, expect, it } from "vitest";
import { splitWords } from "../../src/cli/arguments.ts";
import { commands } from "../../src/cli/commandTable.ts";
import { Engine } from "../engine/engine.ts";

const lab = `lab "examples" {}

node "router" {
  for_each = toset(["a"])
}

node "r1" {
  adapters = 2
}

node "r2" {
  adapters = 2
}

link "core" {
  endpoints = [node.r1.adapter[0], node.r2.adapter[0]]
}

output "address" {
  value = node.r1.adapter[0].mac_address
}
`;

/** What a lab in memory cannot do, or nobody is there to: these are only read. */
const onlyRead = new Set([
  "capture",
  "completion",
  "console",
  "doctor",
  "exec",
  "force-unlock",
  "guest",
  "import",
  "init",
  "logs",
  "monitor",
  "status",
]);

let engine: Engine;
beforeAll(() => {
  engine = new Engine(lab);
});
afterAll(() => engine.close());

function wordsOf(example: string): readonly string[] {
  const inner = /^eval "\$\((.*)\)"$/.exec(example)?.[1] ?? example;
  const [program, ...words] = splitWords(inner) ?? [];
  expect(program, example).toBe("labform");
  return words;
}

it.each(commands.map(({ name, example }) => [example, name] as const))("%s", async (example, name) => {
  const { exitCode, stderr } = await engine.run("apply", "-auto-approve");
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  await engine.run("plan", "-out=change.plan");
  if (name === "untaint") await engine.run("taint", "node.r1");
  const done = await engine.run(...wordsOf(example));
  // Nothing that the command table is asked about is wrong with it.
  expect(done.stderr).not.toMatch(
    /There is no (command|flag)|has no flag|too many words|needs a value|takes no value|Example: labform/,
  );
  if (!onlyRead.has(name)) expect(done, example).toMatchObject({ exitCode: 0 });
  if (name === "workspace") await engine.run("workspace", "select", "default");
});
