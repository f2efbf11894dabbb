import type { Rule } from "./rules.ts";
import { RULES } from "./rules.ts";

/** One option and what belongs to it. */
export interface Option {
  /** With one dash, as QEMU takes both forms for the same. */
  readonly name: string;
  /** Which of the words it is. */
  readonly at: number;
  /** Undefined where it takes none, or where none is left for it. */
  readonly value: string | undefined;
  /** Undefined of an option that labform does not know. */
  readonly rule: Rule | undefined;
}

/** The words as QEMU reads them; a word that belongs to no option has the name "". */
export function parseOptions(words: readonly string[]): readonly Option[] {
  const options: Option[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (!word.startsWith("-") || word === "-") {
      options.push({ name: "", at, value: undefined, rule: undefined });
      continue;
    }
    const name = word.replace(/^--/, "-");
    const rule = RULES.get(name);
    // Of an unknown one a word with a dash is looked at for itself, so that none escapes.
    const takes = rule ? rule.takes : words[at + 1]?.startsWith("-") === false;
    options.push({ name, at, value: takes ? words[at + 1] : undefined, rule });
    if (takes) at++;
  }
  return options;
}

export function hasOption(words: readonly string[], name: string): boolean {
  return words.includes(name) || words.includes(`-${name}`)
    ? parseOptions(words).some((option) => option.name === name)
    : false;
}
