import { execFileSync, spawn, spawnSync } from "node:child_process";
import process from "node:process";

/** Why this account can make no network namespaces here; undefined where it can. */
export const whyNoNamespaces: string | undefined = (() => {
  if (spawnSync("ip", ["-V"]).error) return "ip (iproute2) is not installed";
  const name = `labform-try-${process.pid}`;
  const { status, stderr } = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
  if (status !== 0) return `no network namespace can be made here: ${stderr.trim()}`;
  spawnSync("ip", ["netns", "delete", name]);
  return undefined;
})();

let made = 0;

/** Names that no other test has; an interface's may have 15 letters. */
function fresh(prefix: string): string {
  return `${prefix}${(process.pid % 100_000).toString(36)}${(made++).toString(36)}`;
}

/** A network namespace of its own: another host, as far as frames are concerned. */
export class Namespace {
  readonly name = fresh("lf");

  constructor() {
    ip("netns", "add", this.name);
    this.ip("link", "set", "lo", "up");
  }

  ip(...args: readonly string[]): string {
    return ip("-n", this.name, ...args);
  }

  /** What runs a program in it. */
  command(program: string, ...args: readonly string[]): readonly [string, readonly string[]] {
    return ["ip", ["netns", "exec", this.name, program, ...args]];
  }

  run(program: string, ...args: readonly string[]): string {
    const [command, words] = this.command(program, ...args);
    return execFileSync(command, words, { encoding: "utf8", timeout: 20_000 });
  }

  /** Runs until it is ended. */
  start(program: string, ...args: readonly string[]): { readonly pid: number; end(): void } {
    const [command, words] = this.command(program, ...args);
    const child = spawn(command, words, { stdio: "ignore" });
    return { pid: child.pid ?? 0, end: () => void child.kill("SIGKILL") };
  }

  /** With all that is in it. */
  close(): void {
    spawnSync("ip", ["netns", "delete", this.name]);
  }
}

/** A cable between two namespaces, or with null this one; both ends are up and have the addresses. */
export function cable(
  one: Namespace | null,
  other: Namespace,
  addresses: { readonly one?: string; readonly other?: string } = {},
): { readonly one: string; readonly other: string } {
  const names = { one: fresh("v"), other: fresh("w") };
  const side = (space: Namespace | null) => (space ? ["netns", space.name] : []);
  ip("link", "add", names.one, ...side(one), "type", "veth", "peer", "name", names.other, ...side(other));
  for (const [space, name, address] of [
    [one, names.one, addresses.one],
    [other, names.other, addresses.other],
  ] as const) {
    const at = space ? ["-n", space.name] : [];
    if (address) ip(...at, "address", "add", address, "dev", name);
    ip(...at, "link", "set", name, "up");
  }
  return names;
}

export function deviceName(): string {
  return fresh("t");
}

export function ip(...args: readonly string[]): string {
  return execFileSync("ip", args, { encoding: "utf8", stdio: "pipe", timeout: 20_000 });
}

export function installed(program: string): boolean {
  return spawnSync(program, ["-V"]).error === undefined;
}
