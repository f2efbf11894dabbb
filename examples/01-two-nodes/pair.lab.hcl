# Two nodes on one link. `npm run demo` applies it, pings across, and destroys it.
lab "pair" {
  required_version = "~> 0.1"
}

variable "kernel" {
  type        = string
  default     = "../../.cache/guest/vmlinux"
  description = "Kernel of both nodes; scripts/guest.mjs builds the default"
}

variable "initrd" {
  type        = string
  default     = "../../.cache/guest/initrd"
  description = "Initial root of both nodes; scripts/guest.mjs builds the default"
}

locals {
  addresses = {
    r1 = "10.0.0.1/24"
    r2 = "10.0.0.2/24"
  }
}

node "router" {
  for_each = local.addresses

  ram          = 96
  adapters     = 1
  adapter_type = "virtio-net-pci"

  kernel_image        = var.kernel
  initrd              = var.initrd
  kernel_command_line = "console=ttyS0 quiet labform.name=${each.key} labform.ip=${each.value}"

  ready {
    console   = "ready"
    timeout_s = 120
  }
}

link "core" {
  endpoints = [node.router["r1"].adapter[0], node.router["r2"].adapter[0]]
  delay_ms  = 5
}

output "consoles" {
  description = "Where each console listens"
  value       = { for name, router in node.router : name => router.console }
}
