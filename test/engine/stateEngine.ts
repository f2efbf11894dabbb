import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Engine } from "./engine.ts";

export const lab = `lab "s" {}

node "a" {
  adapters = 2
  secret   = "hunter2"
}

node "r" {
  for_each = toset(["x", "y"])
}

link "l" {
  endpoints = [node.a.adapter[0], node.r["x"].adapter[0]]
}

output "pid" {
  value = node.a.pid
}
`;

/** A lab whose record is looked at and rewritten. */
export class StateEngine extends Engine {
  constructor() {
    super(lab);
  }

  /** What a command that succeeds prints. */
  async succeed(...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(...args);
    if (exitCode !== 0) throw new Error(`labform ${args.join(" ")} ended with ${exitCode}:\n${stdout}${stderr}`);
    return stdout;
  }

  async document(...args: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.succeed(...args)) as unknown;
  }

  /** What a command is refused with, on one line. */
  async refused(...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(...args);
    if (exitCode !== 1) throw new Error(`labform ${args.join(" ")} ended with ${exitCode}:\n${stdout}${stderr}`);
    return stderr.replaceAll(/\s+/g, " ");
  }

  async apply(): Promise<void> {
    await this.succeed("apply", "-auto-approve");
  }

  async list(): Promise<readonly string[]> {
    return (await this.succeed("state", "list")).trimEnd().split("\n");
  }

  async unchanged(): Promise<void> {
    await this.succeed("plan", "-detailed-exitcode");
  }

  /** What the next plan would do, and why. */
  async planned(): Promise<readonly string[]> {
    const { stdout } = await this.run("plan", "-json");
    return stdout
      .split("\n")
      .filter((line) => line.includes('"planned_change"'))
      .map((line) => {
        const { change } = JSON.parse(line) as {
          change: { resource: { addr: string }; labform_action: string; causes: readonly { summary: string }[] };
        };
        return [change.labform_action, change.resource.addr, ...change.causes.map((one) => one.summary)].join(" | ");
      });
  }

  /** The text of a file of the workspace's. */
  file(name: string): string {
    return readFileSync(join(this.directory, ".labform", "default", name), "utf8");
  }

  recorded(): {
    readonly lineage: string;
    readonly serial: number;
    readonly instances: readonly { readonly address: string; readonly id: string }[];
  } {
    return JSON.parse(this.file("state.json"));
  }
}
