import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import { portAddress, portsOf } from "../core/ends.ts";
import type { Instance, State } from "../core/state.ts";
import { findInstances, namesInstance } from "./instances.ts";

/** What a user's word names that frames can be seen of: links, or of networks a port. */
export interface Capturable {
  readonly instance: Instance;
  /** The label of a network's port; undefined of a link. */
  readonly port: string | undefined;
}

/**
 * As `findInstances` for a link; a port of a network is `network.lan.port["web"]`, of which `network.` and the quotes may
 * be left out.
 */
export function findCapturable(state: State, word: string): readonly Capturable[] {
  const split = /^(.+)\.port\[(.+)\]$/.exec(word);
  if (split) {
    const [, network = "", label = ""] = split;
    return findInstances(state, network, "network").map((instance) => ({ instance, port: unquoted(label) }));
  }
  const network = [...state.instances.values()].find((one) => one.kind === "network" && namesInstance(one, word));
  const isLink = [...state.instances.values()].some((one) => one.kind === "link" && namesInstance(one, word));
  if (network && !isLink) throw new Failure(namePort(network));
  return findInstances(state, word, "link").map((instance) => ({ instance, port: undefined }));
}

function namePort({ address, attributes }: Instance) {
  const ports = portsOf(attributes.port).map(([label]) => portAddress(address, label));
  const detail =
    ports.length > 0
      ? `Name one of its ports: ${ports.join(", ")}.`
      : 'It has no port blocks. What is to be captured needs one: port "web" { endpoint = … }.';
  return errorDiagnostic(`${address} is captured port by port`, { address, detail });
}

function unquoted(label: string): string {
  try {
    const read: unknown = JSON.parse(label);
    return typeof read === "string" ? read : label;
  } catch {
    return label;
  }
}
