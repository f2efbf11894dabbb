import type { Type, Value } from "../../core/values.ts";
import { BOOL, DYNAMIC, NUMBER, STRING } from "../../core/values.ts";
import { converted } from "../convert.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";

/** Conversion takes all there is: nulls, unknowns and marks go through it. */
function conversion(name: string, type: Type): FunctionDeclaration {
  return {
    name,
    parameters: [{ name: "v", type: DYNAMIC, nullable: true, unknown: true, marks: true }],
    result: type,
    call: (value: Value) => {
      const result = converted(value, type);
      return typeof result === "string" ? new Fault(result, 0) : result;
    },
  };
}

export const conversionFunctions: readonly FunctionDeclaration[] = [
  conversion("tostring", STRING),
  conversion("tonumber", NUMBER),
  conversion("tobool", BOOL),
  conversion("tolist", { kind: "list", element: DYNAMIC }),
  conversion("toset", { kind: "set", element: DYNAMIC }),
  conversion("tomap", { kind: "map", element: DYNAMIC }),
  {
    name: "type",
    parameters: [{ name: "value", type: DYNAMIC, nullable: true, unknown: true }],
    result: STRING,
    // Where it may stand it is evaluated before it comes to a call.
    call: () => new Fault("it is for looking at a value: it must stand alone, and nothing can be made of its result"),
  },
];
