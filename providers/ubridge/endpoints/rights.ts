import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { Path } from "../../../src/core/values.ts";
import { type Capability, capabilitiesOf } from "../capabilities.ts";
import { engineTitle } from "../engine.ts";
import type { CheckTools } from "./check.ts";

/** What joins a bridge to a device of the host: uBridge does so itself, for the built-in bridge socat does. */
export async function deviceProgram({ ports, engine, ubridge }: CheckTools): Promise<string | undefined> {
  return engine === "ubridge" ? (ubridge ?? undefined) : ports.processes.find("socat");
}

export function lacksSocat(path: Path): Diagnostic {
  return errorDiagnostic("socat is not on PATH", {
    detail: `${capitalised(engineTitle("builtin"))} reaches devices of the host through it. Install it (on Debian and Ubuntu: apt install socat), or take engine = "ubridge" in the provider block.`,
    path,
    subject: "socat",
  });
}

/** Whether `program` would have the right when this account starts it; true where that cannot be told. */
export async function mayUse({ ports }: CheckTools, program: string, right: Capability): Promise<boolean> {
  const rights = await capabilitiesOf(ports, program);
  return "unknown" in rights || rights.held.has(right);
}

/** How a program is given rights. */
export function setcap(program: string, rights: readonly Capability[]): string {
  return `sudo setcap ${rights.join(",")}=ep ${program}`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
