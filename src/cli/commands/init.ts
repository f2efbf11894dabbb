import { resolve } from "node:path";
import { readBackendFile, unknownSetting } from "../../config/backend.ts";
import type { BackendChange, BackendSettings, BackendType, InitResult, Setting } from "../../core/backend.ts";
import { backendChanged, backendSchemas, settingFromText } from "../../core/backend.ts";
import type { Diagnostic } from "../../core/diagnostics.ts";
import { Failure, fail, hasErrors } from "../../core/diagnostics.ts";
import { countOf, printable } from "../../ui/text.ts";
import { canConfirm, confirm } from "../confirm.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { readUserFile } from "../files.ts";
import { parseBoolean, parseDuration } from "../flagValues.ts";
import { readOpenLab } from "../lab.ts";
import { reporter } from "../report.ts";
import { watchSignals } from "../signals.ts";
import type { LockOptions } from "../state/changing.ts";
import { tell } from "../state/changing.ts";

interface Options extends LockOptions {
  readonly backendConfig?: readonly string[];
  readonly migrateState?: boolean;
  readonly reconfigure?: boolean;
  readonly forceCopy?: boolean;
  readonly backend?: string;
}

type Mode = Parameters<BackendChange["run"]>[0];

/** Checks the lab, reaches the backend that is to keep its state, and writes down which that is. */
export async function run(context: Context, common: CommonOptions, options: Options): Promise<ExitCode> {
  if (options.migrateState && options.reconfigure) {
    fail("-migrate-state and -reconfigure cannot be used together", {
      detail: "The one takes the state along, the other leaves it behind.",
    });
  }
  const { rest } = await readOpenLab(context, common.directory, {});
  reporter(context, { ...common, json: false })(rest.warnings);
  const { name, backend: declared } = rest.lab;
  if (!parseBoolean(options.backend ?? "true", "-backend")) {
    tell(context, common, [`Lab "${name}" is valid. Its backend was left as it is.`], { lab: name });
    return 0;
  }
  const words = options.backendConfig ?? [];
  const given =
    words.length === 0 && !options.reconfigure ? undefined : await readGiven(context, declared?.type ?? "local", words);
  const change = await context.prepareBackend(common.directory, declared ?? null, given);
  const mode = modeOf(change, options);
  const result = await runChange(context, common, options, change, mode);
  if (!result) {
    context.stdout.write("\nInit cancelled: nothing was changed.\n");
    return 1;
  }
  tell(context, common, told(name, change, result), {
    lab: name,
    backend: change.type,
    migrated: result.copied ? { ...result.copied } : null,
    backups: result.backups,
  });
  return 0;
}

/** Terraform's rule: that the place has changed is to be seen by who changed it, but for the first time. */
function modeOf(change: BackendChange, { migrateState, forceCopy, reconfigure }: Options): Mode {
  if (reconfigure) return "reconfigure";
  if (change.kind === "same") return "keep";
  if (change.kind === "new" || migrateState || forceCopy) return "migrate";
  throw new Failure(backendChanged(change));
}

async function runChange(
  context: Context,
  common: CommonOptions,
  options: Options,
  change: BackendChange,
  mode: Mode,
): Promise<InitResult | undefined> {
  const lockTimeoutMs = parseDuration(options.lockTimeout ?? "0s", "-lock-timeout");
  const signals = watchSignals(() => {});
  const report = reporter(context, { ...common, json: false });
  try {
    return await change.run(mode, {
      command: "init",
      lockTimeoutMs,
      lock: parseBoolean(options.lock ?? "true", "-lock"),
      onWait: (holder) => void context.stderr.write(`Waiting for the lock, held by ${printable(holder)} …\n`),
      onTrouble: (warning) => report([warning]),
      signal: signals.stopping,
      confirm: async (question) => {
        if (options.forceCopy) return true;
        if (canConfirm(context, common)) return confirm(context, question, signals.stopping);
        return fail("The state is to be copied, and nobody can be asked", {
          detail: `${question} There is no terminal to ask on. With yes to that: labform init -migrate-state -force-copy. To leave the state behind: labform init -reconfigure.`,
        });
      },
    });
  } finally {
    signals.release();
  }
}

function told(name: string, change: BackendChange, { copied, backups, forgotten }: InitResult): readonly string[] {
  const lines: string[] = [];
  if (copied) {
    lines.push(
      `The state was copied to ${change.to}: ${countOf(copied.instances, "instance")}, serial ${copied.serial}.`,
    );
  }
  for (const path of backups) lines.push(`A backup is in ${path}.`);
  if (forgotten > 0) {
    lines.push(
      `${countOf(forgotten, "instance")} of it ${forgotten === 1 ? "is" : "are"} not in the state that counts now: what still runs of ${forgotten === 1 ? "it" : "them"}, labform destroy ends.`,
    );
  }
  lines.push(`Lab "${name}" is initialised. Its state is kept by ${change.to}.`);
  if (!change.locks) {
    lines.push(
      "There is no lock_address, so runs on other hosts are not kept out: see to it that there is one at a time.",
    );
  }
  lines.push("labform plan shows what there is to do.");
  return lines;
}

/** What -backend-config says, in the order given: files and single settings alike, the last counts. */
async function readGiven(context: Context, type: BackendType, words: readonly string[]): Promise<BackendSettings> {
  const diagnostics: Diagnostic[] = [];
  const settings: { [name: string]: Setting } = {};
  for (const word of words) {
    const equals = word.indexOf("=");
    if (equals === -1) {
      const path = resolve(context.workingDirectory, word);
      const advice = "-backend-config takes name=value, or a file of such lines in HCL.";
      const text = await readUserFile(context, path, { name: word, role: "backend file", advice });
      const read = readBackendFile({ name: word, text }, type);
      diagnostics.push(...read.diagnostics);
      Object.assign(settings, read.value);
      continue;
    }
    const name = word.slice(0, equals).trim();
    if (!Object.hasOwn(backendSchemas[type].attributes, name)) {
      diagnostics.push(unknownSetting(name, type));
      continue;
    }
    settings[name] = settingFromText(type, name, word.slice(equals + 1), `-backend-config="${name}=…"`);
  }
  if (hasErrors(diagnostics)) throw new Failure(diagnostics);
  return settings;
}
