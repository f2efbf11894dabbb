# Hosts in a row: the first has the way out, each is linked to the next.
variable "name" {
  type = string
}

variable "number" {
  type        = number
  description = "Of the pod, from 1: it is in all its addresses"
}

variable "hosts" {
  type    = number
  default = 1

  validation {
    condition     = var.hosts >= 1 && var.hosts <= 4
    error_message = "A pod has one to four hosts."
  }
}

variable "kernel" {
  type = string
}

variable "initrd" {
  type = string
}

locals {
  # Of each host the side towards the core, and the side away from it.
  addresses = [for at in range(var.hosts) : [
    at == 0 ? "10.0.${var.number}.2/24" : "10.${var.number}.${at}.2/24",
    "10.${var.number}.${at + 1}.1/24",
  ]]
}

node "host" {
  count = var.hosts

  ram          = 96
  adapters     = 2
  adapter_type = "virtio-net-pci"

  kernel_image        = var.kernel
  initrd              = var.initrd
  kernel_command_line = "console=ttyS0 quiet labform.name=${var.name}${count.index} labform.ip=${join(",", local.addresses[count.index])}"

  ready {
    console   = "ready"
    timeout_s = 180
  }
}

link "row" {
  count     = var.hosts - 1
  endpoints = [node.host[count.index].adapter[1], node.host[count.index + 1].adapter[0]]
}

output "uplink" {
  value = node.host[0].adapter[0]
}

output "addresses" {
  value = local.addresses
}
