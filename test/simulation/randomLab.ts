import type { Chance } from "./host/chance.ts";
import { IMAGES } from "./host.ts";

interface RandomNode {
  ram: number;
  adapters: number;
  waits: boolean;
  power: string;
  /** Of its only disk; undefined for none. */
  disk: RandomDisk | undefined;
  /** Asks its guest to shut down. */
  stop: (typeof STOPS)[number];
  /** Percent; 0 for none. */
  throttling: number;
  /** An older node's name. */
  after: string | undefined;
}

interface RandomDisk {
  readonly image: string | undefined;
  readonly interface: string;
  /** MiB; undefined only while it has the image's. */
  readonly size: number | undefined;
}

interface RandomLink {
  readonly ends: readonly [string, string];
  delay: number;
  loss: number;
}

/** Of a network; by its end, and an end that has no settings is in the list. */
type RandomPorts = Map<string, "listed" | "" | "delay_ms = 5" | "suspended = true" | "vlan = 10">;

const PORTS = ["listed", "", "delay_ms = 5", "suspended = true", "vlan = 10"] as const;
const INTERFACES = ["ide", "virtio", "sata", "scsi", "nvme"] as const;
const POWERS = ["on", "off", "suspended"] as const;
const STOPS = ["power_off", "shutdown_signal", "save_vm_state"] as const;

/** A lab of one to four nodes with links and a network between adapters that are free, and edits of it. */
export class RandomLab {
  readonly #chance: Chance;
  readonly #nodes = new Map<string, RandomNode>();
  readonly #links = new Map<string, RandomLink>();
  /** Of the one network; undefined where there is none. */
  #ports: RandomPorts | undefined;
  readonly #engines: readonly string[];
  #engine: string;
  #monitor = true;

  constructor(chance: Chance, hasUbridge: boolean) {
    this.#chance = chance;
    this.#engines = hasUbridge ? ["builtin", "ubridge"] : ["builtin"];
    this.#engine = chance.pick(this.#engines);
    for (let count = chance.between(1, 4); count > 0; count--) this.#addNode();
    for (let count = chance.integer(4); count > 0; count--) this.#addLink();
  }

  edit(): void {
    const chance = this.#chance;
    const node = () => this.#nodes.get(chance.pick([...this.#nodes.keys()])) as RandomNode;
    const edits: readonly (() => void)[] = [
      () => this.#addNode(),
      () => this.#removeNode(),
      () => this.#addLink(),
      () => this.#addLink(),
      () => this.#removeLink(),
      () => this.#changeLink(),
      () => this.#changeLink(),
      () => this.#joinNetwork(),
      () => this.#joinNetwork(),
      () => this.#changeNetwork(),
      () => {
        if (chance.happens(0.2)) this.#ports = undefined;
      },
      () => {
        node().ram = chance.pick([64, 128, 256]);
      },
      () => {
        const one = node();
        one.waits = !one.waits;
      },
      () => {
        node().power = chance.pick(POWERS);
      },
      () => {
        node().power = "on";
      },
      () => {
        const one = node();
        one.stop = STOPS[(STOPS.indexOf(one.stop) + 1) % STOPS.length] ?? STOPS[0];
      },
      () => {
        node().throttling = chance.pick([0, 20, 50]);
      },
      () => {
        const one = node();
        one.disk = this.#changedDisk(one.disk);
      },
      () => {
        this.#monitor = !this.#monitor;
      },
      () => {
        this.#engine = chance.pick(this.#engines);
      },
    ];
    for (let count = chance.between(1, 3); count > 0; count--) chance.pick(edits)();
  }

