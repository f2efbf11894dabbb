import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

/** util-linux's `script` gives a program a terminal of its own, and passes on what it shows. */
const hasScript = spawnSync("script", ["--version"]).status === 0;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "console-"));
  const program = `
    import { attach } from ${JSON.stringify(resolve("src/cli/console/attach.ts"))};
    const options = { host: "127.0.0.1", port: Number(process.argv[2]), name: "node.r1's console" };
    attach({ ...options, input: process.stdin, output: process.stdout }).then(
      (result) => console.log("RESULT " + result),
      (error) => console.log("ERROR " + error.message),
    );`;
  await writeFile(join(directory, "program.ts"), program);
  await build({
    entryPoints: [join(directory, "program.ts")],
    outfile: join(directory, "program.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "warning",
  });
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Runs the program on a terminal, with the terminal's settings before and after shown around it. */
async function onTerminal(whenAttached: (pid: number, type: (keys: string) => void) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("login: ");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  const command = `stty -g; ${process.execPath} ${join(directory, "program.mjs")} ${port} & echo PID=$!; wait $!; echo STATUS=$?; stty -g`;
  // A program in the background may not read the terminal, so job control stays off and its input is named.
  const script = spawn("script", ["-qfec", command.replace(" &", " < /dev/tty &"), "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, SHELL: "/bin/sh" },
  });
  let shown = "";
  let attached = false;
  script.stdout.on("data", (chunk: Buffer) => {
    shown += chunk;
    if (attached || !shown.includes("login: ")) return;
    attached = true;
    whenAttached(Number(/PID=(\d+)/.exec(shown)?.[1]), (keys) => void script.stdin.write(keys));
  });
  const timer = setTimeout(() => script.kill("SIGKILL"), 15_000);
  await once(script, "close");
  clearTimeout(timer);
  server.close();
  return shown;
}

function settings(shown: string): string[] {
  return shown.match(/[0-9a-f]+(:[0-9a-f]+){10,}/g) ?? [];
}

test.runIf(hasScript)("on a real terminal Ctrl-] leaves, and its settings are as before", async () => {
  const shown = await onTerminal((_, type) => type("\x1d"));
  expect(shown).toContain("Connected to node.r1's console. Ctrl-] leaves.");
  expect(shown).toContain("RESULT left");
  const [before, after] = settings(shown);
  expect(before).toBeDefined();
  expect(after).toBe(before);
});

test.runIf(hasScript)("SIGTERM still ends the program, and the terminal's settings are as before", async () => {
  const shown = await onTerminal((pid) => process.kill(pid, "SIGTERM"));
  expect(shown).toContain("STATUS=143");
  expect(shown).toContain("\x1b[?25h");
  const [before, after] = settings(shown);
  expect(before).toBeDefined();
  expect(after).toBe(before);
});
