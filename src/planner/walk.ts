import type { InstanceKey, ResourceKind } from "../core/addresses.ts";
import { addressIn, instanceAddress } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { hasErrors } from "../core/diagnostics.ts";
import type {
  Check,
  Lab,
  Local,
  ModuleCall,
  ModulePlace,
  Output,
  Repeated,
  Resource,
  Variable,
  Vertex,
} from "../core/lab.ts";
import type { Cause, CheckResult, Deferred, DeferredRule } from "../core/plan.ts";
import type { ProviderSet, RequiredService, Settings, TunnelKind } from "../core/provider.ts";
import { resourceSchema } from "../core/provider.ts";
import type { ResourceSchema } from "../core/schema.ts";
import { formatRange } from "../core/source.ts";
import type { State } from "../core/state.ts";
import type { Expression } from "../core/syntax.ts";
import { addOnce } from "../core/templateUse.ts";
import type { Value } from "../core/values.ts";
import { isWhollyKnown, UNKNOWN_VALUE } from "../core/values.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import { marked } from "../evaluation/marks.ts";
import { evaluateOutput } from "../evaluation/output.ts";
import type { Scope } from "../evaluation/scope.ts";
import type { Surroundings } from "../evaluation/surroundings.ts";
import { labValue } from "../evaluation/surroundings.ts";
import { checkResult } from "./checkResults.ts";
import { Conditions } from "./conditions.ts";
import { EndpointUses } from "./endpoints.ts";
import type { Expansion } from "./expand.ts";
import { disabledBy, expand } from "./expand.ts";
import type { InstanceInput, PlannedInstance } from "./instance.ts";
import { planInstance } from "./instance.ts";
import type { Evaluated, ExpandedCall, Roots, Shared } from "./moduleInstance.ts";
import { ModuleInstance, NO_ROOTS } from "./moduleInstance.ts";
import type { BlockRules } from "./protection.ts";
import { readBlockRules } from "./protection.ts";
import type { Found } from "./refresh.ts";
import { foundInstance } from "./refreshOnly.ts";
import { findTriggers } from "./triggers.ts";
import { checkRules, evaluateArgument } from "./variables.ts";
import { dependenciesOf, expressionsIn, instancesIn, NO_CONDITIONS, rootsOf, rulesOf } from "./walkParts.ts";
import { whyUnknown } from "./why.ts";

export interface WalkInput {
  readonly lab: Lab;
  /** In an order in which each comes after what it refers to (src/config/order.ts). */
  readonly order: readonly Vertex[];
  /** Of the root. */
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
  readonly surroundings: Surroundings;
  /** Instances are what was found of them. */
  readonly refreshOnly?: boolean | undefined;
  /** Broken conditions are not told at once: which of them count is not known yet. */
  readonly postponesConditions: boolean;
  /** Aborts when the user interrupts. */
  readonly signal?: AbortSignal | undefined;
}

export interface WalkedOutput {
  readonly name: string;
  readonly value: Value;
  readonly sensitive: boolean;
  readonly deferred?: Deferred | undefined;
  readonly guards?: readonly string[] | undefined;
}

/** What the walk of a lab makes: every wanted instance, planned; every output of the root, evaluated as far as it can be. */
export interface Walked {
  readonly instances: ReadonlyMap<string, PlannedInstance>;
  readonly services: ReadonlyMap<string, RequiredService>;
  /** Addresses of the instances of modules; "" of the root. */
  readonly modules: ReadonlySet<string>;
  /** Of every block of nodes or links that there is, whether or not it has instances; by address without a key. */
  readonly blocks: ReadonlyMap<string, BlockRules>;
  /** Of blocks and modules that are not enabled, the cause of what becomes of theirs; by address without a key. */
  readonly disabled: ReadonlyMap<string, Cause>;
  readonly outputs: readonly WalkedOutput[];
  /** What modules' variables' rules say. */
  readonly validations: readonly CheckResult[];
  /** Of modules' variables, those that could not be decided. */
  readonly rules: readonly DeferredRule[];
  readonly conditions: Pick<Conditions, "within">;
  /** What an expression in the root may refer to. */
  readonly root: Scope;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Evaluation and planning in one walk: a block is evaluated with the planned values of what it refers to, which stand
 * before it in the order; in a module, once for each instance of the module.
 */
export async function walk(input: WalkInput): Promise<Walked> {
  const walker = new Walker(input);
  for (const vertex of input.order) await walker.visit(vertex);
  return walker;
}

class Walker implements Walked {
  readonly instances = new Map<string, PlannedInstance>();
  readonly services = new Map<string, RequiredService>();
  readonly blocks = new Map<string, BlockRules>();
  readonly disabled = new Map<string, Cause>();
  readonly outputs: WalkedOutput[] = [];
  readonly validations: CheckResult[] = [];
  readonly rules: DeferredRule[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly conditions: Conditions;

  readonly #input: WalkInput;
  readonly #shared: Shared;
  readonly #modules = new Map<ModulePlace, ModuleInstance[]>();
  readonly #calls = new Map<ModuleInstance, ExpandedCall>();
  readonly #endpoints = new EndpointUses();
  readonly #ids = new Set<string>();

  constructor(input: WalkInput) {
    this.#input = input;
    this.conditions = new Conditions(this.diagnostics, input.postponesConditions);
    for (const instance of input.state.instances.values()) this.#ids.add(instance.id);
    this.#shared = {
      lab: labValue(input.lab),
      outside: input.surroundings,
      instanceValue: (address) => this.instances.get(address)?.value,
      afterErrors: () => hasErrors(this.diagnostics),
      schemaOf: (kind) => this.#schemaOf(kind),
      hasOpenConditions: () => this.conditions.areOpen,
    };
  }

