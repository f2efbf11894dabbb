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

export function auxSocket(id: string): string {
  return `${id}.aux`;
}

export function screenSocket(id: string, protocol: "vnc" | "spice"): string {
  return `${id}.${protocol}`;
}

export function monitorSocket(id: string): string {
  return `${id}.mon`;
}

/** Where the guest agent is spoken to. */
export function agentSocket(id: string): string {
  return `${id}.qga`;
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

/** swtpm listens there for QEMU. */
export function tpmSocket(id: string): string {
  return `${id}.tpm`;
}

/** Written by swtpm once it listens. */
export function tpmMark(id: string): string {
  return `${id}.tpm.pid`;
}

/** What QEMU is told at its start and no process list is to show. */
export function bootConfiguration(id: string): string {
  return `${id}.boot`;
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

export function auxLog(directory: string): string {
  return `${directory}/aux.log`;
}

/** What the node's TPM keeps. */
export function tpmState(directory: string): string {
  return `${directory}/tpm`;
}

export function tpmLog(directory: string): string {
  return `${directory}/swtpm.log`;
}

/** The node's own UEFI variables; no disk of it, though a qcow2. */
export function uefiVariables(directory: string): string {
  return `${directory}/uefi.vars`;
}

/** A disk with texts of the lab files, by the block's name. */
export function seedImage(directory: string, name: string): string {
  return `${directory}/${name}.img`;
}

/** What the guest wrote on a disk, over its image. */
export function diskOverlay(directory: string, label: string): string {
  return `${directory}/${label}.qcow2`;
}

/** What its guest was doing when it was stopped; no disk of it, though a qcow2. */
export function vmStateFile(directory: string): string {
  return `${directory}/machine.state`;
}

/** Overlays of a node that is to be made anew, while the old one still runs. */
export function stagedDirectory(directory: string): string {
  return `${directory}/next`;
}
