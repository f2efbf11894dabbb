// Bundles the programs into dist/: labform itself, and those it starts beside it. Fast enough to run before each test run.
import { chmod, readdir, rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";
import { makePrograms, starterOf } from "./programs.mjs";

const directory = "dist";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { programs, written } = await makePrograms(
  ["src/main/start.ts", "src/main/keeper.ts", "src/main/bridge.ts"],
  join(directory, "chunks"),
);
const urlOf = (name) => `./${relative(directory, programs.get(name))}`;
const add = async (options) => {
  const { outputs } = await bundle(options);
  written.push(...Object.keys(outputs));
};

await add({
  entryPoints: ["src/main/labform.ts", "src/main/referee.ts"],
  outdir: directory,
  define: { COMMANDS_BUNDLE: JSON.stringify(urlOf("start")) },
});
for (const name of ["keeper", "bridge"]) {
  const stdin = { contents: starterOf(urlOf(name)), resolveDir: ".", sourcefile: `${name}.ts` };
  await add({ stdin, outfile: join(directory, `${name}.js`) });
}

const kept = new Set(written.map((path) => resolve(path)));
for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
  const path = resolve(join(entry.parentPath ?? entry.path, entry.name));
  if (entry.isFile() && !kept.has(path)) await rm(path, { force: true });
}
for (const name of ["labform", "keeper", "bridge", "referee"]) await chmod(`${directory}/${name}.js`, 0o755);
