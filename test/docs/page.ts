import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { fillRegions } from "./regions.ts";

/** The page as it should be. UPDATE_GOLDEN=1 writes it, and its difference is what a reviewer reads. */
export function comparePage(name: string, parts: { readonly [name: string]: string }): void {
  const path = fileURLToPath(new URL(`../../${name}`, import.meta.url));
  const page = readFileSync(path, "utf8");
  const wanted = fillRegions(page, parts);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, wanted);
  else
    expect(page, `${name} tells what labform does (UPDATE_GOLDEN=1 npx vitest run test/docs writes it)`).toBe(wanted);
}
