import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { askReferee } from "../../src/language/referee.ts";

const programs = fileURLToPath(new URL("../../dist", import.meta.url));

/** With time enough for a busy machine. */
const ask = (text: string): Promise<string> => askReferee(text, programs, 50_000);

describe("the referee", () => {
  test("accepts what is valid", async () => {
    expect(await ask("")).toBe("accepts");
    expect(await ask('node "a" {\n  ram = 1 + 2\n}\n')).toBe("accepts");
  });

  test("rejects what is not", async () => {
    expect(await ask('node "a" {\n  ram = = 1\n}\n')).toBe("rejects");
  });

  test("has no opinion about what makes it throw", async () => {
    expect(await ask('ram "a" {}\nram {\n}\n')).toBe("no opinion");
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
    expect(performance.now() - start).toBeGreaterThan(1_900);
  });

  test("an exit without an answer, a strange answer and a missing program are no opinion", async () => {
    expect(await play("process.exit(0);")).toBe("no opinion");
    expect(await play('require("node:worker_threads").parentPort.postMessage("maybe");')).toBe("no opinion");
    expect(await askReferee("a = 1\n", join(directory, "nowhere"))).toBe("no opinion");
  });
});
