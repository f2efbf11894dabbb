import { resolve } from "node:path";
import type { Diagnostic } from "../../core/diagnostics.ts";
import { errorDiagnostic, Failure, fail, hasErrors } from "../../core/diagnostics.ts";
import type { Instance, State } from "../../core/state.ts";
import type { StateAccess, StateStore } from "../../core/workspace.ts";
import { valueFromJson } from "../../evaluation/json.ts";
import { typeFromJson } from "../../evaluation/types.ts";
import { refresh } from "../../planner/refresh.ts";
import { countOf } from "../../ui/text.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { asText, readUserFile } from "../files.ts";
import type { LockOptions } from "./changing.ts";
import { tell, withStore } from "./changing.ts";

interface Options extends LockOptions {
  readonly force?: boolean;
}

/**
 * Puts a document as `pull` prints it in the place of the state. Of another lineage or an older serial only with -force;
 * never so that something that runs is forgotten.
 */
export async function push(
  context: Context,
  common: CommonOptions,
  options: Options,
  [name = ""]: readonly string[],
): Promise<ExitCode> {
  const access = await context.states(common.directory);
  const given = access.parse(await readGiven(context, name), name === "-" ? "on standard input" : name);
  refuseUnusable(given, context);
  return withStore(context, common, options, "state push", async (store) => {
    const { state } = store;
    if (!isEmpty(state)) {
      if (isSame(given, state, access)) {
        tell(context, common, ["The state is this one already. Nothing was changed."], facts(state, false));
        return 0;
      }
      if (options.force !== true) refuseUnrelated(given, state);
    }
    await refuseForgetting(given, store, context);
    // Serials only rise, whatever is pushed: a plan that was saved against an earlier state is to be refused.
    const serial = Math.max(given.serial, state.serial + 1);
    await store.replace({ ...given, lineage: given.lineage === "" ? state.lineage : given.lineage, serial });
    const count = countOf(given.instances.size, "instance");
    tell(context, common, [`The state is replaced: ${count}, serial ${serial}.`], facts(store.state, true));
    return 0;
  });
}

function facts({ lineage, serial }: State, replaced: boolean) {
  return { replaced, lineage, serial };
}

async function readGiven(context: Context, name: string): Promise<string> {
  if (name !== "-") {
    const advice = "labform state pull prints what can be pushed.";
    return readUserFile(context, resolve(context.workingDirectory, name), { name, role: "state", advice });
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of context.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return asText(Buffer.concat(chunks), "The state on standard input");
}

/** A document that is written in form and could still not be worked with. */
function refuseUnusable(given: State, { schemas, version }: Context): void {
  const diagnostics: Diagnostic[] = [];
  for (const instance of given.instances.values()) {
    const schema = schemas.find((one) => one.name === instance.provider);
    if (schema?.resources[resourceName(instance)]) continue;
    diagnostics.push(
      errorDiagnostic(`${instance.address} is of a kind that this labform does not know`, {
        address: instance.address,
        detail: `labform ${version} has no ${resourceName(instance)} of the provider ${JSON.stringify(instance.provider)}.`,
      }),
    );
  }
  for (const [name, { type, value }] of Object.entries(given.outputs)) {
    try {
      valueFromJson(typeFromJson(type), value);
    } catch {
      diagnostics.push(
        errorDiagnostic(`Output "${name}" of the given state is not what it says`, {
          detail: "Its value is not of its type. Give a document as labform state pull prints it.",
        }),
      );
    }
  }
  if (diagnostics.length > 0) throw new Failure(diagnostics);
}

function resourceName({ kind, address }: Instance): string {
  return kind === "service" ? (/^service\.[\w-]+/.exec(address)?.[0] ?? kind) : kind;
}

function isEmpty({ instances, outputs }: State): boolean {
  return instances.size === 0 && Object.keys(outputs).length === 0;
}

function isSame(given: State, state: State, access: StateAccess): boolean {
  const { labformVersion, registry } = state;
  return access.format({ ...given, labformVersion, registry }) === access.format(state);
}

function refuseUnrelated(given: State, state: State): void {
  const force = "With -force it is taken all the same, and what it does not have is forgotten.";
  if (given.lineage !== "" && given.lineage !== state.lineage) {
    fail("The given state is that of another lab", {
      detail: `Its lineage is ${given.lineage}, that of the state here ${state.lineage}: the one did not come from the other. ${force}`,
    });
  }
  if (given.serial < state.serial) {
    fail("The given state is older than the one here", {
      detail: `Its serial is ${given.serial}, that of the state here ${state.serial}: commands came between. Pull the state, and change that. ${force}`,
    });
  }
  if (given.serial === state.serial) {
    fail("The given state is another one with the same serial", {
      detail: `Both have the serial ${state.serial}. Raise that of the document by one if it was made from the state here. ${force}`,
    });
  }
}

/** What is there of the present state, and has no place in the given one. */
async function refuseForgetting(given: State, { state, directories }: StateStore, context: Context): Promise<void> {
  const { found, diagnostics } = await refresh(state, context.providers(directories), false);
  if (hasErrors(diagnostics)) throw new Failure(diagnostics);
  const kept = new Set([...given.instances.values()].map(objectOf));
  const lost = [...found.values()].filter((one) => one.condition === "present" && !kept.has(objectOf(one.instance)));
  if (lost.length === 0) return;
  throw new Failure(
    lost.map(({ instance: { address } }) =>
      errorDiagnostic(`${address} is there, and the given state does not have it`, {
        address,
        detail: `Nobody would find it again. Nothing was changed. Take it away first with "labform destroy", or push a state that has it.`,
      }),
    ),
  );
}

function objectOf({ kind, id }: Instance): string {
  return `${kind} ${id}`;
}
