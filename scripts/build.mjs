// Bundles the programs into dist/: labform itself, and those it starts beside it. Fast enough to run before each test run.
import { existsSync } from "node:fs";
import { chmod, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const programs = ["labform", "keeper", "bridge", "referee"];
const directory = "dist";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { outputs } = await bundle({
  entryPoints: programs.map((name) => `src/main/${name}.ts`).filter((path) => existsSync(path)),
  outdir: directory,
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
});
const written = new Set(Object.keys(outputs).map((path) => resolve(path)));
for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
  const path = resolve(join(entry.parentPath ?? entry.path, entry.name));
  if (entry.isFile() && !written.has(path)) await rm(path, { force: true });
}
for (const name of programs) if (existsSync(`${directory}/${name}.js`)) await chmod(`${directory}/${name}.js`, 0o755);
