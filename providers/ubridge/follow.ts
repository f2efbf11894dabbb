import { dirname } from "node:path";
import { errorDiagnostic, Failure } from "../../src/core/diagnostics.ts";
import type { Files, Ports } from "../../src/core/ports.ts";
import type { HostDirectories } from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import { capturedBytes } from "./appending.ts";
import { captureOf, shownMarker } from "./captures.ts";
import { connectTo, converse } from "./control.ts";
import { ANSWER_MS, HypervisorLost, HypervisorSilent } from "./hypervisor.ts";
import { FILE_HEADER_BYTES, fileHeader, wholeRecords } from "./pcap.ts";
import type { Located } from "./read.ts";
import { parseShow } from "./replies.ts";

export type Bridge = Pick<Located, "identity" | "control">;

const LINK_TYPE = "EN10MB";

/** Read at once; any record fits. */
const PIECE_BYTES = 1024 * 1024;
/** How long a write that was not noticed may go unseen. */
const LOOK_MS = 500;
/** How often the bridge is asked whether it captures still. */
const ASK_MS = 2000;

/**
 * The frames of a link from now on, as the built-in bridge sends them to whoever asks: no capture need run, and none is
 * touched. Rejects with HypervisorLost and HypervisorSilent.
 */
export async function* followStream(
  ports: Ports,
  host: HostDirectories,
  bridge: Bridge,
  { id, address }: Instance,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, undefined> {
  const connection = await connectTo(ports, host.run, bridge.control, bridge.identity);
  const leave = () => connection.close();
  signal.addEventListener("abort", leave);
  const command = `bridge follow ${id} ${LINK_TYPE}`;
  const answering = new AbortController();
  let answered = false;
  ports.clock.sleep(ANSWER_MS, answering.signal).then(leave, () => {});
  try {
    if (signal.aborted) return;
    connection.write(`${command}\n`);
    let rest: Buffer = Buffer.alloc(0);
    let began = false;
    for await (const chunk of connection.incoming) {
      rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
      if (!answered) {
        const end = rest.indexOf("\r\n");
        if (end === -1) continue;
        refuseUnlessDone(rest.toString("latin1", 0, end), address);
        answered = true;
        answering.abort();
        rest = rest.subarray(end + 2);
      }
      if (!began && rest.length < FILE_HEADER_BYTES) continue;
      const header = began ? 0 : FILE_HEADER_BYTES;
      const whole = wholeRecords(rest.subarray(header));
      if (whole === undefined) throw new HypervisorLost("what it sends is no capture");
      began = true;
      if (header + whole > 0) yield rest.subarray(0, header + whole);
      rest = rest.subarray(header + whole);
    }
    if (!answered && !signal.aborted) throw new HypervisorSilent(command);
  } catch (error) {
    if (error instanceof Failure || error instanceof HypervisorSilent || error instanceof HypervisorLost) throw error;
    throw new HypervisorLost(`the conversation broke off: ${String(error)}`, { cause: error });
  } finally {
    answering.abort();
    signal.removeEventListener("abort", leave);
    connection.close();
  }
}

function refuseUnlessDone(answer: string, address: string): void {
  if (answer.startsWith("100-")) return;
  throw new Failure(
    errorDiagnostic(`The built-in bridge does not show the frames of ${address}`, {
      detail: `It answered ${answer}. "labform apply" wires again what it does not carry.`,
      address,
    }),
  );
}

/**
 * The frames that a capture of uBridge writes from now on: it has one capture a link and shows frames in no other way.
 * What takes the file's place is gone on with.
 */
export async function* followFile(
  ports: Ports,
  host: HostDirectories,
  bridge: Bridge,
  link: Instance,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, undefined> {
  const capture = captureOf(link, host);
  if (!capture) {
    throw new Failure(
      errorDiagnostic(`${link.address} is not captured`, {
        detail: `uBridge shows a link's frames only in the file of its capture. "labform capture start ${link.address}" begins one; "labform capture stop ${link.address}" ends it when it is no longer wanted.`,
        address: link.address,
      }),
    );
  }
  const { files, clock } = ports;
  const { file, linkType } = capture;
  yield fileHeader(linkType);
  let offset = Math.max(FILE_HEADER_BYTES, (await capturedBytes(files, file, linkType)) ?? 0);
  let inode = await inodeOf(files, file);
  let asked = clock.monotonic();
  let last = false;
  while (!signal.aborted) {
    const piece = await pieceOf(files, file, offset);
    const whole = wholeRecords(piece) ?? 0;
    if (whole > 0) yield piece.subarray(0, whole);
    offset += whole;
    if (piece.length === PIECE_BYTES) continue;
    if (last) return;
    const now = await inodeOf(files, file);
    if (now !== inode && now !== undefined) {
      inode = now;
      offset = FILE_HEADER_BYTES;
      continue;
    }
    if (clock.monotonic() - asked > ASK_MS) {
      asked = clock.monotonic();
      // Once more is read then: what came before the end belongs to it.
      last = !(await isCaptured(ports, host, bridge, link.id));
      continue;
    }
    await files.waitForChange(dirname(file), LOOK_MS, signal).catch(() => {});
  }
}

async function isCaptured(ports: Ports, host: HostDirectories, bridge: Bridge, id: string): Promise<boolean> {
  const { code, lines } = await converse(ports, host.run, bridge.control, bridge.identity, (hypervisor) =>
    hypervisor.request(["bridge", "show", id]),
  );
  return code === 100 && shownMarker(parseShow(lines).filters) !== undefined;
}

async function pieceOf(files: Files, file: string, offset: number): Promise<Uint8Array> {
  return files.readFrom(file, offset, PIECE_BYTES).catch(() => new Uint8Array());
}

async function inodeOf(files: Files, file: string): Promise<number | undefined> {
  return (await files.stat(file).catch(() => undefined))?.inode;
}
