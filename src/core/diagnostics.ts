import type { Range } from "./source.ts";
import type { Path } from "./values.ts";

/**
 * What a user is told when something is wrong. A diagnostic is returned, never thrown; what is thrown is a fault of
 * labform itself, but for `Failure` below.
 */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** One line, no full stop: what happened. */
  readonly summary: string;
  /** Whole sentences: why, and what to do. */
  readonly detail?: string | undefined;
  /** The text at fault; it is shown with its line and marked. */
  readonly range?: Range | undefined;
  /** Of a provider's, which knows no lab files: the argument at fault, from the resource on. The planner finds its range. */
  readonly path?: Path | undefined;
  /** Other places that have to do with it: the first declaration of a duplicate, the ring of a cycle. */
  readonly related?: readonly { readonly message: string; readonly range: Range }[];
  /** The values of the references in the text at fault, already safe to show. */
  readonly values?: readonly { readonly expression: string; readonly value: string }[];
  /** The text is no HCL at all, to HashiCorp's parser too, as opposed to HCL that says something wrong. */
  readonly syntax?: boolean | undefined;
  /** The resource instance it is about. */
  readonly address?: string | undefined;
  /** A file, socket or program on the host it is about: `kernel image /boot/vmlinuz`. */
  readonly subject?: string | undefined;
}

export function errorDiagnostic(summary: string, rest: Omit<Diagnostic, "severity" | "summary"> = {}): Diagnostic {
  return { severity: "error", summary, ...rest };
}

export function warningDiagnostic(summary: string, rest: Omit<Diagnostic, "severity" | "summary"> = {}): Diagnostic {
  return { severity: "warning", summary, ...rest };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((one) => one.severity === "error");
}

/**
 * The one exception that is not a fault of labform: an operation on the world (a file, a process, a peer) that did
 * not succeed. It carries its evidence as diagnostics.
 */
export class Failure extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: Diagnostic | readonly Diagnostic[], options?: { cause?: unknown }) {
    const list = Array.isArray(diagnostics) ? (diagnostics as readonly Diagnostic[]) : [diagnostics as Diagnostic];
    super(list.map((one) => one.summary).join("; "), options);
    this.name = "Failure";
    this.diagnostics = list;
  }
}

export function fail(
  summary: string,
  rest: Omit<Diagnostic, "severity" | "summary"> & { cause?: unknown } = {},
): never {
  const { cause, ...diagnostic } = rest;
  throw new Failure(errorDiagnostic(summary, diagnostic), cause === undefined ? undefined : { cause });
}
