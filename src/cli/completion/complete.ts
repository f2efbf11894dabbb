import { printable } from "../../ui/text.ts";
import type { CommandDescription } from "../command.ts";
import type { Context } from "../context.ts";
import type { Answer, Candidate } from "./answer.ts";
import { answer } from "./answer.ts";
import type { TypedLine } from "./line.ts";
import { escapeForBash, readLine } from "./line.ts";
import { namesOf } from "./names.ts";

/**
 * `labform __complete SHELL …`, which only the scripts call. bash gives the line up to the cursor, the others the words
 * behind `labform`, the last as far as it is typed. Nothing that goes wrong is told: there is nothing to complete then.
 */
export async function complete(
  context: Context,
  argv: readonly string[],
  commands: readonly CommandDescription[],
): Promise<number> {
  const [, shell, ...given] = argv;
  const line = shell === "bash" ? behindProgram(readLine(given[0] ?? "")) : undefined;
  const words = line?.words ?? given;
  const found = await answer(words, commands, (meant) => namesOf(context, meant));
  context.stdout.write(answerText(found, line));
  return 0;
}

function answerText(found: Answer, line: TypedLine | undefined): string {
  if (found.kind !== "words") return `${found.kind}\n`;
  const lines = found.candidates.filter(({ value }) => !/[\n\t]/.test(value)).map((one) => candidateLine(one, line));
  return `words\n${lines.map((one) => `${one}\n`).join("")}`;
}

function candidateLine({ value, description }: Candidate, line: TypedLine | undefined): string {
  const written = line ? replacement(value, line) : value;
  return description === "" ? written : `${written}\t${printable(description)}`;
}

/**
 * What stands in for the part of the word that bash replaces: behind an open quote, which it closes itself, the text as
 * it is; else what is behind the last of the characters at which it cuts words, with backslashes.
 */
function replacement(value: string, { words, quote, quotedFrom }: TypedLine): string {
  const typed = words.at(-1) ?? "";
  const flag = /^--?[A-Za-z][\w-]*=/.exec(typed)?.[0] ?? "";
  const whole = flag + value;
  if (quote !== "") return whole.slice(quotedFrom);
  const cut = Math.max(typed.lastIndexOf("="), typed.lastIndexOf(":")) + 1;
  return escapeForBash(whole.slice(cut));
}

/** Without what stands before the program's name, as an assignment does, and the name. */
function behindProgram(line: TypedLine): TypedLine {
  const program = line.words.findIndex((word) => !/^\w+=/.test(word));
  return { ...line, words: line.words.slice(program + 1) };
}
