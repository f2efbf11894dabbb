import type { BuiltGuest } from "../../../src/core/guest.ts";

/** A node block that boots the guest, on every host that has it at the same place of its owner's home directory. */
export function exampleNode({ kernel, initrd }: Pick<BuiltGuest, "kernel" | "initrd">, home?: string): string {
  return `node "host" {
  ram          = 96
  adapters     = 1
  adapter_type = "virtio-net-pci"

  kernel_image        = ${pathOf(kernel, home)}
  initrd              = ${pathOf(initrd, home)}
  kernel_command_line = "console=ttyS0 quiet labform.name=host labform.ip=10.0.0.1/24"

  ready {
    console = "ready"
  }
}
`;
}

function pathOf(path: string, home: string | undefined): string {
  if (home !== undefined && path.startsWith(`${home}/`)) return `pathexpand(${text(`~${path.slice(home.length)}`)})`;
  return text(path);
}

function text(value: string): string {
  return JSON.stringify(value).replaceAll(/[$%](?=\{)/g, "$&$&");
}
