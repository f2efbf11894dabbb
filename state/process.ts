import type { ProcessIdentity } from "../src/core/ports.ts";
import type { Instance } from "../src/core/state.ts";
import { fieldsOf, identityOf, textOf } from "./shape.ts";

/**
 * The process of an instance, which stands at `private.process`; undefined when it has none. Throws a ShapeError when
 * what stands there is no identity.
 */
export function processOf(instance: Instance): ProcessIdentity | undefined {
  const { process } = instance.private;
  return process === undefined || process === null ? undefined : identityOf(process, "private.process");
}

/** A process that an instance has beside its own. */
export interface Companion {
  /** Recorded before it is made. */
  readonly token: string;
  readonly identity: ProcessIdentity | undefined;
}

/** They stand at `private.companions`, by their names: `{ token, process }`. Throws a ShapeError as `processOf` does. */
export function companionsOf(instance: Instance): readonly Companion[] {
  const { companions } = instance.private;
  if (companions === undefined || companions === null) return [];
  return Object.entries(fieldsOf(companions, "private.companions")).map(([name, value]) => {
    const at = `private.companions.${name}`;
    const { token, process } = fieldsOf(value, at);
    return {
      token: textOf(token, `${at}.token`),
      identity: process === undefined ? undefined : identityOf(process, `${at}.process`),
    };
  });
}
