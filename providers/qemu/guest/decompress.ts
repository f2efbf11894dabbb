import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { GuestHost } from "./host.ts";

/** How kernels and their modules are packed, as the first bytes say. */
const forms = [
  { name: "gzip", ending: ".gz", magic: Buffer.from([0x1f, 0x8b]), program: undefined },
  { name: "xz", ending: ".xz", magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), program: "xz" },
  { name: "zstd", ending: ".zst", magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), program: "zstd" },
] as const;

type Form = (typeof forms)[number];

export const endings: readonly string[] = ["", ...forms.map(({ ending }) => ending)];

export function formOf(data: Buffer): Form | undefined {
  return forms.find(({ magic }) => data.subarray(0, magic.length).equals(magic));
}

export type Decompressed = { readonly data: Buffer } | { readonly problem: string };

/** What was packed in `form`. The programs read and write files, since what they say on their output is taken for text. */
export async function decompress(host: GuestHost, form: Form, data: Buffer): Promise<Decompressed> {
  if (form.program === undefined) return { data: gunzipSync(data) };
  const { files, processes } = host.ports;
  const program = await processes.find(form.program);
  if (program === undefined)
    return { problem: `there is no ${form.program} (Debian: ${debianPackages[form.program]})` };
  const unpacked = join(host.scratch, "unpacked");
  const packed = `${unpacked}${form.ending}`;
  try {
    await files.write(packed, data, 0o600);
    const { exitCode, stderr } = await processes.run(program, ["--decompress", "--force", "--quiet", packed], {
      ...(host.signal === undefined ? {} : { signal: host.signal }),
      timeoutMs: 120_000,
    });
    host.signal?.throwIfAborted();
    if (exitCode !== 0) return { problem: `${form.program} could not unpack it: ${stderr.trim()}` };
    return { data: Buffer.from(await files.read(unpacked)) };
  } finally {
    await files.remove(packed);
    await files.remove(unpacked);
  }
}

const debianPackages = { xz: "xz-utils", zstd: "zstd" };
