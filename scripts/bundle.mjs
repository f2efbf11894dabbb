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

/** Entries and outputs are the caller's; answers with esbuild's metafile. */
export async function bundle(options) {
  const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  const { metafile } = await build({
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
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
    ...options,
  });
  return metafile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [entry, outfile] = process.argv.slice(2);
  await bundle({ entryPoints: [resolve(entry)], outfile: resolve(outfile) });
}
