/**
 * Addresses: `node.r1`, `node.router["r1"]`, `link.core[0]`, `service.bridge["builtin"]`, and in a module
 * `module.pod["a"].node.r1`. A resource address names a block of one instance of a module, an instance address one of
 * its instances. Inside labform they travel as text in this canonical form.
 */
export type ResourceKind = "node" | "link" | "network" | "service";

export type InstanceKey = string | number | undefined;

/** One instance of a module call: `module.pod["a"]`. */
export interface ModuleStep {
  readonly name: string;
  readonly key: InstanceKey;
}

export interface Address {
  /** From the root inwards; empty in the root. */
  readonly modules: readonly ModuleStep[];
  readonly kind: ResourceKind;
  readonly name: string;
  readonly key: InstanceKey;
}

export function resourceAddress(kind: ResourceKind, name: string): string {
  return `${kind}.${name}`;
}

export function instanceAddress(resource: string, key: InstanceKey): string {
  return key === undefined ? resource : resource + keyText(key);
}

/** `module.pod["a"]` and `node.r1` make `module.pod["a"].node.r1`; the root's module is "". */
export function addressIn(module: string, address: string): string {
  return module === "" ? address : `${module}.${address}`;
}

function keyText(key: InstanceKey): string {
  if (key === undefined) return "";
  return typeof key === "number" ? `[${key}]` : `[${quoteKey(key)}]`;
}

/**
 * As JSON, and what that leaves of control characters (C1, which a terminal may take for the start of a sequence) and of
 * those that turn the direction of text (Unicode Standard Annex 9) escaped too: addresses are shown as they are.
 */
export function quoteKey(key: string): string {
  return JSON.stringify(key).replace(
    /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

interface Step extends ModuleStep {
  readonly kind: ResourceKind | "module";
}

/** Undefined when `text` is no address. */
export function parseAddress(text: string): Address | undefined {
  const steps = parseSteps(text);
  const last = steps?.pop();
  if (!steps || !last || last.kind === "module" || steps.some(({ kind }) => kind !== "module")) return undefined;
  return { modules: steps.map(({ name, key }) => ({ name, key })), kind: last.kind, name: last.name, key: last.key };
}

/** `module.pod["a"].module.inner`; undefined when `text` is no such address. */
export function parseModuleAddress(text: string): readonly ModuleStep[] | undefined {
  const steps = parseSteps(text);
  if (!steps || steps.some(({ kind }) => kind !== "module")) return undefined;
  return steps.map(({ name, key }) => ({ name, key }));
}

const stepPattern =
  /(node|link|network|service|module)\.([\p{ID_Start}_][\p{ID_Continue}-]*)(?:\[(?:(\d+)|("(?:[^"\\]|\\.)*"))\])?(\.|$)/uy;

function parseSteps(text: string): Step[] | undefined {
  const steps: Step[] = [];
  stepPattern.lastIndex = 0;
  for (;;) {
    const match = stepPattern.exec(text);
    if (!match) return undefined;
    const key = parseKey(match[3], match[4]);
    if (key === INVALID) return undefined;
    steps.push({ kind: match[1] as Step["kind"], name: match[2] as string, key });
    if (match[5] === "") return steps;
  }
}

const INVALID: unique symbol = Symbol("invalid");

function parseKey(digits: string | undefined, quoted: string | undefined): InstanceKey | typeof INVALID {
  if (digits !== undefined) return Number(digits);
  if (quoted === undefined) return undefined;
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return INVALID;
  }
}

/** The address as `parseAddress` takes it; what is not canonical becomes so. */
export function formatAddress({ modules, kind, name, key }: Address): string {
  return addressIn(formatModules(modules), instanceAddress(resourceAddress(kind, name), key));
}

/** `module.pod["a"].module.inner`; "" of the root. */
export function formatModules(modules: readonly ModuleStep[]): string {
  return modules.map(({ name, key }) => `module.${name}${keyText(key)}`).join(".");
}

/** `module.pod["a"].node.r1` → `module.pod["a"]`; "" in the root, and of what is no address. */
export function moduleOf(address: string): string {
  return address.startsWith("module.") ? formatModules(parseAddress(address)?.modules ?? []) : "";
}

/**
 * Whether `address` is what `target` names or a part of it: a module, a resource, an instance. A key that `target`
 * leaves out stands for all: `module.pod` and `module.pod.node.r1` hold for every instance of the module.
 */
export function isWithinTarget(address: string, target: Target): boolean {
  const parsed = parseAddress(address);
  if (!parsed) return false;
  const steps = stepsOf(parsed);
  return target.every((wanted, at) => {
    const step = steps[at];
    if (step?.kind !== wanted.kind || step.name !== wanted.name) return false;
    return wanted.key === undefined || wanted.key === step.key;
  });
}

export type Target = readonly Step[];

/** A module, a resource or an instance; undefined when `text` is no address of any. */
export function parseTarget(text: string): Target | undefined {
  const steps = parseSteps(text);
  return steps?.slice(0, -1).every(({ kind }) => kind === "module") ? steps : undefined;
}

/** The canonical form of what `parseTarget` takes. */
export function formatTarget(target: Target): string {
  return target.map(({ kind, name, key }) => `${kind}.${name}${keyText(key)}`).join(".");
}

function stepsOf({ modules, kind, name, key }: Address): Target {
  return [...modules.map((one) => ({ ...one, kind: "module" as const })), { kind, name, key }];
}
