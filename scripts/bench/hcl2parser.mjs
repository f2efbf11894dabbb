// Seconds that hcl2-parser takes to parse a file, the second time.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";

const parser = createRequire(import.meta.url)("hcl2-parser");
const text = readFileSync(process.argv[2], "utf8");
parser.parseToObject(text);
const started = performance.now();
const [value] = parser.parseToObject(text);
if (!value) throw new Error("hcl2-parser rejects the file");
console.log((performance.now() - started) / 1000);
