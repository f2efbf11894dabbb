import type { Value } from "../../core/values.ts";
import { DYNAMIC, STRING, stringValue } from "../../core/values.ts";
import type { FunctionDeclaration } from "../functions.ts";
import { valueFromYaml } from "./yamlDecode.ts";
import { valueToYaml } from "./yamlEncode.ts";

export const yamlFunctions: readonly FunctionDeclaration[] = [
  {
    name: "yamldecode",
    parameters: [{ name: "src", type: STRING }],
    result: DYNAMIC,
    call: (text: Value) => valueFromYaml(text.raw as string),
  },
  {
    name: "yamlencode",
    parameters: [{ name: "value", type: DYNAMIC, nullable: true }],
    result: STRING,
    call: (value: Value) => stringValue(valueToYaml(value)),
  },
];