  text(): string {
    const blocks = [
      'lab "random" {}',
      `provider "qemu" {\n  monitor = ${this.#monitor}\n}`,
      `provider "ubridge" {\n  engine = "${this.#engine}"\n}`,
    ];
    for (const [name, { ram, adapters, waits, after, power, stop, throttling, disk }] of this.#nodes) {
      const order = after === undefined || !this.#nodes.has(after) ? "" : `\n  depends_on   = [node.${after}]`;
      // QEMU saves no NVMe controller.
      const isSaved = stop !== "save_vm_state" || disk?.interface !== "nvme";
      const asks = stop === "power_off" || !isSaved ? "" : `\n  on_stop      = "${stop}"\n  stop_timeout_s = 2`;
      const share = throttling === 0 ? "" : `\n  cpu_throttling = ${throttling}`;
      const ready = waits ? '\n\n  ready {\n    console   = "login:"\n    timeout_s = 5\n  }' : "";
      blocks.push(
        `node "${name}" {\n  ram          = ${ram}\n  adapters     = ${adapters}\n  kernel_image = "/images/vmlinux"\n  power        = "${power}"${asks}${share}${order}${diskText(disk)}${ready}\n}`,
      );
    }
    for (const [name, { ends, delay, loss }] of this.#links) {
      blocks.push(
        `link "${name}" {\n  endpoints    = [${ends.join(", ")}]\n  delay_ms     = ${delay}\n  loss_percent = ${loss}\n}`,
      );
    }
    if (this.#ports && this.#engine === "builtin") blocks.push(networkText(this.#ports));
    return `${blocks.join("\n\n")}\n`;
  }

  #addNode(): void {
    const name = this.#freshName("n", this.#nodes);
    if (this.#nodes.size >= 4) return;
    const chance = this.#chance;
    const waits = chance.happens(0.3);
    const after = chance.happens(0.3) && this.#nodes.size > 0 ? chance.pick([...this.#nodes.keys()]) : undefined;
    const power = chance.happens(0.8) ? "on" : chance.pick(POWERS);
    const stop = chance.pick(STOPS);
    this.#nodes.set(name, {
      ram: 128,
      adapters: chance.between(1, 3),
      waits,
      after,
      power,
      stop,
      throttling: 0,
      disk: this.#changedDisk(undefined),
    });
  }

  /** It never shrinks. */
  #changedDisk(before: RandomDisk | undefined): RandomDisk | undefined {
    const chance = this.#chance;
    if (!before && chance.happens(0.5)) return undefined;
    if (before && chance.happens(0.2)) return undefined;
    const image = chance.pick([undefined, ...Object.keys(IMAGES)]);
    const grown = before?.size === undefined ? chance.pick([1, 2]) : before.size * chance.pick([1, 2]);
    const keepsSize = image !== undefined && before?.size === undefined && chance.happens(0.5);
    return { image, interface: chance.pick(INTERFACES), size: keepsSize ? undefined : grown };
  }

  #removeNode(): void {
    if (this.#nodes.size < 2) return;
    const name = this.#chance.pick([...this.#nodes.keys()]);
    this.#nodes.delete(name);
    for (const [link, { ends }] of this.#links) {
      if (ends.some((end) => end.startsWith(`node.${name}.`))) this.#links.delete(link);
    }
    for (const end of this.#ports?.keys() ?? []) if (end.startsWith(`node.${name}.`)) this.#ports?.delete(end);
  }

  #joinNetwork(): void {
    const free = this.#freeEnds();
    this.#ports ??= new Map();
    if (free.length > 0) this.#ports.set(this.#chance.pick(free), this.#chance.pick(PORTS));
  }

  /** An end changes or leaves. */
  #changeNetwork(): void {
    const ends = [...(this.#ports?.keys() ?? [])];
    if (ends.length === 0) return;
    const end = this.#chance.pick(ends);
    if (this.#chance.happens(0.4)) this.#ports?.delete(end);
    else this.#ports?.set(end, this.#chance.pick(PORTS));
  }

  #freeEnds(): readonly string[] {
    const used = new Set([...this.#links.values()].flatMap(({ ends }) => ends));
    for (const end of this.#ports?.keys() ?? []) used.add(end);
    return [...this.#nodes].flatMap(([name, { adapters }]) =>
      Array.from({ length: adapters }, (_, at) => `node.${name}.adapter[${at}]`).filter((end) => !used.has(end)),
    );
  }

  #addLink(): void {
    const free = this.#freeEnds();
    if (free.length < 2) return;
    const first = this.#chance.pick(free);
    const second = this.#chance.pick(free.filter((one) => one !== first));
    this.#links.set(this.#freshName("l", this.#links), {
      ends: [first, second],
      delay: this.#chance.pick([0, 5]),
      loss: 0,
    });
  }

  #removeLink(): void {
    if (this.#links.size > 0) this.#links.delete(this.#chance.pick([...this.#links.keys()]));
  }

  #changeLink(): void {
    if (this.#links.size === 0) return;
    const link = this.#links.get(this.#chance.pick([...this.#links.keys()])) as RandomLink;
    link.delay = this.#chance.pick([0, 5, 20]);
    link.loss = this.#chance.pick([0, 10]);
  }

  /** A name that was taken before may come again. */
  #freshName(prefix: string, taken: ReadonlyMap<string, unknown>): string {
    for (let number = 1; ; number++) if (!taken.has(`${prefix}${number}`)) return `${prefix}${number}`;
  }
}

function networkText(ports: RandomPorts): string {
  const listed = [...ports].flatMap(([end, how]) => (how === "listed" ? [end] : []));
  const blocks = [...ports].flatMap(([end, how]) => {
    const label = end.replaceAll(/[^\w]+/g, "-").replace(/-$/, "");
    return how === "listed" ? [] : [`\n  port "${label}" {\n    endpoint = ${end}\n    ${how}\n  }\n`];
  });
  return `network "lan" {\n  endpoints = [${listed.join(", ")}]\n${blocks.join("")}}`;
}

function diskText(disk: RandomDisk | undefined): string {
  if (!disk) return "";
  const image = disk.image === undefined ? "" : `\n    image     = "${disk.image}"`;
  const size = disk.size === undefined ? "" : `\n    size      = ${disk.size}`;
  return `\n\n  disk "hda" {${image}${size}\n    interface = "${disk.interface}"\n  }`;
}
