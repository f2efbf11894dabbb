import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Value } from "../../src/core/values.ts";
import type { Scope } from "../../src/evaluation/scope.ts";
import type { Surroundings } from "../../src/evaluation/surroundings.ts";
import { parseFile } from "../../src/language/parse.ts";
import { reader } from "../../src/system/reader.ts";
import { scopeOf, valueOf } from "./support.ts";

const directory = join(import.meta.dirname, "files");

/** As record.mjs has them for Terraform: the files of files/, which is the home directory too. */
const tableSurroundings: Surroundings = {
  reader,
  directory,
  home: directory,
  planTime: "2024-05-31T18:04:05.000Z",
  applyTime: "2024-06-30T12:00:00.000Z",
};

/** With the locals that the tables refer to. */
export function tableScope(): Scope {
  const { body } = parseFile({ name: "locals.tf", text: readFileSync(join(directory, "locals.tf"), "utf8") });
  const locals: { [name: string]: Value } = {};
  for (const { name, expression } of body.blocks[0]?.body.attributes ?? []) {
    const { file, start, end } = expression.range;
    locals[name] = valueOf(file.text.slice(start, end));
  }
  return { ...scopeOf({ local: locals }), surroundings: tableSurroundings };
}