  get modules(): ReadonlySet<string> {
    return new Set([...this.#modules.values()].flat().map(({ address }) => address));
  }

  get root(): Scope {
    const found = [...this.#modules.values()].flat().find(({ outer }) => !outer);
    // Of a lab in which nothing is declared.
    const place = { address: "", module: this.#input.lab, inner: new Map() };
    return (found ?? new ModuleInstance({ address: "", place, dependsOn: [] }, this.#shared)).scope(NO_ROOTS);
  }

  async visit(vertex: Vertex): Promise<void> {
    const instances = this.#instancesOf(vertex.place);
    const before = this.diagnostics.length;
    for (const module of instances) await this.#visitIn(module, vertex);
    if (instances.length < 2 || this.diagnostics.length === before) return;
    // What is wrong in each instance of a module alike is told once.
    this.diagnostics.push(...withoutRepetitions(this.diagnostics.splice(before)));
  }

  /** Of the root there is one, made when the first of its vertices comes. */
  #instancesOf(place: ModulePlace): readonly ModuleInstance[] {
    let instances = this.#modules.get(place);
    if (!instances) {
      instances = place.outer ? [] : [new ModuleInstance({ address: "", place, dependsOn: [] }, this.#shared)];
      this.#modules.set(place, instances);
    }
    return instances;
  }

  async #visitIn(module: ModuleInstance, vertex: Vertex): Promise<void> {
    switch (vertex.kind) {
      case "variable":
        return this.#variable(module, vertex.block);
      case "local":
        return this.#local(module, vertex.block);
      case "output":
        return module.outer ? this.#innerOutput(module, vertex.block) : this.#output(module, vertex.block);
      case "call":
        return this.#call(module, vertex.block);
      case "resource":
        return this.#resource(module, vertex.block);
      case "check":
        return this.#check(module, vertex.block);
      case "rules":
        return this.#rules(module, vertex.block);
      case "provider":
    }
  }

  #variable(module: ModuleInstance, variable: Variable): void {
    const { name } = variable;
    if (!module.outer) {
      const value = this.#input.variables.get(name);
      if (value) module.variables.set(name, { value, captured: undefined, dependencies: [] });
      return;
    }
    const { evaluated, diagnostics } = evaluateArgument(module, variable);
    this.diagnostics.push(...diagnostics);
    module.variables.set(name, evaluated);
  }

  #rules(module: ModuleInstance, variable: Variable): void {
    const { open, diagnostics } = checkRules(module, variable);
    if (variable.validations.length > 0) {
      const address = addressIn(module.address, `var.${variable.name}`);
      this.validations.push(checkResult(address, open.length === 0, diagnostics));
    }
    this.rules.push(...open);
    this.diagnostics.push(...diagnostics);
  }

  #local(module: ModuleInstance, { name, expression }: Local): void {
    const scope = module.scope(NO_ROOTS);
    const { value, diagnostics } = evaluate(expression, scope);
    this.diagnostics.push(...diagnostics);
    module.locals.set(name, module.evaluated(value, expression, scope));
  }

  #check(module: ModuleInstance, { name, assertions }: Check): void {
    const address = addressIn(module.address, `check.${name}`);
    for (const rule of assertions) {
      const instances = dependenciesOf([rule], module);
      this.conditions.check([rule], { kind: "assertion", address, module, scope: module.scope(NO_ROOTS), instances });
    }
  }

  /** The instances that its preconditions come from, and whether any of these is still to be decided. */
  #preconditions(
    module: ModuleInstance,
    { name, expression, preconditions }: Output,
  ): { readonly instances: readonly string[]; readonly open: boolean; readonly address: string } {
    const address = addressIn(module.address, `output.${name}`);
    if (preconditions.length === 0) return { instances: [], open: false, address };
    const instances = dependenciesOf(preconditions, module);
    const about = { kind: "precondition" as const, address, module, scope: module.scope(NO_ROOTS) };
    const { open } = this.conditions.check(preconditions, {
      ...about,
      instances: [...instances, ...module.dependencies(expression)],
    });
    return { instances, open, address };
  }

  #output(module: ModuleInstance, output: Output): void {
    this.#preconditions(module, output);
    const { name, expression, sensitive } = output;
    const scope = module.scope(NO_ROOTS);
    const { value, diagnostics } = evaluateOutput(output, scope);
    this.diagnostics.push(...diagnostics);
    // Kept also of what is known: a command such as `start` changes what the output shows, and reads no lab file.
    const fixed = isWhollyKnown(value) && module.dependencies(expression).length === 0;
    const deferred = fixed || hasErrors(diagnostics) ? undefined : module.capture(expression, scope);
    this.outputs.push({ name, value, sensitive, deferred, guards: module.guards([expression]) });
  }

