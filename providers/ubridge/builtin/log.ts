import { fstatSync, ftruncateSync, writeSync } from "node:fs";

const LIMIT_BYTES = 256 * 1024;

/**
 * Lines with their time on standard error, which labform appends to a file. The file is emptied in place when it
 * passes its limit: nothing in here may fill a disk over the months a lab can run.
 */
export function log(message: string): void {
  const line = `${new Date().toISOString()} ${message}\n`;
  try {
    const stat = fstatSync(2);
    if (stat.isFile() && stat.size > LIMIT_BYTES) ftruncateSync(2, 0);
    writeSync(2, line);
  } catch {
    // A full disk or a closed terminal must not end the bridge.
  }
}
