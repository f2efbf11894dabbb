const DISK = (what: string) =>
  `Disks are blocks: disk "hda" { image = "…" }, with "hdb" and so on for the others, and ${what} in it.`;

/** GNS3's names that labform has under another one, or not at all. */
export const refused: { readonly [name: string]: string } = {
  legacy_networking:
    "QEMU no longer has vlan=, which it stood for: every adapter is connected by -netdev. Remove the line; adapter_type may be any adapter that QEMU has.",
  qemu_path: "It is called qemu_binary here.",
  maxcpus: "It is called max_cpus here.",
  on_close: "It is called on_stop here.",
  linked_clone: DISK("linked_clone"),
  custom_adapters: 'Settings of one adapter stand in a block of its own: adapter "0" { … }.',
  create_config_disk: "Files for the guest stand in a block: config_disk { … }.",
  replicate_network_connection_state:
    "A guest always sees a carrier where its cable is plugged in, and none where it is not. Remove the line.",
  ...Object.fromEntries(
    ["hda", "hdb", "hdc", "hdd"].flatMap((label) => [
      [`${label}_disk_image`, DISK("image")],
      [`${label}_disk_interface`, DISK("interface")],
    ]),
  ),
};

/** Platforms that GNS3 still lists, and that QEMU 7.2 no longer emulates. */
export const GONE_PLATFORMS: { readonly [name: string]: string } = {
  lm32: "QEMU has not emulated it since 6.0.",
  moxie: "QEMU has not emulated it since 6.1.",
  or32: 'Since QEMU 2.9 it is called "or1k".',
  ppcemb: 'Since QEMU 3.1 its boards are among those of "ppc".',
  unicore32: "QEMU has not emulated it since 6.0.",
};
