import type { Finding } from "../../../src/core/doctor.ts";
import type { Ports } from "../../../src/core/ports.ts";
import type { ExamineRequest } from "../../../src/core/provider.ts";
import { whyNoKvm } from "../accelerator.ts";
import type { Binary } from "../binary.ts";
import { qemuSettings } from "../settings.ts";
import type { Accelerator, Trial } from "./trial.ts";
import { inTemporaryDirectory, tryAccelerator } from "./trial.ts";

/**
 * What executes guests here, tried with `binary`, which emulates an x86 PC. A /dev/kvm that can be opened is tried even
 * where the processor's flags speak against it, so that what is said of it was seen.
 */
export async function examineAccelerators(
  ports: Ports,
  request: ExamineRequest,
  binary: Binary,
): Promise<readonly Finding[]> {
  const reason = await whyNoKvm(ports);
  const canOpen = await opensKvm(ports);
  const [kvm, tcg] = await inTemporaryDirectory(ports, (directory) => {
    const attempt = (accelerator: Accelerator) => tryAccelerator(ports, binary, accelerator, directory, request.signal);
    return Promise.all([canOpen ? attempt("kvm") : undefined, attempt("tcg")]);
  });
  return [describeKvm(kvm, reason, request), describeTcg(tcg, kvm, request)];
}

async function opensKvm({ files }: Ports): Promise<boolean> {
  try {
    await files.access("/dev/kvm", "read");
    await files.access("/dev/kvm", "write");
    return true;
  } catch {
    return false;
  }
}

const WITHOUT_KVM = "Nodes run without it, several times slower.";

function describeKvm(trial: Trial | undefined, reason: string | undefined, request: ExamineRequest): Finding {
  const subject = "KVM";
  if (trial === undefined) {
    return { subject, level: "note", text: `not to be had; nodes use tcg: ${reason}`, fix: WITHOUT_KVM };
  }
  if (trial.kind === "executed" && reason === undefined) {
    return { subject, level: "ok", text: `a guest instruction was executed (${seconds(trial.ms)})` };
  }
  if (trial.kind === "executed") {
    const text = `a guest instruction was executed, but nodes use tcg: ${reason}`;
    return { subject, level: "note", text };
  }
  const seen =
    trial.kind === "silent"
      ? `/dev/kvm can be opened, but no guest instruction was executed in ${seconds(trial.ms)}`
      : `/dev/kvm can be opened, but QEMU cannot use it (${trial.words})`;
  if (reason !== undefined) {
    return { subject, level: "note", text: `${seen}; nodes use tcg`, fix: `The cause: ${reason}. ${WITHOUT_KVM}` };
  }
  // The processor's flags promise that it works: then `auto` takes it.
  return {
    subject,
    level: uses(request, "kvm") ? "error" : "warning",
    text: seen,
    fix: 'Nodes with accel = "auto" would take it and hang. Set accel = "tcg" in provider "qemu".',
  };
}

function describeTcg(trial: Trial, kvm: Trial | undefined, request: ExamineRequest): Finding {
  const subject = "TCG";
  if (trial.kind === "executed") {
    return { subject, level: "ok", text: `a guest instruction was executed (${seconds(trial.ms)})` };
  }
  const text =
    trial.kind === "silent"
      ? `no guest instruction was executed in ${seconds(trial.ms)}`
      : `QEMU cannot run a guest (${trial.words})`;
  const needed = request.lab === null ? kvm?.kind !== "executed" : uses(request, "tcg");
  const fix =
    "QEMU's own emulation needs nothing of the host but time and its firmware (on Debian and Ubuntu: the package seabios). Look whether the host is overloaded, and install QEMU again.";
  return { subject, level: needed ? "error" : "warning", text, fix };
}

function uses({ lab, settings }: ExamineRequest, accelerator: Accelerator): boolean {
  const given = qemuSettings(settings).accel;
  return (lab?.nodes ?? []).some(({ attributes }) => {
    const { accel } = attributes;
    return (typeof accel === "string" ? accel : given) === accelerator;
  });
}

/** `0.2 s`, `3 s` */
function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}
