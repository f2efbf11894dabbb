# branch-office: imported from a GNS3 project (revision 8, GNS3 2.1.21). import-report.txt says
# what became of each of its properties.
lab "branch-office" {}

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

node "R1" {
  ram              = 128
  options          = ["-device", "virtio-rng-pci", "-smbios", "type=1,serial=R1"]
  adapters         = 8
  adapter_type     = "virtio-net-pci"
  mac_address      = "0c:da:4e:49:00:00"
  port_name_format = "ether{port1}"
  on_stop          = "shutdown_signal"

  disk "hda" {
    image     = var.images["chr-6.49.10.img"].path
    interface = "virtio"
    md5       = var.images["chr-6.49.10.img"].md5
  }

  adapter "0" {
    type = "vmxnet3"
    name = "wan"
  }

  adapter "1" {
    mac_address = "0c:00:00:00:11:22"
    name        = "lan"
  }
}

node "PC1" {
  template            = template.guest
  kernel_command_line = "console=ttyS0 quiet labform.name=PC1"
}

node "PC2" {
  template            = template.guest
  kernel_command_line = "console=ttyS0 quiet labform.name=PC2"
}

network "Switch" {
  port "Ethernet0" {
    endpoint = node.PC1.adapter[0]
    vlan     = 10
  }

  port "Ethernet1" {
    endpoint = node.PC2.adapter[0]
    vlan     = 20
    delay_ms = 10
  }

  port "Ethernet2" {
    endpoint    = node.R1.adapter[1]
    trunk       = ["1-4094"]
    native_vlan = 1
  }

  port "Ethernet3" {
    endpoint = node.R1.adapter[2]
    vlan     = 30
  }
}

link "R1_NAT1" {
  endpoints    = [node.R1.adapter[0], { nat = {} }]
  delay_ms     = 40
  jitter_ms    = 5
  loss_percent = 2
  drop_every   = 1
}
