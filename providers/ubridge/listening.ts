/** One row of /proc/net/tcp that listens. */
export interface Listener {
  /** `127.0.0.1` */
  readonly host: string;
  readonly port: number;
  readonly uid: number;
  readonly inode: number;
}

const LISTEN_STATE = "0A";

/** The listening sockets in the text of /proc/net/tcp (proc(5); addresses are little-endian hexadecimal there). */
export function parseListeners(text: string): readonly Listener[] {
  const found: Listener[] = [];
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    if (fields[3] !== LISTEN_STATE) continue;
    const local = /^([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2}):([0-9A-F]{4})$/.exec(fields[1] ?? "");
    if (!local) continue;
    const host = [local[4], local[3], local[2], local[1]].map((byte) => Number.parseInt(byte as string, 16)).join(".");
    found.push({
      host,
      port: Number.parseInt(local[5] as string, 16),
      uid: Number(fields[7]),
      inode: Number(fields[9]),
    });
  }
  return found;
}
