import type { InstanceKey, Target } from "./addresses.ts";

/** A `moved` block in one place of its module: what it says holds for each instance of the module. */
export interface MoveStatement<Block> {
  /** The names of the calls that lead to its module, from the root inwards. */
  readonly place: readonly string[];
  /** As seen from its module. */
  readonly from: Target;
  readonly to: Target;
  readonly block: Block;
}

/** Any key, none included. */
const ANY: unique symbol = Symbol("any key");

interface PatternStep {
  readonly kind: Target[number]["kind"];
  readonly name: string;
  readonly key: InstanceKey | typeof ANY;
}

interface Patterns<Block> {
  readonly statement: MoveStatement<Block>;
  readonly from: readonly PatternStep[];
  readonly to: readonly PatternStep[];
  /** It gives a module another key and nothing else. */
  readonly isReindex: boolean;
}

/**
 * The statements in the order in which they are to be done, else as it is given, or a ring of them that has none. One
 * comes after that to whose destination it moves on from, or into which it leads; what moves in a module comes before
 * the module's own moving away, and after its coming. Facts: what `terraform plan` 1.11 does and refuses.
 */
export function orderMoves<Block>(
  statements: readonly MoveStatement<Block>[],
): { readonly order: readonly MoveStatement<Block>[] } | { readonly ring: readonly MoveStatement<Block>[] } {
  const all = statements.map(patternsOf);
  const before = new Map(all.map((one) => [one, all.filter((other) => other !== one && comesAfter(one, other))]));
  const order: MoveStatement<Block>[] = [];
  const done = new Set<Patterns<Block>>();
  const trail: Patterns<Block>[] = [];
  const visit = (one: Patterns<Block>): readonly Patterns<Block>[] | undefined => {
    if (done.has(one)) return undefined;
    const at = trail.indexOf(one);
    if (at !== -1) return trail.slice(at);
    trail.push(one);
    for (const other of before.get(one) ?? []) {
      const ring = visit(other);
      if (ring) return ring;
    }
    trail.pop();
    done.add(one);
    order.push(one.statement);
    return undefined;
  };
  for (const one of all) {
    const ring = visit(one);
    if (ring) return { ring: fromFirst(ring.map(({ statement }) => statement).reverse(), statements) };
  }
  return { order };
}

/** A ring that begins with what stands first among `all`. */
function fromFirst<One>(ring: readonly One[], all: readonly One[]): readonly One[] {
  const first = all.find((one) => ring.includes(one));
  const at = ring.findIndex((one) => one === first);
  return [...ring.slice(at), ...ring.slice(0, at)];
}

function patternsOf<Block>(statement: MoveStatement<Block>): Patterns<Block> {
  const { place, from, to } = statement;
  const outside = place.map((name): PatternStep => ({ kind: "module", name, key: ANY }));
  const whole = from.at(-1)?.key === undefined && to.at(-1)?.key === undefined;
  const pattern = (target: Target): readonly PatternStep[] => {
    const last = target.length - 1;
    const inside = target.map((step, at): PatternStep => (whole && at === last ? { ...step, key: ANY } : step));
    return [...outside, ...inside];
  };
  const isReindex =
    from.length === to.length && from.every((step, at) => step.kind === "module" && step.name === to[at]?.name);
  return { statement, from: pattern(from), to: pattern(to), isReindex };
}

function comesAfter<Block>(one: Patterns<Block>, other: Patterns<Block>): boolean {
  if (meets(one.from, other.to)) return true;
  const isNested =
    isWithin(one.from, other.to) ||
    isWithin(one.to, other.to) ||
    isWithin(other.from, one.from) ||
    isWithin(other.to, one.from);
  // Inside a module that only gets another key all names stay: what moves in it comes after, and not before too.
  const isDeeper = other.statement.place.length > one.statement.place.length;
  return isNested && !(isDeeper && one.isReindex);
}

/** Whether one address may be what both mean. */
function meets(left: readonly PatternStep[], right: readonly PatternStep[]): boolean {
  return left.length === right.length && begins(left, right);
}

function isWithin(inner: readonly PatternStep[], outer: readonly PatternStep[]): boolean {
  return inner.length > outer.length && begins(inner, outer);
}

function begins(steps: readonly PatternStep[], wanted: readonly PatternStep[]): boolean {
  return wanted.every(({ kind, name, key }, at) => {
    const step = steps[at];
    if (step?.kind !== kind || step.name !== name) return false;
    return key === ANY || step.key === ANY || step.key === key;
  });
}
