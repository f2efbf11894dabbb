# office: imported from a GNS3 project (revision 7, GNS3 2.0.3). import-report.txt says what became
# of each of its properties.
lab "office" {}

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

node "PC1" {
  template            = template.guest
  kernel_command_line = "console=ttyS0 quiet labform.name=PC1 labform.ip=10.0.0.1/24 labform.gateway=10.0.0.254"
}

node "PC2" {
  template            = template.guest
  kernel_command_line = "console=ttyS0 quiet labform.name=PC2 labform.dhcp labform.dns=10.0.0.53"
}

node "PC3" {
  template            = template.guest
  kernel_command_line = "console=ttyS0 quiet labform.name=PC3"
}

# Switch 1 in GNS3
network "Switch_1" {
  port "Ethernet0" {
    endpoint = node.PC1.adapter[0]
    vlan     = 10
  }

  port "Ethernet1" {
    endpoint = node.PC2.adapter[0]
    vlan     = 10
  }
}

link "PC3_Internet" {
  endpoints = [node.PC3.adapter[0], { nat = {} }]
}
