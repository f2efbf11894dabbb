import type { Guest } from "./guest.ts";

export interface PairOptions {
  readonly delayMs?: number;
  readonly engine?: "builtin" | "ubridge";
  /** Nodes beside r1 and r2, each on two links to them. */
  readonly third?: boolean;
  readonly ram?: number;
  readonly extra?: string;
}

/** Two guests on a link, 10.0.0.1 and 10.0.0.2, ready when their shells are. */
export function pairLab(guest: Guest, options: PairOptions = {}): string {
  const third = options.third ?? false;
  return `
lab "pair" {}

provider "ubridge" {
  engine = "${options.engine ?? "builtin"}"
}

node "r1" {
  adapters            = 2
  ram                 = ${options.ram ?? 96}
  adapter_type        = "virtio-net-pci"
  kernel_image        = "${guest.kernel}"
  initrd              = "${guest.initrd}"
  kernel_command_line = "console=ttyS0 quiet labform.name=r1 labform.ip=10.0.0.1/24"
  ready {
    console = "ready"
  }
}

node "r2" {
  adapters            = 2
  ram                 = 96
  adapter_type        = "virtio-net-pci"
  kernel_image        = "${guest.kernel}"
  initrd              = "${guest.initrd}"
  kernel_command_line = "console=ttyS0 quiet labform.name=r2 labform.ip=10.0.0.2/24"
  ready {
    console = "ready"
  }
}

link "core" {
  endpoints = [node.r1.adapter[0], node.r2.adapter[0]]
  delay_ms  = ${options.delayMs ?? 0}
}
${
  third
    ? `
node "r3" {
  adapters            = 2
  ram                 = 96
  adapter_type        = "virtio-net-pci"
  kernel_image        = "${guest.kernel}"
  initrd              = "${guest.initrd}"
  kernel_command_line = "console=ttyS0 quiet labform.name=r3 labform.ip=10.0.1.3/24"
  ready {
    console = "ready"
  }
}

link "left" {
  endpoints = [node.r1.adapter[1], node.r3.adapter[0]]
}

link "right" {
  endpoints = [node.r2.adapter[1], node.r3.adapter[1]]
}
`
    : ""
}
output "console" {
  value = node.r1.console
}
${options.extra ?? ""}`;
}
