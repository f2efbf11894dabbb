import type { Ports } from "../../../src/core/ports.ts";
import { SANDBOX } from "../arguments.ts";
import type { Binary } from "../binary.ts";
import { bootSector, EXECUTED, EXIT_PORT } from "./bootSector.ts";

export type Accelerator = "kvm" | "tcg";

/** How the attempt to run a guest ended. */
export type Trial =
  | { readonly kind: "executed"; readonly ms: number }
  /** It was killed after that long. */
  | { readonly kind: "silent"; readonly ms: number }
  /** QEMU ended by itself: its words, or how it ended. */
  | { readonly kind: "refused"; readonly words: string };

/** A guest that is executed needs a fraction of a second; emulation on a busy host is given more. */
const PATIENCE_MS = { kvm: 3000, tcg: 10_000 };

/** Starts a PC from the boot sector under that accelerator, with the options of a node that could hinder it. */
export async function tryAccelerator(
  ports: Ports,
  binary: Binary,
  accelerator: Accelerator,
  directory: string,
  signal: AbortSignal,
): Promise<Trial> {
  const image = `${accelerator}.img`;
  await ports.files.write(`${directory}/${image}`, bootSector(), 0o600);
  const started = ports.clock.monotonic();
  const timeoutMs = PATIENCE_MS[accelerator];
  const result = await ports.processes.run(
    binary.path,
    [
      ...["-nodefaults", "-no-user-config", "-display", "none"],
      ...(binary.sandbox ? SANDBOX : []),
      ...["-machine", accelerator === "kvm" ? "pc,smm=off" : "pc", "-accel", accelerator, "-m", "16"],
      ...["-drive", `file=${image},format=raw,if=ide`],
      ...["-device", `isa-debug-exit,iobase=${EXIT_PORT},iosize=1`],
    ],
    { timeoutMs, directory, signal },
  );
  signal.throwIfAborted();
  const ms = ports.clock.monotonic() - started;
  if (result.exitCode === EXECUTED) return { kind: "executed", ms };
  if (result.exitCode === null && ms >= timeoutMs) return { kind: "silent", ms: timeoutMs };
  const words = result.stderr.trim().split("\n").at(-1) ?? "";
  const ending = result.exitCode === null ? `signal ${result.signal}` : `exit code ${result.exitCode}`;
  return { kind: "refused", words: words === "" ? ending : words.replace(/^\S*qemu\S*: /, "") };
}

/** Does `act` with a private directory, which is gone afterwards. */
export async function inTemporaryDirectory<T>(ports: Ports, act: (directory: string) => Promise<T>): Promise<T> {
  const directory = `${ports.host.environment.TMPDIR || "/tmp"}/labform-doctor-${ports.random.hex(8)}`;
  await ports.files.makeDirectory(directory);
  try {
    return await act(directory);
  } finally {
    await ports.files.remove(directory);
  }
}
