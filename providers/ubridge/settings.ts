import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic, warningDiagnostic } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { Settings } from "../../src/core/provider.ts";
import { findUbridge } from "./installed.ts";

const HOW_TO_GET_IT =
  'On Ubuntu install "ubridge" from GNS3\'s PPA (ppa:gns3/ppa); elsewhere build it from the GNS3/ubridge repository (needs libpcap). Or leave the links to the bridge that labform brings: engine = "builtin".';

interface Resolved {
  readonly settings: Settings;
  /** Of the uBridge that is taken. */
  readonly version: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The engine that `auto` comes to on this host, and where uBridge is. `path` is null for the built-in bridge. */
export async function resolveSettings(ports: Ports, labDirectory: string, configured: Settings): Promise<Resolved> {
  const path = typeof configured.path === "string" ? configured.path : null;
  const builtin: Settings = { engine: "builtin", path: null };
  const version = undefined;
  if (configured.engine === "builtin") return { settings: builtin, diagnostics: [], version };

  const found = await findUbridge(ports, labDirectory, path);
  const demanded = configured.engine === "ubridge";
  if (found === undefined || "problem" in found) {
    if (!demanded && path === null) return { settings: builtin, diagnostics: [], version };
    const detail = found === undefined ? "There is no ubridge on PATH." : `${capitalised(found.problem)}.`;
    const missing = errorDiagnostic("uBridge cannot be used", {
      detail: `${detail} ${HOW_TO_GET_IT}`,
      subject: path === null ? "uBridge" : `uBridge ${path}`,
    });
    return { settings: demanded ? { engine: "ubridge", path } : builtin, diagnostics: [missing], version };
  }
  if (!demanded && found.socketOption === undefined) return { settings: builtin, diagnostics: [], version };
  const open = found.socketOption === undefined;
  return {
    settings: { engine: "ubridge", path: found.path },
    version: found.version,
    diagnostics: open ? [openControlPort(found.path, found.version)] : [],
  };
}

function openControlPort(path: string, version: string): Diagnostic {
  return warningDiagnostic(`Any account of this host can command uBridge ${version}`, {
    subject: `uBridge ${path}`,
    detail:
      'Its control port on 127.0.0.1 asks nobody who they are: another account can rewire the lab\'s links and overwrite files of yours. On a host that others use too, take engine = "builtin", or a uBridge with a private control socket (1.0 and later).',
  });
}

function capitalised(text: string): string {
  return text.startsWith("there") ? `T${text.slice(1)}` : text;
}
