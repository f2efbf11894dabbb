import { isAbsolute, join, relative, resolve } from "node:path";
import { compareNames, isFormattable, isIgnored } from "../../config/files.ts";
import type { Diagnostic } from "../../core/diagnostics.ts";
import { errorDiagnostic, Failure, fail, hasErrors } from "../../core/diagnostics.ts";
import { formatFile } from "../../language/format/format.ts";
import { type FormattedFile, formatDocument } from "../../ui/documents.ts";
import { printable } from "../../ui/text.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { asText, readUserFile, reasonOf } from "../files.ts";
import { parseBoolean } from "../flagValues.ts";
import { reporter } from "../report.ts";

interface Options {
  readonly check?: true;
  readonly diff?: true;
  readonly recursive?: true;
  readonly write?: string;
  readonly list?: string;
}

interface Wanted {
  readonly check: boolean;
  readonly diff: boolean;
  readonly recursive: boolean;
  readonly write: boolean;
  readonly list: boolean;
}

/** A file to be formatted. */
interface Place {
  readonly path: string;
  /** From where the user stands, or as the user wrote it. */
  readonly name: string;
}

const INPUT = "-";
/** As Terraform calls it. */
const INPUT_NAME = "<stdin>";

/** As `terraform fmt`. What is wrong with one file keeps no other from being formatted. */
export async function run(
  context: Context,
  common: CommonOptions,
  options: Options,
  operands: readonly string[],
): Promise<ExitCode> {
  const check = options.check === true;
  const wanted: Wanted = {
    check,
    diff: options.diff === true,
    recursive: options.recursive === true,
    write: parseBoolean(options.write ?? "true", "-write") && !check,
    list: parseBoolean(options.list ?? "true", "-list"),
  };
  const session = new Session(context, common, wanted);
  if (operands.includes(INPUT)) await session.formatInput(operands);
  else if (operands.length === 0) {
    const here = await context.realPath(context.workingDirectory);
    await session.formatDirectory({ path: common.directory, name: relative(here, common.directory) });
  } else for (const operand of operands) await session.formatOperand(operand);
  return session.end();
}

class Session {
  readonly #context: Context;
  readonly #common: CommonOptions;
  readonly #wanted: Wanted;
  readonly #report: (diagnostics: readonly Diagnostic[]) => void;
  readonly #files: FormattedFile[] = [];
  readonly #diagnostics: Diagnostic[] = [];

  constructor(context: Context, common: CommonOptions, wanted: Wanted) {
    this.#context = context;
    this.#common = common;
    this.#wanted = wanted;
    this.#report = reporter(context, common);
  }

