import { fail } from "../src/core/diagnostics.ts";
import type { Ports } from "../src/core/ports.ts";
import { guarded, type Place, subjectOf } from "./failure.ts";

/**
 * Makes the directory where it is missing. Rejects when what is there is a link, another account's, or open to other
 * accounts: whoever can write there could put a socket of his own in place of a node's.
 */
export async function ensurePrivateDirectory(ports: Ports, place: Place): Promise<void> {
  const found = await guarded(`make the ${place.role}`, place, async () => {
    await ports.files.makeDirectory(place.path);
    return await ports.files.lstat(place.path);
  });
  const subject = subjectOf(place);
  const refusal = `The ${place.role} cannot be trusted`;
  if (found.kind !== "directory") {
    fail(refusal, { subject, detail: "It is a link, not a directory of its own. Remove it: labform makes its own." });
  }
  if (found.uid !== ports.host.uid) {
    fail(refusal, {
      subject,
      detail: `It belongs to uid ${found.uid}, and labform runs as ${ports.host.userName} (uid ${ports.host.uid}). Run labform as the account that made the lab.`,
    });
  }
  if ((found.mode & 0o077) !== 0) {
    fail(refusal, {
      subject,
      detail: `Other accounts can enter it (mode ${found.mode.toString(8)}). If that was not meant: chmod 700 ${place.path}`,
    });
  }
}
