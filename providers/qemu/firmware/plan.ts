import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { PlanRequest } from "../../../src/core/provider.ts";
import type { Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { lookAt } from "../there.ts";
import { checkTpm } from "./tpm.ts";
import { findUefi, UEFI_PACKAGES, type Uefi } from "./uefi.ts";

export interface FirmwarePlan {
  /** The attribute `uefi_code`. */
  readonly code: Planned;
  /** Undefined without UEFI, and where it is not known. */
  readonly uefi?: Uefi | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The firmware that a node's board starts with, where it is not QEMU's own. */
export async function planFirmware(
  request: PlanRequest,
  planned: PlannedAttributes,
  tools: PlanTools,
): Promise<FirmwarePlan> {
  const tpm = request.offline ? [] : await checkTpm(planned, tools);
  const { platform, machine = null, uefi = null } = planned;
  const { prior } = request;
  if (uefi === false || uefi === null) return { code: null, diagnostics: tpm };
  if (uefi === UNKNOWN || typeof platform !== "string" || machine === UNKNOWN) {
    return { code: UNKNOWN, diagnostics: tpm };
  }
  const before = prior?.attributes;
  const kept = prior && before?.["platform"] === platform && before["machine"] === machine && notesOf(prior).uefi;
  if (request.offline) return { code: kept ? kept.code : UNKNOWN, diagnostics: tpm };
  // What a node began with stays: its variables belong to it.
  const isKept = kept && (await lookAt(tools.ports.files, kept.code)) !== undefined;
  const found = isKept ? kept : await findUefi(tools.ports.files, platform, machine as string | null);
  if (found) return { code: found.code, uefi: found, diagnostics: tpm };
  return { code: UNKNOWN, diagnostics: [...tpm, noUefi(platform, machine as string | null)] };
}

function noUefi(platform: string, machine: string | null): Diagnostic {
  const board = `${platform}${machine === null ? "" : ` with machine ${machine}`}`;
  const name = UEFI_PACKAGES[platform];
  const detail =
    name === undefined
      ? "There is none for that platform. Remove uefi."
      : `Install it (on Debian and Ubuntu: apt install ${name}), or remove uefi. It is searched by its description in /usr/share/qemu/firmware, then at the usual places; one that needs Secure Boot is not taken.`;
  return errorDiagnostic(`No UEFI firmware for ${board} is installed`, { detail, subject: "UEFI firmware" });
}
