// Bundles the programs into dist/: labform itself, and those it starts beside it. Fast enough to run before each test run.
import { existsSync } from "node:fs";
import { chmod, readFile, rm } from "node:fs/promises";
import { build } from "esbuild";

const programs = ["labform", "keeper", "bridge", "referee"];

export async function buildAll(directory = "dist") {
  await rm(directory, { recursive: true, force: true });
  await build({
    entryPoints: programs.map((name) => `src/main/${name}.ts`).filter((path) => existsSync(path)),
    outdir: directory,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    chunkNames: "chunks/[name]-[hash]",
    banner: {
      js: 'import { createRequire as labformCreateRequire } from "node:module"; const require = labformCreateRequire(import.meta.url);',
    },
    external: ["fs-native-extensions", "hcl2-parser"],
    define: { LABFORM_VERSION: JSON.stringify(JSON.parse(await readFile("package.json", "utf8")).version) },
    legalComments: "none",
    logLevel: "warning",
  });
  if (existsSync(`${directory}/labform.js`)) await chmod(`${directory}/labform.js`, 0o755);
}

if (process.argv[1] === new URL(import.meta.url).pathname) await buildAll();
