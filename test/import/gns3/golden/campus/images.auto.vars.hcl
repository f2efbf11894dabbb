# Where the images of 42 campus are: to be changed for the machine at hand.

image_directory = "~/GNS3/images/QEMU"

# A relative path is searched in the lab's directory, then in image_directory. Where md5 is given,
# a disk's image must have that digest: change it with the image, or leave it out.
images = {
  # hda of Switch_10_0_0_1
  "vios_l2-03.2017.qcow2" = { path = "vios_l2-03.2017.qcow2", md5 = "2610a2bd08bd09da92e85b3d7c14ff7c" }
  # hda of Router
  "vios-159.qcow2" = { path = "vios-159.qcow2", md5 = "33a9867586322a3ef2cf7d4290457d7a" }
  # hdb of Router
  "data.vdi" = { path = "data.vdi" }
  # hdc of Router
  "keys.img" = { path = "keys.img" }
  # cdrom_image of Router
  "tools.iso" = { path = "tools.iso", md5 = "e906ec779ab4ac6cbfdf30db5cbb3f1c" }
  # kernel_image of Router_2
  vmlinuz = { path = "vmlinuz", md5 = "8ce4b16b22b58894aa86c421e8759df3" }
  # initrd of Router_2
  "initrd.gz" = { path = "initrd.gz" }
  # bios_image of Router_2
  "old.bin" = { path = "old.bin" }
}

# The small guest that stands for VPCS. It is made by: labform guest build
guest = { kernel = "~/.local/share/labform/guest/vmlinux", initrd = "~/.local/share/labform/guest/initrd" }
