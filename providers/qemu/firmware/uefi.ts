import type { Files } from "../../../src/core/ports.ts";
import { pciRoot } from "../pci.ts";

/** A UEFI firmware as QEMU has it on two flash chips. */
export interface Uefi {
  /** The chip with its code, which is only read. */
  readonly code: string;
  /** What the chip with its variables is at first; each node has a copy of its own. */
  readonly template: string;
}

/** Where packages describe the firmware they install (QEMU: docs/interop/firmware.json); of one name the first counts. */
const DESCRIPTIONS = ["/etc/qemu/firmware", "/usr/local/share/qemu/firmware", "/usr/share/qemu/firmware"];

/** Where it is on distributions that describe none: code and template, the best first. */
const USUAL: { readonly [platform: string]: readonly (readonly [string, string])[] } = {
  x86_64: [
    ["/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"],
    ["/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"],
    ["/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"],
    ["/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"],
    ["/usr/share/edk2-ovmf/OVMF_CODE.fd", "/usr/share/edk2-ovmf/OVMF_VARS.fd"],
    ["/usr/share/qemu/ovmf-x86_64-code.bin", "/usr/share/qemu/ovmf-x86_64-vars.bin"],
    ["/usr/share/qemu/edk2-x86_64-code.fd", "/usr/share/qemu/edk2-i386-vars.fd"],
  ],
  i386: [["/usr/share/qemu/edk2-i386-code.fd", "/usr/share/qemu/edk2-i386-vars.fd"]],
  aarch64: [
    ["/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"],
    ["/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw", "/usr/share/edk2/aarch64/vars-template-pflash.raw"],
    ["/usr/share/qemu/aavmf-aarch64-code.bin", "/usr/share/qemu/aavmf-aarch64-vars.bin"],
    ["/usr/share/qemu/edk2-aarch64-code.fd", "/usr/share/qemu/edk2-arm-vars.fd"],
  ],
  arm: [
    ["/usr/share/AAVMF/AAVMF32_CODE.fd", "/usr/share/AAVMF/AAVMF32_VARS.fd"],
    ["/usr/share/qemu/edk2-arm-code.fd", "/usr/share/qemu/edk2-arm-vars.fd"],
  ],
};

/** On Debian and Ubuntu. */
export const UEFI_PACKAGES: { readonly [platform: string]: string } = {
  x86_64: "ovmf",
  i386: "ovmf-ia32",
  aarch64: "qemu-efi-aarch64",
  arm: "qemu-efi-arm",
  riscv64: "qemu-efi-riscv64",
  loongarch64: "qemu-efi-loongarch64",
};

/**
 * The firmware for a board: the first that its package describes for it, else one at a usual place. Without Secure Boot,
 * which would refuse what most labs boot, and needs a mode of the processor that not every host has.
 */
export async function findUefi(files: Files, platform: string, machine: string | null): Promise<Uefi | undefined> {
  for (const description of await readDescriptions(files)) {
    const uefi = suiting(description, platform, machine);
    if (uefi && (await isThere(files, uefi))) return uefi;
  }
  if (pciRoot(platform, machine) === undefined) return undefined;
  for (const [code, template] of USUAL[platform] ?? []) {
    if (await isThere(files, { code, template })) return { code, template };
  }
  return undefined;
}

/** As its name tells, and its package's description. */
export function flashFormat(path: string): "qcow2" | "raw" {
  return path.endsWith(".qcow2") ? "qcow2" : "raw";
}

async function isThere(files: Files, { code, template }: Uefi): Promise<boolean> {
  try {
    for (const path of [code, template]) await files.access(path, "read");
    return true;
  } catch {
    return false;
  }
}

/** In the order of their names, whose numbers say which goes first. */
async function readDescriptions(files: Files): Promise<readonly unknown[]> {
  const paths = new Map<string, string>();
  for (const directory of DESCRIPTIONS) {
    for (const name of await files.list(directory).catch(() => [])) {
      if (name.endsWith(".json") && !paths.has(name)) paths.set(name, `${directory}/${name}`);
    }
  }
  const sorted = [...paths].sort(([a], [b]) => (a < b ? -1 : 1));
  return await Promise.all(sorted.map(async ([, path]) => await readJson(files, path)));
}

/** What cannot be read describes nothing. */
async function readJson(files: Files, path: string): Promise<unknown> {
  try {
    return JSON.parse(await files.readText(path)) as unknown;
  } catch {
    return undefined;
  }
}

interface Description {
  readonly "interface-types"?: readonly string[];
  readonly mapping?: {
    readonly device?: string;
    readonly mode?: string;
    readonly executable?: FlashFile;
    readonly "nvram-template"?: FlashFile;
  };
  readonly targets?: readonly { readonly architecture?: string; readonly machines?: readonly string[] }[];
  readonly features?: readonly string[];
}

interface FlashFile {
  readonly filename?: string;
  readonly format?: string;
}

const UNWANTED = ["requires-smm", "secure-boot", "enrolled-keys"];

function suiting(described: unknown, platform: string, machine: string | null): Uefi | undefined {
  if (typeof described !== "object" || described === null) return undefined;
  const { mapping, targets = [], features = [], ...rest } = described as Description;
  const isUefi = rest["interface-types"]?.includes("uefi") === true && mapping?.device === "flash";
  const isSplit = mapping?.mode === undefined || mapping.mode === "split";
  if (!isUefi || !isSplit || features.some((one) => UNWANTED.includes(one))) return undefined;
  const name = versioned(platform, machine);
  const suits = targets.some(
    (one) => one.architecture === platform && one.machines?.some((pattern) => matches(pattern, name)),
  );
  const [code, template] = [mapping.executable, mapping["nvram-template"]].map(flashPath);
  return suits && code !== undefined && template !== undefined ? { code, template } : undefined;
}

function flashPath(file: FlashFile | undefined): string | undefined {
  return file?.filename !== undefined && file.format === flashFormat(file.filename) ? file.filename : undefined;
}

/** Descriptions have machines by their whole names, as pc-q35-7.2, in patterns such as pc-q35-*. */
function versioned(platform: string, machine: string | null): string {
  const name = machine ?? (pciRoot(platform, machine) === undefined ? "" : "pc");
  return { pc: "pc-i440fx-0", q35: "pc-q35-0", virt: "virt-0" }[name] ?? name;
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
