import type { Diagnostic } from "../core/diagnostics.ts";

/** Why a call cannot be answered: a clause without full stop, and the argument it is about. */
export class Fault {
  readonly reason: string;
  readonly argument: number | undefined;
  /** Instead of the reason, where the function itself found errors in a text: a template's, with places in it. */
  readonly diagnostics: readonly Diagnostic[] | undefined;
  constructor(reason: string, argument?: number, diagnostics?: readonly Diagnostic[]) {
    this.reason = reason;
    this.argument = argument;
    this.diagnostics = diagnostics;
  }
}
