import type { ProcessIdentity } from "../src/core/ports.ts";
import type { Instance } from "../src/core/state.ts";
import { identityOf } from "./shape.ts";

/**
 * The process of an instance, which stands at `private.process`; undefined when it has none. Throws a ShapeError when
 * what stands there is no identity.
 */
export function processOf(instance: Instance): ProcessIdentity | undefined {
  const { process } = instance.private;
  return process === undefined || process === null ? undefined : identityOf(process, "private.process");
}
