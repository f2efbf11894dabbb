import { createHash } from "node:crypto";
import { type Diagnostic, errorDiagnostic, fail, warningDiagnostic } from "../src/core/diagnostics.ts";
import type { Clock, Host } from "../src/core/ports.ts";
import { shellWord } from "../src/core/shellWord.ts";
import type { HostBinding, HostFacts, State } from "../src/core/state.ts";

/**
 * What of a host tells it from others. The machine's id alone does not: copies of a system image share it, as do
 * containers; a host name alone does not either. Both together do, unless somebody takes pains.
 */
export function hostFacts(host: Host): HostFacts {
  const { hostName: name, bootId, pidNamespace } = host;
  return { name, machine: machineOf(host), bootId, pidNamespace };
}

/** The machine's id itself is not to leave the machine (machine-id(5)). */
function machineOf({ machineId = "" }: Host): string {
  return machineId === "" ? "" : createHash("sha256").update(`labform ${machineId}`).digest("hex").slice(0, 32);
}

export type Whereabouts =
  /** this boot and pid namespace */
  | "here"
  /** this host, before it was booted: nothing of then runs any more */
  | "rebooted"
  /** this boot of this host, in another pid namespace (a container), where nothing can be seen */
  | "namespace"
  | "elsewhere";

export function whereabouts(binding: HostFacts, host: Host): Whereabouts {
  if (binding.bootId === host.bootId) return binding.pidNamespace === host.pidNamespace ? "here" : "namespace";
  const same = binding.name === host.hostName && binding.machine === machineOf(host);
  return same ? "rebooted" : "elsewhere";
}

/** The binding of a command that begins here; a host keeps the time of its first. */
export function boundHere({ host: before }: State, host: Host, clock: Clock): HostBinding {
  const same = before !== undefined && ["here", "rebooted"].includes(whereabouts(before, host));
  return { ...hostFacts(host), since: same ? before.since : new Date(clock.now()).toISOString() };
}

/** Where the instances of a state are when that is not here; undefined where they are here, and where there are none. */
export function awayFrom({ instances, host: binding }: State, host: Host): Away | undefined {
  if (instances.size === 0 || binding === undefined) return undefined;
  const where = whereabouts(binding, host);
  if (where === "here" || where === "rebooted") return undefined;
  const since = saySince(binding);
  if (where === "elsewhere" && binding.name !== host.hostName) {
    return { name: binding.name, place: `on host ${binding.name}`, here: host.hostName, since };
  }
  if (where === "elsewhere") {
    const place = `on another host of the name ${binding.name}`;
    return { name: binding.name, place, here: "a host with another machine-id", since };
  }
  // A container has a host name of its own, as a rule.
  const name = binding.name === host.hostName ? binding.pidNamespace : binding.name;
  const own = binding.name === host.hostName ? "" : `${binding.name}, `;
  const place = `in ${own}another pid namespace of this host (${binding.pidNamespace})`;
  return { name, place, here: host.hostName === binding.name ? host.pidNamespace : host.hostName, since };
}

/** In UTC: who reads it may be in another place than the host. */
function saySince({ since }: HostBinding): string {
  return since.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
}

export interface Away {
  /** What -lost-host calls it. */
  readonly name: string;
  readonly place: string;
  readonly here: string;
  readonly since: string;
}

/** For a command that only looks: it goes by the record. */
export function awayWarning({ name, place, since, here }: Away): Diagnostic {
  return warningDiagnostic(`The lab runs ${place}`, {
    detail: `It has been there since ${since}, and from here (${here}) nothing of it can be seen: what is shown is what was recorded. Only there can it be changed. If that is gone for good, -lost-host=${shellWord(name)} takes all that ran there for lost.`,
  });
}

/** For a command that would look at the processes, or change something. */
export function awayError({ name, place, since, here }: Away): Diagnostic {
  return errorDiagnostic(`The lab runs ${place}`, {
    detail: `It has been there since ${since}, and this is ${here}: nothing there can be seen or ended from here, so nothing was done. Run the command there. If that is gone for good, apply -lost-host=${shellWord(name)} makes the lab anew here, and destroy -lost-host=${shellWord(name)} forgets it.`,
  });
}

/** The state without what a host took with it. Rejects a name that is not that host's. */
export function withoutLost(state: State, lostHost: string, away: Away | undefined, host: Host): State {
  if (away?.name === lostHost) {
    const { host: _, ...rest } = state;
    return { ...rest, registry: "", instances: new Map() };
  }
  const title = `-lost-host=${lostHost} names no host that has the lab`;
  if (away)
    return fail(title, { detail: `It is ${away.place}, since ${away.since}: -lost-host=${shellWord(away.name)}.` });
  const detail =
    state.instances.size === 0
      ? "The state has no instances, so nothing can be lost."
      : `The lab is on this host, ${host.hostName}, where labform sees for itself what is there. Leave -lost-host out.`;
  return fail(title, { detail });
}

/** For the command that goes on without it. */
export function lostWarning(lostHost: string, { instances, host }: State): Diagnostic {
  const names = [...instances.keys()].filter((one) => !one.startsWith("service."));
  return warningDiagnostic(`What was on ${lostHost} is taken for lost`, {
    detail: `${names.length === 0 ? "Its services" : names.slice(0, 8).join(", ")}${names.length > 8 ? ` and ${names.length - 8} more` : ""} had been there since ${host === undefined ? "an unknown time" : saySince(host)}. Should that host come back, what runs there is not this lab's any more: end it there by hand.`,
  });
}
