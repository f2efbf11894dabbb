import { isX86Platform } from "../accelerator.ts";
import type { NodeAttributes } from "../attributes.ts";
import { tpmSocket, uefiVariables } from "../names.ts";
import { pciRoot } from "../pci.ts";
import { flashFormat } from "./uefi.ts";

/** What -machine takes of UEFI; the flash chips' contents are `firmwareArguments`. */
export function flashProperties({ uefi_code }: Pick<NodeAttributes, "uefi_code">): readonly string[] {
  return uefi_code ? ["pflash0=uefi-code", "pflash1=uefi-variables"] : [];
}

/** `directory`: the node's, absolute. */
export function firmwareArguments(node: NodeAttributes, directory: string): readonly string[] {
  return [
    ...(node.bios_image === null ? [] : ["-bios", node.bios_image]),
    ...(node.uefi_code ? flash(node.uefi_code, uefiVariables(directory)) : []),
    ...(node.tpm ? tpm(node) : []),
  ];
}

function flash(code: string, variables: string): string[] {
  return [
    ...chip("uefi-code", flashFormat(code), code, ",read-only=on"),
    ...chip("uefi-variables", "qcow2", variables, ""),
  ];
}

function chip(name: string, format: string, path: string, access: string): string[] {
  return [
    "-blockdev",
    `driver=file,node-name=${name}-file,filename=${path.replaceAll(",", ",,")}${access}`,
    "-blockdev",
    `driver=${format},node-name=${name},file=${name}-file${access}`,
  ];
}

function tpm(node: NodeAttributes): string[] {
  return [
    "-chardev",
    `socket,id=tpm,path=${tpmSocket(node.id).replaceAll(",", ",,")}`,
    "-tpmdev",
    "emulator,id=tpm,chardev=tpm",
    "-device",
    `${tpmDevice(node)},tpmdev=tpm`,
  ];
}

/** Undefined for a board of which it is not known. */
export function tpmDevice({ platform, machine }: Pick<NodeAttributes, "platform" | "machine">): string | undefined {
  if (pciRoot(platform, machine) === undefined) return undefined;
  return isX86Platform(platform) ? "tpm-crb" : "tpm-tis-device";
}
