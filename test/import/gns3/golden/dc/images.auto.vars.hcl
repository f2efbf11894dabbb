# Where the images of dc1 are: to be changed for the machine at hand.

image_directory = "~/GNS3/images/QEMU"

# A relative path is searched in the lab's directory, then in image_directory. Where md5 is given,
# a disk's image must have that digest: change it with the image, or leave it out.
images = {
  # hda of leaf-1, hda of leaf-2
  "veos-4.31.qcow2" = { path = "veos-4.31.qcow2", md5 = "29a90e8627b153b3f210f825e34ebbdf" }
}

# The small guest that stands for VPCS. It is made by: labform guest build
guest = { kernel = "~/.local/share/labform/guest/vmlinux", initrd = "~/.local/share/labform/guest/initrd" }
