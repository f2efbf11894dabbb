import { isAbsolute } from "node:path";
import { fail } from "../src/core/diagnostics.ts";
import { type HostBinding, type Instance, type OutputState, STATE_FORMAT, type State } from "../src/core/state.ts";
import type { Json } from "../src/core/values.ts";
import { type Place, subjectOf } from "./failure.ts";
import { stateViolations } from "./invariants.ts";
import { countOf, fieldsOf, hostOf, instanceOf, labOf, listOf, outputsOf, ShapeError, textOf } from "./shape.ts";

/** The same state is always the same text: instances by address, keys of free-form parts sorted, two spaces. */
export function formatState(state: State): string {
  const outputs = Object.entries(state.outputs).sort(byName);
  const instances = [...state.instances.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
  const document = {
    format: state.format,
    labformVersion: state.labformVersion,
    lineage: state.lineage,
    serial: state.serial,
    registry: state.registry,
    lab: state.lab,
    host: state.host && hostDocument(state.host),
    outputs: Object.fromEntries(outputs.map(([name, output]) => [name, outputDocument(output)])),
    instances: instances.map(instanceDocument),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function hostDocument({ name, machine, bootId, pidNamespace, since }: HostBinding) {
  return { name, machine, bootId, pidNamespace, since };
}

function outputDocument(output: OutputState) {
  return {
    sensitive: output.sensitive,
    type: sorted(output.type),
    value: sorted(output.value),
    deferred: output.deferred && {
      text: output.deferred.text,
      at: output.deferred.at,
      captured: sorted(output.deferred.captured as unknown as Json),
      readings: sorted(output.deferred.readings as unknown as Json),
      parts: sorted(output.deferred.parts as unknown as Json),
    },
  };
}

function instanceDocument(instance: Instance) {
  return {
    address: instance.address,
    kind: instance.kind,
    provider: instance.provider,
    schemaVersion: instance.schemaVersion,
    id: instance.id,
    status: instance.status,
    attributes: sorted(instance.attributes),
    sensitive: instance.sensitive,
    dependencies: instance.dependencies,
    preventDestroy: instance.preventDestroy,
    private: sorted(instance.private),
    byHand: instance.byHand && {
      what: instance.byHand.what,
      attribute: instance.byHand.attribute,
      by: instance.byHand.by,
      at: instance.byHand.at,
    },
    pending: instance.pending && {
      operation: instance.pending.operation,
      token: instance.pending.token,
      since: instance.pending.since,
    },
  };
}

function sorted(json: Json | undefined): Json | undefined {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return (json as readonly Json[]).map((item) => sorted(item) as Json);
  const entries = Object.entries(json as { readonly [key: string]: Json }).sort(byName);
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item) as Json]));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** What messages call the text, and what to do about one that cannot be used. */
interface Words {
  readonly what: string;
  readonly advice: string;
}

/** Rejects what is damaged, contradicts itself, or was written by a newer labform. */
export function parseState(text: string, place: Place, labformVersion: string, words: Words = recordedWords): State {
  const state = decode(text, place, labformVersion, words);
  const violations = stateViolations(state);
  if (violations.length > 0) {
    fail(`${words.what} contradicts itself`, {
      subject: subjectOf(place),
      detail: `${violations.map((one) => `Invariant ${one}.`).join("\n")}\n${words.advice}`,
    });
  }
  return state;
}

/**
 * As `parseState`, of a document that comes from outside of the data directory. Its lineage names the registry's entry and
 * a node's id its directory, which is removed with it: neither may be a path.
 */
export function parseForeign(text: string, place: Place, labformVersion: string, words: Words): State {
  const state = parseState(text, place, labformVersion, words);
  const { what, advice } = words;
  const subject = subjectOf(place);
  if (!/^[\w-]*$/.test(state.lineage)) {
    fail(`${what} has no lineage of labform's`, {
      subject,
      detail: `${JSON.stringify(state.lineage)} should be letters, digits and dashes. ${advice}`,
    });
  }
  for (const { kind, id, address } of state.instances.values()) {
    if (kind !== "node" || (/^[^/\0]+$/.test(id) && id !== "." && id !== "..")) continue;
    fail(`${what} has no id of labform's for ${address}`, {
      subject,
      detail: `${JSON.stringify(id)} names the node's directory, so it can be no path. ${advice}`,
    });
  }
  return state;
}

/** Ends every message about a file that cannot be used. */
export const restoreAdvice =
  "Restore the file from a copy, or move its directory aside: labform then starts anew, and `labform destroy` ends what the registry knows to run on this host.";

const recordedWords: Words = { what: "The recorded state", advice: restoreAdvice };

function decode(text: string, place: Place, labformVersion: string, { what, advice }: Words): State {
  try {
    const fields = fieldsOf(JSON.parse(text), "");
    const format = countOf(fields.format, "format");
    refuseNewer(format, fields.labformVersion, place, labformVersion);
    if (format !== STATE_FORMAT) throw new ShapeError("format", `${STATE_FORMAT} or higher`);
    const instances = listOf(fields.instances, "instances", instanceOf);
    const byAddress = new Map(instances.map((one) => [one.address, one]));
    if (byAddress.size < instances.length) throw new ShapeError("instances", "without an address twice");
    return {
      format,
      labformVersion: textOf(fields.labformVersion, "labformVersion"),
      lineage: textOf(fields.lineage, "lineage"),
      serial: countOf(fields.serial, "serial"),
      registry: registryOf(fields.registry),
      lab: labOf(fields.lab, "lab"),
      ...(fields.host === undefined ? {} : { host: hostOf(fields.host, "host") }),
      outputs: outputsOf(fields.outputs, "outputs"),
      instances: byAddress,
    };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof ShapeError)) throw error;
    fail(`${what} is damaged`, {
      subject: subjectOf(place),
      detail: `It is not what labform writes: ${error.message}. ${advice}`,
      cause: error,
    });
  }
}

function registryOf(value: unknown): string {
  const path = textOf(value, "registry");
  if (path !== "" && !isAbsolute(path)) throw new ShapeError("registry", "an absolute path");
  return path;
}

export function refuseNewer(format: number, writer: unknown, place: Place, labformVersion: string): void {
  if (format <= STATE_FORMAT) return;
  fail("The state was written by a newer labform", {
    subject: subjectOf(place),
    detail: `It has format ${format}, written by labform ${String(writer)}; this is labform ${labformVersion}, which knows formats up to ${STATE_FORMAT}. Use labform ${String(writer)} or later for this lab.`,
  });
}
