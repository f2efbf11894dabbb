import { type Facts, SimulatedHost } from "./host.ts";
import { differences, remains, strays } from "./invariants.ts";
import { labform, type Outcome, recorded } from "./labform.ts";
import type { Meddle } from "./run.ts";

/** Runs a command that must succeed. */
async function succeed(host: SimulatedHost, ...words: readonly string[]): Promise<Outcome> {
  const outcome = await labform(host, words);
  if (outcome.ended !== 0)
    throw new Error(`labform ${words.join(" ")} ended with ${outcome.ended}:\n${outcome.stderr}`);
  return outcome;
}

/** Applies, and holds that nothing is left to do. */
export async function apply(host: SimulatedHost): Promise<Outcome> {
  const outcome = await succeed(host, "apply", "-auto-approve");
  expectNone("the plan after the apply is not empty", (await plan(host)).map(describeChange));
  return outcome;
}

export const stop = (host: SimulatedHost, address: string) => succeed(host, "stop", address);
export const destroy = (host: SimulatedHost) => succeed(host, "destroy", "-auto-approve");

/** A change as the plan's JSON has it. */
export interface PlannedChange {
  readonly address: string;
  readonly action: string;
  readonly causes: readonly string[];
}

function describeChange({ action, address, causes }: PlannedChange): string {
  return `${action} ${address}: ${causes.join(", ")}`;
}

/** What may be said to programs by who only looks. A space alone acknowledges a bridge's answer (see Hypervisor). */
const QUESTIONS =
  /"execute":"(?:qmp_capabilities|query-status|query-block)"|"command":"(?:ping|list)"|^(?:hypervisor (?:version|close)|bridge (?:list|show .*|get_stats .*))\n$|^ $/;

/** What is remembered of programs and images, so that they need not be asked or read again. */
const CACHES = /\/\.cache\/labform(?:\/|$)|\/\.?images\.json/;

/** Plans, and holds that planning does nothing but look. */
export async function plan(host: SimulatedHost): Promise<readonly PlannedChange[]> {
  const acts: string[] = [];
  const outcome = await labform(host, ["plan", "-json"], (call) => {
    const { name, subject, data, changes } = call;
    const harmless = (name === "send" && QUESTIONS.test(data)) || (name === "sync" && !subject.includes(".tmp"));
    if (changes && !harmless && !CACHES.test(subject)) acts.push(`${name} ${subject} ${data}`);
    return undefined;
  });
  if (outcome.ended !== 0) throw new Error(`labform plan ended with ${outcome.ended}:\n${outcome.stdout}`);
  expectNone("plan does more than look", acts);
  const { stdout } = outcome;
  return stdout
    .split("\n")
    .filter((line) => line.includes('"planned_change"'))
    .map((line) => {
      const { change } = JSON.parse(line) as {
        change: { resource: { addr: string }; labform_action: string; causes: readonly { summary: string }[] };
      };
      return {
        address: change.resource.addr,
        action: change.labform_action,
        causes: change.causes.map(({ summary }) => summary),
      };
    });
}

/** The lab is as its files say, and nothing else is on the host. */
export async function expectWhole(host: SimulatedHost): Promise<void> {
  expectNone("the plan is not empty", (await plan(host)).map(describeChange));
  expectNone("the host differs from the record", differences(host, await recorded(host)));
}

export async function expectNothingStray(host: SimulatedHost): Promise<void> {
  expectNone("what runs is not known", strays(host, await recorded(host)));
}

export async function expectGone(host: SimulatedHost): Promise<void> {
  expectNone("not all is gone", remains(host, await recorded(host)));
}

export function expectNone(what: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new Error(`${what}:\n${faults.map((one) => `  ${one}`).join("\n")}`);
}

export interface Scenario {
  readonly name: string;
  readonly facts?: Partial<Facts>;
  /** Before the command that is meddled with. */
  readonly before: (host: SimulatedHost) => Promise<void>;
  readonly words: readonly string[];
}

/** A host at the moment before the scenario's command; the same one each time. */
export async function hostBefore({ before, facts = {} }: Scenario, seed: number): Promise<SimulatedHost> {
  const host = new SimulatedHost(seed, facts);
  await before(host);
  return host;
}

export async function command(host: SimulatedHost, scenario: Scenario, meddle?: Meddle): Promise<Outcome> {
  return await labform(host, scenario.words, meddle);
}
