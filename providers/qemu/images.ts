import { resolve } from "node:path";
import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../src/core/diagnostics.ts";
import type { Files, Ports } from "../../src/core/ports.ts";
import type { HostDirectories, PlanRequest } from "../../src/core/provider.ts";
import type { Json, Planned } from "../../src/core/values.ts";
import { UNKNOWN } from "../../src/core/values.ts";
import { qemuSettings } from "./settings.ts";

/** The absolute path of an image named in a lab file, or why there is none. `role` is as in `kernel image`. */
export async function resolveImage(
  request: Pick<PlanRequest, "settings" | "offline">,
  tools: { readonly ports: Pick<Ports, "files">; readonly directories: Pick<HostDirectories, "lab"> },
  role: string,
  given: string,
  before: Json | undefined,
): Promise<{ readonly path: Planned; readonly diagnostic?: Diagnostic | undefined }> {
  const { files } = tools.ports;
  const candidates = imageCandidates(given, tools.directories.lab, qemuSettings(request.settings).image_directory);
  if (request.offline) {
    if (candidates.length === 1) return { path: candidates[0] as string };
    return { path: typeof before === "string" && candidates.includes(before) ? before : UNKNOWN };
  }
  const path = await findImage(files, candidates);
  return { path, diagnostic: await checkImage(files, role, path, candidates) };
}

/** Where an image may be: an absolute path is itself, a relative one starts at the lab, then at the image directory. */
function imageCandidates(path: string, lab: string, imageDirectory: string | null): readonly string[] {
  const inLab = resolve(lab, path);
  if (path.startsWith("/") || imageDirectory === null) return [inLab];
  return [inLab, resolve(imageDirectory, path)];
}

/** The first candidate that is there, dangling links included; the first of all when none is. */
async function findImage(files: Files, candidates: readonly string[]): Promise<string> {
  for (const candidate of candidates) {
    try {
      await files.lstat(candidate);
      return candidate;
    } catch {
      // The next one, or the check names them all.
    }
  }
  return candidates[0] as string;
}

/** Undefined when QEMU, which runs as this account, can read it. `role` is as in `kernel image`. */
async function checkImage(
  files: Files,
  role: string,
  path: string,
  candidates: readonly string[],
): Promise<Diagnostic | undefined> {
  const subject = `${role} ${path}`;
  try {
    const { kind } = await files.stat(path);
    if (kind !== "file") {
      return errorDiagnostic(
        `${capital(role)} ${path} is no file but ${kind === "other" ? "a device or pipe" : `a ${kind}`}`,
        {
          subject,
        },
      );
    }
    await files.access(path, "read");
    return undefined;
  } catch (error) {
    return errorDiagnostic(...(await explain(files, role, path, candidates, error as NodeJS.ErrnoException, subject)));
  }
}

async function explain(
  files: Files,
  role: string,
  path: string,
  candidates: readonly string[],
  error: NodeJS.ErrnoException,
  subject: string,
): Promise<[string, { detail: string; subject: string }]> {
  if (error.code === "ENOENT") {
    const target = await files.readLink(path).catch(() => undefined);
    if (target !== undefined) {
      const detail = `It is a link to ${target}, and there is nothing. Put the image there or mend the link.`;
      return [`${capital(role)} ${path} is a dangling link`, { detail, subject }];
    }
    const tried = candidates.length > 1 ? ` Searched: ${candidates.join(", ")}.` : "";
    const detail = `Put the image there, or change the path; a relative one starts at the lab's directory, then at image_directory of provider "qemu".${tried}`;
    return [`${capital(role)} ${path} does not exist`, { detail, subject }];
  }
  if (error.code === "EACCES") {
    const detail = "QEMU runs as your account, which may not read this file or enter one of its directories.";
    return [`${capital(role)} ${path} cannot be read`, { detail, subject }];
  }
  return [`${capital(role)} ${path} cannot be read`, { detail: error.message, subject }];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
