import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/**
 * The golden files beside a test: `goldenBeside(import.meta.url)("plan.txt", text)` compares with golden/plan.txt.
 * UPDATE_GOLDEN=1 rewrites them, and their difference is what a reviewer reads.
 */
export function goldenBeside(test: string): (name: string, text: string) => void {
  return (name, text) => {
    const path = fileURLToPath(new URL(`golden/${name}`, test));
    if (process.env.UPDATE_GOLDEN === "1") {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    expect(existsSync(path), `${name} exists (UPDATE_GOLDEN=1 writes it)`).toBe(true);
    expect(text).toBe(readFileSync(path, "utf8"));
  };
}
