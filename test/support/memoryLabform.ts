import process from "node:process";
import { memoryProvider } from "../../providers/memory/index.ts";
import { World } from "../../providers/memory/world.ts";
import { main } from "../../src/cli/cli.ts";
import { createContext } from "../../src/main/start.ts";

/** labform with things that exist in memory only; in the file WORLD_FILE where it is to outlive this process. */
const file = process.env.WORLD_FILE;
const memory = memoryProvider(new World(file === undefined ? {} : { file }));
void main(process.argv.slice(2), createContext("0.1.0", "", { node: memory, link: memory })).then((code) => {
  process.exitCode = code;
});
