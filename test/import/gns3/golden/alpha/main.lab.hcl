# first steps: imported from a GNS3 project (revision 5, GNS3 2.0.0a3). import-report.txt says what
# became of each of its properties.
lab "first_steps" {}

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

# Core 1 in GNS3
node "Core_1" {
  platform         = "i386"
  accel            = "tcg"
  ram              = 128
  adapters         = 2
  mac_address      = "00:05:4c:01:e9:00"
  port_name_format = "Ethernet{0}"
  on_stop          = "shutdown_signal"

  disk "hda" {
    image = var.images["core-linux-6.4.img"].path
    md5   = var.images["core-linux-6.4.img"].md5
  }
}

# Core 1 in GNS3
node "Core_1_2" {
  port_name_format = "Ethernet{0}"
  on_stop          = "save_vm_state"

  disk "hda" {
    image        = var.images["core-own.img"].path
    linked_clone = false
    format       = "raw"
  }
}

node "Wall" {
  ram              = 512
  port_name_format = "Ethernet{0}"
  console_type     = "none"

  disk "hda" {
    image        = var.images["wall.vmdk"].path
    linked_clone = false
    format       = "vmdk"
  }
}

node "PC1" {
  template            = template.guest
  kernel_command_line = "console=ttyS0 quiet labform.name=PC1 labform.ip=10.1.0.1/16 labform.gateway=10.1.255.254"
}

link "Core_1_World" {
  endpoints = [node.Core_1.adapter[0], { udp = { local_port = 30000, remote_host = "192.0.2.7", remote_port = 20000 } }]
}

link "Core_1_PC1" {
  endpoints = [node.Core_1.adapter[1], node.PC1.adapter[0]]
}

link "Wall_World" {
  endpoints = [node.Wall.adapter[0], { tap = "tap0" }]
}
