import { errorDiagnostic, Failure } from "../core/diagnostics.ts";

const units: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `90s`, `1m30s`, `2h`; `flag` is named when it is none. */
export function parseDuration(text: string, flag: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const read = parts.map((part) => part[0]).join("");
  if (parts.length === 0 || read !== text) {
    throw new Failure(
      errorDiagnostic(`${flag}=${text} is no duration`, {
        detail: "Give a number and a unit: 500ms, 30s, 2m, 1m30s, 1h.",
      }),
    );
  }
  return parts.reduce((sum, part) => sum + Number(part[1]) * (units[part[2] ?? ""] ?? 0), 0);
}

/** `true` or `false`, as Terraform's boolean flags; `flag` is named when it is neither. */
export function parseBoolean(text: string, flag: string): boolean {
  if (/^(?:true|1)$/i.test(text)) return true;
  if (/^(?:false|0)$/i.test(text)) return false;
  throw new Failure(
    errorDiagnostic(`${flag}=${text} is neither true nor false`, { detail: `Write ${flag}=false or leave it out.` }),
  );
}

/** A whole number from 0 on; `flag` is named when it is none. */
export function parseCount(text: string, flag: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Failure(errorDiagnostic(`${flag}=${text} is no whole number`, { detail: "Give 0, 1, 2 …" }));
}
