// How labform is bundled, for the programs of dist/ and for those that tests and benchmarks make of it. As a command:
// node scripts/bundle.mjs ENTRY.ts OUTFILE.mjs
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** ink can connect to React's developer tools, a package that is not installed. */
const withoutDeveloperTools = {
  name: "without-developer-tools",
  setup: (bundling) => bundling.onLoad({ filter: /\/ink\/build\/devtools\.js$/ }, () => ({ contents: "" })),
};

/** Entries and outputs are the caller's; answers with esbuild's metafile, and with the files where they are not written. */
export async function bundle({ define = {}, plugins = [], ...options }) {
  const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  const { format = "esm" } = options;
  const { metafile, outputFiles } = await build({
    bundle: true,
    format,
    platform: "node",
    target: "node20",
    banner: { js: banners[format] },
    external: ["fs-native-extensions", "hcl2-parser"],
    plugins: [withoutDeveloperTools, ...plugins],
    define: {
      ...(format === "cjs" ? { "import.meta.url": "labformUrl" } : {}),
      LABFORM_VERSION: JSON.stringify(version),
      // React as it is meant to be shipped, whatever the user's environment says.
      "process.env.NODE_ENV": '"production"',
      "process.env.DEV": '"false"',
      ...define,
    },
    legalComments: "none",
    // Half the text to read at every start; names stay, for traces.
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: "warning",
    metafile: true,
    ...options,
  });
  return { ...metafile, outputFiles };
}

const banners = {
  esm: 'import { createRequire as labformCreateRequire } from "node:module"; const require = labformCreateRequire(import.meta.url);',
  cjs: '"use strict"; const labformUrl = require("node:url").pathToFileURL(__filename).href;',
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [entry, outfile] = process.argv.slice(2);
  await bundle({ entryPoints: [resolve(entry)], outfile: resolve(outfile) });
}
