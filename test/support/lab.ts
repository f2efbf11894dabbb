import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { notDone, planAgain } from "./planAgain.ts";

export interface Result {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly environment?: { readonly [name: string]: string };
  readonly program?: string;
  readonly timeoutMs?: number;
  /** Where it is started, instead of the lab's directory. */
  readonly from?: string;
  /** A network namespace to run in, which only root can choose. */
  readonly namespace?: string | undefined;
  /** Another account to run as, which only root can choose. */
  readonly uid?: number;
  /** After this apply there is something to do again, by the lab's nature or what the test does meanwhile. */
  readonly isNeverDone?: boolean;
}

/** A lab directory of its own with a registry of its own, and the labform that users run. */
export class TestLab {
  readonly directory: string;
  readonly stateHome: string;

  constructor(files: { readonly [name: string]: string } = {}) {
    this.directory = mkdtempSync(join(tmpdir(), "labform-lab-"));
    this.stateHome = mkdtempSync(join(tmpdir(), "labform-home-"));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.directory, name), "utf8");
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  environment(): NodeJS.ProcessEnv {
    return { ...process.env, XDG_STATE_HOME: this.stateHome, NO_COLOR: "1" };
  }

  start(
    args: readonly string[],
    options: RunOptions = {},
  ): { readonly pid: number; readonly kill: (signal: NodeJS.Signals) => void; readonly result: Promise<Result> } {
    const program = options.program ?? resolve("dist/labform.js");
    const namespace = options.namespace === undefined ? [] : ["ip", "netns", "exec", options.namespace];
    const [command = "", ...words] = [...namespace, process.execPath, program, ...args];
    const child = spawn(command, words, {
      cwd: options.from ?? this.directory,
      env: { ...this.environment(), ...options.environment },
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 120_000);
    const result = new Promise<Result>((done) => {
      child.on("close", (exitCode, signal) => {
        clearTimeout(timer);
        done({ exitCode, signal, stdout, stderr });
      });
    });
    return { pid: child.pid ?? 0, kill: (signal) => void child.kill(signal), result };
  }

  /** One command; after an apply of the whole lab, which must leave nothing to do, the plan that says so. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const result = await this.start(args, options).result;
    const again = result.exitCode === 0 && !options.isNeverDone ? planAgain(args) : undefined;
    if (!again) return result;
    const plan = await this.start(again, options).result;
    if (plan.exitCode !== 0) throw notDone(plan);
    return result;
  }

  /** The checkpoint as a plain document. */
  state(): {
    readonly serial: number;
    readonly lineage: string;
    readonly registry: string;
    readonly instances: readonly RecordedInstance[];
  } {
    return JSON.parse(this.read(".labform/default/state.json"));
  }

  instance(address: string): RecordedInstance {
    const found = this.state().instances.find((one) => one.address === address);
    if (!found) throw new Error(`${address} is not in the state`);
    return found;
  }

  /** Every process that works in this lab's run directory: QEMU, bridge, keeper. */
  processes(): readonly { readonly pid: number; readonly command: string }[] {
    const found: { pid: number; command: string }[] = [];
    for (const name of readdirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        if (!readlinkSync(`/proc/${name}/cwd`).startsWith(this.stateHome)) continue;
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
        if (command[0] !== "") found.push({ pid: Number(name), command: command.join(" ").trim() });
      } catch {
        // gone meanwhile, or another account's
      }
    }
    return found;
  }

  /** Destroys what is there and removes the directories; throws when something was left behind. */
  async close(): Promise<void> {
    const result = await this.run(["destroy", "-auto-approve"]);
    const left = this.processes();
    for (const one of left) {
      try {
        process.kill(one.pid, "SIGKILL");
      } catch {
        // gone meanwhile
      }
    }
    rmSync(this.directory, { recursive: true, force: true });
    rmSync(this.stateHome, { recursive: true, force: true });
    if (left.length > 0) {
      throw new Error(`left running: ${left.map((one) => one.command).join("; ")}\n${result.stdout}${result.stderr}`);
    }
  }
}

export interface RecordedInstance {
  readonly address: string;
  readonly status: string;
  readonly id: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a document is looked into by tests
  readonly attributes: { readonly [name: string]: any };
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  readonly private: { readonly [name: string]: any };
}
