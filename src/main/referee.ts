import { createRequire } from "node:module";
import { parentPort, workerData } from "node:worker_threads";

/**
 * The thread of `askReferee` (src/language/referee.ts): gets a text, answers whether HashiCorp's parser accepts it.
 * That parser gives `[value, error]`, and `[null, {}]` for a syntax error of any kind.
 */
const { parseToObject } = createRequire(import.meta.url)("hcl2-parser") as {
  readonly parseToObject: (text: string) => [unknown, unknown];
};

const [value] = parseToObject(workerData as string);
parentPort?.postMessage(value === null ? "rejects" : "accepts");
