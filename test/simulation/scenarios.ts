import { apply, type Scenario, stop } from "./scenario.ts";

export const PAIR = `
lab "pair" {}

provider "ubridge" {
  engine = "builtin"
}

node "r" {
  for_each     = { a = 256, b = 256 }
  ram          = each.value
  adapters     = 2
  kernel_image = "/images/vmlinux"

  ready {
    console   = "login:"
    timeout_s = 30
  }
}

link "core" {
  endpoints = [node.r["a"].adapter[0], node.r["b"].adapter[0]]
  delay_ms  = 5
}

output "consoles" {
  value = { for name, one in node.r : name => one.console }
}
`;

const BEFORE = `${PAIR}
node "old" {}

link "edge" {
  endpoints = [node.r["a"].adapter[1], node.old.adapter[0]]
}
`;

/** Against BEFORE: a restart, a live change, a replacement, a node more and one less. */
const AFTER = `${PAIR.replace("a = 256", "a = 300").replace("delay_ms  = 5", "delay_ms  = 9")}
node "new" {}

link "edge" {
  endpoints = [node.r["b"].adapter[1], node.new.adapter[0]]
}
`;

const WITH_DISK = `
lab "disk" {}

node "r" {
  disk "hda" {
    image = "/images/base.img"
  }
}
`;

const SHARES = `
lab "shares" {}

node "a" {
  process_priority = "low"
  cpu_throttling   = 50
}
`;

/** A live change of both, and a node that begins with one. */
const OTHER_SHARES = `${SHARES.replace("50", "20").replace('"low"', '"very low"')}
node "b" {
  cpu_throttling = 30
}
`;

const SAVED = WITH_DISK.replace('node "r" {', 'node "r" {\n  on_stop = "save_vm_state"\n');

const NETWORK = `
lab "segment" {}

node "n" {
  for_each = toset(["a", "b", "c"])
}

network "lan" {
  endpoints = [node.n["a"].adapter[0]]

  port "b" {
    endpoint = node.n["b"].adapter[0]
    delay_ms = 5
  }

  port "c" {
    endpoint = node.n["c"].adapter[0]
    vlan     = 10
  }
}
`;

/** One port changes, one becomes another, one goes, and a new node joins. */
const OTHER_NETWORK = `${NETWORK.replace("delay_ms = 5", "suspended = true")
  .replace("endpoints = [", "endpoints = [node.new.adapter[0], ")
  .replace('"b", "c"]', '"b"]')
  .replace(/ {2}port "c" [^}]*}/, "aging_s = 60")}
node "new" {}
`;

/** The commands that are killed, and what is there before them. */
export const scenarios: readonly Scenario[] = [
  {
    name: "apply of a new lab",
    before: async (host) => host.write("pair.lab.hcl", PAIR),
    words: ["apply", "-auto-approve"],
  },
  {
    name: "apply of a change",
    before: async (host) => {
      host.write("pair.lab.hcl", BEFORE);
      await apply(host);
      host.write("pair.lab.hcl", AFTER);
    },
    words: ["apply", "-auto-approve"],
  },
  {
    name: "apply of another image",
    before: async (host) => {
      host.write("disk.lab.hcl", WITH_DISK);
      await apply(host);
      host.write("disk.lab.hcl", WITH_DISK.replace("base.img", "other.img"));
    },
    words: ["apply", "-auto-approve"],
  },
  {
    name: "apply of other shares",
    before: async (host) => {
      host.write("shares.lab.hcl", SHARES);
      await apply(host);
      host.write("shares.lab.hcl", OTHER_SHARES);
    },
    words: ["apply", "-auto-approve"],
  },
  {
    name: "apply of another network",
    before: async (host) => {
      host.write("segment.lab.hcl", NETWORK);
      await apply(host);
      host.write("segment.lab.hcl", OTHER_NETWORK);
    },
    words: ["apply", "-auto-approve"],
  },
  {
    name: "stop that saves",
    before: async (host) => {
      host.write("saved.lab.hcl", SAVED);
      await apply(host);
    },
    words: ["stop", "node.r"],
  },
  {
    name: "apply that goes on from what was saved",
    before: async (host) => {
      host.write("saved.lab.hcl", SAVED);
      await apply(host);
      await stop(host, "node.r");
    },
    words: ["apply", "-auto-approve"],
  },
  {
    name: "destroy",
    before: async (host) => {
      host.write("pair.lab.hcl", PAIR);
      await apply(host);
    },
    words: ["destroy", "-auto-approve"],
  },
];
