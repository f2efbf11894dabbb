// Bundles the programs into dist/: labform itself, and those it starts beside it. Fast enough to run before each test run.
import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const directory = "dist";
const named = { entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]", outdir: join(directory, "chunks") };

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const written = new Set();

/** The outputs' paths, by the name of their entry. */
async function built(options) {
  const { outputs } = await bundle(options);
  for (const path of Object.keys(outputs)) written.add(resolve(path));
  const entries = Object.entries(outputs).filter(([, { entryPoint }]) => entryPoint !== undefined);
  return new Map(entries.map(([path, { entryPoint }]) => [basename(entryPoint).replace(/\..*/, ""), path]));
}

// What few commands need, and cannot or need not be compiled ahead: each is loaded by the first that wants it.
const apart = new Map([
  ["./painter.tsx", "src/ui/live/painter.tsx"],
  ["@hpcc-js/wasm-graphviz", fileURLToPath(import.meta.resolve("@hpcc-js/wasm-graphviz"))],
]);
const chunks = await built({ ...named, entryPoints: [...apart.values()] });
const leavesApart = {
  name: "leaves-apart",
  setup: (bundling) =>
    bundling.onResolve({ filter: /./ }, ({ path, kind }) => {
      const entry = kind === "dynamic-import" ? apart.get(path) : undefined;
      if (entry === undefined) return undefined;
      return { path: `./${basename(chunks.get(basename(entry).replace(/\..*/, "")))}`, external: true };
    }),
};

const programs = await built({
  ...named,
  entryPoints: ["src/main/start.ts", "src/main/keeper.ts", "src/main/bridge.ts"],
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  plugins: [leavesApart],
});
const urlOf = (name) => `./${relative(directory, programs.get(name))}`;

await bundle({ entryPoints: ["src/main/compiled.ts"], outfile: ".cache/compiled.mjs" });
const { compile } = await import("../.cache/compiled.mjs");
for (const path of programs.values()) {
  const text = await readFile(path, "ascii");
  await writeFile(path, text.replaceAll(/\bimport\((?=")/g, "labformImport("));
  compile(path);
  written.add(resolve(`${path}.compiled`));
}

const outdir = { outdir: directory };
await built({ ...outdir, entryPoints: ["src/main/referee.ts"] });
await built({
  ...outdir,
  entryPoints: ["src/main/labform.ts"],
  define: { COMMANDS_BUNDLE: JSON.stringify(urlOf("start")) },
});
for (const name of ["keeper", "bridge"]) {
  const contents = `import { runCompiled } from "./compiled.ts"; runCompiled(new URL("${urlOf(name)}", import.meta.url));`;
  const stdin = { contents, resolveDir: "src/main", sourcefile: `${name}.ts` };
  await built({ stdin, outfile: join(directory, `${name}.js`) });
}

for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
  const path = resolve(join(entry.parentPath ?? entry.path, entry.name));
  if (entry.isFile() && !written.has(path)) await rm(path, { force: true });
}
for (const name of ["labform", "keeper", "bridge", "referee"]) await chmod(`${directory}/${name}.js`, 0o755);
