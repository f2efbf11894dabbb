# Where the images of branch-office are: to be changed for the machine at hand.

image_directory = "~/GNS3/images/QEMU"

# A relative path is searched in the lab's directory, then in image_directory. Where md5 is given,
# a disk's image must have that digest: change it with the image, or leave it out.
images = {
  # hda of R1
  "chr-6.49.10.img" = { path = "chr-6.49.10.img", md5 = "599e41d8cd8cf1ea79e494df54ede29a" }
}

# The small guest that stands for VPCS. It is made by: labform guest build
guest = { kernel = "~/.local/share/labform/guest/vmlinux", initrd = "~/.local/share/labform/guest/initrd" }
