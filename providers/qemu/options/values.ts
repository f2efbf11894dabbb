import type { Field, Group } from "./groups.ts";
import { fieldsOf, groupOf, repeatedKey } from "./groups.ts";
import type { Refusal } from "./rules.ts";

/** What the value of an option says that is allowed only in part. */

type Instead = { readonly [key: string]: string };
type Check = (value: string) => Refusal | undefined;

interface GroupKeys {
  /** The key of a first part that has none. */
  readonly implied?: string;
  readonly owned?: Instead;
  readonly unsafe?: Instead;
  /** Whether a value may be a path, as one that is only a text for the guest. */
  readonly paths: boolean;
}

/** A group some of whose keys labform gives itself, and some of which open files, however often they are given. */
export function checkGroup({ implied, paths, ...keys }: GroupKeys): Check {
  return (value) => {
    const fields = fieldsOf(value, implied);
    for (const { key } of fields) {
      for (const why of ["owned", "unsafe"] as const) {
        const instead = keys[why] && Object.hasOwn(keys[why], key) ? keys[why][key] : undefined;
        if (instead !== undefined) return { why, instead };
      }
    }
    return !paths && fields.some(isPath) ? { why: "unsafe", instead: "" } : undefined;
  };
}

/** A value that must be one of these. */
export function onlyValues(allowed: readonly string[], instead: string): Check {
  return (value) => (allowed.includes(value) ? undefined : { why: "unsafe", instead });
}

/** A group whose kind, which stands first or under `key`, must be one of these. */
export function onlyKinds(key: string, allowed: readonly string[], instead: string): Check {
  return checkKind(key, instead, ({ kind, fields }) => allowed.includes(kind) && !fields.some(isPath));
}

/** A group that makes something of the kind that stands first or under `key`, and reaches the host or not by that. */
function checkKind(key: string, instead: string, isInner: (group: Group) => boolean): Check {
  return (value) => {
    if (value.startsWith("{")) return { why: "unsafe", instead: `Write it as ${key}=…,property=value.` };
    const group = groupOf(value, key);
    if ("repeated" in group) return refuseRepeated(group.repeated);
    return isInner(group) ? undefined : { why: "unsafe", instead };
  };
}

function refuseRepeated(key: string): Refusal {
  return { why: "unsafe", instead: `It gives ${key} more than once, of which QEMU takes only one. Give it once.` };
}

/** Backends that have no end outside QEMU. */
const INNER_BACKENDS = ["null", "ringbuf", "memory", "vc", "msmouse", "wctablet", "testdev", "qemu-vdagent"];
const SPICE_BACKENDS = ["spicevmc", "spiceport"];

export const checkBackend = checkKind("backend", "", ({ kind, fields }) => {
  return [...INNER_BACKENDS, ...SPICE_BACKENDS].includes(kind) && !fields.some(({ key }) => key === "logfile");
});

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
  return /^\.{0,2}\//.test(value) && !RANDOM.includes(value);
}

function namesHost(field: Field): boolean {
  return isPath(field) || (HOST_PROPERTIES.has(field.key) && !RANDOM.includes(field.value));
}

export const checkDevice = checkKind("driver", "", ({ kind, fields }) => {
  return !HOST_DEVICES.test(kind) && !fields.some(namesHost);
});

/** `driver.property=value`, in which a comma means nothing, or `driver=…,property=…,value=…`; each as if it were that. */
export function checkGlobal(value: string): Refusal | undefined {
  const [, dotted = "", member = "", set = ""] = /^([^.]+)\.([^=]+)=(.*)$/s.exec(value) ?? [];
  const fields = fieldsOf(value);
  const repeated = repeatedKey(fields);
  const said = (name: string) => fields.find(({ key }) => key === name)?.value ?? "";
  const reaches =
    [dotted, said("driver")].some((driver) => HOST_DEVICES.test(driver)) ||
    [member, said("property")].some((property) => HOST_PROPERTIES.has(property)) ||
    [...fields, { key: member, value: set }].some(isPath);
  if (reaches) return { why: "unsafe", instead: "" };
  return repeated === undefined ? undefined : refuseRepeated(repeated);
}

/** Objects that have no end outside QEMU, whatever their properties. */
const INNER_OBJECTS = [
  ...["memory-backend-ram", "memory-backend-memfd", "rng-builtin", "rng-random", "iothread", "throttle-group"],
  ...["can-bus", "filter-buffer", "cryptodev-backend", "cryptodev-backend-builtin", "thread-context", "main-loop"],
];

export const checkObject = checkKind("qom-type", "", ({ kind, fields }) => {
  return INNER_OBJECTS.includes(kind) && !fields.some(namesHost);
});
