# dc1: imported from a GNS3 project (revision 10, GNS3 3.0.5). import-report.txt says what became
# of each of its properties.
lab "dc1" {}

provider "qemu" {
  image_directory = pathexpand(var.image_directory)
}

variable "image_directory" {
  type        = string
  description = "Where images with a relative path are, beside the lab's own directory."
  default     = "~/GNS3/images/QEMU"
}

variable "images" {
  type        = map(object({ path = string, md5 = optional(string) }))
  description = "Where each image is, and what it must be."
}

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

node "leaf-1" {
  cpus             = 2
  max_cpus         = 4
  ram              = 2048
  adapters         = 3
  mac_address      = "0c:da:4e:49:00:00"
  port_name_format = "Ethernet{0}"
  aux_console      = "telnet"
  on_stop          = "save_vm_state"

  disk "hda" {
    image     = var.images["veos-4.31.qcow2"].path
    interface = "sata"
  }
}

node "leaf-2" {
  ram              = 2048
  adapters         = 3
  mac_address      = "0c:da:4e:51:00:00"
  port_name_format = "Ethernet{0}"
  console_type     = "telnet"

  disk "hda" {
    image     = var.images["veos-4.31.qcow2"].path
    interface = "sata"
    md5       = var.images["veos-4.31.qcow2"].md5
  }
}

node "host-1" {
  template            = template.guest
  kernel_command_line = "console=ttyS0 quiet labform.name=host-1"
}

# sw-a and sw-b in GNS3
network "sw-a" {
  port "sw-a Ethernet0" {
    endpoint = node.leaf-1.adapter[0]
    vlan     = 1
  }

  port "sw-a Ethernet1" {
    endpoint = node.host-1.adapter[0]
    vlan     = 30
  }

  port "sw-b Ethernet0" {
    endpoint     = node.leaf-2.adapter[0]
    vlan         = 1
    loss_percent = 100
  }
}

link "leaf-1_leaf-2" {
  endpoints = [node.leaf-1.adapter[2], node.leaf-2.adapter[2]]
  suspended = true
}
