import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { TestLab } from "../support/lab.ts";

let lab: TestLab;

afterEach(async () => {
  await lab.close();
});

function labFile(greeting: string): string {
  return `
lab "firmware" {}

variable "password" {
  sensitive = true
  default   = "pass-${greeting}-word"
}

node "r1" {
  ram  = 64
  uefi = true
  tpm  = true

  disk "hda" {
    size = 8
  }

  cloud_init {
    user_data = <<-EOT
      #cloud-config
      bootcmd:
        - echo ${greeting}
    EOT
    meta_data = "password: \${var.password}"
  }

  config_disk {
    files = { "startup.cfg" = "banner ${greeting}" }
  }
}
`;
}

describe("a node with UEFI, a TPM and texts for its guest", () => {
  it("is restarted for other texts, which the plan shows line by line; its disk, variables and TPM stay", async () => {
    lab = new TestLab();
    lab.write("one.lab.hcl", labFile("hello"));
    const first = await lab.run(["apply", "-auto-approve"]);
    expect(first.exitCode, first.stdout + first.stderr).toBe(0);
    const before = lab.instance("node.r1");
    const directory = before.attributes["directory"] as string;
    const kept = ["hda.qcow2", "uefi.vars", "tpm"].map((name) => join(directory, name));
    const inodes = () => kept.map((path) => statSync(path).ino);
    const inodesBefore = inodes();
    const swtpm = () => lab.processes().filter(({ command }) => command.includes("swtpm"));
    expect(swtpm()).toHaveLength(1);

    lab.write("one.lab.hcl", labFile("goodbye"));
    const { stdout: plan } = await lab.run(["plan"]);
    expect(plan).toContain("# node.r1 will be updated (restarts the node");
    expect(plan).toMatch(/- +- echo hello\n.*\+ +- echo goodbye/);
    expect(plan).toContain('"banner hello" -> "banner goodbye"');
    expect(plan).not.toContain("pass-");
    const { stdout } = await lab.run(["apply", "-auto-approve"]);
    expect(stdout).not.toContain("pass-");
    const after = lab.instance("node.r1");
    expect(after.attributes["pid"]).not.toBe(before.attributes["pid"]);
    expect(inodes()).toEqual(inodesBefore);
    const image = join(directory, "cloud_init.img");
    const read = (name: string) => execFileSync("mcopy", ["-n", "-i", image, `::${name}`, "-"], { encoding: "utf8" });
    expect(read("user-data")).toContain("echo goodbye");
    expect(read("meta-data")).toContain("password: pass-goodbye-word");

    process.kill(swtpm()[0]?.pid as number, "SIGKILL");
    const { stdout: missed } = await lab.run(["plan"]);
    expect(missed).toMatch(/swtpm \(pid \d+\) is gone, and with it the node's TPM/);
    expect((await lab.run(["apply", "-auto-approve"])).exitCode).toBe(0);
    expect(swtpm()).toHaveLength(1);

    expect((await lab.run(["destroy", "-auto-approve"])).exitCode).toBe(0);
    expect(lab.processes()).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });
});
