const DEVICES = ["virtio-net-pci", "ide-hd", "virtio-blk-pci", "virtio-scsi-pci", "scsi-hd", "ich9-ahci", "nvme"].map(
  (name) => `name "${name}"`,
);

/** To the questions of what it emulates, in their order. */
const ANSWERS = [
  {},
  { arch: "x86_64" },
  [
    { name: "pc", "cpu-max": 255 },
    { name: "q35", "cpu-max": 288 },
  ],
  [{ name: "qemu64" }, { name: "max" }],
  {},
];

/** What programs print that labform runs to their end. */
export function output(program: string, args: readonly string[]): string {
  if (program === "ubridge") return "ubridge version 0.9.19 running with libpcap\n";
  if (args.includes("--version")) return "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\n";
  if (args.includes("-qmp")) return ANSWERS.map((answer) => `${JSON.stringify({ return: answer })}\n`).join("");
  return [
    "Network devices:",
    'name "e1000", bus PCI, alias "e1000-82540em", desc "Intel Gigabit Ethernet"',
    ...DEVICES,
    "",
  ].join("\n");
}
