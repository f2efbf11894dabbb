import type { PlannedAttributes } from "../../core/values.ts";
import { UNKNOWN } from "../../core/values.ts";

/** The ways to a node's guest and to its machine, each by the name of the attribute that says where it is. */
export type Way = "console" | "aux" | "monitor";

/** What each is called in a sentence. */
export const WAYS: { readonly [way in Way]: string } = { console: "console", aux: "aux console", monitor: "monitor" };

/** The argument that says of what type it is. */
export const TYPES = { console: "console_type", aux: "aux_console" } as const;

/** The protocol of a way that is a screen, which a terminal cannot show. */
export function screenProtocol(attributes: PlannedAttributes, way: Way): "vnc" | "spice" | undefined {
  const type = way === "monitor" ? undefined : attributes[TYPES[way]];
  if (type === "vnc") return "vnc";
  return type === "spice" || type === "spice+agent" ? "spice" : undefined;
}

/** `127.0.0.1:5000`, and of a screen `vnc://127.0.0.1:5901`. */
export function placeOf(attributes: PlannedAttributes, way: Way): string | null {
  const value = attributes[way];
  if (typeof value !== "object" || value === null || !("host" in value) || !("port" in value)) return null;
  const { host, port } = value;
  if (host === UNKNOWN || port === UNKNOWN) return null;
  const protocol = screenProtocol(attributes, way);
  if (protocol === undefined) return `${String(host)}:${String(port)}`;
  return `${protocol}://${String(host).includes(":") ? `[${String(host)}]` : String(host)}:${String(port)}`;
}
