import { join } from "node:path";
import type { BuiltGuest } from "../../../src/core/guest.ts";
import type { Ports } from "../../../src/core/ports.ts";
import { digestOf } from "./part.ts";

/** What a guest that was built is made of, kept beside it so that another build knows whether there is something to do. */
export interface Made {
  readonly of: { readonly kernel?: string | undefined; readonly busybox?: string | undefined; readonly texts: string };
  /** Of the two files, so that one that was changed or half a build is told from what was built. */
  readonly digests: { readonly kernel: string; readonly initrd: string };
  readonly told: Pick<BuiltGuest, "madeOf" | "notes">;
}

const NAME = "made-of.json";

/** Undefined where there is no guest, or not the one that was built last. */
export async function readMade(
  files: Ports["files"],
  directory: string,
  paths: { readonly kernel: string; readonly initrd: string },
): Promise<Made | undefined> {
  try {
    const made = JSON.parse(Buffer.from(await files.read(join(directory, NAME))).toString("utf8")) as Made;
    const [kernel, initrd] = [await files.read(paths.kernel), await files.read(paths.initrd)];
    return made.digests.kernel === digestOf(kernel) && made.digests.initrd === digestOf(initrd) ? made : undefined;
  } catch {
    return undefined;
  }
}

/** A package that apt's lists no longer know (images of containers often have none) is no other package. */
export function isMadeOf({ of }: Made, wanted: Made["of"]): boolean {
  const isSame = (one: "kernel" | "busybox") => wanted[one] === undefined || wanted[one] === of[one];
  return wanted.texts === of.texts && isSame("kernel") && isSame("busybox");
}

export async function writeMade(files: Ports["files"], directory: string, made: Made): Promise<void> {
  await files.writeAtomic(join(directory, NAME), `${JSON.stringify(made, undefined, 2)}\n`, 0o644);
}
