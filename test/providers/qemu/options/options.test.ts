import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planOptions } from "../../../../providers/qemu/options/check.ts";
import { hasOption, parseOptions } from "../../../../providers/qemu/options/parse.ts";
import { substituted } from "../../../../providers/qemu/options/substitute.ts";
import type { Planned } from "../../../../src/core/values.ts";
import { UNKNOWN } from "../../../../src/core/values.ts";

const AROUND = { address: "node.r1", uuid: "3f2a9c1d-5b7e-8809-9a2b-3c4d5e6f7081", lab: "/labs/a" };

function words(given: Planned): Planned {
  const { planned, diagnostics } = planOptions({ given, sensitive: [], allowed: false, surroundings: AROUND });
  expect(diagnostics).toEqual([]);
  return planned;
}

function refusals(given: Planned, allowed = false, surroundings = AROUND): readonly string[] {
  const { diagnostics } = planOptions({ given, sensitive: [], allowed, surroundings });
  return diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`);
}

describe("options as a text", () => {
  it("are split as a shell splits them", () => {
    const cases: { readonly [text: string]: readonly string[] } = {
      "": [],
      "  -no-acpi\t-rtc  base=localtime\n": ["-no-acpi", "-rtc", "base=localtime"],
      "-smbios 'type=1,product=A \"B\" C'": ["-smbios", 'type=1,product=A "B" C'],
      '-smbios "type=1,product=it\'s \\"x\\" \\$5 \\n"': ["-smbios", 'type=1,product=it\'s "x" $5 \\n'],
      "-prom-env a\\ b'c d'\"e f\"": ["-prom-env", "a bc de f"],
      "-prom-env ''": ["-prom-env", ""],
      "-no-acpi \\\n -usb": ["-no-acpi", "-usb"],
      "-prom-env $HOME*;#x": ["-prom-env", "$HOME*;#x"],
    };
    for (const [text, expected] of Object.entries(cases)) expect(words(text)).toEqual(expected);
  });

  it("name the text in which a quote is not closed", () => {
    const [single] = refusals("-smbios 'type=1 -usb");
    expect(single).toContain("options cannot be split into words: -smbios 'type=1 -usb");
    expect(single).toContain('the quote before "type=1 -usb" is not closed');
    expect(refusals('-smbios "type=1\\"')[0]).toContain("is not closed");
    expect(refusals("-usb \\")[0]).toContain("it ends in a backslash");
  });

  it("are the same as the list of their words", () => {
    expect(words("-rtc 'base=localtime'")).toEqual(words(["-rtc", "base=localtime"]));
  });
});

describe("options as a list", () => {
  it("are words as they are, numbers too", () => {
    expect(words(["-g", 640, "-prom-env", "a b'c"])).toEqual(["-g", "640", "-prom-env", "a b'c"]);
    expect(words(null)).toEqual([]);
  });

  it("are unknown while one word is", () => {
    expect(words(UNKNOWN)).toBe(UNKNOWN);
    expect(words(["-uuid", UNKNOWN])).toBe(UNKNOWN);
  });

  it("hold nothing but texts", () => {
    expect(refusals(["-usb", null])[0]).toContain("options[1] is no text");
    expect(refusals([["-usb"]])[0]).toContain("options[0] is no text");
    expect(refusals({ "-usb": "" })[0]).toContain("It takes a list of texts");
    expect(refusals(["-prom-env", "a\0b"])[0]).toContain("zero character");
  });
});

describe("an option", () => {
  it("that only changes the machine is taken", () => {
    words([
      ...["-device", "virtio-rng-pci,rng=rng0", "-object", "rng-random,filename=/dev/urandom,id=rng0"],
      ...["-device", "usb-tablet", "-usb", "-machine", "vmport=off,usb=on", "-smp", "sockets=1,cores=2"],
      ...["-global", "PIIX4_PM.disable_s3=1", "-boot", "menu=on", "-smbios", "type=1,serial=a/b,,c"],
      ...["-fw_cfg", "opt/org.example/x,string=a", "-chardev", "ringbuf,id=r", "-icount", "shift=auto"],
      ...["-vga", "none", "-display", "none", "-nographic", "-net", "none", "-audiodev", "none,id=a"],
      ...["-object", "memory-backend-ram,id=m,size=64M", "-k", "en-us", "-usbdevice", "tablet"],
      ...["-uuid", "3f2a9c1d-5b7e-8809-9a2b-3c4d5e6f7081", "--rtc", "base=utc", "-serial", "null"],
    ]);
  });

  it("that labform has an argument for names it, allowed or not", () => {
    const cases: { readonly [text: string]: string } = {
      "-m 512": "Use ram.",
      "-smp 2": "Use cpus.",
      "-smp cores=2,maxcpus=4": "Use max_cpus.",
      "-cpu host": "Use cpu_model.",
      "-machine q35": "Use machine.",
      "-M type=q35": "Use machine.",
      "-machine accel=tcg": "Use accel",
      "-enable-kvm": "Use accel",
      "-no-kvm": "Use accel",
      "-accel tcg": "Use accel",
      "-boot d": "Use boot_priority.",
      "--append x": "Use kernel_command_line.",
      "-vnc :1": "Use console_type.",
      "-display sdl": "Use console_type.",
      "-vga cirrus": "-vga none -device cirrus-vga",
      "-name x": "The name is the node's address.",
      "-snapshot": "linked_clone",
      "-net nic,vlan=0": "Use adapters",
    };
    for (const [text, use] of Object.entries(cases)) {
      for (const allowed of [false, true]) expect(refusals(text, allowed).join()).toContain(use);
    }
  });

  it("that labform needs for itself is refused, allowed or not", () => {
    for (const text of [
      ...["-qmp stdio", "-qmp-pretty stdio", "-monitor stdio", "-mon x", "-S", "-daemonize", "-pidfile /tmp/x"],
      ...["-sandbox off", "-runas nobody", "-chroot /", "-readconfig /tmp/x", "-writeconfig x", "-incoming defer"],
      ...["-loadvm x", "-no-shutdown", "-action shutdown=pause", "-set device.nic0.mac=x", "-run-with chroot=/"],
      ...["-help", "--version", "-device help", "-device e1000,help", "-machine ?"],
    ]) {
      expect(refusals(text, true), text).toHaveLength(1);
      expect(refusals(text), text).toHaveLength(1);
    }
  });

  it("that reaches the host is refused, with either dash, unless the lab allows it", () => {
    for (const text of [
      ...["-blockdev x", "-drive file=/etc/passwd", "-hda x", "-hdb x", "-hdc x", "-hdd x", "-fsdev x", "-virtfs x"],
      ...["-nic user", "-netdev user,id=x", "-net user", "-cdrom x", "-fda x", "-sd x", "-mtdblock x", "-pflash x"],
      ...["-bios x", "-kernel x", "-initrd x", "-dtb x", "-option-rom x", "-acpitable file=x", "-L x", "-D x"],
      ...["-fw_cfg name=opt/x,file=x", "-smbios file=x", "-smbios type=11,path=x", "-mem-path /dev/shm"],
      ...["-chardev socket,id=c,path=x", "-chardev file,id=c,path=x", "-chardev ringbuf,id=c,logfile=x"],
      ...["-chardev backend=pty,id=c", "-serial pty", "-serial tcp::1234", "-parallel /dev/lp0", "-debugcon stdio"],
      ...["-device loader,file=x", "-device e1000,romfile=x", "-device driver=usb-mtp,rootdir=x", "-device vfio-pci"],
      ...["-device usb-host", "-device vhost-vsock-pci,guest-cid=3", "-device virtio-gpu-pci,x=/dev/dri/a"],
      ...["-device virtio-gpu-pci,x=%project-path%/a", `-device '{"driver":"loader","file":"x"}'`],
      ...["-global e1000.romfile=x", "-global driver=e1000,property=romfile,value=x"],
      ...["-object memory-backend-file,id=m,mem-path=x", "-object secret,id=s,file=x", "-object input-linux,id=i"],
      ...["-object filter-dump,id=f,netdev=n0,file=x", `-object '{"qom-type":"secret"}'`],
      ...[
        "-boot splash=x",
        "-machine dumpdtb=x",
        "-machine firmware=x",
        "-machine x=/a",
        "-icount shift=1,rr=record,rrfile=x",
      ],
      ...["-gdb tcp::1234", "-s", "-semihosting", "-semihosting-config x", "-plugin x", "-trace file=x"],
      ...["-tpmdev passthrough,id=t", "-audiodev alsa,id=a", "-audiodev none,id=a,path=/x", "-usbdevice disk:x"],
    ]) {
      for (const written of [text, text.replace(/^-/, "--")]) {
        const [refusal, ...others] = refusals(written);
        expect(refusal, text).toContain("reaches files, devices or networks of the host");
        expect(refusal, text).toContain("allow_unsafe_options = true in the lab block");
        expect(others, text).toEqual([]);
      }
      expect(refusals(text, true), text).toEqual([]);
    }
  });

  it("that says its kind more than once, first, by its key or past a comma in a key, is refused", () => {
    for (const [text, key] of [
      ["-chardev null,id=x,backend=file,path=x", "backend"],
      ["-chardev null,id=x,mute,,backend=file,path=x", "backend"],
      ["-nic none,type=socket,listen=127.0.0.1:1", "type"],
      ["-device e1000,driver=vhost-vsock-pci,guest-cid=9", "driver"],
      ["-device driver=e1000,driver=vhost-vsock-pci,guest-cid=9", "driver"],
      ["-object rng-builtin,id=a,qom-type=input-barrier,server=x", "qom-type"],
      ["-audiodev driver=none,id=a,driver=alsa", "driver"],
      ["-global driver=e1000,property=mac,value=x,driver=loader", "driver"],
    ] as const) {
      const [refusal, ...others] = refusals(text);
      expect(refusal, text).toContain(`It gives ${key} more than once`);
      expect(refusal, text).toContain("allow_unsafe_options");
      expect(others, text).toEqual([]);
      expect(refusals(text, true), text).toEqual([]);
    }
  });

  it("is read as QEMU reads it, whatever stands where the kind is looked for", () => {
    for (const text of [
      ...["-nic model=none,type=user", "-nic model=none", "-nic x,,y=none", "-device e1000,x,,romfile=x"],
      ...["-fw_cfg opt/x,a,,file=x", "-smbios file", "-serial none,x", "-machine boot.splash=x", "-machine shim=x"],
      ...["-global e1000.romfile=x,driver=e1000,property=mac", "-global e1000.x=/a", "-machine usb=on,x,,dumpdtb=x"],
    ]) {
      expect(refusals(text)[0], text).toContain("reaches files, devices or networks of the host");
    }
  });

  it("that is taken says each deciding key once", () => {
    const part = fc.constantFrom(
      ...["", "null", "none", "e1000", "rng-builtin", "id=x", "backend=null", "driver=e1000", "qom-type=rng-builtin"],
      ...["type=none", "driver=none", "backend=file", "type=user", "x", "nodriver", "driver"],
    );
    const kinds = { "-chardev": "backend", "-device": "driver", "-object": "qom-type", "-audiodev": "driver" };
    fc.assert(
      fc.property(fc.constantFrom(...Object.entries(kinds)), fc.array(part, { maxLength: 5 }), ([name, key], parts) => {
        if (refusals([name, parts.join(",")]).length > 0) return;
        const saysKind = (said: string, at: number) =>
          said.includes("=") ? said.startsWith(`${key}=`) : at === 0 || [key, `no${key}`].includes(said);
        expect(parts.filter(saysKind).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("that labform does not know is refused with what may have been meant, unless the lab allows it", () => {
    expect(refusals("-devise x")[0]).toMatch(/-devise x, which is not known: .*Did you mean -device\?/);
    expect(refusals("-newest -drive x", true)).toEqual([]);
    expect(refusals("-newest -drive x")).toHaveLength(2);
  });

  it("does not hide another one, nor a word that QEMU would take for a disk", () => {
    expect(refusals("-usb /etc/passwd")[0]).toContain('"/etc/passwd", which belongs to no option');
    expect(refusals("-prom-env -drive -drive x")).toHaveLength(1);
    expect(refusals("-device")[0]).toContain("options ends in -device, which needs a value");
    expect(refusals("-uuid 5")[0]).toContain("which is no UUID");
  });

  it("is found where it is one, and not where it is a value", () => {
    expect(hasOption(["--icount", "1"], "-icount")).toBe(true);
    expect(hasOption(["-prom-env", "-icount"], "-icount")).toBe(false);
    expect(parseOptions(["-usb", "--rtc", "base=utc"])).toMatchObject([
      { name: "-usb", at: 0, value: undefined },
      { name: "-rtc", at: 1, value: "base=utc" },
    ]);
  });
});

it("A sensitive value in options is refused and not shown", () => {
  for (const path of [["options"], ["options", 1]]) {
    const given = ["-smbios", "type=1,serial=hunter2"];
    const request = { given, sensitive: [path], allowed: true, surroundings: AROUND };
    const { planned, diagnostics } = planOptions(request);
    expect(JSON.stringify([planned, diagnostics])).not.toContain("hunter2");
    expect(diagnostics[0]?.summary).toBe("options holds a sensitive value");
  }
});

describe("GNS3's words in options", () => {
  const node = { address: 'module.pod.node.router["a,b"]', uuid: "3f2a9c1d-5b7e-8809-9a2b-3c4d5e6f7081" };
  const meaning = (word: string) => substituted(word, { ...node, lab: "/labs/a, b" });

  it("stand for the node's name and UUID and for the lab's directory, commas doubled", () => {
    expect(meaning("type=1,serial=%vm-name%/%vm-id%")).toBe(`type=1,serial=router-a,,b/${node.uuid}`);
    expect(meaning("%project-path%/x")).toBe("/labs/a,, b/x");
    expect(substituted("%vm-name%", { ...node, address: "node.r1", lab: "/" })).toBe("r1");
    expect(meaning("100%, %other%")).toBe("100%, %other%");
  });

  it("are checked by what they stand for, and shown as they are written", () => {
    const called = (name: string) => ({ ...AROUND, address: `node.${name}` });
    const [refusal] = refusals("-fw_cfg name=opt/x,%vm-name%=/path", false, called("file"));
    expect(refusal).toContain("options has -fw_cfg name=opt/x,%vm-name%=/path, which reaches files");
    expect(refusals("-fw_cfg name=opt/x,%vm-name%=/path", false, called("string"))).toEqual([]);
    expect(refusals("-device %vm-name%,file=x", false, called("loader"))).toHaveLength(1);
    expect(refusals("-%vm-name% x", false, called("drive"))[0]).toContain("options has -%vm-name% x, which reaches");
    expect(refusals("-device virtio-gpu-pci,x=%project-path%")).toHaveLength(1);
    expect(refusals("-uuid %vm-id%")).toEqual([]);
  });

  it("that have no counterpart are refused with what to write", () => {
    expect(refusals("-smbios type=1,serial=%project-id%")[0]).toContain("${lab.name}");
    expect(refusals("-device vhost-vsock-pci,guest-cid=%guest-cid%", true)[0]).toContain("vsock");
    expect(refusals("-serial tcp::%console-port%", true)[0]).toContain("aux_console");
  });
});
