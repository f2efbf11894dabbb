import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, hasErrors } from "../core/diagnostics.ts";
import type { Resource, Rule } from "../core/lab.ts";
import type { Change, CheckResult, DeferredRule, RuleKind } from "../core/plan.ts";
import type { Range } from "../core/source.ts";
import { addOnce, withUser } from "../core/templateUse.ts";
import { awaitedInstances } from "../evaluation/capturedParts.ts";
import { checkRule } from "../evaluation/rules.ts";
import type { Scope } from "../evaluation/scope.ts";
import { checkResult } from "./checkResults.ts";
import type { PlannedInstance } from "./instance.ts";
import type { ModuleInstance } from "./moduleInstance.ts";

/** Whose conditions are decided. */
interface Subject {
  readonly kind: Exclude<RuleKind, "validation">;
  /** `node.r1`, `module.pod["a"].output.x`, `check.health` */
  readonly address: string;
  readonly module: ModuleInstance;
  readonly scope: Scope;
  /** The instance that `self` is. */
  readonly self?: string;
  readonly resource?: Resource;
  /** Of an output or check: the instances it comes from. */
  readonly instances?: readonly string[] | undefined;
}

interface About {
  readonly owner: string;
  /** Undefined where the owner is an instance itself. */
  readonly instances: readonly string[] | undefined;
}

/** One that waits for something. */
interface OpenCondition extends About {
  readonly rule: DeferredRule;
  readonly range: Range;
}

/** What the conditions of a lab say while it is walked. */
export class Conditions {
  readonly #open: OpenCondition[] = [];
  readonly #postponed: (About & { readonly diagnostic: Diagnostic })[] = [];
  readonly #results: (About & CheckResult)[] = [];
  readonly #postpones: boolean;
  readonly #diagnostics: Diagnostic[];

  /** `postpones`: what is broken is kept until it is known what the plan is restricted to; else told at once. */
  constructor(diagnostics: Diagnostic[], postpones: boolean) {
    this.#diagnostics = diagnostics;
    this.#postpones = postpones;
  }

  /** Whether any is still to be decided. */
  get areOpen(): boolean {
    return this.#open.length > 0;
  }

  /** Decides what can be decided: `refused` when one is broken and the plan is not made. */
  check(rules: readonly Rule[], subject: Subject): { readonly refused: boolean; readonly open: boolean } {
    const { kind, address, module, scope, self } = subject;
    const about: About = { owner: address, instances: subject.instances };
    let refused = false;
    let open = false;
    for (const rule of rules) {
      const { decided, diagnostics } = checkRule(rule, subject, scope);
      refused ||= hasErrors(diagnostics) && !this.#postpones;
      for (const one of diagnostics) this.#tell(one, about, subject);
      this.#results.push({ ...about, ...checkResult(address, decided, diagnostics) });
      // After an error it may be unknown only for that, and no plan is made.
      if (decided || module.isAfterErrors()) continue;
      open = true;
      const condition = module.capture(rule.condition, scope, self);
      const message = module.capture(rule.errorMessage, scope, self);
      this.#open.push({ ...about, rule: { kind, owner: address, condition, message }, range: rule.condition.range });
    }
    return { refused, open };
  }

  #tell(found: Diagnostic, about: About, { resource, address }: Subject): void {
    const diagnostic = resource ? withUser({ ...found, address }, resource) : found;
    if (this.#postpones) this.#postponed.push({ ...about, diagnostic });
    else if (resource?.templates) addOnce(diagnostic, this.#diagnostics);
    else this.#diagnostics.push(diagnostic);
  }

  /**
   * What a plan of the `kept` changes has to do with: conditions of what is left out, and those that come from what
   * changes there (`waiting`), are not decided. `undecided` are the addresses of the latter.
   */
  within(
    kept: readonly Change[],
    waiting: ReadonlySet<string>,
    planned: ReadonlyMap<string, PlannedInstance>,
  ): {
    readonly rules: readonly DeferredRule[];
    readonly undecided: ReadonlySet<string>;
    readonly diagnostics: readonly Diagnostic[];
    readonly results: readonly CheckResult[];
  } {
    const here = new Set(kept.map(({ address }) => address));
    const isLeftOut = ({ owner, instances }: About) =>
      instances ? instances.some((one) => waiting.has(one)) : !here.has(owner);
    const open = this.#open.filter((one) => !isLeftOut(one));
    return {
      rules: open.map(({ rule }) => rule),
      results: this.#results.filter((one) => !isLeftOut(one)),
      undecided: new Set([...this.#open, ...this.#postponed].filter(isLeftOut).map(({ owner }) => owner)),
      diagnostics: [
        ...this.#postponed.filter((one) => !isLeftOut(one)).map(({ diagnostic }) => diagnostic),
        ...open.flatMap((one) => refuseWaitingLink(one, planned.get(one.owner))),
      ],
    };
  }
}

/** A link that waits for a value of its own end would wait for itself. */
function refuseWaitingLink({ rule, range }: OpenCondition, owner: PlannedInstance | undefined): readonly Diagnostic[] {
  const ends = owner?.change.ends ?? [];
  const end = awaitedInstances(rule.condition).find((one) => ends.includes(one));
  if (end === undefined) return [];
  return [
    errorDiagnostic(`A ${rule.kind} of ${rule.owner} is not known before its nodes run`, {
      detail: `A link is wired before its nodes start, so what ${end} gets then would come too late. Write it as an assert of a check block, or as a postcondition of the node.`,
      range,
      address: rule.owner,
    }),
  ];
}
