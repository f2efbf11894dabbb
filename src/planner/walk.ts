import type { InstanceKey } from "../core/addresses.ts";
import { instanceAddress } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { hasErrors } from "../core/diagnostics.ts";
import type { Lab, Resource } from "../core/lab.ts";
import type { Captured, Deferred } from "../core/plan.ts";
import type { ProviderSet, RequiredService, Settings, TunnelKind } from "../core/provider.ts";
import { resourceSchema } from "../core/provider.ts";
import { rangeText } from "../core/source.ts";
import type { State } from "../core/state.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { isWhollyKnown, objectValue, stringValue, tupleValue, UNKNOWN_VALUE } from "../core/values.ts";
import { capture } from "../evaluation/deferred.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import { evaluateOutput } from "../evaluation/output.ts";
import type { Scope } from "../evaluation/scope.ts";
import { labValue, pathValue } from "../evaluation/surroundings.ts";
import { describeValue, NOTHING } from "./captured.ts";
import { EndpointUses } from "./endpoints.ts";
import { expand } from "./expand.ts";
import type { PlannedInstance } from "./instance.ts";
import { planInstance } from "./instance.ts";
import type { Found } from "./refresh.ts";

export interface WalkInput {
  readonly lab: Lab;
  /** Block names in an order in which each comes after what it refers to (src/config/order.ts). */
  readonly order: readonly string[];
  readonly variables: ReadonlyMap<string, Value>;
  readonly state: State;
  readonly found: ReadonlyMap<string, Found>;
  readonly providers: ProviderSet;
  readonly settings: ReadonlyMap<string, Settings>;
  readonly tunnel: TunnelKind;
  readonly labIdentity: string;
  readonly offline: boolean;
  /** Instance addresses to be made anew (-replace). */
  readonly replace: ReadonlySet<string>;
  /** ISO 8601 */
  readonly time: string;
}

export interface WalkedOutput {
  readonly name: string;
  readonly value: Value;
  readonly sensitive: boolean;
  readonly deferred?: Deferred | undefined;
}

/** What the walk of a lab makes: every wanted instance, planned; every output, evaluated as far as it can be. */
export interface Walked {
  readonly instances: ReadonlyMap<string, PlannedInstance>;
  readonly services: ReadonlyMap<string, RequiredService>;
  readonly outputs: readonly WalkedOutput[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Evaluation and planning in one walk: a block is evaluated with the planned values of what it refers to, which stand
 * before it in the order.
 */
export async function walk(input: WalkInput): Promise<Walked> {
  const walker = new Walker(input);
  for (const name of input.order) {
    const [root, member] = split(name);
    if (root === "local") walker.local(member);
    else if (root === "output") walker.output(member);
    else if (root === "node" || root === "link") await walker.resource(name);
  }
  return walker;
}

function split(name: string): [string, string] {
  const dot = name.indexOf(".");
  return [name.slice(0, dot), name.slice(dot + 1)];
}

interface Expanded {
  readonly shape: "single" | "list" | "map";
  readonly instances: readonly string[];
  value: Value | undefined;
}

class Walker implements Walked {
  readonly instances = new Map<string, PlannedInstance>();
  readonly services = new Map<string, RequiredService>();
  readonly outputs: WalkedOutput[] = [];
  readonly diagnostics: Diagnostic[] = [];

  readonly #input: WalkInput;
  readonly #locals = new Map<string, Value>();
  readonly #deferredLocals = new Map<string, Deferred>();
  readonly #resources = new Map<string, Expanded>();
  readonly #endpoints = new EndpointUses();
  readonly #ids = new Set<string>();
  readonly #lab: Value;
  readonly #path: Value;

  constructor(input: WalkInput) {
    this.#input = input;
    for (const instance of input.state.instances.values()) this.#ids.add(instance.id);
    this.#lab = labValue(input.lab.name);
    this.#path = pathValue(input.lab.directory);
  }

  local(name: string): void {
    const local = this.#input.lab.locals.get(name);
    if (!local) return;
    const scope = this.#scope();
    const { value, diagnostics } = evaluate(local.expression, scope);
    this.diagnostics.push(...diagnostics);
    this.#locals.set(name, value);
    if (!isWhollyKnown(value) && !hasErrors(diagnostics))
      this.#deferredLocals.set(name, this.#capture(local.expression, scope));
  }

  output(name: string): void {
    const output = this.#input.lab.outputs.get(name);
    if (!output) return;
    const scope = this.#scope();
    const { value, diagnostics } = evaluateOutput(output, scope);
    this.diagnostics.push(...diagnostics);
    // Kept also of what is known: a command such as `start` changes what the output shows, and reads no lab file.
    const fixed = isWhollyKnown(value) && this.#dependencies(output.expression).length === 0;
    const deferred = fixed || hasErrors(diagnostics) ? undefined : this.#capture(output.expression, scope);
    this.outputs.push({ name, value, sensitive: output.sensitive, deferred });
  }

  async resource(address: string): Promise<void> {
    const resource = this.#input.lab.resources.get(address);
    if (!resource) return;
    const expansion = expand(resource, this.#scope());
    this.diagnostics.push(...expansion.diagnostics);
    const instances: string[] = [];
    for (const { key, each } of expansion.instances) {
      const instance = instanceAddress(address, key);
      instances.push(instance);
      await this.#instance(resource, instance, key, each);
    }
    this.#resources.set(address, {
      shape: expansion.shape,
      instances,
      value: expansion.known ? undefined : UNKNOWN_VALUE,
    });
  }

  async #instance(resource: Resource, address: string, key: InstanceKey, each: Value | undefined): Promise<void> {
    const input = this.#input;
    const scope = this.#scope(key, each);
    const providerName = input.providers.names[resource.kind === "node" ? "node" : "link"];
    const planned = await planInstance({
      resource,
      address,
      scope,
      capture: (expression) => this.#capture(expression, scope),
      dependencies: (expression) => this.#dependencies(expression),
      dependsOn: resource.dependsOn.flatMap((one) => this.#resources.get(one.address)?.instances ?? []),
      providerName,
      provider: await input.providers.load(providerName),
      schema: resourceSchema(input.providers.schema(providerName), resource.kind, resource.name),
      settings: input.settings.get(providerName) ?? {},
      tunnel: input.tunnel,
      labIdentity: input.labIdentity,
      ids: this.#ids,
      found: input.found.get(address),
      offline: input.offline,
      replace: input.replace.has(address),
      time: input.time,
      endpoints: this.#endpoints,
      afterErrors: () => hasErrors(this.diagnostics),
    });
    this.diagnostics.push(...planned.diagnostics);
    if (!planned.value) return;
    this.instances.set(address, planned.value);
    if (resource.kind === "node") this.#endpoints.add(planned.value.change);
    for (const service of planned.value.services) this.services.set(service.address, service);
  }

  /** Instances an expression refers to: the one its constant key names, or all of a resource. */
  #dependencies(expression: Expression): readonly string[] {
    const found: string[] = [];
    capture(expression, (root, member) => {
      const resource = member === undefined ? undefined : this.#resources.get(`${root}.${member}`);
      if (resource) found.push(...resource.instances);
      else if (root === "local" && member !== undefined) {
        const local = this.#input.lab.locals.get(member);
        if (local) found.push(...this.#dependencies(local.expression));
      }
      return NOTHING;
    });
    return found;
  }

  #capture(expression: Expression, scope: Scope): Deferred {
    return capture(expression, (root, member): Captured => {
      const resource = member === undefined ? undefined : this.#resources.get(`${root}.${member}`);
      if (resource) return { kind: "resource", shape: resource.shape, instances: resource.instances };
      const deferred = root === "local" && member !== undefined ? this.#deferredLocals.get(member) : undefined;
      if (deferred) return { kind: "deferred", deferred };
      const value = member === undefined ? scope.lookup(root) : scope.member(root, member);
      if (!value) throw new Error(`nothing to capture for ${root}.${member ?? ""} in ${rangeText(expression.range)}`);
      // After an error the plan is not made; what is unknown then may be only its consequence.
      return !isWhollyKnown(value) && hasErrors(this.diagnostics) ? NOTHING : describeValue(value);
    });
  }

