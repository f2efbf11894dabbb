import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ModuleEngine } from "./moduleEngine.ts";

/** A lab whose plans are read as `action | address | causes`, a line a change. */
export class LifecycleEngine extends ModuleEngine {
  lab(blocks: string): void {
    this.write(`lab "life" {}\n\n${blocks}`);
  }

  async succeeded(...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(...args);
    if (exitCode !== 0) throw new Error(`labform ${args.join(" ")} ended with ${exitCode}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** Services are left out. */
  async changes(...args: readonly string[]): Promise<readonly string[]> {
    return (await this.succeeded("plan", "-json", ...args))
      .split("\n")
      .filter((line) => line.includes('"planned_change"'))
      .map((line) => {
        const { change } = JSON.parse(line) as {
          change: { resource: { addr: string }; labform_action: string; causes: readonly { summary: string }[] };
        };
        return [change.labform_action, change.resource.addr, ...change.causes.map((one) => one.summary)].join(" | ");
      })
      .filter((line) => !line.includes("service."));
  }

  /** What a command is refused with, on one line. */
  async refusal(...args: readonly string[]): Promise<string> {
    return (await this.refused(...args)).replaceAll(/[\s│]+/g, " ");
  }

  /** What is recorded of an instance. */
  recorded(address: string): {
    readonly attributes: { readonly [name: string]: unknown };
    readonly preventDestroy?: true;
    readonly schemaVersion: number;
    readonly status: string;
  } {
    const text = readFileSync(join(this.directory, ".labform", "default", "state.json"), "utf8");
    const { instances } = JSON.parse(text) as { instances: readonly { readonly address: string }[] };
    const found = instances.find((one) => one.address === address);
    if (!found) throw new Error(`${address} is not recorded`);
    return found as unknown as ReturnType<LifecycleEngine["recorded"]>;
  }

  addresses(): readonly string[] {
    return [...this.world.nodes.values()].map(({ address }) => address).sort();
  }
}