  /** What is sensitive in it stays so for who refers to it: only the root's outputs are shown, and must say so. */
  #innerOutput(module: ModuleInstance, declared: Output): void {
    const { name, expression, sensitive, dependsOn } = declared;
    const { instances, open, address } = this.#preconditions(module, declared);
    const scope = module.scope(NO_ROOTS);
    const { value, diagnostics } = evaluate(expression, scope);
    this.diagnostics.push(...diagnostics);
    const { captured, dependencies, guards } = module.evaluated(value, expression, scope);
    const output: Evaluated = {
      value: marked(value, sensitive),
      captured: captured?.kind === "deferred" && sensitive ? { ...captured, sensitive } : captured,
      dependencies: [...dependencies, ...instances, ...this.#awaited(module, dependsOn)],
      guards: open ? [address, ...(guards ?? [])] : guards,
    };
    module.outputs.set(name, output);
    const call = this.#calls.get(module);
    if (call) call.value = undefined;
  }

  #call(module: ModuleInstance, call: ModuleCall): void {
    const { expansion, address } = this.#expand(module, call);
    const place = module.place.inner.get(call.name);
    if (!place) throw new Error(`no place for ${address}`);
    const dependsOn = [...module.dependsOn, ...this.#awaited(module, call.dependsOn)];
    const instances = expansion.instances.map(({ key, each }) => {
      const outer = { module, call, roots: rootsOf(key, each, call.forEach, module.scope(NO_ROOTS)) };
      const inner = new ModuleInstance(
        { address: instanceAddress(address, key), place, outer, dependsOn },
        this.#shared,
      );
      return { key, module: inner };
    });
    const value = expansion.known ? undefined : UNKNOWN_VALUE;
    const expanded: ExpandedCall = { shape: expansion.shape, instances, value };
    module.calls.set(call.name, expanded);
    for (const one of instances) this.#calls.set(one.module, expanded);
    this.#modules.set(place, [...this.#instancesOf(place), ...instances.map((one) => one.module)]);
  }

  async #resource(module: ModuleInstance, resource: Resource): Promise<void> {
    const { expansion, address } = this.#expand(module, resource);
    const rules = this.#blockRules(module, resource, address);
    const dependsOn = [...module.dependsOn, ...this.#awaited(module, resource.dependsOn)];
    const { forEach, lifecycle } = resource;
    for (const { expression } of lifecycle?.triggers ?? []) dependsOn.push(...module.dependencies(expression));
    if (forEach && expansion.instances.some(({ each }) => each && !isWhollyKnown(each))) {
      dependsOn.push(...module.dependencies(forEach));
    }
    if (resource.conditions) dependsOn.push(...dependenciesOf(rulesOf(resource.conditions), module));
    const guards = module.guards(expressionsIn(resource));
    const scope = module.scope(NO_ROOTS);
    const instances: { readonly key: InstanceKey; readonly address: string }[] = [];
    for (const { key, each } of expansion.instances) {
      const instance = instanceAddress(address, key);
      instances.push({ key, address: instance });
      const roots = rootsOf(key, each, forEach, scope);
      await this.#instance(module, resource, instance, roots, { dependsOn, guards, ...rules });
    }
    const value = expansion.known ? undefined : UNKNOWN_VALUE;
    module.resources.set(resource.address, { shape: expansion.shape, instances, value });
  }

