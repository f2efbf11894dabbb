/**
 * File names of a node. Sockets stand in the run directory, which is QEMU's working directory, so they are given to it
 * as short relative names: a socket's path has 107 bytes at most.
 */

export function controlSocket(id: string): string {
  return `${id}.qmp`;
}

export function eventSocket(id: string): string {
  return `${id}.evt`;
}

export function consoleSocket(id: string): string {
  return `${id}.con`;
}

export function monitorSocket(id: string): string {
  return `${id}.mon`;
}

/** What the keeper wrote down of QEMU's events, one JSON document a line. */
export function eventsFile(id: string): string {
  return `${id}.events`;
}

export function tunnelSocket(id: string, adapter: number): string {
  return `${id}.${adapter}`;
}

/** dgram only: where the bridge is bound. */
export function tunnelPeer(id: string, adapter: number): string {
  return `${id}.${adapter}p`;
}

/** The adapter's NIC inside QEMU, as `set_link` takes it. */
export function nicName(adapter: number): string {
  return `nic${adapter}`;
}

export function nodeDirectory(nodes: string, id: string): string {
  return `${nodes}/${id}`;
}

export function qemuLog(directory: string): string {
  return `${directory}/qemu.log`;
}

export function consoleLog(directory: string): string {
  return `${directory}/console.log`;
}
