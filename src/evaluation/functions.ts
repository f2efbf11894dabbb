import type { Type, Value } from "../core/values.ts";
import type { Fault } from "./fault.ts";
import { collectionFunctions } from "./functions/collections.ts";
import { conversionFunctions } from "./functions/conversions.ts";
import { encodingFunctions } from "./functions/encoding.ts";
import { formatFunction } from "./functions/format.ts";
import { numberFunctions } from "./functions/numbers.ts";
import { textFunctions } from "./functions/texts.ts";

/**
 * A function of the language. To add one, declare it in the file of its family; nothing else needs to know. `call`
 * gets arguments that were converted to their parameters' types and, unless a parameter says otherwise, are not null,
 * known through and through and without marks; where one is not known the call is not made and the result is unknown,
 * and a marked one marks the result as a whole.
 */
export interface FunctionDeclaration {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Takes all further arguments, also none. */
  readonly variadic?: Parameter | undefined;
  /** Of the result; `dynamic` where it follows from the arguments. */
  readonly result: Type;
  readonly call: (...values: readonly Value[]) => Value | Fault;
}

export interface Parameter {
  readonly name: string;
  readonly type: Type;
  /** May be null. */
  readonly nullable?: boolean;
  /** May hold unknown elements, though it is known itself. */
  readonly partial?: boolean;
  /** May be unknown itself; includes `partial`. */
  readonly unknown?: boolean;
  /** Elements keep their marks. */
  readonly marks?: boolean;
}

let registry: ReadonlyMap<string, FunctionDeclaration> | undefined;

/** The functions of the language by name. */
export function functions(): ReadonlyMap<string, FunctionDeclaration> {
  registry ??= new Map(
    [
      ...collectionFunctions,
      ...conversionFunctions,
      ...encodingFunctions,
      formatFunction,
      ...numberFunctions,
      ...textFunctions,
    ].map((one) => [one.name, one]),
  );
  return registry;
}
