import type { Connection, Ports } from "../../../src/core/ports.ts";
import type { Json } from "../../../src/core/values.ts";
import type { Listener } from "../attributes.ts";
import { withQmp } from "./qmp.ts";

/** Between two attempts, and between two looks at one. */
const RETRY_MS = 500;
const LOOK_MS = 200;
/**
 * How long an attempt the guest says nothing to is kept. QEMU repeats its SYN ever more seldom, so a new attempt finds
 * a guest that has just come up sooner; but each one given up goes on in QEMU for a while.
 */
const ATTEMPT_MS = 2000;
const ANSWER_MS = 500;

/**
 * Whether a TCP port of the guest accepts connections, asked through the host's port that leads there.
 *
 * That the host's port takes a connection says nothing: QEMU accepts it before it asks the guest, and holds it open for
 * as long as the guest is silent (tried: QEMU 7.2, before any guest has booted). So QEMU is asked what became of it:
 * `info usernet` shows the connection in SYN_SENT until the guest has accepted. A refusal closes it.
 */
export class TcpProbe {
  readonly #ports: Pick<Ports, "clock" | "sockets">;
  readonly #run: string;
  readonly #node: string;
  readonly #forward: Listener;
  readonly #guestPort: number;
  #attempt: Attempt | undefined;
  #nextMs = 0;
  #seen = "nothing was seen of it yet";

  constructor(
    ports: Pick<Ports, "clock" | "sockets">,
    run: string,
    node: string,
    forward: Listener,
    guestPort: number,
  ) {
    this.#ports = ports;
    this.#run = run;
    this.#node = node;
    this.#forward = forward;
    this.#guestPort = guestPort;
  }

  /** What became of the last attempt, as the end of a sentence. */
  get seen(): string {
    return this.#seen;
  }

  /** A look at it; true once the guest has accepted a connection or sent something. Does nothing before its time. */
  async look(): Promise<boolean> {
    const { clock } = this.#ports;
    if (clock.monotonic() < this.#nextMs) return false;
    try {
      this.#attempt ??= await this.#begin();
      if (await this.#isAccepted(this.#attempt)) return true;
    } catch (error) {
      this.#seen = error instanceof Error ? error.message : String(error);
      this.#giveUp();
    }
    this.#nextMs = clock.monotonic() + (this.#attempt ? LOOK_MS : RETRY_MS);
    return false;
  }

  close(): void {
    this.#giveUp();
  }

  async #begin(): Promise<Attempt> {
    const { sockets, clock } = this.#ports;
    const before = new Set((await this.#accepted()).keys());
    const { host, port } = this.#forward;
    const connection = await sockets.connect({ host: host === "0.0.0.0" ? "127.0.0.1" : host, port }, ANSWER_MS);
    const attempt: Attempt = { connection, before, sinceMs: clock.monotonic(), came: "nothing" };
    void listen(attempt);
    return attempt;
  }

  async #isAccepted(attempt: Attempt): Promise<boolean> {
    const accepted = [...(await this.#accepted())].some((descriptor) => !attempt.before.has(descriptor));
    if (attempt.came === "data" || (accepted && attempt.came !== "end")) return true;
    if (attempt.came === "end") {
      this.#seen = "the guest refused the last connection";
      this.#giveUp();
    } else {
      this.#seen = "the guest does not answer";
      if (this.#ports.clock.monotonic() - attempt.sinceMs > ATTEMPT_MS) this.#giveUp();
    }
    return false;
  }

  /** The descriptors of connections to that port that the guest has accepted, other clients' too. */
  async #accepted(): Promise<ReadonlySet<string>> {
    const { port } = this.#forward;
    const text = await withQmp(this.#ports, this.#run, this.#node, ANSWER_MS, (qmp) =>
      qmp.execute("human-monitor-command", { "command-line": "info usernet" }, ANSWER_MS),
    );
    return acceptedConnections(text, port, this.#guestPort);
  }

  #giveUp(): void {
    this.#attempt?.connection.close();
    this.#attempt = undefined;
  }
}

interface Attempt {
  readonly connection: Connection;
  readonly before: ReadonlySet<string>;
  readonly sinceMs: number;
  came: "nothing" | "data" | "end";
}

async function listen(attempt: Attempt): Promise<void> {
  try {
    for await (const _ of attempt.connection.incoming) attempt.came = "data";
  } catch {
    // A reset is an end.
  }
  if (attempt.came === "nothing") attempt.came = "end";
}

/** `  TCP[ESTABLISHED]   25   127.0.0.1 24990   10.0.2.15    22     0     0`: state, descriptor, from, to. */
function acceptedConnections(text: Json, hostPort: number, guestPort: number): ReadonlySet<string> {
  const accepted = new Set<string>();
  for (const line of String(text).split("\n")) {
    const [, state, descriptor, from, to] = /^\s*TCP\[(\w+)\]\s+(\d+)\s+\S+\s+(\d+)\s+\S+\s+(\d+)\s/.exec(line) ?? [];
    if (descriptor === undefined || Number(from) !== hostPort || Number(to) !== guestPort) continue;
    if (state !== "SYN_SENT" && state !== "HOST_FORWARD" && state !== "CLOSED") accepted.add(descriptor);
  }
  return accepted;
}
