import { resolve } from "node:path";
import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic, warningDiagnostic } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { HostDirectories, Settings } from "../../src/core/provider.ts";
import { TURN_KVM_OFF, whyNoKvm } from "./accelerator.ts";

export interface QemuSettings {
  /** `auto` only while the host was not looked at. */
  readonly accel: "auto" | "kvm" | "tcg";
  /** accel was resolved, not demanded: a node that was given another one before keeps it. */
  readonly accel_automatic: boolean;
  readonly binary_directory: string | null;
  readonly image_directory: string | null;
  readonly console_host: string;
  readonly console_ports: readonly [number, number];
  readonly console_access: "owner" | "host";
  readonly monitor: boolean;
  readonly monitor_host: string;
  readonly monitor_ports: readonly [number, number];
  readonly forward_ports: readonly [number, number];
  /** Of the lab block: options may reach files of the host. */
  readonly allow_unsafe_options: boolean;
}

export function qemuSettings(settings: Settings): QemuSettings {
  return settings as unknown as QemuSettings;
}

/** Absolute directories, accel resolved against the host unless `offline`. */
export async function resolveSettings(
  ports: Pick<Ports, "files" | "host">,
  directories: Pick<HostDirectories, "lab">,
  configured: Settings,
  offline: boolean,
): Promise<{ readonly settings: Settings; readonly diagnostics: readonly Diagnostic[] }> {
  const given = qemuSettings(configured);
  const diagnostics: Diagnostic[] = [
    ...checkRange("console_ports", given.console_ports),
    ...checkRange("monitor_ports", given.monitor_ports),
    ...checkRange("forward_ports", given.forward_ports),
    ...warnOfListening(given),
  ];
  const absolute = (path: string | null) => (path === null ? null : resolve(directories.lab, path));
  let { accel } = given;
  if (!offline && accel !== "tcg") {
    const reason = await whyNoKvm(ports);
    if (reason !== undefined && accel === "kvm") {
      diagnostics.push(
        errorDiagnostic('accel = "kvm", but KVM cannot be used here', { detail: `KVM: ${reason}. ${TURN_KVM_OFF}` }),
      );
    }
    if (accel === "auto") accel = reason === undefined ? "kvm" : "tcg";
  }
  const settings: Settings = {
    ...configured,
    accel,
    accel_automatic: given.accel === "auto",
    binary_directory: absolute(given.binary_directory),
    image_directory: absolute(given.image_directory),
  };
  return { settings, diagnostics };
}

function checkRange(name: string, range: readonly number[]): Diagnostic[] {
  const [low, high] = range;
  const isPort = (port: number | undefined) =>
    Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65535;
  if (range.length === 2 && isPort(low) && isPort(high) && (low as number) <= (high as number)) return [];
  return [
    errorDiagnostic(`${name} is no range of TCP ports`, {
      detail: `It must hold two whole numbers from 1 to 65535, the lower first, as in [23000, 23999]; it is [${range.join(", ")}].`,
    }),
  ];
}

function warnOfListening(settings: QemuSettings): Diagnostic[] {
  const warnings: Diagnostic[] = [];
  const whose =
    settings.console_access === "owner"
      ? 'With console_access = "owner" only processes of this host\'s owner are admitted; from elsewhere it serves nobody.'
      : "Whoever reaches that address can use it; there is no password.";
  if (!isLoopback(settings.console_host)) {
    warnings.push(warningDiagnostic(`Consoles listen on ${settings.console_host}, not on loopback`, { detail: whose }));
  }
  if (settings.monitor && !isLoopback(settings.monitor_host)) {
    const detail = `A monitor can run programs as the lab's owner, so it admits only the owner's own processes on this host. Listening on another address than 127.0.0.1 gains nothing.`;
    warnings.push(warningDiagnostic(`Monitors listen on ${settings.monitor_host}, not on loopback`, { detail }));
  }
  return warnings;
}

function isLoopback(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host);
}
