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

/** Which ports of the host were chosen to be forwarded to the node. */
export function forwardsFile(id: string): string {
  return `${id}.forwards`;
}

/** Left where QEMU did not answer a command: the next read of the node asks it. */
export function silentMark(id: string): string {
  return `${id}.silent`;
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

/** What the guest wrote on a disk, over its image. */
export function diskOverlay(directory: string, label: string): string {
  return `${directory}/${label}.qcow2`;
}

/** Overlays of a node that is to be made anew, while the old one still runs. */
export function stagedDirectory(directory: string): string {
  return `${directory}/next`;
}

/** What is known of images' contents, for all nodes of a lab. */
export function imagesFile(nodes: string): string {
  return `${nodes.slice(0, nodes.lastIndexOf("/"))}/images.json`;
}
