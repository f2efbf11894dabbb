# One node that boots from an image of its own. The image is never written: what the guest writes goes to an overlay.
lab "overlay" {
  required_version = "~> 0.1"
}

variable "image" {
  type        = string
  default     = "base.qcow2"
  description = "A bootable image; image.mjs makes the default"
}

node "box" {
  ram      = 128
  adapters = 0

  disk "hda" {
    image     = var.image
    interface = "virtio"
  }

  # Its power button is pressed, and it writes what it has in memory before it turns itself off.
  on_stop        = "shutdown_signal"
  stop_timeout_s = 20

  ready {
    console   = "labform guest disk ready"
    timeout_s = 300
  }
}

output "directory" {
  description = "Where the overlay is"
  value       = node.box.directory
}
