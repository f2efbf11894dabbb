import { dirname } from "node:path";
import type { Ports } from "../src/core/ports.ts";
import { guarded, ifPresent } from "./failure.ts";
import type { Layout } from "./layout.ts";

/** With the file that keeps all of it out of git: from here on there is something to keep out. */
export async function makeDataDirectory(ports: Ports, layout: Layout): Promise<void> {
  const place = { role: "data directory", path: layout.data };
  await guarded("make the data directory", place, async () => {
    await ports.files.makeDirectory(layout.workspace);
    if (dirname(layout.checkpoint) !== layout.workspace) await ports.files.makeDirectory(dirname(layout.checkpoint));
    const ignored = await ifPresent(ports.files.lstat(layout.gitignore));
    if (ignored) return;
    // The state that is synced in it later must not be lost with its directory.
    await ports.files.syncDirectory(layout.data);
    await ports.files.syncDirectory(dirname(layout.data));
    await ports.files.write(layout.gitignore, "*\n", 0o600);
  });
}
