import type { Ports } from "../core/ports.ts";
import { clock } from "./clock.ts";
import { files } from "./files.ts";
import { createHost } from "./host.ts";
import { createProcesses } from "./processes.ts";
import { random } from "./random.ts";
import { reader } from "./reader.ts";
import { sockets } from "./sockets.ts";

/** The real world behind the ports. Looks at nothing until it is asked. */
export function createPorts(): Ports {
  const host = createHost();
  return { clock, files, reader, processes: createProcesses(host), sockets, host, random };
}
