import type { Value } from "../../core/values.ts";
import { STRING, stringValue, unknownValue } from "../../core/values.ts";
import type { FunctionDeclaration } from "../functions.ts";
import type { Surroundings } from "../surroundings.ts";
import { NO_SURROUNDINGS } from "./fileAccess.ts";

/** The two clocks: when something is applied, which no plan knows, and when the plan was made. */
export function planTimeFunctions(surroundings: Surroundings | undefined): readonly FunctionDeclaration[] {
  const declare = (name: string, time: (surroundings: Surroundings) => Value): FunctionDeclaration => ({
    name,
    parameters: [],
    result: STRING,
    call: () => (surroundings ? time(surroundings) : NO_SURROUNDINGS),
  });
  return [
    declare("plantimestamp", ({ planTime }) => stringValue(inSeconds(planTime))),
    declare("timestamp", ({ applyTime }) =>
      applyTime === undefined ? unknownValue(STRING) : stringValue(inSeconds(applyTime)),
    ),
  ];
}

/** `2024-05-01T10:00:00Z` of what `Date` writes, `2024-05-01T10:00:00.000Z`. */
function inSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, "Z");
}
