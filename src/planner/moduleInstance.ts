import type { InstanceKey, ResourceKind } from "../core/addresses.ts";
import type { ModuleCall, ModulePlace } from "../core/lab.ts";
import { rootOf } from "../core/lab.ts";
import type { Captured, Deferred } from "../core/plan.ts";
import type { ResourceSchema } from "../core/schema.ts";
import { rangeText } from "../core/source.ts";
import type { Expression, Reference } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { isWhollyKnown, objectValue, UNKNOWN_VALUE } from "../core/values.ts";
import { withParts } from "../evaluation/capturedParts.ts";
import { capture } from "../evaluation/deferred.ts";
import { deferredElement } from "../evaluation/deferredElement.ts";
import type { Element } from "../evaluation/iteratorScope.ts";
import { referredIn } from "../evaluation/referred.ts";
import type { Scope } from "../evaluation/scope.ts";
import { shaped } from "../evaluation/shaped.ts";
import type { Surroundings } from "../evaluation/surroundings.ts";
import { pathValue } from "../evaluation/surroundings.ts";
import { describeValue, NOTHING } from "./captured.ts";
import type { Expansion } from "./expand.ts";

/** What the modules of a walk have in common. */
export interface Shared {
  readonly lab: Value;
  readonly outside: Surroundings;
  /** What is known of a planned instance; undefined of one that could not be planned. */
  readonly instanceValue: (address: string) => Value | undefined;
  /** After an error the plan is not made; what is unknown then may be only its consequence. */
  readonly afterErrors: () => boolean;
  readonly schemaOf: (kind: ResourceKind) => ResourceSchema | undefined;
  /** Whether a condition is to be decided when more is known. */
  readonly hasOpenConditions: () => boolean;
}

/** What has been evaluated: a variable, a local, an output. */
export interface Evaluated {
  readonly value: Value;
  /** How apply comes to the value where it is not wholly known; nothing after an error. */
  readonly captured: Captured | undefined;
  /** The instances it comes from. */
  readonly dependencies: readonly string[];
  /** The outputs of modules it comes from whose preconditions are not decided yet; absent where there are none. */
  readonly guards?: readonly string[] | undefined;
}

interface ExpandedResource {
  readonly shape: Expansion["shape"];
  readonly instances: readonly { readonly key: InstanceKey; readonly address: string }[];
  /** Undefined until it is asked for. */
  value: Value | undefined;
}

export interface ExpandedCall {
  readonly shape: Expansion["shape"];
  readonly instances: readonly { readonly key: InstanceKey; readonly module: ModuleInstance }[];
  /** Of what is evaluated so far; undefined until it is asked for, and when an output has been added. */
  value: Value | undefined;
}

/** `each` and `count` where they have a meaning. */
export interface Roots {
  readonly values: ReadonlyMap<string, Value>;
  /** Of `each`, where its value is not wholly known. */
  readonly element?: Element | undefined;
}

export const NO_ROOTS: Roots = { values: new Map() };

/** Where an instance of a module is and what it is made with. */
interface Position {
  readonly address: string;
  readonly place: ModulePlace;
  readonly outer?: { readonly module: ModuleInstance; readonly call: ModuleCall; readonly roots: Roots } | undefined;
  /** What everything in it waits for, by its own `depends_on` and those around it. */
  readonly dependsOn: readonly string[];
}

/** One instance of a module while a lab is walked: what its names stand for, as far as they have been visited. */
export class ModuleInstance {
  /** `module.pod["a"]`; "" of the root. */
  readonly address: string;
  readonly place: ModulePlace;
  readonly outer: Position["outer"];
  readonly dependsOn: readonly string[];
  readonly variables = new Map<string, Evaluated>();
  readonly locals = new Map<string, Evaluated>();
  readonly outputs = new Map<string, Evaluated>();
  /** By resource address without modules. */
  readonly resources = new Map<string, ExpandedResource>();
  readonly calls = new Map<string, ExpandedCall>();
  readonly #shared: Shared;
  readonly #path: Value;

  constructor({ address, place, outer, dependsOn }: Position, shared: Shared) {
    this.address = address;
    this.place = place;
    this.outer = outer;
    this.dependsOn = dependsOn;
    this.#shared = shared;
    this.#path = pathValue(rootOf(place).module.directory, place.module.path);
  }

  scope(roots: Roots): Scope {
    return new ModuleScope(this, roots);
  }

