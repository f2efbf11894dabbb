import { resolve } from "node:path";
import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import type { Context } from "./context.ts";
import { decodeUtf8 } from "./utf8.ts";

/** What a file is to its reader, for messages. */
interface FileRole {
  /** As its user wrote it. */
  readonly name: string;
  /** `plan file` */
  readonly role: string;
  readonly advice?: string;
}

/** The text of a file a user gave; rejects with `Failure` where it cannot be read or is not UTF-8. */
export async function readUserFile(context: Context, path: string, { name, role, advice }: FileRole): Promise<string> {
  const subject = `${role} ${path}`;
  let bytes: Uint8Array;
  try {
    bytes = await context.ports.files.read(path);
  } catch (error) {
    const detail = `${reasonOf(error)}.${advice === undefined ? "" : ` ${advice}`}`;
    throw new Failure(errorDiagnostic(`${name} cannot be read`, { subject, detail }), { cause: error });
  }
  return asText(bytes, name, subject);
}

/** The text of bytes from outside; throws a `Failure` that names them where they are not UTF-8. */
export function asText(bytes: Uint8Array, name: string, subject?: string): string {
  const text = decodeUtf8(bytes);
  if (typeof text === "string") return text;
  const byte = `0x${(bytes[text.offset] as number).toString(16).padStart(2, "0")}`;
  throw new Failure(
    errorDiagnostic(`${name} is not UTF-8`, {
      subject,
      detail: `Byte ${text.offset} (counted from 0), ${byte} on line ${text.line}, begins no character of UTF-8. Save the file in that encoding.`,
    }),
  );
}

export function readSavedPlan(context: Context, name: string): Promise<string> {
  const advice = "A plan is saved with plan -out=FILE.";
  return readUserFile(context, resolve(context.workingDirectory, name), { name, role: "plan file", advice });
}

/** Readable by its owner only: a plan holds sensitive values. */
export async function writeSavedPlan(context: Context, name: string, text: string): Promise<void> {
  const path = resolve(context.workingDirectory, name);
  try {
    await context.ports.files.writeAtomic(path, text, 0o600);
  } catch (error) {
    const detail = `${reasonOf(error)}. Nothing was changed. Name another file with -out=FILE.`;
    throw new Failure(
      errorDiagnostic(`The plan cannot be saved to ${name}`, { subject: `plan file ${path}`, detail }),
      {
        cause: error,
      },
    );
  }
}

/** What went wrong, for the middle of a sentence. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
