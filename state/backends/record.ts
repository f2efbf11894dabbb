import { dirname, join } from "node:path";
import {
  type BackendConfig,
  type BackendSettings,
  type BackendType,
  backendChanged,
  backendSchemas,
  type DeclaredBackend,
  isBackendType,
  type RecordedBackend,
  type ResolvedBackend,
  type Setting,
  settingFromText,
} from "../../src/core/backend.ts";
import { Failure, fail } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import { guarded, ifPresent, subjectOf } from "../failure.ts";
import type { Layout } from "../layout.ts";
import { fieldsOf, listOf, ShapeError, textOf } from "../shape.ts";

type Environment = { readonly [name: string]: string | undefined };

/** What `init` wrote down; undefined where it never had to. */
export async function readBackendRecord(ports: Ports, layout: Layout): Promise<RecordedBackend | undefined> {
  const place = { role: "backend record", path: layout.backend };
  const text = await guarded("read the backend in use", place, () => ifPresent(ports.files.readText(place.path)));
  if (text === undefined) return undefined;
  try {
    const fields = fieldsOf(JSON.parse(text), "");
    const type = textOf(fields.type, "type");
    if (!isBackendType(type)) throw new ShapeError("type", "a backend of this labform");
    const settings = fieldsOf(fields.settings, "settings") as BackendSettings;
    return {
      type,
      settings,
      given: listOf(fields.given, "given", textOf),
      environment: listOf(fields.environment, "environment", textOf),
      secrets: listOf(fields.secrets, "secrets", textOf),
    };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof ShapeError)) throw error;
    return fail("The record of the backend in use is damaged", {
      subject: subjectOf(place),
      detail: `It is not what labform writes: ${error.message}. "labform init -reconfigure" writes it anew from the lab files.`,
      cause: error,
    });
  }
}

/** `undefined` takes the record away: the state is then where it is without a backend block. */
export async function writeBackendRecord(
  ports: Ports,
  layout: Layout,
  record: RecordedBackend | undefined,
): Promise<void> {
  const place = { role: "backend record", path: layout.backend };
  await guarded("write down the backend in use", place, async () => {
    if (record === undefined) {
      await ports.files.remove(place.path);
      await ports.files.syncDirectory(dirname(place.path));
    } else await ports.files.writeAtomic(place.path, `${JSON.stringify(record, null, 2)}\n`, 0o600);
  });
}

/** A file of the user's own needs no init: for a destroy without lab files it is written down where it is first used. */
export async function recordNamedFile(ports: Ports, layout: Layout, backend: BackendConfig | undefined): Promise<void> {
  if (backend?.type !== "local" || isSamePlace(backend, LOCAL) || (await readBackendRecord(ports, layout))) return;
  const { recorded } = resolveBackend("local", backend.settings, {}, ports.host.environment, undefined);
  await writeBackendRecord(ports, layout, recorded);
}

/**
 * All settings of a backend. What -backend-config gave counts most, then what the lab files say, then the environment:
 * Terraform's order. Where the lab files cannot be asked (`declared` is undefined) what is recorded stands for them, and
 * for what came from an environment that is gone; the place is then the recorded one whatever the environment says by
 * now. Secrets are never recorded.
 */
export function resolveBackend(
  type: BackendType,
  declared: BackendSettings | undefined,
  given: BackendSettings,
  environment: Environment,
  recorded: RecordedBackend | undefined,
): ResolvedBackend {
  const settings: { [name: string]: Setting } = {};
  const fromEnvironment: string[] = [];
  const before = recorded?.type === type ? recorded : undefined;
  const fromBefore = before?.environment ?? [];
  for (const name of Object.keys(backendSchemas[type].attributes)) {
    const heard = environmentValue(type, name, environment);
    const known = before?.settings[name];
    if (given[name] !== undefined) settings[name] = given[name];
    else if (declared?.[name] !== undefined) settings[name] = declared[name];
    else if (declared === undefined && known !== undefined && (name === PLACE[type] || !fromBefore.includes(name))) {
      settings[name] = known;
      if (fromBefore.includes(name)) fromEnvironment.push(name);
    } else if (heard !== undefined) {
      settings[name] = heard;
      fromEnvironment.push(name);
    } else if (known !== undefined && fromBefore.includes(name)) {
      settings[name] = known;
      fromEnvironment.push(name);
    }
  }
  const isSecret = (name: string) => backendSchemas[type].attributes[name]?.sensitive === true;
  const open = Object.entries(settings).filter(([name]) => !isSecret(name));
  return {
    type,
    settings,
    recorded: {
      type,
      settings: Object.fromEntries(open),
      given: Object.keys(given).filter((name) => !isSecret(name)),
      environment: fromEnvironment.filter((name) => !isSecret(name)),
      secrets: Object.keys(given).filter(isSecret),
    },
  };
}

