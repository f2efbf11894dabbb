// Bundles the programs into dist/: labform itself, and those it starts beside it. Fast enough to run before each test run.
import { existsSync } from "node:fs";
import { chmod, readdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const programs = ["labform", "keeper", "bridge", "referee"];
const directory = "dist";

/** ink can connect to React's developer tools, a package that is not installed. */
const withoutDeveloperTools = {
  name: "without-developer-tools",
  setup: (bundle) => bundle.onLoad({ filter: /\/ink\/build\/devtools\.js$/ }, () => ({ contents: "" })),
};

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { version } = JSON.parse(await readFile("package.json", "utf8"));
const { metafile } = await build({
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
  plugins: [withoutDeveloperTools],
  // React as it is meant to be shipped, whatever the user's environment says.
  define: {
    LABFORM_VERSION: JSON.stringify(version),
    "process.env.NODE_ENV": '"production"',
    "process.env.DEV": '"false"',
  },
  legalComments: "none",
  // Half the text to read at every start; names stay, for traces.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: "warning",
  metafile: true,
});
const written = new Set(Object.keys(metafile.outputs).map((path) => resolve(path)));
for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
  const path = resolve(join(entry.parentPath ?? entry.path, entry.name));
  if (entry.isFile() && !written.has(path)) await rm(path, { force: true });
}
for (const name of programs) if (existsSync(`${directory}/${name}.js`)) await chmod(`${directory}/${name}.js`, 0o755);
