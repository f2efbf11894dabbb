import { Writable } from "node:stream";
import type { GivenVariable } from "../config/variables.ts";
import { missingValue } from "../config/variables.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { Failure, hasErrors } from "../core/diagnostics.ts";
import type { Variable } from "../core/lab.ts";
import { palette } from "../ui/colour.ts";
import { printable } from "../ui/text.ts";
import type { CommonOptions, Context } from "./context.ts";

/** Whether somebody is there to answer: a terminal to read from, and one that shows the question. */
export function canAsk({ stdin, stdout, stderr }: Terminals, common: Pick<CommonOptions, "input" | "json">): boolean {
  return common.input && !common.json && stdin.isTTY && (stdout.isTTY || stderr.isTTY);
}

type Terminals = Pick<Context, "stdin" | "stdout" | "stderr">;
type Answer = Extract<GivenVariable, { readonly from: "answer" }>;

/**
 * Asks for each variable in turn, for sensitive ones without echo. `check` gets all answers so far; with an error in
 * what it says asking ends. Rejects with `Failure` then, and when the user leaves with Ctrl-C or Ctrl-D.
 */
export async function askForVariables(
  { stdin, stdout, stderr }: Terminals,
  variables: readonly Variable[],
  check: (answers: readonly Answer[]) => readonly Diagnostic[],
  { colour }: Pick<CommonOptions, "colour">,
): Promise<readonly Answer[]> {
  const { createInterface } = await import("node:readline");
  // A redirected standard output gets what the command prints, not what it asks.
  const screen = new Screen(stdout.isTTY ? stdout : stderr);
  const lines = createInterface({ input: stdin, output: screen, terminal: true, historySize: 0 });
  const answers: Answer[] = [];
  return new Promise<readonly Answer[]>((resolve, reject) => {
    let ended = false;
    const end = (settle: () => void) => {
      if (ended) return;
      ended = true;
      screen.hidden = true;
      lines.close();
      settle();
    };
    const leave = (how: string) =>
      end(() => {
        screen.terminal.write("\n");
        const [asked] = variables.slice(answers.length);
        const why = `Its question was left with ${how}, and nothing was done.`;
        reject(new Failure(asked ? [missingValue(asked, why)] : []));
      });
    const ask = () => {
      const variable = variables[answers.length];
      if (!variable) {
        end(() => resolve(answers));
        return;
      }
      screen.hidden = false;
      screen.terminal.write(heading(variable, colour));
      lines.setPrompt("  Enter a value: ");
      lines.prompt();
      screen.hidden = variable.sensitive;
    };
    // All of it at once: lines typed ahead come in one piece, and the next one may have to be hidden.
    lines.on("line", (text) => {
      const variable = variables[answers.length];
      if (ended || !variable) return;
      if (variable.sensitive) screen.terminal.write("\n");
      answers.push({ from: "answer", name: variable.name, text });
      const told = check(answers);
      if (hasErrors(told)) {
        end(() => reject(new Failure(told)));
        return;
      }
      screen.terminal.write("\n");
      ask();
    });
    lines.on("SIGINT", () => leave("Ctrl-C"));
    lines.on("close", () => leave("Ctrl-D"));
    ask();
  });
}

function heading({ name, description }: Variable, colour: boolean): string {
  const title = `${palette(colour).bold(`var.${name}`)}\n`;
  const about = description?.trim();
  if (!about) return title;
  const indented = about.split("\n").map((line) => `  ${printable(line)}\n`);
  return `${title}${indented.join("")}\n`;
}

/** A terminal that can be kept from showing what the line editor echoes. */
class Screen extends Writable {
  readonly terminal: Context["stdout"];
  hidden = false;

  constructor(terminal: Context["stdout"]) {
    super();
    this.terminal = terminal;
  }

  /** Where the line editor breaks lines. */
  get columns(): number {
    return this.terminal.columns;
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    if (!this.hidden) this.terminal.write(chunk);
    done();
  }
}
