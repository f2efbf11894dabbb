// What a careful script would do instead of `labform apply`: the same bridge, the same qemu-img and QEMU command lines,
// ten at a time, each waited for until its QMP greets; guests are held before their first instruction. Read off a state that labform made of the same lab.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";
import { promisify } from "node:util";

const [statePath, run, bridgeProgram] = process.argv.slice(2);
const { default: state } = await import(statePath, { with: { type: "json" } });
mkdirSync(run, { recursive: true });
process.chdir(run);

const connected = (path) =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
const until = async (attempt) => {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
};

const started = [];
const start = (command, args) => {
  const child = spawn(command, args, { stdio: "ignore", detached: true });
  started.push(child);
  return child;
};

start(process.execPath, [bridgeProgram, run, "bridge.sock"]);
const bridge = await until(() => connected("bridge.sock"));
let answers = 0;
let wanted = 0;
let answered = () => {};
bridge.on("data", (chunk) => {
  answers += chunk.toString().match(/^\d+-/gm)?.length ?? 0;
  if (answers >= wanted) answered();
});
for (const link of state.instances.filter((one) => one.kind === "link")) {
  const ends = link.attributes.endpoints.map((end) => end.adapter.replace("/", "."));
  bridge.write(`bridge create ${link.id}\n`);
  for (const end of ends) bridge.write(`bridge add_nio_stream ${link.id} ${end}\n`);
  bridge.write(`bridge start ${link.id}\n`);
  wanted += 4;
}
if (answers < wanted) await new Promise((resolve) => (answered = resolve));

const nodes = state.instances.filter((one) => one.kind === "node");
const startNode = async ({ id, attributes }) => {
  const own = `${run}/${id}`;
  mkdirSync(own);
  const { image, format } = attributes.disk.hda;
  await promisify(execFile)("qemu-img", ["create", "-q", "-f", "qcow2", "-F", format, "-b", image, `${own}/hda.qcow2`]);
  start("sh", ["-c", `exec ${attributes.command_line.replaceAll(attributes.directory, own)}`]);
  const socket = await until(() => {
    if (!existsSync(`${id}.qmp`)) throw new Error("not yet");
    return connected(`${id}.qmp`);
  });
  await new Promise((resolve) => socket.once("data", resolve));
  socket.write('{"execute":"qmp_capabilities"}\n');
  await new Promise((resolve) => socket.once("data", resolve));
  socket.destroy();
};
const queue = [...nodes];
await Promise.all(
  Array.from({ length: 10 }, async () => {
    for (let node = queue.shift(); node; node = queue.shift()) await startNode(node);
  }),
);
process.once("SIGTERM", () => {
  for (const child of started) child.kill("SIGKILL");
  process.exit(0);
});
process.stdout.write("up\n");
setInterval(() => {}, 1000);
