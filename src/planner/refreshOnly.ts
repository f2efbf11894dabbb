import { parseAddress } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { hasErrors } from "../core/diagnostics.ts";
import type { Checked, Resource } from "../core/lab.ts";
import type { Cause, Move, Plan } from "../core/plan.ts";
import { resourceSchema } from "../core/provider.ts";
import type { ResourceSchema } from "../core/schema.ts";
import type { Instance } from "../core/state.ts";
import { attributesToValue } from "../evaluation/plain.ts";
import { driftItem, settledRecord } from "./drift.ts";
import { keptInstances, labFacts } from "./facts.ts";
import type { PlannedInstance } from "./instance.ts";
import { checkMoves, refuseHalfMoves } from "./moveChecks.ts";
import { planOutputs } from "./outputs.ts";
import type { PlanInput } from "./plan.ts";
import { assemble, walkLab } from "./plan.ts";
import type { Found } from "./refresh.ts";
import { nodeAddresses, recordedChange } from "./removals.ts";
import { isWhole, select } from "./targets.ts";

/**
 * The plan of -refresh-only: nothing is done to anything; what was found is written into the state, and the outputs are
 * evaluated again from that. An output that what is gone leaves without a value keeps its last one.
 */
export async function makeRefreshPlan(input: PlanInput): Promise<Checked<Plan>> {
  const { providers } = input;
  const diagnostics: Diagnostic[] = [];
  const { value, diagnostics: told } = await walkLab({ ...input, refreshOnly: true }, false, (found, moves) =>
    restrictFound(found, input, moves, diagnostics),
  );
  diagnostics.push(...told);
  if (!value) return { diagnostics };
  const { found, walked, labIdentity, moved } = value;
  const { state, moves } = moved;
  diagnostics.push(...checkMoves(moved, input.lab, walked), ...refuseHalfMoves(moves, input));
  diagnostics.push(...walked.diagnostics);
  if (hasErrors(diagnostics)) return { diagnostics };

  const conditions = walked.conditions.within([], new Set(), walked.instances);
  // Nothing is made that they could keep from being made.
  diagnostics.push(...conditions.diagnostics.map((one) => ({ ...one, severity: "warning" as const })));
  const refreshes: Instance[] = [];
  const lost: string[] = [];
  const drift = [...found.values()].flatMap((one) => {
    const { kind, provider, address } = one.recorded;
    const schema = resourceSchema(providers.schema(provider), kind, parseAddress(address)?.name ?? "");
    const settled = settledRecord(one, schema, input.time);
    if (settled === undefined) return [];
    if (settled) refreshes.push(settled);
    else lost.push(address);
    return driftItem(one, causesOf(one));
  });
  const outputs = planOutputs(walked.outputs, state).filter(
    ({ name, action, after }) =>
      (action === "delete" || after !== undefined) && !conditions.undecided.has(`output.${name}`),
  );
  const about = { ...input, workspace: input.lab.workspace, directory: input.lab.directory };
  const lab = { name: input.lab.name, identity: labIdentity };
  const plan = assemble(about, [], lab, "refresh-only", diagnostics);
  const renamed = moves.length > 0 ? { moves } : {};
  const facts = {
    ...labFacts(input.lab, input.variables, walked, conditions.results),
    ...keptInstances({ ...plan, refreshes, lost }, found),
    ...renamed,
  };
  return { value: { ...plan, ...facts, unchanged: found.size, refreshes, lost, drift, outputs }, diagnostics };
}

function causesOf({ live }: Found): readonly Cause[] {
  return live?.cause ? [live.cause] : [];
}

/** What -target and -exclude leave out is taken as it is recorded. */
function restrictFound(
  found: ReadonlyMap<string, Found>,
  input: PlanInput,
  moves: readonly Move[],
  diagnostics: Diagnostic[],
): ReadonlyMap<string, Found> {
  if (isWhole(input)) return found;
  const nodeOf = nodeAddresses([...found.values()].map(({ instance }) => instance));
  const changes = [...found.values()].map((one) => recordedChange(one, nodeOf));
  const kept = new Set(select(changes, input, diagnostics, { lab: input.lab, moves }).map(({ address }) => address));
  const asRecorded = (one: Found): Found => {
    const { recorded } = one;
    return { recorded, instance: recorded, condition: null, live: null, refreshed: false, updating: false };
  };
  return new Map([...found].map(([address, one]) => [address, kept.has(address) ? one : asRecorded(one)]));
}

/** What the walk takes an instance for that is only looked at: what was found of it, whatever the lab files want. */
export function foundInstance(
  found: Found | undefined,
  resource: Resource,
  schema: ResourceSchema | undefined,
): PlannedInstance | undefined {
  if (!found || !schema || found.condition === "absent") return undefined;
  const { attributes, sensitive } = found.instance;
  return {
    change: recordedChange(found, () => undefined),
    services: [],
    get value() {
      return attributesToValue(attributes, schema, sensitive);
    },
    range: resource.range,
  };
}
