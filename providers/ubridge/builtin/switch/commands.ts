import type { Bridge } from "../bridge.ts";
import { Switch } from "./switch.ts";
import { SwitchPort } from "./switchPort.ts";
import { parseVlans } from "./vlans.ts";

interface Answer {
  readonly code: number;
  readonly text: string;
  readonly lines?: readonly string[];
}

const done = (text: string): Answer => ({ code: 100, text });
const refused = (code: number, text: string): Answer => ({ code, text });
const noSwitch = (name: string): Answer => refused(214, `switch '${name}' doesn't exist`);

/** A day and a bit more than any switch offers. */
const LONGEST_AGING_S = 1_000_000;

/**
 * Switches, and the bridges that are ports of them:
 *
 *   switch create NAME AGING_S         with 0 it learns nothing
 *   switch set_aging NAME AGING_S
 *   switch delete NAME                 one without ports
 *   switch list
 *   switch show NAME                   its aging, and the bridges that are its ports
 *   switch mac_table NAME              VLAN MAC BRIDGE AGE_S, a line each
 *   bridge add_nio_switch BRIDGE SWITCH plain | access VLAN | trunk VLANS [NATIVE]
 *   bridge set_switch_port BRIDGE      the same modes, of one that is a port
 */
export class Switches {
  private readonly switches = new Map<string, Switch>();

  readonly commands = new Map([
    ["create", { least: 2, most: 2, run: ([name = "", aging = ""]: readonly string[]) => this.create(name, aging) }],
    ["delete", this.of(0, (one) => this.delete(one))],
    ["set_aging", this.of(1, (one, aging) => this.setAging(one, aging))],
    ["list", { least: 0, most: 0, run: () => this.list() }],
    ["show", this.of(0, (one) => this.show(one))],
    ["mac_table", this.of(0, (one) => this.macTable(one))],
  ]);

  clear(): void {
    this.switches.clear();
  }

  /** Makes a bridge a port of a switch. */
  plug(bridge: Bridge, [name = "", ...mode]: readonly string[]): Answer {
    if (bridge.full) return refused(206, `bridge '${bridge.name}' has already 2 allocated NIOs`);
    const of = this.switches.get(name);
    if (of === undefined) return noSwitch(name);
    const vlans = parseVlans(mode);
    // Two ports behind one another would be a ring, in which a frame never ends.
    if (vlans === undefined || bridge.source instanceof SwitchPort) {
      return refused(206, `unable to create NIO switch for bridge '${bridge.name}'`);
    }
    bridge.attach(new SwitchPort(bridge.name, of, vlans));
    return done(`NIO switch added to bridge '${bridge.name}'`);
  }

  setPort({ name, source, destination }: Bridge, mode: readonly string[]): Answer {
    const port = [source, destination].find((one) => one instanceof SwitchPort);
    if (port === undefined) return refused(214, `switch nio missing in '${name}'`);
    const vlans = parseVlans(mode);
    if (vlans === undefined) return refused(204, `'${mode.join(" ")}' says no VLANs of a port`);
    port.setVlans(vlans);
    return done(`NIO switch of bridge '${name}' set`);
  }

  /** A command whose first argument names a switch. */
  private of(others: number, run: (one: Switch, argument: string) => Answer) {
    return {
      least: 1 + others,
      most: 1 + others,
      run: ([name = "", argument = ""]: readonly string[]) => {
        const one = this.switches.get(name);
        return one === undefined ? noSwitch(name) : run(one, argument);
      },
    };
  }

  private create(name: string, aging: string): Answer {
    if (this.switches.has(name)) return refused(206, `switch '${name}' already exist`);
    const agingS = parseAging(aging);
    if (agingS === undefined) return refused(204, `'${aging}' is no time of aging`);
    this.switches.set(name, new Switch(name, agingS));
    return done(`switch '${name}' created`);
  }

  private delete(one: Switch): Answer {
    if (one.attached.length > 0) return refused(207, `switch '${one.name}' has ports`);
    this.switches.delete(one.name);
    return done(`switch '${one.name}' deleted`);
  }

  private setAging(one: Switch, aging: string): Answer {
    const agingS = parseAging(aging);
    if (agingS === undefined) return refused(204, `'${aging}' is no time of aging`);
    one.table.setAging(agingS);
    return done(`switch '${one.name}' ages after ${agingS} s`);
  }

  private list(): Answer {
    const lines = [...this.switches.values()].map((one) => `${one.name} (ports = ${one.attached.length})`);
    return { code: 100, text: "OK", lines };
  }

  private show(one: Switch): Answer {
    const ports = one.attached.map((port) => `Port '${port.name}': ${port.vlans.words}`);
    return { code: 100, text: "OK", lines: [`Aging: ${one.table.agingS} s`, ...ports] };
  }

  private macTable(one: Switch): Answer {
    const lines = one.stations().map(({ vlan, mac, port, ageS }) => `${vlan} ${mac} ${port.name} ${Math.floor(ageS)}`);
    return { code: 100, text: "OK", lines: lines.sort() };
  }
}

function parseAging(text: string): number | undefined {
  const seconds = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  return seconds <= LONGEST_AGING_S ? seconds : undefined;
}
