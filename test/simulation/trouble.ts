import type { Chance } from "./host/chance.ts";
import { LAB, type SimulatedHost } from "./host.ts";
import type { Machine } from "./programs/qemu.ts";
import type { Call, Fate, Meddle } from "./run.ts";

/** Which errors a call may get, by its name; what is not here cannot fail. */
const errors: { readonly [name: string]: readonly string[] } = {
  read: ["EIO"],
  stat: ["EIO"],
  list: ["EIO"],
  access: ["EIO"],
  write: ["ENOSPC", "EIO"],
  append: ["ENOSPC", "EIO"],
  sync: ["EIO", "ENOSPC"],
  open: ["ENOSPC", "EIO"],
  make: ["ENOSPC", "EACCES"],
  rename: ["EIO", "ENOSPC"],
  remove: ["EIO", "EACCES"],
  truncate: ["EIO"],
  lock: ["EIO"],
  spawn: ["EAGAIN", "ENOMEM"],
  run: ["EAGAIN"],
  connect: ["ECONNREFUSED", "ETIMEDOUT"],
  send: ["EPIPE"],
};

export interface Trouble {
  /** For the account of a failing seed. */
  readonly title: string;
  readonly meddle: Meddle;
  /** After the command. */
  readonly then: (host: SimulatedHost) => void;
}

/** What goes wrong while a command runs: nothing, its death, a power cut, errors, slowness. */
export function troubleFor(chance: Chance): Trouble {
  const nothing = () => {};
  const kind = chance.integer(10);
  if (kind < 2) return { title: "no trouble", meddle: () => undefined, then: nothing };
  if (kind < 6) {
    const at = chance.integer(chance.pick([20, 60, 150]));
    const fate = chance.pick(["kill before", "kill after"] as const);
    const cut = chance.happens(0.25);
    const meddle = ({ index }: Call): Fate | undefined => (index === at ? { fate } : undefined);
    const then = (host: SimulatedHost) => (cut ? host.reboot("power cut") : undefined);
    return { title: `${fate} call ${at}${cut ? ", power cut" : ""}`, meddle, then };
  }
  const rate = chance.pick([0.01, 0.05, 0.2]);
  if (kind < 9) {
    const meddle = ({ name }: Call): Fate | undefined => {
      const codes = errors[name];
      return codes && chance.happens(rate) ? { fate: "error", code: chance.pick(codes) } : undefined;
    };
    return { title: `errors in ${rate * 100} %`, meddle, then: nothing };
  }
  const meddle = (): Fate | undefined =>
    chance.happens(rate) ? { fate: "delay", ms: chance.integer(3000) } : undefined;
  return { title: `delays in ${rate * 100} %`, meddle, then: nothing };
}

/** What happens to a host between two commands; its title. */
export function strike(host: SimulatedHost, chance: Chance): string {
  const living = host.living();
  const victim = living.length > 0 ? chance.pick(living) : undefined;
  const blows: readonly (readonly [string, () => void])[] = [
    ["nothing", () => {}],
    ["nothing", () => {}],
    ["a reboot", () => host.reboot("in order")],
    ["a power cut", () => host.reboot("power cut")],
    [`SIGKILL to ${victim?.pid}`, () => victim?.die()],
    [`SIGTERM to ${victim?.pid}`, () => victim?.deliver(() => victim.onTerm())],
    [
      `pid ${victim?.pid} dies and is another's`,
      () => {
        victim?.die();
        if (victim) host.table.addStranger(victim.pid);
      },
    ],
    ["a guest powers itself off", () => (victim?.shown as Partial<Machine> | undefined)?.powerOff?.()],
    [`pid ${victim?.pid} hangs`, () => victim?.stop()],
    [
      "an image gets another content",
      () => host.disk.write("/images/other.img", `other since ${host.scheduler.now}`, 0o644),
    ],
    [
      "a node's directory is removed",
      () => {
        const names = [...(host.disk.find(`${LAB}/.labform/default/nodes`)?.entries.keys() ?? [])];
        if (names.length > 0) host.disk.remove(`${LAB}/.labform/default/nodes/${chance.pick(names)}`);
      },
    ],
  ];
  const [title, blow] = chance.pick(blows);
  blow();
  return title;
}

/** No more trouble: what hung goes on. */
export function calm(host: SimulatedHost): void {
  for (const process of host.living()) process.wake();
}
