/** Why a call cannot be answered: a clause without full stop, and the argument it is about. */
export class Fault {
  readonly reason: string;
  readonly argument: number | undefined;
  constructor(reason: string, argument?: number) {
    this.reason = reason;
    this.argument = argument;
  }
}
