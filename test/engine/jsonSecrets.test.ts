import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { JsonEngine, labText, MARK } from "./jsonLab.ts";

let engine: JsonEngine;
beforeEach(() => {
  engine = new JsonEngine();
});
afterEach(() => engine.close());

/** What a command prints on both outputs; nothing of it may be of the secret. */
async function said(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await engine.run(...args);
  expect(stdout + stderr, args.join(" ")).not.toContain("hunter2");
  return stdout + stderr;
}

const looks: readonly (readonly string[])[] = [
  ["validate"],
  ["plan"],
  ["plan", "-out=saved"],
  ["show", "saved"],
  ["show"],
  ["status"],
  ["state", "list"],
  ["state", "show", "node.base"],
  ["graph"],
  ["graph", "-plan"],
  ["plan", "-destroy"],
];

it("is in no document and no event, before and after an apply", async () => {
  for (const look of looks) await said(...look, "-json");
  await said("apply", "-auto-approve", "-json");
  for (const look of looks) await said(...look, "-json");
  engine.world.failNext("start", "node.base");
  await said("apply", "-auto-approve", "-json", "-replace=node.base");
  await said("destroy", "-auto-approve", "-json");
});

it("is not told by a change to another secret, nor when it is none any more", async () => {
  await engine.applied();
  await engine.run("plan", "-out=saved", "-var", "password=swordfish");
  expect(await said("show", "-json", "saved")).not.toContain("swordfish");
  engine.writeAll({
    "a.lab.hcl": labText()
      .replace('value     = "It is ${var.password}"\n  sensitive = true', 'value = "public"')
      .replace("secret   = var.password", 'note     = "public"')
      .replace("the card says ${var.password}", "public"),
  });
  for (const look of looks) await said(...look);
  for (const look of looks) await said(...look, "-json");
});

/** What may go wrong with a value, in each place that has one. */
const mistakes: readonly string[] = [
  "tonumber(var.password)",
  "var.password + 1",
  'var.password ? "a" : "b"',
  "var.password.name",
  "var.password[0]",
  "{ a = 1 }[var.password]",
  "[1, 2][var.password]",
  'regex("^x", var.password)',
  "file(var.password)",
  "jsondecode(var.password)",
  "base64decode(var.password)",
  "element([], length(var.password))",
  "lookup({}, var.password)",
  'templatestring("$${${var.password}}", {})',
  "parseint(var.password, 10)",
  "timeadd(var.password, var.password)",
  "cidrsubnet(var.password, 8, 1)",
  'format("%d", var.password)',
  "node.base.card[var.password].text",
  "merge({ a = 1 }, var.password)",
  "[for one in var.password : one]",
  "toset([var.password])",
];
const places: readonly ((expression: string) => string)[] = [
  (expression) => `node "x" {\n  size = ${expression}\n}\n`,
  (expression) => `node "x" {\n  note = "the \${${expression}}"\n}\n`,
  (expression) => `node "x" {\n  for_each = ${expression}\n}\n`,
  (expression) => `node "x" {\n  count = ${expression}\n}\n`,
  (expression) => `node "x" {\n  card "c" {\n    text = ${expression}\n  }\n}\n`,
  (expression) => `locals {\n  x = ${expression}\n}\noutput "x" {\n  value = local.x\n}\n`,
  (expression) => `output "x" {\n  value = ${expression}\n}\n`,
  (expression) => `link "x" {\n  endpoints = ${expression}\n}\n`,
  (expression) => `module "x" {\n  source   = "./pod"\n  size     = ${expression}\n  password = "p"\n}\n`,
  (expression) => `check "x" {\n  assert {\n    condition     = ${expression}\n    error_message = "no"\n  }\n}\n`,
  (expression) =>
    `node "x" {\n  lifecycle {\n    precondition {\n      condition     = ${expression} == "x"\n      error_message = "It is \${var.password}."\n    }\n  }\n}\n`,
  (expression) =>
    `variable "x" {\n  default   = "hunter2"\n  sensitive = true\n  validation {\n    condition     = var.x == "y"\n    error_message = "not \${var.x}"\n  }\n}\noutput "y" {\n  value = ${expression}\n}\n`,
];

it("is not told by an error about it, wherever it is used", async () => {
  await engine.applied();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...mistakes), fc.constantFrom(...places), async (mistake, place) => {
      engine.writeAll({ "b.lab.hcl": place(mistake) });
      for (const command of [["validate"], ["plan"], ["apply", "-auto-approve"]]) {
        await said(...command, "-json");
        await said(...command);
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);

it("is not told by an error about a value that was given for it", async () => {
  for (const type of ["number", "list(string)", "object({ a = string })", "map(number)"]) {
    engine.writeAll({ "b.lab.hcl": `variable "other" {\n  type      = ${type}\n  sensitive = true\n}\n` });
    for (const given of [MARK, `"${MARK}"`, `{ a = [ "${MARK}" ] }`, `["${MARK}"`]) {
      await said("plan", "-json", "-var", `other=${given}`);
      await said("plan", "-var", `other=${given}`);
    }
  }
});
