// How long 20 MB take from one guest to another over a link of each engine: two labs that run side by side, in turn, so
// that what the host does meanwhile is done to both.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { inPairs } from "./measure.mjs";

const MEGABYTES = 20;
const SERVER = "10.0.0.2";
const kernel = resolve(".cache/guest/vmlinux");
const initrd = resolve(".cache/guest/initrd");

/** scripts/guest.mjs builds it. */
export const hasGuest = () => existsSync(kernel) && existsSync(initrd);

async function writeLab(directory, engine) {
  const node = (name, words) => `node "${name}" {
  ram                 = 128
  adapter_type        = "virtio-net-pci"
  kernel_image        = "${kernel}"
  initrd              = "${initrd}"
  kernel_command_line = "console=ttyS0 quiet labform.name=${name} ${words}"
  ready {
    console   = "ready"
    timeout_s = 180
  }
}
`;
  await mkdir(directory, { recursive: true });
  await writeFile(
    join(directory, "pair.lab.hcl"),
    `lab "${engine}" {}
provider "ubridge" {
  engine = "${engine}"
}
${node("client", "labform.ip=10.0.0.1/24")}${node("server", `labform.ip=${SERVER}/24 labform.httpd`)}
link "core" {
  endpoints = [node.client.adapter[0], node.server.adapter[0]]
}
`,
  );
}

/** A guest's shell, by its console. */
async function shellOf(directory, name, TelnetClient) {
  const state = JSON.parse(await readFile(join(directory, ".labform/default/state.json"), "utf8"));
  const { attributes } = state.instances.find(({ address }) => address === `node.${name}`);
  return TelnetClient.connect(attributes.console.host, attributes.console.port);
}

/** Resolves with seconds, on the client's clock; rejects where not all of it came. */
async function transfer(shell) {
  const uptime = (name) => `read ${name} rest < /proc/uptime`;
  const fetch = `wget -q -O - http://${SERVER}/big | wc -c`;
  const shown = await shell.command(`${uptime("from")}; ${fetch}; ${uptime("to")}; echo "took $from $to."`, 300_000);
  const took = /took ([\d.]+) ([\d.]+)\./.exec(shown);
  if (!took || !shown.includes(`${MEGABYTES * 2 ** 20}`)) throw new Error(`the transfer failed:\n${shown}`);
  return Number(took[2]) - Number(took[1]);
}

/** `run(directory, …words)` is labform; seconds over the built-in bridge and over uBridge. */
export async function compareTransfers(work, run, TelnetClient) {
  const engines = ["builtin", "ubridge"];
  const directories = engines.map((engine) => join(work, `guests-${engine}`));
  try {
    const shells = [];
    for (const [at, directory] of directories.entries()) {
      await writeLab(directory, engines[at]);
      await run(directory, "apply", "-auto-approve");
      const server = await shellOf(directory, "server", TelnetClient);
      await server.command(`dd if=/dev/zero of=/srv/big bs=1M count=${MEGABYTES}`);
      server.close();
      shells.push(await shellOf(directory, "client", TelnetClient));
    }
    const [builtin, ubridge] = shells;
    const measured = await inPairs(
      5,
      () => transfer(builtin),
      () => transfer(ubridge),
    );
    for (const shell of shells) shell.close();
    return measured;
  } finally {
    for (const directory of directories) await run(directory, "destroy", "-auto-approve").catch(() => {});
  }
}
