import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

/**
 * Runs a bundle of dist/ and answers with what it exports. The build leaves what V8 made of it beside it (`compile`),
 * which halves a command's start. A Node whose V8 is another one leaves that aside and compiles the text as any other.
 *
 * The bundle is a CommonJS module in ASCII. What V8 has compiled before cannot call `import()`: it calls `labformImport`.
 */
export function runCompiled(bundle: URL): unknown {
  const filename = fileURLToPath(bundle);
  const program = { exports: {} };
  const load = (specifier: string): Promise<unknown> =>
    import(specifier.startsWith(".") ? new URL(specifier, bundle).href : specifier);
  const script = new Script(textOf(filename), { filename, cachedData: compiledOf(filename) });
  const run = script.runInThisContext() as (...given: unknown[]) => void;
  run(program.exports, createRequire(filename), program, filename, dirname(filename), load);
  return program.exports;
}

/**
 * For the build: every function is compiled, so that none has to be when it is first called. Answers with the name of
 * what is then beside the bundle.
 */
export function compile(filename: string): string {
  setFlagsFromString("--no-lazy");
  const script = new Script(textOf(filename), { filename });
  // V8 takes it only where its flags are those of now.
  setFlagsFromString("--lazy");
  const half = `${compiledName(filename)}.half`;
  const cachedData = script.createCachedData();
  if (new Script(textOf(filename), { filename, cachedData }).cachedDataRejected)
    throw new Error(`V8 does not take what it made of ${filename} itself`);
  writeFileSync(half, cachedData);
  renameSync(half, compiledName(filename));
  return compiledName(filename);
}

function textOf(filename: string): string {
  const text = readFileSync(filename, "latin1");
  return `(function (exports, require, module, __filename, __dirname, labformImport) {${text}\n})`;
}

function compiledOf(filename: string): Buffer | undefined {
  try {
    return readFileSync(compiledName(filename));
  } catch {
    return undefined;
  }
}

function compiledName(filename: string): string {
  return `${filename}.compiled`;
}
