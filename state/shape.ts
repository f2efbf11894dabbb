import type { Move } from "../src/core/plan.ts";
import type { ProcessIdentity } from "../src/core/ports.ts";
import type {
  ByHand,
  HostBinding,
  HostFacts,
  Instance,
  JournalRecord,
  OutputState,
  Pending,
  State,
} from "../src/core/state.ts";
import type { Attributes, Json, Path } from "../src/core/values.ts";

/** JSON that has not the shape it should have. `at` is where: `instances[3].status`. */
export class ShapeError extends Error {
  constructor(at: string, expected: string) {
    super(`${at || "the document"} should be ${expected}`);
  }
}

export type Fields = { readonly [name: string]: unknown };

export function fieldsOf(value: unknown, at: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ShapeError(at, "an object");
  return value as Fields;
}

export function listOf<T>(value: unknown, at: string, item: (value: unknown, at: string) => T): readonly T[] {
  if (!Array.isArray(value)) throw new ShapeError(at, "a list");
  return value.map((one, index) => item(one, `${at}[${index}]`));
}

export function textOf(value: unknown, at: string): string {
  if (typeof value !== "string") throw new ShapeError(at, "a string");
  return value;
}

export function countOf(value: unknown, at: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new ShapeError(at, "a whole number");
  return value as number;
}

function trueOf(value: unknown, at: string): true {
  if (value !== true) throw new ShapeError(at, "true, or absent");
  return true;
}

function oneOf<T extends string>(choices: readonly T[]): (value: unknown, at: string) => T {
  return (value, at) => {
    if (!choices.includes(value as T)) throw new ShapeError(at, `one of ${choices.join(", ")}`);
    return value as T;
  };
}

const kindOf = oneOf(["node", "link", "network", "service"]);
const statusOf = oneOf(["ok", "creating", "unready", "tainted", "deleting"]);
const operations = [
  "stage",
  "prepare",
  "start",
  "ready",
  "stop",
  "reload",
  "remove",
  "update",
  "wire",
  "unwire",
  "launch",
  "end",
  "forget",
] as const;
const operationOf = oneOf(operations);
const outcomeOf = oneOf([...operations, "settle", "progress"]);

export function instanceOf(value: unknown, at: string): Instance {
  const fields = fieldsOf(value, at);
  const byHand = fields.byHand === undefined ? {} : { byHand: byHandOf(fields.byHand, `${at}.byHand`) };
  const prevents =
    fields.preventDestroy === undefined
      ? {}
      : { preventDestroy: trueOf(fields.preventDestroy, `${at}.preventDestroy`) };
  const pending = fields.pending === undefined ? {} : { pending: pendingOf(fields.pending, `${at}.pending`) };
  return {
    address: textOf(fields.address, `${at}.address`),
    kind: kindOf(fields.kind, `${at}.kind`),
    provider: textOf(fields.provider, `${at}.provider`),
    schemaVersion: countOf(fields.schemaVersion, `${at}.schemaVersion`),
    id: textOf(fields.id, `${at}.id`),
    status: statusOf(fields.status, `${at}.status`),
    attributes: fieldsOf(fields.attributes, `${at}.attributes`) as Attributes,
    sensitive: listOf(fields.sensitive, `${at}.sensitive`, pathOf),
    dependencies: listOf(fields.dependencies, `${at}.dependencies`, textOf),
    ...prevents,
    private: fieldsOf(fields.private, `${at}.private`) as Attributes,
    ...byHand,
    ...pending,
  };
}

function byHandOf(value: unknown, at: string): ByHand {
  const fields = fieldsOf(value, at);
  return {
    what: textOf(fields.what, `${at}.what`),
    attribute: textOf(fields.attribute, `${at}.attribute`),
    by: textOf(fields.by, `${at}.by`),
    at: textOf(fields.at, `${at}.at`),
  };
}

function pendingOf(value: unknown, at: string): Pending {
  const fields = fieldsOf(value, at);
  return {
    operation: operationOf(fields.operation, `${at}.operation`),
    token: textOf(fields.token, `${at}.token`),
    since: textOf(fields.since, `${at}.since`),
  };
}

function pathOf(value: unknown, at: string): Path {
  return listOf(value, at, (step, where) => (typeof step === "number" ? countOf(step, where) : textOf(step, where)));
}

export function labOf(value: unknown, at: string): State["lab"] {
  if (value === null) return null;
  const fields = fieldsOf(value, at);
  return { name: textOf(fields.name, `${at}.name`), identity: textOf(fields.identity, `${at}.identity`) };
}

