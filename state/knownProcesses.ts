import type { Ports, ProcessIdentity } from "../src/core/ports.ts";
import type { Instance, JournalRecord } from "../src/core/state.ts";
import { companionsOf, processOf } from "./process.ts";
import { fieldsOf, identityOf, textOf } from "./shape.ts";

/** A line of the registry's processes.jsonl: a token that was given out, and once it is known, the process with it. */
export interface KnownProcess {
  readonly address: string;
  readonly token: string;
  readonly identity?: ProcessIdentity | undefined;
}

export function formatKnown({ address, token, identity }: KnownProcess): string {
  return `${JSON.stringify(identity ? { address, identity } : { address, token })}\n`;
}

/** Lines that cannot be read are passed over: each of the others may be all that is left of a process. */
export function parseKnown(text: string): readonly KnownProcess[] {
  return text.split("\n").flatMap((line) => {
    try {
      const fields = fieldsOf(JSON.parse(line), "");
      const address = textOf(fields.address, "address");
      if (fields.identity === undefined) return [{ address, token: textOf(fields.token, "token") }];
      const identity = identityOf(fields.identity, "identity");
      return [{ address, token: identity.token, identity }];
    } catch {
      return [];
    }
  });
}

/** The tokens and processes that an instance's record tells of. */
export function knownOf(instance: Instance): readonly KnownProcess[] {
  const { address, pending } = instance;
  const identity = processOf(instance);
  return [
    ...(pending && pending.token !== "" ? [{ address, token: pending.token }] : []),
    ...(identity ? [{ address, token: identity.token, identity }] : []),
    ...companionsOf(instance).map((one) => ({ address, ...one })),
  ];
}

export function knownOfRecord(record: JournalRecord): readonly KnownProcess[] {
  return record.record === "intent" || record.record === "outcome" ? knownOf(record.instance) : [];
}

export interface LivingProcess {
  readonly address: string;
  readonly identity: ProcessIdentity;
}

/** Those that live now: by identity, and by token where the start was never recorded or a child lives on. */
export function livingOf(ports: Ports, known: readonly KnownProcess[]): readonly LivingProcess[] {
  const living = new Map<number, LivingProcess>();
  const addresses = new Map<string, string>();
  for (const { address, token, identity } of known) {
    addresses.set(token, address);
    if (identity && ports.processes.status(identity) === "alive") living.set(identity.pid, { address, identity });
  }
  for (const [token, identity] of ports.processes.findByTokens(new Set(addresses.keys()))) {
    const address = addresses.get(token);
    if (address !== undefined && !living.has(identity.pid)) living.set(identity.pid, { address, identity });
  }
  return [...living.values()];
}

/** True when nothing lives and nothing is of another pid namespace, where it could not be seen. */
export function areAllGone(ports: Ports, known: readonly KnownProcess[]): boolean {
  const unseen = known.some(({ identity }) => identity && ports.processes.status(identity) === "elsewhere");
  return !unseen && livingOf(ports, known).length === 0;
}