  #blockRules(module: ModuleInstance, resource: Resource, address: string): Pick<InstanceInput, "preventDestroy"> {
    const why = (one: Expression) => whyUnknown(one, module);
    const { value, diagnostics } = readBlockRules(resource, module.scope(NO_ROOTS), why);
    // What is unknown after an error may be only its consequence.
    if (value || !this.#shared.afterErrors()) for (const one of diagnostics) addOnce(one, this.diagnostics);
    if (value) this.blocks.set(address, value);
    return { preventDestroy: value?.preventDestroy === true };
  }

  #expand(module: ModuleInstance, repeated: Repeated): { readonly expansion: Expansion; readonly address: string } {
    const address = addressIn(module.address, repeated.address);
    const why = (one: Expression) => whyUnknown(one, module);
    const expansion = expand({ ...repeated, address }, module.scope(NO_ROOTS), why);
    this.diagnostics.push(...expansion.diagnostics);
    const disabled = disabledBy(repeated, expansion);
    if (disabled) this.disabled.set(address, disabled);
    return { expansion, address };
  }

  /** The instances that a `depends_on` names; of a module all that is in it. */
  #awaited(module: ModuleInstance, dependsOn: Resource["dependsOn"]): readonly string[] {
    return dependsOn.flatMap(({ address }) => {
      const call = address.startsWith("module.") ? module.calls.get(address.slice("module.".length)) : undefined;
      if (call) return call.instances.flatMap((one) => instancesIn(one.module));
      return module.resources.get(address)?.instances.map((one) => one.address) ?? [];
    });
  }

  #providerOf(kind: ResourceKind): string {
    return this.#input.providers.names[kind === "node" ? "node" : "link"];
  }

  #schemaOf(kind: ResourceKind): ResourceSchema | undefined {
    return this.#input.providers.schema(this.#providerOf(kind)).resources[kind];
  }

  async #instance(
    module: ModuleInstance,
    resource: Resource,
    address: string,
    roots: Roots,
    block: Pick<InstanceInput, "dependsOn" | "guards" | "preventDestroy">,
  ): Promise<void> {
    const input = this.#input;
    if (input.refreshOnly) {
      const seen = foundInstance(input.found.get(address), resource, this.#schemaOf(resource.kind));
      if (seen) this.instances.set(address, seen);
      return;
    }
    const scope = module.scope(roots);
    const { preconditions, postconditions } = resource.conditions ?? NO_CONDITIONS;
    const about = { address, module, resource };
    if (preconditions.length > 0) {
      const { refused } = this.conditions.check(preconditions, { ...about, kind: "precondition", scope });
      if (refused) return;
    }
    const providerName = this.#providerOf(resource.kind);
    const triggers = findTriggers(resource, scope, module, this.instances);
    for (const one of triggers.diagnostics) addOnce(one, this.diagnostics);
    const planned = await planInstance({
      resource,
      address,
      scope,
      capture: (expression, inner) => module.capture(expression, inner),
      dependencies: (expression, bound) => module.dependencies(expression, bound),
      why: (expression) => whyUnknown(expression, module),
      ...block,
      triggers: triggers.causes,
      providerName,
      provider: await input.providers.load(providerName),
      schema: resourceSchema(input.providers.schema(providerName), resource.kind, resource.name),
      settings: input.settings.get(providerName) ?? {},
      tunnel: input.tunnel,
      labIdentity: input.labIdentity,
      ids: this.#ids,
      found: input.found.get(address),
      offline: input.offline,
      signal: input.signal,
      replace: input.replace.has(address),
      time: input.time,
      endpoints: this.#endpoints,
      afterErrors: this.#shared.afterErrors,
    });
    // One mistake in a template is one, however many nodes use it.
    if (resource.templates) for (const one of planned.diagnostics) addOnce(one, this.diagnostics);
    else this.diagnostics.push(...planned.diagnostics);
    if (!planned.value) return;
    this.instances.set(address, planned.value);
    if (resource.kind === "node") this.#endpoints.add(planned.value.change);
    for (const service of planned.value.services) this.services.set(service.address, service);
    if (postconditions.length === 0) return;
    const values = new Map(roots.values).set("self", planned.value.value);
    const ofSelf = {
      ...about,
      kind: "postcondition" as const,
      scope: module.scope({ ...roots, values }),
      self: address,
    };
    this.conditions.check(postconditions, ofSelf);
  }
}

function withoutRepetitions(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ summary, detail, range, address }) => {
    const key = JSON.stringify([summary, detail, range && formatRange(range), address]);
    return !seen.has(key) && seen.add(key);
  });
}