  #resourceValue(address: string): Value | undefined {
    const expanded = this.#resources.get(address);
    if (!expanded) return this.#input.lab.resources.has(address) ? UNKNOWN_VALUE : undefined;
    if (!expanded.value) {
      const values = expanded.instances.map((one) => this.instances.get(one)?.value ?? UNKNOWN_VALUE);
      if (expanded.shape === "single") expanded.value = values[0] ?? UNKNOWN_VALUE;
      else if (expanded.shape === "list") expanded.value = tupleValue(values);
      else
        expanded.value = objectValue(new Map(expanded.instances.map((one, at) => [keyOf(one), values[at] as Value])));
    }
    return expanded.value;
  }

  #scope(key?: InstanceKey, each?: Value): Scope {
    const { lab, variables } = this.#input;
    const eachValue =
      each && typeof key === "string"
        ? objectValue(
            new Map([
              ["key", stringValue(key)],
              ["value", each],
            ]),
          )
        : undefined;
    const countValue = typeof key === "number" && each ? objectValue(new Map([["index", each]])) : undefined;
    const whole = (root: string): Value | undefined => {
      if (root === "lab") return this.#lab;
      if (root === "path") return this.#path;
      if (root === "each") return eachValue;
      if (root === "count") return countValue;
      const names = this.#names(root);
      if (!names) return undefined;
      return objectValue(new Map(names.map((name) => [name, member(root, name) ?? UNKNOWN_VALUE])));
    };
    const member = (root: string, name: string): Value | undefined => {
      if (root === "var") return variables.get(name) ?? (lab.variables.has(name) ? UNKNOWN_VALUE : undefined);
      if (root === "local") return this.#locals.get(name) ?? (lab.locals.has(name) ? UNKNOWN_VALUE : undefined);
      if (root === "node" || root === "link") return this.#resourceValue(`${root}.${name}`);
      const raw = whole(root)?.raw;
      return raw instanceof Map ? (raw as ReadonlyMap<string, Value>).get(name) : undefined;
    };
    return {
      member,
      lookup: whole,
      names: (root) => {
        if (root !== undefined) {
          const raw = ["lab", "path", "each", "count"].includes(root) ? whole(root)?.raw : undefined;
          return raw instanceof Map ? [...(raw as ReadonlyMap<string, Value>).keys()] : [...(this.#names(root) ?? [])];
        }
        return [
          "var",
          "local",
          "node",
          "link",
          "lab",
          "path",
          ...(eachValue ? ["each"] : []),
          ...(countValue ? ["count"] : []),
        ];
      },
    };
  }

  #names(root: string): string[] | undefined {
    const { lab } = this.#input;
    if (root === "var") return [...lab.variables.keys()];
    if (root === "local") return [...lab.locals.keys()];
    if (root !== "node" && root !== "link") return undefined;
    return [...lab.resources.values()].filter((one) => one.kind === root).map((one) => one.name);
  }
}

function keyOf(address: string): string {
  return JSON.parse(address.slice(address.indexOf("[") + 1, -1)) as string;
}
