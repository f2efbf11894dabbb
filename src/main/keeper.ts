import { openControl } from "../../providers/qemu/keeper/control.ts";
import { Keeper } from "../../providers/qemu/keeper/keeper.ts";

/** Filled in by the bundler. */
declare const LABFORM_VERSION: string;

/** Faults written to the log, which nothing else bounds. */
const MAX_REPORTS = 1000;

/** `keeper.js RUN_DIRECTORY`: fronts the consoles and monitors of one lab until it is told to stop. */
async function main(directory: string | undefined): Promise<void> {
  if (directory === undefined) throw new Error("usage: keeper.js RUN_DIRECTORY");
  process.umask(0o077);
  // From here on socket names are relative: a Unix socket's path may have 107 bytes only.
  process.chdir(directory);
  // A terminal that goes away is nothing to it, though it has none to begin with.
  process.on("SIGHUP", () => {});
  const keeper = new Keeper(".", LABFORM_VERSION, reporter());
  const end = async () => {
    keeper.close();
    await control.close();
    process.exit(0);
  };
  const control = await openControl(
    ".",
    (command, fields) => keeper.perform(command, fields),
    () => void end(),
  );
  process.on("SIGTERM", () => void end());
  process.on("SIGINT", () => void end());
}

function reporter(): (fault: string) => void {
  let reports = 0;
  return (fault) => {
    reports++;
    if (reports <= MAX_REPORTS) console.error(`${new Date().toISOString()} ${fault}`);
    if (reports === MAX_REPORTS) console.error("further faults are not written down");
  };
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(`keeper: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