  /** What an expression of this module gives, and how apply comes to it where it is not wholly known. */
  evaluated(value: Value, expression: Expression, scope: Scope): Evaluated {
    const open = !isWhollyKnown(value) && !this.#shared.afterErrors();
    return {
      value,
      captured: open ? { kind: "deferred", deferred: this.#capture(expression, scope) } : undefined,
      dependencies: this.dependencies(expression),
      guards: this.guards([expression]),
    };
  }

  /** The outputs of modules that expressions come from whose preconditions are not decided yet. */
  guards(expressions: Iterable<Expression>): readonly string[] | undefined {
    if (!this.#shared.hasOpenConditions()) return undefined;
    const found = new Set<string>();
    for (const expression of expressions) {
      for (const { root, member, references } of referredIn(expression)) {
        if (member === undefined) continue;
        for (const { guards } of this.#sources(root, member, references))
          for (const one of guards ?? []) found.add(one);
      }
    }
    return found.size > 0 ? [...found] : undefined;
  }

  /** The locals, variables and outputs that a name stands for. */
  #sources(root: string, name: string, references: readonly Reference[]): readonly Evaluated[] {
    const source = root === "local" ? this.locals.get(name) : root === "var" ? this.variables.get(name) : undefined;
    const call = root === "module" ? this.calls.get(name) : undefined;
    if (source || !call) return source ? [source] : [];
    return partsOfCall(call, references).flatMap(({ outputs, instances }) =>
      instances.flatMap(({ module }) =>
        [...(outputs ?? module.outputs.keys())].flatMap((output) => module.outputs.get(output) ?? []),
      ),
    );
  }

  /** The instances an expression comes from, through locals, variables and outputs; `bound` names stand for others. */
  dependencies(expression: Expression, bound?: ReadonlySet<string>): readonly string[] {
    const found: (readonly string[])[] = [];
    for (const { root, member, references } of referredIn(expression)) {
      if (member === undefined || bound?.has(root)) continue;
      const resource = this.resources.get(`${root}.${member}`);
      if (resource) found.push(resource.instances.map(({ address }) => address));
      else for (const { dependencies } of this.#sources(root, member, references)) found.push(dependencies);
    }
    return found.length > 1 ? [...new Set(found.flat())] : (found[0] ?? []);
  }

  /** An expression for apply, with all it refers to; `self` is the instance of that name, where it has a meaning. */
  capture(expression: Expression, scope: Scope, self?: string): Deferred {
    return withParts(this.#capture(expression, scope, self));
  }

  #capture(expression: Expression, scope: Scope, self?: string): Deferred {
    return capture(
      expression,
      (root, member, references) => {
        if (root === "self" && self !== undefined) return { kind: "resource", shape: "single", instances: [self] };
        const element = scope.element?.(root);
        if (element) return this.#captureElement(element, member);
        const whole = member === undefined ? undefined : this.#captureWhole(root, member, references);
        if (whole) return whole;
        const value = member === undefined ? scope.lookup(root) : memberOf(scope, root, member);
        if (!value) throw new Error(`nothing to capture for ${root}.${member ?? ""} in ${rangeText(expression.range)}`);
        return this.#captureValue(value);
      },
      scope,
    );
  }

  #captureValue(value: Value): Captured {
    return !isWhollyKnown(value) && this.#shared.afterErrors() ? NOTHING : describeValue(value);
  }

  /** Of a for_each whose values are not all known. */
  #captureElement({ key, value, forEach, scope }: Element, member: string | undefined): Captured {
    const isKnown = isWhollyKnown(value) || this.#shared.afterErrors();
    if (member === "key") return this.#captureValue(key);
    if (member === "value" && isKnown) return this.#captureValue(value);
    const deferred = deferredElement(forEach, this.#capture(forEach, scope), this.#captureValue(key), member);
    return { kind: "deferred", deferred };
  }

  /** What is captured otherwise than by its value. */
  #captureWhole(root: string, member: string, references: readonly Reference[]): Captured | undefined {
    const resource = this.resources.get(`${root}.${member}`);
    if (resource) {
      const { shape, instances } = resource;
      return { kind: "resource", shape, instances: instances.map(({ address }) => address) };
    }
    if (root === "local") return this.locals.get(member)?.captured;
    if (root === "var") return this.variables.get(member)?.captured;
    const call = root === "module" ? this.calls.get(member) : undefined;
    return call && captureCall(call, references, (value) => this.#captureValue(value));
  }

  isAfterErrors(): boolean {
    return this.#shared.afterErrors();
  }

  schemaOf(kind: ResourceKind): ResourceSchema | undefined {
    return this.#shared.schemaOf(kind);
  }

  resourceValue(address: string): Value | undefined {
    const expanded = this.resources.get(address);
    if (!expanded) return this.place.module.resources.has(address) ? UNKNOWN_VALUE : undefined;
    expanded.value ??= shaped(
      expanded.shape,
      expanded.instances.map((one) => [one.key, this.#shared.instanceValue(one.address) ?? UNKNOWN_VALUE]),
    );
    return expanded.value;
  }

  callValue(name: string): Value | undefined {
    const expanded = this.calls.get(name);
    if (!expanded) return this.place.module.calls.has(name) ? UNKNOWN_VALUE : undefined;
    expanded.value ??= shaped(
      expanded.shape,
      expanded.instances.map(({ key, module }) => [key, module.#outputsValue()]),
    );
    return expanded.value;
  }

  #outputsValue(): Value {
    const names = [...this.place.module.outputs.keys()];
    return objectValue(new Map(names.map((name) => [name, this.outputs.get(name)?.value ?? UNKNOWN_VALUE])));
  }

  /** What functions see of the world outside. */
  get outside(): Surroundings {
    return this.#shared.outside;
  }

  /** Of `lab` and `path`. */
  surroundings(root: string): Value | undefined {
    if (root === "lab") return this.#shared.lab;
    return root === "path" ? this.#path : undefined;
  }
}

/** Also of a name that a block binds, which is one value and has no members of its own. */
function memberOf(scope: Scope, root: string, name: string): Value | undefined {
  const member = scope.member(root, name);
  if (member) return member;
  const raw = scope.lookup(root)?.raw;
  return raw instanceof Map ? (raw as ReadonlyMap<string, Value>).get(name) : undefined;
}

interface CallPart {
  /** Undefined for all. */
  readonly outputs: readonly string[] | undefined;
  readonly instances: ExpandedCall["instances"];
}

/** Which outputs of which instances references to a call ask for: `module.pod["a"].x` one of one. */
function partsOfCall({ shape, instances }: ExpandedCall, references: readonly Reference[]): readonly CallPart[] {
  return references.map(({ path: [, first, second] }) => {
    if (shape === "single") return { outputs: typeof first === "string" ? [first] : undefined, instances };
    if (first === undefined) return { outputs: undefined, instances };
    const meant = instances.filter(({ key }) => String(key) === String(first));
    return { outputs: typeof second === "string" ? [second] : undefined, instances: meant };
  });
}

function captureCall(
  call: ExpandedCall,
  references: readonly Reference[],
  captureValue: (value: Value) => Captured,
): Captured {
  const found = new Map<InstanceKey, Map<string, Captured>>();
  for (const { outputs, instances } of partsOfCall(call, references)) {
    for (const { key, module } of instances) {
      const ofInstance = found.get(key) ?? new Map<string, Captured>();
      found.set(key, ofInstance);
      for (const name of outputs ?? module.place.module.outputs.keys()) {
        const output = module.outputs.get(name);
        if (output) ofInstance.set(name, output.captured ?? captureValue(output.value));
      }
    }
  }
  const instances = [...found].map(([key, outputs]) => ({ key: key ?? null, outputs: Object.fromEntries(outputs) }));
  return { kind: "module", shape: call.shape, instances };
}

const MEMBERS = ["var", "local", "node", "link", "network", "module"];

/** What an expression of a module may refer to. */
class ModuleScope implements Scope {
  readonly surroundings: Surroundings;
  readonly #module: ModuleInstance;
  readonly #roots: Roots;

  constructor(module: ModuleInstance, roots: Roots) {
    this.#module = module;
    this.#roots = roots;
    this.surroundings = module.outside;
  }

  member(root: string, name: string): Value | undefined {
    const { variables, locals, place } = this.#module;
    const { module } = place;
    if (root === "var") return variables.get(name)?.value ?? (module.variables.has(name) ? UNKNOWN_VALUE : undefined);
    if (root === "local") return locals.get(name)?.value ?? (module.locals.has(name) ? UNKNOWN_VALUE : undefined);
    if (root === "node" || root === "link" || root === "network") return this.#module.resourceValue(`${root}.${name}`);
    if (root === "module") return this.#module.callValue(name);
    const raw = this.#object(root)?.raw;
    return raw instanceof Map ? (raw as ReadonlyMap<string, Value>).get(name) : undefined;
  }

  lookup(root: string): Value | undefined {
    if (!MEMBERS.includes(root)) return this.#object(root);
    return objectValue(new Map(this.#members(root).map((name) => [name, this.member(root, name) ?? UNKNOWN_VALUE])));
  }

  names(root?: string): string[] {
    if (root === undefined) return [...MEMBERS, "lab", "path", ...this.#roots.values.keys()];
    if (MEMBERS.includes(root)) return this.#members(root);
    const raw = this.#object(root)?.raw;
    return raw instanceof Map ? [...(raw as ReadonlyMap<string, Value>).keys()] : [];
  }

  element(root: string): Element | undefined {
    return root === "each" ? this.#roots.element : undefined;
  }

  #object(root: string): Value | undefined {
    return this.#roots.values.get(root) ?? this.#module.surroundings(root);
  }

  #members(root: string): string[] {
    const { variables, locals, calls, resources } = this.#module.place.module;
    if (root === "var") return [...variables.keys()];
    if (root === "local") return [...locals.keys()];
    if (root === "module") return [...calls.keys()];
    return [...resources.values()].filter((one) => one.kind === root).map((one) => one.name);
  }
}
