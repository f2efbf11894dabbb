import type { FunctionDeclaration } from "../functions.ts";
import type { Surroundings } from "../surroundings.ts";
import { fileHashFunctions } from "./fileHashes.ts";
import { fileSetFunction } from "./fileSet.ts";
import { fileFunctions } from "./files.ts";
import { planTimeFunctions } from "./planTimes.ts";
import { templateFunctions } from "./templates.ts";

/** The functions that see the world outside, in these surroundings; without any, all refuse. */
export function outsideFunctions(surroundings: Surroundings | undefined): readonly FunctionDeclaration[] {
  return [
    ...fileFunctions(surroundings),
    ...fileHashFunctions(surroundings),
    fileSetFunction(surroundings),
    ...planTimeFunctions(surroundings),
    ...templateFunctions(surroundings),
  ];
}

let names: RegExp | undefined;

/**
 * Whether a text may call one of these: what a plan keeps of an expression then holds what was read. The name alone
 * is taken for a call, also in a string, which does no harm.
 */
export function mayCallOutside(text: string): boolean {
  names ??= new RegExp(
    `\\b(?:${outsideFunctions(undefined)
      .map((one) => one.name)
      .join("|")})\\b`,
  );
  return names.test(text);
}
