import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { memoryProvider } from "../../providers/memory/index.ts";
import { World } from "../../providers/memory/world.ts";
import { main } from "../../src/cli/cli.ts";
import type { Context } from "../../src/cli/context.ts";
import type { Host } from "../../src/core/ports.ts";
import type { ProviderFactory } from "../../src/core/provider.ts";
import { createContext } from "../../src/main/start.ts";
import { createPorts } from "../../src/system/index.ts";
import { notDone, planAgain } from "../support/planAgain.ts";

/**
 * The whole of labform in this process, command line, state on disk and all, on things that exist in memory only.
 */
export class Engine {
  readonly world = new World();
  readonly directory = mkdtempSync(join(tmpdir(), "labform-engine-"));

  /** Beside those of this process; may be changed between commands. */
  variables: { readonly [name: string]: string } = {};

  /** Set by a test whose lab is never as its files say, however often it is applied: `timestamp()` in an argument. */
  isNeverDone = false;

  /** What stands for the memory; may be changed between commands. */
  provider = (memory: ProviderFactory): ProviderFactory => memory;

  /** What the host is otherwise than the real one. */
  facts: Partial<Host> = {};

  private readonly link: ProviderFactory | undefined;

  /** `link`: what makes the links, where it is not the memory. */
  constructor(lab?: string, link?: ProviderFactory) {
    this.link = link;
    if (lab !== undefined) this.write(lab);
  }

  write(lab: string): void {
    writeFileSync(join(this.directory, "a.lab.hcl"), lab);
  }

  /** One command; after an apply of the whole lab, which must leave nothing to do, the plan that says so. */
  async run(...args: readonly string[]): ReturnType<Engine["runOnce"]> {
    const result = await this.runOnce(...args);
    const again = result.exitCode === 0 && !this.isNeverDone ? planAgain(args) : undefined;
    if (!again) return result;
    const plan = await this.runOnce(...again);
    if (plan.exitCode !== 0) throw notDone(plan);
    return result;
  }

  private async runOnce(
    ...args: readonly string[]
  ): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
    const memory = this.provider(memoryProvider(this.world));
    const stdout = new Collected();
    const stderr = new Collected();
    const environment = { ...process.env, XDG_STATE_HOME: join(this.directory, ".state"), ...this.variables };
    const real = createPorts();
    const ports = { ...real, host: { ...real.host, environment, ...this.facts } };
    const context: Context = {
      ...createContext("0.1.0", "", { node: memory, link: this.link ?? memory }, ports),
      environment,
      workingDirectory: this.directory,
      stdout: stdout as unknown as NodeJS.WriteStream,
      stderr: stderr as unknown as NodeJS.WriteStream,
    };
    const exitCode = await main(args, context);
    return { exitCode, stdout: stdout.text, stderr: stderr.text };
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

class Collected extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
