import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { guest } from "../../support/guest.ts";
import { TestLab } from "../../support/lab.ts";

/** All that a node's record had in version 1. */
const NODE =
  "platform qemu_binary machine cpu_model accel cpus ram adapters adapter_type mac_address kernel_image initrd kernel_command_line boot_priority console_type console_port monitor_port on_stop stop_timeout_s power id uuid adapter tunnel console monitor forward console_access directory pid command_line disk adapter_settings ready".split(
    " ",
  );
const DISK = ["image", "interface", "linked_clone", "size", "format", "readonly"];
const READY = ["console", "console_match", "tcp", "timeout_s"];

type Fields = { readonly [name: string]: unknown };

function only(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}

it("a node that an older labform made is as it was, to the plan and to whatever is done to it", async () => {
  const lab = new TestLab();
  const { kernel, initrd } = guest();
  try {
    execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", lab.path("base.qcow2"), "8M"]);
    lab.write(
      "one.lab.hcl",
      `lab "older" {}
node "r1" {
  ram                 = 96
  kernel_image        = "${kernel}"
  initrd              = "${initrd}"
  kernel_command_line = "console=ttyS0 quiet"
  disk "hda" {
    image = "base.qcow2"
  }
  adapter "0" {
    user_network {
      forward "80" {}
    }
  }
  ready {
    console = "ready"
  }
}
`,
    );
    expect((await lab.run(["apply", "-auto-approve"])).exitCode).toBe(0);
    const path = lab.path(".labform/default/state.json");
    const now = lab.instance("node.r1");
    const { attributes } = now;
    const { disk, adapter_settings: settings, ready } = attributes;
    const older = {
      ...only(attributes, NODE),
      disk: { hda: only(disk.hda, DISK) },
      adapter_settings: { 0: only(settings["0"], ["user_network"]) },
      ready: only(ready, READY),
    };
    const state = JSON.parse(readFileSync(path, "utf8"));
    const instances = state.instances.map((one: Fields) =>
      one["address"] === "node.r1" ? { ...one, schemaVersion: 1, attributes: older } : one,
    );
    writeFileSync(path, JSON.stringify({ ...state, instances }));

    const { exitCode, stdout, stderr } = await lab.run(["plan", "-detailed-exitcode"]);
    expect(exitCode, stdout + stderr).toBe(0);
    for (const command of ["stop", "start"]) {
      const result = await lab.run([command, "r1"]);
      expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    }
    expect(lab.instance("node.r1").attributes).toEqual({ ...attributes, pid: expect.any(Number) });
  } finally {
    await lab.close();
  }
});
