import type { Diagnostic } from "../core/diagnostics.ts";
import type { Expression } from "../core/syntax.ts";
import type { Type, Value } from "../core/values.ts";
import type { Fault } from "./fault.ts";
import { attemptFunctions } from "./functions/attempts.ts";
import { choiceFunctions } from "./functions/choices.ts";
import { conversionFunctions } from "./functions/conversions.ts";
import { csvFunctions } from "./functions/csv.ts";
import { encodingFunctions } from "./functions/encoding.ts";
import { formatFunctions } from "./functions/format.ts";
import { hashFunctions } from "./functions/hashes.ts";
import { letterFunctions } from "./functions/letters.ts";
import { mapFunctions } from "./functions/maps.ts";
import { networkFunctions } from "./functions/network.ts";
import { numberFunctions } from "./functions/numbers.ts";
import { outsideFunctions } from "./functions/outside.ts";
import { regexFunctions } from "./functions/regex.ts";
import { searchFunctions } from "./functions/search.ts";
import { sensitivityFunctions } from "./functions/sensitivity.ts";
import { sequenceFunctions } from "./functions/sequences.ts";
import { setFunctions } from "./functions/sets.ts";
import { textFunctions } from "./functions/texts.ts";
import { timeFunctions } from "./functions/times.ts";
import { yamlFunctions } from "./functions/yaml.ts";
import type { Surroundings } from "./surroundings.ts";

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
  /**
   * The type of the result while the call is not made, where it follows from arguments of which some are unknown; no
   * unknown one is of an undecided type. A fault is one whatever the unknown will be.
   */
  readonly unknownResult?: (...values: readonly Value[]) => Type | Fault;
  readonly call: (...values: readonly Value[]) => Value | Fault;
  /** Instead of `call`: evaluates itself what it is given, and what goes wrong in it is no error of the caller's. */
  readonly lazily?: (attempts: readonly Attempt[]) => Value | Fault;
  /** Looks at the arguments as they are written, before they are evaluated. */
  readonly examine?: (expressions: readonly Expression[]) => Fault | undefined;
}

/** Evaluates an argument that may have errors. */
export type Attempt = () => { readonly value: Value; readonly diagnostics: readonly Diagnostic[] };

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

export type FunctionRegistry = ReadonlyMap<string, FunctionDeclaration>;

const registries = new WeakMap<Surroundings, FunctionRegistry>();
let withoutSurroundings: FunctionRegistry | undefined;

/** The functions of the language by name. Without surroundings those that need them are there, and refuse. */
export function functions(surroundings?: Surroundings): FunctionRegistry {
  withoutSurroundings ??= new Map(
    [
      ...attemptFunctions,
      ...choiceFunctions,
      ...conversionFunctions,
      ...csvFunctions,
      ...encodingFunctions,
      ...formatFunctions,
      ...hashFunctions,
      ...letterFunctions,
      ...mapFunctions,
      ...networkFunctions,
      ...numberFunctions,
      ...searchFunctions,
      ...sensitivityFunctions,
      ...sequenceFunctions,
      ...setFunctions,
      ...regexFunctions,
      ...textFunctions,
      ...timeFunctions,
      ...yamlFunctions,
      ...outsideFunctions(undefined),
    ].map((one) => [one.name, one]),
  );
  if (!surroundings) return withoutSurroundings;
  let registry = registries.get(surroundings);
  if (!registry) {
    const outside = outsideFunctions(surroundings).map((one) => [one.name, one] as const);
    registry = new Map([...withoutSurroundings, ...outside]);
    registries.set(surroundings, registry);
  }
  return registry;
}
