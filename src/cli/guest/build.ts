import { resolve } from "node:path";
import { errorDiagnostic, Failure, fail } from "../../core/diagnostics.ts";
import type { BuiltGuest } from "../../core/guest.ts";
import { guestDirectory } from "../../core/guest.ts";
import type { Provider } from "../../core/provider.ts";
import { printable } from "../../ui/text.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { watchSignals } from "../signals.ts";
import { tell } from "../state/changing.ts";

interface Options {
  readonly out?: string;
  readonly kernel?: string;
  readonly modules?: string;
  readonly busybox?: string;
}

/** `guest build`: belongs to no lab, so paths start where the user stands. */
export async function build(context: Context, common: CommonOptions, options: Options): Promise<ExitCode> {
  const pathOf = (name: string | undefined) => name && resolve(context.workingDirectory, name);
  const out = pathOf(options.out) ?? guestDirectory(context.environment) ?? noPlace();
  const provider = await nodeProvider(context, common.directory);
  if (!provider.buildGuest) fail(`The nodes of ${provider.name} have no small guest`);
  const { stopping, release } = watchSignals(() => {});
  try {
    const built = await provider.buildGuest({
      out,
      kernel: pathOf(options.kernel),
      modules: pathOf(options.modules),
      busybox: pathOf(options.busybox),
      tell: (line) => {
        if (!common.json) context.stdout.write(`${printable(line)}…\n`);
      },
      signal: stopping,
    });
    const { kernel, initrd, isNew, madeOf, notes, example } = built;
    const document = { kernel, initrd, changed: isNew, made_of: { ...madeOf }, notes: [...notes], example };
    tell(context, common, linesOf(built), document);
    return 0;
  } catch (error) {
    if (!stopping.aborted) throw error;
    throw new Failure(errorDiagnostic("Interrupted", { detail: `What was in ${out} before is there still.` }), {
      cause: error,
    });
  } finally {
    release();
  }
}

function nodeProvider(context: Context, directory: string): Promise<Provider> {
  const providers = context.providers({ lab: directory, nodes: "", run: "", programs: context.programs });
  return providers.load(providers.names.node);
}

function noPlace(): never {
  return fail("There is no place for the guest", {
    detail:
      "It goes to $XDG_DATA_HOME/labform/guest or, by default, to $HOME/.local/share/labform/guest, and neither variable is an absolute path. Name a directory with -out=DIR.",
  });
}

function linesOf({ kernel, initrd, isNew, madeOf, notes, example }: BuiltGuest): readonly string[] {
  return [
    `The guest is ${isNew ? "built" : "up to date"}, of ${madeOf.kernel} and ${madeOf.busybox}:`,
    `  ${kernel}`,
    `  ${initrd}`,
    ...notes,
    "",
    "A node that boots it:",
    "",
    ...example.trimEnd().split("\n"),
  ];
}
