import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { Files } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Path, PlannedAttributes } from "../../../src/core/values.ts";
import { isSensitive } from "../../../src/core/values.ts";
import { bootConfiguration } from "../names.ts";

const ARGUMENT = "kernel_command_line";
/** QEMU reads a line of its configuration file into 1024 bytes (QEMU: util/qemu-config.c). */
const MOST_BYTES = 1000;

/**
 * Every account of the host can read a process's arguments. A kernel's command line that is sensitive is told to QEMU in
 * a file instead; its configuration files have no way to write a double quote or a line's end.
 */
export function checkSecretCommandLine(config: PlannedAttributes, sensitive: readonly Path[]): readonly Diagnostic[] {
  const text = config[ARGUMENT];
  if (typeof text !== "string" || !isSensitive(sensitive, [ARGUMENT])) return [];
  const why = whyNoConfiguration(text);
  if (why === undefined) return [];
  const detail = `It is handed to QEMU in a file of its owner's, so that no process list shows it, and there ${why}. Change it, or leave the secret out of it.`;
  return [errorDiagnostic(`${ARGUMENT} is sensitive and cannot be kept secret as it is`, { detail })];
}

function whyNoConfiguration(text: string): string | undefined {
  if (text.includes('"')) return "it can have no double quote";
  if (/[\r\n]/.test(text)) return "it can have one line only";
  if (Buffer.byteLength(text) > MOST_BYTES) return `it can have ${MOST_BYTES} bytes at most`;
  return undefined;
}

/** The file that QEMU reads the kernel's command line from, where that is sensitive; `writeSecretCommandLine` makes it. */
export function secretBoot({ id, attributes, sensitive }: Instance): string | undefined {
  const hasSecret = typeof attributes[ARGUMENT] === "string" && isSensitive(sensitive, [ARGUMENT]);
  return hasSecret ? bootConfiguration(id) : undefined;
}

/** For one start: QEMU has read it before it answers anything, and `removeSecretCommandLine` then takes it away. */
export async function writeSecretCommandLine(instance: Instance, run: string, files: Files): Promise<void> {
  const name = secretBoot(instance);
  if (name === undefined) return;
  const text = `[machine]\n  append = "${String(instance.attributes[ARGUMENT])}"\n`;
  await files.write(`${run}/${name}`, text, 0o600);
}

export async function removeSecretCommandLine(instance: Instance, run: string, files: Files): Promise<void> {
  const name = secretBoot(instance);
  if (name !== undefined) await files.remove(`${run}/${name}`);
}
