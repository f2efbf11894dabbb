import { join } from "node:path";
import { fail } from "../../../src/core/diagnostics.ts";
import type { BuiltGuest, GuestRequest } from "../../../src/core/guest.ts";
import type { Ports } from "../../../src/core/ports.ts";
import { findBusybox } from "./busybox.ts";
import { exampleNode } from "./example.ts";
import type { GuestHost } from "./host.ts";
import { initialRoot, readTexts } from "./initialRoot.ts";
import { findKernel } from "./kernel.ts";
import { unpackKernel } from "./kernelImage.ts";
import { hasModule, readModules } from "./modules.ts";
import { NETWORK, POWER } from "./parts.ts";

/**
 * Builds the small guest into a directory, each file whole or not at all; `texts` is the folder of its scripts. Rejects
 * with `Failure`.
 */
export async function buildGuest(
  ports: Pick<Ports, "files" | "processes" | "host">,
  texts: string,
  request: GuestRequest,
): Promise<BuiltGuest> {
  const { files } = ports;
  const lock = await occupy(files, request.out);
  const scratch = join(request.out, ".building");
  try {
    // A killed build left it.
    await files.remove(scratch);
    await files.makeDirectory(scratch);
    const { tell, signal } = request;
    const built = await build({ ports, scratch, tell, signal }, texts, request);
    return { ...built, example: exampleNode(built, ports.host.environment.HOME) };
  } finally {
    await files.remove(scratch);
    await lock.release();
  }
}

async function build(host: GuestHost, directory: string, request: GuestRequest): Promise<Omit<BuiltGuest, "example">> {
  const { files } = host.ports;
  const busybox = await findBusybox(host, request.busybox);
  const kernel = await findKernel(host, request);
  const { modules } = kernel;
  const wanted = [...NETWORK, ...POWER];
  const loaded = modules === undefined ? [] : await readModules(host, modules, wanted);
  const texts = await readTexts(files, directory);
  const bootable = await unpackKernel(host, kernel.image);
  host.signal?.throwIfAborted();
  const built = { kernel: join(request.out, "vmlinux"), initrd: join(request.out, "initrd") };
  await files.writeAtomic(built.kernel, bootable.data, 0o644);
  await files.writeAtomic(built.initrd, initialRoot({ texts, busybox: busybox.program, modules: loaded }), 0o644);
  const missing = modules === undefined ? [] : wanted.filter((name) => !hasModule(modules, name));
  return {
    ...built,
    madeOf: { kernel: kernel.from, busybox: busybox.from },
    notes: [
      ...(modules === undefined
        ? ["The kernel was named without its modules (-modules=DIR), so it has to have its drivers built in."]
        : []),
      ...missing.map((name) => `The kernel has no ${name}: ${consequences[name]}.`),
      ...(bootable.packed === undefined
        ? []
        : [
            `The kernel stays packed and unpacks itself at each boot, some seconds longer without KVM: ${bootable.packed}.`,
          ]),
    ],
  };
}

const consequences: { readonly [module: string]: string } = {
  virtio_pci: 'an adapter_type that begins with "virtio" gives the guest no network',
  virtio_net: 'an adapter_type that begins with "virtio" gives the guest no network',
  e1000: 'adapter_type = "e1000" gives the guest no network',
  button: "the guest does not obey its power button",
  evdev: "the guest does not obey its power button",
};

/** One build at a time, since another would take away what this one unpacked. */
async function occupy(files: Ports["files"], out: string): Promise<{ release(): Promise<void> }> {
  try {
    await files.makeDirectory(out);
    const lock = await files.tryLock(join(out, ".lock"));
    if (lock) return lock;
  } catch (error) {
    return fail("The guest cannot be put there", {
      subject: `directory ${out}`,
      detail: `${error instanceof Error ? error.message : String(error)}. Name another with -out=DIR.`,
      cause: error,
    });
  }
  return fail("Another labform builds a guest there", {
    subject: `directory ${out}`,
    detail: "Wait for its end, or name another directory with -out=DIR.",
  });
}
