import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a request wants, whatever its method: the same names for tables of faults. */
export type Wish = "read" | "write" | "lock" | "unlock";

export interface Seen {
  readonly wish: Wish;
  readonly method: string;
  readonly path: string;
  readonly id: string | null;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What a server does instead of answering; nothing is changed but where it says so. */
export type Fault =
  | "500"
  /** done, and answered with 500 */
  | "done and 500"
  | "reset"
  | "hang"
  | "401"
  | "403"
  /** 200 with a web page */
  | "html"
  /** 200 with half of the document */
  | "truncated"
  /** the connection breaks in the middle of the answer */
  | "broken off"
  /** 200 with the state of another lab */
  | "another lab"
  /** 200 with what was there before the last write */
  | "old"
  /** 404, though there is a state */
  | "nothing"
  /** 200, and nothing is done */
  | "lie"
  /** 409, whoever has the lock */
  | "conflict";

interface Lock {
  readonly ID: string;
  readonly info: { readonly [name: string]: string };
}

const LOCK_FIELDS = ["ID", "Operation", "Info", "Who", "Version", "Created", "Path"];

/**
 * A server of states that behaves as GitLab's does (lib/api/terraform/state.rb): basic authentication, 404 and 204 for no
 * state, a write by the lock's holder only, each serial once, 409 with the holder's ID, owner and time. With `generous`
 * it is one of the simple servers: it knows LOCK and UNLOCK, answers 423 and tells all of the holder's document.
 */
export class StateServer {
  readonly requests: Seen[] = [];
  /** Called for each request in turn, with its number among those of its wish, from 1. */
  fault: (seen: Seen, number: number) => Fault | undefined = () => undefined;
  state: string | undefined;
  lock: Lock | undefined;
  /** How often the lock was given while somebody had it, by mistake. */
  readonly serials = new Set<number>();
  generous = false;
  user: { readonly name: string; readonly password: string } | undefined;
  readonly #server: Server;
  #before: string | undefined;
  readonly #counts = new Map<Wish, number>();

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => this.#serve(request, response, Buffer.concat(chunks).toString()));
    });
  }

  static async start(): Promise<StateServer> {
    const server = new StateServer();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/state/pair`;
  }

  /** The block for it, as GitLab's documentation has it. */
  block(more: { readonly [name: string]: string | number } = {}): string {
    const settings = {
      address: this.address,
      lock_address: `${this.address}/lock`,
      unlock_address: `${this.address}/lock`,
      ...(this.generous ? {} : { lock_method: "POST", unlock_method: "DELETE" }),
      retry_max: 1,
      retry_wait_min: 0.01,
      timeout: 0.3,
      ...more,
    };
    const lines = Object.entries(settings).map(([name, value]) => `    ${name} = ${JSON.stringify(value)}\n`);
    return `  backend "http" {\n${lines.join("")}  }\n`;
  }

  get document(): { readonly serial: number; readonly lineage: string; readonly instances: readonly unknown[] } {
    return JSON.parse(this.state ?? "{}");
  }

  #serve(request: IncomingMessage, response: ServerResponse, body: string): void {
    const url = new URL(request.url ?? "/", "http://x");
    const seen = {
      wish: wishOf(request.method ?? "", url.pathname),
      method: request.method ?? "",
      path: url.pathname,
      id: url.searchParams.get("ID"),
      headers: request.headers,
      body,
    };
    this.requests.push(seen);
    const number = (this.#counts.get(seen.wish) ?? 0) + 1;
    this.#counts.set(seen.wish, number);
    const fault = this.fault(seen, number);
    if (fault !== undefined) this.#fail(fault, seen, response);
    else this.#answer(seen, response);
  }

  #fail(fault: Fault, seen: Seen, response: ServerResponse): void {
    const state = this.state ?? "";
    switch (fault) {
      case "hang":
        return;
      case "reset":
        response.destroy();
        return;
      case "done and 500":
        this.#answer(seen, response, 500);
        return;
      case "500":
        send(response, 500, "500 Internal Server Error");
        return;
      case "401":
      case "403":
        send(response, Number(fault), `{"message":"${fault}"}`);
        return;
      case "html":
        send(response, 200, "<html><body>Sign in</body></html>", "text/html");
        return;
      case "truncated":
        send(response, 200, state.slice(0, state.length / 2) || '{"for');
        return;
      case "broken off":
        response.writeHead(200, { "content-length": state.length + 100 });
        response.write(state, () => response.destroy());
        return;
      case "another lab":
        send(response, 200, state.replace(/"lineage": "[^"]*"/, '"lineage": "11111111-2222-3333-4444-555555555555"'));
        return;
      case "old":
        if (this.#before === undefined) send(response, 404, "");
        else send(response, 200, this.#before);
        return;
      case "nothing":
        send(response, 404, "");
        return;
      case "lie":
        send(response, 200, "");
        return;
      case "conflict":
        send(response, 409, "");
    }
  }

  #answer(seen: Seen, response: ServerResponse, status?: number): void {
    if (this.user) {
      const wanted = `Basic ${Buffer.from(`${this.user.name}:${this.user.password}`).toString("base64")}`;
      if (seen.headers.authorization !== wanted) {
        send(response, 401, '{"message":"401 Unauthorized"}');
        return;
      }
    }
    const [code, text] = this.#do(seen);
    send(response, status ?? code, status === undefined ? text : "");
  }

  #do({ wish, id, body }: Seen): readonly [number, string] {
    switch (wish) {
      case "read":
        return this.state === undefined ? [404, '{"message":"404 Not found"}'] : [200, this.state];
      case "write": {
        if ((this.lock?.ID ?? null) !== id) return [409, ""];
        const { serial } = JSON.parse(body) as { readonly serial: number };
        if (this.serials.has(serial)) return [422, '{"message":"Version has already been taken"}'];
        this.serials.add(serial);
        this.#before = this.state;
        this.state = body;
        return [200, ""];
      }
      case "lock": {
        const info = JSON.parse(body) as { readonly [name: string]: string };
        if (LOCK_FIELDS.some((name) => typeof info[name] !== "string")) return [400, '{"error":"a field is missing"}'];
        if (this.lock) return [this.generous ? 423 : 409, this.#told(info)];
        this.lock = { ID: info.ID ?? "", info };
        return [200, this.#told(info)];
      }
      case "unlock": {
        const given = body === "" ? undefined : (JSON.parse(body) as { readonly ID?: string }).ID;
        if (given !== undefined && given !== this.lock?.ID) return [409, ""];
        this.lock = undefined;
        return [200, ""];
      }
    }
  }

  /** GitLab tells of the holder its ID, owner and time, and repeats what it was asked for the rest. */
  #told(asked: { readonly [name: string]: string }): string {
    if (this.generous) return JSON.stringify(this.lock?.info);
    const { ID, Created } = this.lock?.info ?? {};
    return JSON.stringify({ ...asked, ID, Who: "alice", Created });
  }
}

function wishOf(method: string, path: string): Wish {
  if (method === "LOCK" || (path.endsWith("/lock") && method === "POST")) return "lock";
  if (method === "UNLOCK" || (path.endsWith("/lock") && method === "DELETE")) return "unlock";
  return method === "GET" ? "read" : "write";
}

function send(response: ServerResponse, status: number, body: string, type = "application/json"): void {
  response.writeHead(status, { "content-type": type });
  response.end(body);
}
