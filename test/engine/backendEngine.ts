import { StateServer } from "../support/stateServer.ts";
import { StateEngine } from "./stateEngine.ts";

const nodes = `
node "a" {
  adapters = 1
  secret   = "hunter2"
}

node "b" {
  adapters = 1
}

link "l" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
}

output "pid" {
  value = node.a.pid
}
`;

/** A lab whose state is kept at a server. */
export class BackendEngine extends StateEngine {
  readonly server: StateServer;

  constructor(server: StateServer) {
    super();
    this.server = server;
    this.declare(server.block());
  }

  /** The lab with that backend block; "" for none. */
  declare(block: string, more = ""): void {
    this.write(`lab "pair" {\n${block}}\n${nodes}${more}`);
  }

  /** Initialised, and applied. */
  static async applied(): Promise<BackendEngine> {
    const engine = new BackendEngine(await StateServer.start());
    await engine.succeed("init");
    await engine.apply();
    return engine;
  }

  async end(): Promise<void> {
    this.close();
    await this.server.close();
  }
}
