# 42 campus: imported from a GNS3 project (revision 9, GNS3 2.2.54). import-report.txt says what
# became of each of its properties.
lab "_42_campus" {}

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

# Switch_10.0.0.1 in GNS3
# There is no default password.
# It takes ${a while} to boot.
node "Switch_10_0_0_1" {
  ram         = 768
  adapters    = 6
  mac_address = "0c:da:4e:49:00:00"

  disk "hda" {
    image     = var.images["vios_l2-03.2017.qcow2"].path
    interface = "virtio"
    md5       = var.images["vios_l2-03.2017.qcow2"].md5
  }
}

node "Router" {
  machine           = "q35"
  cpu_model         = "host,-svm"
  accel             = "kvm"
  cpus              = 2
  ram               = 3072
  options           = ["-machine", "usb=off", "-smp", "sockets=1,cores=2", "-vga", "none", "-device", "qxl-vga", "-device", "usb-tablet", "-usb", "-boot", "menu=on"]
  adapters          = 4
  adapter_type      = "vmxnet3"
  mac_address       = "0c:da:4e:50:00:00"
  port_name_format  = "GigabitEthernet{segment0}/{port0}"
  port_segment_size = 2
  first_port_name   = "mgmt0"
  boot_priority     = "cd"
  cdrom_image       = var.images["tools.iso"].path
  console_type      = "vnc"
  on_stop           = "shutdown_signal"
  process_priority  = "very low"
  cpu_throttling    = 80

  disk "hda" {
    image = var.images["vios-159.qcow2"].path
    md5   = var.images["vios-159.qcow2"].md5
  }

  disk "hdb" {
    image     = var.images["data.vdi"].path
    interface = "scsi"
  }

  disk "hdc" {
    image     = var.images["keys.img"].path
    interface = "none"
  }

  adapter "0" {
    type = "e1000e"
  }
}

# Router in GNS3
node "Router_2" {
  platform            = "or1k"
  port_name_format    = "Ethernet{0}"
  bios_image          = var.images["old.bin"].path
  tpm                 = true
  kernel_image        = var.images["vmlinuz"].path
  initrd              = var.images["initrd.gz"].path
  kernel_command_line = "console=ttyS0 name=\"x\" $${y}"
  console_type        = "none"
}

# Röuter ✓ in GNS3
node "Röuter" {
  template            = template.guest
  kernel_command_line = "console=ttyS0 quiet labform.name=R-uter"
}

link "Switch_10_0_0_1_Router" {
  endpoints = [node.Switch_10_0_0_1.adapter[0], node.Router.adapter[0]]
  suspended = true
}

link "Switch_10_0_0_1_Cloud_1" {
  endpoints  = [node.Switch_10_0_0_1.adapter[2], { interface = "eth1" }]
  drop_every = 7
}

link "Switch_10_0_0_1_Röuter" {
  endpoints = [node.Switch_10_0_0_1.adapter[3], node.Röuter.adapter[0]]
}
