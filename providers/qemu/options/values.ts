import type { Field } from "./groups.ts";
import { fieldsOf } from "./groups.ts";
import type { Refusal } from "./rules.ts";

/** What the value of an option says that is allowed only in part. */

type Instead = { readonly [key: string]: string };

/** A group some of whose keys labform gives itself, and some of which open files. */
export function checkGroup(keys: { readonly owned?: Instead; readonly unsafe?: Instead }) {
  return (value: string): Refusal | undefined => {
    for (const { key } of fieldsOf(value)) {
      for (const why of ["owned", "unsafe"] as const) {
        const instead = keys[why] && Object.hasOwn(keys[why], key) ? keys[why][key] : undefined;
        if (instead !== undefined) return { why, instead };
      }
    }
    return undefined;
  };
}

/** A group whose first part, also written as `key=`, must be one of these. */
export function onlyValues(allowed: readonly string[], instead: string, key = "") {
  return (value: string): Refusal | undefined => {
    const fields = fieldsOf(value);
    const first = fields.find((field) => field.key === key)?.value ?? fields[0]?.value ?? "";
    return allowed.includes(first) && !fields.some(isPath) ? undefined : { why: "unsafe", instead };
  };
}

/** Backends that have no end outside QEMU. */
const INNER_BACKENDS = ["null", "ringbuf", "memory", "vc", "msmouse", "wctablet", "testdev", "qemu-vdagent"];
const SPICE_BACKENDS = ["spicevmc", "spiceport"];

export function checkBackend(value: string): Refusal | undefined {
  const fields = fieldsOf(value);
  const kind = fields.find(({ key }) => key === "" || key === "backend")?.value ?? "";
  const isInner = [...INNER_BACKENDS, ...SPICE_BACKENDS].includes(kind);
  return isInner && !fields.some(({ key }) => key === "logfile") ? undefined : { why: "unsafe", instead: "" };
}

/** Properties of devices that name something of the host. */
const HOST_PROPERTIES = new Set([
  ...["file", "romfile", "rootdir", "host", "hostdevice", "hostbus", "hostaddr", "hostport", "sysfsdev", "evdev"],
  ...["hidraw", "dir", "cert", "privkey", "pubkey", "db", "kernel", "initrd", "vhostfd", "vhostforce", "fd", "path"],
  ...["mem-path", "filename", "memory-file", "pcap", "socket", "sdrfile", "frudatafile"],
]);

/** Reading it tells and takes nothing of the host. */
const RANDOM = ["/dev/urandom", "/dev/random"];

/** Devices that are something of the host. */
const HOST_DEVICES =
  /^(loader|guest-loader|vfio-|usb-host|usb-mtp|usb-redir|u2f-|ccid-card-emulated|scsi-generic|scsi-block|vhost-|ivshmem|virtio-input-host|xen-|x-pci-proxy|x-vfio-user|vfu-|can-host)/;

function isPath({ value }: Field): boolean {
  return /^(\.{0,2}\/|%project-path%)/.test(value) && !RANDOM.includes(value);
}

function namesHost(field: Field): boolean {
  return isPath(field) || (HOST_PROPERTIES.has(field.key) && !RANDOM.includes(field.value));
}

export function checkDevice(value: string): Refusal | undefined {
  if (value.startsWith("{")) return { why: "unsafe", instead: "Write it as -device driver,property=value." };
  const fields = fieldsOf(value);
  const driver = fields.find(({ key }) => key === "" || key === "driver")?.value ?? "";
  return HOST_DEVICES.test(driver) || fields.some(namesHost) ? { why: "unsafe", instead: "" } : undefined;
}

/** `driver.property=value` or `driver=…,property=…,value=…` */
export function checkGlobal(value: string): Refusal | undefined {
  const fields = fieldsOf(value);
  const driver = fields.find(({ key }) => key === "driver")?.value ?? fields[0]?.key.split(".")[0] ?? "";
  const property = fields.find(({ key }) => key === "property")?.value ?? fields[0]?.key.split(".").at(-1) ?? "";
  const reaches = HOST_DEVICES.test(driver) || HOST_PROPERTIES.has(property) || fields.some(isPath);
  return reaches ? { why: "unsafe", instead: "" } : undefined;
}

/** Objects that have no end outside QEMU, whatever their properties. */
const INNER_OBJECTS = [
  ...["memory-backend-ram", "memory-backend-memfd", "rng-builtin", "rng-random", "iothread", "throttle-group"],
  ...["can-bus", "filter-buffer", "cryptodev-backend", "cryptodev-backend-builtin", "thread-context", "main-loop"],
];

export function checkObject(value: string): Refusal | undefined {
  if (value.startsWith("{")) return { why: "unsafe", instead: "Write it as -object type,property=value." };
  const fields = fieldsOf(value);
  const type = fields.find(({ key }) => key === "" || key === "qom-type")?.value ?? "";
  return INNER_OBJECTS.includes(type) && !fields.some(namesHost) ? undefined : { why: "unsafe", instead: "" };
}
