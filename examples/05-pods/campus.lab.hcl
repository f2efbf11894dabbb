# Two pods of the same kind, each a module, behind one core.
lab "campus" {
  required_version = "~> 0.1"
}

variable "kernel" {
  type        = string
  default     = "../../.cache/guest/vmlinux"
  description = "Kernel of the guests; scripts/guest.mjs builds the default"
}

variable "initrd" {
  type        = string
  default     = "../../.cache/guest/initrd"
  description = "Initial root of the guests; scripts/guest.mjs builds the default"
}

locals {
  pods = {
    east = { number = 1, hosts = 2 }
    west = { number = 2, hosts = 1 }
  }
}

node "core" {
  ram          = 96
  adapters     = length(local.pods)
  adapter_type = "virtio-net-pci"

  kernel_image        = var.kernel
  initrd              = var.initrd
  kernel_command_line = "console=ttyS0 quiet labform.name=core labform.ip=${join(",", [for pod in local.pods : "10.0.${pod.number}.1/24"])}"

  ready {
    console   = "ready"
    timeout_s = 180
  }
}

module "pod" {
  source   = "./pod"
  for_each = local.pods

  name   = each.key
  number = each.value.number
  hosts  = each.value.hosts
  kernel = var.kernel
  initrd = var.initrd
}

link "up" {
  for_each  = local.pods
  endpoints = [node.core.adapter[each.value.number - 1], module.pod[each.key].uplink]
}

output "addresses" {
  description = "Of the hosts, by pod"
  value       = { for name, pod in module.pod : name => pod.addresses }
}
