# Four hosts on one switch, in two VLANs.
lab "switch" {
  required_version = "~> 0.1"
}

provider "ubridge" {
  engine = "builtin" # uBridge has no switch
}

variable "kernel" {
  type        = string
  default     = "../../.cache/guest/vmlinux"
  description = "Kernel of the hosts; scripts/guest.mjs builds the default"
}

variable "initrd" {
  type        = string
  default     = "../../.cache/guest/initrd"
  description = "Initial root of the hosts; scripts/guest.mjs builds the default"
}

locals {
  hosts = {
    ann  = { number = 1, vlan = 10 }
    ben  = { number = 2, vlan = 10 }
    cleo = { number = 3, vlan = 20 }
    dan  = { number = 4, vlan = 20 }
  }
}

node "host" {
  for_each = local.hosts

  ram                 = 96
  adapter_type        = "virtio-net-pci"
  kernel_image        = var.kernel
  initrd              = var.initrd
  kernel_command_line = "console=ttyS0 quiet labform.name=${each.key} labform.ip=10.0.0.${each.value.number}/24"

  ready {
    console = "ready"
  }
}

network "lan" {
  dynamic "port" {
    for_each = local.hosts
    labels   = [port.key]

    content {
      endpoint = node.host[port.key].adapter[0]
      vlan     = port.value.vlan
    }
  }
}
