/** Placeholder until the evaluation part lands; see ARCHITECTURE.md. */
export interface BigFloat {
  readonly mantissa: bigint;
  readonly exponent: number;
}
