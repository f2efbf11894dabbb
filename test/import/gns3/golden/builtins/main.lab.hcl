# builtins: imported from a GNS3 project (revision 6, GNS3 2.0.0rc1). import-report.txt says what
# became of each of its properties.
lab "builtins" {}

variable "guest" {
  type        = object({ kernel = string, initrd = string })
  description = "The small guest that stands for VPCS, as labform guest build makes it."
}

template "guest" {
  ram              = 96
  adapter_type     = "virtio-net-pci"
  port_name_format = "Ethernet{0}"
  kernel_image     = pathexpand(var.guest.kernel)
  initrd           = pathexpand(var.guest.initrd)
  ready {
    console = "ready"
  }
}

node "PC-1" {
  template            = template.guest
  kernel_command_line = "console=ttyS0 quiet labform.name=PC-1"
}

node "PC-2" {
  template            = template.guest
  kernel_command_line = "console=ttyS0 quiet labform.name=PC-2"
}

# SW1 and HUB1 in GNS3
network "SW1" {
  port "HUB1 Ethernet0" {
    endpoint = node.PC-1.adapter[0]
  }

  port "HUB1 Ethernet1" {
    endpoint = node.PC-2.adapter[0]
  }
}
