# Where the images of builtins are: to be changed for the machine at hand.

# The small guest that stands for VPCS. It is made by: labform guest build
guest = { kernel = "~/.local/share/labform/guest/vmlinux", initrd = "~/.local/share/labform/guest/initrd" }