/** GitLab's documentation has its users set TF_HTTP_…; labform's own name counts more. */
function environmentValue(type: BackendType, name: string, environment: Environment): Setting | undefined {
  if (type !== "http") return undefined;
  const key = `HTTP_${name.toUpperCase()}`;
  const variable = [`LABFORM_${key}`, `TF_${key}`].find((one) => (environment[one] ?? "") !== "");
  if (variable === undefined) return undefined;
  return settingFromText(type, name, environment[variable] as string, variable);
}

/** Whether two backends are one place: then nothing need be moved between them. */
export function isSamePlace(one: BackendConfig, other: BackendConfig): boolean {
  return one.type === other.type && placeOf(one) === placeOf(other);
}

/** The setting that says which place it is. */
const PLACE: { readonly [type in BackendType]: string } = { local: "path", http: "address" };

/** For people, and to tell places apart. */
function placeOf({ type, settings }: BackendConfig): string {
  const place = settings[PLACE[type]];
  if (type === "http") return String(place ?? "");
  return typeof place === "string" ? place : join(".labform", "default", "state.json");
}

export const LOCAL: BackendConfig = { type: "local", settings: {} };

/**
 * The backend that a command works with. Rejects where `init` has to be run first: for a server it is needed once, and
 * wherever the state is elsewhere than the lab files now say.
 */
export function backendInUse(
  declared: DeclaredBackend | null | undefined,
  recorded: RecordedBackend | undefined,
  environment: Environment,
  hasState: boolean,
): BackendConfig {
  if (declared === undefined) return recorded ? again(recorded, undefined, environment) : LOCAL;
  const wanted = declared ?? { ...LOCAL, range: undefined };
  if (recorded?.type === wanted.type) {
    const resolved = again(recorded, wanted.settings, environment);
    if (isSamePlace(resolved, recorded)) return resolved;
    return refuseChanged(recorded, resolved, declared);
  }
  // A state of nobody's can be anywhere on this host.
  if (!recorded && wanted.type === "local" && (isSamePlace(wanted, LOCAL) || !hasState)) return wanted;
  if (!recorded && wanted.type === "http" && !hasState) {
    return fail(`The backend "${wanted.type}" is not initialised`, {
      detail: "The state is to be kept at a server. Run labform init once: it writes down where that is.",
      range: declared?.range,
    });
  }
  return refuseChanged(recorded ?? LOCAL, wanted, declared);
}

/** What an earlier init was given by -backend-config. */
export function givenBefore({ settings, given }: RecordedBackend): BackendSettings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => given.includes(name)));
}

function again(
  recorded: RecordedBackend,
  declared: BackendSettings | undefined,
  environment: Environment,
): ResolvedBackend {
  const resolved = resolveBackend(recorded.type, declared, givenBefore(recorded), environment, recorded);
  const missing = recorded.secrets.filter((name) => resolved.settings[name] === undefined);
  if (missing.length === 0) return resolved;
  const variables = missing.map((name) => `LABFORM_${recorded.type.toUpperCase()}_${name.toUpperCase()}`).join(" and ");
  return fail(`The backend's ${missing.join(" and ")} must be given again`, {
    detail: `init was given it by -backend-config, and labform writes no secrets down. Set ${variables} in the environment.`,
  });
}

function refuseChanged(from: BackendConfig, to: BackendConfig, declared: DeclaredBackend | null): never {
  throw new Failure(backendChanged({ from: describe(from), to: describe(to) }, declared?.range));
}

/** `the backend http (https://…)` */
export function describe(backend: BackendConfig): string {
  return `the backend ${backend.type} (${placeOf(backend).replace(/\?.*$/s, "") || "no address"})`;
}
