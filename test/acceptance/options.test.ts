import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestLab } from "../support/lab.ts";

let lab: TestLab;
beforeAll(() => {
  lab = new TestLab();
});
afterAll(async () => await lab.close());

/** A lab of one node that needs no guest. */
function write(body: string, about = ""): void {
  lab.write("a.lab.hcl", `lab "options" {\n${about}\n}\nnode "r1" {\n  ram = 16\n${body}\n}\n`);
}

async function refused(command: "plan" | "validate", ...args: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await lab.run([command, ...args]);
  expect(exitCode).toBe(1);
  return stderr.replaceAll(/\s+/g, " ");
}

describe("what GNS3's users may write", () => {
  it("is refused with what to write today", async () => {
    const names = ["legacy_networking = true", 'qemu_path = "qemu"', "maxcpus = 2", 'hda_disk_image = "a.qcow2"'];
    write(names.map((one) => `  ${one}`).join("\n"));
    const text = await refused("validate");
    expect(text).toContain('"legacy_networking" cannot be used in node "r1"');
    expect(text).toContain("QEMU no longer has vlan=");
    expect(text).toContain("It is called qemu_binary here.");
    expect(text).toContain("It is called max_cpus here.");
    expect(text).toContain('disk "hda" { image = "…" }');
    expect(text).toContain("a.lab.hcl:6:3");
  });

  it("is a platform that QEMU no longer emulates", async () => {
    write('  platform = "or32"');
    expect(await refused("validate")).toMatch(/"platform" cannot be "or32".* it is called "or1k"/);
    write('  platform = "lm32"');
    expect(await refused("validate")).toContain("QEMU has not emulated it since 6.0.");
  });
});

describe("options that reach the host's files", () => {
  const drive = '  options = "-drive if=none,id=x,driver=null-co"';

  it("are refused at the node, unless the lab block allows them", async () => {
    write(drive);
    const text = await refused("plan");
    expect(text).toContain("options has -drive if=none,id=x,driver=null-co, which reaches files");
    expect(text).toContain("a.lab.hcl:4:1");
    write(drive, '  allow_unsafe_options = var.trusted\n}\nvariable "trusted" {\n  default = false');
    expect(await refused("plan")).toContain("allow_unsafe_options = true in the lab block");
    const { exitCode, stderr } = await lab.run(["plan", "-var=trusted=true", "-refresh=false"]);
    expect(exitCode, stderr).toBe(0);
  });

  it("may stand in a lab whose permission is yet to be given", async () => {
    write(drive, '  allow_unsafe_options = var.trusted\n}\nvariable "trusted" {\n  type = bool');
    const { exitCode, stderr } = await lab.run(["validate"]);
    expect(exitCode, stderr).toBe(0);
  });

  it("are not allowed by what is neither true nor false", async () => {
    write(drive, '  allow_unsafe_options = "perhaps"');
    expect(await refused("plan")).toContain("allow_unsafe_options must be true or false");
  });

  it("are kept in a saved plan with the lab's permission", async () => {
    write(drive, "  allow_unsafe_options = true");
    expect((await lab.run(["plan", "-out=saved.plan"])).exitCode).toBe(0);
    const { exitCode, stderr } = await lab.run(["apply", "saved.plan"]);
    expect(exitCode, stderr).toBe(0);
    expect(String(lab.instance("node.r1").attributes["command_line"])).toMatch(/ -drive if=none,id=x,driver=null-co$/);
    expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(0);
  });
});

it("Options written another way are no change, and other options restart the node", async () => {
  const pid = () => lab.instance("node.r1").attributes["pid"];
  const apply = async () => expect((await lab.run(["apply", "-auto-approve"])).exitCode).toBe(0);
  write(`  options = "-rtc 'base=localtime' -no-reboot"`);
  await apply();
  const before = pid();
  write('  options = ["-rtc", "base=localtime", "-no-reboot"]');
  expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(0);
  write('  options = ["-rtc", "base=utc"]');
  expect((await lab.run(["plan"])).stdout).toContain("updated (restarts the node");
  await apply();
  expect(pid()).not.toBe(before);
});
