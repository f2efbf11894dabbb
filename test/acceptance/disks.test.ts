import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bootableDisk } from "../support/bootable.ts";
import { goldenBeside } from "../support/golden.ts";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";
import { TelnetClient } from "../support/telnet.ts";

const MIB = 1024 * 1024;

const golden = goldenBeside(import.meta.url);

async function applied(lab: TestLab): Promise<string> {
  const { exitCode, stdout, stderr } = await lab.run(["apply", "-auto-approve"]);
  expect(exitCode, stdout + stderr).toBe(0);
  return stdout;
}

/** What each disk is called in a Linux guest, in the order in which its drivers are loaded. */
const DISKS = { virtio: "vda", ide: "sda", sata: "sdb", scsi: "sdc", nvme: "nvme0n1" };

/** What a guest's files go through; each test begins where the one before ended. */
describe("what a guest wrote", () => {
  let lab: TestLab;
  let before: string;
  const settings = { ram: 128, image: "base.raw", virtio: "8M" };
  const file = () => {
    const { kernel, initrdWithDisks } = guest();
    const disks = Object.keys(DISKS).map(
      (name) => `  disk "${name}" {
    image     = "${settings.image}"
    interface = "${name}"
${name === "virtio" ? `    size      = "${settings.virtio}"\n` : ""}  }\n`,
    );
    return `lab "disks" {}
node "r1" {
  ram                 = ${settings.ram}
  adapters            = 0
  kernel_image        = "${kernel}"
  initrd              = "${initrdWithDisks}"
  kernel_command_line = "console=ttyS0 quiet"
${disks.join("")}
  ready {
    console = "ready"
  }
}
`;
  };
  const change = (changes: Partial<typeof settings>) => {
    Object.assign(settings, changes);
    lab.write("disks.lab.hcl", file());
  };
  const onGuest = async (line: string) => {
    const { console: front } = lab.instance("node.r1").attributes;
    const telnet = await TelnetClient.connect(front.host, front.port);
    try {
      return await telnet.command(line);
    } finally {
      telnet.close();
    }
  };
  const digest = () =>
    createHash("sha256")
      .update(readFileSync(lab.path(settings.image)))
      .digest("hex");
  /** As users see it, but for where the lab is, where its path breaks a line, and what its image is. */
  const expectPlanned = async (name: string) => {
    const { exitCode, stdout, stderr } = await lab.run(["plan"]);
    expect(exitCode, stderr).toBe(0);
    const text = `${stdout}${stderr}`.replaceAll(lab.directory, "LAB").replaceAll(/\n +# {2,}/g, " ");
    golden(`${name}.txt`, text.replaceAll(/[0-9a-f]{64}/g, "DIGEST"));
  };
  /** Each disk's file system and file, made in the guest. */
  const written = `for d in ${Object.values(DISKS).join(" ")}; do mkdir -p /m/$d && mke2fs -F /dev/$d >/dev/null && mount -t ext2 /dev/$d /m/$d && echo kept-$d > /m/$d/file && umount /m/$d; done; sync`;
  const shown = `for d in ${Object.values(DISKS).join(" ")}; do mkdir -p /m/$d; mount -t ext2 /dev/$d /m/$d && cat /m/$d/file; umount /m/$d; done`;
  const expectKept = async () => {
    const text = await onGuest(shown);
    for (const disk of Object.values(DISKS)) expect(text).toContain(`kept-${disk}`);
    expect(digest()).toBe(before);
  };

  beforeAll(async () => {
    lab = new TestLab();
    writeFileSync(lab.path("base.raw"), randomBytes(4 * MIB));
    before = digest();
    change({});
    await applied(lab);
  });
  afterAll(() => lab.close());

  it("goes to overlays on every interface, and the image stays as it was", async () => {
    await onGuest(written);
    await expectKept();
  });

  it("stays while a disk grows under the running guest, which sees it", async () => {
    const { pid } = lab.instance("node.r1").attributes;
    change({ virtio: "16M" });
    await expectPlanned("disk-grows");
    await applied(lab);
    expect(lab.instance("node.r1").attributes.pid).toBe(pid);
    expect(await onGuest("cat /sys/block/vda/size")).toContain(String((16 * MIB) / 512));
    await expectKept();
  });

  it("outlives a stop and a start", async () => {
    for (const command of ["stop", "start"]) {
      const { exitCode, stderr } = await lab.run([command, "r1"]);
      expect(exitCode, stderr).toBe(0);
    }
    await expectKept();
  });

  it("outlives a restart with other memory and with the image elsewhere, to which the overlays are rebased", async () => {
    mkdirSync(lab.path("images"));
    renameSync(lab.path("base.raw"), lab.path("images/moved.raw"));
    change({ ram: 136, image: "images/moved.raw" });
    await expectPlanned("image-moves");
    await applied(lab);
    await expectKept();
    expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(0);
  });

  it("goes with its disk, as the plan says", async () => {
    lab.write("disks.lab.hcl", file().replace(/ {2}disk "sata" \{[^]*?\n {2}\}\n/, ""));
    await expectPlanned("disk-goes");
    change({});
  });

  it("is lost with an image of another content, as the plan said", async () => {
    writeFileSync(lab.path(settings.image), randomBytes(4 * MIB));
    before = digest();
    await expectPlanned("image-changes");
    await applied(lab);
    expect(await onGuest(shown)).not.toContain("kept-");
    expect(digest()).toBe(before);
    expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(0);
  });
});

describe("an image that takes long to read", () => {
  let lab: TestLab;
  afterAll(() => lab.close());

  it("is read no further once the user interrupts the planning of an apply", async () => {
    lab = new TestLab({
      "large.lab.hcl": `lab "large" {}
node "r1" {
  disk "hda" {
    image  = "large.raw"
    sha256 = "${"0".repeat(64)}"
  }
}
`,
    });
    const image = lab.path("large.raw");
    writeFileSync(image, "");
    truncateSync(image, 256 * 1024 ** 3);
    const { pid, kill, result } = lab.start(["apply", "-auto-approve"]);
    const isRead = () => {
      const open = readdirSync(`/proc/${pid}/fd`).map((name) => `/proc/${pid}/fd/${name}`);
      return open.some((link) => existsSync(link) && readlinkSync(link) === image);
    };
    await expect.poll(isRead, { timeout: 60_000, interval: 50 }).toBe(true);
    kill("SIGINT");
    const { exitCode, stderr } = await result;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/Reading image \S+large.raw was interrupted/);
    expect(lab.processes()).toEqual([]);
  });
});

describe("the firmware", () => {
  let lab: TestLab;
  afterAll(() => lab.close());

  it("boots from the first disk on every interface, though another one holds a system too", async () => {
    const nodes = [...Object.keys(DISKS), "usb", "floppy"].flatMap((name) =>
      ["pc", "q35"].map(
        (machine) => `node "${name}-${machine}" {
  ram     = 16
  machine = "${machine}"
  boot_priority = "ac"
  disk "hda" {
    image     = "first, or not.img"
    interface = "${name}"
  }
  disk "other" {
    image     = "second.img"
    interface = "${name === "ide" ? "virtio" : "ide"}"
  }
  ready {
    console   = "from the first"
    timeout_s = 60
  }
}
`,
      ),
    );
    lab = new TestLab({ "boot.lab.hcl": `lab "boot" {}\n${nodes.join("")}` });
    writeFileSync(lab.path("first, or not.img"), bootableDisk("from the first"));
    writeFileSync(lab.path("second.img"), bootableDisk("from the second"));
    await applied(lab);
  });
});
