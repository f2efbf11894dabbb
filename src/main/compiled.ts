import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import process from "node:process";
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
  const script = new Script(wrapped(readFileSync(filename, "latin1")), { filename, cachedData: compiledOf(filename) });
  const run = script.runInThisContext() as (...given: unknown[]) => void;
  run(program.exports, createRequire(filename), program, filename, dirname(filename), load);
  return program.exports;
}

/**
 * For the build: writes a bundle, and beside it what V8 makes of all its functions, so that none has to be compiled when
 * it is first called. Answers with the name of what is beside it.
 */
export function compile(filename: string, text: string): string {
  const other = /[^\x00-\x7f]/.exec(text);
  if (other) {
    const around = text.slice(other.index - 40, other.index + 40);
    throw new Error(
      `${filename} is not ASCII: in a regular expression, write ${JSON.stringify(other[0])} as \\u: ${around}`,
    );
  }
  setFlagsFromString("--no-lazy");
  const script = new Script(wrapped(text), { filename });
  // V8 takes it only where its flags are those of now.
  setFlagsFromString("--lazy");
  const cachedData = script.createCachedData();
  if (new Script(wrapped(text), { filename, cachedData }).cachedDataRejected)
    throw new Error(`V8 does not take what it made of ${filename} itself`);
  writeWhole(filename, text);
  writeWhole(compiledName(filename), cachedData);
  return compiledName(filename);
}

/** Who starts the program meanwhile finds the whole file or none. */
function writeWhole(filename: string, content: string | Buffer): void {
  const half = `${filename}.${process.pid}`;
  writeFileSync(half, content);
  renameSync(half, filename);
}

function wrapped(text: string): string {
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
