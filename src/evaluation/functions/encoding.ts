import type { Value } from "../../core/values.ts";
import { DYNAMIC, STRING, stringValue } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";
import { JsonFault, valueFromJsonText, valueToJsonText } from "../jsonText.ts";

export const encodingFunctions: readonly FunctionDeclaration[] = [
  {
    name: "jsonencode",
    parameters: [{ name: "value", type: DYNAMIC, nullable: true }],
    result: STRING,
    call: (value: Value) => stringValue(valueToJsonText(value)),
  },
  {
    name: "jsondecode",
    parameters: [{ name: "text", type: STRING }],
    result: DYNAMIC,
    call: (text: Value) => {
      const result = valueFromJsonText(text.raw as string);
      return result instanceof JsonFault ? new Fault(`it is no JSON: ${result.reason}`, 0) : result;
    },
  },
];