  async formatInput(operands: readonly string[]): Promise<void> {
    if (operands.length > 1) {
      fail("Standard input is formatted alone", { detail: "Give `-` and nothing else, or only names of files." });
    }
    await this.#noting(async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of this.#context.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
      const before = asText(Buffer.concat(chunks), INPUT_NAME);
      const after = await this.#formatted(INPUT_NAME, before);
      const isAnswer = !this.#wanted.check && !this.#wanted.diff;
      if (isAnswer && !this.#common.json) this.#context.stdout.write(after);
      await this.#note(INPUT_NAME, before, after, isAnswer ? after : undefined);
    });
  }

  /** A file or directory by the name a user gave it. */
  async formatOperand(name: string): Promise<void> {
    await this.#noting(async () => {
      const path = isAbsolute(name) ? name : resolve(this.#context.workingDirectory, name);
      if ((await this.#kindOf(path, name)) === "directory") return this.formatDirectory({ path, name });
      if (!isFormattable(name)) {
        fail(`${name} is not a file that fmt formats`, {
          detail:
            "Lab files are named .lab.hcl and files of variables .vars.hcl; JSON files have no style of labform's. What has another name is formatted with `labform fmt -` from standard input.",
        });
      }
      return this.#formatPlace({ path, name });
    });
  }

  /** Entries by name, as the lab is read; links to directories are not followed, nor what is hidden looked at. */
  async formatDirectory({ path, name }: Place): Promise<void> {
    await this.#noting(async () => {
      for (const entry of await this.#entriesOf(path, name)) {
        const inside = { path: join(path, entry), name: join(name, entry) };
        if (isFormattable(entry)) await this.#noting(() => this.#formatEntry(inside));
        else if (this.#wanted.recursive && (await this.#isDirectory(inside.path))) await this.formatDirectory(inside);
      }
    });
  }

  /** Says what is to be said at the end, and gives the exit code. */
  end(): ExitCode {
    if (this.#common.json) {
      this.#context.stdout.write(`${JSON.stringify(formatDocument(this.#files, this.#diagnostics))}\n`);
    }
    if (hasErrors(this.#diagnostics)) return 1;
    return this.#wanted.check && this.#files.some((file) => file.changed) ? 3 : 0;
  }

  async #formatEntry(place: Place): Promise<void> {
    if (!(await this.#isDirectory(place.path))) await this.#formatPlace(place);
    else if (this.#wanted.recursive) await this.formatDirectory(place);
  }

  async #formatPlace({ path, name }: Place): Promise<void> {
    const before = await readUserFile(this.#context, path, { name, role: "file" });
    const after = await this.#formatted(name, before);
    if (after !== before && this.#wanted.write) await this.#write(path, name, after);
    await this.#note(name, before, after);
  }

  async #formatted(name: string, text: string): Promise<string> {
    const file = { name, text };
    const formatted = formatFile(file);
    if (formatted.text !== undefined) return formatted.text;
    const { judged } = await import("../lab.ts");
    throw new Failure(await judged(formatted.diagnostics, [file], this.#context));
  }

  /**
   * A link stays a link, and a file keeps its permissions and its owner: what is another's is written in place, for a
   * new file would be ours.
   */
  async #write(path: string, name: string, text: string): Promise<void> {
    const { files, host } = this.#context.ports;
    try {
      const target = await this.#context.realPath(path);
      await files.access(target, "write");
      const { mode, uid } = await files.stat(target);
      if (uid === host.uid) await files.writeAtomic(target, text, mode & 0o7777);
      else await files.write(target, text, mode & 0o7777);
    } catch (error) {
      fail(`${name} cannot be written`, {
        subject: `file ${path}`,
        detail: `${reasonOf(error)}. It is as it was; with -write=false or -check nothing is written.`,
        cause: error,
      });
    }
  }

  async #note(name: string, before: string, after: string, text?: string): Promise<void> {
    const changed = after !== before;
    const { diff, list } = this.#wanted;
    const patch = changed && diff ? (await import("../../ui/patch.ts")).unifiedDiff(name, before, after) : undefined;
    this.#files.push({ name, changed, diff: patch, text });
    if (this.#common.json) return;
    if (changed && list && name !== INPUT_NAME) this.#show(`${name}\n`);
    if (patch !== undefined) this.#show(patch);
  }

  /** On a terminal nothing of a file does more than stand there. */
  #show(text: string): void {
    const { stdout } = this.#context;
    stdout.write(
      stdout.isTTY
        ? text
            .split("\n")
            .map((line) => printable(line))
            .join("\n")
        : text,
    );
  }

  /** Tells what goes wrong, and goes on. */
  async #noting(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      for (const one of error.diagnostics) this.#diagnostics.push(one);
      if (!this.#common.json) this.#report(error.diagnostics);
    }
  }

  async #kindOf(path: string, name: string): Promise<string> {
    try {
      return (await this.#context.ports.files.stat(path)).kind;
    } catch (error) {
      throw new Failure(errorDiagnostic(`There is no file or directory ${name}`, { detail: `${reasonOf(error)}.` }), {
        cause: error,
      });
    }
  }

  async #entriesOf(path: string, name: string): Promise<readonly string[]> {
    try {
      const entries = await this.#context.ports.files.list(path);
      return entries.filter((entry) => !isIgnored(entry)).toSorted(compareNames);
    } catch (error) {
      throw new Failure(
        errorDiagnostic(`The directory ${name || "."} cannot be read`, {
          subject: `directory ${path}`,
          detail: `${reasonOf(error)}.`,
        }),
        { cause: error },
      );
    }
  }

  async #isDirectory(path: string): Promise<boolean> {
    try {
      return (await this.#context.ports.files.lstat(path)).kind === "directory";
    } catch {
      return false;
    }
  }
}
