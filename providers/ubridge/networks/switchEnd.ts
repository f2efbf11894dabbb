/** The end of a bridge that is a port of a switch of the built-in bridge. */
export interface SwitchEnd {
  readonly kind: "switch";
  /** The switch's: the network's id. */
  readonly name: string;
  /** `plain`, or which VLANs: `access 10`, `trunk 10,20-29 1`. */
  readonly mode: readonly string[];
}

/** As `bridge show` tells it. */
export function describeSwitchEnd({ name, mode }: SwitchEnd): string {
  return ["switch", name, ...mode].join(" ");
}

export function addSwitchEnd(bridge: string, { name, mode }: SwitchEnd): readonly string[] {
  return ["bridge", "add_nio_switch", bridge, name, ...mode];
}
