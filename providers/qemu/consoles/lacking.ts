import type { NodeAttributes } from "../attributes.ts";
import type { QmpClient } from "../qmp.ts";
import { mayLackAux } from "./arguments.ts";

const ANSWER_MS = 10_000;

/** QEMU says nothing where a board has no second serial port: its end then stays without a device. Rejects. */
export async function refuseLackingAux(qmp: QmpClient, node: NodeAttributes): Promise<void> {
  if (!mayLackAux(node)) return;
  const ends = (await qmp.execute("query-chardev", {}, ANSWER_MS)) as unknown as readonly Chardev[];
  if (ends.some((one) => one.label === "aux" && one["frontend-open"])) return;
  const machine = node.machine === null ? "its machine type" : `machine type ${node.machine}`;
  throw new Error(
    `aux_console = "telnet" needs a second serial port, and ${machine} of ${node.platform} has none: remove aux_console, or give it a serial port with options`,
  );
}

interface Chardev {
  readonly label: string;
  readonly "frontend-open": boolean;
}
