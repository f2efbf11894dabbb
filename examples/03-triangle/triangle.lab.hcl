# Three routers, each linked to the two others; every link has a weakness of its own.
lab "triangle" {
  required_version = "~> 0.1"
}

variable "kernel" {
  type        = string
  default     = "../../.cache/guest/vmlinux"
  description = "Kernel of the routers; scripts/guest.mjs builds the default"
}

variable "initrd" {
  type        = string
  default     = "../../.cache/guest/initrd"
  description = "Initial root of the routers; scripts/guest.mjs builds the default"
}

variable "engine" {
  type        = string
  default     = "builtin"
  description = "What carries the links"

  validation {
    condition     = contains(["auto", "builtin", "ubridge"], var.engine)
    error_message = "engine is auto, builtin or ubridge."
  }
}

variable "routers" {
  type = map(object({
    ram       = optional(number, 96)
    addresses = list(string) # of adapter 0, adapter 1
  }))
  description = "The routers by name"

  validation {
    condition     = length([for router in values(var.routers) : router if router.ram < 64]) == 0
    error_message = "A router needs 64 MiB to boot."
  }
}

provider "ubridge" {
  engine = var.engine
}

locals {
  sides = {
    r1-r2 = { ends = ["r1", "r2"], delay_ms = 10, loss_percent = 0 }
    r2-r3 = { ends = ["r2", "r3"], delay_ms = 0, loss_percent = 100 }
  }
}

node "router" {
  for_each = var.routers

  ram          = each.value.ram
  adapters     = 2
  adapter_type = "virtio-net-pci"

  kernel_image        = var.kernel
  initrd              = var.initrd
  kernel_command_line = "console=ttyS0 quiet labform.name=${each.key} labform.ip=${join(",", each.value.addresses)}"

  ready {
    console   = "ready"
    timeout_s = 180
  }
}

link "side" {
  for_each = local.sides

  endpoints    = [node.router[each.value.ends[0]].adapter[0], node.router[each.value.ends[1]].adapter[1]]
  delay_ms     = each.value.delay_ms
  loss_percent = each.value.loss_percent
}

link "watched" {
  endpoints = [node.router["r3"].adapter[0], node.router["r1"].adapter[1]]
  delay_ms  = 5
  jitter_ms = 5

  capture {
    # Each workspace runs a triangle of its own, and writes a file of its own.
    file = lab.workspace == "default" ? "r3-r1.pcap" : "r3-r1-${lab.workspace}.pcap"
  }
}

output "consoles" {
  description = "Where each console listens"
  value       = { for name, router in node.router : name => "${router.console.host}:${router.console.port}" }
}

output "addresses" {
  description = "What to ping"
  value       = { for name, router in var.routers : name => [for address in router.addresses : split("/", address)[0]] }
}
