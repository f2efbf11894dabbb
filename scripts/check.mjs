// Everything that can be said of the source without running it: types, lint, format, dead code. All are run and shown,
// whatever the first one says; the exit code is 1 when any found something.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const checks = [
  { name: "types", command: "tsc", arguments: ["--project", "."] },
  { name: "lint", command: "oxlint", arguments: ["--type-aware", "--deny-warnings"] },
  { name: "format", command: "biome", arguments: ["check", "--error-on-warnings"] },
  { name: "dead code", command: "knip", arguments: ["--no-progress"] },
];

function run({ name, command, arguments: list }) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(`${root}/node_modules/.bin/${command}`, list, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    const finish = (passed) => resolve({ name, passed, output, seconds: (performance.now() - started) / 1000 });
    child.on("error", (error) => {
      output += `${command} could not be started: ${error.message}. Run npm ci.\n`;
      finish(false);
    });
    child.on("close", (code) => finish(code === 0));
  });
}

const results = await Promise.all(checks.map(run));
for (const { name, passed, output, seconds } of results) {
  if (!passed) console.log(`\n--- ${name}\n${output.trim()}`);
  console.log(`${passed ? "ok    " : "FAILED"} ${name} (${seconds.toFixed(1)} s)`);
}
process.exitCode = results.every((result) => result.passed) ? 0 : 1;
