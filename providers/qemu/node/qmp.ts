import type { Ports } from "../../../src/core/ports.ts";
import { controlSocket } from "../names.ts";
import { QmpClient } from "../qmp.ts";

/** labform's own QMP connection to a node; closed again when `use` is done, for QEMU serves one client at a time. */
export async function withQmp<T>(
  ports: Pick<Ports, "sockets" | "clock">,
  run: string,
  id: string,
  timeoutMs: number,
  use: (qmp: QmpClient) => Promise<T>,
): Promise<T> {
  const { sockets, clock } = ports;
  const qmp = await QmpClient.connect({ path: `${run}/${controlSocket(id)}` }, { sockets, clock, timeoutMs });
  try {
    return await use(qmp);
  } finally {
    qmp.close();
  }
}
