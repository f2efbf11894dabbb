import type { Socket } from "node:net";
import type { Connection } from "../core/ports.ts";

/** How long what was written before `close` may take to leave. */
const lingerMs = 1000;

/**
 * A connected socket as a `Connection`. What the reader does not take stays in the kernel, so a peer that sends faster
 * than it is read has to wait. A failed write shows in `incoming`, as the connection's error.
 */
export function connectionOf(socket: Socket): Connection {
  let closed = false;
  // Without a listener an error between two reads would end labform; `incoming` reports it to its reader.
  socket.on("error", () => {});
  return {
    write(data) {
      if (!closed && socket.writable) socket.write(data);
    },
    incoming: { [Symbol.asyncIterator]: () => chunks(socket, () => closed) },
    close() {
      if (closed) return;
      closed = true;
      if (socket.writableLength === 0) socket.destroy();
      else {
        socket.destroySoon();
        setTimeout(() => socket.destroy(), lingerMs).unref();
      }
    },
  };
}

/** Leaving the loop keeps the connection: a protocol may read its greeting in one place and its answers in another. */
async function* chunks(socket: Socket, closed: () => boolean): AsyncGenerator<Uint8Array, undefined> {
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
  } catch (error) {
    if (!closed()) throw error;
  }
}