export function hostOf(value: unknown, at: string): HostBinding {
  return { ...hostFactsOf(value, at), since: textOf(fieldsOf(value, at).since, `${at}.since`) };
}

export function hostFactsOf(value: unknown, at: string): HostFacts {
  const fields = fieldsOf(value, at);
  return {
    name: textOf(fields.name, `${at}.name`),
    machine: textOf(fields.machine, `${at}.machine`),
    bootId: textOf(fields.bootId, `${at}.bootId`),
    pidNamespace: textOf(fields.pidNamespace, `${at}.pidNamespace`),
  };
}

export function outputsOf(value: unknown, at: string): State["outputs"] {
  const entries = Object.entries(fieldsOf(value, at));
  return Object.fromEntries(entries.map(([name, one]) => [name, outputOf(one, `${at}.${name}`)]));
}

function outputOf(value: unknown, at: string): OutputState {
  const fields = fieldsOf(value, at);
  if (typeof fields.sensitive !== "boolean") throw new ShapeError(`${at}.sensitive`, "true or false");
  for (const name of ["type", "value"]) if (!(name in fields)) throw new ShapeError(`${at}.${name}`, "there");
  const deferred = fields.deferred === undefined ? {} : { deferred: deferredOf(fields.deferred, `${at}.deferred`) };
  return { sensitive: fields.sensitive, type: fields.type as Json, value: fields.value as Json, ...deferred };
}

type OutputExpression = NonNullable<OutputState["deferred"]>;

/** What it captured and read is the planner's and passed through as it is. */
function deferredOf(value: unknown, at: string): OutputExpression {
  const fields = fieldsOf(value, at);
  const inner = (name: "captured" | "readings" | "parts") => fieldsOf(fields[name], `${at}.${name}`) as unknown;
  return {
    text: textOf(fields.text, `${at}.text`),
    at: textOf(fields.at, `${at}.at`),
    captured: inner("captured") as OutputExpression["captured"],
    ...(fields.readings === undefined ? {} : { readings: inner("readings") as OutputExpression["readings"] }),
    ...(fields.parts === undefined ? {} : { parts: inner("parts") as OutputExpression["parts"] }),
  };
}

function moveOf(value: unknown, at: string): Move & { readonly id: string } {
  const fields = fieldsOf(value, at);
  return {
    id: textOf(fields.id, `${at}.id`),
    from: textOf(fields.from, `${at}.from`),
    to: textOf(fields.to, `${at}.to`),
  };
}

export function recordOf(value: unknown): JournalRecord {
  const fields = fieldsOf(value, "");
  switch (fields.record) {
    case "begin":
      return {
        record: "begin",
        lineage: textOf(fields.lineage, "lineage"),
        serial: countOf(fields.serial, "serial"),
        registry: textOf(fields.registry, "registry"),
        command: textOf(fields.command, "command"),
        lab: labOf(fields.lab, "lab"),
        ...(fields.host === undefined ? {} : { host: hostOf(fields.host, "host") }),
        time: textOf(fields.time, "time"),
      };
    case "intent":
      return { record: "intent", instance: instanceOf(fields.instance, "instance") };
    case "outcome":
      return {
        record: "outcome",
        operation: outcomeOf(fields.operation, "operation"),
        instance: instanceOf(fields.instance, "instance"),
      };
    case "gone":
      return { record: "gone", address: textOf(fields.address, "address") };
    case "moved":
      return { record: "moved", moves: listOf(fields.moves, "moves", moveOf) };
    case "outputs":
      return { record: "outputs", outputs: outputsOf(fields.outputs, "outputs") };
    case "end":
      return { record: "end", time: textOf(fields.time, "time") };
    default:
      throw new ShapeError("record", "one of begin, intent, outcome, gone, moved, outputs, end");
  }
}

export function identityOf(value: unknown, at: string): ProcessIdentity {
  const fields = fieldsOf(value, at);
  return {
    pid: countOf(fields.pid, `${at}.pid`),
    uid: countOf(fields.uid, `${at}.uid`),
    startTime: textOf(fields.startTime, `${at}.startTime`),
    bootId: textOf(fields.bootId, `${at}.bootId`),
    pidNamespace: textOf(fields.pidNamespace, `${at}.pidNamespace`),
    token: textOf(fields.token, `${at}.token`),
  };
}
