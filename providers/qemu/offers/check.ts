import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import { suggestion } from "../../../src/core/suggestion.ts";
import type { PlannedAttributes } from "../../../src/core/values.ts";
import { samePlanned } from "../../../src/core/values.ts";
import { isX86Platform } from "../accelerator.ts";
import type { Binaries, Binary } from "../binary.ts";
import type { Offers } from "./ask.ts";

const ASKED = ["platform", "machine", "cpu_model", "cpus", "max_cpus"];

/**
 * Whether the executable has the machine, the CPU model and so many processors. `had`: what this executable was found
 * to have before.
 */
export async function checkMachine(
  binary: Binary,
  planned: PlannedAttributes,
  had: PlannedAttributes,
  binaries: Binaries,
): Promise<readonly Diagnostic[]> {
  if (ASKED.every((name) => samePlanned(planned[name] ?? null, had[name] ?? null))) return [];
  const offers = await binaries.offers(binary);
  const wrongTarget = checkTarget(binary, planned, offers);
  if (wrongTarget.length > 0) return wrongTarget;
  return [...checkType(binary, planned, offers), ...checkModel(binary, planned, offers)];
}

/** `what` an executable does not offer, with what may have been meant, or some of what it does. */
export function notOffered(
  binary: Pick<Binary, "path">,
  what: "machine" | "CPU model" | "network adapter",
  name: string,
  offered: readonly string[],
): Diagnostic {
  const meant = suggestion(name, offered);
  const some = offered.filter(isPlain).toSorted().slice(0, 8);
  const hint = meant === undefined ? `Some that it has: ${some.join(", ")}.` : `Did you mean ${JSON.stringify(meant)}?`;
  const option = { machine: "-machine", "CPU model": "-cpu", "network adapter": "-device" }[what];
  return errorDiagnostic(`${binary.path} has no ${what} ${JSON.stringify(name)}`, {
    detail: `${hint} All are listed by: ${binary.path} ${option} help`,
    subject: `QEMU binary ${binary.path}`,
  });
}

/** Not one version of many, nor what has no guest. */
function isPlain(name: string): boolean {
  return !/-(v?\d+)(\.\d+)*$/.test(name) && name !== "none";
}

/** An executable's name may say nothing of what it is, or be that of another. */
function checkTarget({ path }: Binary, { platform }: PlannedAttributes, { target }: Offers): Diagnostic[] {
  if (typeof platform !== "string" || platform === target) return [];
  if (isX86Platform(platform) && isX86Platform(target)) return [];
  return [
    errorDiagnostic(`${path} emulates ${target}, but platform is ${platform}`, {
      detail: `Set platform = ${JSON.stringify(target)}, or name another executable with qemu_binary.`,
      subject: `QEMU binary ${path}`,
    }),
  ];
}

function checkType(binary: Binary, planned: PlannedAttributes, { machines }: Offers): Diagnostic[] {
  const { machine, cpus, max_cpus: maxCpus = null } = planned;
  if (typeof machine !== "string") return [];
  const most = Object.hasOwn(machines, machine) ? machines[machine] : undefined;
  if (most === undefined) return [notOffered(binary, "machine", machine, Object.keys(machines))];
  const [name, wanted] = maxCpus === null ? ["cpus", cpus] : ["max_cpus", maxCpus];
  if (typeof wanted !== "number" || wanted <= most) return [];
  return [
    errorDiagnostic(`${name} = ${wanted} is more than machine ${machine} has`, {
      detail: `It takes ${most} at most.`,
      subject: `QEMU binary ${binary.path}`,
    }),
  ];
}

/** Features after the model's name are QEMU's to judge: it knows more of them than it lists. */
function checkModel(binary: Binary, { cpu_model: model }: PlannedAttributes, { cpus, target }: Offers): Diagnostic[] {
  // PowerPC's models are also found by number and in any case.
  if (typeof model !== "string" || cpus === null || target.startsWith("ppc")) return [];
  const [name = ""] = model.split(",");
  return cpus.includes(name) ? [] : [notOffered(binary, "CPU model", name, cpus)];
}

/** The host's own processor is there only where it runs the guest. */
export function checkHostModel({ cpu_model: model, accel }: PlannedAttributes): readonly Diagnostic[] {
  if (typeof model !== "string" || accel !== "tcg" || model.split(",")[0] !== "host") return [];
  return [
    errorDiagnostic("cpu_model host needs KVM, and the node runs without it", {
      detail:
        'Use cpu_model = "max", which has all that QEMU can emulate, or leave it out. Where accel is auto, KVM is taken where it works.',
    }),
  ];
}

/** What can be told of processors without an executable. */
export function checkCpus({ cpus, max_cpus: most }: PlannedAttributes): readonly Diagnostic[] {
  if (typeof cpus !== "number" || typeof most !== "number" || most >= cpus) return [];
  const detail = `max_cpus is how many the machine has places for, those it starts with included. Set it to ${cpus} at least, or remove it.`;
  return [errorDiagnostic(`max_cpus = ${most} is less than cpus = ${cpus}`, { detail })];
}
