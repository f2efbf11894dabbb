import { parseVlans } from "../../../providers/ubridge/builtin/switch/vlans.ts";

type Answer = readonly [code: number, text: string, lines?: readonly string[]];

const OK: Answer = [100, "OK"];

/** The switches of a simulated bridge, by name, with their aging. */
export class SimulatedSwitches {
  readonly agings = new Map<string, string>();

  /** `switch COMMAND NAME …`; `ports` are the ends of all its bridges. */
  execute([command, name = "", aging = ""]: readonly string[], ports: Iterable<readonly string[]>): Answer {
    const exists = this.agings.has(name);
    if (command === "create" ? exists : !exists) return [exists ? 206 : 214, `no ${String(command)} of '${name}'`];
    switch (command) {
      case "create":
      case "set_aging":
        this.agings.set(name, aging);
        return OK;
      case "delete":
        if ([...ports].some((ends) => ends[1]?.startsWith(`switch ${name} `))) return [207, `'${name}' has ports`];
        this.agings.delete(name);
        return OK;
      default:
        return [202, `Unknown command '${String(command)}'`];
    }
  }

  /** `bridge add_nio_switch BRIDGE …` and `bridge set_switch_port BRIDGE …`: the ends of the bridge are changed. */
  plug(command: string, ends: string[], words: readonly string[]): Answer {
    const of = command === "set_switch_port" ? ends[1]?.split(" ")[1] : words[0];
    const mode = command === "set_switch_port" ? words : words.slice(1);
    if (of === undefined || !this.agings.has(of)) return [214, `switch '${String(of)}' doesn't exist`];
    if (!parseVlans(mode)) return [204, "no VLANs"];
    if (command === "add_nio_switch" && ends.length === 2) return [206, "has already 2 allocated NIOs"];
    ends[1] = `switch ${of} ${mode.join(" ")}`;
    return OK;
  }
}
