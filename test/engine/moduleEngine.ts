import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WorldNode } from "../../providers/memory/world.ts";
import { Engine } from "./engine.ts";

/** An engine for a lab of several directories. */
export class ModuleEngine extends Engine {
  /** Lab files by their names from the lab's directory. */
  writeAll(files: { readonly [name: string]: string }): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.directory, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }

  async applied(...args: readonly string[]): Promise<string> {
    return this.#done("apply", "-auto-approve", ...args);
  }

  /** `node.a created`, one for each change but those of services, in the plan's order. */
  async planned(...args: readonly string[]): Promise<readonly string[]> {
    const text = await this.#done("plan", ...args);
    return [...text.matchAll(/^ {2}[#+] (?!service)(\S+) (will|must) be (\w+)/gm)].map(
      ([, address, , action]) => `${address} ${action}`,
    );
  }

  async output(name: string): Promise<unknown> {
    return JSON.parse(await this.#done("output", "-json", name));
  }

  /** What a command that does nothing says. */
  async refused(...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(...args);
    if (exitCode !== 1) throw new Error(`labform ${args.join(" ")} ended with ${exitCode}:\n${stdout}${stderr}`);
    return stderr;
  }

  async #done(...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(...args);
    if (exitCode !== 0) throw new Error(`labform ${args.join(" ")} ended with ${exitCode}:\n${stdout}${stderr}`);
    return stdout;
  }

  node(address: string): WorldNode | undefined {
    return [...this.world.nodes.values()].find((one) => one.address === address);
  }

  pidOf(address: string): number | undefined {
    return this.node(address)?.run?.pid;
  }
}
