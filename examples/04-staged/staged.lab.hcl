# A server, and a client that is started once the server answers and fetches a page from it while it boots.
lab "staged" {
  required_version = "~> 0.1"
}

variable "kernel" {
  type        = string
  default     = "../../.cache/guest/vmlinux"
  description = "Kernel of both nodes; scripts/guest.mjs builds the default"
}

variable "initrd" {
  type        = string
  default     = "../../.cache/guest/initrd"
  description = "Initial root of both nodes; scripts/guest.mjs builds the default"
}

locals {
  # What the guests' initial root runs at the end of its boot.
  serve = "sleep 3; echo served by $(hostname) > index.html; httpd"
  fetch = "wget -q -O page http://10.0.0.1/ && echo fetched: $(cat page)"
  boot  = "console=ttyS0 quiet"
}

# What both nodes are; each adds its own.
template "guest" {
  ram          = 96
  adapter_type = "virtio-net-pci"

  kernel_image = var.kernel
  initrd       = var.initrd

  ready {
    timeout_s = 180
  }
}

node "server" {
  template = template.guest

  adapters            = 2
  kernel_command_line = "${local.boot} labform.name=server labform.ip=10.0.0.1/24,10.0.2.15/24 labform.run=\"${local.serve}\""

  # The way from the host to the server's port 80; labform itself looks there whether the server answers.
  adapter "1" {
    user_network {
      forward "80" {}
    }
  }

  ready {
    tcp = 80
  }
}

node "client" {
  template   = template.guest
  depends_on = [node.server]

  kernel_command_line = "${local.boot} labform.name=client labform.ip=10.0.0.2/24 labform.run=\"${local.fetch}\""

  ready {
    console_match = "^fetched: served by server"
  }
}

link "wire" {
  endpoints = [node.server.adapter[0], node.client.adapter[0]]
}

output "page" {
  description = "The server's page, as this host reaches it"
  value       = "http://${node.server.forward["80"].host}:${node.server.forward["80"].port}/"
}
