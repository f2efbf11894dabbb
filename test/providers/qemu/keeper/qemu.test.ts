import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keeperIn, RawClient, request, runDirectory, someRange, start, until } from "./support.ts";

function startQemu(directory: string) {
  const at = (ending: string) => join(directory, `r1-3f2a9c1d.${ending}`);
  return start(
    "qemu-system-x86_64",
    ...["-nodefaults", "-display", "none", "-S", "-m", "16", "-machine", "accel=tcg"],
    ...["-chardev", `socket,id=console,path=${at("con")},server=on,wait=off,logfile=${at("log")},logappend=on`],
    ...["-serial", "chardev:console"],
    ...["-monitor", `unix:${at("mon")},server=on,wait=off`, "-qmp", `unix:${at("evt")},server=on,wait=off`],
  );
}

test("a real QEMU is fronted across its restarts: monitor shared, events and its end written down", async () => {
  const directory = await runDirectory();
  const { client } = await keeperIn(directory);
  const node = "r1-3f2a9c1d";
  const range = someRange();
  const place = { host: "127.0.0.1", port: null, range };
  const served = await client.serve(
    request(node, { address: "node.r1", console: { type: "telnet", ...place }, monitor: place }),
  );
  const connected = async () => (await client.list()).nodes[0]?.connected === true;
  const events = async () => {
    const text = await readFile(join(directory, `${node}.events`), "utf8").catch(() => "");
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { event: string; data: unknown });
  };

  const [one, two] = [
    await RawClient.of(served.monitor?.port as number),
    await RawClient.of(served.monitor?.port as number),
  ];
  const viewer = await RawClient.of(served.console?.port as number);
  await viewer.hears("console of node.r1: the node is off");

  const first = startQemu(directory);
  await Promise.all([one.hears("(qemu) "), two.hears("(qemu) "), viewer.hears("the node runs")]);
  one.socket.write("info status\r\n");
  await Promise.all([one.hears("VM status: paused (prelaunch)"), two.hears("VM status: paused (prelaunch)")]);
  await until("QMP is connected", connected);
  two.socket.write("quit\r\n");
  await once(first, "exit");
  expect(await until("a last word", async () => (await events())[0])).toMatchObject({
    event: "SHUTDOWN",
    data: { guest: false, reason: "host-qmp-quit" },
  });
  await one.hears("monitor of node.r1: the node is off");

  const second = startQemu(directory);
  await until("the console is back", () => viewer.text.split("the node runs").length === 3);
  await until("QMP is back", connected);
  second.kill("SIGKILL");
  await until("the end is noted", async () => (await events()).at(-1)?.event === "ended");
});
