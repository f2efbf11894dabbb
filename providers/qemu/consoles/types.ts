/** What a console can be; `spice+agent` is spice with what the agent inside the guest needs. */
export const CONSOLE_TYPES = ["telnet", "vnc", "spice", "spice+agent", "none"] as const;

export type ConsoleType = (typeof CONSOLE_TYPES)[number];

/** The program that fronts it knows serial lines and two protocols of screens. */
export type FrontedType = "telnet" | "vnc" | "spice";

export function frontedType(type: Exclude<ConsoleType, "none">): FrontedType {
  return type === "spice+agent" ? "spice" : type;
}

/** Its protocol where it is a screen. */
export function screenOf(type: ConsoleType): "vnc" | "spice" | undefined {
  if (type === "none" || type === "telnet") return undefined;
  return type === "vnc" ? "vnc" : "spice";
}
