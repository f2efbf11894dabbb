import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { guest } from "./guest.ts";
import { type Result, TestLab } from "./lab.ts";
import { TelnetClient } from "./telnet.ts";

export const examples = fileURLToPath(new URL("../../examples/", import.meta.url));

/** Longer than an example takes on a busy machine without KVM. */
const LONGEST_MS = 240_000;

/** A copy of an example's lab in a directory of its own, with the guest that it would find beside it. */
export class Example {
  readonly lab = new TestLab();
  readonly #variables: { readonly [name: string]: string };

  constructor(name: string, variables: { readonly [name: string]: string } = {}) {
    const { kernel, initrd } = guest();
    this.#variables = { LABFORM_VAR_kernel: kernel, LABFORM_VAR_initrd: initrd, ...variables };
    for (const file of readdirSync(join(examples, name), { recursive: true, encoding: "utf8" })) {
      if (/\.(?:hcl|qcow2)$/.test(file)) cpSync(join(examples, name, file), this.lab.path(file));
    }
  }

  run(...args: readonly string[]): Promise<Result> {
    return this.lab.run(args, { environment: this.#variables, timeoutMs: LONGEST_MS });
  }

  /** What it printed; throws with all it said when it did not succeed. */
  async do(...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(...args);
    if (exitCode !== 0) throw new Error(`labform ${args.join(" ")} ended with ${exitCode}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** An edit of one place of one of its files. */
  edit(file: string, before: string, after: string): void {
    const [head, tail, ...more] = this.lab.read(file).split(before);
    if (tail === undefined || more.length > 0) throw new Error(`${file} does not have ${before} once`);
    this.lab.write(file, head + after + tail);
  }

  /** What a command typed at a node's console shows. */
  async type(node: string, line: string): Promise<string> {
    const { host, port } = this.lab.instance(node).attributes.console;
    const telnet = await TelnetClient.connect(host, port);
    try {
      return await telnet.command(line);
    } finally {
      telnet.close();
    }
  }

  pid(address: string): number {
    return this.lab.instance(address).attributes.pid;
  }
}
