import type { Ports } from "../../src/core/ports.ts";

/** The architectures QEMU's x86 platforms can be run on by KVM. */
const X86 = new Set(["x86_64", "amd64", "i386", "i586", "i686"]);

export function isX86Platform(platform: string): boolean {
  return platform === "x86_64" || platform === "i386";
}

/**
 * Why KVM cannot run x86 guests here, as the end of a sentence; undefined when it can. A /dev/kvm that opens on a
 * processor without vmx and svm accepts a guest and then hangs it, so the processor is asked first.
 */
export async function whyNoKvm(ports: Pick<Ports, "files" | "host">): Promise<string | undefined> {
  const cpu = await ports.host.cpu();
  if (!X86.has(cpu.architecture)) return `this host's processor is ${cpu.architecture}, not x86`;
  if (!cpu.flags.has("vmx") && !cpu.flags.has("svm")) {
    return "this host's processor has neither vmx nor svm (virtualization is off in its firmware, or this is a virtual machine without nesting)";
  }
  try {
    await ports.files.access("/dev/kvm", "read");
    await ports.files.access("/dev/kvm", "write");
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT"
      ? "there is no /dev/kvm (the kernel module kvm_intel or kvm_amd is not loaded, or it is not passed into this container)"
      : `the account ${ports.host.userName} may not open /dev/kvm (add it to the group kvm and log in again)`;
  }
}

export const TURN_KVM_OFF =
  'Set accel = "auto" to take KVM only where it works, or accel = "tcg" to do without it, on the node or in provider "qemu".';
