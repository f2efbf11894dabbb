# Where the images of first steps are: to be changed for the machine at hand.

image_directory = "~/GNS3/images/QEMU"

# A relative path is searched in the lab's directory, then in image_directory. Where md5 is given,
# a disk's image must have that digest: change it with the image, or leave it out.
images = {
  # hda of Core_1
  "core-linux-6.4.img" = { path = "core-linux-6.4.img", md5 = "a74ad8dfacd4f985eb3977517615ce25" }
  # hda of Core_1_2
  "core-own.img" = { path = "core-own.img" }
  # hda of Wall
  "wall.vmdk" = { path = "wall.vmdk" }
}

# The small guest that stands for VPCS. It is made by: labform guest build
guest = { kernel = "~/.local/share/labform/guest/vmlinux", initrd = "~/.local/share/labform/guest/initrd" }
