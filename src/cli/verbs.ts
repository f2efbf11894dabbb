import { didYouMean, listed } from "../config/names.ts";
import { fail } from "../core/diagnostics.ts";
import type { Options, Run } from "./command.ts";

/** What stands behind the name of a command such as `state` or `workspace`. */
export interface Verb {
  /** As help writes them. */
  readonly operands: string;
  readonly least: number;
  readonly most: number;
  /** Which of the command's own flags it takes, by the names of their options. */
  readonly flags: readonly string[];
  readonly load: () => Promise<Run>;
}

export interface Verbs {
  /** `state` */
  readonly command: string;
  readonly verbs: { readonly [name: string]: Verb };
  /** By the names of their options, as users write them. */
  readonly flagNames: { readonly [option: string]: string };
}

/** Finds the verb and refuses words and flags that it does not take. */
export function loadVerb(
  { command, verbs, flagNames }: Verbs,
  options: Options,
  [name = "", ...words]: readonly string[],
): Promise<Run> {
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!verb) {
    const names = Object.keys(verbs);
    return fail(`${command} has no "${name}"`, {
      detail: `It is ${command} ${listed(names, "or")}.${didYouMean(name, names)}`,
    });
  }
  const usage = `labform ${command} ${name}${verb.operands === "" ? "" : ` ${verb.operands}`}`;
  const foreign = Object.keys(flagNames).find((one) => options[one] !== undefined && !verb.flags.includes(one));
  if (foreign !== undefined) {
    const takers = Object.keys(verbs).filter((one) => verbs[one]?.flags.includes(foreign));
    return fail(`${command} ${name} has no ${flagNames[foreign]}`, {
      detail: `That is for ${command} ${listed(takers, "and")}. It is ${usage}.`,
    });
  }
  if (words.length < verb.least) fail(`${command} ${name} needs more words`, { detail: `It is ${usage}.` });
  if (words.length > verb.most) fail(`${command} ${name} was given too many words`, { detail: `It is ${usage}.` });
  return verb.load();
}
