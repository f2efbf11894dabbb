import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import { suggestion } from "../../../src/core/suggestion.ts";
import type { Path, Planned } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import type { Option } from "./parse.ts";
import { parseOptions } from "./parse.ts";
import type { Refusal } from "./rules.ts";
import { RULES } from "./rules.ts";
import type { Surroundings } from "./substitute.ts";
import { substituted, WITHOUT_COUNTERPART } from "./substitute.ts";
import { splitWords } from "./words.ts";

export interface PlannedOptions {
  /** The words in a list, however they are written. */
  readonly planned: Planned;
  readonly diagnostics: readonly Diagnostic[];
}

export interface OptionsRequest {
  readonly given: Planned;
  readonly sensitive: readonly Path[];
  /** Whether the lab lets options reach the host's files. */
  readonly allowed: boolean;
  readonly surroundings: Surroundings;
}

/** The argument `options` as the words that QEMU is given. */
export function planOptions({ given, sensitive, allowed, surroundings }: OptionsRequest): PlannedOptions {
  if (sensitive.some(([name]) => name === "options")) return { planned: [], diagnostics: [refuseSensitive()] };
  const words = wordsOf(given);
  if (words === UNKNOWN) return { planned: UNKNOWN, diagnostics: [] };
  if (!Array.isArray(words)) return { planned: [], diagnostics: [words as Diagnostic] };
  return { planned: words, diagnostics: checkWords(words, allowed, surroundings) };
}

function refuseSensitive(): Diagnostic {
  return errorDiagnostic("options holds a sensitive value", {
    detail:
      "QEMU's options stand in its command line, which every account of the host can read. Give the guest its secret another way, as in a file of its disk.",
  });
}

function wordsOf(given: Planned): readonly string[] | typeof UNKNOWN | Diagnostic {
  if (given === null) return [];
  if (given === UNKNOWN) return UNKNOWN;
  if (typeof given === "string") {
    const split = splitWords(given);
    if ("words" in split) return split.words;
    return errorDiagnostic(`options cannot be split into words: ${given}`, {
      detail: `As a shell reads it, ${split.fault}. Close the quote, or write options as a list: ["-device", "virtio-rng-pci"].`,
    });
  }
  if (!Array.isArray(given)) return wrongType("this is neither");
  const items = given as readonly Planned[];
  if (items.includes(UNKNOWN)) return UNKNOWN;
  const wrong = items.findIndex((item) => item === null || typeof item === "object");
  return wrong === -1 ? items.map(String) : wrongType(`options[${wrong}] is no text`);
}

function wrongType(what: string): Diagnostic {
  return errorDiagnostic("options has the wrong type", {
    detail: `It takes a list of texts, or one text that is quoted as for a shell; ${what}.`,
  });
}

/** What QEMU is given is checked; what was written is shown. */
function checkWords(words: readonly string[], allowed: boolean, around: Surroundings): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const word of words) {
    if (word.includes("\0")) {
      found.push(errorDiagnostic("options contains a zero character", { detail: "No program can be given one." }));
    }
    for (const [name, instead] of WITHOUT_COUNTERPART) {
      if (!word.includes(name)) continue;
      found.push(errorDiagnostic(`options has ${name}, which is GNS3's`, { detail: instead }));
    }
  }
  for (const option of parseOptions(words.map((word) => substituted(word, around)))) {
    const shown = words.slice(option.at, option.at + (option.value === undefined ? 1 : 2)).join(" ");
    found.push(...checkOption(option, shown, allowed));
  }
  return found;
}

const ALLOW =
  "allow_unsafe_options = true in the lab block lets nodes have such options; whoever applies the lab then trusts it with all the files that are theirs.";

function checkOption({ name, value, rule }: Option, shown: string, allowed: boolean): readonly Diagnostic[] {
  if (name === "") {
    if (allowed) return [];
    const detail = `QEMU takes a word that belongs to no option for a disk image. Use a disk block, or put the option before it. ${ALLOW}`;
    return [errorDiagnostic(`options has ${JSON.stringify(shown)}, which belongs to no option`, { detail })];
  }
  if (rule?.takes && value === undefined) {
    return [errorDiagnostic(`options ends in ${shown}, which needs a value`, { detail: "Add it as the next word." })];
  }
  if (!rule) {
    if (allowed) return [];
    const meant = suggestion(name, RULES.keys());
    const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
    const detail = `labform does not know it, so nobody can tell which files of the host it opens.${hint} ${ALLOW}`;
    return [errorDiagnostic(`options has ${shown}, which is not known`, { detail })];
  }
  if (name === "-uuid" && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value ?? "")) {
    const detail = "It must be as 3f2a9c1d-5b7e-8809-9a2b-3c4d5e6f7081 is.";
    return [errorDiagnostic(`options has ${shown}, which is no UUID`, { detail })];
  }
  if (value !== undefined && /(^|,)(help|\?)$/.test(value)) {
    const detail = "QEMU would only list what there is, and end.";
    return [errorDiagnostic(`options has ${shown}, which asks for help`, { detail })];
  }
  const refusal = rule.refuse(value ?? "");
  return refusal && !(allowed && refusal.why === "unsafe") ? [refuse(shown, refusal)] : [];
}

function refuse(shown: string, { why, instead }: Refusal): Diagnostic {
  const what = {
    owned: "which is labform's to give",
    gone: "which QEMU no longer has",
    unsafe: "which reaches files, devices or networks of the host",
  }[why];
  const detail = [instead, why === "unsafe" ? ALLOW : ""].filter((one) => one !== "").join(" ");
  return errorDiagnostic(`options has ${shown}, ${what}`, { detail });
}
