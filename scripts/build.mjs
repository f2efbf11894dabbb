// Bundles the programs into dist/: labform itself, and those it starts beside it. Fast enough to run before each test run.
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
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

/** Another build, or a labform that reads it, may be at work: whole or not at all. */
const put = async (path, content) => {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, content);
  await rename(temporary, path);
  written.push(path);
};

// Node starts a CommonJS module with a quarter less work than an ECMAScript one.
await put(join(directory, "package.json"), '{ "type": "commonjs" }\n');
await add({
  entryPoints: ["src/main/labform.ts", "src/main/referee.ts"],
  outdir: directory,
  define: { COMMANDS_BUNDLE: JSON.stringify(urlOf("start")) },
  format: "cjs",
});
for (const name of ["keeper", "bridge"]) {
  const stdin = { contents: starterOf(urlOf(name)), resolveDir: ".", sourcefile: `${name}.ts` };
  await add({ stdin, outfile: join(directory, `${name}.js`), format: "cjs" });
}

// The scripts of the small guest.
const guest = join(directory, "guest");
await mkdir(guest, { recursive: true });
for (const name of await readdir("providers/qemu/guest/root")) {
  await put(join(guest, name), await readFile(join("providers/qemu/guest/root", name)));
}

const kept = new Set(written.map((path) => resolve(path)));
for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
  const path = resolve(join(entry.parentPath ?? entry.path, entry.name));
  if (entry.isFile() && !kept.has(path)) await rm(path, { force: true });
}
for (const name of ["labform", "keeper", "bridge", "referee"]) await chmod(`${directory}/${name}.js`, 0o755);
