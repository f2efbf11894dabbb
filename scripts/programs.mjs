// Makes programs of labform's sources: CommonJS bundles with what V8 makes of them beside them, for src/main/compiled.ts.
import { mkdir } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

/** What few commands need and what cannot be a CommonJS module: each is loaded by the first command that wants it. */
const apart = new Map([
  ["./painter.tsx", fileURLToPath(new URL("../src/ui/live/painter.tsx", import.meta.url))],
  ["@hpcc-js/wasm-graphviz", fileURLToPath(import.meta.resolve("@hpcc-js/wasm-graphviz"))],
]);

/** The bundles' paths by the names of their entries, and all files that were written; `directory` is that of bundles. */
export async function makePrograms(entryPoints, directory) {
  const named = { outdir: directory, entryNames: "[name]-[hash]" };
  const chunks = await bundle({ ...named, outExtension: { ".js": ".mjs" }, entryPoints: [...apart.values()] });
  const chunkOf = outputsOf(chunks);
  const leavesApart = {
    name: "leaves-apart",
    setup: (bundling) =>
      bundling.onResolve({ filter: /./ }, ({ path, kind }) => {
        const entry = kind === "dynamic-import" ? apart.get(path) : undefined;
        return entry === undefined ? undefined : { path: `./${basename(chunkOf.get(nameOf(entry)))}`, external: true };
      }),
  };
  const form = { format: "cjs", outExtension: { ".js": ".cjs" }, plugins: [leavesApart], write: false };
  const bundles = await bundle({ ...named, ...form, entryPoints });
  await mkdir(directory, { recursive: true });
  const compiled = await Promise.all(bundles.outputFiles.map(compileBundle));
  return {
    programs: outputsOf(bundles),
    written: [...Object.keys(chunks.outputs), ...Object.keys(bundles.outputs), ...compiled],
  };
}

/** The text of a module that runs a bundle; it has to stand in the root directory of the sources. */
export function starterOf(url) {
  return `import { runCompiled } from "./src/main/compiled.ts"; runCompiled(new URL("${url}", import.meta.url));`;
}

async function compileBundle({ path, text }) {
  const { compile } = await compiler();
  return compile(path, text.replaceAll(/\bimport\((?=")/g, "labformImport("));
}

let loaded;

function compiler() {
  const outfile = fileURLToPath(new URL("../.cache/compiled.mjs", import.meta.url));
  const entry = fileURLToPath(new URL("../src/main/compiled.ts", import.meta.url));
  loaded ??= bundle({ entryPoints: [entry], outfile }).then(() => import(outfile));
  return loaded;
}

function outputsOf({ outputs }) {
  const entries = Object.entries(outputs).filter(([, { entryPoint }]) => entryPoint !== undefined);
  return new Map(entries.map(([path, { entryPoint }]) => [nameOf(entryPoint), path]));
}

function nameOf(path) {
  return basename(path).replace(/\..*/, "");
}
