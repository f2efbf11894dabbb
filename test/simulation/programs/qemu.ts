import type { Json } from "../../../src/core/values.ts";
import type { Process } from "../host/processes.ts";
import { blockDevices } from "./blockDevices.ts";
import { QmpServer } from "./qmp.ts";
import { VmStates } from "./vmState.ts";

/** What there is to see of a simulated QEMU. */
export interface Machine {
  readonly id: string;
  status: "prelaunch" | "running" | "paused";
  /** By NIC: whether its cable is plugged in. */
  readonly carriers: Map<string, boolean>;
  /** Socket names of its adapters. */
  readonly tunnels: readonly string[];
  /** The guest ends it as it likes. */
  powerOff(): void;
}

/**
 * A QEMU as labform sees it: its arguments, two QMP sockets, a tunnel for each adapter, a console log, what signals and
 * the power button do. It is some milliseconds until it listens, and some hundreds until its guest shows a prompt.
 */
export function qemu(process: Process): { onTerm(): void } {
  const { disk, chance, scheduler } = process.machine;
  const options = optionsOf(process.arguments);
  const wait = (low: number, high: number) => low + chance.fraction() * (high - low);
  const chardevs = options.filter(([name]) => name === "-chardev").map(([, value]) => groupOf(value));
  const netdevs = options.filter(([name]) => name === "-netdev").map(([, value]) => groupOf(value));
  const nics = options.flatMap(([name, value]) =>
    name === "-device" && value.includes("netdev=") ? [groupOf(value)] : [],
  );
  const socketOf = (id: string) => chardevs.find((one) => one.get("id") === id)?.get("path") ?? "";
  const machine: Machine = {
    id: socketOf("control").replace(/\.qmp$/, ""),
    status: "prelaunch",
    carriers: new Map(nics.map((nic) => [nic.get("id") ?? "", true])),
    tunnels: netdevs.map((one) => one.get("addr.path") ?? one.get("local.path") ?? ""),
    powerOff: () => end("guest-shutdown"),
  };
  process.shown = machine;
  const disks = blockDevices(
    process,
    options.filter(([name]) => name === "-blockdev").map(([, value]) => groupOf(value)),
  );
  /** Whether its guest shuts down when its power button is pressed. */
  const obeys = chance.happens(0.7);
  const held: (() => void)[] = [];
  let boots = 0;
  /** How much of its boot the guest has shown. */
  let shown = 0;
  const states = new VmStates(process, () => disks.written());

  const execute = (command: string, args: { readonly [name: string]: Json }) => {
    const answer = states.execute(command, args, shown);
    if (answer) return answer;
    if (command === "query-status")
      return { return: { status: machine.status, running: machine.status === "running" } };
    if (command === "set_link" && machine.carriers.has(String(args["name"]))) {
      machine.carriers.set(String(args["name"]), args["up"] === true);
      return { return: {} };
    }
    if (command === "cont") {
      if (machine.status === "running") return { return: {} };
      const isFirst = machine.status === "prelaunch";
      machine.status = "running";
      tell("RESUME");
      if (isFirst) boot(states.goOn());
      for (const work of held.splice(0)) work();
      return { return: {} };
    }
    if (command === "stop") {
      if (machine.status === "running") {
        machine.status = "paused";
        tell("STOP");
      }
      return { return: {} };
    }
    if (command === "block_resize") {
      const desc = disks.resize(String(args["node-name"]), Number(args["size"]));
      return desc === undefined ? { return: {} } : { error: { class: "GenericError", desc } };
    }
    if (command === "query-block") return { return: disks.drives() };
    if (command === "blockdev-change-medium" || command === "eject") {
      const desc = disks.insert(command === "eject" ? null : String(args["filename"]));
      return desc === undefined ? { return: {} } : { error: { class: "GenericError", desc } };
    }
    if (command === "blockdev-close-tray" || command === "blockdev-del") return { return: {} };
    if (command === "system_powerdown") {
      tell("POWERDOWN");
      if (obeys && machine.status === "running") later(50, 1500, () => end("guest-shutdown"));
      return { return: {} };
    }
    if (command === "system_reset") {
      tell("RESET", { guest: false, reason: "host-qmp-system-reset" });
      boots++;
      if (machine.status === "running") boot();
      return { return: {} };
    }
    return { error: { class: "GenericError", desc: `no ${command} here` } };
  };
  const control = new QmpServer(execute);
  const events = new QmpServer(execute);

  function tell(event: string, data: { readonly [name: string]: Json } = {}): void {
    for (const one of [control, events]) one.event(event, data, scheduler.now);
  }

  /** What the guest does after a while, if it is not reset before; not while it stands still. */
  function later(low: number, high: number, work: () => void): void {
    const present = boots;
    const once = () => {
      if (boots === present) work();
    };
    process.after(wait(low, high), () => (machine.status === "running" ? once() : void held.push(once)));
  }

  function boot(from = 0): void {
    shown = from;
    const log = chardevs.find((one) => one.get("id") === "console")?.get("logfile");
    if (log === undefined) return;
    const write = (text: string) => {
      try {
        disk.append(disk.open(log, 0o600), text, log);
      } catch {
        // Its directory was removed; the guest runs on.
      }
    };
    if (from < 1) {
      later(50, 200, () => {
        shown = 1;
        disks.write();
        write("Linux is starting\r\n");
      });
    }
    if (from < 2) {
      later(300, 900, () => {
        shown = 2;
        write("login: ");
      });
    }
  }

  function end(reason: string): void {
    tell("SHUTDOWN", { guest: reason === "guest-shutdown", reason });
    process.after(wait(1, 8), () => process.die());
  }

  for (const path of options.filter(([name]) => name === "-kernel" || name === "-initrd").map(([, value]) => value)) {
    if (disk.find(path)) continue;
    process.after(2, () => {
      process.log(`qemu-system-x86_64: could not load ${path}`);
      process.die();
    });
    return { onTerm: () => process.die() };
  }
  if (disks.refusal !== undefined) {
    process.after(2, () => {
      process.log(`qemu-system-x86_64: -blockdev: ${disks.refusal}`);
      process.die();
    });
    return { onTerm: () => process.die() };
  }
  process.after(wait(5, 40), () => {
    try {
      process.listen(socketOf("control"), (peer) => control.accept(peer));
      process.listen(socketOf("events"), (peer) => events.accept(peer));
      for (const name of [socketOf("monitor"), socketOf("console")]) if (name !== "") process.listen(name, () => {});
      for (const name of machine.tunnels) process.listen(name, () => {});
    } catch (error) {
      process.log(`qemu-system-x86_64: ${(error as Error).message}`);
      process.die();
    }
  });
  return {
    onTerm: () => {
      process.log("qemu-system-x86_64: terminating on signal 15 from pid 1 (<unknown process>)");
      end("host-signal");
    },
  };
}

function optionsOf(args: readonly string[]): readonly (readonly [string, string])[] {
  return args.flatMap((argument, at): [string, string][] =>
    argument.startsWith("-") ? [[argument, args[at + 1] ?? ""]] : [],
  );
}

/** `socket,id=control,path=a,,b` */
function groupOf(text: string): ReadonlyMap<string, string> {
  const parts = text.replaceAll(",,", "\0").split(",");
  return new Map(
    parts.map((part) => {
      const [name = "", ...value] = part.replaceAll("\0", ",").split("=");
      return [name, value.join("=")];
    }),
  );
}
