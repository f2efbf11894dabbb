import { resolve } from "node:path";
import { isLabFile } from "../../config/files.ts";
import { moduleOf } from "../../core/addresses.ts";
import { portAddress, portsOf } from "../../core/ends.ts";
import type { State } from "../../core/state.ts";
import type { HostLab } from "../../core/workspaces.ts";
import { parseFile } from "../../language/parse.ts";
import type { Context } from "../context.ts";
import { byName, nameOf } from "../hostLabs.ts";
import { decodeUtf8 } from "../utf8.ts";
import { chooseWorkspace } from "../workspaces.ts";
import type { Candidate, Meant, Names } from "./answer.ts";

/** Larger files are not worth a user's wait at the Tab key. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_FILES = 200;

/**
 * The names of a lab: as its state has them; of a lab that was not applied yet, as its files write them, without the keys
 * of for_each, which only a plan knows. Nothing is evaluated and nothing of the host is looked at. What cannot be read has
 * no names.
 */
export function namesOf(context: Context, meant: Meant): Names {
  const directory = resolve(context.workingDirectory, meant.directory ?? ".");
  const recorded = once(() => orElse(loadState(context, directory, meant.workspace), undefined));
  const declared = once(() => Promise.resolve(declaredIn(context, directory)));
  const instances = async (kind: "node" | "link" | "network"): Promise<readonly Candidate[]> => {
    const state = await recorded();
    if (state && state.instances.size > 0) {
      const all = [...state.instances.values()].filter((one) => one.kind === kind);
      return all.map(({ address }) => ({ value: address, description: kind }));
    }
    const names = (await declared()).get(kind) ?? [];
    return names.map((name) => ({ value: `${kind}.${name}`, description: `${kind}, not applied yet` }));
  };
  const outputs = async (): Promise<readonly Candidate[]> => {
    const known = Object.keys((await recorded())?.outputs ?? {});
    const names = known.length > 0 ? known : ((await declared()).get("output") ?? []);
    return names.map((value) => ({ value, description: "output" }));
  };
  return {
    nodes: async () => (await instances("node")).map(short),
    links: async () => [...(await instances("link")).map(short), ...portsIn(await recorded())],
    addresses: async () => {
      const all = (await Promise.all((["node", "link", "network"] as const).map(instances))).flat();
      const modules = new Set(all.map(({ value }) => moduleOf(value)).filter((module) => module !== ""));
      return [...all, ...[...modules].map((value) => ({ value, description: "module" }))];
    },
    outputs,
    variables: async () =>
      ((await declared()).get("variable") ?? []).map((value) => ({ value, description: "variable" })),
    plans: () =>
      orElse(
        Promise.resolve().then(() => plansIn(context)),
        [],
      ),
    workspaces: async () => {
      const list = async () => await (await context.workspaces(await context.realPath(directory))).list();
      return (await orElse(list(), [])).map((value) => ({ value, description: "workspace" }));
    },
    labs: async () => labNames(await orElse(context.labs(), [])),
  };
}

/** The ports of networks, of which there are frames to see as of links. */
function portsIn(state: State | undefined): readonly Candidate[] {
  const networks = [...(state?.instances.values() ?? [])].filter(({ kind }) => kind === "network");
  return networks.flatMap(({ address, attributes }) =>
    portsOf(attributes.port).map(([label]) => ({
      value: portAddress(address, label),
      description: "port of a network",
    })),
  );
}

/** As the commands that work on nodes or links take it: without its kind, which is clear. */
function short({ value, description }: Candidate): Candidate {
  return { value: value.replace(/^(?:node|link)\./, ""), description };
}

/** By the name alone where one has it, as `destroy -lab` takes it; else as few words more as tell them apart. */
function labNames(labs: readonly HostLab[]): readonly Candidate[] {
  const isOne = (of: (lab: HostLab) => string, lab: HostLab) => labs.filter((one) => of(one) === of(lab)).length === 1;
  return [...labs].sort(byName).map((lab) => {
    const description = lab.running.length > 0 ? lab.directory : `${lab.directory}: nothing runs`;
    if (isOne(({ name }) => name, lab)) return { value: lab.name, description };
    return { value: isOne(nameOf, lab) ? nameOf(lab) : lab.lineage, description };
  });
}

async function loadState(context: Context, chdir: string, named: string | undefined): Promise<State> {
  const directory = await context.realPath(chdir);
  const { name } = await chooseWorkspace(context, { workspace: named }, await context.workspaces(directory));
  return (await (await context.states(directory, { workspace: name })).load({ copy: true })).state;
}

/** By a block's type, the names of all blocks of that type in the lab's own files. */
function declaredIn(context: Context, directory: string): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  const { reader } = context.ports;
  for (const file of tried(() => reader.list(directory), [])) {
    if (!isLabFile(file)) continue;
    const text = tried(() => decodeUtf8(reader.read(`${directory}/${file}`, MOST_BYTES)), "");
    if (typeof text !== "string") continue;
    if (file.endsWith(".json")) addJson(text, names);
    else for (const { type, labels } of parseFile({ name: file, text }).body.blocks) add(names, type, labels[0]?.text);
  }
  return names;
}

/** `{ "node": { "r1": … } }`, and lists of such. */
function addJson(text: string, names: Map<string, string[]>): void {
  const document = tried<unknown>(() => JSON.parse(text), null);
  for (const one of Array.isArray(document) ? document : [document]) {
    for (const [type, bodies] of entries(one)) {
      for (const body of Array.isArray(bodies) ? bodies : [bodies]) {
        for (const [name] of entries(body)) add(names, type, name);
      }
    }
  }
}

function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function add(names: Map<string, string[]>, type: string, name: string | undefined): void {
  if (name === undefined) return;
  const known = names.get(type);
  if (!known) names.set(type, [name]);
  else if (!known.includes(name)) known.push(name);
}

/** The files of the working directory that are saved plans, by how they begin. */
function plansIn({ workingDirectory, ports: { reader } }: Context): readonly Candidate[] {
  const names = reader.list(workingDirectory).filter((name) => !/^\.|\.(?:hcl|json|md|qcow2|img|iso|raw)$/.test(name));
  return names
    .slice(0, MOST_FILES)
    .filter((name) => {
      const path = `${workingDirectory}/${name}`;
      if (tried(() => reader.kind(path), "other") !== "file") return false;
      const text = decodeUtf8(tried(() => reader.read(path, MOST_BYTES), new Uint8Array()).subarray(0, 64));
      return typeof text === "string" && /^\{\s*"format":\s*\d+,\s*"labformVersion"/.test(text);
    })
    .map((value) => ({ value, description: "saved plan" }));
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** At the Tab key nothing can be told: what fails has no names. */
async function orElse<T>(promise: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await promise;
  } catch {
    return otherwise;
  }
}

function tried<T>(make: () => T, otherwise: T): T {
  try {
    return make();
  } catch {
    return otherwise;
  }
}
