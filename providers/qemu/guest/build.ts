import { join } from "node:path";
import { fail } from "../../../src/core/diagnostics.ts";
import type { BuiltGuest, GuestRequest } from "../../../src/core/guest.ts";
import type { Ports } from "../../../src/core/ports.ts";
import { findBusybox } from "./busybox.ts";
import { exampleNode } from "./example.ts";
import type { GuestHost } from "./host.ts";
import { digestOfTexts, initialRoot, readTexts } from "./initialRoot.ts";
import type { Kernel } from "./kernel.ts";
import { findKernel } from "./kernel.ts";
import type { BootableKernel } from "./kernelImage.ts";
import { unpackKernel } from "./kernelImage.ts";
import { isMadeOf, readMade, writeMade } from "./made.ts";
import { hasModule, readModules } from "./modules.ts";
import { digestOf } from "./part.ts";
import { NETWORK, POWER } from "./parts.ts";

/**
 * Builds the small guest into a directory, each file whole or not at all, or leaves it where it is what would be built;
 * `texts` is the folder of its scripts. Rejects with `Failure`.
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
  const paths = { kernel: join(request.out, "vmlinux"), initrd: join(request.out, "initrd") };
  const kernelPart = await findKernel(host, request);
  const busyboxPart = await findBusybox(host, request.busybox);
  const texts = await readTexts(files, directory);
  const wanted = { kernel: kernelPart.identity, busybox: busyboxPart.identity, texts: digestOfTexts(texts) };
  const there = await readMade(files, request.out, paths);
  if (there && isMadeOf(there, wanted)) return { ...paths, ...there.told, isNew: false };

  const busybox = await busyboxPart.take();
  const kernel = await kernelPart.take();
  const modules = kernel.modules === undefined ? [] : await readModules(host, kernel.modules, [...NETWORK, ...POWER]);
  const bootable = await unpackKernel(host, kernel.image);
  const initrd = initialRoot({ texts, busybox: busybox.program, modules });
  host.signal?.throwIfAborted();
  await files.writeAtomic(paths.kernel, bootable.data, 0o644);
  await files.writeAtomic(paths.initrd, initrd, 0o644);
  const told = { madeOf: { kernel: kernel.from, busybox: busybox.from }, notes: notesOn(kernel, bootable) };
  // One that stays packed is tried again the next time: this host may have the program by then.
  if (bootable.packed === undefined) {
    const digests = { kernel: digestOf(bootable.data), initrd: digestOf(initrd) };
    await writeMade(files, request.out, { of: wanted, digests, told });
  }
  return { ...paths, ...told, isNew: true };
}

function notesOn({ modules }: Kernel, { packed }: BootableKernel): readonly string[] {
  const missing = modules === undefined ? [] : [...NETWORK, ...POWER].filter((name) => !hasModule(modules, name));
  return [
    ...(modules === undefined
      ? ["The kernel was named without its modules (-modules=DIR), so it has to have its drivers built in."]
      : []),
    ...missing.map((name) => `The kernel has no ${name}: ${consequences[name]}.`),
    ...(packed === undefined
      ? []
      : [`The kernel stays packed and unpacks itself at each boot, some seconds longer without KVM: ${packed}.`]),
  ];
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
