import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { askReferee, type Verdict } from "../../src/language/referee.ts";

const programs = fileURLToPath(new URL("../../dist", import.meta.url));

/** Two seconds may be too short on a busy machine; then it is asked again. */
async function ask(text: string): Promise<Verdict> {
  let verdict: Verdict = "no opinion";
  for (let attempt = 0; attempt < 10 && verdict === "no opinion"; attempt++) {
    verdict = await askReferee(text, programs);
  }
  return verdict;
}

describe("the referee", () => {
  test("accepts what is valid", async () => {
    expect(await ask("")).toBe("accepts");
    expect(await ask('node "a" {\n  ram = 1 + 2\n}\n')).toBe("accepts");
  });

  test("rejects what is not", async () => {
    expect(await ask('node "a" {\n  ram = = 1\n}\n')).toBe("rejects");
  });

  test("has no opinion about what makes it throw", async () => {
    expect(await askReferee('ram "a" {}\nram {\n}\n', programs)).toBe("no opinion");
  });

  test("has no opinion about more than 64 kB", async () => {
    expect(await askReferee(`# ${"é".repeat(33_000)}\n`, programs)).toBe("no opinion");
  });
});

describe("whatever its thread does", () => {
  const directory = mkdtempSync(join(tmpdir(), "labform-referee-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const play = (program: string): Promise<string> => {
    writeFileSync(join(directory, "referee.js"), program);
    return askReferee("a = 1\n", directory);
  };

  test("an endless computation is ended after two seconds", async () => {
    const start = performance.now();
    expect(await play("for (;;);")).toBe("no opinion");
    const elapsed = performance.now() - start;
    expect(elapsed).toBeGreaterThan(1_900);
    expect(elapsed).toBeLessThan(20_000);
  });

  test("an exit without an answer, a strange answer and a missing program are no opinion", async () => {
    expect(await play("process.exit(0);")).toBe("no opinion");
    expect(await play('require("node:worker_threads").parentPort.postMessage("maybe");')).toBe("no opinion");
    expect(await askReferee("a = 1\n", join(directory, "nowhere"))).toBe("no opinion");
  });
});
