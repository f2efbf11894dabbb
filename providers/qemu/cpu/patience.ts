import type { Instance } from "../../../src/core/state.ts";
import { nodeAttributes } from "../attributes.ts";

/** Tried with cpulimit: at 5 % an answer that takes a millisecond takes 750 in the middle. */
const MOST = 20;

/** How long a QEMU is waited for that is held down by cpu_throttling, where another is given `ms`. */
export function patience(ms: number, instance: Instance): number {
  const { cpu_throttling: percent } = nodeAttributes(instance.attributes);
  return percent > 0 && percent < 100 ? ms * Math.min(MOST, 100 / percent) : ms;
}
