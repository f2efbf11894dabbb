import type { Target } from "../../core/addresses.ts";
import { formatTarget, isWithinTarget, parseTarget } from "../../core/addresses.ts";
import { errorDiagnostic, Failure, fail } from "../../core/diagnostics.ts";
import { shellWord } from "../../core/shellWord.ts";
import type { Instance, State } from "../../core/state.ts";
import { suggestion } from "../../core/suggestion.ts";
import { quoted } from "../instances.ts";

/** Rejects with `Failure` where nothing was ever recorded. */
export function requireState(state: State, directory: string): void {
  if (state.serial > 0 || state.instances.size > 0) return;
  fail("There is no state", {
    subject: `directory ${directory}`,
    detail:
      "Nothing of a lab was recorded here yet: labform apply makes one, and its state. -chdir=DIR names another directory.",
  });
}

/** What an address means; rejects with `Failure` what is none. `node.r[a]` is taken for `node.r["a"]`, as a shell leaves it. */
export function parseGiven(word: string): Target {
  return (
    parseTarget(word) ??
    parseTarget(quoted(word)) ??
    fail(`${JSON.stringify(word)} is no address`, {
      detail: 'An address looks like node.r1, node.router["r1"], link.core[0], module.pod or module.pod["a"].node.r1.',
    })
  );
}

/** The instances that the addresses name, each once, in the order of the state; rejects where one names none. */
export function findRecorded(state: State, words: readonly string[]): readonly Instance[] {
  const found = new Set<Instance>();
  const diagnostics = words.flatMap((word) => {
    const target = parseGiven(word);
    const named = [...state.instances.values()].filter((one) => isWithinTarget(one.address, target));
    for (const one of named) found.add(one);
    return named.length > 0 ? [] : [notRecorded(state, target)];
  });
  if (diagnostics.length > 0) throw new Failure(diagnostics);
  return [...state.instances.values()].filter((one) => found.has(one));
}

/** The one instance an address names; rejects where it names none or several. */
export function findOneRecorded(state: State, word: string): Instance {
  const found = findRecorded(state, [word]);
  const exact = found.find((one) => one.address === formatTarget(parseGiven(word)));
  if (exact) return exact;
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  const names = found.slice(0, 8).map((one) => one.address);
  const more = found.length > names.length ? ` and ${found.length - names.length} more` : "";
  return fail(`${word} is more than one instance`, {
    detail: `Name one of them: ${names.join(", ")}${more}. In a shell, quote it: ${shellWord(names[0] ?? "")}.`,
  });
}

/** Nothing is recorded under an address. */
export function notRecorded(state: State, target: Target): ReturnType<typeof errorDiagnostic> {
  const name = formatTarget(target);
  const known = [...state.instances.keys()];
  const meant = suggestion(name, [...new Set([...known, ...known.flatMap(withoutKey)])]);
  const there =
    known.length === 0
      ? "The state has no instances."
      : "labform state list shows what there is; what is new is recorded by apply.";
  return errorDiagnostic(`The state has no ${name}`, {
    detail: `${meant === undefined ? "" : `Did you mean ${meant}? `}${there}`,
  });
}

/** The addresses of the resource and of the modules that an instance is in. */
function withoutKey(address: string): readonly string[] {
  const steps = parseTarget(address) ?? [];
  return steps.map((step, at) => formatTarget([...steps.slice(0, at), { ...step, key: undefined }]));
}
