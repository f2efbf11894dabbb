import type { FunctionDeclaration } from "../../src/evaluation/functions.ts";
import { formatType } from "../../src/evaluation/types.ts";
import { code, table } from "./tables.ts";

export function functionList(functions: ReadonlyMap<string, FunctionDeclaration>): string {
  const byName = [...functions.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
  return table(
    ["function", "gives"],
    byName.map((one) => [code(signature(one)), formatType(one.result)]),
  );
}

function signature({ name, parameters, variadic }: FunctionDeclaration): string {
  const names = parameters.map((one) => one.name);
  return `${name}(${[...names, ...(variadic ? [`${variadic.name}...`] : [])].join(", ")})`;
}
