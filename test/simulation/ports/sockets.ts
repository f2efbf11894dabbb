import type { Connection, Sockets } from "../../../src/core/ports.ts";
import { refusal } from "../host/errors.ts";
import type { End } from "../host/network.ts";
import type { SimulatedHost } from "../host.ts";
import type { Run } from "../run.ts";

/** The sockets of a host, as one of its labforms has them. */
export function createSockets(host: SimulatedHost, run: Run): Sockets {
  return {
    connect: (endpoint, timeoutMs) => {
      const subject = "path" in endpoint ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
      if (timeoutMs <= 0) return Promise.reject(refusal("ETIMEDOUT", "connect", subject));
      const act = () => connectionOf(host.network.connect(run, endpoint), run, subject);
      return run.call({ name: "connect", subject, changes: false, act });
    },
    isPortFree: (_, port) =>
      run.call({ name: "bind", subject: `port ${port}`, changes: false, act: () => host.network.isFree(port) }),
  };
}

function connectionOf(end: End, run: Run, subject: string): Connection {
  const chunks: Uint8Array[] = [];
  let ended = false;
  let broken: Error | undefined;
  let wake = () => {};
  end.onData = (bytes) => {
    chunks.push(bytes);
    wake();
  };
  end.onClose = () => {
    ended = true;
    wake();
  };
  async function* incoming(): AsyncGenerator<Uint8Array, undefined> {
    for (;;) {
      const chunk = chunks.shift();
      if (chunk) yield chunk;
      else if (broken) throw broken;
      else if (ended || end.isClosed) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  return {
    write(data) {
      const work = { name: "send", subject, data: String(data), changes: true, act: () => end.send(data) };
      try {
        run.now(work, undefined);
      } catch (error) {
        // A failed write shows in `incoming`.
        broken = error as Error;
        end.close();
        wake();
      }
    },
    incoming: { [Symbol.asyncIterator]: incoming },
    close() {
      if (run.isDead) return;
      end.close();
      wake();
    },
  };
}
