import {createRequire} from 'node:module';
var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// providers/qemu/keeper/lines.ts
var LineReader;
var init_lines = __esm({
  "providers/qemu/keeper/lines.ts"() {
    "use strict";
    LineReader = class {
      #limit;
      #parts = [];
      #length = 0;
      #tooLong = false;
      constructor(limit) {
        this.#limit = limit;
      }
      /** The lines `chunk` completes, without their ends; undefined stands for one that was too long and is lost. */
      push(chunk) {
        const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
        const lines = [];
        let start = 0;
        for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
          this.#take(bytes.subarray(start, end));
          lines.push(this.#tooLong ? void 0 : Buffer.concat(this.#parts).toString("utf8").trimEnd());
          this.#drop();
          this.#tooLong = false;
          start = end + 1;
        }
        this.#take(bytes.subarray(start));
        return lines;
      }
      /** Whether the line under way is lost already. */
      get tooLong() {
        return this.#tooLong;
      }
      #take(part) {
        if (part.length === 0 || this.#tooLong) return;
        this.#length += part.length;
        if (this.#length > this.#limit) {
          this.#drop();
          this.#tooLong = true;
        } else this.#parts.push(part);
      }
      #drop() {
        this.#parts = [];
        this.#length = 0;
      }
    };
  }
});

// providers/qemu/keeper/protocol.ts
function checkNode(fields) {
  const node3 = objectOf(fields, "arguments")["node"];
  if (typeof node3 !== "string" || !nodePattern.test(node3)) {
    throw bad("node must be 1 to 48 of the characters a-z, 0-9 and -");
  }
  return node3;
}
function checkServe(fields) {
  const given2 = objectOf(fields, "arguments");
  const node3 = checkNode(given2);
  const { address, access, consoleLog: consoleLog2 } = given2;
  if (typeof address !== "string" || address.length > 1024) throw bad("address must be a string");
  if (access !== "owner" && access !== "host") throw bad('access must be "owner" or "host"');
  if (consoleLog2 !== void 0 && (typeof consoleLog2 !== "string" || !consoleLog2.startsWith("/"))) {
    throw bad("consoleLog must be an absolute path");
  }
  return { node: node3, address, access, consoleLog: consoleLog2, console: consoleOf(given2["console"]), monitor: monitorOf(given2) };
}
function consoleOf(field) {
  if (field === null) return null;
  if (objectOf(field, "console")["type"] !== "telnet") throw bad('console.type must be "telnet"');
  return { type: "telnet", ...portRequest(field, "console") };
}
function monitorOf(given2) {
  return given2["monitor"] === null ? null : portRequest(given2["monitor"], "monitor");
}
function portRequest(field, name) {
  const { host: host2, port: port2, range: range2 } = objectOf(field, name);
  if (typeof host2 !== "string" || host2 === "" || host2.length > 255) throw bad(`${name}.host must be an address`);
  if (port2 !== null && !isPort(port2)) throw bad(`${name}.port must be null or a port`);
  if (!Array.isArray(range2) || range2.length !== 2 || !isPort(range2[0]) || !isPort(range2[1]) || range2[0] > range2[1]) {
    throw bad(`${name}.range must be two ports, the lower first`);
  }
  return { host: host2, port: port2, range: [range2[0], range2[1]] };
}
function isPort(field) {
  return Number.isInteger(field) && field >= 1 && field <= 65535;
}
function objectOf(field, name) {
  if (typeof field !== "object" || field === null || Array.isArray(field)) throw bad(`${name} must be an object`);
  return field;
}
function bad(message3) {
  return new KeeperError("bad-arguments", message3);
}
var CONTROL_SOCKET, MAX_LINE_BYTES, KeeperError, nodePattern;
var init_protocol = __esm({
  "providers/qemu/keeper/protocol.ts"() {
    "use strict";
    CONTROL_SOCKET = "keeper.sock";
    MAX_LINE_BYTES = 1024 * 1024;
    KeeperError = class extends Error {
      code;
      constructor(code, message3, options) {
        super(message3, options);
        this.name = "KeeperError";
        this.code = code;
      }
    };
    nodePattern = /^[a-z0-9-]{1,48}$/;
  }
});

// src/core/values.ts
function stringValue(text) {
  return { type: STRING, raw: text, sensitive: false };
}
function numberValue(number) {
  return { type: NUMBER, raw: number, sensitive: false };
}
function boolValue(bool) {
  return bool ? TRUE : FALSE;
}
function unknownValue(type) {
  return { type, raw: UNKNOWN, sensitive: false };
}
function tupleValue(items) {
  return { type: { kind: "tuple", elements: items.map((item) => item.type) }, raw: items, sensitive: false };
}
function objectValue(attributes) {
  const types = /* @__PURE__ */ new Map();
  for (const [name, item] of attributes) types.set(name, item.type);
  return { type: { kind: "object", attributes: types }, raw: attributes, sensitive: false };
}
function isWhollyKnown(one) {
  const { raw } = one;
  if (raw === UNKNOWN) return false;
  if (raw instanceof Map) {
    for (const item of raw.values()) if (!isWhollyKnown(item)) return false;
  } else if (Array.isArray(raw)) {
    for (const item of raw) if (!isWhollyKnown(item)) return false;
  }
  return true;
}
function formatPath(path) {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}
function isWhollyPlanned(planned) {
  if (planned === UNKNOWN) return false;
  if (planned === null || typeof planned !== "object") return true;
  if (Array.isArray(planned)) return planned.every(isWhollyPlanned);
  return Object.values(planned).every(isWhollyPlanned);
}
function samePlanned(left, right) {
  if (left === UNKNOWN || right === UNKNOWN) return false;
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  if (Array.isArray(left)) {
    const other = right;
    return left.length === other.length && left.every((item, at2) => samePlanned(item, other[at2]));
  }
  const a = left;
  const b = right;
  const keys2 = Object.keys(a);
  return keys2.length === Object.keys(b).length && keys2.every((key) => Object.hasOwn(b, key) && samePlanned(a[key], b[key]));
}
var UNKNOWN, STRING, NUMBER, BOOL, DYNAMIC, TRUE, FALSE, NULL, UNKNOWN_VALUE;
var init_values = __esm({
  "src/core/values.ts"() {
    "use strict";
    UNKNOWN = /* @__PURE__ */ Symbol("unknown");
    STRING = { kind: "string" };
    NUMBER = { kind: "number" };
    BOOL = { kind: "bool" };
    DYNAMIC = { kind: "dynamic" };
    TRUE = { type: BOOL, raw: true, sensitive: false };
    FALSE = { type: BOOL, raw: false, sensitive: false };
    NULL = { type: DYNAMIC, raw: null, sensitive: false };
    UNKNOWN_VALUE = { type: DYNAMIC, raw: UNKNOWN, sensitive: false };
  }
});

// providers/qemu/schema.ts
var PORT_RANGE, LISTENER, ADAPTER, PLATFORMS, node, keeper2, qemuSchema;
var init_schema = __esm({
  "providers/qemu/schema.ts"() {
    "use strict";
    init_values();
    PORT_RANGE = { kind: "list", element: NUMBER };
    LISTENER = {
      kind: "object",
      attributes: /* @__PURE__ */ new Map([
        ["host", STRING],
        ["port", NUMBER]
      ])
    };
    ADAPTER = {
      kind: "object",
      attributes: /* @__PURE__ */ new Map([
        ["id", STRING],
        ["mac_address", STRING],
        ["name", STRING]
      ])
    };
    PLATFORMS = [
      "aarch64",
      "alpha",
      "arm",
      "avr",
      "cris",
      "hppa",
      "i386",
      "loongarch64",
      "m68k",
      "microblaze",
      "microblazeel",
      "mips",
      "mips64",
      "mips64el",
      "mipsel",
      "nios2",
      "or1k",
      "ppc",
      "ppc64",
      "riscv32",
      "riscv64",
      "rx",
      "s390x",
      "sh4",
      "sh4eb",
      "sparc",
      "sparc64",
      "tricore",
      "x86_64",
      "xtensa",
      "xtensaeb"
    ];
    node = {
      kind: "node",
      version: 1,
      description: "A virtual machine run by QEMU.",
      attributes: {
        platform: {
          type: STRING,
          description: "The processor architecture to emulate. Default: read off qemu_binary's name where it is set, else x86_64.",
          oneOf: PLATFORMS,
          computed: "plan",
          optional: true,
          change: "restart"
        },
        qemu_binary: {
          type: STRING,
          description: "QEMU's executable: a name, searched in the provider's binary_directory or on PATH, or a path. Default: qemu-system-PLATFORM.",
          computed: "plan",
          optional: true,
          change: "restart"
        },
        machine: {
          type: STRING,
          description: "QEMU's machine type. Default: pc on x86, virt on arm and aarch64, elsewhere QEMU's own choice.",
          computed: "plan",
          optional: true,
          change: "restart"
        },
        cpu_model: {
          type: STRING,
          description: "QEMU's CPU model, with features where wanted: `host,-svm`. Default: QEMU's own choice.",
          change: "restart"
        },
        accel: {
          type: STRING,
          description: "How the guest's instructions are run: kvm (by the host's processor), tcg (emulated), or auto. Default: the provider's accel. What auto was resolved to is kept as long as it works.",
          oneOf: ["auto", "kvm", "tcg"],
          computed: "plan",
          optional: true,
          change: "restart"
        },
        cpus: {
          type: NUMBER,
          description: "Virtual CPUs.",
          default: 1,
          minimum: 1,
          maximum: 4096,
          whole: true,
          change: "restart"
        },
        ram: {
          type: NUMBER,
          description: "Memory in MiB.",
          default: 256,
          minimum: 4,
          whole: true,
          change: "restart"
        },
        adapters: {
          type: NUMBER,
          description: "Network adapters. Adding some never changes the addresses or the order of the others.",
          default: 1,
          minimum: 0,
          maximum: 275,
          whole: true,
          change: "restart"
        },
        adapter_type: {
          type: STRING,
          description: "QEMU's device for the network adapters: e1000, virtio-net-pci, vmxnet3, \u2026",
          default: "e1000",
          change: "restart"
        },
        mac_address: {
          type: STRING,
          description: "MAC address of adapter 0; adapter n has this plus n. Default: derived from the lab's identity and the node's address, the same on every machine.",
          computed: "plan",
          optional: true,
          change: "restart"
        },
        kernel_image: {
          type: STRING,
          description: "A kernel that QEMU boots directly. A relative path is searched in the lab's directory, then in the provider's image_directory.",
          change: "restart"
        },
        initrd: {
          type: STRING,
          description: "The initial RAM disk for kernel_image; paths as there.",
          change: "restart"
        },
        kernel_command_line: {
          type: STRING,
          description: "What the kernel of kernel_image is given as its command line.",
          change: "restart"
        },
        boot_priority: {
          type: STRING,
          description: "Boot devices in order, one letter each: c (disk), d (CD), n (network), a (floppy).",
          default: "c",
          change: "restart"
        },
        console_type: {
          type: STRING,
          description: "telnet: the first serial port, on a TCP port of the host for any number of clients. none: no serial port.",
          oneOf: ["telnet", "none"],
          default: "telnet",
          change: "restart"
        },
        console_port: {
          type: NUMBER,
          description: "TCP port of the console. Default: a free one of the provider's console_ports.",
          minimum: 1,
          maximum: 65535,
          whole: true,
          change: "live"
        },
        monitor_port: {
          type: NUMBER,
          description: "TCP port of QEMU's monitor. Default: a free one of the provider's monitor_ports.",
          minimum: 1,
          maximum: 65535,
          whole: true,
          change: "live"
        },
        on_stop: {
          type: STRING,
          description: "How the node is stopped. power_off: as if its power cable were pulled.",
          oneOf: ["power_off"],
          default: "power_off",
          change: "live"
        },
        stop_timeout_s: {
          type: NUMBER,
          description: "Seconds a guest is given to stop by itself before its power is cut. power_off does not ask the guest and does not wait.",
          default: 30,
          minimum: 0,
          maximum: 86400,
          change: "live"
        },
        id: {
          type: STRING,
          description: "Names the node on the host: its directory and its sockets.",
          computed: "plan",
          change: "replace"
        },
        uuid: {
          type: STRING,
          description: "The machine's UUID as the guest sees it; the same on every machine.",
          computed: "plan",
          change: "restart"
        },
        adapter: {
          type: { kind: "list", element: ADAPTER },
          description: "The network adapters in their order: id (what a link connects), mac_address and name.",
          computed: "plan",
          change: "restart"
        },
        tunnel: {
          type: STRING,
          description: "How the adapters are connected to the lab's bridge: stream or dgram. Follows the links' engine.",
          computed: "plan",
          change: "restart"
        },
        console: {
          type: LISTENER,
          description: "Where the console is reached; null with console_type none.",
          computed: "plan",
          change: "live"
        },
        monitor: {
          type: LISTENER,
          description: "Where QEMU's monitor is reached; null where the provider's monitor is false.",
          computed: "plan",
          change: "live"
        },
        console_access: {
          type: STRING,
          description: "Who may connect to console and monitor, from the provider's console_access.",
          computed: "plan",
          change: "live"
        },
        directory: {
          type: STRING,
          description: "Where the node's logs are: qemu.log (QEMU's own words) and console.log.",
          computed: "create"
        },
        pid: {
          type: NUMBER,
          description: "Process id of QEMU; null while the node is off.",
          computed: "start"
        },
        command_line: {
          type: STRING,
          description: "QEMU's command line as last started, quoted for a shell. Its sockets are relative to the lab's run directory.",
          computed: "start"
        }
      },
      blocks: {
        ready: {
          description: "When the node counts as ready: what depends on it waits for that.",
          nesting: "single",
          change: "live",
          attributes: {
            console: {
              type: STRING,
              description: "A text that must appear on the console since this boot."
            },
            timeout_s: {
              type: NUMBER,
              description: "Seconds to wait after the start.",
              default: 300,
              minimum: 0,
              maximum: 86400
            }
          }
        }
      }
    };
    keeper2 = {
      kind: "service",
      version: 1,
      description: "A small process beside the nodes that serves their consoles and monitors and writes down why a QEMU ended. Nodes run on without it.",
      attributes: {
        pid: { type: NUMBER, description: "Its process id.", computed: "start" },
        version: { type: STRING, description: "The version of labform it belongs to.", computed: "start" }
      }
    };
    qemuSchema = {
      name: "qemu",
      description: "Nodes as virtual machines under QEMU 7.2 or later.",
      settings: {
        attributes: {
          accel: {
            type: STRING,
            description: "Accelerator of the nodes that name none. auto: kvm where this host can (Linux on x86 with vmx or svm, and a usable /dev/kvm), else tcg.",
            oneOf: ["auto", "kvm", "tcg"],
            default: "auto"
          },
          binary_directory: {
            type: STRING,
            description: "Where QEMU's executables are; a relative path starts at the lab's directory. Default: PATH."
          },
          image_directory: {
            type: STRING,
            description: "Where images are searched that are not in the lab's directory; a relative path starts at the lab's directory."
          },
          console_host: {
            type: STRING,
            description: "The address consoles listen on.",
            default: "127.0.0.1"
          },
          console_ports: {
            type: PORT_RANGE,
            description: "First and last TCP port that consoles are given.",
            default: [23e3, 23999]
          },
          console_access: {
            type: STRING,
            description: "owner: only processes of the lab's owner and of root may connect to consoles and monitors. host: any account of this host, and whoever reaches the listening address.",
            oneOf: ["owner", "host"],
            default: "owner"
          },
          monitor: {
            type: BOOL,
            description: "Whether QEMU's monitors are served on TCP ports.",
            default: true
          },
          monitor_host: {
            type: STRING,
            description: "The address monitors listen on. Whoever reaches a monitor can run programs as the lab's owner.",
            default: "127.0.0.1"
          },
          monitor_ports: {
            type: PORT_RANGE,
            description: "First and last TCP port that monitors are given.",
            default: [28e3, 28999]
          }
        }
      },
      resources: { node, "service.keeper": keeper2 }
    };
  }
});

// providers/qemu/accelerator.ts
function isX86Platform(platform) {
  return platform === "x86_64" || platform === "i386";
}
async function whyNoKvm(ports) {
  const cpu = await ports.host.cpu();
  if (!X86.has(cpu.architecture)) return `this host's processor is ${cpu.architecture}, not x86`;
  if (!cpu.flags.has("vmx") && !cpu.flags.has("svm")) {
    return "this host's processor has neither vmx nor svm (virtualization is off in its firmware, or this is a virtual machine without nesting)";
  }
  try {
    await ports.files.access("/dev/kvm", "read");
    await ports.files.access("/dev/kvm", "write");
    return void 0;
  } catch (error) {
    return error.code === "ENOENT" ? "there is no /dev/kvm (the kernel module kvm_intel or kvm_amd is not loaded, or it is not passed into this container)" : `the account ${ports.host.userName} may not open /dev/kvm (add it to the group kvm and log in again)`;
  }
}
var X86, TURN_KVM_OFF;
var init_accelerator = __esm({
  "providers/qemu/accelerator.ts"() {
    "use strict";
    X86 = /* @__PURE__ */ new Set(["x86_64", "amd64", "i386", "i586", "i686"]);
    TURN_KVM_OFF = 'Set accel = "auto" to take KVM only where it works, or accel = "tcg" to do without it, on the node or in provider "qemu".';
  }
});

// providers/qemu/attributes.ts
function nodeAttributes(attributes) {
  return attributes;
}
function listener(json) {
  return json === null || json === void 0 ? null : json;
}
var init_attributes = __esm({
  "providers/qemu/attributes.ts"() {
    "use strict";
  }
});

// src/core/diagnostics.ts
function errorDiagnostic(summary2, rest = {}) {
  return { severity: "error", summary: summary2, ...rest };
}
function warningDiagnostic(summary2, rest = {}) {
  return { severity: "warning", summary: summary2, ...rest };
}
function hasErrors(diagnostics) {
  return diagnostics.some((one) => one.severity === "error");
}
function fail(summary2, rest = {}) {
  const { cause, ...diagnostic } = rest;
  throw new Failure(errorDiagnostic(summary2, diagnostic), cause === void 0 ? void 0 : { cause });
}
var Failure;
var init_diagnostics = __esm({
  "src/core/diagnostics.ts"() {
    "use strict";
    Failure = class extends Error {
      diagnostics;
      constructor(diagnostics, options) {
        const list = Array.isArray(diagnostics) ? diagnostics : [diagnostics];
        super(list.map((one) => one.summary).join("; "), options);
        this.name = "Failure";
        this.diagnostics = list;
      }
    };
  }
});

// providers/qemu/names.ts
function controlSocket(id) {
  return `${id}.qmp`;
}
function eventSocket(id) {
  return `${id}.evt`;
}
function consoleSocket(id) {
  return `${id}.con`;
}
function monitorSocket(id) {
  return `${id}.mon`;
}
function eventsFile(id) {
  return `${id}.events`;
}
function tunnelSocket(id, adapter) {
  return `${id}.${adapter}`;
}
function tunnelPeer(id, adapter) {
  return `${id}.${adapter}p`;
}
function nicName(adapter) {
  return `nic${adapter}`;
}
function nodeDirectory(nodes, id) {
  return `${nodes}/${id}`;
}
function qemuLog(directory) {
  return `${directory}/qemu.log`;
}
function consoleLog(directory) {
  return `${directory}/console.log`;
}
var init_names = __esm({
  "providers/qemu/names.ts"() {
    "use strict";
  }
});

// providers/qemu/pci.ts
function pciRoot(platform, machine) {
  if (platform === "x86_64" || platform === "i386") {
    if (machine === null || /^pc(-i440fx-.*)?$/.test(machine)) return "pci.0";
    if (/^(q35|pc-q35-.*)$/.test(machine)) return "pcie.0";
    return void 0;
  }
  return (platform === "aarch64" || platform === "arm") && /^virt(-.*)?$/.test(machine ?? "") ? "pcie.0" : void 0;
}
function vgaPlace(root2) {
  return { bus: root2, address: "0x2" };
}
function adapterPlace(root2, adapter) {
  if (adapter < ON_ROOT) return { bus: root2, address: hexadecimal(FIRST_SLOT + adapter) };
  const beyond = adapter - ON_ROOT;
  return { bus: bridgeName(Math.floor(beyond / PER_BRIDGE)), address: hexadecimal(beyond % PER_BRIDGE) };
}
function bridges(root2, adapters2) {
  const count = Math.max(0, Math.ceil((adapters2 - ON_ROOT) / PER_BRIDGE));
  return Array.from({ length: count }, (_, at2) => ({
    name: bridgeName(at2),
    bus: root2,
    address: `${hexadecimal(BRIDGE_SLOT)}.${at2}`
  }));
}
function bridgeName(at2) {
  return `bridge${at2}`;
}
function hexadecimal(slot) {
  return `0x${slot.toString(16)}`;
}
var FIRST_SLOT, ON_ROOT, PER_BRIDGE, BRIDGE_SLOT;
var init_pci = __esm({
  "providers/qemu/pci.ts"() {
    "use strict";
    FIRST_SLOT = 3;
    ON_ROOT = 24;
    PER_BRIDGE = 32;
    BRIDGE_SLOT = 27;
  }
});

// providers/qemu/arguments.ts
function qemuArguments(node3, options) {
  return [
    ...["-name", `guest=${doubled(options.address)},debug-threads=on`],
    ...["-nodefaults", "-no-user-config"],
    ...options.sandbox ? SANDBOX : [],
    ...board(node3),
    ...boot(node3),
    ...["-S", "-display", "none"],
    ...control(node3.id),
    ...serial(node3, options.directory),
    ...adapters(node3)
  ];
}
function doubled(value) {
  return value.replaceAll(",", ",,");
}
function board(node3) {
  const properties = [];
  if (node3.machine !== null) properties.push(`type=${doubled(node3.machine)}`);
  if (node3.accel === "kvm" && node3.platform === "x86_64") properties.push("smm=off");
  const root2 = pciRoot(node3.platform, node3.machine);
  const x86 = node3.platform === "x86_64" || node3.platform === "i386";
  return [
    ...properties.length > 0 ? ["-machine", properties.join(",")] : [],
    ...["-accel", node3.accel],
    ...node3.cpu_model !== null ? ["-cpu", node3.cpu_model] : [],
    ...["-m", `size=${node3.ram}M`],
    ...["-smp", `cpus=${node3.cpus}`],
    ...["-uuid", node3.uuid],
    ...root2 !== void 0 && x86 ? ["-device", `VGA,id=vga,${placed(vgaPlace(root2))}`] : []
  ];
}
function boot(node3) {
  const args = ["-boot", `order=${node3.boot_priority}`];
  if (node3.kernel_image !== null) args.push("-kernel", node3.kernel_image);
  if (node3.initrd !== null) args.push("-initrd", node3.initrd);
  if (node3.kernel_command_line !== null) args.push("-append", node3.kernel_command_line);
  return args;
}
function control(id) {
  return [
    ...socketDevice("control", controlSocket(id)),
    ...["-mon", "chardev=control,mode=control"],
    ...socketDevice("events", eventSocket(id)),
    ...["-mon", "chardev=events,mode=control"],
    ...socketDevice("monitor", monitorSocket(id)),
    ...["-mon", "chardev=monitor,mode=readline"]
  ];
}
function serial(node3, directory) {
  if (node3.console_type === "none") return ["-serial", "none"];
  const log = `,logfile=${doubled(consoleLog(directory))},logappend=on`;
  return [...socketDevice("console", consoleSocket(node3.id), log), ...["-serial", "chardev:console"]];
}
function socketDevice(name, path, rest = "") {
  return ["-chardev", `socket,id=${name},path=${doubled(path)},server=on,wait=off${rest}`];
}
function adapters(node3) {
  const root2 = pciRoot(node3.platform, node3.machine);
  const args = [];
  if (root2 !== void 0) {
    bridges(root2, node3.adapters).forEach((bridge2, at2) => {
      const number = `chassis_nr=${at2 + 1},shpc=off,multifunction=on`;
      args.push("-device", `pci-bridge,id=${bridge2.name},${placed(bridge2)},${number}`);
    });
  }
  node3.adapter.forEach((adapter, at2) => {
    const place3 = root2 === void 0 ? "" : `,${placed(adapterPlace(root2, at2))}`;
    const device = `${doubled(node3.adapter_type)},id=${nicName(at2)},netdev=n${at2},mac=${adapter.mac_address}${place3}`;
    args.push("-netdev", backend(node3, at2), "-device", device);
  });
  return args;
}
function backend(node3, adapter) {
  const here = doubled(tunnelSocket(node3.id, adapter));
  if (node3.tunnel === "stream") return `stream,id=n${adapter},server=on,addr.type=unix,addr.path=${here}`;
  const there = doubled(tunnelPeer(node3.id, adapter));
  return `dgram,id=n${adapter},local.type=unix,local.path=${here},remote.type=unix,remote.path=${there}`;
}
function placed(place3) {
  return `bus=${place3.bus},addr=${place3.address}`;
}
function shellQuoted(words3) {
  return words3.map((word) => /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}
var SANDBOX;
var init_arguments = __esm({
  "providers/qemu/arguments.ts"() {
    "use strict";
    init_names();
    init_pci();
    SANDBOX = [
      "-sandbox",
      "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"
    ];
  }
});

// providers/qemu/binary.ts
function binaryName(platform) {
  return `qemu-system-${platform}`;
}
function platformOfBinary(binary2) {
  const name = binary2.slice(binary2.lastIndexOf("/") + 1);
  if (name === "qemu-kvm" || name === "kvm") return "x86_64";
  if (name === "qemu") return "i386";
  const platform = /^qemu-system-([a-z0-9_]+)/.exec(name)?.[1];
  return platform !== void 0 && PLATFORMS.includes(platform) ? platform : void 0;
}
async function locateBinary(ports, wanted, directory) {
  const path = wanted.startsWith("/") ? wanted : directory === null ? await ports.processes.find(wanted) : `${directory}/${wanted}`;
  const subject = `QEMU binary ${path ?? wanted}`;
  if (path === void 0) {
    return {
      diagnostic: errorDiagnostic(`QEMU binary ${wanted} is not on PATH`, {
        detail: `Install QEMU for that platform (on Debian and Ubuntu: ${debianPackage(wanted)}), or say where it is with binary_directory in provider "qemu" or qemu_binary on the node.`,
        subject
      })
    };
  }
  try {
    const { kind } = await ports.files.stat(path);
    if (kind !== "file") {
      return { diagnostic: errorDiagnostic(`QEMU binary ${path} is no file but a ${kind}`, { subject }) };
    }
  } catch (error) {
    const missing4 = error.code === "ENOENT";
    return {
      diagnostic: errorDiagnostic(`QEMU binary ${path} ${missing4 ? "does not exist" : "is not accessible"}`, {
        detail: missing4 ? "Install QEMU there, or change qemu_binary or binary_directory." : message(error),
        subject
      })
    };
  }
  try {
    await ports.files.access(path, "execute");
  } catch {
    return {
      diagnostic: errorDiagnostic(`QEMU binary ${path} is not executable`, {
        detail: `Make it so with: chmod +x ${path}`,
        subject
      })
    };
  }
  return { path };
}
function debianPackage(name) {
  const platform = platformOfBinary(name) ?? "x86_64";
  if (platform === "x86_64" || platform === "i386") return "qemu-system-x86";
  if (platform === "arm" || platform === "aarch64") return "qemu-system-arm";
  if (/^(mips|ppc|sparc)/.test(platform)) return `qemu-system-${/^(mips|ppc|sparc)/.exec(platform)?.[1]}`;
  return "qemu-system-misc";
}
function refuseOld(path, version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || major === OLDEST[0] && minor >= OLDEST[1]) return;
  throw new Failure(
    errorDiagnostic(`${path} is QEMU ${version}, and labform needs ${OLDEST.join(".")} or later`, {
      detail: "Older ones cannot connect adapters through Unix sockets. Install a newer QEMU, or name one with qemu_binary or binary_directory.",
      subject: `QEMU binary ${path}`
    })
  );
}
function deviceNames(text) {
  const names = /* @__PURE__ */ new Set();
  for (const match of text.matchAll(/(?:^name|, alias) "([^"]+)"/gm)) names.add(match[1]);
  return names;
}
function binaryFromNotes(json) {
  return json === void 0 || json === null ? void 0 : json;
}
function ending(result) {
  return result.signal === null ? `exit code ${result.exitCode}` : `signal ${result.signal}`;
}
function message(error) {
  return error instanceof Error ? error.message : String(error);
}
var OLDEST, Binaries;
var init_binary = __esm({
  "providers/qemu/binary.ts"() {
    "use strict";
    init_diagnostics();
    init_arguments();
    init_schema();
    OLDEST = [7, 2];
    Binaries = class {
      #ports;
      #inspected = /* @__PURE__ */ new Map();
      #devices = /* @__PURE__ */ new Map();
      constructor(ports) {
        this.#ports = ports;
      }
      /** `known` from an earlier run is believed while the file is the same. Rejects with `Failure`. */
      async inspect(path, known4) {
        const identity = await this.#identity(path);
        if (known4?.path === path && known4.identity === identity) return known4;
        const key = `${path} ${identity}`;
        let inspected = this.#inspected.get(key);
        if (!inspected) {
          inspected = this.#ask(path, identity);
          this.#inspected.set(key, inspected);
        }
        return await inspected;
      }
      /** Names and aliases of the devices it can emulate. Rejects with `Failure`. */
      async devices(binary2) {
        const key = `${binary2.path} ${binary2.identity}`;
        let devices = this.#devices.get(key);
        if (!devices) {
          devices = this.#run(binary2.path, ["-device", "help"]).then((result) => deviceNames(result.stdout));
          this.#devices.set(key, devices);
        }
        return await devices;
      }
      async #identity(path) {
        const stat = await this.#ports.files.stat(path).catch((error) => {
          throw new Failure(
            errorDiagnostic(`QEMU binary ${path} is not accessible`, {
              detail: message(error),
              subject: `QEMU binary ${path}`
            }),
            { cause: error }
          );
        });
        return [stat.device, stat.inode, stat.size, stat.modifiedMs, stat.changedMs].join("-");
      }
      /** A binary without seccomp refuses `-sandbox` before it comes to `--version` (QEMU: softmmu/vl.c). */
      async #ask(path, identity) {
        const sandboxed = await this.#run(path, [...SANDBOX, "--version"]);
        const result = sandboxed.exitCode === 0 ? sandboxed : await this.#run(path, ["--version"]);
        const version = /version (\d+\.\d+(?:\.\d+)?)/.exec(result.stdout)?.[1];
        if (result.exitCode !== 0 || version === void 0) {
          const output2 = `${result.stdout}${result.stderr}`.trim() || "(nothing)";
          throw new Failure(
            errorDiagnostic(`${path} does not say which QEMU it is`, {
              detail: `${path} --version ended with ${ending(result)} and said: ${output2.slice(0, 1e3)}`,
              subject: `QEMU binary ${path}`
            })
          );
        }
        refuseOld(path, version);
        return { path, identity, version, sandbox: sandboxed.exitCode === 0 };
      }
      async #run(path, args) {
        try {
          return await this.#ports.processes.run(path, args, { timeoutMs: 1e4 });
        } catch (error) {
          throw new Failure(
            errorDiagnostic(`${path} could not be run`, { detail: message(error), subject: `QEMU binary ${path}` }),
            { cause: error }
          );
        }
      }
    };
  }
});

// providers/qemu/notes.ts
function notesOf(instance) {
  const { private: notes } = instance;
  return {
    process: notes["process"] ?? void 0,
    started: notes["started"] ?? void 0,
    consoleOffset: notes["consoleOffset"] ?? void 0,
    logOffset: notes["logOffset"] ?? void 0,
    console: listener(notes["console"]),
    monitor: listener(notes["monitor"]),
    binary: binaryFromNotes(notes["binary"])
  };
}
function withNotes(instance, changes) {
  const notes = { ...instance.private };
  for (const [name, note] of Object.entries(changes)) {
    if (note === void 0) delete notes[name];
    else notes[name] = note;
  }
  return { ...instance, private: notes };
}
var init_notes = __esm({
  "providers/qemu/notes.ts"() {
    "use strict";
    init_attributes();
    init_binary();
  }
});

// providers/qemu/memory.ts
function alreadyTaken({ prior }) {
  const ram = prior?.attributes["ram"];
  return prior && notesOf(prior).process && typeof ram === "number" ? ram : 0;
}
var MIB, MemoryAccount;
var init_memory = __esm({
  "providers/qemu/memory.ts"() {
    "use strict";
    init_diagnostics();
    init_notes();
    MIB = 1024 * 1024;
    MemoryAccount = class {
      #host;
      /** MiB beyond what runs already, by node id: planning a node again counts it once. */
      #asked = /* @__PURE__ */ new Map();
      #askedInAll = 0;
      #memory;
      #warned = false;
      constructor(host2) {
        this.#host = host2;
      }
      async check(request) {
        const { ram } = request.config;
        if (typeof ram !== "number") return [];
        this.#memory ??= this.#host.memory();
        const { totalBytes, availableBytes } = await this.#memory;
        if (ram * MIB > totalBytes) {
          return [
            errorDiagnostic(`ram = ${ram} MiB is more than this host has`, {
              detail: `The host has ${Math.floor(totalBytes / MIB)} MiB in all. Give the node less, or use a larger host.`
            })
          ];
        }
        const asked = Math.max(0, ram - alreadyTaken(request));
        this.#askedInAll += asked - (this.#asked.get(request.id) ?? 0);
        this.#asked.set(request.id, asked);
        if (this.#warned || asked === 0 || this.#askedInAll * MIB <= availableBytes) return [];
        this.#warned = true;
        return [
          warningDiagnostic("The nodes to be started may need more memory than is free", {
            detail: `Up to this node they may use ${this.#askedInAll} MiB, and ${Math.floor(availableBytes / MIB)} MiB are free. If guests use all they have, the host swaps or kills one of them.`
          })
        ];
      }
    };
  }
});

// providers/qemu/qmp.ts
function parseMessage(line2) {
  let message3;
  try {
    message3 = JSON.parse(line2);
  } catch {
    throw garbled(line2);
  }
  if (message3 === null || typeof message3 !== "object" || Array.isArray(message3)) throw garbled(line2);
  return message3;
}
function garbled(line2) {
  return new QmpError("garbled", "", "The other end does not speak QMP", line2.slice(0, 200));
}
var QmpError, LONGEST_LINE, GREETING, QmpClient;
var init_qmp = __esm({
  "providers/qemu/qmp.ts"() {
    "use strict";
    init_lines();
    QmpError = class extends Error {
      command;
      answer;
      /** `refused`: QEMU said no. `silent`: no answer in time. `closed`: the connection ended. `garbled`: that is no QMP. */
      reason;
      constructor(reason, command, message3, answer) {
        super(message3);
        this.name = "QmpError";
        this.reason = reason;
        this.command = command;
        this.answer = answer;
      }
    };
    LONGEST_LINE = 4 * 1024 * 1024;
    GREETING = "(greeting)";
    QmpClient = class _QmpClient {
      #connection;
      #clock;
      #onEvent;
      #waiting = /* @__PURE__ */ new Map();
      #nextId = 1;
      #ended;
      constructor(connection, options) {
        this.#connection = connection;
        this.#clock = options.clock;
        this.#onEvent = options.onEvent;
      }
      /** Rejects with `QmpError`, or with the connection's error (ECONNREFUSED, ENOENT, ETIMEDOUT). */
      static async connect(endpoint, options) {
        const deadline = options.clock.monotonic() + options.timeoutMs;
        const left = () => Math.max(1, deadline - options.clock.monotonic());
        const connection = await options.sockets.connect(endpoint, options.timeoutMs);
        const client = new _QmpClient(connection, options);
        const greeting = client.#expect(GREETING, GREETING, left());
        void client.#read();
        try {
          await greeting;
          await client.execute("qmp_capabilities", {}, left());
        } catch (error) {
          client.close();
          throw error;
        }
        return client;
      }
      /** The command's `return`. Rejects with `QmpError`. Several may be under way; QEMU answers them in order. */
      execute(command, args = {}, timeoutMs = 5e3) {
        const id = this.#nextId++;
        const answer = this.#expect(id, command, timeoutMs);
        if (!this.#ended) this.#connection.write(`${JSON.stringify({ execute: command, arguments: args, id })}
`);
        return answer;
      }
      close() {
        this.#end(new QmpError("closed", "", "The connection was closed"));
      }
      #expect(id, command, timeoutMs) {
        if (this.#ended) return Promise.reject(this.#endedFor(command, this.#ended));
        const timer = new AbortController();
        const answer = new Promise((resolve8, reject) => this.#waiting.set(id, { command, resolve: resolve8, reject })).finally(
          () => timer.abort()
        );
        this.#clock.sleep(timeoutMs, timer.signal).then(
          () => {
            const waiting = this.#waiting.get(id);
            this.#waiting.delete(id);
            const what = id === GREETING ? "QEMU did not greet" : `QEMU did not answer ${command}`;
            waiting?.reject(new QmpError("silent", command, `${what} within ${(timeoutMs / 1e3).toPrecision(2)} s`));
          },
          () => void 0
        );
        return answer;
      }
      async #read() {
        const reader = new LineReader(LONGEST_LINE);
        try {
          for await (const chunk of this.#connection.incoming) {
            for (const line2 of reader.push(chunk)) this.#receive(line2 ?? "(too long)");
            if (reader.tooLong) throw garbled("(too long)");
            if (this.#ended) return;
          }
          this.#end(new QmpError("closed", "", "QEMU closed the connection"));
        } catch (error) {
          this.#end(
            error instanceof QmpError ? error : new QmpError("closed", "", `The connection failed: ${String(error)}`)
          );
        }
      }
      #receive(line2) {
        if (line2 === "") return;
        const message3 = parseMessage(line2);
        if ("QMP" in message3) return this.#settle(GREETING, message3["QMP"] ?? null);
        if (typeof message3["event"] === "string") {
          const data = message3["data"];
          this.#onEvent?.({
            event: message3["event"],
            data: data !== null && typeof data === "object" && !Array.isArray(data) ? data : {}
          });
          return;
        }
        const id = message3["id"];
        if ("return" in message3 && typeof id === "number") return this.#settle(id, message3["return"] ?? null);
        if ("error" in message3) return this.#refuse(id, message3["error"] ?? null, line2);
        throw garbled(line2);
      }
      #settle(id, result) {
        const waiting = this.#waiting.get(id);
        this.#waiting.delete(id);
        waiting?.resolve(result);
      }
      /** An error without id is QEMU's answer to a line it could not read; the only line under way is the oldest. */
      #refuse(id, error, line2) {
        const key = typeof id === "number" ? id : this.#waiting.keys().next().value;
        const waiting = key === void 0 ? void 0 : this.#waiting.get(key);
        if (key === void 0 || !waiting) return;
        this.#waiting.delete(key);
        const description = error !== null && typeof error === "object" && "desc" in error ? String(error.desc) : JSON.stringify(error);
        waiting.reject(new QmpError("refused", waiting.command, `QEMU refused ${waiting.command}: ${description}`, line2));
      }
      #end(error) {
        if (this.#ended) return;
        this.#ended = error;
        this.#connection.close();
        for (const waiting of this.#waiting.values()) waiting.reject(this.#endedFor(waiting.command, error));
        this.#waiting.clear();
      }
      #endedFor(command, error) {
        return new QmpError(error.reason, command, `${error.message} (while ${command} was asked)`, error.answer);
      }
    };
  }
});

// providers/qemu/node/qmp.ts
async function withQmp(ports, run10, id, timeoutMs, use) {
  const { sockets, clock } = ports;
  const qmp = await QmpClient.connect({ path: `${run10}/${controlSocket(id)}` }, { sockets, clock, timeoutMs });
  try {
    return await use(qmp);
  } finally {
    qmp.close();
  }
}
var init_qmp2 = __esm({
  "providers/qemu/node/qmp.ts"() {
    "use strict";
    init_names();
    init_qmp();
  }
});

// providers/qemu/node/carrier.ts
async function setCarrier(ports, run10, node3, adapter, up) {
  const { process: process3 } = notesOf(node3);
  if (!process3 || ports.processes.status(process3) !== "alive") return;
  try {
    await withQmp(
      ports,
      run10,
      node3.id,
      ANSWER_MS,
      (qmp) => qmp.execute("set_link", { name: nicName(adapter), up }, ANSWER_MS)
    );
  } catch (cause) {
    if (ports.processes.status(process3) !== "alive") return;
    fail(`The cable of adapter ${adapter} of ${node3.address} could not be plugged ${up ? "in" : "out"}`, {
      address: node3.address,
      detail: `QEMU (pid ${process3.pid}): ${cause instanceof Error ? cause.message : String(cause)}.`,
      cause
    });
  }
}
var ANSWER_MS;
var init_carrier = __esm({
  "providers/qemu/node/carrier.ts"() {
    "use strict";
    init_diagnostics();
    init_names();
    init_notes();
    init_qmp2();
    ANSWER_MS = 5e3;
  }
});

// providers/qemu/mac.ts
function parseMac(text) {
  const separated = /^[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}$/i.test(text);
  if (!separated && !/^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}$/i.test(text)) return void 0;
  return Number.parseInt(text.replace(/[:.-]/g, ""), 16);
}
function formatMac(mac) {
  const digits = mac.toString(16).padStart(12, "0");
  return digits.replace(/(..)(?=.)/g, "$1:");
}
function isGroupMac(mac) {
  return Math.floor(mac / 2 ** 40) % 2 === 1;
}
function macFromUuid(uuid) {
  const digits = uuid.replaceAll("-", "");
  const first = Number.parseInt(digits.slice(22, 24), 16) & 252 | 2;
  return first * 2 ** 40 + Number.parseInt(digits.slice(24, 32), 16) * 2 ** 8;
}
function uuidFromSeed(seed) {
  const variant = (Number.parseInt(seed.slice(15, 16), 16) & 3 | 8).toString(16);
  return [
    seed.slice(0, 8),
    seed.slice(8, 12),
    `8${seed.slice(12, 15)}`,
    `${variant}${seed.slice(16, 19)}`,
    seed.slice(19, 31)
  ].join("-");
}
var init_mac = __esm({
  "providers/qemu/mac.ts"() {
    "use strict";
  }
});

// providers/qemu/check.ts
function checkArguments(config) {
  return [
    ...checkPattern(config, "machine", /^[A-Za-z0-9._-]+$/, "a machine type such as pc or q35, without properties"),
    ...checkPattern(config, "adapter_type", /^[A-Za-z0-9._-]+$/, "a device name such as e1000, without properties"),
    ...checkPattern(
      config,
      "cpu_model",
      /^[A-Za-z0-9._-]+(,[+-]?[A-Za-z0-9._-]+(=[A-Za-z0-9._-]+)?)*$/,
      "a CPU model such as host or qemu64,+ssse3"
    ),
    ...checkPattern(config, "boot_priority", /^(?!.*(.).*\1)[acdn]+$/, "the letters a, c, d and n, each once at most"),
    ...checkMac(config),
    ...checkBoot(config),
    ...checkText(config),
    ...checkConsole(config)
  ];
}
function checkPattern(config, name, pattern3, expected) {
  const value = config[name];
  if (typeof value !== "string" || pattern3.test(value)) return [];
  return [errorDiagnostic(`${name} is ${JSON.stringify(value)}`, { detail: `It must be ${expected}.` })];
}
function checkMac(config) {
  const { mac_address: text, adapters: adapters2 } = config;
  if (typeof text !== "string") return [];
  const mac = parseMac(text);
  if (mac === void 0) {
    const detail = "It must be six octets, as in 02:00:5e:10:00:01.";
    return [errorDiagnostic(`mac_address is no MAC address: ${JSON.stringify(text)}`, { detail })];
  }
  const last = mac + Math.max(0, (typeof adapters2 === "number" ? adapters2 : 1) - 1);
  if (!isGroupMac(mac) && !isGroupMac(last) && last < 2 ** 48) return [];
  const which = isGroupMac(mac) ? formatMac(mac) : `what adapter ${last - mac} would have`;
  return [
    errorDiagnostic(`mac_address ${text} gives an adapter a group address`, {
      detail: `The lowest bit of the first octet marks multicast, and no adapter may have such an address: ${which}. Use a first octet such as 02.`
    })
  ];
}
function checkBoot(config) {
  if (config["kernel_image"] !== null) return [];
  return ["initrd", "kernel_command_line"].filter((name) => typeof config[name] === "string").map(
    (name) => errorDiagnostic(`${name} without kernel_image`, {
      detail: `Only a kernel that QEMU boots itself is given ${name === "initrd" ? "an initrd" : "a command line"}. Set kernel_image, or remove ${name}.`
    })
  );
}
function checkText(config) {
  return ["kernel_image", "initrd", "kernel_command_line", "qemu_binary"].filter((name) => typeof config[name] === "string" && config[name].includes("\0")).map((name) => errorDiagnostic(`${name} contains a zero character`, { detail: "No program can be given one." }));
}
function checkConsole(config) {
  const found = [];
  const ready = typeof config["ready"] === "object" ? config["ready"] : null;
  const none2 = config["console_type"] === "none";
  if (none2 && ready?.console) {
    const detail = 'There is no console to search. Use console_type = "telnet", or remove the condition.';
    found.push(errorDiagnostic('ready waits for a console text, but console_type is "none"', { detail }));
  }
  if (ready && (ready.console === null || ready.console === "")) {
    const detail = 'Say what must appear, as in console = "login:", or remove the block.';
    found.push(errorDiagnostic("ready has no condition", { detail }));
  }
  if (none2 && typeof config["console_port"] === "number") {
    const detail = "Without a console there is nothing to serve on it. Remove console_port.";
    found.push(errorDiagnostic('console_port is set, but console_type is "none"', { detail }));
  }
  return found;
}
var init_check = __esm({
  "providers/qemu/check.ts"() {
    "use strict";
    init_diagnostics();
    init_mac();
  }
});

// providers/qemu/images.ts
import { resolve } from "node:path";
function imageCandidates(path, lab, imageDirectory) {
  const inLab = resolve(lab, path);
  if (path.startsWith("/") || imageDirectory === null) return [inLab];
  return [inLab, resolve(imageDirectory, path)];
}
async function findImage(files, candidates) {
  for (const candidate of candidates) {
    try {
      await files.lstat(candidate);
      return candidate;
    } catch {
    }
  }
  return candidates[0];
}
async function checkImage(files, role, path, candidates) {
  const subject = `${role} ${path}`;
  try {
    const { kind } = await files.stat(path);
    if (kind !== "file") {
      return errorDiagnostic(
        `${capital(role)} ${path} is no file but ${kind === "other" ? "a device or pipe" : `a ${kind}`}`,
        {
          subject
        }
      );
    }
    await files.access(path, "read");
    return void 0;
  } catch (error) {
    return errorDiagnostic(...await explain(files, role, path, candidates, error, subject));
  }
}
async function explain(files, role, path, candidates, error, subject) {
  if (error.code === "ENOENT") {
    const target = await files.readLink(path).catch(() => void 0);
    if (target !== void 0) {
      const detail2 = `It is a link to ${target}, and there is nothing. Put the image there or mend the link.`;
      return [`${capital(role)} ${path} is a dangling link`, { detail: detail2, subject }];
    }
    const tried = candidates.length > 1 ? ` Searched: ${candidates.join(", ")}.` : "";
    const detail = `Put the image there, or change the path; a relative one starts at the lab's directory, then at image_directory of provider "qemu".${tried}`;
    return [`${capital(role)} ${path} does not exist`, { detail, subject }];
  }
  if (error.code === "EACCES") {
    const detail = "QEMU runs as your account, which may not read this file or enter one of its directories.";
    return [`${capital(role)} ${path} cannot be read`, { detail, subject }];
  }
  return [`${capital(role)} ${path} cannot be read`, { detail: error.message, subject }];
}
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
var init_images = __esm({
  "providers/qemu/images.ts"() {
    "use strict";
    init_diagnostics();
  }
});

// providers/qemu/settings.ts
import { resolve as resolve2 } from "node:path";
function qemuSettings(settings) {
  return settings;
}
async function resolveSettings(ports, directories, configured, offline) {
  const given2 = qemuSettings(configured);
  const diagnostics = [
    ...checkRange("console_ports", given2.console_ports),
    ...checkRange("monitor_ports", given2.monitor_ports),
    ...warnOfListening(given2)
  ];
  const absolute2 = (path) => path === null ? null : resolve2(directories.lab, path);
  let { accel } = given2;
  if (!offline && accel !== "tcg") {
    const reason = await whyNoKvm(ports);
    if (reason !== void 0 && accel === "kvm") {
      diagnostics.push(
        errorDiagnostic('accel = "kvm", but KVM cannot be used here', { detail: `KVM: ${reason}. ${TURN_KVM_OFF}` })
      );
    }
    if (accel === "auto") accel = reason === void 0 ? "kvm" : "tcg";
  }
  const settings = {
    ...configured,
    accel,
    accel_automatic: given2.accel === "auto",
    binary_directory: absolute2(given2.binary_directory),
    image_directory: absolute2(given2.image_directory)
  };
  return { settings, diagnostics };
}
function checkRange(name, range2) {
  const [low, high] = range2;
  const isPort2 = (port2) => Number.isInteger(port2) && port2 >= 1 && port2 <= 65535;
  if (range2.length === 2 && isPort2(low) && isPort2(high) && low <= high) return [];
  return [
    errorDiagnostic(`${name} is no range of TCP ports`, {
      detail: `It must hold two whole numbers from 1 to 65535, the lower first, as in [23000, 23999]; it is [${range2.join(", ")}].`
    })
  ];
}
function warnOfListening(settings) {
  const warnings = [];
  const whose = settings.console_access === "owner" ? `With console_access = "owner" only processes of this host's owner are admitted; from elsewhere it serves nobody.` : "Whoever reaches that address can use it; there is no password.";
  if (!isLoopback(settings.console_host)) {
    warnings.push(warningDiagnostic(`Consoles listen on ${settings.console_host}, not on loopback`, { detail: whose }));
  }
  if (settings.monitor && !isLoopback(settings.monitor_host)) {
    const detail = `A monitor can run programs as the lab's owner, so it admits only the owner's own processes on this host. Listening on another address than 127.0.0.1 gains nothing.`;
    warnings.push(warningDiagnostic(`Monitors listen on ${settings.monitor_host}, not on loopback`, { detail }));
  }
  return warnings;
}
function isLoopback(host2) {
  return /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host2);
}
var init_settings = __esm({
  "providers/qemu/settings.ts"() {
    "use strict";
    init_diagnostics();
    init_accelerator();
  }
});

// providers/qemu/plan.ts
import { resolve as resolve3 } from "node:path";
async function planNode(request, tools) {
  const planning = new Planning(request, tools);
  planning.diagnostics.push(...checkArguments(request.config));
  const planned = planning.fromArguments();
  const platform = planned["platform"];
  planned["qemu_binary"] = await planning.binary(platform);
  planned["accel"] = await planning.accel(platform);
  for (const role of ["kernel_image", "initrd"]) planned[role] = await planning.image(role);
  if (!request.offline) {
    await planning.checkBinary(planned["qemu_binary"]);
    planning.diagnostics.push(...await tools.memory.check(request));
  }
  return { planned, requires: [KEEPER], diagnostics: planning.diagnostics };
}
function machineOf(platform, machine) {
  if (machine !== null) return machine;
  if (platform === UNKNOWN) return UNKNOWN;
  if (isX86Platform(String(platform))) return "pc";
  return platform === "arm" || platform === "aarch64" ? "virt" : null;
}
var KEEPER, ROLES, Planning;
var init_plan = __esm({
  "providers/qemu/plan.ts"() {
    "use strict";
    init_diagnostics();
    init_values();
    init_accelerator();
    init_attributes();
    init_binary();
    init_check();
    init_images();
    init_mac();
    init_notes();
    init_settings();
    KEEPER = { address: "service.keeper", provider: "qemu", attributes: {} };
    ROLES = { kernel_image: "kernel image", initrd: "initrd" };
    Planning = class {
      diagnostics = [];
      #request;
      #tools;
      #config;
      constructor(request, tools) {
        this.#request = request;
        this.#tools = tools;
        this.#config = request.config;
      }
      /** What needs no look at the host. */
      fromArguments() {
        const { id, prior, seed, tunnel } = this.#request;
        const settings = qemuSettings(this.#request.settings);
        const uuid = String(this.#config["uuid"] ?? prior?.attributes["uuid"] ?? uuidFromSeed(seed));
        const platform = this.#platform();
        const mac = this.#macBase(uuid);
        return {
          ...this.#config,
          id,
          uuid,
          platform,
          machine: machineOf(platform, this.#config["machine"] ?? null),
          mac_address: mac === UNKNOWN ? UNKNOWN : formatMac(mac),
          adapter: this.#adapterList(mac),
          tunnel,
          console: this.#config["console_type"] === "none" ? null : this.#listener("console", settings.console_host),
          monitor: settings.monitor ? this.#listener("monitor", settings.monitor_host) : null,
          console_access: settings.console_access
        };
      }
      #platform() {
        const { platform = null, qemu_binary: binary2 = null } = this.#config;
        if (platform === UNKNOWN) return UNKNOWN;
        if (binary2 === UNKNOWN) return platform ?? UNKNOWN;
        const told = typeof binary2 === "string" ? platformOfBinary(binary2) : void 0;
        if (platform !== null) {
          const differs = told !== void 0 && told !== platform;
          if (differs && !(isX86Platform(told) && isX86Platform(String(platform)))) {
            this.diagnostics.push(
              errorDiagnostic(`qemu_binary emulates ${told}, but platform is ${String(platform)}`, {
                detail: "Remove one of the two, or make them agree.",
                subject: `QEMU binary ${String(binary2)}`
              })
            );
          }
          return platform;
        }
        if (binary2 === null) return "x86_64";
        if (told !== void 0) return told;
        this.diagnostics.push(
          errorDiagnostic(`The platform of ${String(binary2)} cannot be told from its name`, {
            detail: 'Names such as qemu-system-x86_64 tell it. Say it with platform, as in platform = "x86_64".',
            subject: `QEMU binary ${String(binary2)}`
          })
        );
        return UNKNOWN;
      }
      #macBase(uuid) {
        const given2 = this.#config["mac_address"] ?? null;
        if (given2 === UNKNOWN) return UNKNOWN;
        return (typeof given2 === "string" ? parseMac(given2) : void 0) ?? macFromUuid(uuid);
      }
      #adapterList(mac) {
        const { adapters: adapters2 } = this.#config;
        if (typeof adapters2 !== "number") return UNKNOWN;
        return Array.from({ length: adapters2 }, (_, at2) => ({
          id: `${this.#request.id}/${at2}`,
          mac_address: mac === UNKNOWN ? UNKNOWN : formatMac(mac + at2),
          name: `eth${at2}`
        }));
      }
      /** Known where the port is fixed or was chosen before: then it is kept. */
      #listener(name, host2) {
        const fixed3 = this.#config[`${name}_port`] ?? null;
        if (fixed3 === UNKNOWN) return UNKNOWN;
        if (fixed3 !== null) return { host: host2, port: fixed3 };
        const { prior } = this.#request;
        const served2 = prior ? listener(prior.attributes[name]) ?? notesOf(prior)[name] : null;
        return served2 ? { host: host2, port: served2.port } : UNKNOWN;
      }
      async binary(platform) {
        const given2 = this.#config["qemu_binary"] ?? null;
        if (given2 === UNKNOWN || given2 === null && platform === UNKNOWN) return UNKNOWN;
        const name = String(given2 ?? binaryName(String(platform)));
        const wanted = name.includes("/") ? resolve3(this.#tools.directories.lab, name) : name;
        const directory = qemuSettings(this.#request.settings).binary_directory;
        if (!this.#request.offline) {
          const located2 = await locateBinary(this.#tools.ports, wanted, directory);
          if ("path" in located2) return located2.path;
          this.diagnostics.push(located2.diagnostic);
          return UNKNOWN;
        }
        if (wanted.startsWith("/")) return wanted;
        if (directory !== null) return `${directory}/${wanted}`;
        const prior = this.#request.prior?.attributes["qemu_binary"];
        return typeof prior === "string" && prior.endsWith(`/${wanted}`) ? prior : UNKNOWN;
      }
      /** What auto was resolved to is kept while it works: a node does not restart because /dev/kvm appeared. */
      async accel(platform) {
        const own = this.#config["accel"] ?? null;
        const settings = qemuSettings(this.#request.settings);
        if (own === UNKNOWN || platform === UNKNOWN) return UNKNOWN;
        const x86 = isX86Platform(String(platform));
        const automatic = own === null ? settings.accel_automatic : own === "auto";
        if (automatic) {
          if (!x86) return "tcg";
          const before = this.#request.prior?.attributes["accel"] ?? null;
          if (this.#request.offline) return before ?? UNKNOWN;
          if (before === "tcg") return "tcg";
          return await this.#tools.whyNoKvm() === void 0 ? "kvm" : "tcg";
        }
        const accel = own ?? settings.accel;
        if (accel !== "kvm") return accel;
        if (!x86) {
          const detail = `KVM runs guests of the host's own architecture, and labform uses it for x86 only. ${TURN_KVM_OFF}`;
          this.diagnostics.push(errorDiagnostic(`accel = "kvm" cannot run platform ${String(platform)}`, { detail }));
        } else if (!this.#request.offline && own !== null) {
          const reason = await this.#tools.whyNoKvm();
          if (reason !== void 0) {
            const detail = `KVM: ${reason}. ${TURN_KVM_OFF}`;
            this.diagnostics.push(errorDiagnostic('accel = "kvm", but KVM cannot be used here', { detail }));
          }
        }
        return accel;
      }
      /** Absolute, so that the record does not hang on where the lab was applied from. */
      async image(name) {
        const given2 = this.#config[name] ?? null;
        if (typeof given2 !== "string") return given2;
        const { files } = this.#tools.ports;
        const { image_directory } = qemuSettings(this.#request.settings);
        const candidates = imageCandidates(given2, this.#tools.directories.lab, image_directory);
        if (this.#request.offline) {
          if (candidates.length === 1) return candidates[0];
          const before = this.#request.prior?.attributes[name];
          return typeof before === "string" && candidates.includes(before) ? before : UNKNOWN;
        }
        const path = await findImage(files, candidates);
        const diagnostic = await checkImage(files, ROLES[name], path, candidates);
        if (diagnostic) this.diagnostics.push(diagnostic);
        return path;
      }
      async checkBinary(path) {
        if (typeof path !== "string") return;
        const { prior } = this.#request;
        const known4 = prior ? notesOf(prior).binary : void 0;
        try {
          const binary2 = await this.#tools.binaries.inspect(path, known4);
          const same = binary2 === known4 && prior?.attributes["adapter_type"] === this.#config["adapter_type"];
          if (!same) await this.#checkAdapterType(binary2);
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          this.diagnostics.push(...error.diagnostics);
        }
      }
      async #checkAdapterType(binary2) {
        const { adapter_type: type, adapters: adapters2 } = this.#config;
        if (typeof type !== "string" || adapters2 === 0) return;
        const devices = await this.#tools.binaries.devices(binary2);
        if (devices.has(type)) return;
        this.diagnostics.push(
          errorDiagnostic(`${binary2.path} has no network adapter ${JSON.stringify(type)}`, {
            detail: `What it has is listed by: ${binary2.path} -device help. Usual ones are e1000, virtio-net-pci, vmxnet3 and rtl8139.`,
            subject: `QEMU binary ${binary2.path}`
          })
        );
      }
    };
  }
});

// providers/qemu/keeper/client.ts
var KeeperSilent, KeeperClient;
var init_client = __esm({
  "providers/qemu/keeper/client.ts"() {
    "use strict";
    init_lines();
    init_protocol();
    init_protocol();
    KeeperSilent = class extends Error {
      command;
      constructor(command, why, options) {
        super(`the keeper ${why}`, options);
        this.name = "KeeperSilent";
        this.command = command;
      }
    };
    KeeperClient = class _KeeperClient {
      #connection;
      #timeoutMs;
      #waiting = /* @__PURE__ */ new Map();
      #lastId = 0;
      #timer;
      #lost;
      /** `timeoutMs` holds for the connection, and for each answer. Rejects with `KeeperSilent`. */
      static async connect(sockets, run10, timeoutMs = 1e3) {
        try {
          return new _KeeperClient(await sockets.connect({ path: `${run10}/${CONTROL_SOCKET}` }, timeoutMs), timeoutMs);
        } catch (cause) {
          const code = cause.code ?? String(cause);
          throw new KeeperSilent("connect", `does not listen on its socket (${code})`, { cause });
        }
      }
      constructor(connection, timeoutMs) {
        this.#connection = connection;
        this.#timeoutMs = timeoutMs;
        void this.#read();
      }
      async ping() {
        return await this.#request("ping", {});
      }
      /** Rejects with `KeeperError` (`port-taken` and the like) when it cannot; then nothing has changed. */
      async serve(request) {
        return await this.#request("serve", request);
      }
      /** A node that is not served is a success. */
      async release(node3) {
        await this.#request("release", { node: node3 });
      }
      async list() {
        return await this.#request("list", {});
      }
      /** Resolves when it has promised to exit. */
      async stop() {
        await this.#request("stop", {});
      }
      close() {
        this.#lose("was not waited for");
        this.#connection.close();
      }
      async #request(command, fields) {
        if (this.#lost !== void 0) throw new KeeperSilent(command, this.#lost);
        const id = ++this.#lastId;
        const answer = await new Promise((settle) => {
          this.#waiting.set(id, { command, settle });
          this.#timer ??= setTimeout(() => this.#giveUp(), this.#timeoutMs);
          this.#connection.write(`${JSON.stringify({ id, command, arguments: fields })}
`);
        });
        if (answer instanceof KeeperSilent) throw answer;
        if (answer.error) throw new KeeperError(answer.error.code, answer.error.message);
        return answer.result;
      }
      async #read() {
        const reader = new LineReader(MAX_LINE_BYTES);
        try {
          for await (const chunk of this.#connection.incoming) {
            for (const line2 of reader.push(chunk)) this.#take(line2);
          }
          this.#lose("hung up");
        } catch (error) {
          this.#lose(`was lost: ${error.message}`);
        }
      }
      /** An answer nobody waits for any more is dropped. */
      #take(line2) {
        let answer;
        try {
          answer = JSON.parse(line2 ?? "");
        } catch {
          this.#lose("said something that is no answer");
          return;
        }
        if (typeof answer?.id !== "number") return;
        this.#waiting.get(answer.id)?.settle(answer);
        this.#waiting.delete(answer.id);
        if (this.#waiting.size > 0) this.#timer?.refresh();
        else this.#stopTimer();
      }
      #giveUp() {
        this.#settleAll((command) => `did not answer "${command}" in ${this.#timeoutMs} ms`);
      }
      #lose(why) {
        this.#lost ??= why;
        this.#settleAll(() => why);
      }
      #settleAll(why) {
        this.#stopTimer();
        const waiting = [...this.#waiting.values()];
        this.#waiting.clear();
        for (const { command, settle } of waiting) settle(new KeeperSilent(command, why(command)));
      }
      #stopTimer() {
        clearTimeout(this.#timer);
        this.#timer = void 0;
      }
    };
  }
});

// providers/qemu/service/portHolder.ts
async function portHolder(files, port2) {
  const inodes = /* @__PURE__ */ new Set();
  let uid;
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await files.readText(table).catch(() => "");
    for (const line2 of text.split("\n").slice(1)) {
      const fields = line2.trim().split(/\s+/);
      if (fields[3] !== LISTEN || Number.parseInt(fields[1]?.split(":")[1] ?? "", 16) !== port2) continue;
      uid = fields[7];
      inodes.add(`socket:[${fields[9]}]`);
    }
  }
  if (inodes.size === 0) return void 0;
  for (const pid of await files.list("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid) || !await holdsOne(files, pid, inodes)) continue;
    const name = (await files.readText(`/proc/${pid}/comm`).catch(() => "a process")).trim();
    return `${name} (pid ${pid})`;
  }
  return `a process of account ${uid}`;
}
async function holdsOne(files, pid, inodes) {
  const directory = `/proc/${pid}/fd`;
  for (const descriptor of await files.list(directory).catch(() => [])) {
    const target = await files.readLink(`${directory}/${descriptor}`).catch(() => "");
    if (inodes.has(target)) return true;
  }
  return false;
}
var LISTEN;
var init_portHolder = __esm({
  "providers/qemu/service/portHolder.ts"() {
    "use strict";
    LISTEN = "0A";
  }
});

// providers/qemu/service/serve.ts
async function serveNode(serving, tools) {
  return await withKeeper(tools, serving.address, (keeper3) => serveWith(keeper3, serving, tools));
}
async function serveWith(keeper3, serving, tools) {
  const request = serveRequest(serving);
  try {
    const { console: console2, monitor } = await keeper3.serve(request);
    return { console: console2, monitor };
  } catch (error) {
    if (!(error instanceof KeeperError)) throw error;
    fail(`The ports of ${serving.address} cannot be served: ${error.message}`, {
      address: serving.address,
      detail: await advice(error, request, tools),
      cause: error
    });
  }
}
async function withKeeper(tools, address, use) {
  let keeper3;
  try {
    keeper3 = await KeeperClient.connect(tools.ports.sockets, tools.directories.run);
    return await use(keeper3);
  } catch (error) {
    if (!(error instanceof KeeperSilent)) throw error;
    return fail("The lab's keeper, which serves consoles and monitors, cannot be reached", {
      address,
      detail: `When asked: ${error.message}. Run apply again: it replaces a keeper that does not answer, and no node is touched by that. Its log is ${tools.directories.run}/keeper.log.`,
      cause: error
    });
  } finally {
    keeper3?.close();
  }
}
function serveRequest({ address, id, planned, settings, directory }) {
  const { console_host, console_ports, monitor_host, monitor_ports } = qemuSettings(settings);
  const console2 = portOf(planned["console"] ?? null, console_host);
  const monitor = portOf(planned["monitor"] ?? null, monitor_host);
  return {
    node: id,
    address,
    console: console2 && { type: "telnet", ...console2, range: console_ports },
    monitor: monitor && { ...monitor, range: monitor_ports },
    access: planned["console_access"] === "host" ? "host" : "owner",
    ...console2 ? { consoleLog: consoleLog(directory) } : {}
  };
}
function portOf(planned, host2) {
  if (planned === null) return null;
  return planned === UNKNOWN ? { host: host2, port: null } : planned;
}
async function advice(error, request, tools) {
  if (error.code !== "port-taken") {
    return 'Ports are set with console_port and monitor_port on the node, their ranges with console_ports and monitor_ports in provider "qemu".';
  }
  const holders = [];
  for (const one of [request.console, request.monitor]) {
    const holder = one?.port ? await portHolder(tools.ports.files, one.port) : void 0;
    if (holder) holders.push(`Port ${one?.port} is held by ${holder}.`);
  }
  return [...holders, "Free the port, or set another with console_port or monitor_port on the node."].join(" ");
}
var init_serve = __esm({
  "providers/qemu/service/serve.ts"() {
    "use strict";
    init_diagnostics();
    init_values();
    init_client();
    init_names();
    init_settings();
    init_portHolder();
  }
});

// providers/qemu/node/prepare.ts
async function prepareNode(context, tools) {
  const { instance, address, settings } = context;
  const planned = await planAgain(context, tools);
  const directory = nodeDirectory(tools.directories.nodes, instance.id);
  await tools.ports.files.makeDirectory(directory);
  if (planned["tunnel"] === "dgram") await reserveTunnels(instance.id, Number(planned["adapters"]), tools);
  const served2 = await serveNode({ address, id: instance.id, planned, settings, directory }, tools);
  const attributes = { ...planned, ...served2, directory, pid: null, command_line: null };
  return withNotes({ ...instance, attributes }, { ...served2, process: void 0, started: void 0 });
}
async function planAgain(context, tools) {
  const { address, instance, settings, wanted, prior } = context;
  const { tunnel } = nodeAttributes(wanted);
  const answer = await planNode(
    {
      address,
      id: instance.id,
      seed: "",
      settings,
      config: wanted,
      prior,
      tunnel,
      offline: false
    },
    tools
  );
  if (hasErrors(answer.diagnostics)) {
    const errors = answer.diagnostics.filter((one) => one.severity === "error");
    throw new Failure(errors.map((one) => ({ ...one, address })));
  }
  return answer.planned;
}
async function reserveTunnels(id, adapters2, tools) {
  const { files } = tools.ports;
  const there = new Set(await files.list(tools.directories.run));
  for (let at2 = 0; at2 < adapters2; at2++) {
    const name = tunnelSocket(id, at2);
    if (!there.has(name)) await files.write(`${tools.directories.run}/${name}`, "", 384);
  }
}
var init_prepare = __esm({
  "providers/qemu/node/prepare.ts"() {
    "use strict";
    init_diagnostics();
    init_attributes();
    init_names();
    init_notes();
    init_plan();
    init_serve();
  }
});

// providers/qemu/end.ts
async function endProcess(processes, identity, what, address) {
  if (processes.status(identity) === "elsewhere") refuseElsewhere(identity, what, address);
  processes.signal(identity, "SIGTERM");
  processes.signal(identity, "SIGCONT");
  if (await processes.waitForExit(identity, TERM_MS)) return;
  processes.signal(identity, "SIGKILL");
  if (await processes.waitForExit(identity, KILL_MS)) return;
  fail(`${what} (pid ${identity.pid}) cannot be ended`, {
    address,
    detail: `It was sent SIGTERM, then SIGKILL, and is still there ${(TERM_MS + KILL_MS) / 1e3} s later. Usually the kernel waits for a disk or a network file system; see: cat /proc/${identity.pid}/stack`
  });
}
function refuseElsewhere(identity, what, address) {
  fail(`${what} of ${address} was started in another container of this host`, {
    address,
    detail: `It has pid ${identity.pid} in the pid namespace ${identity.pidNamespace}, and from here it can be neither seen nor ended. Run labform where it was started.`
  });
}
var TERM_MS, KILL_MS;
var init_end = __esm({
  "providers/qemu/end.ts"() {
    "use strict";
    init_diagnostics();
    TERM_MS = 3e3;
    KILL_MS = 5e3;
  }
});

// providers/qemu/node/log.ts
async function beginLog(files, path, header) {
  if (await sizeOf(files, path) > LARGEST) await files.write(path, await files.readTail(path, KEPT), 384);
  const log = await files.openAppend(path, 384);
  try {
    await log.append(header);
  } finally {
    await log.close();
  }
  return await sizeOf(files, path);
}
async function lastLines(files, path, offset) {
  const size = await sizeOf(files, path);
  const start = Math.max(size < offset ? 0 : offset, size - 16 * 1024);
  const bytes = await files.readFrom(path, start).catch(() => new Uint8Array());
  return new TextDecoder().decode(bytes).split(/[\r\n]+/).map(printable).filter((line2) => line2.trim() !== "").slice(-EVIDENCE_LINES);
}
async function sizeOf(files, path) {
  try {
    return (await files.stat(path)).size;
  } catch {
    return 0;
  }
}
function printable(line2) {
  return line2.replace(/\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "").trimEnd();
}
var LARGEST, KEPT, EVIDENCE_LINES;
var init_log = __esm({
  "providers/qemu/node/log.ts"() {
    "use strict";
    LARGEST = 1024 * 1024;
    KEPT = 256 * 1024;
    EVIDENCE_LINES = 10;
  }
});

// providers/qemu/node/cause.ts
async function whyGone(instance, tools, keeperAnswers) {
  const { files, clock } = tools.ports;
  const { started = "", logOffset = 0 } = notesOf(instance);
  const lines = await lastLines(files, qemuLog(nodeDirectory(tools.directories.nodes, instance.id)), logOffset);
  const path = `${tools.directories.run}/${eventsFile(instance.id)}`;
  const bySignal = signalLine(lines);
  let last = await lastWord(files, path, started);
  if (!last && !bySignal && await keeperAnswers()) {
    for (let look = 0; look < LOOKS && !last; look++) {
      await clock.sleep(LOOK_MS);
      last = await lastWord(files, path, started);
    }
  }
  if (last?.event === "SHUTDOWN") {
    const reason = String(last.data?.reason);
    const what = REASONS[reason] ?? `QEMU ended (${reason})`;
    const evidence = reason === "host-signal" && bySignal ? [bySignal] : [];
    return host(`${what} ${at(last.time, clock)}`, evidence);
  }
  if (bySignal) return host("QEMU was ended by a signal", [bySignal]);
  if (last) return host(`QEMU ended without a word ${at(last.time, clock)}: killed or crashed`, lines);
  return host("QEMU is gone, and why is unknown: the keeper was down when it ended", lines);
}
async function lastWord(files, path, since) {
  const text = await files.readText(path).catch(() => "");
  let last;
  for (const line2 of text.split("\n")) {
    if (!line2.includes('"SHUTDOWN"') && !line2.includes('"ended"')) continue;
    const event = parseEvent(line2);
    if (event && event.time >= since) last = event;
  }
  return last;
}
function parseEvent(line2) {
  try {
    const event = JSON.parse(line2);
    return typeof event.time === "string" && typeof event.event === "string" ? event : void 0;
  } catch {
    return void 0;
  }
}
function signalLine(lines) {
  return lines.findLast((line2) => line2.includes("terminating on signal"));
}
function host(summary2, evidence) {
  return { kind: "host", summary: summary2, ...evidence.length > 0 ? { evidence } : {} };
}
function at(time, clock) {
  const then = new Date(time);
  if (Number.isNaN(then.getTime())) return "";
  const two = (number) => String(number).padStart(2, "0");
  const clockTime = `at ${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === new Date(clock.now()).toDateString()) return clockTime;
  return `on ${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${clockTime}`;
}
var REASONS, LOOKS, LOOK_MS;
var init_cause = __esm({
  "providers/qemu/node/cause.ts"() {
    "use strict";
    init_names();
    init_notes();
    init_log();
    REASONS = {
      "guest-shutdown": "the guest powered itself off",
      "guest-reset": "the guest reset itself, and QEMU ended",
      "guest-panic": "the guest panicked, and QEMU ended",
      "host-qmp-quit": "QEMU was told to quit",
      "host-signal": "QEMU was ended by a signal",
      "host-ui": "QEMU was told to quit",
      "host-error": "QEMU ended after an error of its host"
    };
    LOOKS = 5;
    LOOK_MS = 40;
  }
});

// providers/qemu/node/read.ts
async function readNode(recorded, identity, keeper3, tools) {
  const { processes, files } = tools.ports;
  const status = identity ? processes.status(identity) : "gone";
  if (identity && status === "elsewhere") refuseElsewhere(identity, "QEMU", recorded.address);
  const directory = nodeDirectory(tools.directories.nodes, recorded.id);
  const hasDirectory = await files.stat(directory).then(
    (stat) => stat.kind === "directory",
    () => false
  );
  const operation = recorded.pending?.operation;
  if (identity && status === "alive") {
    const instance2 = served(settled(recorded, identity), await keeper3.ports(recorded.id));
    if (!hasDirectory) return broken(instance2, "host", `its directory is gone: ${directory}`);
    const cause2 = operation === "start" ? await whyHalfStarted(instance2, tools) : void 0;
    return cause2 ? { condition: "broken", instance: instance2, cause: cause2 } : { condition: "present", instance: instance2 };
  }
  if (!hasDirectory) {
    const summary2 = operation === void 0 ? `its directory is gone: ${directory}` : HALF_DONE[operation];
    const cause2 = {
      kind: operation === void 0 ? "host" : "unfinished",
      summary: summary2 ?? "left half-done"
    };
    return { condition: "absent", instance: emptied(recorded), cause: cause2 };
  }
  const instance = served(settled(recorded, void 0), await keeper3.ports(recorded.id));
  if (operation === "prepare" || operation === "remove") return broken(instance, "unfinished", HALF_DONE[operation]);
  const cause = await whyDown(instance, operation, status, keeper3, tools);
  const unserved = !samePlanned(instance.attributes, settled(recorded, void 0).attributes);
  return { condition: unserved ? "broken" : "down", instance, cause };
}
async function whyDown(instance, operation, status, keeper3, tools) {
  const halfDone = operation === void 0 ? void 0 : HALF_DONE[operation];
  if (halfDone) return { kind: "unfinished", summary: halfDone };
  if (!notesOf(instance).process) return { kind: "unfinished", summary: "left half-done: it was not started yet" };
  if (status === "rebooted") return { kind: "host", summary: "the host was rebooted" };
  return await whyGone(instance, tools, () => keeper3.answers());
}
async function whyHalfStarted(instance, tools) {
  const pid = notesOf(instance).process?.pid;
  try {
    const status = await withQmp(
      tools.ports,
      tools.directories.run,
      instance.id,
      ANSWER_MS2 / 2,
      (qmp) => qmp.execute("query-status", {}, ANSWER_MS2 / 2)
    );
    if (status?.status !== "prelaunch") return void 0;
    return { kind: "unfinished", summary: `left half-done: QEMU (pid ${pid}) was started but never let run` };
  } catch {
    return { kind: "unfinished", summary: `left half-done: QEMU (pid ${pid}) was started and does not answer` };
  }
}
function settled(recorded, identity) {
  const pid = identity?.pid ?? null;
  const known4 = notesOf(recorded).process;
  const same = recorded.attributes["pid"] === pid || (recorded.attributes["pid"] ?? null) === pid;
  if (same && !recorded.pending && (!identity || samePlanned({ ...known4 }, { ...identity }))) return recorded;
  const { pending: _, ...rest } = recorded;
  const instance = { ...rest, attributes: { ...rest.attributes, pid } };
  return identity ? withNotes(instance, { process: identity }) : instance;
}
function served(instance, ports) {
  if (ports === "unknown") return instance;
  const lost = {};
  for (const name of ["console", "monitor"]) {
    const recorded = listener(instance.attributes[name]);
    const now = ports?.[name] ?? null;
    if (recorded && (now?.host !== recorded.host || now.port !== recorded.port)) lost[name] = null;
  }
  if (Object.keys(lost).length === 0) return instance;
  return { ...instance, attributes: { ...instance.attributes, ...lost } };
}
function emptied(recorded) {
  const { pending: _, ...rest } = recorded;
  const attributes = { ...rest.attributes, pid: null, console: null, monitor: null };
  return withNotes(
    { ...rest, attributes },
    { process: void 0, started: void 0, console: void 0, monitor: void 0 }
  );
}
function broken(instance, kind, summary2) {
  return { condition: "broken", instance, cause: { kind, summary: summary2 ?? "left half-done" } };
}
var ANSWER_MS2, HALF_DONE;
var init_read = __esm({
  "providers/qemu/node/read.ts"() {
    "use strict";
    init_values();
    init_attributes();
    init_end();
    init_names();
    init_notes();
    init_cause();
    init_qmp2();
    ANSWER_MS2 = 800;
    HALF_DONE = {
      prepare: "left half-done: it was being prepared",
      start: "left half-done: it was being started",
      stop: "left half-done: it was being stopped",
      remove: "left half-done: it was being removed"
    };
  }
});

// providers/qemu/node/ready.ts
async function waitUntilReady(context, tools) {
  const { instance, address, signal } = context;
  const { ready } = nodeAttributes(instance.attributes);
  if (!ready || ready.console === null) return instance;
  const { clock, files, processes } = tools.ports;
  const { process: process3, consoleOffset = 0 } = notesOf(instance);
  const directory = nodeDirectory(tools.directories.nodes, instance.id);
  const search = new ConsoleSearch(files, consoleLog(directory), consoleOffset, ready.console);
  const deadline = clock.monotonic() + ready.timeout_s * 1e3;
  for (; ; ) {
    const alive = process3 !== void 0 && processes.status(process3) === "alive";
    if (await search.advance()) return instance;
    if (!alive) await failEnded(context, tools);
    const left = deadline - clock.monotonic();
    if (left <= 0) await failLate(context, tools, ready.console, ready.timeout_s);
    try {
      await clock.sleep(Math.min(PAUSE_MS, left), signal);
      await files.waitForChange(directory, Math.max(1, Math.min(LOOK_MS2, left)), signal);
    } catch (cause) {
      if (!signal.aborted) throw cause;
      throw interrupted(address, ready.console, cause);
    }
  }
}
async function failEnded(context, tools) {
  const { summary: summary2, evidence } = await whyGone(context.instance, tools, async () => true);
  return fail(`${context.address} ended before it was ready`, {
    address: context.address,
    detail: [
      `What is known: ${summary2}.`,
      ...consoleEvidence(await consoleTail(context, tools)),
      ...evidence ?? []
    ].join("\n")
  });
}
async function failLate(context, tools, text, seconds2) {
  const lines = await consoleTail(context, tools);
  return fail(`${context.address} was not ready within ${seconds2} s`, {
    address: context.address,
    detail: [
      `${JSON.stringify(text)} did not appear on its console since it was started. It runs on; the next apply waits again. Look at its console, or change ready { console, timeout_s }.`,
      ...consoleEvidence(lines)
    ].join("\n")
  });
}
function consoleEvidence(lines) {
  if (lines.length === 0) return ["Its console showed nothing."];
  return ["The last lines of its console:", ...lines.map((line2) => `  ${line2}`)];
}
async function consoleTail({ instance }, tools) {
  const log = consoleLog(nodeDirectory(tools.directories.nodes, instance.id));
  return await lastLines(tools.ports.files, log, notesOf(instance).consoleOffset ?? 0);
}
function interrupted(address, text, cause) {
  return new Failure(
    {
      severity: "error",
      summary: `Waiting for ${address} was interrupted`,
      address,
      detail: `${JSON.stringify(text)} had not appeared on its console yet. The node runs on; the next apply waits again.`
    },
    { cause }
  );
}
var LOOK_MS2, PAUSE_MS, ConsoleSearch;
var init_ready = __esm({
  "providers/qemu/node/ready.ts"() {
    "use strict";
    init_diagnostics();
    init_attributes();
    init_names();
    init_notes();
    init_cause();
    init_log();
    LOOK_MS2 = 250;
    PAUSE_MS = 20;
    ConsoleSearch = class {
      #files;
      #path;
      #wanted;
      #offset;
      /** The end of what was read, in which the text may have begun. */
      #carried = Buffer.alloc(0);
      constructor(files, path, offset, wanted) {
        this.#files = files;
        this.#path = path;
        this.#offset = offset;
        this.#wanted = Buffer.from(wanted, "utf8");
      }
      /** True once the text was found in what is there by now. */
      async advance() {
        const size = await this.#files.stat(this.#path).then(
          (stat) => stat.size,
          () => 0
        );
        if (size < this.#offset) this.#offset = 0;
        if (size === this.#offset) return false;
        const fresh = await this.#files.readFrom(this.#path, this.#offset);
        this.#offset += fresh.length;
        const text = Buffer.concat([this.#carried, fresh]);
        if (text.includes(this.#wanted)) return true;
        this.#carried = text.subarray(Math.max(0, text.length - this.#wanted.length + 1));
        return false;
      }
    };
  }
});

// providers/qemu/node/remove.ts
async function removeNode(context, tools) {
  const { id } = context.instance;
  const { files, sockets } = tools.ports;
  const { run: run10, nodes } = tools.directories;
  await release(id, sockets, run10);
  await files.remove(nodeDirectory(nodes, id));
  const names = await files.list(run10).catch((error) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const name of names) if (name.startsWith(`${id}.`)) await files.remove(`${run10}/${name}`);
  return null;
}
async function release(id, sockets, run10) {
  try {
    const keeper3 = await KeeperClient.connect(sockets, run10);
    try {
      await keeper3.release(id);
    } finally {
      keeper3.close();
    }
  } catch (error) {
    if (!(error instanceof KeeperSilent)) throw error;
  }
}
var init_remove = __esm({
  "providers/qemu/node/remove.ts"() {
    "use strict";
    init_client();
    init_names();
  }
});

// providers/qemu/node/start.ts
async function startNode(context, tools) {
  const { ports, directories } = tools;
  const spawned = await spawnQemu(context, tools);
  const process3 = notesOf(spawned).process;
  try {
    await context.progress(spawned, `QEMU is started (pid ${process3.pid})`);
    const qmp = await untilHeld(spawned, process3, tools);
    try {
      await unplugUnlinked(qmp, nodeAttributes(spawned.attributes), context.linked);
      await context.progress(spawned);
      await qmp.execute("cont", {}, ANSWER_MS3);
    } finally {
      qmp.close();
    }
    return spawned;
  } catch (error) {
    const ended2 = await ports.processes.waitForExit(process3, 100);
    ports.processes.signal(process3, "SIGKILL");
    await ports.processes.waitForExit(process3, 5e3);
    const log = qemuLog(nodeDirectory(directories.nodes, spawned.id));
    const words3 = await lastLines(ports.files, log, notesOf(spawned).logOffset ?? 0);
    const said = words3.length > 0 ? `QEMU said:
${words3.map((line2) => `  ${line2}`).join("\n")}` : "QEMU said nothing.";
    return fail(ended2 ? `QEMU of ${context.address} ended at its start` : `${context.address} could not be started`, {
      address: context.address,
      detail: ended2 ? `${said}
Its log: ${log}` : `${messageOf(error)}. ${said}
It was ended again. Its log: ${log}`,
      cause: error
    });
  }
}
async function spawnQemu(context, tools) {
  const { ports, directories, binaries } = tools;
  const { address, instance } = context;
  const notes = notesOf(instance);
  const node3 = nodeAttributes(instance.attributes);
  const directory = nodeDirectory(directories.nodes, instance.id);
  const binary2 = await binaries.inspect(node3.qemu_binary, notes.binary);
  const options = { address, directory, sandbox: binary2.sandbox };
  const shown = shellQuoted([node3.qemu_binary, ...qemuArguments(withoutSensitive(node3, instance), options)]);
  const started = new Date(ports.clock.now()).toISOString();
  const consoleOffset = await sizeOf(ports.files, consoleLog(directory));
  const logOffset = await beginLog(ports.files, qemuLog(directory), `# ${started}
${shown}
`);
  const process3 = await ports.processes.spawn({
    command: node3.qemu_binary,
    arguments: qemuArguments(node3, options),
    directory: directories.run,
    token: context.token,
    logFile: qemuLog(directory)
  }).catch(
    (cause) => fail(`QEMU of ${address} could not be executed`, {
      address,
      detail: `${node3.qemu_binary}: ${messageOf(cause)}.`,
      subject: `QEMU binary ${node3.qemu_binary}`,
      cause
    })
  );
  const attributes = {
    ...instance.attributes,
    console: notes.console ?? null,
    monitor: notes.monitor ?? null,
    directory,
    pid: process3.pid,
    command_line: shown
  };
  return withNotes({ ...instance, attributes }, { process: process3, started, consoleOffset, logOffset, binary: binary2 });
}
function withoutSensitive(node3, instance) {
  const hidden = {};
  for (const [name] of instance.sensitive) {
    if (typeof name === "string" && typeof instance.attributes[name] === "string") hidden[name] = "(sensitive value)";
  }
  return { ...node3, ...hidden };
}
async function untilHeld(instance, process3, tools) {
  const { sockets, clock, processes } = tools.ports;
  const endpoint = { path: `${tools.directories.run}/${controlSocket(instance.id)}` };
  const deadline = clock.monotonic() + QMP_MS;
  for (; ; ) {
    try {
      const qmp = await QmpClient.connect(endpoint, { sockets, clock, timeoutMs: deadline - clock.monotonic() });
      const status = await qmp.execute("query-status", {}, ANSWER_MS3);
      if (status?.status === "prelaunch") return qmp;
      qmp.close();
      throw new Error(`QEMU was to wait, but its status is ${JSON.stringify(status)}`);
    } catch (error) {
      const { code } = error;
      if (processes.status(process3) !== "alive" || code !== "ENOENT" && code !== "ECONNREFUSED") throw error;
      if (clock.monotonic() >= deadline) {
        throw new Error(`QEMU did not open its control socket within ${QMP_MS / 1e3} s`, { cause: error });
      }
    }
    await clock.sleep(5);
  }
}
async function unplugUnlinked(qmp, node3, linked) {
  const unlinked = node3.adapter.map((_, at2) => at2).filter((at2) => !linked.has(at2));
  await Promise.all(unlinked.map((at2) => qmp.execute("set_link", { name: nicName(at2), up: false }, ANSWER_MS3)));
}
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
var QMP_MS, ANSWER_MS3;
var init_start = __esm({
  "providers/qemu/node/start.ts"() {
    "use strict";
    init_diagnostics();
    init_arguments();
    init_attributes();
    init_names();
    init_notes();
    init_qmp();
    init_log();
    QMP_MS = 2e4;
    ANSWER_MS3 = 1e4;
  }
});

// providers/qemu/node/stop.ts
async function stopNode(context, tools) {
  const { instance, address } = context;
  const { process: process3 } = notesOf(instance);
  if (process3) await endProcess(tools.ports.processes, process3, "QEMU", address);
  const attributes = { ...instance.attributes, pid: null };
  return withNotes({ ...instance, attributes }, { process: void 0, started: void 0 });
}
var init_stop = __esm({
  "providers/qemu/node/stop.ts"() {
    "use strict";
    init_end();
    init_notes();
  }
});

// providers/qemu/node/update.ts
async function updateNode(context, tools) {
  const { instance, wanted, settings, address } = context;
  const directory = nodeDirectory(tools.directories.nodes, instance.id);
  const planned = { ...wanted, ...listeners(context) };
  const served2 = await serveNode({ address, id: instance.id, planned, settings, directory }, tools);
  const attributes = { ...wanted, ...served2, directory };
  return withNotes({ ...instance, attributes }, { ...served2 });
}
function listeners({ instance, wanted, settings }) {
  const notes = notesOf(instance);
  const { console_host, monitor, monitor_host } = qemuSettings(settings);
  const listen2 = (name, host2) => {
    if ((wanted[name] ?? null) !== null) return wanted[name];
    const port2 = wanted[`${name}_port`] ?? notes[name]?.port;
    return port2 === void 0 ? UNKNOWN : { host: host2, port: port2 };
  };
  return {
    console: wanted["console_type"] === "none" ? null : listen2("console", console_host),
    monitor: monitor ? listen2("monitor", monitor_host) : null
  };
}
var init_update = __esm({
  "providers/qemu/node/update.ts"() {
    "use strict";
    init_values();
    init_names();
    init_notes();
    init_serve();
    init_settings();
  }
});

// providers/qemu/service/read.ts
async function readKeeper(recorded, identity, keeper3, tools) {
  const status = identity ? tools.ports.processes.status(identity) : "gone";
  if (identity && status === "elsewhere") refuseElsewhere(identity, "the keeper", recorded.address);
  const { pending, ...rest } = recorded;
  if (!identity || status !== "alive") {
    const instance2 = { ...rest, attributes: { ...rest.attributes, pid: null } };
    return { condition: "down", instance: instance2, cause: await whyDown2(recorded, status, tools) };
  }
  const instance = withNotes({ ...rest, attributes: { ...rest.attributes, pid: identity.pid } }, { process: identity });
  if (!await keeper3.answers()) {
    const summary2 = `the keeper (pid ${identity.pid}) does not answer`;
    return { condition: "broken", instance, cause: { kind: "host", summary: summary2 } };
  }
  if (pending?.operation === "launch") {
    const summary2 = "left half-done: the keeper was being started";
    return { condition: "broken", instance, cause: { kind: "unfinished", summary: summary2 } };
  }
  const isAsRecorded = !pending && samePlanned(recorded.attributes, instance.attributes) && samePlanned({ ...notesOf(recorded).process }, { ...identity });
  return { condition: "present", instance: isAsRecorded ? recorded : instance };
}
async function whyDown2(recorded, status, tools) {
  if (recorded.pending) return { kind: "unfinished", summary: "left half-done: the keeper was being started" };
  if (status === "rebooted") return { kind: "host", summary: "the host was rebooted" };
  const evidence = await lastLines(
    tools.ports.files,
    keeperLog(tools.directories.run),
    notesOf(recorded).logOffset ?? 0
  );
  const summary2 = "the keeper ended: killed or crashed";
  return { kind: "host", summary: summary2, ...evidence.length > 0 ? { evidence } : {} };
}
function keeperLog(run10) {
  return `${run10}/keeper.log`;
}
var init_read2 = __esm({
  "providers/qemu/service/read.ts"() {
    "use strict";
    init_values();
    init_end();
    init_log();
    init_notes();
  }
});

// providers/qemu/service/endKeeper.ts
async function endKeeper(context, tools) {
  const { process: process3 } = notesOf(context.instance);
  if (process3) await endProcess(tools.ports.processes, process3, "The keeper", context.address);
  const { run: run10 } = tools.directories;
  await tools.ports.files.remove(`${run10}/keeper.sock`);
  await tools.ports.files.remove(keeperLog(run10));
  return null;
}
var init_endKeeper = __esm({
  "providers/qemu/service/endKeeper.ts"() {
    "use strict";
    init_end();
    init_notes();
    init_read2();
  }
});

// providers/qemu/service/launch.ts
async function launchKeeper(context, tools) {
  const { ports, directories } = tools;
  const log = keeperLog(directories.run);
  const logOffset = await sizeOf(ports.files, log);
  const identity = await ports.processes.spawn({
    command: process.execPath,
    arguments: [`${directories.programs}/keeper.js`, directories.run],
    directory: directories.run,
    token: context.token,
    logFile: log
  }).catch(
    (cause) => fail("The keeper could not be started", { address: context.address, detail: String(cause), cause })
  );
  const { instance } = context;
  const spawned = withNotes(
    { ...instance, attributes: { ...instance.attributes, pid: identity.pid } },
    { process: identity, logOffset }
  );
  await context.progress(spawned, `the keeper is started (pid ${identity.pid})`);
  const { version } = await untilAnswers(identity, logOffset, context, tools);
  await serveCarried(context, tools);
  return { ...spawned, attributes: { ...spawned.attributes, version } };
}
async function untilAnswers(identity, logOffset, context, tools) {
  const { clock, files, processes, sockets } = tools.ports;
  const deadline = clock.monotonic() + START_MS;
  for (; ; ) {
    try {
      const keeper3 = await KeeperClient.connect(sockets, tools.directories.run);
      try {
        const answer = await keeper3.ping();
        if (answer.pid === identity.pid) return answer;
      } finally {
        keeper3.close();
      }
    } catch (error) {
      if (!(error instanceof KeeperSilent)) throw error;
    }
    const alive = processes.status(identity) === "alive";
    if (!alive || clock.monotonic() >= deadline) {
      processes.signal(identity, "SIGKILL");
      const lines = await lastLines(files, keeperLog(tools.directories.run), logOffset);
      fail(alive ? `The keeper did not answer within ${START_MS / 1e3} s` : "The keeper ended at its start", {
        address: context.address,
        detail: [lines.length > 0 ? "It said:" : "It said nothing.", ...lines.map((line2) => `  ${line2}`)].join("\n")
      });
    }
    await clock.sleep(10);
  }
}
async function serveCarried(context, tools) {
  const nodes = context.carried.filter(({ instance }) => instance.kind === "node");
  if (nodes.length === 0) return;
  const failures = await withKeeper(tools, context.address, async (keeper3) => {
    const found = [];
    const serve2 = async ({ instance }) => {
      const { address, id, attributes } = instance;
      const directory = nodeDirectory(tools.directories.nodes, id);
      try {
        await serveWith(keeper3, { address, id, planned: attributes, settings: context.settings, directory }, tools);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        found.push(...error.diagnostics);
      }
    };
    await Promise.all(nodes.map(serve2));
    return found;
  });
  if (failures.length > 0) throw new Failure(failures);
}
var START_MS;
var init_launch = __esm({
  "providers/qemu/service/launch.ts"() {
    "use strict";
    init_diagnostics();
    init_client();
    init_names();
    init_log();
    init_notes();
    init_read2();
    init_serve();
    START_MS = 1e4;
  }
});

// providers/qemu/service/sight.ts
var ANSWER_MS4, KeeperSight;
var init_sight = __esm({
  "providers/qemu/service/sight.ts"() {
    "use strict";
    init_client();
    ANSWER_MS4 = 800;
    KeeperSight = class {
      #ports;
      #run;
      #listed;
      constructor(ports, run10) {
        this.#ports = ports;
        this.#run = run10;
      }
      async answers() {
        return await this.#list() !== void 0;
      }
      /** The ports it serves for a node, undefined when it serves none; "unknown" when it does not answer. */
      async ports(node3) {
        const listed2 = await this.#list();
        return listed2 ? listed2.get(node3) : "unknown";
      }
      #list() {
        this.#listed ??= this.#ask();
        return this.#listed;
      }
      async #ask() {
        let keeper3;
        try {
          keeper3 = await KeeperClient.connect(this.#ports.sockets, this.#run, ANSWER_MS4);
          const { nodes } = await keeper3.list();
          return new Map(nodes.map((one) => [one.node, one]));
        } catch (error) {
          if (error instanceof KeeperSilent || error instanceof KeeperError) return void 0;
          throw error;
        } finally {
          keeper3?.close();
        }
      }
    };
  }
});

// providers/qemu/provider.ts
var provider_exports = {};
__export(provider_exports, {
  QemuProvider: () => QemuProvider
});
var QemuProvider;
var init_provider = __esm({
  "providers/qemu/provider.ts"() {
    "use strict";
    init_accelerator();
    init_attributes();
    init_binary();
    init_memory();
    init_names();
    init_carrier();
    init_prepare();
    init_read();
    init_ready();
    init_remove();
    init_start();
    init_stop();
    init_update();
    init_notes();
    init_plan();
    init_endKeeper();
    init_launch();
    init_read2();
    init_sight();
    init_settings();
    QemuProvider = class {
      name = "qemu";
      #tools;
      constructor(ports, directories) {
        let reason;
        this.#tools = {
          ports,
          directories,
          binaries: new Binaries(ports),
          memory: new MemoryAccount(ports.host),
          whyNoKvm: () => {
            reason ??= whyNoKvm(ports);
            return reason;
          }
        };
      }
      settings(configured, offline) {
        const { ports, directories } = this.#tools;
        return resolveSettings(ports, directories, configured, offline);
      }
      async read(instances) {
        const { ports, directories } = this.#tools;
        const identities = this.#identities(instances);
        const keeper3 = new KeeperSight(ports, directories.run);
        return await Promise.all(
          instances.map((instance, at2) => {
            const read = instance.kind === "service" ? readKeeper : readNode;
            return read(instance, identities[at2], keeper3, this.#tools);
          })
        );
      }
      plan(request) {
        return planNode(request, this.#tools);
      }
      async perform(operation, context) {
        switch (operation) {
          case "prepare":
            return await prepareNode(context, this.#tools);
          case "start":
            return await startNode(context, this.#tools);
          case "ready":
            return await waitUntilReady(context, this.#tools);
          case "stop":
            return await stopNode(context, this.#tools);
          case "remove":
            return await removeNode(context, this.#tools);
          case "update":
            return context.instance.kind === "node" ? await updateNode(context, this.#tools) : context.instance;
          case "launch":
            return await launchKeeper(context, this.#tools);
          case "end":
            return await endKeeper(context, this.#tools);
          default:
            throw new Error(`provider qemu has no operation ${operation}`);
        }
      }
      attachment(node3, adapter) {
        return {
          adapter: `${node3.id}/${adapter}`,
          kind: nodeAttributes(node3.attributes).tunnel,
          path: tunnelSocket(node3.id, adapter),
          peer: tunnelPeer(node3.id, adapter),
          setCarrier: (up) => this.setCarrier(node3, adapter, up)
        };
      }
      async setCarrier(node3, adapter, up) {
        const { ports, directories } = this.#tools;
        await setCarrier(ports, directories.run, node3, adapter, up);
      }
      /**
       * The processes as recorded, or found by the token of the operation that was left half-done: a killed run may have
       * started one without writing down which.
       */
      #identities(instances) {
        const { processes } = this.#tools.ports;
        const tokens = /* @__PURE__ */ new Set();
        for (const { pending } of instances) if (pending) tokens.add(pending.token);
        const found = tokens.size > 0 ? processes.findByTokens(tokens) : /* @__PURE__ */ new Map();
        return instances.map(({ pending, ...rest }) => (pending && found.get(pending.token)) ?? notesOf(rest).process);
      }
    };
  }
});

// providers/ubridge/engine.ts
function isEngine(value) {
  return value === "builtin" || value === "ubridge";
}
function serviceAddress(engine) {
  return `service.bridge["${engine}"]`;
}
function tunnelOf(engine) {
  return engine === "ubridge" ? "dgram" : "stream";
}
function socketName(engine) {
  return `bridge-${engine}.sock`;
}
function logName(engine) {
  return `bridge-${engine}.log`;
}
function engineTitle(engine) {
  return engine === "ubridge" ? "uBridge" : "the built-in bridge";
}
var init_engine = __esm({
  "providers/ubridge/engine.ts"() {
    "use strict";
  }
});

// providers/ubridge/bridgeRecord.ts
function engineOf(instance) {
  const { engine } = instance.attributes;
  if (!isEngine(engine)) throw new Error(`${instance.address} has no engine in its record`);
  return engine;
}
function processOf(instance) {
  const { process: process3 } = instance.private;
  return process3 === void 0 || process3 === null ? void 0 : process3;
}
function withProcess(instance, identity) {
  return {
    ...instance,
    private: { ...instance.private, process: { ...identity } }
  };
}
function textOf(value) {
  return typeof value === "string" ? value : "";
}
var init_bridgeRecord = __esm({
  "providers/ubridge/bridgeRecord.ts"() {
    "use strict";
    init_engine();
  }
});

// providers/ubridge/hypervisor.ts
function messageOf2(error) {
  return error instanceof Error ? error.message : String(error);
}
function formatCommand(words3) {
  return words3.map((word) => {
    if (/^[\w./:@%+=,-]+$/.test(word)) return word;
    if (word === "" || /["\r\n\x00]/.test(word)) {
      throw new Error(`${JSON.stringify(word)} cannot be an argument of a uBridge command`);
    }
    return `"${word}"`;
  }).join(" ");
}
var ANSWER_MS5, LINE_LIMIT, HypervisorSilent, HypervisorLost, Hypervisor;
var init_hypervisor = __esm({
  "providers/ubridge/hypervisor.ts"() {
    "use strict";
    ANSWER_MS5 = 2e3;
    LINE_LIMIT = 64 * 1024;
    HypervisorSilent = class extends Error {
      command;
      constructor(command) {
        super(`no answer to "${command}" in ${ANSWER_MS5 / 1e3} s`);
        this.name = "HypervisorSilent";
        this.command = command;
      }
    };
    HypervisorLost = class extends Error {
      constructor(message3, options) {
        super(message3, options);
        this.name = "HypervisorLost";
      }
    };
    Hypervisor = class {
      connection;
      clock;
      waiting = [];
      idle = new AbortController();
      lastHeardMs = 0;
      watching = false;
      ended;
      constructor(connection, clock) {
        this.connection = connection;
        this.clock = clock;
        void this.listen();
      }
      /** Rejects with HypervisorSilent or HypervisorLost; every code is an answer. */
      request(words3) {
        const command = formatCommand(words3);
        if (this.ended) return Promise.reject(this.ended);
        const answer = new Promise((resolve8, reject) => {
          this.waiting.push({ command, sentMs: this.clock.monotonic(), lines: [], resolve: resolve8, reject });
        });
        answer.catch(() => {
        });
        this.connection.write(`${command}
`);
        if (!this.watching) void this.watchForSilence();
        return answer;
      }
      /**
       * Takes leave. uBridge 0.9 keeps a descriptor for good for each client that just vanishes.
       */
      async close() {
        if (!this.ended) await this.request(["hypervisor", "close"]).catch(() => {
        });
        this.end(new HypervisorLost("the conversation was closed"));
      }
      async listen() {
        const decoder = new TextDecoder("utf-8");
        let rest = "";
        try {
          for await (const chunk of this.connection.incoming) {
            this.lastHeardMs = this.clock.monotonic();
            const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
            rest = lines.pop() ?? "";
            for (const line2 of lines) this.hear(line2.endsWith("\r") ? line2.slice(0, -1) : line2);
            if (rest.length > LINE_LIMIT) throw new HypervisorLost("what it sends is no answer of a uBridge");
            if (this.ended) return;
          }
          this.end(new HypervisorLost("it ended the conversation"));
        } catch (error) {
          const lost = error instanceof HypervisorLost;
          this.end(lost ? error : new HypervisorLost(`the conversation broke off: ${messageOf2(error)}`, { cause: error }));
        }
      }
      hear(line2) {
        const match = /^(\d{3})([ -])(.*)$/s.exec(line2);
        const first = this.waiting[0];
        if (!match || !first) throw new HypervisorLost(`it sent what is no answer: ${JSON.stringify(line2.slice(0, 80))}`);
        const text = match[3];
        if (match[2] === " ") {
          first.lines.push(text);
          return;
        }
        this.waiting.shift();
        first.resolve({ command: first.command, code: Number(match[1]), text, lines: first.lines });
      }
      async watchForSilence() {
        this.watching = true;
        try {
          for (let first = this.waiting[0]; first && !this.ended; first = this.waiting[0]) {
            const deadline = Math.max(first.sentMs, this.lastHeardMs) + ANSWER_MS5;
            const left = deadline - this.clock.monotonic();
            if (left <= 0) return this.end(new HypervisorSilent(first.command));
            await this.clock.sleep(left, this.idle.signal);
          }
        } catch {
        } finally {
          this.watching = false;
        }
      }
      end(error) {
        if (this.ended) return;
        this.ended = error;
        this.idle.abort();
        for (const one of this.waiting.splice(0)) one.reject(error);
        this.connection.close();
      }
    };
  }
});

// providers/ubridge/listening.ts
function parseListeners(text) {
  const found = [];
  for (const line2 of text.split("\n")) {
    const fields = line2.trim().split(/\s+/);
    if (fields[3] !== LISTEN_STATE) continue;
    const local = /^([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2}):([0-9A-F]{4})$/.exec(fields[1] ?? "");
    if (!local) continue;
    const host2 = [local[4], local[3], local[2], local[1]].map((byte) => Number.parseInt(byte, 16)).join(".");
    found.push({
      host: host2,
      port: Number.parseInt(local[5], 16),
      uid: Number(fields[7]),
      inode: Number(fields[9])
    });
  }
  return found;
}
var LISTEN_STATE;
var init_listening = __esm({
  "providers/ubridge/listening.ts"() {
    "use strict";
    LISTEN_STATE = "0A";
  }
});

// providers/ubridge/control.ts
import { join } from "node:path";
function portControl(port2) {
  return `${LOOPBACK}:${port2}`;
}
async function converse(ports, runDirectory2, control2, identity, talk) {
  const endpoint = await endpointOf(ports, runDirectory2, control2, identity);
  let connection;
  try {
    connection = await ports.sockets.connect(endpoint, ANSWER_MS5);
  } catch (error) {
    const { code } = error;
    if (code === "ETIMEDOUT") throw new HypervisorSilent("connect");
    throw new HypervisorLost(`its control socket ${control2} cannot be reached (${code ?? String(error)})`, {
      cause: error
    });
  }
  const hypervisor = new Hypervisor(connection, ports.clock);
  try {
    return await talk(hypervisor);
  } finally {
    await hypervisor.close();
  }
}
async function endpointOf(ports, runDirectory2, control2, identity) {
  const port2 = /:(\d+)$/.exec(control2)?.[1];
  if (port2 === void 0) return { path: join(runDirectory2, control2) };
  if (identity === void 0 || !await listensOn(ports, identity, Number(port2))) {
    throw new HypervisorLost(`the process that listens on ${control2} is not the lab's bridge`);
  }
  return { host: LOOPBACK, port: Number(port2) };
}
async function findControlPort(ports, identity) {
  const inodes = ports.processes.socketInodes(identity);
  if (inodes === void 0) return void 0;
  return (await loopbackListeners(ports)).find((listener2) => inodes.has(listener2.inode))?.port;
}
async function listensOn(ports, identity, port2) {
  if (ports.processes.status(identity) !== "alive") return false;
  const listener2 = (await loopbackListeners(ports)).find((one) => one.port === port2);
  if (!listener2) return false;
  if (proven.get(identity.token) === listener2.inode) return true;
  const inodes = ports.processes.socketInodes(identity);
  if (inodes === void 0) return listener2.uid === ports.host.uid;
  if (!inodes.has(listener2.inode)) return false;
  proven.set(identity.token, listener2.inode);
  return true;
}
async function loopbackListeners(ports) {
  return parseListeners(await ports.files.readText("/proc/net/tcp")).filter((one) => one.host === LOOPBACK);
}
var LOOPBACK, proven;
var init_control = __esm({
  "providers/ubridge/control.ts"() {
    "use strict";
    init_hypervisor();
    init_listening();
    LOOPBACK = "127.0.0.1";
    proven = /* @__PURE__ */ new Map();
  }
});

// providers/ubridge/impairments.ts
function filtersOf(attributes, engine, version) {
  const delay = numberOf(attributes.delay_ms);
  const jitter = numberOf(attributes.jitter_ms);
  const loss = numberOf(attributes.loss_percent);
  const filters = [];
  if (loss > 0) {
    const told = engine === "ubridge" && version.startsWith("0.") ? loss - 1 : loss;
    filters.push({ name: `loss_${loss}`, type: "packet_loss", arguments: [String(Number(told.toFixed(6)))] });
  }
  if (delay > 0) {
    const values2 = jitter > 0 ? [String(delay), String(jitter)] : [String(delay)];
    filters.push({ name: ["delay", ...values2].join("_"), type: "delay", arguments: values2 });
  }
  return filters;
}
function numberOf(value) {
  return typeof value === "number" ? value : 0;
}
var init_impairments = __esm({
  "providers/ubridge/impairments.ts"() {
    "use strict";
  }
});

// providers/ubridge/logs.ts
import { join as join2 } from "node:path";
async function trimLog(ports, host2, engine) {
  const path = join2(host2.run, logName(engine));
  try {
    if ((await ports.files.stat(path)).size > LIMIT_BYTES) await ports.files.truncate(path, 0);
  } catch {
  }
}
async function lastLines2(ports, host2, engine) {
  try {
    const tail = await ports.files.readTail(join2(host2.run, logName(engine)), 4096);
    return tail.trimEnd().split("\n").filter(Boolean).slice(-EVIDENCE_LINES2);
  } catch {
    return [];
  }
}
var LIMIT_BYTES, EVIDENCE_LINES2;
var init_logs = __esm({
  "providers/ubridge/logs.ts"() {
    "use strict";
    init_engine();
    LIMIT_BYTES = 1024 * 1024;
    EVIDENCE_LINES2 = 5;
  }
});

// providers/ubridge/wiring.ts
function describeEnd(engine, end) {
  return engine === "ubridge" ? `${end.peer} -> ${end.path}` : end.path;
}
async function makeLink(hypervisor, engine, wiring) {
  const { name, ends, filters } = wiring;
  const [deleted, ...replies] = await Promise.all([
    hypervisor.request(["bridge", "delete", name]),
    hypervisor.request(["bridge", "create", name]),
    ...ends.map((end) => hypervisor.request(addEnd2(engine, name, end))),
    ...filters.map((filter) => hypervisor.request(addFilter(name, filter))),
    hypervisor.request(["bridge", "start", name])
  ]);
  const wrong = firstRefusal([deleted], [NOT_FOUND]) ?? firstRefusal(replies, []);
  if (!wrong) return;
  await hypervisor.request(["bridge", "delete", name]);
  refused(engine, wrong);
}
async function deleteLink(hypervisor, engine, name) {
  const wrong = firstRefusal([await hypervisor.request(["bridge", "delete", name])], [NOT_FOUND]);
  if (wrong) refused(engine, wrong);
}
async function changeFilters(hypervisor, engine, name, filters) {
  const replies = await Promise.all([
    hypervisor.request(["bridge", "stop", name]),
    hypervisor.request(["bridge", "reset_packet_filters", name]),
    ...filters.map((filter) => hypervisor.request(addFilter(name, filter))),
    hypervisor.request(["bridge", "start", name])
  ]);
  const wrong = firstRefusal(replies, [STOPPED_ALREADY]);
  if (!wrong) return;
  await Promise.all(filters.map((one) => hypervisor.request(["bridge", "delete_packet_filter", name, one.name])));
  refused(engine, wrong);
}
function addEnd2(engine, name, end) {
  return engine === "ubridge" ? ["bridge", "add_nio_unix", name, end.peer, end.path] : ["bridge", "add_nio_stream", name, end.path];
}
function addFilter(name, filter) {
  return ["bridge", "add_packet_filter", name, filter.name, filter.type, ...filter.arguments];
}
function firstRefusal(replies, accepted) {
  return replies.find((reply) => reply.code !== OK2 && !accepted.includes(reply.code));
}
function refused(engine, reply) {
  fail(`${engineTitle(engine)} refused a command`, {
    subject: `command ${reply.command}`,
    detail: `It answered ${reply.code}: ${reply.text}. What it wrote is in its log in the lab's run directory.`
  });
}
var OK2, NOT_FOUND, STOPPED_ALREADY;
var init_wiring = __esm({
  "providers/ubridge/wiring.ts"() {
    "use strict";
    init_diagnostics();
    init_engine();
    OK2 = 100;
    NOT_FOUND = 214;
    STOPPED_ALREADY = 210;
  }
});

// providers/ubridge/links.ts
import { join as join3 } from "node:path";
function wiringOf(instance, engine, attachments, version) {
  const [source, destination] = attachments;
  if (!source || !destination || attachments.length !== 2) {
    return { problem: "An end of it is no adapter of a node that is there." };
  }
  for (const end of [source, destination]) {
    if (end.kind === tunnelOf(engine)) continue;
    return {
      problem: `The node of adapter ${end.adapter} was started with a ${end.kind} tunnel, and ${engineTitle(engine)} takes ${tunnelOf(engine)}. The node must be restarted with the lab's engine.`
    };
  }
  return { name: instance.id, ends: [source, destination], filters: filtersOf(instance.attributes, engine, version) };
}
function serviceOf(context) {
  const { engine } = context.wanted;
  const wanted = isEngine(engine) ? context.services.get(serviceAddress(engine)) : void 0;
  return wanted ?? [...context.services.values()].find((one) => one.address.startsWith("service.bridge["));
}
function withEngine(context, engine) {
  return { ...context.instance, attributes: { ...context.wanted, id: context.instance.id, engine } };
}
var Links;
var init_links = __esm({
  "providers/ubridge/links.ts"() {
    "use strict";
    init_diagnostics();
    init_values();
    init_bridgeRecord();
    init_control();
    init_engine();
    init_hypervisor();
    init_impairments();
    init_logs();
    init_wiring();
    Links = class {
      ports;
      host;
      constructor(ports, host2) {
        this.ports = ports;
        this.host = host2;
      }
      /** Whatever an earlier run left of it is replaced. The carriers go up once frames can pass. */
      async wire(context) {
        const service2 = serviceOf(context);
        if (!service2) throw new Error(`${context.address} is wired without a bridge`);
        const engine = engineOf(service2);
        const instance = withEngine(context, engine);
        const wiring = wiringOf(instance, engine, context.attachments, textOf(service2.attributes.version));
        if ("problem" in wiring) {
          return fail(`${context.address} cannot be wired`, { address: context.address, detail: wiring.problem });
        }
        const missing4 = await this.missingPath(engine, wiring.ends);
        if (missing4 !== void 0) {
          fail(`The node's end of ${context.address} is not there`, {
            address: context.address,
            subject: `socket ${join3(this.host.run, missing4)}`,
            detail: "uBridge ends, with every link it carries, when it sends to a path that does not exist. The node at that end makes it when it is prepared: apply the node too."
          });
        }
        await trimLog(this.ports, this.host, engine);
        await this.talk(service2, (hypervisor) => makeLink(hypervisor, engine, wiring));
        await Promise.all(wiring.ends.map((end) => end.setCarrier(true)));
        return { ...instance, private: { ...instance.private, ends: wiring.ends.map((end) => describeEnd(engine, end)) } };
      }
      /** A bridge that is gone carries nothing, and one that hangs is ended: either way the link is gone afterwards. */
      async unwire(context) {
        const service2 = serviceOf(context);
        const identity = service2 && processOf(service2);
        if (service2 && identity && this.ports.processes.status(identity) !== "gone") {
          const engine = engineOf(service2);
          try {
            await converse(
              this.ports,
              this.host.run,
              textOf(service2.attributes.control),
              identity,
              (hypervisor) => deleteLink(hypervisor, engine, context.instance.id)
            );
          } catch (error) {
            if (!(error instanceof HypervisorSilent) && !(error instanceof HypervisorLost)) throw error;
            await this.endHanging(engine, identity, error);
          }
        }
        await Promise.all(context.attachments.map(async (end) => end?.setCarrier(false)));
        return null;
      }
      /** Live: the nodes notice nothing but the new impairment. */
      async update(context) {
        const service2 = serviceOf(context);
        if (!service2) throw new Error(`${context.address} is changed without a bridge`);
        const engine = engineOf(service2);
        const instance = withEngine(context, engine);
        const version = textOf(service2.attributes.version);
        const filters = filtersOf(instance.attributes, engine, version);
        const before = context.prior && filtersOf(context.prior.attributes, engine, version);
        if (before && samePlanned(before, filters)) return instance;
        await this.talk(service2, (hypervisor) => changeFilters(hypervisor, engine, instance.id, filters));
        return instance;
      }
      /** The name in the run directory that uBridge would die of, if there is one. */
      async missingPath(engine, ends) {
        if (engine !== "ubridge") return void 0;
        for (const { path } of ends) {
          try {
            await this.ports.files.lstat(join3(this.host.run, path));
          } catch {
            return path;
          }
        }
        return void 0;
      }
      async talk(service2, conversation) {
        const engine = engineOf(service2);
        try {
          const control2 = textOf(service2.attributes.control);
          return await converse(this.ports, this.host.run, control2, processOf(service2), conversation);
        } catch (error) {
          if (error instanceof HypervisorSilent) {
            return fail(`${engineTitle(engine)} hangs`, {
              cause: error,
              subject: service2.address,
              detail: `It gave ${error.message}. The next apply replaces it and wires again what it carried; the nodes keep running.`
            });
          }
          if (error instanceof HypervisorLost) {
            return fail(`${engineTitle(engine)} cannot be commanded`, {
              cause: error,
              subject: service2.address,
              detail: `Of ${service2.address}: ${error.message}. The next apply starts it again if it is gone, and wires what it carried.`
            });
          }
          throw error;
        }
      }
      async endHanging(engine, identity, error) {
        this.ports.processes.signal(identity, "SIGKILL");
        if (await this.ports.processes.waitForExit(identity, 2e3)) return;
        fail(`${engineTitle(engine)} hangs and cannot be ended`, {
          cause: error,
          subject: `process ${identity.pid}`,
          detail: `It gave ${error.message}, and it is still there after SIGKILL.`
        });
      }
    };
  }
});

// providers/ubridge/plan.ts
function planLink(request) {
  const { settings, prior, config } = request;
  const recorded = prior?.attributes.engine;
  const engine = isEngine(settings.engine) ? settings.engine : isEngine(recorded) ? recorded : void 0;
  const needed = engine ?? "builtin";
  return {
    planned: { ...config, id: request.id, engine: engine ?? UNKNOWN },
    requires: [
      {
        address: serviceAddress(needed),
        provider: "ubridge",
        attributes: { engine: needed, path: needed === "ubridge" ? settings.path ?? null : null }
      }
    ],
    diagnostics: [...checkJitter(config.delay_ms, config.jitter_ms), ...checkLoss(engine, config.loss_percent)]
  };
}
function checkJitter(delay, jitter) {
  if (delay !== 0 || typeof jitter !== "number" || jitter === 0) return [];
  return [
    errorDiagnostic("jitter_ms needs delay_ms", {
      detail: `A frame that is not delayed cannot be delayed by ${jitter} ms more or less. Set delay_ms to at least ${jitter}.`
    })
  ];
}
function checkLoss(engine, loss) {
  if (engine !== "ubridge" || typeof loss !== "number" || Number.isInteger(loss)) return [];
  return [
    errorDiagnostic("uBridge loses whole percents only", {
      detail: `loss_percent is ${loss}. Use a whole number, or engine = "builtin" in the provider block, which takes any.`
    })
  ];
}
var init_plan2 = __esm({
  "providers/ubridge/plan.ts"() {
    "use strict";
    init_diagnostics();
    init_values();
    init_engine();
  }
});

// providers/ubridge/replies.ts
function parseList(lines) {
  return lines.map((line2) => {
    const match = /^(.+) \(NIOs = (\d)\)$/.exec(line2);
    if (!match) throw unreadable("bridge list", line2);
    return { name: match[1], ends: Number(match[2]) };
  });
}
function parseShow(lines) {
  let running;
  const filters = [];
  const ends = {};
  for (const line2 of lines) {
    const state = /^bridge '.*' is (not )?running$/.exec(line2);
    const filter = /^Filter '(.*)' configured in position \d+$/.exec(line2);
    const end = /^(Source|Destination) NIO: (.*)$/.exec(line2);
    if (state) running = state[1] === void 0;
    else if (filter) filters.push(filter[1]);
    else if (end) ends[end[1]] = end[2];
    else throw unreadable("bridge show", line2);
  }
  if (running === void 0) throw unreadable("bridge show", lines[0] ?? "");
  return { running, filters, source: ends.Source, destination: ends.Destination };
}
function unreadable(command, line2) {
  return new HypervisorLost(`its answer to "${command}" cannot be read: ${JSON.stringify(line2.slice(0, 80))}`);
}
var init_replies = __esm({
  "providers/ubridge/replies.ts"() {
    "use strict";
    init_hypervisor();
  }
});

// providers/ubridge/read.ts
async function locate(ports, instance) {
  const engine = engineOf(instance);
  let identity = processOf(instance);
  const token = instance.pending?.operation === "launch" ? instance.pending.token : void 0;
  if (token !== void 0 && identity?.token !== token) {
    identity = ports.processes.findByTokens(/* @__PURE__ */ new Set([token])).get(token) ?? identity;
  }
  const status = identity === void 0 ? "gone" : ports.processes.status(identity);
  let control2 = textOf(instance.attributes.control);
  if (identity !== void 0 && status === "alive" && (control2 === "" || identity !== processOf(instance))) {
    const port2 = engine === "ubridge" ? await findControlPort(ports, identity) : void 0;
    control2 = port2 === void 0 ? socketName(engine) : portControl(port2);
  }
  const found = identity === void 0 || control2 === "" ? instance : withFacts(instance, identity, { control: control2 });
  return { instance: found, identity, status, control: control2 };
}
async function askBridge(ports, host2, bridge2, names) {
  if (bridge2.status === "gone" || bridge2.status === "rebooted") return { kind: "lost", because: "it is gone" };
  try {
    return await converse(
      ports,
      host2.run,
      bridge2.control,
      bridge2.identity,
      (hypervisor) => question(hypervisor, names)
    );
  } catch (error) {
    if (error instanceof HypervisorSilent) return { kind: "silent", because: error.message };
    if (error instanceof HypervisorLost) return { kind: "lost", because: error.message };
    throw error;
  }
}
async function question(hypervisor, names) {
  const [version, list] = await Promise.all([
    hypervisor.request(["hypervisor", "version"]),
    hypervisor.request(["bridge", "list"])
  ]);
  const there = new Set(parseList(list.lines).map((one) => one.name));
  const bridges2 = /* @__PURE__ */ new Map();
  await Promise.all(
    names.filter((name) => there.has(name)).map(async (name) => {
      const shown = await hypervisor.request(["bridge", "show", name]);
      if (shown.code === 100) bridges2.set(name, parseShow(shown.lines));
    })
  );
  return { kind: "answers", version: version.text, bridges: bridges2 };
}
async function judgeBridge(ports, host2, located2, answer) {
  const { instance, status } = located2;
  const engine = engineOf(instance);
  const title = engineTitle(engine);
  if (answer.kind === "answers") {
    return { condition: "present", instance: withFacts(instance, located2.identity, { version: answer.version }) };
  }
  if (status === "rebooted") return { condition: "down", instance, cause: onHost("the host was started anew") };
  if (status === "gone") {
    const evidence = await lastLines2(ports, host2, engine);
    const unfinished = instance.pending?.operation === "launch" && located2.identity === void 0;
    const cause = unfinished ? { kind: "unfinished", summary: "an earlier run was cut off before it started" } : onHost(`${title} is gone: killed or crashed`, evidence);
    return { condition: "down", instance, cause };
  }
  const where = status === "elsewhere" ? "it was started in another container, and " : "";
  return { condition: "broken", instance, cause: onHost(`${where}${title} does not work: ${answer.because}`) };
}
function judgeLink(instance, answer) {
  const { pending } = instance;
  const half = pending?.operation === "wire" || pending?.operation === "unwire";
  const unfinished = { kind: "unfinished", summary: "an earlier run was cut off while it wired or unwired it" };
  if (answer.kind !== "answers") {
    return half ? { condition: "broken", instance, cause: unfinished } : { condition: "present", instance };
  }
  const engine = engineOf(instance);
  const shown = answer.bridges.get(instance.id);
  if (!shown) {
    if (half) return { condition: "absent", instance, cause: unfinished };
    return { condition: "absent", instance, cause: onHost(`${engineTitle(engine)} does not carry it any more`) };
  }
  if (half) return { condition: "broken", instance, cause: unfinished };
  const wrong = differenceOf(instance, engine, answer.version, shown);
  return wrong === void 0 ? { condition: "present", instance } : { condition: "broken", instance, cause: onHost(wrong) };
}
function differenceOf(instance, engine, version, shown) {
  if (!shown.running) return "it was stopped in the bridge";
  const ends = [shown.source ?? null, shown.destination ?? null];
  const recorded = instance.private.ends;
  if (recorded !== void 0 && !samePlanned(recorded, ends)) {
    return `the bridge has it between ${ends.map((end) => end ?? "nothing").join(" and ")} instead`;
  }
  const filters = filtersOf(instance.attributes, engine, version).map((one) => one.name);
  if (samePlanned(filters, shown.filters)) return void 0;
  const list = (names) => names.length === 0 ? "no filter" : names.join(", ");
  return `the bridge has ${list(shown.filters)} on it instead of ${list(filters)}`;
}
function onHost(summary2, evidence = []) {
  return evidence.length > 0 ? { kind: "host", summary: summary2, evidence } : { kind: "host", summary: summary2 };
}
function withFacts(instance, identity, facts) {
  const current = identity && !samePlanned(instance.private.process ?? null, { ...identity }) ? withProcess(instance, identity) : instance;
  const changed = Object.entries(facts).some(([name, value]) => current.attributes[name] !== value);
  return changed ? { ...current, attributes: { ...current.attributes, ...facts } } : current;
}
var init_read3 = __esm({
  "providers/ubridge/read.ts"() {
    "use strict";
    init_values();
    init_bridgeRecord();
    init_control();
    init_engine();
    init_hypervisor();
    init_impairments();
    init_logs();
    init_replies();
  }
});

// providers/ubridge/installed.ts
import { isAbsolute, resolve as resolve4 } from "node:path";
async function findUbridge(ports, labDirectory, configured) {
  const named2 = configured ?? "ubridge";
  const path = named2.includes("/") ? isAbsolute(named2) ? named2 : resolve4(labDirectory, named2) : await ports.processes.find(named2);
  if (path === void 0) return configured === null ? void 0 : { problem: `there is no ${named2} on PATH` };
  try {
    await ports.files.access(path, "execute");
    return await ask(ports, path);
  } catch (error) {
    const { code } = error;
    if (code === "ENOENT") return { problem: `there is no file ${path}` };
    if (code === "EACCES") return { problem: `${path} may not be executed by this account` };
    return { problem: `${path} cannot be executed (${code ?? String(error)})` };
  }
}
async function ask(ports, path) {
  const { stdout } = await ports.processes.run(path, ["-v"], { timeoutMs: 5e3 });
  const version = /version (\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
  if (version === void 0) return { problem: `${path} does not say its version, so it is no uBridge` };
  if (version.startsWith("0.")) return { path, version, socketOption: void 0 };
  const help = await ports.processes.run(path, ["-h"], { timeoutMs: 5e3 });
  return { path, version, socketOption: socketOptionOf(help.stdout) };
}
function socketOptionOf(help) {
  for (const line2 of help.split("\n")) {
    const option = /^\s*(-{1,2}[A-Za-z][\w-]*)[ =]<[^>:]*(?:path|socket|file)[^>:]*>\s/.exec(line2);
    if (option && /\bunix\b/i.test(line2)) return option[1];
  }
  return void 0;
}
var init_installed = __esm({
  "providers/ubridge/installed.ts"() {
    "use strict";
  }
});

// providers/ubridge/programs.ts
import { join as join4 } from "node:path";
async function startBuiltin(request) {
  const { host: host2 } = request;
  const control2 = socketName("builtin");
  const program = join4(host2.programs, "bridge.js");
  try {
    await request.ports.files.access(program, "read");
  } catch (error) {
    return fail("labform's own bridge is missing", {
      cause: error,
      subject: `program ${program}`,
      detail: "It comes with labform, so the installation is incomplete. Install labform again."
    });
  }
  if (await staysServed(request, control2)) {
    return fail("Another bridge serves this lab already", {
      subject: `socket ${join4(host2.run, control2)}`,
      detail: "It is not in the lab's state, so it is not touched. labform sweep shows and ends what no state owns."
    });
  }
  const identity = await spawn(request, "builtin", process.execPath, [program, host2.run, control2], control2);
  if (await untilServing(request, identity, () => connects(request, control2))) return { identity, control: control2 };
  return endedEarly(request, "builtin", identity);
}
async function startUbridge(request, path) {
  const { ports, host: host2 } = request;
  const found = await findUbridge(ports, host2.lab, path);
  if (found === void 0 || "problem" in found) {
    return fail("uBridge cannot be started", {
      subject: `uBridge ${path}`,
      detail: `${found?.problem ?? "there is none"}. Install it again, or take engine = "builtin".`
    });
  }
  if (found.socketOption !== void 0) {
    const control2 = socketName("ubridge");
    await ports.files.remove(join4(host2.run, control2));
    const identity = await spawn(request, "ubridge", found.path, [found.socketOption, control2], control2);
    if (await untilServing(request, identity, () => connects(request, control2))) return { identity, control: control2 };
    return endedEarly(request, "ubridge", identity);
  }
  return startOnPort(request, found.path);
}
async function startOnPort(request, path) {
  const { ports } = request;
  let last;
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    const port2 = FIRST_PORT + ports.random.integer(PORTS);
    if (!await ports.sockets.isPortFree("127.0.0.1", port2)) continue;
    const control2 = portControl(port2);
    const identity = await spawn(request, "ubridge", path, ["-H", control2], control2);
    if (await untilServing(request, identity, () => listensOn(ports, identity, port2))) return { identity, control: control2 };
    last = identity;
    if (ports.processes.status(identity) === "alive") break;
  }
  return endedEarly(request, "ubridge", last);
}
async function spawn({ ports, host: host2, token, spawned }, engine, command, args, control2) {
  const logFile = join4(host2.run, logName(engine));
  let identity;
  try {
    identity = await ports.processes.spawn({ command, arguments: args, directory: host2.run, token, logFile });
  } catch (error) {
    return fail(`${engineTitle(engine)} cannot be started`, {
      cause: error,
      subject: `program ${command}`,
      detail: error instanceof Error ? error.message : String(error)
    });
  }
  await spawned(identity, control2);
  return identity;
}
async function untilServing({ ports }, identity, serves) {
  const deadline = ports.clock.monotonic() + START_MS2;
  for (let pause = 2; ports.clock.monotonic() < deadline; pause = Math.min(20, pause * 2)) {
    if (ports.processes.status(identity) !== "alive") return false;
    if (await serves()) return true;
    await ports.clock.sleep(pause);
  }
  return false;
}
async function staysServed(request, name) {
  const { clock } = request.ports;
  const deadline = clock.monotonic() + LET_GO_MS;
  while (await connects(request, name)) {
    if (clock.monotonic() >= deadline) return true;
    await clock.sleep(10);
  }
  return false;
}
async function connects({ ports, host: host2 }, name) {
  try {
    const connection = await ports.sockets.connect({ path: join4(host2.run, name) }, 1e3);
    connection.close();
    return true;
  } catch {
    return false;
  }
}
async function endedEarly({ ports, host: host2 }, engine, identity) {
  const alive = identity !== void 0 && ports.processes.status(identity) === "alive";
  const lines = await lastLines2(ports, host2, engine);
  const words3 = lines.length > 0 ? ` Its last words: ${lines.join(" / ")}` : " It said nothing.";
  return fail(`${engineTitle(engine)} did not start`, {
    subject: `log ${join4(host2.run, logName(engine))}`,
    detail: `${alive ? `It takes no commands after ${START_MS2 / 1e3} s.` : "It ended before it took a command."}${words3}`
  });
}
var START_MS2, LET_GO_MS, FIRST_PORT, PORTS, PORT_ATTEMPTS;
var init_programs = __esm({
  "providers/ubridge/programs.ts"() {
    "use strict";
    init_diagnostics();
    init_control();
    init_engine();
    init_installed();
    init_logs();
    START_MS2 = 1e4;
    LET_GO_MS = 1e3;
    FIRST_PORT = 61e3;
    PORTS = 4500;
    PORT_ATTEMPTS = 20;
  }
});

// providers/ubridge/service.ts
import { join as join5 } from "node:path";
async function sayStop(hypervisor) {
  const { lines } = await hypervisor.request(["bridge", "list"]);
  await Promise.all(parseList(lines).map(({ name }) => hypervisor.request(["bridge", "delete", name])));
  await hypervisor.request(["hypervisor", "stop"]);
}
var END_MS, Bridges;
var init_service = __esm({
  "providers/ubridge/service.ts"() {
    "use strict";
    init_diagnostics();
    init_bridgeRecord();
    init_control();
    init_engine();
    init_hypervisor();
    init_links();
    init_logs();
    init_programs();
    init_replies();
    init_wiring();
    END_MS = 2e3;
    Bridges = class {
      ports;
      host;
      links;
      constructor(ports, host2, links) {
        this.ports = ports;
        this.host = host2;
        this.links = links;
      }
      /**
       * Starts the bridge and wires what it carried before it went away; carriers are as they were, so the nodes notice
       * nothing. When it fails after the start nothing is left running.
       */
      async launch(context) {
        const bare = { ...context.instance, attributes: { ...context.wanted } };
        const engine = engineOf(bare);
        await this.endProcess(context.instance);
        await trimLog(this.ports, this.host, engine);
        let spawned;
        try {
          const started = await this.start(engine, bare, context, async (identity, control2) => {
            spawned = identity;
            const instance = withProcess({ ...bare, attributes: { ...bare.attributes, control: control2 } }, identity);
            await context.progress(instance, `${engineTitle(engine)} starts (pid ${identity.pid})`);
          });
          return await this.settle(engine, withProcess(bare, started.identity), started, context);
        } catch (error) {
          if (spawned) await this.kill(spawned);
          throw error instanceof HypervisorLost || error instanceof HypervisorSilent ? new Failure(
            {
              severity: "error",
              summary: `${engineTitle(engine)} was started and cannot be commanded`,
              detail: `Of the process: ${error.message}. It was ended again; its log is in the lab's run directory.`,
              subject: context.address
            },
            { cause: error }
          ) : error;
        }
      }
      async end(context) {
        await this.endProcess(context.instance);
        return null;
      }
      start(engine, instance, context, spawned) {
        const request = { ports: this.ports, host: this.host, token: context.token, spawned };
        return engine === "builtin" ? startBuiltin(request) : startUbridge(request, textOf(instance.attributes.path));
      }
      async settle(engine, instance, started, context) {
        const { identity, control: control2 } = started;
        const left = [];
        const version = await converse(this.ports, this.host.run, control2, identity, async (hypervisor) => {
          const { text } = await hypervisor.request(["hypervisor", "version"]);
          left.push(...await this.carry(hypervisor, engine, text, context));
          return text;
        });
        const running = { ...instance, attributes: { ...instance.attributes, version, control: control2 } };
        if (left.length > 0) {
          await context.progress(running, `not wired again, since a node's end is not there: ${left.join(", ")}`);
        }
        return running;
      }
      /** The addresses of links that cannot be wired now; they are missing at the next look, and planned anew. */
      async carry(hypervisor, engine, version, context) {
        const left = [];
        await Promise.all(
          context.carried.map(async ({ instance, attachments }) => {
            const wiring = wiringOf(instance, engine, attachments, version);
            const cannot = "problem" in wiring || await this.links.missingPath(engine, wiring.ends) !== void 0;
            if (cannot) left.push(instance.address);
            else await makeLink(hypervisor, engine, wiring);
          })
        );
        return left;
      }
      /** With the process goes its socket. What is not there is a success. */
      async endProcess(instance) {
        const engine = engineOf(instance);
        const identity = processOf(instance) ?? this.byToken(instance);
        if (identity) {
          const status = this.ports.processes.status(identity);
          if (status === "elsewhere") {
            fail(`${engineTitle(engine)} runs where it cannot be ended from`, {
              subject: `process ${identity.pid}`,
              detail: `It was started in another container (pid namespace ${identity.pidNamespace}). Run the command there, or end it there.`
            });
          }
          if (status === "alive") await this.endRunning(engine, identity, textOf(instance.attributes.control));
        }
        await this.ports.files.remove(join5(this.host.run, socketName(engine)));
      }
      byToken(instance) {
        const token = instance.pending?.token;
        return token === void 0 ? void 0 : this.ports.processes.findByTokens(/* @__PURE__ */ new Set([token])).get(token);
      }
      async endRunning(engine, identity, control2) {
        const { processes } = this.ports;
        let hangs = false;
        try {
          await converse(this.ports, this.host.run, control2, identity, (hypervisor) => sayStop(hypervisor));
          if (await processes.waitForExit(identity, END_MS)) return;
        } catch (error) {
          if (!(error instanceof HypervisorLost) && !(error instanceof HypervisorSilent)) throw error;
          hangs = error instanceof HypervisorSilent;
        }
        if (!hangs) {
          processes.signal(identity, "SIGTERM");
          if (await processes.waitForExit(identity, END_MS)) return;
        }
        if (await this.kill(identity)) return;
        fail(`${engineTitle(engine)} cannot be ended`, {
          subject: `process ${identity.pid}`,
          detail: "It is still there after SIGKILL."
        });
      }
      async kill(identity) {
        this.ports.processes.signal(identity, "SIGKILL");
        return this.ports.processes.waitForExit(identity, END_MS);
      }
    };
  }
});

// providers/ubridge/settings.ts
async function resolveSettings2(ports, labDirectory, configured) {
  const path = typeof configured.path === "string" ? configured.path : null;
  const builtin = { engine: "builtin", path: null };
  if (configured.engine === "builtin") return { settings: builtin, diagnostics: [] };
  const found = await findUbridge(ports, labDirectory, path);
  const demanded = configured.engine === "ubridge";
  if (found === void 0 || "problem" in found) {
    if (!demanded && path === null) return { settings: builtin, diagnostics: [] };
    const detail = found === void 0 ? "There is no ubridge on PATH." : `${capitalised(found.problem)}.`;
    const missing4 = errorDiagnostic("uBridge cannot be used", {
      detail: `${detail} ${HOW_TO_GET_IT}`,
      subject: path === null ? "uBridge" : `uBridge ${path}`
    });
    return { settings: demanded ? { engine: "ubridge", path } : builtin, diagnostics: [missing4] };
  }
  if (!demanded && found.socketOption === void 0) return { settings: builtin, diagnostics: [] };
  const open2 = found.socketOption === void 0;
  return {
    settings: { engine: "ubridge", path: found.path },
    diagnostics: open2 ? [openControlPort(found.path, found.version)] : []
  };
}
function openControlPort(path, version) {
  return warningDiagnostic(`Any account of this host can command uBridge ${version}`, {
    subject: `uBridge ${path}`,
    detail: `Its control port on 127.0.0.1 asks nobody who they are: another account can rewire the lab's links and overwrite files of yours. On a host that others use too, take engine = "builtin", or a uBridge with a private control socket (1.0 and later).`
  });
}
function capitalised(text) {
  return text.startsWith("there") ? `T${text.slice(1)}` : text;
}
var HOW_TO_GET_IT;
var init_settings2 = __esm({
  "providers/ubridge/settings.ts"() {
    "use strict";
    init_diagnostics();
    init_installed();
    HOW_TO_GET_IT = `On Ubuntu install "ubridge" from GNS3's PPA (ppa:gns3/ppa); elsewhere build it from the GNS3/ubridge repository (needs libpcap). Or leave the links to the bridge that labform brings: engine = "builtin".`;
  }
});

// providers/ubridge/provider.ts
var provider_exports2 = {};
__export(provider_exports2, {
  UbridgeProvider: () => UbridgeProvider
});
var UbridgeProvider;
var init_provider2 = __esm({
  "providers/ubridge/provider.ts"() {
    "use strict";
    init_bridgeRecord();
    init_engine();
    init_links();
    init_plan2();
    init_read3();
    init_service();
    init_settings2();
    UbridgeProvider = class {
      name = "ubridge";
      ports;
      host;
      links;
      bridges;
      /** The bridges as last seen, for looks at links alone. */
      known = /* @__PURE__ */ new Map();
      constructor(ports, host2) {
        this.ports = ports;
        this.host = host2;
        this.links = new Links(ports, host2);
        this.bridges = new Bridges(ports, host2, this.links);
      }
      async settings(configured, offline) {
        return offline ? { settings: configured, diagnostics: [] } : resolveSettings2(this.ports, this.host.lab, configured);
      }
      /** `auto` that was not looked up counts as the built-in bridge, which every host has. */
      tunnel(settings) {
        return tunnelOf(settings.engine === "ubridge" ? "ubridge" : "builtin");
      }
      plan(request) {
        return planLink(request);
      }
      async read(instances) {
        const live = /* @__PURE__ */ new Map();
        const engines = new Set(instances.map(engineOf));
        await Promise.all(
          [...engines].map(async (engine) => {
            const ofEngine = instances.filter((one) => engineOf(one) === engine);
            const service2 = ofEngine.find((one) => one.kind === "service");
            const links = ofEngine.filter((one) => one.kind !== "service");
            const located2 = await this.locate(engine, service2);
            if (!located2) {
              for (const link3 of links) live.set(link3, judgeLink(link3, { kind: "lost", because: "unknown" }));
              return;
            }
            const answer = await askBridge(
              this.ports,
              this.host,
              located2,
              links.map((one) => one.id)
            );
            for (const link3 of links) live.set(link3, judgeLink(link3, answer));
            if (!service2 || !("instance" in located2)) return;
            const judged2 = await judgeBridge(this.ports, this.host, located2, answer);
            this.known.set(engine, judged2.instance);
            live.set(service2, judged2);
          })
        );
        return instances.map((one) => live.get(one));
      }
      async perform(operation, context) {
        for (const service2 of context.services.values()) this.remember(service2);
        switch (operation) {
          case "wire":
            return this.links.wire(context);
          case "unwire":
            return this.links.unwire(context);
          case "update":
            return context.instance.kind === "link" ? this.links.update(context) : context.instance;
          case "launch": {
            const launched = await this.bridges.launch(context);
            this.remember(launched);
            return launched;
          }
          case "end":
            return this.bridges.end(context);
          default:
            throw new Error(`a ${context.instance.kind} of ubridge has no ${operation}`);
        }
      }
      remember(instance) {
        if (instance.address.startsWith("service.bridge[")) this.known.set(engineOf(instance), instance);
      }
      /**
       * Of a link that is asked for alone the bridge may never have been seen: the built-in one is always found at its
       * socket, uBridge's port is in its record only.
       */
      async locate(engine, service2) {
        const record = service2 ?? this.known.get(engine);
        if (record) return locate(this.ports, record);
        return engine === "builtin" ? { identity: void 0, control: socketName("builtin"), status: "alive" } : void 0;
      }
    };
  }
});

// src/core/source.ts
function startsOf(file) {
  let starts = lineStarts.get(file);
  if (!starts) {
    starts = [0];
    for (let at2 = file.text.indexOf("\n"); at2 !== -1; at2 = file.text.indexOf("\n", at2 + 1)) starts.push(at2 + 1);
    lineStarts.set(file, starts);
  }
  return starts;
}
function graphemes(text) {
  if (/^[\x00-\x7f]*$/.test(text)) return text.length;
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  let count = 0;
  for (const _ of segmenter.segment(text)) count++;
  return count;
}
function position(file, offset) {
  const starts = startsOf(file);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = low + high + 1 >> 1;
    if (starts[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  const start = starts[low];
  return { line: low + 1, column: graphemes(file.text.slice(start, offset)) + 1 };
}
function lineText(file, line2) {
  const starts = startsOf(file);
  const start = starts[line2 - 1];
  if (start === void 0) return "";
  return file.text.slice(start, starts[line2] ?? file.text.length).replace(/\r?\n$/, "");
}
function rangeText(range2) {
  return range2.file.text.slice(range2.start, range2.end);
}
function formatRange(range2) {
  const { line: line2, column } = position(range2.file, range2.start);
  return `${range2.file.name}:${line2}:${column}`;
}
function span(first, last) {
  return { file: first.file, start: first.start, end: last.end };
}
var lineStarts, segmenter;
var init_source = __esm({
  "src/core/source.ts"() {
    "use strict";
    lineStarts = /* @__PURE__ */ new WeakMap();
  }
});

// src/ui/colour.ts
function palette(colour) {
  return colour ? ansi : none;
}
function sequence(on, off) {
  return (text) => text === "" ? "" : `\x1B[${on}m${text}\x1B[${off}m`;
}
var plain, none, ansi;
var init_colour = __esm({
  "src/ui/colour.ts"() {
    "use strict";
    plain = (text) => text;
    none = {
      bold: plain,
      dim: plain,
      underline: plain,
      red: plain,
      green: plain,
      yellow: plain,
      cyan: plain
    };
    ansi = {
      bold: sequence(1, 22),
      dim: sequence(2, 22),
      underline: sequence(4, 24),
      red: sequence(31, 39),
      green: sequence(32, 39),
      yellow: sequence(33, 39),
      cyan: sequence(36, 39)
    };
  }
});

// src/ui/text.ts
function characters(text) {
  if (isPlain(text)) return Array.from(text);
  segmenter2 ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(segmenter2.segment(text), ({ segment }) => segment);
}
function displayWidth(text) {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const character of characters(text)) width += characterWidth(character);
  return width;
}
function characterWidth(character) {
  const point = character.codePointAt(0);
  if (/^\p{Mark}/u.test(character) || point === 8203) return 0;
  if (character.includes("\uFE0F")) return 2;
  return wide.some(([first, last]) => point >= first && point <= last) ? 2 : 1;
}
function isPlain(text) {
  return /^[\x20-\x7e]*$/.test(text);
}
function printable2(text, column = 0) {
  if (isPlain(text)) return text;
  let shown = "";
  let at2 = column;
  for (const character of characters(text)) {
    let part = character;
    if (character === "	") part = " ".repeat(4 - at2 % 4);
    else if (/^\p{Cc}/u.test(character)) part = escapeControl(character);
    else if (/[\u202a-\u202e\u2066-\u2069]/.test(character)) part = escapeControl(character);
    shown += part;
    at2 += displayWidth(part);
  }
  return shown;
}
function escapeControl(character) {
  return Array.from(character, (one) => `\\u{${one.codePointAt(0).toString(16)}}`).join("");
}
function padEnd(text, width) {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}
function cut(text, width) {
  if (displayWidth(text) <= width) return text;
  let shown = "";
  let used = 0;
  for (const character of characters(text)) {
    const cells = displayWidth(character);
    if (used + cells > width - 1) break;
    shown += character;
    used += cells;
  }
  return `${shown}\u2026`;
}
function wrap(text, width) {
  const lines = [];
  for (const paragraph of text.split("\n")) {
    let line2 = "";
    for (const word of paragraph.split(" ")) {
      if (line2 !== "" && displayWidth(line2) + 1 + displayWidth(word) > width) {
        lines.push(line2);
        line2 = word;
      } else line2 = line2 === "" ? word : `${line2} ${word}`;
    }
    lines.push(line2);
  }
  return lines;
}
function formatElapsed(ms) {
  if (ms < 1e4) return `${(ms / 1e3).toFixed(1)} s`;
  const seconds2 = Math.round(ms / 1e3);
  if (seconds2 < 60) return `${seconds2} s`;
  const rest = seconds2 % 60;
  return `${Math.floor(seconds2 / 60)} min${rest === 0 ? "" : ` ${rest} s`}`;
}
function countOf(count, singular, plural2 = `${singular}s`) {
  return `${count} ${count === 1 ? singular : plural2}`;
}
var wide, segmenter2;
var init_text = __esm({
  "src/ui/text.ts"() {
    "use strict";
    wide = [
      [4352, 4447],
      [8986, 8987],
      [9193, 9196],
      [11904, 12350],
      [12353, 13311],
      [13312, 19903],
      [19968, 40959],
      [40960, 42191],
      [43360, 43391],
      [44032, 55203],
      [63744, 64255],
      [65072, 65135],
      [65280, 65376],
      [65504, 65510],
      [127744, 128591],
      [128640, 128767],
      [129280, 129535],
      [129648, 129791],
      [131072, 262141]
    ];
  }
});

// src/ui/excerpt.ts
function excerpt(range2, width, mark, colours) {
  const { file } = range2;
  const first = position(file, range2.start).line;
  const last = position(file, Math.max(range2.start, range2.end - 1)).line;
  const gutter = String(last).length;
  const room = Math.max(20, width - gutter - 5);
  const lines = [];
  for (let line2 = first; line2 <= last; line2++) {
    if (last - first >= ENDS * 2 + 1 && line2 === first + ENDS) {
      lines.push(`  ${colours.dim(`${" ".repeat(gutter)} \u2026`)}`);
      line2 = last - ENDS + 1;
    }
    const { text, carets } = markLine(range2, line2, room);
    lines.push(`  ${colours.dim(`${String(line2).padStart(gutter)} \u2502`)} ${text}`.trimEnd());
    if (carets.trim() !== "") {
      const indent2 = /^ */.exec(carets)?.[0] ?? "";
      lines.push(`  ${colours.dim(`${" ".repeat(gutter)} \u2502`)} ${indent2}${mark(carets.trim())}`);
    }
  }
  return lines;
}
function markLine(range2, line2, room) {
  const { file } = range2;
  const text = lineText(file, line2);
  const offset = offsetOfLine(file.text, line2);
  const from = clamp(range2.start - offset, text.length);
  const to = clamp(range2.end - offset, text.length);
  const indent2 = /^\s*/.exec(text)?.[0].length ?? 0;
  const begin = range2.start < offset ? Math.min(indent2, to) : from;
  const before = printable2(text.slice(0, begin));
  const marked2 = printable2(text.slice(begin, to), displayWidth(before));
  const after = printable2(text.slice(to), displayWidth(before) + displayWidth(marked2));
  const start = displayWidth(before);
  const isFirst = range2.start >= offset;
  const cells = displayWidth(marked2) || (isFirst && range2.end <= offset + text.length + 1 ? 1 : 0);
  const carets = " ".repeat(start) + "^".repeat(cells);
  return fit(before + marked2 + after, carets, start, cells, room);
}
function fit(text, carets, start, cells, room) {
  const total = Math.max(displayWidth(text), start + cells);
  if (total <= room) return { text, carets };
  const context = Math.max(Math.floor((room - cells) / 3), Math.min(8, room >> 2));
  const from = Math.max(0, Math.min(start - context, total - room));
  return { text: windowOf(text, from, room), carets: caretWindow(carets, from, room) };
}
function windowOf(text, from, room) {
  let shown = "";
  let at2 = 0;
  let cutEnd = false;
  for (const character of characters(text)) {
    const cells = displayWidth(character);
    if (at2 >= from && at2 + cells <= from + room) shown += character;
    else if (at2 < from && at2 + cells > from) shown += " ";
    else if (at2 + cells > from + room) {
      cutEnd = true;
      break;
    }
    at2 += cells;
  }
  const list = [...characters(shown)];
  if (from > 0) replaceEdge(list, 0);
  if (cutEnd) replaceEdge(list, list.length - 1);
  return list.join("");
}
function replaceEdge(list, at2) {
  const cells = displayWidth(list[at2] ?? " ");
  list[at2] = at2 === 0 ? `\u2026${" ".repeat(Math.max(0, cells - 1))}` : "\u2026";
}
function caretWindow(carets, from, room) {
  return carets.slice(from, from + room);
}
function offsetOfLine(text, line2) {
  let at2 = 0;
  for (let count = 1; count < line2; count++) at2 = text.indexOf("\n", at2) + 1;
  return at2;
}
function clamp(offset, length2) {
  return Math.max(0, Math.min(offset, length2));
}
var ENDS;
var init_excerpt = __esm({
  "src/ui/excerpt.ts"() {
    "use strict";
    init_source();
    init_text();
    ENDS = 2;
  }
});

// src/ui/diagnostics.ts
function renderDiagnostic(diagnostic, { colour, width }) {
  const colours = palette(colour);
  const mark = diagnostic.severity === "error" ? colours.red : colours.yellow;
  const paragraphs = [
    headline(diagnostic, colours, mark),
    about(diagnostic),
    place(diagnostic, width, mark, colours),
    ...(diagnostic.related ?? []).map(({ message: message3, range: range2 }) => [
      `  ${printable2(formatRange(range2))}: ${printable2(message3)}`,
      ...excerpt(range2, width - 2, colours.cyan, colours)
    ]),
    diagnostic.detail === void 0 ? [] : detailLines(diagnostic.detail, width)
  ];
  const shown = paragraphs.filter((lines) => lines.length > 0);
  return `${shown.map((lines) => lines.join("\n")).join("\n\n")}
`;
}
function headline({ severity: severity2, summary: summary2 }, colours, mark) {
  return [`${colours.bold(mark(severity2 === "error" ? "Error:" : "Warning:"))} ${colours.bold(printable2(summary2))}`];
}
function about({ address, subject }) {
  const parts = [address, subject].filter((part) => part !== void 0);
  return parts.length === 0 ? [] : [`  ${printable2(parts.join(": "))}`];
}
function place({ range: range2, values: values2 }, width, mark, colours) {
  if (!range2) return valueLines(values2 ?? [], width);
  return [
    `  ${printable2(formatRange(range2))}`,
    ...excerpt(range2, width - 2, mark, colours),
    ...valueLines(values2 ?? [], width)
  ];
}
function valueLines(values2, width) {
  const names = values2.map(({ expression }) => printable2(expression));
  const longest = Math.min(40, Math.max(0, ...names.map((name) => name.length)));
  return values2.map(({ value }, at2) => {
    const begin = `    ${at2 === 0 ? "with" : "    "} ${padEnd(names[at2], longest)} = `;
    return cut(begin + printable2(value.replaceAll("\n", "\u23CE")), Math.max(width, begin.length + 10));
  });
}
function detailLines(detail, width) {
  return detail.replace(/\n+$/, "").split("\n").flatMap((line2) => {
    const indent2 = /^ */.exec(line2)?.[0] ?? "";
    const text = printable2(line2.slice(indent2.length));
    return wrap(text, Math.max(30, width - 2 - indent2.length)).map((part) => `  ${indent2}${part}`.trimEnd());
  });
}
var init_diagnostics2 = __esm({
  "src/ui/diagnostics.ts"() {
    "use strict";
    init_source();
    init_colour();
    init_excerpt();
    init_text();
  }
});

// src/core/addresses.ts
function resourceAddress(kind, name) {
  return `${kind}.${name}`;
}
function instanceAddress(resource, key) {
  if (key === void 0) return resource;
  return typeof key === "number" ? `${resource}[${key}]` : `${resource}[${JSON.stringify(key)}]`;
}
function parseAddress(text) {
  const match = pattern.exec(text);
  if (!match) return void 0;
  let key;
  if (match[3] !== void 0) key = Number(match[3]);
  else if (match[4] !== void 0) {
    try {
      key = JSON.parse(match[4]);
    } catch {
      return void 0;
    }
  }
  return { kind: match[1], name: match[2], key };
}
function resourceOf(instance) {
  const bracket = instance.indexOf("[");
  return bracket === -1 ? instance : instance.slice(0, bracket);
}
var pattern;
var init_addresses = __esm({
  "src/core/addresses.ts"() {
    "use strict";
    pattern = /^(node|link|network|service)\.([\p{ID_Start}_][\p{ID_Continue}-]*)(?:\[(?:(\d+)|("(?:[^"\\]|\\.)*"))\])?$/u;
  }
});

// src/ui/heartbeat.ts
var INTERVAL_MS, Heartbeat;
var init_heartbeat = __esm({
  "src/ui/heartbeat.ts"() {
    "use strict";
    INTERVAL_MS = 1e4;
    Heartbeat = class {
      #running = /* @__PURE__ */ new Map();
      #beat;
      #timer;
      constructor(beat) {
        this.#beat = beat;
      }
      see(event) {
        if (event.type === "step_start") {
          const { address, action, operation } = event;
          this.#running.set(address, { action, operation, since: performance.now() });
          this.#timer ??= setInterval(() => this.#tell(), INTERVAL_MS).unref();
        } else if (event.type === "step_complete" || event.type === "apply_complete" || event.type === "apply_errored") {
          this.#running.delete(event.address);
          if (this.#running.size === 0) this.stop();
        }
      }
      /** The action that an instance is in the middle of. */
      actionOf(address) {
        return this.#running.get(address)?.action;
      }
      stop() {
        clearInterval(this.#timer);
        this.#timer = void 0;
      }
      #tell() {
        for (const [address, { action, operation, since }] of this.#running) {
          const elapsedMs = performance.now() - since;
          if (elapsedMs >= INTERVAL_MS / 2) this.#beat({ address, action, operation, elapsedMs });
        }
      }
    };
  }
});

// src/ui/summary.ts
function countChanges(changes) {
  const counts = { create: 0, update: 0, restart: 0, replace: 0, delete: 0, failed: 0, skipped: 0 };
  for (const { action } of changes) {
    const name = counted[action];
    if (name) counts[name]++;
  }
  return counts;
}
function planSummary(changes) {
  const counts = countChanges(changes);
  const starts = changes.filter(({ action }) => action === "start").length;
  const details = [
    [counts.replace, "to replace"],
    [counts.restart - starts, "to restart"],
    [starts, "to start"]
  ].filter(([count]) => count !== 0);
  const more = details.length === 0 ? "" : ` (${details.map((part) => part.join(" ")).join(", ")})`;
  const { add: add2, change, destroy } = totals(counts);
  return `Plan: ${add2} to add, ${change} to change, ${destroy} to destroy${more}.`;
}
function doneSummary(counts, operation, elapsedMs) {
  const { add: add2, change, destroy } = totals(counts);
  const name = operation === "apply" ? "Apply" : "Destroy";
  const whole = counts.failed === 0 && counts.skipped === 0;
  const done2 = operation === "apply" ? [`${add2} added`, `${change} changed`] : [];
  done2.push(`${destroy} destroyed`);
  if (counts.restart > 0 && operation === "apply") done2.push(`${counts.restart} of them restarted or started`);
  if (counts.failed > 0) done2.push(`${counts.failed} failed`);
  if (counts.skipped > 0) done2.push(`${counts.skipped} skipped`);
  return `${name} ${whole ? "complete" : "incomplete"}! ${done2.join(", ")} (${formatElapsed(elapsedMs)}).`;
}
function totals(counts) {
  return {
    add: counts.create + counts.replace,
    change: counts.update + counts.restart,
    destroy: counts.delete + counts.replace
  };
}
var counted;
var init_summary = __esm({
  "src/ui/summary.ts"() {
    "use strict";
    init_text();
    counted = {
      none: void 0,
      wait: "update",
      update: "update",
      start: "restart",
      restart: "restart",
      create: "create",
      replace: "replace",
      delete: "delete"
    };
  }
});

// src/ui/json.ts
function jsonView(write, labformVersion) {
  const providers = /* @__PURE__ */ new Map();
  const emit = (level, type, message3, fields = {}) => {
    const line2 = {
      "@level": level,
      "@message": message3,
      "@module": "labform",
      "@timestamp": (/* @__PURE__ */ new Date()).toISOString(),
      type,
      ...fields
    };
    write(`${JSON.stringify(line2)}
`);
  };
  const resource = (address) => resourceFields(address, providers.get(address) ?? "");
  const heartbeat = new Heartbeat(({ address, action, operation, elapsedMs }) => {
    const elapsed = Math.round(elapsedMs / 1e3);
    emit("info", "apply_progress", `${address}: still in ${operation} (${elapsed} s)`, {
      hook: { resource: resource(address), action: openTofuAction(action), operation, elapsed_seconds: elapsed }
    });
  });
  const planned = (plan) => {
    for (const change of plan.changes) providers.set(change.address, change.provider);
    for (const instance of plan.refreshes) providers.set(instance.address, instance.provider);
    for (const { address } of plan.refreshes) drift(address, "update");
    for (const change of plan.changes) {
      if (change.causes.some(({ kind }) => kind === "host")) {
        drift(change.address, change.action === "create" ? "delete" : "update");
      }
    }
    for (const change of plan.changes) {
      if (change.action === "none") continue;
      emit("info", "planned_change", `${change.address}: Plan to ${change.action}`, {
        change: changeFields(change, resource(change.address))
      });
    }
    const counts = countChanges(plan.changes);
    emit("info", "change_summary", planSummary(plan.changes), {
      changes: { ...countFields(counts), operation: "plan" }
    });
    emit("info", "outputs", `Outputs: ${plan.outputs.length}`, { outputs: outputChanges(plan.outputs) });
  };
  const drift = (address, action) => {
    emit("info", "resource_drift", `${address}: Drift detected (${action})`, {
      change: { resource: resource(address), action }
    });
  };
  const show2 = (event) => {
    switch (event.type) {
      case "planned":
        return planned(event.plan);
      case "refresh_start":
        return emit("info", "refresh_start", `Looking at ${countOf(event.count, "instance")}`, { count: event.count });
      case "refresh_complete":
        return emit("info", "refresh_complete", `Looked at ${countOf(event.count, "instance")}`, {
          count: event.count,
          elapsed_seconds: seconds(event.elapsedMs)
        });
      case "lock_wait":
        return emit("info", "lock_wait", `Waiting for the lock, held by ${event.holder}`, { holder: event.holder });
      case "diagnostic":
        return diagnose(event.diagnostic);
      case "interrupted":
        return emit("warn", "interrupted", "Interrupted: nothing new is started");
      case "change_summary":
        if (event.operation === "plan") return;
        return emit("info", "change_summary", doneSummary(event.counts, event.operation, event.elapsedMs), {
          changes: { ...countFields(event.counts), operation: event.operation }
        });
      case "outputs":
        return emit("info", "outputs", `Outputs: ${Object.keys(event.outputs).length}`, {
          outputs: outputValues(event.outputs)
        });
      default:
        return applying(event);
    }
  };
  const applying = (event) => {
    const { address } = event;
    const about2 = { resource: resource(address) };
    switch (event.type) {
      case "apply_start":
        return emit("info", "apply_start", `${address}: ${event.action} begins`, {
          hook: { ...about2, action: openTofuAction(event.action) }
        });
      case "step_start":
        return emit("info", "step_start", `${address}: ${event.operation} begins`, {
          hook: { ...about2, action: openTofuAction(event.action), operation: event.operation }
        });
      case "step_progress":
        return emit("info", "step_progress", `${address}: ${event.message}`, {
          hook: { ...about2, operation: event.operation, message: event.message }
        });
      case "step_complete":
        return emit("info", "step_complete", `${address}: ${event.operation} done`, {
          hook: { ...about2, operation: event.operation, elapsed_seconds: seconds(event.elapsedMs) }
        });
      case "apply_complete":
        return emit("info", "apply_complete", `${address}: ${event.action} complete`, {
          hook: { ...about2, action: openTofuAction(event.action), elapsed_seconds: seconds(event.elapsedMs) }
        });
      case "apply_errored":
        return emit("error", "apply_errored", `${address}: ${event.operation} failed`, {
          hook: { ...about2, action: openTofuAction(event.action), operation: event.operation }
        });
      case "apply_skipped":
        return emit("warn", "apply_skipped", `${address}: skipped: ${event.because}`, {
          hook: { ...about2, action: openTofuAction(event.action), because: event.because }
        });
    }
  };
  const diagnose = (one) => {
    const level = one.severity === "error" ? "error" : "warn";
    const title = one.severity === "error" ? "Error" : "Warning";
    emit(level, "diagnostic", `${title}: ${one.summary}`, { diagnostic: diagnosticFields(one) });
  };
  emit("info", "version", `labform ${labformVersion}`, { labform: labformVersion, ui: UI });
  return {
    emit: (event) => {
      show2(event);
      heartbeat.see(event);
    },
    stop: () => heartbeat.stop()
  };
}
function resourceFields(address, provider) {
  const parsed = parseAddress(address);
  return {
    addr: address,
    module: "",
    resource: address,
    implied_provider: provider,
    resource_type: parsed?.kind ?? "",
    resource_name: parsed?.name ?? "",
    resource_key: parsed?.key ?? null
  };
}
function openTofuAction(action) {
  if (action === "none") return "noop";
  return action === "create" || action === "replace" || action === "delete" ? action : "update";
}
function changeFields(change, resource) {
  return {
    resource,
    action: openTofuAction(change.action),
    labform_action: change.action,
    causes: change.causes.map(({ kind, summary: summary2, path, at: at2, evidence }) => ({
      kind,
      summary: summary2,
      ...path ? { path: formatPath(path) } : {},
      ...at2 === void 0 ? {} : { at: at2 },
      ...evidence ? { evidence } : {}
    }))
  };
}
function outputChanges(outputs) {
  const words3 = { create: "create", update: "update", delete: "delete", none: "noop" };
  return Object.fromEntries(outputs.map(({ name, sensitive, action }) => [name, { sensitive, action: words3[action] }]));
}
function outputValues(outputs) {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { sensitive, type, value }]) => [
      name,
      { sensitive, type, ...sensitive || value === void 0 ? {} : { value } }
    ])
  );
}
function countFields(counts) {
  const { add: add2, change, destroy } = totals(counts);
  const { restart, replace, failed, skipped } = counts;
  return { add: add2, change, import: 0, remove: destroy, restart, replace, failed, skipped };
}
function diagnosticFields(diagnostic) {
  const { severity: severity2, summary: summary2, detail, range: range2, related, values: values2, address, subject } = diagnostic;
  return {
    severity: severity2,
    summary: summary2,
    detail: detail ?? "",
    ...address === void 0 ? {} : { address },
    ...subject === void 0 ? {} : { subject },
    ...range2 ? { range: rangeFields(range2), snippet: snippetFields(range2, values2 ?? []) } : {},
    ...related ? { related: related.map((one) => ({ message: one.message, range: rangeFields(one.range) })) } : {}
  };
}
function rangeFields(range2) {
  return {
    filename: range2.file.name,
    start: positionFields(range2, range2.start),
    end: positionFields(range2, range2.end)
  };
}
function positionFields({ file }, offset) {
  return { ...position(file, offset), byte: Buffer.byteLength(file.text.slice(0, offset)) };
}
function snippetFields(range2, values2) {
  const { file } = range2;
  const first = position(file, range2.start).line;
  const last = position(file, Math.max(range2.start, range2.end - 1)).line;
  const lines = [];
  for (let line2 = first; line2 <= last; line2++) lines.push(lineText(file, line2));
  const code = lines.join("\n");
  const from = file.text.lastIndexOf("\n", range2.start - 1) + 1;
  const offset = (to) => Math.min(Buffer.byteLength(file.text.slice(from, to)), Buffer.byteLength(code));
  return {
    context: null,
    code,
    start_line: first,
    highlight_start_offset: offset(range2.start),
    highlight_end_offset: offset(range2.end),
    values: values2.map(({ expression, value }) => ({ traversal: expression, statement: `is ${value}` }))
  };
}
function seconds(ms) {
  return Math.round(ms) / 1e3;
}
var UI;
var init_json = __esm({
  "src/ui/json.ts"() {
    "use strict";
    init_addresses();
    init_source();
    init_values();
    init_heartbeat();
    init_summary();
    init_text();
    UI = "1.0";
  }
});

// src/cli/report.ts
function reporter(context, common, emit) {
  const told = /* @__PURE__ */ new Set();
  let json = emit;
  return (diagnostics) => {
    for (const diagnostic of diagnostics) {
      const text = renderDiagnostic(diagnostic, {
        colour: common.colour && context.stderr.isTTY === true,
        width: context.stderr.columns ?? 100
      });
      if (told.has(text)) continue;
      told.add(text);
      if (common.json) {
        json ??= jsonView((line2) => void context.stdout.write(line2), context.version).emit;
        json({ type: "diagnostic", diagnostic });
      } else context.stderr.write(`
${text}
`);
    }
  };
}
var init_report = __esm({
  "src/cli/report.ts"() {
    "use strict";
    init_diagnostics2();
    init_json();
  }
});

// src/core/state.ts
function emptyState(labformVersion) {
  return {
    format: STATE_FORMAT,
    labformVersion,
    lineage: "",
    serial: 0,
    registry: "",
    lab: null,
    outputs: {},
    instances: /* @__PURE__ */ new Map()
  };
}
var STATE_FORMAT;
var init_state = __esm({
  "src/core/state.ts"() {
    "use strict";
    STATE_FORMAT = 1;
  }
});

// src/config/files.ts
function isLabFile(name) {
  return (name.endsWith(".lab.hcl") || name.endsWith(".lab.json")) && !isIgnored(name);
}
function isVariableFile(name) {
  return /^(?:labform|.*\.auto)\.vars\.(?:hcl|json)$/s.test(name) && !isIgnored(name);
}
function compareVariableFiles(left, right) {
  const leftFirst = left.startsWith("labform.vars.") ? 0 : 1;
  const rightFirst = right.startsWith("labform.vars.") ? 0 : 1;
  return leftFirst - rightFirst || compareNames(left, right);
}
function compareNames(left, right) {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
function isOverrideFile(name) {
  return /(?:^|_)override\.lab\.(?:hcl|json)$/.test(name);
}
function isIgnored(name) {
  return name.startsWith(".") || name.endsWith("~") || name.startsWith("#") && name.endsWith("#");
}
var init_files = __esm({
  "src/config/files.ts"() {
    "use strict";
  }
});

// src/language/characters.ts
function identifierEnd(text, at2) {
  const first = text.charCodeAt(at2);
  if (first < 128 && (classes[first] & START2) === 0) return at2;
  let end = at2;
  for (; ; ) {
    const code = text.charCodeAt(end);
    if (code < 128) {
      if ((classes[code] & CONTINUE) === 0) return end;
      end++;
    } else if (code >= 128) {
      sticky.lastIndex = at2;
      return sticky.test(text) ? sticky.lastIndex : at2;
    } else {
      return end;
    }
  }
}
function isDigit(code) {
  return code >= 48 && code <= 57;
}
function trimSpaceStart(text) {
  return text.replace(leading, "");
}
function trimSpaceEnd(text) {
  let end = text.length;
  while (end > 0 && isSpace.test(text[end - 1])) end--;
  return text.slice(0, end);
}
function normalised(text) {
  return ascii.test(text) ? text : text.normalize("NFC");
}
var IDENTIFIER, sticky, START2, CONTINUE, classes, SPACE, leading, isSpace, ascii;
var init_characters = __esm({
  "src/language/characters.ts"() {
    "use strict";
    IDENTIFIER = String.raw`[\p{ID_Start}_][\p{ID_Continue}-]*`;
    sticky = new RegExp(IDENTIFIER, "uy");
    START2 = 1;
    CONTINUE = 2;
    classes = new Uint8Array(128);
    for (let code = 0; code < 128; code++) {
      const character = String.fromCharCode(code);
      if (/[A-Za-z_]/.test(character)) classes[code] = START2 | CONTINUE;
      else if (/[0-9-]/.test(character)) classes[code] = CONTINUE;
    }
    SPACE = String.raw`[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
    leading = new RegExp(`^${SPACE}+`);
    isSpace = new RegExp(SPACE);
    ascii = /^[\x00-\x7f]*$/;
  }
});

// src/language/escapes.ts
function decodeQuoted(cursor) {
  const raw = decodeHeredoc(cursor.word);
  if (!raw.includes("\\")) return raw;
  return raw.replace(/\\(?:u[0-9a-fA-F]{0,4}|U[0-9a-fA-F]{0,8}|[^])/gu, (escape, offset) => {
    const selector = escape.slice(1, 2);
    const decoded = simple[selector] ?? decodeCodePoint(escape);
    if (decoded !== void 0) return decoded;
    const start = cursor.start + offset;
    cursor.report(`\`${escape}\` is no escape`, adviceFor(escape), cursor.range(start, start + escape.length));
    return escape;
  });
}
function decodeHeredoc(raw) {
  return raw.startsWith("$${") || raw.startsWith("%%{") ? raw.slice(1) : raw;
}
function decodeCodePoint(escape) {
  const digits = escape.slice(2);
  if (digits.length !== (escape[1] === "u" ? 4 : 8)) return void 0;
  const code = Number.parseInt(digits, 16);
  if (code > 1114111 || code >= 55296 && code <= 57343) return void 0;
  return String.fromCodePoint(code);
}
function adviceFor(escape) {
  switch (escape[1]) {
    case "u":
      return /^\\u[dD][89a-fA-F]/.test(escape) ? "It is half of a character. Write the whole one as \\U and eight hexadecimal digits: \\U0001F600." : "After \\u come four hexadecimal digits: \\u00e9.";
    case "U":
      return "After \\U come eight hexadecimal digits, at most 0010FFFF: \\U0001F600.";
    case "$":
    case "%":
      return "A ${ or %{ that is meant literally is doubled: $${ and %%{.";
    default:
      return 'There are \\n, \\r, \\t, \\", \\\\, \\uNNNN and \\UNNNNNNNN. A backslash itself is doubled: \\\\.';
  }
}
var simple;
var init_escapes = __esm({
  "src/language/escapes.ts"() {
    "use strict";
    simple = { n: "\n", r: "\r", t: "	", '"': '"', "\\": "\\" };
  }
});

// src/core/bigfloat.ts
function parseNumber(text) {
  const parsed = numberFromText(text);
  if (parsed === void 0) throw new RangeError(`not a number: ${JSON.stringify(text)}`);
  return parsed;
}
function numberFromText(text) {
  const short = shortInteger(text);
  if (short !== void 0) return short;
  const match = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return void 0;
  const fraction = match[3] ?? match[4] ?? "";
  const digits = BigInt((match[2] ?? "") + fraction);
  const power = Number(match[5] ?? "0") - fraction.length;
  const mantissa = match[1] === "-" ? -digits : digits;
  if (mantissa === 0n) return 0;
  if (power >= 0) return power > EXPONENT_LIMIT ? saturated(mantissa, 1) : scaleUp(mantissa, power);
  return power < -EXPONENT_LIMIT - text.length ? 0 : scaleDown(mantissa, -power);
}
function shortInteger(text) {
  const { length: length2 } = text;
  if (length2 === 0 || length2 > 15) return void 0;
  let number = 0;
  for (let at2 = 0; at2 < length2; at2++) {
    const digit = text.charCodeAt(at2) - 48;
    if (digit < 0 || digit > 9) return void 0;
    number = number * 10 + digit;
  }
  return number;
}
function scaleUp(mantissa, power) {
  if (power === 0) return normalize(mantissa, 0);
  const five = powerOfFive(power);
  return normalize(mantissa * five.mantissa, five.exponent + power);
}
function scaleDown(mantissa, power) {
  const five = powerOfFive(power);
  return quotient(mantissa, -power, five.mantissa, five.exponent);
}
function powerOfFive(power) {
  const start = Math.min(power, 27);
  let result = { mantissa: 5n ** BigInt(start), exponent: 0 };
  let factor = { mantissa: 5n, exponent: 0 };
  for (let rest = power - start; rest > 0; rest >>>= 1) {
    if (rest & 1) result = product(result, factor, PRECISION + 64);
    factor = product(factor, factor, PRECISION + 128);
  }
  return result;
}
function product(left, right, precision) {
  return round(left.mantissa * right.mantissa, left.exponent + right.exponent, precision);
}
function bitLength(integer) {
  const hex = integer.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0], 16)) + 28;
}
function round(mantissa, exponent, precision) {
  const magnitude = mantissa < 0n ? -mantissa : mantissa;
  const drop = magnitude === 0n ? 0 : bitLength(magnitude) - precision;
  if (drop <= 0) return { mantissa, exponent };
  const shift = BigInt(drop);
  let kept = magnitude >> shift;
  const dropped = magnitude - (kept << shift);
  const half = 1n << shift - 1n;
  if (dropped > half || dropped === half && (kept & 1n) === 1n) kept += 1n;
  return { mantissa: mantissa < 0n ? -kept : kept, exponent: exponent + drop };
}
function normalize(mantissa, exponent) {
  if (mantissa === 0n) return 0;
  const rounded = round(mantissa, exponent, PRECISION);
  const negative = rounded.mantissa < 0n;
  let magnitude = negative ? -rounded.mantissa : rounded.mantissa;
  let power = rounded.exponent;
  if ((magnitude & 1n) === 0n) {
    const zeros = bitLength(magnitude & -magnitude) - 1;
    magnitude >>= BigInt(zeros);
    power += zeros;
  }
  const top = bitLength(magnitude) + power;
  if (power >= 0 && top <= 53) return Number(negative ? -magnitude : magnitude) * 2 ** power;
  if (top > EXPONENT_LIMIT) return saturated(mantissa, 1);
  if (top < -EXPONENT_LIMIT) return 0;
  return new BigFloat(negative ? -magnitude : magnitude, power);
}
function saturated(sign, direction) {
  const largest = (1n << BigInt(PRECISION)) - 1n;
  const negative = sign < 0n !== direction < 0;
  return new BigFloat(negative ? -largest : largest, EXPONENT_LIMIT - PRECISION);
}
function partsOf2(num) {
  return typeof num === "number" ? { mantissa: BigInt(num), exponent: 0 } : num;
}
function quotient(left, leftExponent, right, rightExponent) {
  const numerator = left < 0n ? -left : left;
  const denominator = right < 0n ? -right : right;
  if (numerator === 0n) return 0;
  const shift = Math.max(0, PRECISION + 2 + bitLength(denominator) - bitLength(numerator));
  const shifted = numerator << BigInt(shift);
  const whole = shifted / denominator;
  const sticky2 = whole * denominator === shifted ? 0n : 1n;
  const magnitude = whole << 1n | sticky2;
  return normalize(left < 0n === right < 0n ? magnitude : -magnitude, leftExponent - rightExponent - shift - 1);
}
function add(left, right) {
  if (typeof left === "number" && typeof right === "number") {
    const sum2 = left + right;
    return Number.isSafeInteger(sum2) ? sum2 : normalize(BigInt(left) + BigInt(right), 0);
  }
  if (left === 0) return right;
  if (right === 0) return left;
  const a = partsOf2(left);
  const b = partsOf2(right);
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  return normalize(sum, exponent);
}
function subtract(left, right) {
  return add(left, negate(right));
}
function negate(num) {
  if (typeof num === "number") return num === 0 ? 0 : -num;
  return new BigFloat(-num.mantissa, num.exponent);
}
function multiply(left, right) {
  if (typeof left === "number" && typeof right === "number") {
    const result = left * right;
    if (Number.isSafeInteger(result)) return result === 0 ? 0 : result;
  }
  const a = partsOf2(left);
  const b = partsOf2(right);
  return normalize(a.mantissa * b.mantissa, a.exponent + b.exponent);
}
function divide(left, right) {
  if (right === 0) throw new RangeError("division by zero");
  if (typeof left === "number" && typeof right === "number" && left % right === 0) {
    const result = left / right;
    return result === 0 ? 0 : result;
  }
  const a = partsOf2(left);
  const b = partsOf2(right);
  return quotient(a.mantissa, a.exponent, b.mantissa, b.exponent);
}
function remainder(left, right) {
  if (right === 0) throw new RangeError("division by zero");
  if (typeof left === "number" && typeof right === "number") {
    const result = left % right;
    return result === 0 ? 0 : result;
  }
  return subtract(left, multiply(truncate(divide(left, right)), right));
}
function truncate(num) {
  if (typeof num === "number" || num.exponent >= 0) return num;
  const shift = BigInt(-num.exponent);
  return normalize(num.mantissa < 0n ? -(-num.mantissa >> shift) : num.mantissa >> shift, 0);
}
function isWhole(num) {
  return typeof num === "number" || num.exponent >= 0;
}
function compare(left, right) {
  if (typeof left === "number" && typeof right === "number") return left - right;
  const difference = subtract(left, right);
  if (typeof difference === "number") return difference;
  return difference.mantissa < 0n ? -1 : 1;
}
function sameNumber(left, right) {
  if (typeof left === "number" || typeof right === "number") return left === right;
  return left.exponent === right.exponent && left.mantissa === right.mantissa;
}
function fromJavaScript(number) {
  if (Number.isSafeInteger(number)) return number === 0 ? 0 : number;
  return parseNumber(String(number));
}
function toJavaScript(num) {
  return typeof num === "number" ? num : Number(formatNumber(num));
}
function toBigInt(num) {
  const { mantissa, exponent } = partsOf2(num);
  return exponent >= 0 ? mantissa << BigInt(exponent) : mantissa >> BigInt(-exponent);
}
function formatNumber(num) {
  if (typeof num === "number") return String(num);
  const negative = num.mantissa < 0n;
  const { digits, point } = shortest(negative ? -num.mantissa : num.mantissa, num.exponent);
  const sign = negative ? "-" : "";
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + "0".repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
function shortestDecimal(num) {
  const { mantissa, exponent } = partsOf2(num);
  if (mantissa === 0n) return { digits: "", point: 0 };
  return typeof num === "number" ? exactDecimalOf(num) : shortest(mantissa < 0n ? -mantissa : mantissa, exponent);
}
function exactDecimalOf(num) {
  const { mantissa, exponent } = partsOf2(num);
  return mantissa === 0n ? { digits: "", point: 0 } : exactDecimal(mantissa < 0n ? -mantissa : mantissa, exponent);
}
function roundDecimal(decimal, length2) {
  if (length2 < 0 || length2 >= decimal.digits.length) return decimal;
  return nextDigitRoundsUp(decimal.digits, length2) ? cutUp(decimal, length2) : cut2(decimal, length2);
}
function exactDecimal(mantissa, exponent) {
  const text = (exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent)).toString();
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 48) end--;
  return { digits: text.slice(0, end), point: text.length + Math.min(exponent, 0) };
}
function shortest(mantissa, exponent) {
  const exact = exactDecimal(mantissa, exponent);
  const shift = PRECISION + 1 - bitLength(mantissa);
  const doubled2 = mantissa << BigInt(shift);
  const lower = exactDecimal(doubled2 - 1n, exponent - shift).digits;
  const upper = exactDecimal(doubled2 + 1n, exponent - shift).digits;
  const inclusive = (doubled2 & 2n) === 0n;
  const { digits } = exact;
  for (let at2 = 0; at2 < digits.length; at2++) {
    const digit = digits.charCodeAt(at2);
    const low = at2 < lower.length ? lower.charCodeAt(at2) : 48;
    const high = at2 < upper.length ? upper.charCodeAt(at2) : 48;
    const down = low !== digit || inclusive && at2 + 1 === lower.length;
    const up = digit !== high && (inclusive || digit + 1 < high || at2 + 1 < upper.length);
    if (!down && !up) continue;
    return down && !(up && nextDigitRoundsUp(digits, at2 + 1)) ? cut2(exact, at2 + 1) : cutUp(exact, at2 + 1);
  }
  return exact;
}
function nextDigitRoundsUp(digits, at2) {
  if (at2 >= digits.length) return false;
  const next = digits.charCodeAt(at2) - 48;
  if (next === 5 && at2 + 1 === digits.length) return at2 > 0 && (digits.charCodeAt(at2 - 1) & 1) === 1;
  return next >= 5;
}
function cut2(decimal, length2) {
  let end = Math.min(length2, decimal.digits.length);
  while (end > 0 && decimal.digits.charCodeAt(end - 1) === 48) end--;
  return { digits: decimal.digits.slice(0, end), point: decimal.point };
}
function cutUp(decimal, length2) {
  if (length2 >= decimal.digits.length) return decimal;
  let end = length2;
  while (end > 0 && decimal.digits.charCodeAt(end - 1) === 57) end--;
  if (end === 0) return { digits: "1", point: decimal.point + 1 };
  const last = decimal.digits.charCodeAt(end - 1) - 48;
  return { digits: decimal.digits.slice(0, end - 1) + String(last + 1), point: decimal.point };
}
var PRECISION, EXPONENT_LIMIT, BigFloat;
var init_bigfloat = __esm({
  "src/core/bigfloat.ts"() {
    "use strict";
    PRECISION = 512;
    EXPONENT_LIMIT = 262144;
    BigFloat = class {
      mantissa;
      exponent;
      constructor(mantissa, exponent) {
        this.mantissa = mantissa;
        this.exponent = exponent;
      }
      toString() {
        return formatNumber(this);
      }
    };
  }
});

// src/language/tokens.ts
var kinds, Kind;
var init_tokens = __esm({
  "src/language/tokens.ts"() {
    "use strict";
    kinds = {
      endOfFile: 0,
      newline: 1,
      identifier: 2,
      number: 3,
      openBrace: 10,
      closeBrace: 11,
      openBracket: 12,
      closeBracket: 13,
      openParenthesis: 14,
      closeParenthesis: 15,
      dot: 16,
      ellipsis: 17,
      comma: 18,
      colon: 19,
      doubleColon: 20,
      equal: 21,
      arrow: 22,
      question: 23,
      or: 30,
      and: 31,
      equalEqual: 32,
      notEqual: 33,
      less: 34,
      lessOrEqual: 35,
      greater: 36,
      greaterOrEqual: 37,
      plus: 38,
      minus: 39,
      star: 40,
      slash: 41,
      percent: 42,
      not: 43,
      /** `"` */
      openQuote: 50,
      closeQuote: 51,
      /** `<<NAME` or `<<-NAME` with its line end */
      openHeredoc: 52,
      /** the marker's line, without surrounding spaces and line end */
      closeHeredoc: 53,
      /** a piece of literal text, not yet decoded */
      text: 54,
      /** `${` or `${~` */
      openInterpolation: 55,
      /** `%{` or `%{~` */
      openDirective: 56,
      /** `}` or `~}` that ends one of the two above */
      closeSequence: 57,
      /** `'text'` on one line */
      singleQuoted: 70,
      /** text between typographic quotes on one line */
      smartQuoted: 71,
      /** a single or typographic quote without its partner */
      strayQuote: 72,
      backtick: 73,
      singleAnd: 74,
      singleOr: 75,
      caret: 76,
      tilde: 77,
      semicolon: 78,
      /** `<<` that introduces no heredoc */
      badHeredoc: 79,
      unclosedComment: 80,
      /** the line end inside a quoted string */
      quotedNewline: 81,
      /** `${` or `%{` outside a string */
      bareSequence: 82,
      /** U+FFFD: what decoding makes of bytes that are not UTF-8; or half of a surrogate pair */
      notUtf8: 83,
      unknown: 84
    };
    Kind = kinds;
  }
});

// src/language/scan.ts
var NEWLINE, CARRIAGE_RETURN, QUOTE, DOLLAR, PERCENT, DOT, BACKSLASH, OPEN_BRACE, TILDE, Scanner;
var init_scan = __esm({
  "src/language/scan.ts"() {
    "use strict";
    init_characters();
    init_tokens();
    NEWLINE = 10;
    CARRIAGE_RETURN = 13;
    QUOTE = 34;
    DOLLAR = 36;
    PERCENT = 37;
    DOT = 46;
    BACKSLASH = 92;
    OPEN_BRACE = 123;
    TILDE = 126;
    Scanner = class {
      text;
      /** The token last scanned; offsets are of UTF-16. */
      kind = Kind.endOfFile;
      start = 0;
      end = 0;
      frames = [];
      markerMayEndText;
      /**
       * In a file a heredoc's marker must be followed by a line end, as HCL has it; the text of a lone expression ends at
       * its marker, which `markerMayEndText` allows.
       */
      constructor(text, markerMayEndText) {
        this.text = text;
        this.markerMayEndText = markerMayEndText;
        this.end = text.charCodeAt(0) === 65279 ? 1 : 0;
      }
      get insideTemplate() {
        return this.frames.length > 0;
      }
      /** Outside all templates, just before `offset`. */
      restart(offset) {
        this.frames = [];
        this.end = offset;
      }
      next() {
        const frame = this.frames[this.frames.length - 1];
        if (frame === void 0) this.scanExpression(void 0);
        else if (frame.kind === "quoted") this.scanQuoted();
        else if (frame.kind === "heredoc") this.scanHeredoc(frame);
        else this.scanExpression(frame);
      }
      emit(kind, start, end) {
        this.kind = kind;
        this.start = start;
        this.end = end;
      }
      scanExpression(frame) {
        const { text } = this;
        const at2 = this.skipSpaces();
        if (at2 < 0) return;
        const code = text.charCodeAt(at2);
        const next = text.charCodeAt(at2 + 1);
        switch (code) {
          case NEWLINE:
            return this.emit(Kind.newline, at2, at2 + 1);
          case CARRIAGE_RETURN:
            return next === NEWLINE ? this.emit(Kind.newline, at2, at2 + 2) : this.emit(Kind.unknown, at2, at2 + 1);
          case 33:
            return next === 61 ? this.emit(Kind.notEqual, at2, at2 + 2) : this.emit(Kind.not, at2, at2 + 1);
          case QUOTE:
            this.frames.push({ kind: "quoted" });
            return this.emit(Kind.openQuote, at2, at2 + 1);
          case DOLLAR:
            return next === OPEN_BRACE ? this.emit(Kind.bareSequence, at2, at2 + 2) : this.emit(Kind.unknown, at2, at2 + 1);
          case PERCENT:
            return this.emit(Kind.percent, at2, at2 + 1);
          case 38:
            return next === 38 ? this.emit(Kind.and, at2, at2 + 2) : this.emit(Kind.singleAnd, at2, at2 + 1);
          case 39:
            return this.scanPair(at2, "'", Kind.singleQuoted);
          case 40:
            return this.emit(Kind.openParenthesis, at2, at2 + 1);
          case 41:
            return this.emit(Kind.closeParenthesis, at2, at2 + 1);
          case 42:
            return this.emit(Kind.star, at2, at2 + 1);
          case 43:
            return this.emit(Kind.plus, at2, at2 + 1);
          case 44:
            return this.emit(Kind.comma, at2, at2 + 1);
          case 45:
            return this.emit(Kind.minus, at2, at2 + 1);
          case DOT:
            return next === DOT && text.charCodeAt(at2 + 2) === DOT ? this.emit(Kind.ellipsis, at2, at2 + 3) : this.emit(Kind.dot, at2, at2 + 1);
          case 47:
            return this.emit(Kind.slash, at2, at2 + 1);
          case 58:
            return next === 58 ? this.emit(Kind.doubleColon, at2, at2 + 2) : this.emit(Kind.colon, at2, at2 + 1);
          case 59:
            return this.emit(Kind.semicolon, at2, at2 + 1);
          case 60:
            if (next === 60) return this.scanHeredocOpening(at2);
            return next === 61 ? this.emit(Kind.lessOrEqual, at2, at2 + 2) : this.emit(Kind.less, at2, at2 + 1);
          case 61:
            if (next === 61) return this.emit(Kind.equalEqual, at2, at2 + 2);
            return next === 62 ? this.emit(Kind.arrow, at2, at2 + 2) : this.emit(Kind.equal, at2, at2 + 1);
          case 62:
            return next === 61 ? this.emit(Kind.greaterOrEqual, at2, at2 + 2) : this.emit(Kind.greater, at2, at2 + 1);
          case 63:
            return this.emit(Kind.question, at2, at2 + 1);
          case 91:
            return this.emit(Kind.openBracket, at2, at2 + 1);
          case 93:
            return this.emit(Kind.closeBracket, at2, at2 + 1);
          case 94:
            return this.emit(Kind.caret, at2, at2 + 1);
          case 96:
            return this.emit(Kind.backtick, at2, at2 + 1);
          case OPEN_BRACE:
            if (frame) frame.braces++;
            return this.emit(Kind.openBrace, at2, at2 + 1);
          case 124:
            return next === 124 ? this.emit(Kind.or, at2, at2 + 2) : this.emit(Kind.singleOr, at2, at2 + 1);
          case 125:
            if (frame?.braces === 0) {
              this.frames.pop();
              return this.emit(Kind.closeSequence, at2, at2 + 1);
            }
            if (frame) frame.braces--;
            return this.emit(Kind.closeBrace, at2, at2 + 1);
          case TILDE:
            if (frame?.braces === 0 && next === 125) {
              this.frames.pop();
              return this.emit(Kind.closeSequence, at2, at2 + 2);
            }
            return this.emit(Kind.tilde, at2, at2 + 1);
          case 8216:
          case 8220:
            return this.scanPair(at2, code === 8216 ? "\u2019" : "\u201D", Kind.smartQuoted);
          case 8217:
          case 8221:
            return this.emit(Kind.strayQuote, at2, at2 + 1);
          case 65533:
            return this.emit(Kind.notUtf8, at2, at2 + 1);
          default:
            return this.scanWord(at2, code);
        }
      }
      /** Where the next token starts; negative when the end of the text or an unclosed comment was emitted instead. */
      skipSpaces() {
        const { text } = this;
        let at2 = this.end;
        for (; ; ) {
          const code = text.charCodeAt(at2);
          if (code === 32 || code === 9) at2++;
          else if (code === 35 || code === 47 && text.charCodeAt(at2 + 1) === 47) {
            const lineEnd = text.indexOf("\n", at2);
            at2 = lineEnd === -1 ? text.length : lineEnd;
          } else if (code === 47 && text.charCodeAt(at2 + 1) === 42) {
            const close2 = text.indexOf("*/", at2 + 2);
            if (close2 === -1) {
              this.emit(Kind.unclosedComment, at2, at2 + 2);
              return -1;
            }
            at2 = close2 + 2;
          } else if (at2 >= text.length) {
            this.emit(Kind.endOfFile, text.length, text.length);
            return -1;
          } else return at2;
        }
      }
      scanWord(at2, code) {
        if (isDigit(code)) return this.emit(Kind.number, at2, this.numberEnd(at2));
        const end = identifierEnd(this.text, at2);
        if (end > at2) return this.emit(Kind.identifier, at2, end);
        const point = this.text.codePointAt(at2);
        const isHalfPair = point >= 55296 && point <= 57343;
        this.emit(isHalfPair ? Kind.notUtf8 : Kind.unknown, at2, at2 + (point > 65535 ? 2 : 1));
      }
      /**
       * As long as digits, dots and exponents go on, but never ending in a dot: `1.2.3` is one (wrong) number, `1...` is
       * a number and an ellipsis, as in HCL's scanner.
       */
      numberEnd(start) {
        const { text } = this;
        let at2 = start + 1;
        let end = at2;
        for (; ; ) {
          const code = text.charCodeAt(at2);
          if (isDigit(code)) end = ++at2;
          else if (code === DOT) at2++;
          else if (code === 69 || code === 101) {
            const sign = text.charCodeAt(at2 + 1);
            const digit = sign === 43 || sign === 45 ? at2 + 2 : at2 + 1;
            if (!isDigit(text.charCodeAt(digit))) return end;
            at2 = digit + 1;
            end = at2;
          } else return end;
        }
      }
      /** A quotation that is none in this language, as one token where it closes on its line. */
      scanPair(at2, closing, kind) {
        const { text } = this;
        for (let end = at2 + 1; end < text.length && text.charCodeAt(end) !== NEWLINE; end++) {
          if (text[end] === closing) return this.emit(kind, at2, end + 1);
        }
        this.emit(Kind.strayQuote, at2, at2 + 1);
      }
      scanHeredocOpening(at2) {
        const { text } = this;
        const name = text.charCodeAt(at2 + 2) === 45 ? at2 + 3 : at2 + 2;
        const nameEnd = identifierEnd(text, name);
        let lineEnd = nameEnd;
        if (text.charCodeAt(lineEnd) === CARRIAGE_RETURN) lineEnd++;
        if (nameEnd === name || text.charCodeAt(lineEnd) !== NEWLINE) return this.emit(Kind.badHeredoc, at2, nameEnd);
        this.frames.push({ kind: "heredoc", marker: text.slice(name, nameEnd), startOfLine: true });
        this.emit(Kind.openHeredoc, at2, lineEnd + 1);
      }
      scanQuoted() {
        const { text } = this;
        const at2 = this.end;
        const code = text.charCodeAt(at2);
        if (code === QUOTE) {
          this.frames.pop();
          return this.emit(Kind.closeQuote, at2, at2 + 1);
        }
        if (at2 >= text.length) return this.emit(Kind.endOfFile, at2, at2);
        if (code === NEWLINE || code === CARRIAGE_RETURN) return this.emit(Kind.quotedNewline, at2, at2 + 1);
        if (code === DOLLAR || code === PERCENT) return this.scanSequence(at2, code);
        let end = at2;
        for (; ; ) {
          const inside2 = text.charCodeAt(end);
          if (inside2 === BACKSLASH) {
            const escaped2 = text.charCodeAt(end + 1);
            if (escaped2 === NEWLINE || escaped2 === CARRIAGE_RETURN || end + 1 >= text.length) {
              return this.emit(Kind.quotedNewline, end, end + 1);
            }
            end += 2;
          } else if (inside2 === QUOTE || inside2 === DOLLAR || inside2 === PERCENT || inside2 === NEWLINE || inside2 === CARRIAGE_RETURN || end >= text.length) {
            return this.emit(Kind.text, at2, end);
          } else end++;
        }
      }
      /**
       * At a `$` or `%` in a template: `${` opens a sequence, `$${` is an escape, any other is itself. Each is a token of
       * its own, which strip markers can tell: they take spaces from the one adjacent token.
       */
      scanSequence(at2, code) {
        const { text } = this;
        const next = text.charCodeAt(at2 + 1);
        if (next === OPEN_BRACE) {
          const strips = text.charCodeAt(at2 + 2) === TILDE;
          this.frames.push({ kind: "sequence", braces: 0 });
          return this.emit(code === DOLLAR ? Kind.openInterpolation : Kind.openDirective, at2, at2 + (strips ? 3 : 2));
        }
        if (next === code && text.charCodeAt(at2 + 2) === OPEN_BRACE) {
          return this.emit(Kind.text, at2, at2 + (text.charCodeAt(at2 + 3) === TILDE ? 4 : 3));
        }
        this.emit(Kind.text, at2, at2 + 1);
      }
      /** One token a line at most, so that indentation and strip markers are a matter of lines. */
      scanHeredoc(frame) {
        const { text } = this;
        const at2 = this.end;
        const code = text.charCodeAt(at2);
        if (code === DOLLAR || code === PERCENT) {
          frame.startOfLine = false;
          return this.scanSequence(at2, code);
        }
        let end = at2;
        for (; ; ) {
          const inside2 = text.charCodeAt(end);
          if (inside2 === NEWLINE) return this.scanHeredocLine(frame, at2, end + 1);
          if (inside2 === CARRIAGE_RETURN && text.charCodeAt(end + 1) !== NEWLINE) {
            return end > at2 ? this.emit(Kind.text, at2, end) : this.emit(Kind.unknown, at2, at2 + 1);
          }
          if (end >= text.length) return this.scanHeredocEnd(frame, at2);
          if (inside2 === DOLLAR || inside2 === PERCENT) {
            frame.startOfLine = false;
            return this.emit(Kind.text, at2, end);
          }
          end++;
        }
      }
      scanHeredocLine(frame, at2, end) {
        if (!this.closesHeredoc(frame, at2, end)) {
          frame.startOfLine = true;
          this.emit(Kind.text, at2, end);
        }
      }
      scanHeredocEnd(frame, at2) {
        const { length: length2 } = this.text;
        if (this.markerMayEndText && this.closesHeredoc(frame, at2, length2)) return;
        if (at2 < length2) this.emit(Kind.text, at2, length2);
        else this.emit(Kind.endOfFile, length2, length2);
      }
      closesHeredoc(frame, at2, end) {
        if (!frame.startOfLine) return false;
        const untrimmed = trimSpaceStart(this.text.slice(at2, end));
        if (!untrimmed.startsWith(frame.marker) || trimSpaceEnd(untrimmed) !== frame.marker) return false;
        const start = end - untrimmed.length;
        this.frames.pop();
        this.emit(Kind.closeHeredoc, start, start + frame.marker.length);
        return true;
      }
    };
  }
});

// src/language/cursor.ts
function isAbandonment(thrown) {
  return thrown === ABANDONMENT;
}
var NESTING_LIMIT, HEIGHT_LIMIT, ABANDONMENT, Cursor;
var init_cursor = __esm({
  "src/language/cursor.ts"() {
    "use strict";
    init_diagnostics();
    init_scan();
    init_tokens();
    NESTING_LIMIT = 250;
    HEIGHT_LIMIT = 500;
    ABANDONMENT = new Error("the item was given up");
    Cursor = class {
      file;
      text;
      diagnostics = [];
      /** Set with the error that ends the parse: what nests too deeply is given up whole. */
      isTooDeep = false;
      /** An error took everything up to the end of the file with it, so what is not closed there is no news. */
      lostEnd = false;
      kind = Kind.endOfFile;
      start = 0;
      end = 0;
      /** Where the token before the current one ended. */
      previousEnd = 0;
      /** Of the tree last built. */
      height = 0;
      /** A closing brace that stands left of its opening line: most likely an earlier brace was never closed. */
      suspect;
      scanner;
      newlinesCount = true;
      depth = 0;
      constructor(file, options) {
        this.file = file;
        this.text = file.text;
        this.scanner = new Scanner(file.text, options.markerMayEndText);
        this.advance();
      }
      advance() {
        this.previousEnd = this.end;
        const { scanner } = this;
        do
          scanner.next();
        while (!this.newlinesCount && scanner.kind === Kind.newline);
        this.kind = scanner.kind;
        this.start = scanner.start;
        this.end = scanner.end;
      }
      /** Whether a line end is a token or a space from here on; returns what held before, to be set again. */
      countNewlines(count) {
        const before = this.newlinesCount;
        this.newlinesCount = count;
        if (!count && this.kind === Kind.newline) {
          const { previousEnd } = this;
          this.advance();
          this.previousEnd = previousEnd;
        }
        return before;
      }
      get insideTemplate() {
        return this.scanner.insideTemplate;
      }
      /** The current token's text. */
      get word() {
        return this.text.slice(this.start, this.end);
      }
      isWord(word) {
        return this.kind === Kind.identifier && this.end - this.start === word.length && this.text.startsWith(word, this.start);
      }
      skipNewlines() {
        while (this.kind === Kind.newline) this.advance();
      }
      range(start, end = this.previousEnd) {
        return { file: this.file, start, end: Math.max(start, end) };
      }
      /** The current token; nothing wide for a line end. */
      here() {
        return { file: this.file, start: this.start, end: this.kind === Kind.newline ? this.start : this.end };
      }
      report(summary2, detail, range2, related) {
        this.diagnostics.push(
          errorDiagnostic(summary2, { detail, range: range2, syntax: true, ...related === void 0 ? {} : { related } })
        );
      }
      /** For a rule of labform's own, or of evaluation: that HashiCorp's parser accepts the text says nothing about it. */
      reportOwnRule(summary2, detail, range2) {
        this.diagnostics.push(errorDiagnostic(summary2, { detail, range: range2 }));
      }
      fail(summary2, detail, range2, related) {
        this.report(summary2, detail, range2, related);
        throw ABANDONMENT;
      }
      failOwnRule(summary2, detail, range2) {
        this.reportOwnRule(summary2, detail, range2);
        throw ABANDONMENT;
      }
      /** One level deeper, until `leave`. */
      enter(what) {
        if (++this.depth <= NESTING_LIMIT) return;
        this.isTooDeep = true;
        this.failOwnRule(
          `The ${what} is nested too deeply`,
          `labform reads ${NESTING_LIMIT} levels of blocks, brackets and templates in each other, and this is one more.`,
          this.here()
        );
      }
      leave() {
        this.depth--;
      }
      /** Records the height of the tree that spans from `start`, made of parts at most `below` high. */
      grow(below, start) {
        this.height = below + 1;
        if (this.height <= HEIGHT_LIMIT) return;
        this.failOwnRule(
          "The expression is too long",
          `labform reads chains of about ${HEIGHT_LIMIT} operators or steps. Split it with \`locals\`.`,
          this.range(start)
        );
      }
      /** What `recover` needs to come back here. */
      mark() {
        return { start: this.start, depth: this.depth, newlinesCount: this.newlinesCount };
      }
      /** Goes on at `offset`, outside all templates, in the state of `mark`. */
      recover(mark, offset) {
        this.depth = mark.depth;
        this.lostEnd = offset >= this.text.length;
        this.newlinesCount = mark.newlinesCount;
        this.scanner.restart(offset);
        this.end = offset;
        this.advance();
      }
    };
  }
});

// src/language/resume.ts
function findResume(text, itemStart, errorAt) {
  const item = new Skimmer(text, itemStart);
  const indentation = indentationAt(text, lineStartAt(text, itemStart));
  for (; ; ) {
    item.skimLine();
    if (item.at >= text.length) return text.length;
    const lineEnd = lineEndAt(text, item.at);
    if (lineEnd < errorAt) continue;
    const column = indentationAt(text, item.at);
    const first = item.at + column;
    const isBlank = first >= lineEnd || text[first] === "\r" || text[first] === "#" || text.startsWith("//", first);
    if (isBlank) continue;
    if (text[first] === "}") {
      if (column < indentation || item.braces === 0) return first;
    } else if (column <= indentation && (item.isBalanced || looksLikeItem(text, first))) {
      return first;
    }
  }
}
function looksLikeItem(text, at2) {
  itemLine.lastIndex = at2;
  return itemLine.test(text);
}
function lineStartAt(text, offset) {
  return text.lastIndexOf("\n", offset - 1) + 1;
}
function startsLine(text, offset) {
  let at2 = offset;
  while (text[at2 - 1] === " " || text[at2 - 1] === "	") at2--;
  return at2 === 0 || text[at2 - 1] === "\n";
}
function lineEndAt(text, offset) {
  const end = text.indexOf("\n", offset);
  return end === -1 ? text.length : end;
}
function indentationAt(text, lineStart) {
  let at2 = lineStart;
  while (text[at2] === " " || text[at2] === "	") at2++;
  return at2 - lineStart;
}
var quoted, itemLine, heredoc, HEREDOC_LINES, Skimmer;
var init_resume = __esm({
  "src/language/resume.ts"() {
    "use strict";
    init_characters();
    quoted = String.raw`"[^"\n]*"`;
    itemLine = new RegExp(
      String.raw`(?:${IDENTIFIER}|${quoted})(?:[ \t]+(?:${IDENTIFIER}|${quoted}))*[ \t]*(?:=(?![=>])|:(?!:)|\{)`,
      "uy"
    );
    heredoc = new RegExp(String.raw`<<-?(${IDENTIFIER})\r?\n`, "uy");
    HEREDOC_LINES = 300;
    Skimmer = class {
      at;
      braces = 0;
      others = 0;
      trustsHeredocs = true;
      text;
      constructor(text, at2) {
        this.text = text;
        this.at = at2;
      }
      get isBalanced() {
        return this.braces === 0 && this.others === 0;
      }
      /** To the start of the next line that is no heredoc's and no comment's. */
      skimLine() {
        const { text } = this;
        while (this.at < text.length) {
          const character = text[this.at];
          if (character === "\n") {
            this.at++;
            return;
          }
          if (character === '"') this.skipString();
          else if (character === "#" || text.startsWith("//", this.at)) this.at = lineEndAt(text, this.at);
          else if (text.startsWith("/*", this.at)) this.skipComment();
          else if (text.startsWith("<<", this.at) && this.skipHeredoc()) return;
          else {
            if (character === "{") this.braces++;
            else if (character === "}") this.braces = Math.max(0, this.braces - 1);
            else if (character === "(" || character === "[") this.others++;
            else if (character === ")" || character === "]") this.others = Math.max(0, this.others - 1);
            this.at++;
          }
        }
      }
      /** Where the closing quote is missing, a brace at the line's end most likely opens a block all the same. */
      skipString() {
        const { text } = this;
        const start = this.at;
        this.at++;
        while (this.at < text.length && text[this.at] !== "\n") {
          const character = text[this.at];
          if (character === "\\" && text[this.at + 1] !== "\n") this.at += 2;
          else {
            this.at++;
            if (character === '"') return;
          }
        }
        if (/\{[ \t\r]*$/.test(text.slice(start, this.at))) this.braces++;
      }
      skipComment() {
        const close2 = this.text.indexOf("*/", this.at + 2);
        this.at = close2 === -1 ? this.text.length : close2 + 2;
      }
      /** False where there is none, or none that ends: then its lines are ordinary ones. */
      skipHeredoc() {
        if (!this.trustsHeredocs) return false;
        heredoc.lastIndex = this.at;
        const opening = heredoc.exec(this.text);
        if (!opening) return false;
        const marker = opening[1];
        let line2 = heredoc.lastIndex;
        for (let lines = 0; lines < HEREDOC_LINES && line2 < this.text.length; lines++) {
          const end = lineEndAt(this.text, line2);
          if (end - line2 >= marker.length && this.text.slice(line2, end).trim() === marker) {
            this.at = Math.min(end + 1, this.text.length);
            return true;
          }
          line2 = end + 1;
        }
        this.trustsHeredocs = false;
        return false;
      }
    };
  }
});

// src/language/mistakes.ts
function mistakeOf(kind) {
  return byKind[kind];
}
function describe(cursor) {
  switch (cursor.kind) {
    case Kind.endOfFile:
      return "the end of the text";
    case Kind.newline:
      return "the end of the line";
    case Kind.openQuote:
      return "a string";
    case Kind.openHeredoc:
      return "a heredoc";
    case Kind.closeQuote:
    case Kind.closeHeredoc:
      return "the end of the string";
    default:
      return `\`${cursor.word}\``;
  }
}
function unexpected(cursor, summary2, detail, related) {
  const mistake = mistakeOf(cursor.kind);
  if (mistake) cursor.fail(mistake.summary, mistake.detail, cursor.here(), related);
  if (cursor.kind === Kind.unknown) {
    cursor.fail(`The character ${codePoint(cursor.word)} has no meaning here`, detail, cursor.here(), related);
  }
  cursor.fail(summary2, `Found ${describe(cursor)}. ${detail}`, cursor.here(), related);
}
function codePoint(character) {
  const code = character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  const isVisible = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character);
  return isVisible ? `\`${character}\` (U+${code})` : `U+${code}`;
}
function close(cursor, kind, open2, newlines, separator) {
  if (cursor.kind === kind) {
    noteSuspect(cursor, open2);
    cursor.countNewlines(newlines);
    cursor.advance();
    return;
  }
  const opening = `\`${cursor.text[open2]}\``;
  const closing = `\`${closers[kind]}\``;
  const range2 = cursor.range(open2, open2 + 1);
  if (cursor.kind === Kind.endOfFile) {
    cursor.fail(`The ${opening} is not closed`, `It needs ${closing} before the text ends.`, range2);
  }
  const related = [{ message: `${opening} opened here`, range: range2 }];
  const isItem = startsLine(cursor.text, cursor.start) && looksLikeItem(cursor.text, cursor.start);
  if (isItem || cursor.kind === Kind.closeSequence || isOtherCloser(cursor.kind, kind)) {
    const before = isItem ? "the item that begins here" : describe(cursor);
    cursor.fail(`The ${opening} is not closed`, `It needs ${closing} before ${before}.`, cursor.here(), related);
  }
  const expected = separator ? `${separator.what} or ${closing}` : closing;
  const advice2 = separator?.advice ?? "Nothing more can stand before the closing bracket.";
  unexpected(cursor, `Expected ${expected}`, operatorAdvice(cursor) ?? advice2, related);
}
function isOtherCloser(found, wanted) {
  return found !== wanted && closers[found] !== void 0;
}
function operatorAdvice(cursor) {
  if (cursor.isWord("and")) return "The logical operator is written `&&`.";
  if (cursor.isWord("or")) return "The logical operator is written `||`.";
  if (cursor.kind === Kind.equal) return "To compare, write `==`.";
  return void 0;
}
function noteSuspect(cursor, open2) {
  if (cursor.suspect || cursor.kind !== Kind.closeBrace) return;
  const { text } = cursor;
  let closeLine = cursor.start;
  while (text[closeLine - 1] === " " || text[closeLine - 1] === "	") closeLine--;
  if (closeLine > 0 && text[closeLine - 1] !== "\n") return;
  if (closeLine > open2 && cursor.start - closeLine < indentationAt(text, lineStartAt(text, open2))) {
    cursor.suspect = { open: open2, close: cursor.start };
  }
}
var unclosedString, byKind, closers;
var init_mistakes = __esm({
  "src/language/mistakes.ts"() {
    "use strict";
    init_resume();
    init_tokens();
    unclosedString = {
      summary: "The string is not closed on its line",
      detail: 'A string ends with " on the line it began. For a line end inside write \\n; for several lines use a heredoc: <<EOT, the lines, EOT.'
    };
    byKind = {
      [Kind.singleQuoted]: {
        summary: "Text is written in double quotes",
        detail: 'Single quotes have no meaning here. Write "\u2026" instead.'
      },
      [Kind.smartQuoted]: {
        summary: "Typographic quotes around a text",
        detail: 'Word processors and web pages put them in. Write straight double quotes: "\u2026".'
      },
      [Kind.strayQuote]: {
        summary: "A quote mark that is not of this language",
        detail: 'Text is written in straight double quotes: "\u2026".'
      },
      [Kind.backtick]: {
        summary: "Backticks have no meaning here",
        detail: 'Text is written in double quotes: "\u2026". For several lines use a heredoc: <<EOT, the lines, EOT.'
      },
      [Kind.singleAnd]: { summary: "There is no operator `&`", detail: "For the logical operation write `&&`." },
      [Kind.singleOr]: { summary: "There is no operator `|`", detail: "For the logical operation write `||`." },
      [Kind.caret]: { summary: "There is no operator `^`", detail: "For a power write `pow(base, exponent)`." },
      [Kind.tilde]: {
        summary: "A `~` outside a template",
        detail: "It may only stand after `${` and `%{` and before their `}`, where it strips the spaces beside them."
      },
      [Kind.semicolon]: {
        summary: "Semicolons have no meaning here",
        detail: "Arguments and blocks end with their line; the items of a list or call are separated by commas."
      },
      [Kind.badHeredoc]: {
        summary: "A heredoc needs a name and then the end of the line",
        detail: "Write <<EOT (or <<-EOT to take away the indentation) as the last thing on the line: no space after <<, no quotes, no comment."
      },
      [Kind.unclosedComment]: {
        summary: "The comment is not closed",
        detail: "A comment opened with /* ends with */, which does not follow in this file."
      },
      [Kind.bareSequence]: {
        summary: "`${` outside a string",
        detail: "Interpolation belongs in strings. Elsewhere write the expression as it is: `var.image`, not `${var.image}`."
      },
      [Kind.notUtf8]: {
        summary: "The file is not valid UTF-8 here",
        detail: "Lab files are UTF-8. Save the file in that encoding."
      },
      [Kind.quotedNewline]: unclosedString
    };
    closers = {
      [Kind.closeBrace]: "}",
      [Kind.closeBracket]: "]",
      [Kind.closeParenthesis]: ")"
    };
  }
});

// src/language/collection.ts
function parseTuple(cursor) {
  const open2 = cursor.start;
  cursor.advance();
  const newlines = cursor.countNewlines(false);
  if (cursor.isWord("for")) return parseFor(cursor, open2, Kind.closeBracket, newlines);
  const items = [];
  let height = 0;
  while (cursor.kind !== Kind.closeBracket) {
    items.push(parseAny(cursor));
    height = Math.max(height, cursor.height);
    if (cursor.kind !== Kind.comma) break;
    cursor.advance();
  }
  close(cursor, Kind.closeBracket, open2, newlines, commas);
  cursor.grow(height, open2);
  return { kind: "tuple", items, range: cursor.range(open2) };
}
function parseObject(cursor) {
  const open2 = cursor.start;
  const before = cursor.countNewlines(true);
  cursor.advance();
  cursor.skipNewlines();
  if (cursor.isWord("for")) {
    cursor.countNewlines(false);
    return parseFor(cursor, open2, Kind.closeBrace, before);
  }
  const items = [];
  let height = 0;
  while (cursor.kind !== Kind.closeBrace) {
    const item = parseItemOrRecover(cursor, open2);
    if (item) items.push(item);
    height = Math.max(height, cursor.height);
    cursor.skipNewlines();
  }
  close(cursor, Kind.closeBrace, open2, before);
  cursor.grow(height, open2);
  return { kind: "object", items, range: cursor.range(open2) };
}
function parseItemOrRecover(cursor, open2) {
  const mark = cursor.mark();
  const isRecoverable = !cursor.insideTemplate && cursor.kind !== Kind.endOfFile && startsLine(cursor.text, mark.start);
  try {
    return parseItem(cursor, open2);
  } catch (thrown) {
    if (!isRecoverable || !isAbandonment(thrown) || cursor.isTooDeep) throw thrown;
    const offset = findResume(cursor.text, mark.start, cursor.start);
    if (offset === cursor.text.length) throw thrown;
    cursor.recover(mark, offset);
    return void 0;
  }
}
function parseItem(cursor, open2) {
  if (cursor.kind === Kind.endOfFile || cursor.kind === Kind.closeSequence) {
    close(cursor, Kind.closeBrace, open2, true);
  }
  const key = parseObjectKey(cursor);
  const height = cursor.height;
  if (cursor.kind !== Kind.equal && cursor.kind !== Kind.colon) {
    if (key.kind === "binary" && key.operator === "==") {
      cursor.fail("An object's item is set with `=`", "Write `key = value`.", key.operatorRange);
    }
    unexpected(
      cursor,
      "Expected `=` after the key",
      "An object's item is `key = value`; a key of several words is quoted."
    );
  }
  cursor.advance();
  const value = parseAny(cursor);
  cursor.height = Math.max(height, cursor.height);
  if (cursor.kind === Kind.comma || cursor.kind === Kind.newline) cursor.advance();
  else if (cursor.kind !== Kind.closeBrace) {
    close(cursor, Kind.closeBrace, open2, true, commasOrLines);
  }
  return { key, value };
}
function parseObjectKey(cursor) {
  const isName2 = cursor.kind === Kind.identifier;
  const { word } = cursor;
  const key = parseAny(cursor);
  if (!isName2) return key;
  if (key.range.end - key.range.start === word.length && key.kind !== "parentheses") {
    return { kind: "literal", value: normalised(word), range: key.range };
  }
  if (isTraversal(key)) {
    const text = cursor.text.slice(key.range.start, key.range.end);
    cursor.reportOwnRule(
      "It is not clear what this key means",
      `Write (${text}) for the value of that reference, or "${text}" for a key with these characters.`,
      key.range
    );
  }
  return key;
}
function isTraversal(expression) {
  switch (expression.kind) {
    case "variable":
      return true;
    case "attribute":
      return isTraversal(expression.object);
    case "index":
      return expression.key.kind === "literal" && isTraversal(expression.object);
    default:
      return false;
  }
}
function parseFor(cursor, open2, closer, newlines) {
  const isObject2 = closer === Kind.closeBrace;
  cursor.advance();
  const names = parseForNames(cursor);
  const collection = parseAny(cursor);
  let height = cursor.height;
  if (cursor.kind !== Kind.colon) {
    unexpected(cursor, "Expected `:` after what the `for` runs over", forShape(isObject2));
  }
  cursor.advance();
  let value = parseAny(cursor);
  height = Math.max(height, cursor.height);
  let key;
  if (cursor.kind === Kind.arrow) {
    if (!isObject2)
      cursor.fail("A `=>` in a list", `Keys are for objects. ${forShape(false)} ${forShape(true)}`, cursor.here());
    cursor.advance();
    key = value;
    value = parseAny(cursor);
    height = Math.max(height, cursor.height);
  } else if (isObject2) {
    unexpected(cursor, "Expected `=>` and the item's value", forShape(true));
  }
  const group = cursor.kind === Kind.ellipsis;
  if (group) {
    if (!isObject2)
      cursor.fail("A `...` in a list", "Only the values of an object can be grouped by key.", cursor.here());
    cursor.advance();
  }
  let condition;
  if (cursor.isWord("if")) {
    cursor.advance();
    condition = parseAny(cursor);
    height = Math.max(height, cursor.height);
  }
  close(cursor, closer, open2, newlines, condition ? void 0 : ifOnly);
  cursor.grow(height, open2);
  return { kind: "for", ...names, collection, key, value, condition, group, range: cursor.range(open2) };
}
function forShape(isObject2) {
  return isObject2 ? "An object is made by {for item in list : key => value}." : "A list is made by [for item in list : value].";
}
function parseForNames(cursor) {
  const advice2 = 'Write `for item in \u2026` or `for key, item in \u2026`. A key named `for` is written "for".';
  const readName = () => {
    const { word } = cursor;
    if (cursor.kind !== Kind.identifier) unexpected(cursor, "A name is missing in the `for`", advice2);
    cursor.advance();
    return word;
  };
  const first = readName();
  let second;
  if (cursor.kind === Kind.comma) {
    cursor.advance();
    second = readName();
  }
  if (!cursor.isWord("in")) unexpected(cursor, "Expected `in` after the names of the `for`", advice2);
  cursor.advance();
  return second === void 0 ? { valueName: first } : { keyName: first, valueName: second };
}
var commas, commasOrLines, ifOnly;
var init_collection = __esm({
  "src/language/collection.ts"() {
    "use strict";
    init_characters();
    init_cursor();
    init_expression();
    init_mistakes();
    init_resume();
    init_tokens();
    commas = { what: "`,`", advice: "Items are separated by commas." };
    commasOrLines = { what: "`,`, a new line", advice: "Items are separated by commas or new lines." };
    ifOnly = { what: "`if`", advice: "After the value only `if` and a condition can follow." };
  }
});

// src/language/steps.ts
function parseSteps(cursor, term) {
  const { start } = term.range;
  let object = term;
  while (cursor.kind === Kind.dot || cursor.kind === Kind.openBracket) {
    const below = cursor.height;
    object = parseStep(cursor, object, start);
    cursor.grow(Math.max(below, cursor.height), start);
  }
  return object;
}
function parseStep(cursor, object, start) {
  const first = cursor.start;
  const isDot = cursor.kind === Kind.dot;
  cursor.advance();
  if (isDot) {
    if (cursor.kind === Kind.star) {
      cursor.advance();
      const steps2 = parseAttributeSteps(cursor);
      return { kind: "splat", style: "attribute", source: object, steps: steps2, range: cursor.range(start) };
    }
    const step = parseDotStep(cursor);
    const range2 = cursor.range(start);
    if (step.key) return { kind: "index", object, key: step.key, range: range2 };
    const { name, nameRange, legacyIndex } = step;
    return { kind: "attribute", object, name, ...legacyIndex, nameRange, range: range2 };
  }
  if (cursor.kind === Kind.star) {
    closeStar(cursor, first);
    const steps2 = parseFullSteps(cursor);
    return { kind: "splat", style: "full", source: object, steps: steps2, range: cursor.range(start) };
  }
  const key = parseKey(cursor, first);
  return { kind: "index", object, key, range: cursor.range(start) };
}
function parseDotStep(cursor) {
  const { word } = cursor;
  const nameRange = cursor.here();
  if (cursor.kind === Kind.identifier) {
    cursor.advance();
    return { name: normalised(word), nameRange, legacyIndex: {} };
  }
  if (cursor.kind !== Kind.number) {
    unexpected(cursor, "A name is missing after the dot", "After `.` comes an attribute's name, a number or `*`.");
  }
  if (word.includes(".")) {
    const proper = word.split(".").map((index2) => `[${index2}]`).join("");
    cursor.fail(
      "Two indexes joined by a dot",
      `\`${word}\` is read as a fraction. Write ${proper} instead.`,
      nameRange
    );
  }
  cursor.advance();
  if (/^\d+$/.test(word)) return { name: word, nameRange, legacyIndex: { legacyIndex: true } };
  return { key: { kind: "literal", value: parseNumber(word), range: nameRange } };
}
function parseKey(cursor, open2) {
  const newlines = cursor.countNewlines(false);
  const key = parseAny(cursor);
  close(cursor, Kind.closeBracket, open2, newlines);
  return key;
}
function closeStar(cursor, open2) {
  cursor.advance();
  if (cursor.kind !== Kind.closeBracket) {
    unexpected(cursor, "The `[*` is not closed", "All elements of a list are written `[*]`, with nothing between.", [
      { message: "`[` opened here", range: cursor.range(open2, open2 + 1) }
    ]);
  }
  cursor.advance();
}
function toSplatStep(step, range2) {
  if (step.key) return { kind: "index", key: step.key, range: range2 };
  return { kind: "attribute", name: step.name, ...step.legacyIndex, range: range2 };
}
function parseAttributeSteps(cursor) {
  const steps2 = [];
  while (cursor.kind === Kind.dot) {
    const { start } = cursor;
    cursor.advance();
    if (cursor.kind === Kind.star) {
      cursor.fail("A `.*` inside a `.*`", "Write `[*]` instead of `.*`: it can be nested.", cursor.here());
    }
    const step = parseDotStep(cursor);
    steps2.push(toSplatStep(step, cursor.range(start)));
  }
  return steps2;
}
function parseFullSteps(cursor) {
  const steps2 = [];
  let height = 0;
  while (cursor.kind === Kind.dot || cursor.kind === Kind.openBracket) {
    cursor.height = 0;
    steps2.push(parseFullStep(cursor));
    height = Math.max(height, cursor.height);
  }
  cursor.height = height;
  return steps2;
}
function parseFullStep(cursor) {
  const { start } = cursor;
  const isDot = cursor.kind === Kind.dot;
  cursor.advance();
  if (cursor.kind === Kind.star) {
    cursor.enter("splat");
    if (isDot) cursor.advance();
    else closeStar(cursor, start);
    const steps2 = isDot ? parseAttributeSteps(cursor) : parseFullSteps(cursor);
    cursor.leave();
    cursor.grow(cursor.height, start);
    return { kind: "splat", style: isDot ? "attribute" : "full", steps: steps2, range: cursor.range(start) };
  }
  if (isDot) {
    const step = parseDotStep(cursor);
    return toSplatStep(step, cursor.range(start));
  }
  const key = parseKey(cursor, start);
  return { kind: "index", key, range: cursor.range(start) };
}
var init_steps = __esm({
  "src/language/steps.ts"() {
    "use strict";
    init_bigfloat();
    init_characters();
    init_expression();
    init_mistakes();
    init_tokens();
  }
});

// src/language/directives.ts
function nestDirectives(cursor, flat) {
  const root2 = [];
  const stack = [];
  let deepest2 = 0;
  for (const part of flat) {
    const open2 = stack[stack.length - 1];
    const into = open2 ? open2.otherwise ?? open2.then : root2;
    if (part.kind === "text" || part.kind === "interpolation") into.push(part);
    else if (part.kind === "openIf" || part.kind === "openFor") {
      cursor.enter("template directive");
      stack.push({ opening: part, then: [], otherwise: void 0 });
      deepest2 = Math.max(deepest2, stack.length);
    } else if (part.kind === "else") openElse(cursor, open2, part);
    else {
      const nested2 = closed(cursor, open2, part);
      stack.pop();
      cursor.leave();
      const outer = stack[stack.length - 1];
      (outer ? outer.otherwise ?? outer.then : root2).push(nested2);
    }
  }
  const unclosed = stack[stack.length - 1];
  if (unclosed) {
    const name = nameOf(unclosed);
    cursor.fail(
      `The \`%{${name}}\` has no \`%{end${name}}\``,
      `It needs \`%{end${name}}\` before the template ends.`,
      unclosed.opening.range
    );
  }
  cursor.height = deepest2;
  return root2;
}
function nameOf(open2) {
  return open2.opening.kind === "openIf" ? "if" : "for";
}
function openElse(cursor, open2, part) {
  if (!open2) cursor.fail("An `%{else}` without `%{if}`", "No `%{if}` is open here.", part.range);
  const related = [{ message: "this is what is open", range: open2.opening.range }];
  if (open2.opening.kind === "openFor") {
    cursor.fail("An `%{else}` in a `%{for}`", "Only `%{if}` has an `%{else}`.", part.range, related);
  }
  if (open2.otherwise) {
    cursor.fail("A second `%{else}`", "An `%{if}` has one at most; nest another `%{if}` in it.", part.range, related);
  }
  open2.otherwise = [];
}
function closed(cursor, open2, part) {
  if (!open2) {
    cursor.fail(`A \`%{${part.kind}}\` too many`, `No \`%{${part.kind.slice(3)}}\` is open here.`, part.range);
  }
  const name = nameOf(open2);
  if (part.kind !== `end${name}`) {
    cursor.fail(
      `A \`%{${part.kind}}\` where \`%{end${name}}\` is due`,
      `The directive opened last is closed first, with \`%{end${name}}\`.`,
      part.range,
      [{ message: "this is what is open", range: open2.opening.range }]
    );
  }
  const { opening, then } = open2;
  const range2 = span(opening.range, part.range);
  if (opening.kind === "openIf") {
    return { kind: "if", condition: opening.condition, then, otherwise: open2.otherwise ?? [], range: range2 };
  }
  const { keyName, valueName, collection } = opening;
  return { kind: "for", keyName, valueName, collection, body: then, range: range2 };
}
var init_directives = __esm({
  "src/language/directives.ts"() {
    "use strict";
    init_source();
  }
});

// src/language/heredoc.ts
function dedent(parts) {
  const result = [...parts];
  const lines = [];
  let least = Number.POSITIVE_INFINITY;
  let startsLine2 = true;
  for (const [index2, part] of parts.entries()) {
    if (startsLine2) {
      const spaces = part.kind === "text" ? part.text.slice(0, part.text.length - trimSpaceStart(part.text).length) : "";
      const isBlank = part.kind === "text" && spaces === part.text && spaces.endsWith("\n");
      if (!isBlank) {
        least = Math.min(least, graphemes(spaces));
        lines.push({ index: index2, spaces });
      }
    }
    startsLine2 = part.kind === "text" && part.text.endsWith("\n");
  }
  for (const { index: index2, spaces } of lines) {
    const part = parts[index2];
    if (part?.kind !== "text") continue;
    const width = prefixLength(spaces, least);
    result[index2] = {
      ...part,
      text: part.text.slice(width),
      range: { ...part.range, start: part.range.start + width }
    };
  }
  return result;
}
function prefixLength(spaces, count) {
  let length2 = 0;
  for (let seen = 0; seen < count && length2 < spaces.length; seen++) {
    length2 += spaces.startsWith("\r\n", length2) ? 2 : 1;
  }
  return length2;
}
var init_heredoc = __esm({
  "src/language/heredoc.ts"() {
    "use strict";
    init_source();
    init_characters();
  }
});

// src/language/template.ts
function parseQuoted(cursor) {
  return parseTemplate(cursor, Kind.closeQuote);
}
function parseHeredoc(cursor) {
  return parseTemplate(cursor, Kind.closeHeredoc);
}
function parseTemplate(cursor, closer) {
  const { start } = cursor;
  const isFlush = cursor.text[start + 2] === "-" && closer === Kind.closeHeredoc;
  const opening = cursor.here();
  cursor.enter("template");
  const newlines = cursor.countNewlines(true);
  cursor.advance();
  const { parts: flat, height } = parseFlat(cursor, closer, opening);
  const parts = nestDirectives(cursor, melded(isFlush ? dedent(flat) : flat));
  cursor.countNewlines(newlines);
  cursor.advance();
  cursor.leave();
  const range2 = cursor.range(start);
  const only = parts[0];
  if (only === void 0) return { kind: "literal", value: "", range: range2 };
  if (parts.length === 1 && only.kind === "text") return { kind: "literal", value: only.text, range: range2 };
  cursor.grow(Math.max(height, cursor.height), start);
  const wrap2 = flat.length === 1 && only.kind === "interpolation";
  return { kind: "template", parts, wrap: wrap2, range: range2 };
}
function parseFlat(cursor, closer, opening) {
  const parts = [];
  let height = 0;
  let stripsNext = false;
  while (cursor.kind !== closer) {
    const strips = stripsNext;
    stripsNext = false;
    if (cursor.kind === Kind.text) {
      const text = closer === Kind.closeQuote ? decodeQuoted(cursor) : decodeHeredoc(cursor.word);
      parts.push({ kind: "text", text: strips ? trimSpaceStart(text) : text, range: cursor.here() });
      cursor.advance();
    } else if (cursor.kind === Kind.openInterpolation || cursor.kind === Kind.openDirective) {
      const previous = parts[parts.length - 1];
      if (cursor.word.endsWith("~") && previous?.kind === "text") {
        parts[parts.length - 1] = { ...previous, text: trimSpaceEnd(previous.text) };
      }
      const part = cursor.kind === Kind.openInterpolation ? parseInterpolation(cursor) : parseDirective(cursor);
      height = Math.max(height, cursor.height);
      stripsNext = cursor.text[cursor.previousEnd - 2] === "~";
      parts.push(part);
    } else failUnclosed(cursor, closer, opening);
  }
  return { parts, height };
}
function failUnclosed(cursor, closer, opening) {
  if (closer === Kind.closeQuote && (cursor.kind === Kind.quotedNewline || cursor.kind === Kind.endOfFile)) {
    cursor.fail(unclosedString.summary, unclosedString.detail, cursor.range(opening.start, cursor.start));
  }
  if (cursor.kind === Kind.endOfFile) {
    const line2 = cursor.text.slice(opening.start, opening.end).trim();
    const marker = line2.replace(/^<<-?/, "");
    cursor.fail(
      `The heredoc ${line2} is not closed`,
      `It ends with a line that holds ${marker} alone, and that line needs a line end too.`,
      cursor.range(opening.start, opening.start + line2.length)
    );
  }
  unexpected(cursor, "This cannot stand in a text", "Text ends its lines with LF or CR LF.");
}
function parseInterpolation(cursor) {
  const { start, word } = cursor;
  const opening = cursor.here();
  cursor.advance();
  const newlines = cursor.countNewlines(false);
  const expression = parseAny(cursor);
  closeSequence(cursor, word, opening, newlines);
  return { kind: "interpolation", expression, range: cursor.range(start) };
}
function closeSequence(cursor, word, opening, newlines) {
  if (cursor.kind === Kind.closeSequence) {
    cursor.countNewlines(newlines);
    cursor.advance();
    return;
  }
  const literal2 = word.startsWith("$") ? "$${" : "%%{";
  const sequence4 = word.replace("~", "");
  if (cursor.kind === Kind.endOfFile || cursor.kind === Kind.openQuote) {
    cursor.fail(
      `The \`${sequence4}\` is not closed`,
      `It needs a \`}\` before ${cursor.kind === Kind.openQuote ? "the string ends" : "the text ends"}. For the characters ${sequence4} themselves write ${literal2}.`,
      opening
    );
  }
  unexpected(
    cursor,
    `Expected \`}\` to end the \`${sequence4}\``,
    `For the characters ${sequence4} themselves, in a shell script say, write ${literal2}.`,
    [{ message: `\`${sequence4}\` opened here`, range: opening }]
  );
}
function parseDirective(cursor) {
  const { start, word } = cursor;
  const opening = cursor.here();
  cursor.height = 0;
  cursor.advance();
  const newlines = cursor.countNewlines(false);
  const name = cursor.word;
  if (cursor.kind !== Kind.identifier || !directives.includes(name)) {
    cursor.fail(
      "Expected a directive after `%{`",
      `Found ${describe(cursor)}. There are if, else, endif, for and endfor. For the characters %{ themselves write %%{.`,
      cursor.here()
    );
  }
  cursor.advance();
  if (name === "if") {
    const condition = parseAny(cursor);
    closeSequence(cursor, word, opening, newlines);
    return { kind: "openIf", condition, range: cursor.range(start) };
  }
  if (name === "for") {
    const names = parseForNames(cursor);
    const collection = parseAny(cursor);
    closeSequence(cursor, word, opening, newlines);
    return { kind: "openFor", ...names, collection, range: cursor.range(start) };
  }
  closeSequence(cursor, word, opening, newlines);
  return { kind: name, range: cursor.range(start) };
}
function melded(parts) {
  const result = [];
  let run10;
  let last;
  const endRun = () => {
    const text = run10 ? normalised(run10.texts.join("")) : "";
    if (run10 && last && text !== "") {
      result.push({ kind: "text", text, range: { ...last.range, start: run10.start } });
    }
    run10 = void 0;
  };
  for (const part of parts) {
    if (part.kind === "text") {
      run10 ??= { texts: [], start: part.range.start };
      run10.texts.push(part.text);
      last = part;
    } else {
      endRun();
      result.push(part);
    }
  }
  endRun();
  return result;
}
var directives;
var init_template = __esm({
  "src/language/template.ts"() {
    "use strict";
    init_characters();
    init_collection();
    init_directives();
    init_escapes();
    init_expression();
    init_heredoc();
    init_mistakes();
    init_tokens();
    directives = ["if", "else", "endif", "for", "endfor"];
  }
});

// src/language/expression.ts
function parseAny(cursor) {
  cursor.enter("expression");
  const condition = parseBinary(cursor, 1);
  const expression = cursor.kind === Kind.question ? parseConditional(cursor, condition) : condition;
  cursor.leave();
  return expression;
}
function parseConditional(cursor, condition) {
  const question2 = cursor.here();
  let height = cursor.height;
  cursor.advance();
  const then = parseAny(cursor);
  height = Math.max(height, cursor.height);
  if (cursor.kind !== Kind.colon) {
    unexpected(
      cursor,
      "The conditional has no `:` part",
      "Write `condition ? value if true : value if false`; over several lines, put parentheses around it.",
      [{ message: "`?` is here", range: question2 }]
    );
  }
  cursor.advance();
  const otherwise = parseAny(cursor);
  cursor.grow(Math.max(height, cursor.height), condition.range.start);
  return { kind: "conditional", condition, then, otherwise, range: cursor.range(condition.range.start) };
}
function parseBinary(cursor, lowest) {
  let left = parseUnary(cursor);
  for (; ; ) {
    const found = binary.get(cursor.kind);
    if (!found || found.level < lowest) {
      if (mistakeOf(cursor.kind) && isOperatorLike(cursor.kind)) unexpected(cursor, "", "");
      return left;
    }
    const operatorRange = cursor.here();
    const height = cursor.height;
    cursor.advance();
    const right = parseBinary(cursor, found.level + 1);
    const range2 = cursor.range(left.range.start);
    cursor.grow(Math.max(height, cursor.height), range2.start);
    left = { kind: "binary", operator: found.operator, operatorRange, left, right, range: range2 };
  }
}
function isOperatorLike(kind) {
  return kind === Kind.singleAnd || kind === Kind.singleOr || kind === Kind.caret;
}
function parseUnary(cursor) {
  if (cursor.kind !== Kind.minus && cursor.kind !== Kind.not) return parseSteps(cursor, parseTerm(cursor));
  const { start } = cursor;
  const operator = cursor.kind === Kind.minus ? "-" : "!";
  cursor.enter("expression");
  cursor.advance();
  const operand = parseUnary(cursor);
  cursor.leave();
  cursor.grow(cursor.height, start);
  return { kind: "unary", operator, operand, range: cursor.range(start) };
}
function parseTerm(cursor) {
  cursor.height = 0;
  switch (cursor.kind) {
    case Kind.identifier:
      return parseName(cursor);
    case Kind.number:
      return parseNumberLiteral(cursor);
    case Kind.openQuote:
      return parseQuoted(cursor);
    case Kind.openHeredoc:
      return parseHeredoc(cursor);
    case Kind.openParenthesis:
      return parseParentheses(cursor);
    case Kind.openBracket:
      return parseTuple(cursor);
    case Kind.openBrace:
      return parseObject(cursor);
    case Kind.singleQuoted:
    case Kind.smartQuoted:
      return parseWrongQuotes(cursor);
    default:
      return unexpected(cursor, "A value is missing", valueAdvice(cursor));
  }
}
function valueAdvice(cursor) {
  switch (cursor.kind) {
    case Kind.newline:
      return "A value must begin on this line; to go on in the next, put it in parentheses.";
    case Kind.slash:
    case Kind.dot:
      return 'A value was expected here. Paths and other texts are written in double quotes: "\u2026".';
    case Kind.percent:
      return "A value was expected here. The directives %{if} and %{for} belong in strings.";
    default:
      return "A value was expected here: a number, a string, a list, an object, a reference or a call.";
  }
}
function parseWrongQuotes(cursor) {
  const { text, range: range2 } = readWrongQuotes(cursor);
  return { kind: "literal", value: text, range: range2 };
}
function readWrongQuotes(cursor) {
  const mistake = mistakeOf(cursor.kind);
  const range2 = cursor.here();
  if (mistake) cursor.report(mistake.summary, mistake.detail, range2);
  const text = cursor.word.slice(1, -1);
  cursor.advance();
  return { text, range: range2 };
}
function parseNumberLiteral(cursor) {
  const { word } = cursor;
  const range2 = cursor.here();
  if (!/^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word)) {
    cursor.fail(
      `\`${word}\` is not a number`,
      'A number has at most one dot and one exponent: 1500, 0.5, 1.5e3. Addresses, versions and other texts are written in double quotes: "\u2026".',
      range2
    );
  }
  if (Math.abs(Number(/[eE](.*)/.exec(word)?.[1] ?? 0)) > EXPONENT_LIMIT2) {
    cursor.failOwnRule(`\`${word}\` is out of range`, `An exponent may be ${EXPONENT_LIMIT2} at most.`, range2);
  }
  cursor.advance();
  return { kind: "literal", value: parseNumber(word), range: range2 };
}
function parseName(cursor) {
  const { word } = cursor;
  const range2 = cursor.here();
  cursor.advance();
  if (cursor.kind === Kind.openParenthesis || cursor.kind === Kind.doubleColon)
    return parseCall(cursor, word, range2.start);
  if (word === "true") return { kind: "literal", value: true, range: range2 };
  if (word === "false") return { kind: "literal", value: false, range: range2 };
  if (word === "null") return { kind: "literal", value: null, range: range2 };
  return { kind: "variable", name: word, range: range2 };
}
function parseParentheses(cursor) {
  const { start } = cursor;
  cursor.advance();
  const newlines = cursor.countNewlines(false);
  const inner = parseAny(cursor);
  close(cursor, Kind.closeParenthesis, start, newlines);
  cursor.grow(cursor.height, start);
  return { kind: "parentheses", inner, range: cursor.range(start) };
}
function parseCall(cursor, first, start) {
  let name = first;
  while (cursor.kind === Kind.doubleColon) {
    cursor.advance();
    if (cursor.kind !== Kind.identifier)
      unexpected(cursor, "A function's name must follow `::`", "Write `namespace::name(\u2026)`.");
    name += `::${cursor.word}`;
    cursor.advance();
  }
  const nameRange = cursor.range(start);
  if (cursor.kind !== Kind.openParenthesis) {
    unexpected(
      cursor,
      `The call of ${name} has no arguments`,
      "`::` belongs to function names: write `namespace::name(\u2026)`."
    );
  }
  const open2 = cursor.start;
  cursor.advance();
  const newlines = cursor.countNewlines(false);
  const items = [];
  let expandLast = false;
  let height = 0;
  while (cursor.kind !== Kind.closeParenthesis && !expandLast) {
    items.push(parseAny(cursor));
    height = Math.max(height, cursor.height);
    if (cursor.kind === Kind.ellipsis) {
      expandLast = true;
      cursor.advance();
    } else if (cursor.kind === Kind.comma) cursor.advance();
    else break;
  }
  close(cursor, Kind.closeParenthesis, open2, newlines, expandLast ? void 0 : commas2);
  cursor.grow(height, start);
  return { kind: "call", name, nameRange, arguments: items, expandLast, range: cursor.range(start) };
}
function afterValueAdvice(cursor) {
  const operator = operatorAdvice(cursor);
  if (operator) return operator;
  if (cursor.kind === Kind.comma) return "Arguments are not separated by commas; each has a line of its own.";
  if (cursor.kind === Kind.openParenthesis) return "Only functions are called, and their names have no dots.";
  return 'The value ends before this. A text is written in double quotes: "\u2026".';
}
var binary, commas2, EXPONENT_LIMIT2;
var init_expression = __esm({
  "src/language/expression.ts"() {
    "use strict";
    init_bigfloat();
    init_collection();
    init_mistakes();
    init_steps();
    init_template();
    init_tokens();
    binary = /* @__PURE__ */ new Map([
      [Kind.or, { operator: "||", level: 1 }],
      [Kind.and, { operator: "&&", level: 2 }],
      [Kind.equalEqual, { operator: "==", level: 3 }],
      [Kind.notEqual, { operator: "!=", level: 3 }],
      [Kind.less, { operator: "<", level: 4 }],
      [Kind.lessOrEqual, { operator: "<=", level: 4 }],
      [Kind.greater, { operator: ">", level: 4 }],
      [Kind.greaterOrEqual, { operator: ">=", level: 4 }],
      [Kind.plus, { operator: "+", level: 5 }],
      [Kind.minus, { operator: "-", level: 5 }],
      [Kind.star, { operator: "*", level: 6 }],
      [Kind.slash, { operator: "/", level: 6 }],
      [Kind.percent, { operator: "%", level: 6 }]
    ]);
    commas2 = { what: "`,`", advice: "Arguments are separated by commas." };
    EXPONENT_LIMIT2 = 7e4;
  }
});

// src/language/header.ts
function parseLabels(cursor, type) {
  const labels = [];
  for (; ; ) {
    const range2 = cursor.here();
    if (cursor.kind === Kind.identifier) {
      labels.push({ text: cursor.word, range: range2 });
      cursor.advance();
    } else if (cursor.kind === Kind.openQuote) labels.push(parseQuotedLabel(cursor, type));
    else if (cursor.kind === Kind.singleQuoted || cursor.kind === Kind.smartQuoted) {
      labels.push(readWrongQuotes(cursor));
    } else return labels;
  }
}
function parseQuotedLabel(cursor, type) {
  const { start } = cursor;
  cursor.advance();
  let text = "";
  while (cursor.kind === Kind.text) {
    text += decodeQuoted(cursor);
    cursor.advance();
  }
  if (cursor.kind === Kind.openInterpolation || cursor.kind === Kind.openDirective) {
    const sequence4 = cursor.word.slice(0, 2);
    cursor.fail(
      "Nothing is interpolated in a label",
      `The label of a block is known before anything is evaluated. For many \`${type}\` blocks use count or for_each; for the characters ${sequence4} themselves double the first.`,
      cursor.here()
    );
  }
  if (cursor.kind !== Kind.closeQuote) {
    cursor.fail(unclosedString.summary, unclosedString.detail, cursor.range(start, cursor.start));
  }
  cursor.advance();
  return { text: normalised(text), range: cursor.range(start) };
}
function openBody(cursor, type, headerRange, labels) {
  if (cursor.kind === Kind.openBrace) return;
  if (cursor.kind === Kind.newline) {
    cursor.skipNewlines();
    if (cursor.kind === Kind.openBrace) {
      cursor.report(
        "The `{` must stand on the line of its block",
        "Move it up to the end of this line.",
        cursor.here(),
        [{ message: "the block begins here", range: headerRange }]
      );
      return;
    }
    const setting = labels.length === 1 ? ` If it is meant to be an argument, write \`${type} = \u2026\`.` : "";
    cursor.fail(
      `The block \`${type}\` has no body`,
      `A block's \`{\` stands at the end of its first line, and its \`}\` on a line below.${setting}`,
      headerRange
    );
  }
  if (cursor.kind === Kind.equal) {
    cursor.fail(
      "A block is not set with `=`",
      `Write \`${rangeText(headerRange)} {\`. If \`${type}\` is meant to be an argument, its name is one word without quotes.`,
      cursor.here()
    );
  }
  unexpected(
    cursor,
    `Expected \`{\` after the block's labels`,
    `If \`${type}\` is meant to be an argument, write \`${type} = \u2026\`.`,
    [{ message: "the block begins here", range: headerRange }]
  );
}
var init_header = __esm({
  "src/language/header.ts"() {
    "use strict";
    init_source();
    init_characters();
    init_escapes();
    init_expression();
    init_mistakes();
    init_tokens();
  }
});

// src/language/block.ts
function parseBlock(cursor, type, start) {
  const typeRange = cursor.range(start);
  const labels = parseLabels(cursor, type);
  const headerRange = cursor.range(start);
  openBody(cursor, type, headerRange, labels);
  const open2 = cursor.start;
  cursor.enter("block");
  cursor.advance();
  const isMultiLine = cursor.kind === Kind.newline || cursor.kind === Kind.closeBrace || cursor.kind === Kind.endOfFile;
  const body = isMultiLine ? parseBody(cursor, open2, headerRange) : parseOneLineBody(cursor, type, open2);
  cursor.leave();
  return { type, typeRange, labels, body, headerRange, range: cursor.range(start) };
}
function parseBody(cursor, open2, header) {
  const items = { attributes: [], blocks: [] };
  const first = cursor.start;
  parseItems(cursor, items, /* @__PURE__ */ new Map(), true);
  const closeStart = cursor.start;
  if (cursor.kind === Kind.closeBrace) {
    noteSuspect(cursor, open2);
    cursor.advance();
  } else reportUnclosed(cursor, items, header, first);
  const end = cursor.previousEnd;
  const { attributes, blocks } = items;
  return { attributes, blocks, range: cursor.range(open2, end), endRange: cursor.range(closeStart, end) };
}
function reportUnclosed(cursor, items, header, bodyStart) {
  const { text } = cursor;
  if (cursor.lostEnd) return;
  const suspect = cursor.suspect && cursor.suspect.open > header.start ? cursor.suspect : void 0;
  const indentation = indentationAt(text, lineStartAt(text, header.start));
  const stranger = [...items.attributes, ...items.blocks].map((item) => item.range).sort((left, right) => left.start - right.start).find((range2) => range2.start >= bodyStart && indentationAt(text, lineStartAt(text, range2.start)) <= indentation);
  const related = [];
  if (suspect) {
    related.push(
      { message: "this `{` may be the one", range: cursor.range(suspect.open, suspect.open + 1) },
      { message: "its `}` stands further left than its line", range: cursor.range(suspect.close, suspect.close + 1) }
    );
    cursor.suspect = void 0;
  } else if (stranger) {
    related.push({ message: "a `}` is most likely missing before this", range: stranger });
  }
  const detail = "The file ends before the `}` of this block.";
  cursor.report("The block is not closed", detail, header, related.length > 0 ? related : void 0);
}
function parseOneLineBody(cursor, type, open2) {
  const advice2 = `A block on one line holds one argument and no block: \`${type} { name = value }\`. For more, give each a line of its own.`;
  const { start } = cursor;
  const word = parseItemName(cursor);
  if (isHeader(cursor.kind)) cursor.fail("A block inside a block on one line", advice2, cursor.range(start, cursor.end));
  if (!startsValue(cursor.kind)) failNotItem(cursor, word, cursor.range(start));
  const attribute2 = parseAttribute(cursor, word, start);
  if (cursor.kind !== Kind.closeBrace) {
    const related = [{ message: "`{` opened here", range: cursor.range(open2, open2 + 1) }];
    if (cursor.kind === Kind.endOfFile) cursor.fail("The block is not closed", advice2, cursor.range(open2, open2 + 1));
    unexpected(cursor, "Expected `}`", advice2, related);
  }
  const endRange = cursor.here();
  cursor.advance();
  return { attributes: [attribute2], blocks: [], range: cursor.range(open2), endRange };
}
var init_block = __esm({
  "src/language/block.ts"() {
    "use strict";
    init_diagnostics();
    init_body();
    init_header();
    init_mistakes();
    init_resume();
    init_tokens();
  }
});

// src/language/body.ts
function parseTopBody(cursor) {
  const items = { attributes: [], blocks: [] };
  const declared = /* @__PURE__ */ new Map();
  for (; ; ) {
    parseItems(cursor, items, declared, false);
    if (cursor.kind === Kind.endOfFile) break;
    const { suspect } = cursor;
    cursor.report(
      "A `}` that closes nothing",
      "Every `{` before it is closed already. Take it away, or put the missing `{` before it.",
      cursor.here(),
      suspect && [
        {
          message: "this `}` closes a block whose `{` is indented deeper",
          range: cursor.range(suspect.close, suspect.close + 1)
        }
      ]
    );
    cursor.advance();
  }
  const end = cursor.text.length;
  const { attributes, blocks } = items;
  return { attributes, blocks, range: cursor.range(0, end), endRange: cursor.range(end, end) };
}
function parseItems(cursor, items, declared, isBlock) {
  for (; ; ) {
    cursor.skipNewlines();
    if (cursor.kind === Kind.closeBrace || cursor.kind === Kind.endOfFile) return;
    const mark = cursor.mark();
    try {
      parseItem2(cursor, items, declared);
      endLine(cursor, isBlock);
    } catch (thrown) {
      if (!isAbandonment(thrown) || cursor.isTooDeep) throw thrown;
      cursor.recover(mark, findResume(cursor.text, mark.start, cursor.start));
    }
  }
}
function parseItem2(cursor, items, declared) {
  const { start } = cursor;
  const word = parseItemName(cursor);
  const nameRange = cursor.range(start);
  if (startsValue(cursor.kind)) {
    const attribute2 = parseAttribute(cursor, word, start);
    declare(cursor, attribute2, items, declared);
    if (!endsLine(cursor)) {
      unexpected(cursor, `Expected a new line after the value of \`${word}\``, afterValueAdvice(cursor));
    }
  } else if (isHeader(cursor.kind) || bodyBeginsBelow(cursor)) {
    items.blocks.push(parseBlock(cursor, word, start));
    if (!endsLine(cursor)) {
      unexpected(
        cursor,
        `Expected a new line after the block \`${word}\``,
        "The next item stands on a line of its own."
      );
    }
  } else failNotItem(cursor, word, nameRange);
}
function parseItemName(cursor) {
  const { word, start } = cursor;
  if (cursor.kind === Kind.identifier) {
    cursor.advance();
    return word;
  }
  if (cursor.kind !== Kind.openQuote) {
    unexpected(
      cursor,
      "Expected an argument or a block",
      'An argument is `name = value`, a block is `type "label" {`, the lines of its body, `}`.'
    );
  }
  const { text } = parseQuotedLabel(cursor, "name");
  const summary2 = "Names of arguments and blocks are not quoted";
  const detail = 'Write `name = value`. Only the labels of a block are quoted: `node "r1" {`.';
  if (!startsValue(cursor.kind)) cursor.fail(summary2, detail, cursor.range(start));
  cursor.report(summary2, detail, cursor.range(start));
  return text;
}
function endsLine(cursor) {
  return cursor.kind === Kind.newline || cursor.kind === Kind.endOfFile || cursor.kind === Kind.closeBrace;
}
function endLine(cursor, isBlock) {
  if (cursor.kind === Kind.newline) cursor.advance();
  else if (cursor.kind === Kind.closeBrace && isBlock) {
    cursor.report(
      "Expected a new line before `}`",
      "A body of several lines ends with a line of its own: put the `}` below.",
      cursor.here()
    );
  }
}
function startsValue(kind) {
  return kind === Kind.equal || kind === Kind.colon || kind === Kind.number || kind === Kind.openBracket;
}
function isHeader(kind) {
  return kind === Kind.openBrace || kind === Kind.identifier || kind === Kind.openQuote || kind === Kind.singleQuoted || kind === Kind.smartQuoted;
}
function bodyBeginsBelow(cursor) {
  braceBelow.lastIndex = cursor.start;
  return cursor.kind === Kind.newline && braceBelow.test(cursor.text);
}
function failNotItem(cursor, word, nameRange) {
  const whole = cursor.range(nameRange.start, cursor.kind === Kind.newline ? nameRange.end : cursor.end);
  switch (cursor.kind) {
    case Kind.newline:
    case Kind.endOfFile:
    case Kind.closeBrace:
      return cursor.fail(
        `\`${word}\` stands alone`,
        `To set an argument write \`${word} = value\`; to open a block write \`${word} {\`.`,
        nameRange
      );
    case Kind.equalEqual:
    case Kind.arrow:
      return cursor.fail("An argument is set with `=`", `Write \`${word} = value\`.`, cursor.here());
    case Kind.dot:
      return cursor.fail(
        "The name of an argument has no dots",
        `Write the argument's own name; what is in a block is set inside its braces: \`${word} {\`, the arguments, \`}\`.`,
        whole
      );
    default:
      return unexpected(
        cursor,
        `Expected \`=\` or \`{\` after \`${word}\``,
        `To set an argument write \`${word} = value\`.`
      );
  }
}
function parseAttribute(cursor, name, start) {
  const nameRange = cursor.range(start);
  if (cursor.kind === Kind.equal) cursor.advance();
  else {
    const found = describe(cursor);
    cursor.report(
      `\`=\` is missing after \`${name}\``,
      `Found ${found}. An argument is set with \`${name} = value\`.`,
      cursor.here()
    );
    if (cursor.kind === Kind.colon) {
      cursor.advance();
      if (cursor.kind === Kind.equal) cursor.advance();
    }
  }
  const expression = parseAny(cursor);
  return { name, nameRange, expression, range: cursor.range(start) };
}
function declare(cursor, attribute2, items, declared) {
  const first = declared.get(attribute2.name);
  if (!first) {
    declared.set(attribute2.name, attribute2);
    items.attributes.push(attribute2);
    return;
  }
  cursor.report(
    `\`${attribute2.name}\` is set twice`,
    "An argument is set once in a body. Take one of the two away.",
    attribute2.nameRange,
    [{ message: "first set here", range: first.nameRange }]
  );
}
var braceBelow;
var init_body = __esm({
  "src/language/body.ts"() {
    "use strict";
    init_block();
    init_cursor();
    init_expression();
    init_header();
    init_mistakes();
    init_resume();
    init_tokens();
    braceBelow = /\s*\{/y;
  }
});

// src/language/parse.ts
function parseFile(file) {
  const cursor = new Cursor(file, { markerMayEndText: false });
  const body = untilAbandoned(() => parseTopBody(cursor)) ?? emptyBody(cursor);
  return { body, diagnostics: cursor.diagnostics };
}
function parseExpression(file) {
  const cursor = new Cursor(file, { markerMayEndText: true });
  const expression = untilAbandoned(() => {
    cursor.countNewlines(false);
    const parsed = parseAny(cursor);
    if (cursor.kind !== Kind.endOfFile) unexpected(cursor, "The expression ends before this", afterValueAdvice(cursor));
    return parsed;
  });
  return { expression, diagnostics: cursor.diagnostics };
}
function untilAbandoned(parse) {
  try {
    return parse();
  } catch (thrown) {
    if (isAbandonment(thrown)) return void 0;
    throw thrown;
  }
}
function emptyBody(cursor) {
  const end = cursor.text.length;
  return { attributes: [], blocks: [], range: cursor.range(0, end), endRange: cursor.range(end, end) };
}
var init_parse = __esm({
  "src/language/parse.ts"() {
    "use strict";
    init_body();
    init_cursor();
    init_expression();
    init_mistakes();
    init_tokens();
  }
});

// src/evaluation/marks.ts
function marked(value, sensitive) {
  return sensitive && !value.sensitive ? { type: value.type, raw: value.raw, sensitive: true } : value;
}
function containsSensitive(value) {
  if (value.sensitive) return true;
  const { raw } = value;
  if (raw instanceof Map) {
    for (const item of raw.values()) if (containsSensitive(item)) return true;
  } else if (Array.isArray(raw)) {
    for (const item of raw) if (containsSensitive(item)) return true;
  }
  return false;
}
function unmarked(value) {
  if (!containsSensitive(value)) return value;
  return { type: value.type, raw: unmarkedRaw(value.raw), sensitive: false };
}
function unmarkedRaw(raw) {
  if (raw instanceof Map) {
    const plain4 = /* @__PURE__ */ new Map();
    for (const [name, item] of raw) plain4.set(name, unmarked(item));
    return plain4;
  }
  return Array.isArray(raw) ? raw.map(unmarked) : raw;
}
var init_marks = __esm({
  "src/evaluation/marks.ts"() {
    "use strict";
  }
});

// src/evaluation/order.ts
function compareText(left, right) {
  if (left === right) return 0;
  const length2 = Math.min(left.length, right.length);
  for (let at2 = 0; at2 < length2; at2++) {
    const a = left.charCodeAt(at2);
    const b = right.charCodeAt(at2);
    if (a !== b) return a >= 55296 && b >= 55296 ? rank(a) - rank(b) : a - b;
  }
  return left.length - right.length;
}
function rank(unit) {
  return unit >= 57344 ? unit - 2048 : unit + 8192;
}
function sortedEntries(map) {
  return isSorted(map) ? map : [...map].sort(byName);
}
function sortedMap(map) {
  return isSorted(map) ? map : new Map([...map].sort(byName));
}
function byName(left, right) {
  return compareText(left[0], right[0]);
}
function isSorted(map) {
  let last;
  for (const name of map.keys()) {
    if (last !== void 0 && compareText(last, name) > 0) return false;
    last = name;
  }
  return true;
}
function compareValues(left, right) {
  const a = left.raw;
  const b = right.raw;
  if (a === b) return 0;
  if (a === UNKNOWN || a === null && b !== UNKNOWN) return 1;
  if (b === UNKNOWN || b === null) return -1;
  if (typeof a === "string") return compareText(a, b);
  if (typeof a === "boolean") return a ? 1 : -1;
  if (Array.isArray(a)) return compareSequences(a, b);
  if (a instanceof Map) {
    return compareEntries(a, b);
  }
  return compare(a, b);
}
function compareSequences(left, right) {
  const length2 = Math.min(left.length, right.length);
  for (let at2 = 0; at2 < length2; at2++) {
    const order2 = compareValues(left[at2], right[at2]);
    if (order2 !== 0) return order2;
  }
  return left.length - right.length;
}
function compareEntries(left, right) {
  const a = [...sortedEntries(left)];
  const b = [...sortedEntries(right)];
  for (let at2 = 0; at2 < Math.min(a.length, b.length); at2++) {
    const [name, item] = a[at2];
    const [otherName, other] = b[at2];
    const order2 = compareText(name, otherName) || compareValues(item, other);
    if (order2 !== 0) return order2;
  }
  return a.length - b.length;
}
var init_order = __esm({
  "src/evaluation/order.ts"() {
    "use strict";
    init_bigfloat();
    init_values();
  }
});

// src/evaluation/types.ts
function sameType(left, right) {
  if (left === right) return true;
  if (left.kind !== right.kind) return false;
  switch (left.kind) {
    case "list":
    case "set":
    case "map":
      return sameType(left.element, right.element);
    case "tuple": {
      const { elements } = right;
      return left.elements.length === elements.length && left.elements.every((one, at2) => sameType(one, elements[at2]));
    }
    case "object":
      return sameAttributes(left, right);
    default:
      return true;
  }
}
function sameAttributes(left, right) {
  if (left.attributes.size !== right.attributes.size || left.optional?.size !== right.optional?.size) return false;
  for (const [name, type] of left.attributes) {
    const other = right.attributes.get(name);
    if (!other || !sameType(type, other) || left.optional?.has(name) !== right.optional?.has(name)) return false;
  }
  return true;
}
function isPrimitive(type) {
  return type.kind === "string" || type.kind === "number" || type.kind === "bool";
}
function hasDynamic(type) {
  switch (type.kind) {
    case "dynamic":
      return true;
    case "list":
    case "set":
    case "map":
      return hasDynamic(type.element);
    case "tuple":
      return type.elements.some(hasDynamic);
    case "object":
      for (const one of type.attributes.values()) if (hasDynamic(one)) return true;
      return false;
    default:
      return false;
  }
}
function formatType(type) {
  switch (type.kind) {
    case "dynamic":
      return "any";
    case "list":
    case "set":
    case "map":
      return `${type.kind}(${formatType(type.element)})`;
    case "tuple":
      return `tuple([${type.elements.map(formatType).join(", ")}])`;
    case "object": {
      if (type.attributes.size === 0) return "object({})";
      const attributes = [...type.attributes].map(([name, one]) => {
        const text = formatType(one);
        return `${name} = ${type.optional?.has(name) ? `optional(${text})` : text}`;
      });
      return `object({ ${attributes.join(", ")} })`;
    }
    default:
      return type.kind;
  }
}
function describeType(type) {
  switch (type.kind) {
    case "dynamic":
      return "a value of unknown type";
    case "list":
    case "set":
    case "map":
      return `a ${type.kind}${plural(type.element)}`;
    case "object":
      return "an object";
    default:
      return `a ${type.kind}`;
  }
}
function plural(element2) {
  return element2.kind === "dynamic" ? "" : ` of ${element2.kind}s`;
}
function typeToJson(type) {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return [type.kind, typeToJson(type.element)];
    case "tuple":
      return ["tuple", type.elements.map(typeToJson)];
    case "object": {
      const attributes = [...type.attributes].sort(([left], [right]) => compareText(left, right));
      const json = Object.fromEntries(attributes.map(([name, one]) => [name, typeToJson(one)]));
      return type.optional?.size ? ["object", json, [...type.optional].sort(compareText)] : ["object", json];
    }
    default:
      return type.kind;
  }
}
function typeFromJson(json) {
  if (json === "string") return STRING;
  if (json === "number") return NUMBER;
  if (json === "bool") return BOOL;
  if (json === "dynamic") return DYNAMIC;
  if (Array.isArray(json)) {
    const [kind, inner, optional] = json;
    if (kind === "list" || kind === "set" || kind === "map") return { kind, element: typeFromJson(inner) };
    if (kind === "tuple") return { kind, elements: inner.map(typeFromJson) };
    if (kind === "object") {
      const entries3 = Object.entries(inner);
      const attributes = new Map(entries3.map(([name, one]) => [name, typeFromJson(one)]));
      return optional === void 0 ? { kind, attributes } : { kind, attributes, optional: new Set(optional) };
    }
  }
  throw new TypeError(`not a type: ${JSON.stringify(json)}`);
}
var init_types = __esm({
  "src/evaluation/types.ts"() {
    "use strict";
    init_values();
    init_order();
    init_convert();
  }
});

// src/evaluation/unify.ts
function convertible(from, to) {
  if (from === to || from.kind === "dynamic" || to.kind === "dynamic") return true;
  switch (to.kind) {
    case "string":
      return from.kind === "string" || from.kind === "number" || from.kind === "bool";
    case "number":
    case "bool":
      return from.kind === to.kind || from.kind === "string";
    case "list":
    case "set":
      if (from.kind === "tuple") return from.elements.every((one) => convertible(one, to.element));
      return (from.kind === "list" || from.kind === "set") && convertible(from.element, to.element);
    case "map":
      if (from.kind === "object") return [...from.attributes.values()].every((one) => convertible(one, to.element));
      return from.kind === "map" && convertible(from.element, to.element);
    case "tuple":
      return from.kind === "tuple" && from.elements.length === to.elements.length && from.elements.every((one, at2) => convertible(one, to.elements[at2]));
    case "object":
      if (from.kind === "map") return [...to.attributes.values()].every((one) => convertible(from.element, one));
      return from.kind === "object" && objectConvertible(from, to);
  }
}
function objectConvertible(from, to) {
  for (const [name, type] of to.attributes) {
    const given2 = from.attributes.get(name);
    if (given2 ? !convertible(given2, type) : !to.optional?.has(name)) return false;
  }
  return true;
}
function unify(types) {
  const [first] = types;
  if (!first) return void 0;
  if (types.every((type) => sameType(type, first))) return first;
  const decided = types.filter((type) => type.kind !== "dynamic");
  if (decided.length < types.length) return decided.every(isPrimitive) ? unify(decided) : DYNAMIC;
  const kinds2 = new Set(types.map((type) => type.kind));
  const only = (...allowed) => [...kinds2].every((kind) => allowed.includes(kind));
  if (only("object")) return unifyObjects(types);
  if (only("tuple")) return unifyTuples(types);
  for (const kind of ["map", "list", "set"]) {
    if (!kinds2.has(kind) || !only(kind, kind === "map" ? "object" : "tuple")) continue;
    const element2 = unifyParts(types);
    if (element2) return { kind, element: element2 };
  }
  return preferred(types);
}
function unifyParts(types) {
  return unify(types.flatMap(partsOf3));
}
function partsOf3(type) {
  if (type.kind === "object") return [...type.attributes.values()];
  if (type.kind === "tuple") return type.elements;
  return type.kind === "list" || type.kind === "set" || type.kind === "map" ? [type.element] : [];
}
function unifyObjects(types) {
  const [first] = types;
  const names = [...first.attributes.keys()];
  const alike = types.every(
    ({ attributes }) => attributes.size === names.length && names.every((name) => attributes.has(name))
  );
  if (alike) {
    const attributes = /* @__PURE__ */ new Map();
    for (const name of names) {
      const type = unify(types.map((one) => one.attributes.get(name)));
      if (type) attributes.set(name, type);
    }
    if (attributes.size === names.length) return { kind: "object", attributes };
  }
  const element2 = unifyParts(types);
  return element2 && { kind: "map", element: element2 };
}
function unifyTuples(types) {
  const [first] = types;
  const { length: length2 } = first.elements;
  if (types.every((type) => type.elements.length === length2)) {
    const elements = [];
    for (let at2 = 0; at2 < length2; at2++) {
      const type = unify(types.map((one) => one.elements[at2]));
      if (type) elements.push(type);
    }
    if (elements.length === length2) return { kind: "tuple", elements };
  }
  const element2 = unifyParts(types);
  return element2 && { kind: "list", element: element2 };
}
function preferred(types) {
  const rank2 = (type) => type.kind === "string" || type.kind === "list" ? 0 : 1;
  const candidates = [...types].sort((left, right) => rank2(left) - rank2(right));
  return candidates.find((candidate) => types.every((type) => convertible(type, candidate)));
}
var init_unify = __esm({
  "src/evaluation/unify.ts"() {
    "use strict";
    init_values();
    init_types();
  }
});

// src/evaluation/convert.ts
function convert(value, type) {
  const result = converted(value, type);
  return typeof result === "string" ? { error: result } : { value: result };
}
function converted(value, type) {
  if (type.kind === "dynamic") return value;
  const { raw } = value;
  if (raw === UNKNOWN || raw === null) {
    if (!convertible(value.type, type)) return mismatch(value, type);
    return { type: concrete(type), raw, sensitive: value.sensitive };
  }
  if (value.type.kind === type.kind && isPrimitive(type)) return value;
  const result = convertKnown(value, type);
  if (typeof result === "string" && value.sensitive && !isPrimitive(type)) return `${describeType(type)} is required`;
  return result;
}
function convertKnown(value, type) {
  switch (type.kind) {
    case "list":
    case "set":
      return convertSequence(value, type);
    case "map":
      return convertMap(value, type);
    case "object":
      return convertObject(value, type);
    case "tuple":
      return convertTuple(value, type);
    default:
      return convertPrimitive(value, type);
  }
}
function mismatch(value, type) {
  return `${describeType(type)} is required, this is ${describeType(value.type)}`;
}
function convertPrimitive(value, type) {
  const result = primitiveOf(value.raw, type);
  if (result) return value.sensitive ? { ...result, sensitive: true } : result;
  if (typeof value.raw !== "string") return mismatch(value, type);
  const hint = type.kind === "bool" ? ` (only "true" and "false" are)` : "";
  return value.sensitive ? `a ${type.kind} is required` : `${quoteShort(value.raw)} is no ${type.kind}${hint}`;
}
function quoteShort(text) {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}\u2026` : text);
}
function primitiveOf(raw, type) {
  if (typeof raw === "string") {
    if (type.kind === "number") {
      const number = numberFromText(raw);
      return number === void 0 ? void 0 : numberValue(number);
    }
    if (raw === "true" || raw === "1") return boolValue(true);
    return raw === "false" || raw === "0" ? boolValue(false) : void 0;
  }
  if (type.kind !== "string") return void 0;
  if (typeof raw === "boolean") return stringValue(raw ? "true" : "false");
  if (typeof raw === "number" || isNumber(raw)) return stringValue(formatNumber(raw));
  return void 0;
}
function isNumber(raw) {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) && !(raw instanceof Map);
}
function convertSequence(value, type) {
  const { kind } = value.type;
  if (kind !== "list" && kind !== "set" && kind !== "tuple") return mismatch(value, type);
  if (kind === type.kind && (type.element.kind === "dynamic" || sameType(value.type, type))) return value;
  const items = value.raw;
  if (type.element.kind === "dynamic" && items.some(isUndecided)) {
    return { ...UNKNOWN_VALUE, sensitive: value.sensitive };
  }
  const element2 = elementType(items, value.type, type.element);
  if (element2 === void 0) return "all elements must be of one type";
  const results = [];
  for (const [at2, item] of items.entries()) {
    const result = converted(item, element2);
    if (typeof result === "string") return within(`element ${at2}`, result);
    results.push(result);
  }
  const made = concrete(element2);
  if (type.kind === "set") return makeSet(made, results, value.sensitive);
  return { type: { kind: "list", element: exactElement(made, results) }, raw: results, sensitive: value.sensitive };
}
function isUndecided(item) {
  return item.raw === UNKNOWN && item.type.kind === "dynamic";
}
function elementType(items, from, wanted) {
  if (wanted.kind !== "dynamic") return wanted;
  if (from.kind === "list" || from.kind === "set" || from.kind === "map") return from.element;
  if (items.length === 0) return wanted;
  const types = items.filter((item) => item.raw !== null || item.type.kind !== "dynamic").map((item) => item.type);
  return types.length === 0 ? wanted : unify(types);
}
function exactElement(type, items) {
  const [first] = items;
  return first && hasDynamic(type) ? first.type : type;
}
function makeSet(element2, items, sensitive = false) {
  const hidden = sensitive || items.some(containsSensitive);
  const sorted2 = (hidden ? items.map(unmarked) : [...items]).sort(compareValues);
  const distinct = sorted2.filter((item, at2) => {
    const before = sorted2[at2 - 1];
    return before === void 0 || item.raw === UNKNOWN || compareValues(before, item) !== 0;
  });
  return { type: { kind: "set", element: exactElement(element2, distinct) }, raw: distinct, sensitive: hidden };
}
function convertMap(value, type) {
  const { kind } = value.type;
  if (kind !== "map" && kind !== "object") return mismatch(value, type);
  if (kind === "map" && (type.element.kind === "dynamic" || sameType(value.type, type))) return value;
  const entries3 = value.raw;
  const items = [...entries3.values()];
  if (type.element.kind === "dynamic" && items.some(isUndecided)) {
    return { ...UNKNOWN_VALUE, sensitive: value.sensitive };
  }
  const element2 = elementType(items, value.type, type.element);
  if (element2 === void 0) return "all elements must be of one type";
  const results = /* @__PURE__ */ new Map();
  for (const [name, item] of sortedEntries(entries3)) {
    const result = converted(item, element2);
    if (typeof result === "string") return within(`element ${JSON.stringify(name)}`, result);
    results.set(name, result);
  }
  const made = exactElement(concrete(element2), [...results.values()]);
  return { type: { kind: "map", element: made }, raw: results, sensitive: value.sensitive };
}
function convertObject(value, type) {
  const { kind } = value.type;
  if (kind !== "object" && kind !== "map") return mismatch(value, type);
  if (kind === "object" && !type.defaults && !type.optional && sameType(value.type, type)) return value;
  const entries3 = value.raw;
  const results = /* @__PURE__ */ new Map();
  for (const [name, attribute2] of type.attributes) {
    const result = convertAttribute(entries3.get(name), name, attribute2, type);
    if (typeof result === "string") return result;
    results.set(name, result);
  }
  return { type: objectTypeOf(type, results), raw: results, sensitive: value.sensitive };
}
function convertAttribute(given2, name, attribute2, type) {
  if (given2 === void 0 || given2.raw === null) {
    const standard = type.defaults?.get(name);
    if (standard) return standard;
    if (given2 === void 0) {
      if (!type.optional?.has(name)) return `attribute ${JSON.stringify(name)} is required`;
      return { type: concrete(attribute2), raw: null, sensitive: false };
    }
  }
  const result = converted(given2, attribute2);
  return typeof result === "string" ? within(`attribute ${JSON.stringify(name)}`, result) : result;
}
function within(place3, error) {
  return /^(element|attribute) .*: /.test(error) ? `${place3}, ${error}` : `${place3}: ${error}`;
}
function objectTypeOf(type, attributes) {
  if (!hasDynamic(type)) return concrete(type);
  return { kind: "object", attributes: new Map([...attributes].map(([name, item]) => [name, item.type])) };
}
function convertTuple(value, type) {
  if (value.type.kind !== "tuple") return mismatch(value, type);
  const items = value.raw;
  const { length: length2 } = type.elements;
  if (items.length !== length2) return `a tuple of ${length2} elements is required, this one has ${items.length}`;
  const results = [];
  for (const [at2, item] of items.entries()) {
    const result = converted(item, type.elements[at2]);
    if (typeof result === "string") return within(`element ${at2}`, result);
    results.push(result);
  }
  return {
    type: { kind: "tuple", elements: results.map((item) => item.type) },
    raw: results,
    sensitive: value.sensitive
  };
}
function concrete(type) {
  if (type.kind === "string" || type.kind === "number" || type.kind === "bool" || type.kind === "dynamic") return type;
  let made = concreteTypes.get(type);
  if (!made) {
    made = stripped(type);
    concreteTypes.set(type, made);
  }
  return made;
}
function stripped(type) {
  switch (type.kind) {
    case "list":
    case "set":
    case "map": {
      const element2 = concrete(type.element);
      return element2 === type.element ? type : { kind: type.kind, element: element2 };
    }
    case "tuple":
      return { kind: "tuple", elements: type.elements.map(concrete) };
    case "object": {
      const attributes = new Map([...type.attributes].map(([name, one]) => [name, concrete(one)]));
      return { kind: "object", attributes };
    }
    default:
      return type;
  }
}
var concreteTypes;
var init_convert = __esm({
  "src/evaluation/convert.ts"() {
    "use strict";
    init_bigfloat();
    init_values();
    init_marks();
    init_order();
    init_types();
    init_unify();
    concreteTypes = /* @__PURE__ */ new WeakMap();
  }
});

// src/evaluation/fault.ts
var Fault;
var init_fault = __esm({
  "src/evaluation/fault.ts"() {
    "use strict";
    Fault = class {
      reason;
      argument;
      constructor(reason, argument) {
        this.reason = reason;
        this.argument = argument;
      }
    };
  }
});

// src/evaluation/equality.ts
function equal(left, right) {
  const a = left.raw;
  const b = right.raw;
  if (a === UNKNOWN || b === UNKNOWN) return void 0;
  if (a === null || b === null) return a === b;
  if (left.type.kind !== right.type.kind) return false;
  if (typeof a === "string" || typeof a === "boolean") return a === b;
  if (Array.isArray(a)) {
    if (left.type.kind !== "tuple" && !sameElementType(left, right)) return false;
    return equalSequences(a, b);
  }
  if (a instanceof Map) {
    if (left.type.kind === "map" && !sameElementType(left, right)) return false;
    return equalEntries(a, b);
  }
  return sameNumber(a, b);
}
function sameElementType(left, right) {
  return sameType(left.type, right.type);
}
function equalSequences(left, right) {
  if (left.length !== right.length) return false;
  let result = true;
  for (let at2 = 0; at2 < left.length; at2++) {
    const same = equal(left[at2], right[at2]);
    if (same === false) return false;
    if (same === void 0) result = void 0;
  }
  return result;
}
function equalEntries(left, right) {
  if (left.size !== right.size) return false;
  let result = true;
  for (const [name, item] of left) {
    const other = right.get(name);
    if (!other) return false;
    const same = equal(item, other);
    if (same === false) return false;
    if (same === void 0) result = void 0;
  }
  return result;
}
var init_equality = __esm({
  "src/evaluation/equality.ts"() {
    "use strict";
    init_bigfloat();
    init_values();
    init_types();
  }
});

// src/language/references.ts
function references(expression) {
  const found = [];
  collect(expression, /* @__PURE__ */ new Set(), found);
  return found;
}
function collect(expression, bound, found) {
  const reference = asReference(expression);
  if (reference) {
    if (!bound.has(reference.root)) found.push(reference);
    return;
  }
  switch (expression.kind) {
    case "literal":
    case "variable":
      return;
    case "template":
      return collectParts(expression.parts, bound, found);
    case "attribute":
      return collect(expression.object, bound, found);
    case "index":
      collect(expression.object, bound, found);
      return collect(expression.key, bound, found);
    case "splat":
      collect(expression.source, bound, found);
      return collectSteps(expression.steps, bound, found);
    case "call":
      return collectAll(expression.arguments, bound, found);
    case "unary":
      return collect(expression.operand, bound, found);
    case "binary":
      return collectAll([expression.left, expression.right], bound, found);
    case "conditional":
      return collectAll([expression.condition, expression.then, expression.otherwise], bound, found);
    case "tuple":
      return collectAll(expression.items, bound, found);
    case "object":
      return collectAll(
        expression.items.flatMap((item) => [item.key, item.value]),
        bound,
        found
      );
    case "for":
      return collectFor(expression, bound, found);
    case "parentheses":
      return collect(expression.inner, bound, found);
  }
}
function collectAll(expressions, bound, found) {
  for (const expression of expressions) collect(expression, bound, found);
}
function collectFor(expression, bound, found) {
  collect(expression.collection, bound, found);
  const inner = withNames(bound, expression);
  if (expression.key) collect(expression.key, inner, found);
  collect(expression.value, inner, found);
  if (expression.condition) collect(expression.condition, inner, found);
}
function collectSteps(steps2, bound, found) {
  for (const step of steps2) {
    if (step.kind === "index") collect(step.key, bound, found);
    else if (step.kind === "splat") collectSteps(step.steps, bound, found);
  }
}
function collectParts(parts, bound, found) {
  for (const part of parts) {
    if (part.kind === "interpolation") collect(part.expression, bound, found);
    else if (part.kind === "if") {
      collect(part.condition, bound, found);
      collectParts(part.then, bound, found);
      collectParts(part.otherwise, bound, found);
    } else if (part.kind === "for") {
      collect(part.collection, bound, found);
      collectParts(part.body, withNames(bound, part), found);
    }
  }
}
function withNames(bound, names) {
  const inner = new Set(bound).add(names.valueName);
  return names.keyName === void 0 ? inner : inner.add(names.keyName);
}
function asReference(expression) {
  const path = [];
  let at2 = expression;
  while (at2.kind === "parentheses") at2 = at2.inner;
  const { range: range2 } = at2;
  for (; ; ) {
    if (at2.kind === "variable") return { root: at2.name, path: path.reverse(), range: range2 };
    if (at2.kind === "parentheses") at2 = at2.inner;
    else if (at2.kind === "attribute") {
      path.push(at2.legacyIndex ? Number(at2.name) : at2.name);
      at2 = at2.object;
    } else if (at2.kind === "index" && at2.key.kind === "literal") {
      const { value } = at2.key;
      if (typeof value !== "string" && typeof value !== "number") return void 0;
      path.push(value);
      at2 = at2.object;
    } else return void 0;
  }
}
var init_references = __esm({
  "src/language/references.ts"() {
    "use strict";
  }
});

// src/evaluation/shown.ts
function describeReferences(expression, scope) {
  const found = /* @__PURE__ */ new Map();
  for (const reference of references(expression)) {
    if (found.size >= mostReferences) break;
    const text = rangeText(reference.range);
    if (found.has(text) || text.includes("\n")) continue;
    const value = resolve5(reference, scope);
    if (value) found.set(text, shortValue(value));
  }
  return [...found].map(([text, value]) => ({ expression: text, value }));
}
function resolve5(reference, scope) {
  const [first, ...rest] = reference.path;
  const member = typeof first === "string" ? scope.member(reference.root, first) : void 0;
  let value = member ?? scope.lookup(reference.root);
  for (const step of member ? rest : reference.path) {
    if (!value || value.sensitive) return value;
    const { raw } = value;
    if (raw instanceof Map) value = raw.get(String(step));
    else if (Array.isArray(raw)) value = raw[Number(step)];
    else return raw === UNKNOWN ? value : void 0;
  }
  return value;
}
function shortValue(value) {
  if (value.sensitive) return "(sensitive value)";
  const { raw, type } = value;
  if (raw === UNKNOWN) return "(known after apply)";
  if (raw === null) return "null";
  if (typeof raw === "string") return shortText(raw);
  if (typeof raw === "boolean") return String(raw);
  if (Array.isArray(raw)) {
    const items = raw;
    const whole = `[${items.map(shortValue).join(", ")}]`;
    return whole.length <= longestText ? whole : `${type.kind} with ${counted2(items.length, "element")}`;
  }
  if (raw instanceof Map) {
    const entries3 = raw;
    if (entries3.size > 8) return `${type.kind} with ${counted2(entries3.size, partName(value))}`;
    const parts = [...sortedEntries(entries3)].map(([name, item]) => `${name} = ${shortValue(item)}`);
    const whole = parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
    return whole.length <= longestText ? whole : `${type.kind} with ${counted2(entries3.size, partName(value))}`;
  }
  const text = formatNumber(raw);
  return text.length <= longestText ? text : `${text.slice(0, longestText)}\u2026`;
}
function shortText(text) {
  return JSON.stringify(text.length <= longestText ? text : `${text.slice(0, longestText - 1)}\u2026`);
}
function partName(value) {
  return value.type.kind === "object" ? "attribute" : "element";
}
function counted2(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
var mostReferences, longestText;
var init_shown = __esm({
  "src/evaluation/shown.ts"() {
    "use strict";
    init_bigfloat();
    init_source();
    init_values();
    init_references();
    init_order();
    mostReferences = 8;
    longestText = 60;
  }
});

// src/evaluation/problem.ts
import leven from "leven";
function report(problem, range2, expression, scope, diagnostics) {
  const values2 = describeReferences(expression, scope);
  diagnostics.push({
    severity: "error",
    summary: problem.summary,
    detail: problem.detail,
    range: range2,
    ...values2.length > 0 ? { values: values2 } : {}
  });
  return UNKNOWN_VALUE;
}
function suggestion(name, candidates) {
  let best;
  let least = name.length === 1 ? 0 : Math.max(1, Math.floor(name.length / 3)) + 1;
  const folded = name.toLowerCase();
  for (const candidate of candidates) {
    if (candidate.toLowerCase() === folded) return candidate;
    const distance = letters(name) === letters(candidate) ? 1 : leven(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}
function letters(name) {
  return [...name].sort().join("");
}
function suggestionText(name, candidates, prefix = "") {
  const best = suggestion(name, candidates);
  const quote2 = (one) => prefix === "" ? JSON.stringify(one) : prefix + one;
  if (best !== void 0) return `Did you mean ${quote2(best)}?`;
  if (candidates.length === 0) return "There are none.";
  const shown = candidates.slice(0, 8).map(quote2);
  if (candidates.length > shown.length)
    return `There are ${shown.join(", ")} and ${candidates.length - shown.length} more.`;
  const last = shown.pop();
  return shown.length === 0 ? `There is only ${last}.` : `There are ${shown.join(", ")} and ${last}.`;
}
var Problem;
var init_problem = __esm({
  "src/evaluation/problem.ts"() {
    "use strict";
    init_values();
    init_shown();
    Problem = class {
      summary;
      detail;
      constructor(summary2, detail) {
        this.summary = summary2;
        this.detail = detail;
      }
    };
  }
});

// src/evaluation/iteration.ts
function iterationProblem(collection) {
  if (collection.raw === null) {
    return new Problem("Nothing to iterate over", 'The collection after "in" is null. An empty one would be [] or {}.');
  }
  const { kind } = collection.type;
  if (kind !== "string" && kind !== "number" && kind !== "bool") return void 0;
  return new Problem(
    "This value cannot be iterated over",
    `After "in" a list, tuple, set, map or object is needed; this is ${describeType(collection.type)}.`
  );
}
function* iterate(collection) {
  const { raw, sensitive } = collection;
  if (raw instanceof Map) {
    for (const [name, item] of sortedEntries(raw)) {
      yield [marked(stringValue(name), sensitive), marked(item, sensitive)];
    }
  } else if (Array.isArray(raw)) {
    const isSet = collection.type.kind === "set";
    for (const [at2, item] of raw.entries()) {
      const element2 = marked(item, sensitive);
      yield [isSet ? element2 : numberValue(at2), element2];
    }
  }
}
function isIterationKnown(collection) {
  if (collection.raw === UNKNOWN) return false;
  if (collection.type.kind !== "set") return true;
  return !collection.raw.some((item) => item.raw === UNKNOWN);
}
var init_iteration = __esm({
  "src/evaluation/iteration.ts"() {
    "use strict";
    init_values();
    init_marks();
    init_order();
    init_problem();
    init_types();
  }
});

// src/evaluation/functions/collections.ts
function length(value) {
  const { raw, type } = value;
  if (typeof raw === "string") return marked(numberValue(graphemes(raw)), value.sensitive);
  if (raw instanceof Map) return marked(numberValue(raw.size), value.sensitive);
  if (!Array.isArray(raw))
    return new Fault(`a string, list, tuple, set, map or object is required, this is ${describeType(type)}`, 0);
  return marked(isIterationKnown(value) ? numberValue(raw.length) : unknownValue(NUMBER), value.sensitive);
}
function keys(map) {
  if (!(map.raw instanceof Map)) return new Fault(`a map or object is required, this is ${describeType(map.type)}`, 0);
  const names = [...sortedEntries(map.raw)].map(([name]) => stringValue(name));
  const result = map.type.kind === "map" ? { type: { kind: "list", element: STRING }, raw: names, sensitive: false } : tupleValue(names);
  return marked(result, map.sensitive);
}
function values(map) {
  if (!(map.raw instanceof Map)) return new Fault(`a map or object is required, this is ${describeType(map.type)}`, 0);
  const items = [...sortedEntries(map.raw)].map(([, item]) => item);
  const result = map.type.kind === "map" ? { type: { kind: "list", element: map.type.element }, raw: items, sensitive: false } : tupleValue(items);
  return marked(result, map.sensitive);
}
function merge(...maps) {
  const wrong = maps.findIndex((one) => !(one.raw instanceof Map) && one.raw !== null && one.raw !== UNKNOWN);
  if (wrong !== -1)
    return new Fault(`a map or object is required, this is ${describeType(maps[wrong].type)}`, wrong);
  const sensitive = maps.some((one) => one.sensitive);
  if (maps.some((one) => one.raw === UNKNOWN)) return marked(unknownValue(DYNAMIC), sensitive);
  const merged = /* @__PURE__ */ new Map();
  for (const map of maps) if (map.raw !== null) for (const [name, item] of map.raw) merged.set(name, item);
  const sorted2 = sortedMap(merged);
  const first = maps[0]?.type;
  if (first?.kind === "map" && maps.every((one) => sameType(one.type, first)))
    return { type: first, raw: sorted2, sensitive };
  return marked(objectValue(sorted2), sensitive);
}
function concat(...lists) {
  if (lists.length === 0) return new Fault("at least one list is needed");
  const wrong = lists.findIndex(({ type }) => type.kind !== "list" && type.kind !== "tuple" && type.kind !== "dynamic");
  if (wrong !== -1)
    return new Fault(`a list or tuple is required, this is ${describeType(lists[wrong].type)}`, wrong);
  const sensitive = lists.some((one) => one.sensitive);
  if (lists.some((one) => one.raw === UNKNOWN)) return marked(unknownValue(DYNAMIC), sensitive);
  const items = lists.flatMap((one) => one.raw);
  const elements = lists.map(({ type }) => type.kind === "list" ? type.element : void 0);
  const element2 = elements.every((one) => one !== void 0) ? unify(elements) : void 0;
  if (!element2) return marked(tupleValue(items), sensitive);
  const list = converted(tupleValue(items), { kind: "list", element: element2 });
  return marked(typeof list === "string" ? tupleValue(items) : list, sensitive);
}
function contains(list, wanted) {
  const { kind } = list.type;
  if (kind !== "list" && kind !== "tuple" && kind !== "set") {
    return new Fault(`a list, tuple or set is required, this is ${describeType(list.type)}`, 0);
  }
  const sensitive = containsSensitive(list) || containsSensitive(wanted);
  let known4 = true;
  for (const item of list.raw) {
    const same = equal(item, wanted);
    if (same === true) return marked(boolValue(true), sensitive);
    if (same === void 0) known4 = false;
  }
  return marked(known4 ? boolValue(false) : unknownValue(BOOL), sensitive);
}
var MAP, collectionFunctions;
var init_collections = __esm({
  "src/evaluation/functions/collections.ts"() {
    "use strict";
    init_source();
    init_values();
    init_convert();
    init_equality();
    init_fault();
    init_iteration();
    init_marks();
    init_order();
    init_types();
    init_unify();
    MAP = { name: "map", type: DYNAMIC, partial: true, marks: true };
    collectionFunctions = [
      {
        name: "length",
        parameters: [{ name: "value", type: DYNAMIC, partial: true, marks: true }],
        result: NUMBER,
        call: length
      },
      { name: "keys", parameters: [MAP], result: DYNAMIC, call: keys },
      { name: "values", parameters: [MAP], result: DYNAMIC, call: values },
      {
        name: "merge",
        parameters: [],
        variadic: { name: "maps", type: DYNAMIC, nullable: true, unknown: true, marks: true },
        result: DYNAMIC,
        call: merge
      },
      {
        name: "concat",
        parameters: [],
        variadic: { name: "lists", type: DYNAMIC, unknown: true, marks: true },
        result: DYNAMIC,
        call: concat
      },
      {
        name: "contains",
        parameters: [
          { name: "list", type: DYNAMIC, partial: true, marks: true },
          { name: "value", type: DYNAMIC, nullable: true, partial: true, marks: true }
        ],
        result: BOOL,
        call: contains
      }
    ];
  }
});

// src/evaluation/functions/conversions.ts
function conversion(name, type) {
  return {
    name,
    parameters: [{ name: "value", type: DYNAMIC, nullable: true, unknown: true, marks: true }],
    result: type,
    call: (value) => {
      const result = converted(value, type);
      return typeof result === "string" ? new Fault(result, 0) : result;
    }
  };
}
var conversionFunctions;
var init_conversions = __esm({
  "src/evaluation/functions/conversions.ts"() {
    "use strict";
    init_values();
    init_convert();
    init_fault();
    conversionFunctions = [
      conversion("tostring", STRING),
      conversion("tonumber", NUMBER),
      conversion("tobool", BOOL),
      conversion("tolist", { kind: "list", element: DYNAMIC }),
      conversion("toset", { kind: "set", element: DYNAMIC }),
      conversion("tomap", { kind: "map", element: DYNAMIC })
    ];
  }
});

// src/evaluation/jsonText.ts
function valueToJsonText(value) {
  const { raw } = value;
  if (raw === null || typeof raw === "boolean") return String(raw);
  if (typeof raw === "string") return quoteJson(raw);
  if (Array.isArray(raw)) return `[${raw.map(valueToJsonText).join(",")}]`;
  if (raw instanceof Map) {
    const entries3 = [...sortedEntries(raw)];
    return `{${entries3.map(([name, item]) => `${quoteJson(name)}:${valueToJsonText(item)}`).join(",")}}`;
  }
  return formatNumber(raw);
}
function quoteJson(text) {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (character) => escaped[character]);
}
function valueFromJsonText(text) {
  const reader = new Reader(text);
  try {
    return reader.document();
  } catch (error) {
    if (error instanceof Unreadable) return new JsonFault(error.message);
    throw error;
  }
}
var escaped, JsonFault, deepest, Unreadable, Reader, jsonNumber, words;
var init_jsonText = __esm({
  "src/evaluation/jsonText.ts"() {
    "use strict";
    init_bigfloat();
    init_values();
    init_order();
    escaped = {
      "<": "\\u003c",
      ">": "\\u003e",
      "&": "\\u0026",
      "\u2028": "\\u2028",
      "\u2029": "\\u2029"
    };
    JsonFault = class {
      reason;
      constructor(reason) {
        this.reason = reason;
      }
    };
    deepest = 1e3;
    Unreadable = class extends Error {
    };
    Reader = class {
      #text;
      #at = 0;
      #depth = 0;
      constructor(text) {
        this.#text = text;
      }
      document() {
        const value = this.#value();
        this.#skipSpace();
        if (this.#at < this.#text.length) this.#fail("something follows the value");
        return value;
      }
      #fail(what) {
        const before = this.#text.slice(0, this.#at);
        const line2 = before.split("\n").length;
        throw new Unreadable(`${what} at line ${line2}, character ${this.#at - before.lastIndexOf("\n")}`);
      }
      #skipSpace() {
        for (; ; ) {
          const code = this.#text.charCodeAt(this.#at);
          if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
          this.#at++;
        }
      }
      #value() {
        this.#skipSpace();
        const character = this.#text[this.#at];
        if (character === void 0) this.#fail("the text ends where a value is expected");
        if (character === "{") return this.#nested(() => this.#object());
        if (character === "[") return this.#nested(() => this.#array());
        if (character === '"') return stringValue(this.#string());
        for (const [word, value] of words) {
          if (!this.#text.startsWith(word, this.#at)) continue;
          this.#at += word.length;
          return value;
        }
        return this.#number();
      }
      #nested(read) {
        if (++this.#depth > deepest) this.#fail("values are nested too deeply");
        this.#at++;
        const value = read();
        this.#depth--;
        return value;
      }
      #object() {
        const attributes = /* @__PURE__ */ new Map();
        this.#skipSpace();
        if (this.#takes("}")) return objectValue(attributes);
        do {
          this.#skipSpace();
          if (this.#text[this.#at] !== '"') this.#fail("a name in double quotes is expected");
          const name = this.#string();
          this.#skipSpace();
          if (!this.#takes(":")) this.#fail('":" is expected');
          attributes.set(name, this.#value());
          this.#skipSpace();
        } while (this.#takes(","));
        if (!this.#takes("}")) this.#fail('"," or "}" is expected');
        return objectValue(sortedMap(attributes));
      }
      #array() {
        const items = [];
        this.#skipSpace();
        if (this.#takes("]")) return tupleValue(items);
        do {
          items.push(this.#value());
          this.#skipSpace();
        } while (this.#takes(","));
        if (!this.#takes("]")) this.#fail('"," or "]" is expected');
        return tupleValue(items);
      }
      #takes(character) {
        if (this.#text[this.#at] !== character) return false;
        this.#at++;
        return true;
      }
      #string() {
        const start = this.#at;
        for (let at2 = start + 1; at2 < this.#text.length; at2++) {
          const code = this.#text.charCodeAt(at2);
          if (code === 92) at2++;
          else if (code === 34) {
            this.#at = at2 + 1;
            return this.#unescaped(this.#text.slice(start, at2 + 1), start);
          }
        }
        return this.#fail("a string has no end");
      }
      #unescaped(quoted2, start) {
        try {
          return JSON.parse(quoted2).normalize("NFC");
        } catch {
          this.#at = start;
          return this.#fail("a string with a wrong escape or a control character");
        }
      }
      #number() {
        const match = jsonNumber.exec(this.#text.slice(this.#at, this.#at + 1e3));
        const number = match ? numberFromText(match[0]) : void 0;
        if (!match || number === void 0) this.#fail("a value is expected");
        this.#at += match[0].length;
        return numberValue(number);
      }
    };
    jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/;
    words = [
      ["true", boolValue(true)],
      ["false", boolValue(false)],
      ["null", NULL]
    ];
  }
});

// src/evaluation/functions/encoding.ts
var encodingFunctions;
var init_encoding = __esm({
  "src/evaluation/functions/encoding.ts"() {
    "use strict";
    init_values();
    init_fault();
    init_jsonText();
    encodingFunctions = [
      {
        name: "jsonencode",
        parameters: [{ name: "value", type: DYNAMIC, nullable: true }],
        result: STRING,
        call: (value) => stringValue(valueToJsonText(value))
      },
      {
        name: "jsondecode",
        parameters: [{ name: "text", type: STRING }],
        result: DYNAMIC,
        call: (text) => {
          const result = valueFromJsonText(text.raw);
          return result instanceof JsonFault ? new Fault(`it is no JSON: ${result.reason}`, 0) : result;
        }
      }
    ];
  }
});

// src/evaluation/functions/decimal.ts
function formatInteger(verb, num) {
  const integer = toBigInt(num);
  const negative = integer < 0n;
  let digits = (negative ? -integer : integer).toString(bases[verb.letter]);
  if (verb.letter === "X") digits = digits.toUpperCase();
  if (verb.precision !== void 0) digits = digits.padStart(verb.precision, "0");
  const prefix = verb.sharp ? prefixes[verb.letter] ?? "" : "";
  const sign = signOf(verb, negative) + prefix;
  if (verb.zero && !verb.minus && verb.precision === void 0)
    return sign + digits.padStart((verb.width ?? 0) - sign.length, "0");
  return aligned(verb, sign + digits);
}
function formatDecimal(verb, num) {
  const negative = compare(num, 0) < 0;
  const sign = signOf(verb, negative);
  const letter = verb.letter.toLowerCase();
  let digits;
  if (letter === "f") digits = fixed(num, verb.precision ?? 6);
  else if (letter === "e") digits = scientific(num, verb.precision ?? 6);
  else digits = general(num, verb.precision);
  if (verb.letter !== letter) digits = digits.toUpperCase();
  if (verb.zero) return sign + digits.padStart((verb.width ?? 0) - sign.length, "0");
  return aligned(verb, sign + digits);
}
function signOf(verb, negative) {
  if (negative) return "-";
  if (verb.plus) return "+";
  return verb.space ? " " : "";
}
function aligned({ width = 0, minus }, text) {
  return minus ? text.padEnd(width) : text.padStart(width);
}
function fixed(num, precision) {
  const exact = exactDecimalOf(num);
  return plain2(roundDecimal(exact, exact.point + precision), precision);
}
function scientific(num, precision) {
  return withExponent(roundDecimal(exactDecimalOf(num), precision + 1), precision);
}
function general(num, precision) {
  const decimal = precision === void 0 ? shortestDecimal(num) : roundDecimal(exactDecimalOf(num), precision || 1);
  const count = decimal.digits.length;
  const exponent = decimal.point - 1;
  let limit = precision === void 0 ? 6 : precision || 1;
  if (precision !== void 0 && limit > count && count >= decimal.point) limit = count;
  if (precision === void 0) limit = Math.max(limit, 6);
  if (count > 0 && (exponent < -4 || exponent >= limit)) return withExponent(decimal, count - 1);
  return plain2(decimal, Math.max(count - decimal.point, 0));
}
function plain2({ digits, point }, places) {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  if (places === 0) return whole;
  const fraction = point >= 0 ? digits.slice(point) : "0".repeat(-point) + digits;
  return `${whole}.${fraction.slice(0, places).padEnd(places, "0")}`;
}
function withExponent({ digits, point }, places) {
  const exponent = digits === "" ? 0 : point - 1;
  const mantissa = digits.padEnd(places + 1, "0");
  const fraction = places > 0 ? `.${mantissa.slice(1, places + 1)}` : "";
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa[0]}${fraction}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
var bases, prefixes;
var init_decimal = __esm({
  "src/evaluation/functions/decimal.ts"() {
    "use strict";
    init_bigfloat();
    bases = { b: 2, d: 10, o: 8, x: 16, X: 16 };
    prefixes = { b: "0b", o: "0", x: "0x", X: "0X" };
  }
});

// src/evaluation/functions/format.ts
function format(...values2) {
  const [template, ...given2] = values2;
  const text = template.raw;
  let result = "";
  let end = 0;
  let next = 1;
  let most = 0;
  for (const match of text.matchAll(verbs)) {
    result += text.slice(end, match.index);
    end = match.index + match[0].length;
    if (match[0] === "%%") {
      result += "%";
      continue;
    }
    const verb = verbOf(match);
    if (verb instanceof Fault) return verb;
    const position2 = match[4] === void 0 ? next : Number(match[4]);
    next = position2 + 1;
    most = Math.max(most, position2);
    const value = given2[position2 - 1];
    if (!value)
      return new Fault(`"${verb.text}" needs argument ${position2} after the format; there are ${given2.length}`);
    const formatted = formatOne(verb, value);
    if (formatted instanceof Fault) return new Fault(formatted.reason, position2);
    result += formatted;
  }
  if (most < given2.length) {
    const used = most === 0 ? "none of them" : most === 1 ? "only the first" : `only the first ${most}`;
    return new Fault(`the format uses ${used}`, most + 1);
  }
  return stringValue(result + text.slice(end));
}
function verbOf(match) {
  const flags = match[1] ?? "";
  const letter = match[5];
  if (letter === void 0)
    return new Fault(
      `${quoteJson(match[0])} at character ${(match.index ?? 0) + 1} has no letter that says how to format; for a percent sign write %%`,
      0
    );
  const width = match[2] === void 0 ? void 0 : Number(match[2]);
  const precision = match[3] === void 0 ? void 0 : Number(match[3]);
  if (Math.max(width ?? 0, precision ?? 0) > WIDEST) return new Fault(`"${match[0]}" is wider than ${WIDEST}`, 0);
  return {
    text: match[0],
    sharp: flags.includes("#"),
    zero: flags.includes("0"),
    minus: flags.includes("-"),
    plus: flags.includes("+"),
    space: flags.includes(" "),
    width,
    precision,
    letter
  };
}
function formatOne(verb, value) {
  switch (verb.letter) {
    case "v":
      return pad(verb, asIs(verb, value));
    case "t":
      return withType(verb, value, BOOL, (one) => String(one.raw));
    case "b":
    case "d":
    case "o":
    case "x":
    case "X":
      return withType(
        verb,
        value,
        NUMBER,
        ({ raw }) => isWhole(raw) ? formatInteger(verb, raw) : new Fault(`"${verb.text}" needs a whole number`)
      );
    case "e":
    case "E":
    case "f":
    case "g":
    case "G":
      return withType(verb, value, NUMBER, ({ raw }) => formatDecimal(verb, raw));
    case "s":
      return withType(verb, value, STRING, ({ raw }) => pad(verb, shortened(verb, raw)));
    case "q":
      return withType(verb, value, STRING, ({ raw }) => pad(verb, quoteJson(shortened(verb, raw))));
    default:
      return new Fault(`there is no "${verb.text}"; there are %s %q %d %v %t %b %o %x %X %e %E %f %g %G`);
  }
}
function withType(verb, value, type, write) {
  const result = value.raw === null ? "it is null" : converted(value, type);
  return typeof result === "string" ? new Fault(`"${verb.text}" cannot format it: ${result}`) : write(result);
}
function asIs(verb, value) {
  if (!verb.sharp && typeof value.raw === "string") return value.raw;
  if (!verb.sharp && value.raw !== null && value.type.kind === "number") {
    return formatDecimal(
      { ...verb, letter: "g", precision: void 0, width: void 0, plus: false, space: false },
      value.raw
    );
  }
  return valueToJsonText(value);
}
function shortened({ precision }, text) {
  if (!precision) return text;
  let end = 0;
  let count = 0;
  for (const { segment } of segmenter3.segment(text)) {
    if (count++ === precision) break;
    end += segment.length;
  }
  return text.slice(0, end);
}
function pad({ width, zero, minus }, text) {
  const missing4 = (width ?? 0) - graphemes(text);
  if (missing4 <= 0) return text;
  const padding = (zero ? "0" : " ").repeat(missing4);
  return minus ? text + padding : padding + text;
}
var verbs, WIDEST, segmenter3, formatFunction;
var init_format = __esm({
  "src/evaluation/functions/format.ts"() {
    "use strict";
    init_bigfloat();
    init_source();
    init_values();
    init_convert();
    init_fault();
    init_jsonText();
    init_decimal();
    verbs = /%(?:%|([#0+\- ]*)(\d+)?(?:\.(\d*))?(?:\[([1-9]\d*)\])?(\p{L})?)/gu;
    WIDEST = 1e4;
    segmenter3 = new Intl.Segmenter("en", { granularity: "grapheme" });
    formatFunction = {
      name: "format",
      parameters: [{ name: "format", type: STRING }],
      variadic: { name: "values", type: DYNAMIC, nullable: true },
      result: STRING,
      call: format
    };
  }
});

// src/evaluation/functions/numbers.ts
function extreme(name, isBetter) {
  return {
    name,
    parameters: [],
    variadic: { name: "numbers", type: NUMBER },
    result: NUMBER,
    call: (...values2) => {
      const numbers = values2.map((one) => one.raw);
      if (numbers.length === 0) return new Fault("at least one number is needed");
      return numberValue(numbers.reduce((best, one) => isBetter(one, best) ? one : best));
    }
  };
}
function range(...values2) {
  const numbers = values2.map((one) => one.raw);
  if (numbers.length === 0 || numbers.length > 3) {
    return new Fault(`it takes an end; a start and an end; or a start, an end and a step. ${numbers.length} are given`);
  }
  const [first, second] = numbers;
  const start = second === void 0 ? 0 : first;
  const end = second ?? first;
  const falling = compare(end, start) < 0;
  const step = numbers[2] ?? (falling ? -1 : 1);
  const direction = compare(step, 0);
  if (direction === 0 && compare(end, start) !== 0) return new Fault("with a step of 0 the end is never reached", 2);
  if (direction < 0 && compare(end, start) > 0)
    return new Fault("with a negative step the end must be below the start", 2);
  if (direction > 0 && falling) return new Fault("with a positive step the end must be above the start", 2);
  const items = [];
  for (let number = start; direction > 0 ? compare(number, end) < 0 : compare(number, end) > 0; number = add(number, step)) {
    if (items.length === longestRange) return new Fault(`the range has more than ${longestRange} numbers`);
    items.push(numberValue(number));
  }
  return { type: { kind: "list", element: NUMBER }, raw: items, sensitive: false };
}
var longestRange, numberFunctions;
var init_numbers = __esm({
  "src/evaluation/functions/numbers.ts"() {
    "use strict";
    init_bigfloat();
    init_values();
    init_fault();
    longestRange = 1024;
    numberFunctions = [
      extreme("max", (one, best) => compare(one, best) > 0),
      extreme("min", (one, best) => compare(one, best) < 0),
      {
        name: "range",
        parameters: [],
        variadic: { name: "limits", type: NUMBER },
        result: { kind: "list", element: NUMBER },
        call: range
      }
    ];
  }
});

// src/evaluation/functions/texts.ts
function mapCase(text, change) {
  if (/^[\x00-\x7f]*$/.test(text)) return change(text);
  let result = "";
  for (const character of text) {
    const changed = change(character);
    if ([...changed].length === 1) result += changed;
    else result += character === "\u0130" ? "i" : character;
  }
  return result;
}
function join6(separator, ...lists) {
  if (lists.length === 0) return new Fault("at least one list is needed");
  const texts2 = [];
  for (const [at2, list] of lists.entries()) {
    for (const [position2, item] of list.raw.entries()) {
      if (item.raw === null) return new Fault(`element ${position2} is null`, at2 + 1);
      texts2.push(item.raw);
    }
  }
  return stringValue(texts2.join(separator.raw));
}
function split(separator, text) {
  const at2 = separator.raw;
  const whole = text.raw;
  const parts = at2 === "" ? [...whole] : whole.split(at2);
  return { type: STRINGS, raw: parts.map(stringValue), sensitive: false };
}
var STRINGS, textFunctions;
var init_texts = __esm({
  "src/evaluation/functions/texts.ts"() {
    "use strict";
    init_values();
    init_fault();
    STRINGS = { kind: "list", element: STRING };
    textFunctions = [
      {
        name: "join",
        parameters: [{ name: "separator", type: STRING }],
        variadic: { name: "lists", type: STRINGS },
        result: STRING,
        call: join6
      },
      {
        name: "split",
        parameters: [
          { name: "separator", type: STRING },
          { name: "text", type: STRING }
        ],
        result: STRINGS,
        call: split
      },
      {
        name: "lower",
        parameters: [{ name: "text", type: STRING }],
        result: STRING,
        call: (text) => stringValue(mapCase(text.raw, (one) => one.toLowerCase()))
      },
      {
        name: "upper",
        parameters: [{ name: "text", type: STRING }],
        result: STRING,
        call: (text) => stringValue(mapCase(text.raw, (one) => one.toUpperCase()))
      }
    ];
  }
});

// src/evaluation/functions.ts
function functions() {
  registry ??= new Map(
    [
      ...collectionFunctions,
      ...conversionFunctions,
      ...encodingFunctions,
      formatFunction,
      ...numberFunctions,
      ...textFunctions
    ].map((one) => [one.name, one])
  );
  return registry;
}
var registry;
var init_functions = __esm({
  "src/evaluation/functions.ts"() {
    "use strict";
    init_collections();
    init_conversions();
    init_encoding();
    init_format();
    init_numbers();
    init_texts();
  }
});

// src/evaluation/call.ts
function evaluateCall(expression, scope, diagnostics) {
  const registry2 = scope.functions ?? functions();
  const declaration = registry2.get(expression.name);
  if (!declaration) {
    const best = suggestionText(expression.name, [...registry2.keys()]);
    const problem = new Problem(`There is no function "${expression.name}"`, best);
    const name = { kind: "literal", value: null, range: expression.nameRange };
    return report(problem, expression.nameRange, name, scope, diagnostics);
  }
  const errors = diagnostics.length;
  const given2 = expression.arguments.map((one) => evaluateInto(one, scope, diagnostics));
  if (diagnostics.length > errors) return UNKNOWN_VALUE;
  const values2 = expression.expandLast ? expand(given2) : given2;
  if (values2 instanceof Problem) {
    const last = expression.arguments.at(-1);
    return report(values2, last.range, last, scope, diagnostics);
  }
  if (!values2)
    return marked(
      unknownValue(declaration.result),
      given2.some((one) => one.sensitive)
    );
  const hidden = expression.expandLast && given2.at(-1)?.sensitive === true;
  const result = callFunction(declaration, values2);
  if (!(result instanceof Fault)) return marked(result, hidden);
  const { argument } = result;
  const at2 = argument === void 0 ? void 0 : Math.min(argument, expression.arguments.length - 1);
  const place3 = at2 === void 0 || at2 < 0 ? expression : expression.arguments[at2];
  return report(describeFault(declaration, result), place3.range, expression, scope, diagnostics);
}
function expand(given2) {
  const last = given2.at(-1);
  const { kind } = last.type;
  const expandable = kind === "list" || kind === "set" || kind === "tuple";
  if (last.raw === UNKNOWN && (expandable || kind === "dynamic")) return void 0;
  if (expandable && Array.isArray(last.raw)) {
    const elements = last.raw.map((one) => marked(one, last.sensitive));
    return [...given2.slice(0, -1), ...elements];
  }
  const what = last.raw === null ? "null" : describeType(last.type);
  return new Problem('"..." expands a list, tuple or set', `The value before it is ${what}.`);
}
function callFunction(declaration, values2) {
  const { parameters, variadic } = declaration;
  const count = countFault(declaration, values2.length);
  if (count) return count;
  const prepared = [];
  let sensitive = false;
  let known4 = true;
  for (const [at2, value] of values2.entries()) {
    const parameter = parameters[at2] ?? variadic;
    if (!parameter) throw new Error(`${declaration.name} has no parameter ${at2}`);
    const argument = prepare(value, parameter, at2);
    if (argument instanceof Fault) return argument;
    if (argument.raw === UNKNOWN ? !parameter.unknown : !isKnownEnough(argument, parameter)) known4 = false;
    if (!parameter.marks && containsSensitive(argument)) {
      sensitive = true;
      prepared.push(unmarked(argument));
    } else prepared.push(argument);
  }
  if (!known4) return marked(unknownValue(declaration.result), sensitive || prepared.some((one) => one.sensitive));
  const result = declaration.call(...prepared);
  if (!(result instanceof Fault)) return marked(result, sensitive);
  return sensitive ? new Fault("it is refused; what it is made of is sensitive and not shown", result.argument) : result;
}
function isKnownEnough(argument, parameter) {
  return parameter.partial === true || parameter.unknown === true || isWhollyKnown(argument);
}
function prepare(value, parameter, at2) {
  if (value.raw === null && !parameter.nullable) return new Fault("it is null", at2);
  const result = converted(value, parameter.type);
  return typeof result === "string" ? new Fault(result, at2) : result;
}
function countFault({ parameters, variadic }, count) {
  const expected = parameters.length;
  if (count < expected) {
    const missing4 = parameters.slice(count).map((one) => `"${one.name}"`);
    return new Fault(`${missing4.join(" and ")} ${missing4.length === 1 ? "is" : "are"} missing`);
  }
  if (variadic || count === expected) return void 0;
  const takes = expected === 0 ? "no arguments" : expected === 1 ? "one argument" : `${expected} arguments`;
  return new Fault(`it takes ${takes}, ${count} are given`);
}
function describeFault(declaration, fault2) {
  const { name, parameters, variadic } = declaration;
  if (fault2.argument === void 0)
    return new Problem(`${name}() cannot be called like this`, `${signature(declaration)}: ${fault2.reason}.`);
  const parameter = parameters[fault2.argument] ?? variadic;
  return new Problem(`Wrong argument of ${name}()`, `The argument "${parameter?.name}" does not fit: ${fault2.reason}.`);
}
function signature({ name, parameters, variadic }) {
  const names = parameters.map((one) => one.name);
  if (variadic) names.push(`${variadic.name}...`);
  return `${name}(${names.join(", ")})`;
}
var init_call = __esm({
  "src/evaluation/call.ts"() {
    "use strict";
    init_values();
    init_convert();
    init_evaluate();
    init_fault();
    init_functions();
    init_marks();
    init_problem();
    init_types();
  }
});

// src/evaluation/collections.ts
function evaluateTuple(expression, scope, diagnostics) {
  return tupleValue(expression.items.map((item) => evaluateInto(item, scope, diagnostics)));
}
function evaluateObject(expression, scope, diagnostics) {
  const attributes = /* @__PURE__ */ new Map();
  let sensitive = false;
  let known4 = true;
  for (const { key, value } of expression.items) {
    const name = key.kind === "literal" && typeof key.value === "string" ? key.value : evaluateKey(key, scope, diagnostics);
    const item = evaluateInto(value, scope, diagnostics);
    if (typeof name === "string") {
      attributes.set(name, item);
      continue;
    }
    sensitive ||= name.sensitive;
    if (name.raw === UNKNOWN) known4 = false;
    else attributes.set(name.raw, item);
  }
  if (!known4) return marked(UNKNOWN_VALUE, sensitive);
  return marked(objectValue(sortedMap(attributes)), sensitive);
}
function evaluateKey(key, scope, diagnostics) {
  const given2 = evaluateInto(key, scope, diagnostics);
  const result = given2.raw === null ? "it is null" : converted(given2, STRING);
  if (typeof result !== "string") return result;
  const problem = new Problem("The key must be a string", `This value cannot be a key: ${result}.`);
  return report(problem, key.range, key, scope, diagnostics);
}
var init_collections2 = __esm({
  "src/evaluation/collections.ts"() {
    "use strict";
    init_values();
    init_convert();
    init_evaluate();
    init_marks();
    init_order();
    init_problem();
  }
});

// src/evaluation/conditional.ts
function evaluateConditional(expression, scope, diagnostics) {
  const condition = evaluateCondition(expression.condition, scope, diagnostics);
  const thenErrors = [];
  const otherwiseErrors = [];
  const then = evaluateInto(expression.then, scope, thenErrors);
  const otherwise = evaluateInto(expression.otherwise, scope, otherwiseErrors);
  const type = commonType(then, otherwise);
  if (!type) {
    const detail = `The two results of a conditional must be of one type, but after "?" stands ${describeType(then.type)} and after ":" ${describeType(otherwise.type)}.`;
    return report(
      new Problem("The results have different types", detail),
      expression.range,
      expression,
      scope,
      diagnostics
    );
  }
  if (!condition) return UNKNOWN_VALUE;
  if (condition.raw === UNKNOWN) {
    return marked(unknownValue(type), condition.sensitive || then.sensitive || otherwise.sensitive);
  }
  const taken = condition.raw === true;
  diagnostics.push(...taken ? thenErrors : otherwiseErrors);
  const result = converted(taken ? then : otherwise, type);
  if (typeof result === "string") {
    const chosen = taken ? expression.then : expression.otherwise;
    const detail = `This result does not convert to the type it has in common with the other one: ${result}.`;
    return report(new Problem("The results have different types", detail), chosen.range, chosen, scope, diagnostics);
  }
  return marked(result, condition.sensitive);
}
function evaluateCondition(expression, scope, diagnostics) {
  const errors = diagnostics.length;
  const value = evaluateInto(expression, scope, diagnostics);
  if (diagnostics.length > errors) return void 0;
  const result = value.raw === null ? "it is null" : converted(value, BOOL);
  if (typeof result !== "string") return result;
  const problem = new Problem("The condition must be true or false", `This value is neither: ${result}.`);
  report(problem, expression.range, expression, scope, diagnostics);
  return void 0;
}
function commonType(then, otherwise) {
  if (isBareNull(then)) return otherwise.type;
  if (isBareNull(otherwise)) return then.type;
  if (then.type.kind === "dynamic" || otherwise.type.kind === "dynamic") return DYNAMIC;
  return unify([then.type, otherwise.type]);
}
function isBareNull(value) {
  return value.raw === null && value.type.kind === "dynamic";
}
var init_conditional = __esm({
  "src/evaluation/conditional.ts"() {
    "use strict";
    init_values();
    init_convert();
    init_evaluate();
    init_marks();
    init_problem();
    init_types();
    init_unify();
  }
});

// src/evaluation/scope.ts
var LocalScope;
var init_scope = __esm({
  "src/evaluation/scope.ts"() {
    "use strict";
    LocalScope = class {
      functions;
      #outer;
      #keyName;
      #valueName;
      #key;
      #value;
      constructor(outer, keyName, valueName) {
        this.#outer = outer;
        this.#keyName = keyName;
        this.#valueName = valueName;
        this.functions = outer.functions;
      }
      /** The next element. */
      bind(key, value) {
        this.#key = key;
        this.#value = value;
      }
      member(root2, name) {
        return root2 === this.#valueName || root2 === this.#keyName ? void 0 : this.#outer.member(root2, name);
      }
      lookup(root2) {
        if (root2 === this.#valueName) return this.#value;
        return root2 === this.#keyName ? this.#key : this.#outer.lookup(root2);
      }
      names(root2) {
        if (root2 === this.#valueName || root2 !== void 0 && root2 === this.#keyName) return [];
        const outer = this.#outer.names(root2);
        if (root2 !== void 0) return outer;
        return [this.#valueName, ...this.#keyName === void 0 ? [] : [this.#keyName], ...outer];
      }
    };
  }
});

// src/evaluation/forExpression.ts
function evaluateFor(expression, scope, diagnostics) {
  const errors = diagnostics.length;
  const collection = evaluateInto(expression.collection, scope, diagnostics);
  if (diagnostics.length > errors) return UNKNOWN_VALUE;
  const problem = iterationProblem(collection);
  if (problem) return report(problem, expression.collection.range, expression.collection, scope, diagnostics);
  if (!isIterationKnown(collection)) return marked(UNKNOWN_VALUE, collection.sensitive);
  const loop = new Loop(expression, scope, collection.sensitive);
  for (const [key, value] of iterate(collection)) {
    loop.add(key, value, diagnostics);
    if (diagnostics.length > errors) return UNKNOWN_VALUE;
  }
  return loop.result();
}
var Loop;
var init_forExpression = __esm({
  "src/evaluation/forExpression.ts"() {
    "use strict";
    init_values();
    init_collections2();
    init_conditional();
    init_evaluate();
    init_iteration();
    init_marks();
    init_order();
    init_problem();
    init_scope();
    Loop = class {
      #expression;
      #scope;
      #items = [];
      #attributes = /* @__PURE__ */ new Map();
      #groups = /* @__PURE__ */ new Map();
      #known = true;
      #sensitive;
      constructor(expression, scope, sensitive) {
        this.#expression = expression;
        this.#scope = new LocalScope(scope, expression.keyName, expression.valueName);
        this.#sensitive = sensitive;
      }
      add(key, value, diagnostics) {
        const expression = this.#expression;
        const scope = this.#scope;
        scope.bind(key, value);
        if (expression.condition && !this.#wanted(expression.condition, diagnostics)) return;
        if (!expression.key) {
          this.#items.push(evaluateInto(expression.value, scope, diagnostics));
          return;
        }
        const errors = diagnostics.length;
        const name = evaluateKey(expression.key, scope, diagnostics);
        const item = evaluateInto(expression.value, scope, diagnostics);
        this.#sensitive ||= name.sensitive;
        if (name.raw === UNKNOWN) this.#known = false;
        else if (diagnostics.length === errors) this.#put(name, item, expression.key, diagnostics);
      }
      #wanted(condition, diagnostics) {
        const wanted = evaluateCondition(condition, this.#scope, diagnostics);
        if (!wanted) return false;
        this.#sensitive ||= wanted.sensitive;
        if (wanted.raw === UNKNOWN) this.#known = false;
        return wanted.raw === true;
      }
      #put(key, item, expression, diagnostics) {
        const name = key.raw;
        if (this.#expression.group) {
          const group = this.#groups.get(name);
          if (group) group.push(item);
          else this.#groups.set(name, [item]);
        } else if (this.#attributes.has(name)) {
          const which = this.#sensitive ? "the same key" : `the key ${JSON.stringify(name)}`;
          const detail = `Two elements give ${which}. Put "..." after the value to collect all values of a key in a list.`;
          report(new Problem("A key occurs twice", detail), expression.range, expression, this.#scope, diagnostics);
        } else {
          this.#attributes.set(name, item);
        }
      }
      result() {
        if (!this.#known) return marked(UNKNOWN_VALUE, this.#sensitive);
        if (!this.#expression.key) return marked(tupleValue(this.#items), this.#sensitive);
        for (const [name, items] of this.#groups) this.#attributes.set(name, tupleValue(items));
        return marked(objectValue(sortedMap(this.#attributes)), this.#sensitive);
      }
    };
  }
});

// src/evaluation/operators.ts
function evaluateUnary(expression, scope, diagnostics) {
  const type = expression.operator === "-" ? NUMBER : BOOL;
  const given2 = evaluateInto(expression.operand, scope, diagnostics);
  const operand = checked(given2, type, expression.operator, expression.operand, scope, diagnostics);
  if (!operand) return UNKNOWN_VALUE;
  const { raw, sensitive } = operand;
  if (raw === UNKNOWN) return operand;
  return marked(type === NUMBER ? numberValue(negate(raw)) : boolValue(!raw), sensitive);
}
function evaluateBinary(expression, scope, diagnostics) {
  const { operator } = expression;
  const left = evaluateInto(expression.left, scope, diagnostics);
  if (operator === "&&" || operator === "||") return logical(expression, left, scope, diagnostics);
  const right = evaluateInto(expression.right, scope, diagnostics);
  if (operator === "==" || operator === "!=") return equality(operator, left, right);
  const a = checked(left, NUMBER, operator, expression.left, scope, diagnostics);
  const b = checked(right, NUMBER, operator, expression.right, scope, diagnostics);
  if (!a || !b) return UNKNOWN_VALUE;
  const sensitive = a.sensitive || b.sensitive;
  if ((operator === "/" || operator === "%") && b.raw === 0) {
    const problem = new Problem("Division by zero", `The right side of "${operator}" is 0.`);
    return report(problem, expression.right.range, expression, scope, diagnostics);
  }
  if (a.raw === UNKNOWN || b.raw === UNKNOWN) return marked(unknownValue(resultType(operator)), sensitive);
  return marked(calculate(operator, a.raw, b.raw), sensitive);
}
function resultType(operator) {
  return operator === "<" || operator === "<=" || operator === ">" || operator === ">=" ? BOOL : NUMBER;
}
function calculate(operator, left, right) {
  switch (operator) {
    case "+":
      return numberValue(add(left, right));
    case "-":
      return numberValue(subtract(left, right));
    case "*":
      return numberValue(multiply(left, right));
    case "/":
      return numberValue(divide(left, right));
    case "%":
      return numberValue(remainder(left, right));
    case "<":
      return boolValue(compare(left, right) < 0);
    case "<=":
      return boolValue(compare(left, right) <= 0);
    case ">":
      return boolValue(compare(left, right) > 0);
    case ">=":
      return boolValue(compare(left, right) >= 0);
    default:
      throw new Error(`${operator} is not a number's`);
  }
}
function equality(operator, left, right) {
  const same = equal(left, right);
  const result = same === void 0 ? unknownValue(BOOL) : boolValue(same === (operator === "=="));
  return marked(result, containsSensitive(left) || containsSensitive(right));
}
function logical(expression, left, scope, diagnostics) {
  const { operator } = expression;
  const decisive = operator === "||";
  const a = checked(left, BOOL, operator, expression.left, scope, diagnostics);
  if (a?.raw === decisive) return a;
  const right = evaluateInto(expression.right, scope, diagnostics);
  const b = checked(right, BOOL, operator, expression.right, scope, diagnostics);
  if (!a || !b) return UNKNOWN_VALUE;
  const sensitive = a.sensitive || b.sensitive;
  if (b.raw === decisive) return marked(b, sensitive);
  return marked(a.raw === UNKNOWN ? a : b, sensitive);
}
function checked(operand, type, operator, expression, scope, diagnostics) {
  const { raw } = operand;
  if (raw !== null && operand.type.kind === type.kind) return operand;
  const result = raw === null ? "it is null" : converted(operand, type);
  if (typeof result !== "string") return result;
  const problem = new Problem(`"${operator}" needs a ${type.kind}`, `This operand does not fit: ${result}.`);
  report(problem, expression.range, expression, scope, diagnostics);
  return void 0;
}
var init_operators = __esm({
  "src/evaluation/operators.ts"() {
    "use strict";
    init_bigfloat();
    init_values();
    init_convert();
    init_equality();
    init_evaluate();
    init_marks();
    init_problem();
  }
});

// src/evaluation/traversal.ts
function evaluateTraversal(expression, scope, diagnostics) {
  const steps2 = [];
  let base = expression;
  for (; ; ) {
    if (base.kind === "parentheses") base = base.inner;
    else if (base.kind === "attribute" || base.kind === "index") {
      steps2.push(base);
      base = base.object;
    } else break;
  }
  const errors = diagnostics.length;
  let value;
  if (base.kind === "variable") {
    const first = steps2.at(-1);
    const name = first && constantName(first);
    if (name !== void 0) value = scope.member(base.name, name);
    if (value) steps2.pop();
    else value = root(base, first, name, scope, diagnostics);
  } else {
    value = evaluateInto(base, scope, diagnostics);
  }
  for (let step = steps2.pop(); step !== void 0; step = steps2.pop()) {
    if (diagnostics.length > errors) return UNKNOWN_VALUE;
    value = takeStep(value, step, scope, diagnostics);
  }
  return value;
}
function constantName(step) {
  if (step.kind === "attribute") return step.legacyIndex ? void 0 : step.name;
  return step.key.kind === "literal" && typeof step.key.value === "string" ? step.key.value : void 0;
}
function root(base, first, name, scope, diagnostics) {
  const members = first && name !== void 0 ? scope.names(base.name) : [];
  if (name === void 0 || members.length === 0 || members.includes(name)) {
    const value = scope.lookup(base.name);
    if (value) return value;
    if (name === void 0 || !scope.names().includes(base.name)) {
      const detail = `Nothing of this name can be referred to here. ${suggestionText(base.name, scope.names())}`;
      return report(new Problem(`Unknown name "${base.name}"`, detail), base.range, base, scope, diagnostics);
    }
  }
  const problem = new Problem(`${base.name}.${name} does not exist`, suggestionText(name, members, `${base.name}.`));
  return report(problem, first.range, base, scope, diagnostics);
}
function takeStep(value, step, scope, diagnostics) {
  if (step.kind === "attribute") {
    const result2 = attributeStep(value, step.name, step.legacyIndex);
    return result2 instanceof Problem ? report(result2, step.nameRange, step.object, scope, diagnostics) : result2;
  }
  const errors = diagnostics.length;
  const key = evaluateInto(step.key, scope, diagnostics);
  if (diagnostics.length > errors) return UNKNOWN_VALUE;
  const result = index(value, key);
  return result instanceof Problem ? report(result, step.key.range, step, scope, diagnostics) : result;
}
function attributeStep(value, name, legacyIndex) {
  return legacyIndex ? index(value, numberValue(Number(name))) : attribute(value, name);
}
function attribute(value, name) {
  const { raw, type } = value;
  if (raw === null) {
    return new Problem(
      `Null has no attribute "${name}"`,
      "The value before the dot is null, so there is nothing in it."
    );
  }
  if (type.kind === "object" || type.kind === "map") {
    if (raw === UNKNOWN) return unknownAttribute(value, name);
    const found = raw.get(name);
    if (found) return marked(found, value.sensitive);
    return missing2(value, name, raw);
  }
  if (type.kind === "dynamic") return marked(UNKNOWN_VALUE, value.sensitive);
  const sequence4 = type.kind === "list" || type.kind === "tuple" || type.kind === "set";
  const help = sequence4 ? ` To take it of one element use [0].${name}; of all of them, [*].${name}.` : "";
  return new Problem(`This value has no attributes`, `It is ${describeType(type)}, so it has no "${name}".${help}`);
}
function unknownAttribute(value, name) {
  const { type } = value;
  if (type.kind === "map") return { ...unknownValue(type.element), sensitive: value.sensitive };
  if (type.kind !== "object") return UNKNOWN_VALUE;
  const attributeType = type.attributes.get(name);
  return attributeType ? { ...unknownValue(attributeType), sensitive: value.sensitive } : missing2(value, name, type.attributes);
}
function missing2(value, name, among) {
  const [what, part] = value.type.kind === "map" ? ["map", "element"] : ["object", "attribute"];
  const known4 = value.sensitive ? "" : ` ${suggestionText(name, [...among.keys()])}`;
  return new Problem(`There is no ${part} ${JSON.stringify(name)}`, `This ${what} does not have it.${known4}`);
}
function index(value, key) {
  const { raw, type } = value;
  const sensitive = value.sensitive || key.sensitive;
  if (raw === null)
    return new Problem("Null has no elements", "The value before the bracket is null, so there is nothing in it.");
  if (key.raw === null) return new Problem("The index is null", "Null does not say which element is meant.");
  switch (type.kind) {
    case "list":
    case "tuple":
      return markedResult(element(value, key), sensitive);
    case "map":
    case "object":
      return markedResult(entry(value, key), sensitive);
    case "dynamic":
      return marked(UNKNOWN_VALUE, sensitive);
    case "set":
      return new Problem(
        "The elements of a set have no index",
        "A set has no order, so its elements cannot be told apart by number. Use tolist() on it first, or a for expression."
      );
    default:
      return new Problem("This value has no elements", `It is ${describeType(type)}.`);
  }
}
function markedResult(result, sensitive) {
  return result instanceof Problem ? result : marked(result, sensitive);
}
function element(value, key) {
  const position2 = converted(key, NUMBER);
  if (typeof position2 === "string") return new Problem("The index must be a number", `${capital2(position2)}.`);
  const { type } = value;
  if (position2.raw === UNKNOWN || value.raw === UNKNOWN) {
    if (type.kind === "list") return unknownValue(type.element);
    const at3 = position2.raw;
    const known4 = type.kind === "tuple" && typeof at3 === "number" ? type.elements[at3] : void 0;
    return known4 ? unknownValue(known4) : UNKNOWN_VALUE;
  }
  const items = value.raw;
  const at2 = position2.raw;
  const item = typeof at2 === "number" ? items[at2] : void 0;
  if (item) return item;
  const which = key.sensitive ? "The index" : `Index ${formatNumber(at2)}`;
  if (!isWhole(at2)) return new Problem(`${which} is not whole`, "Elements are counted in whole numbers, from 0.");
  if (compare(at2, 0) < 0) {
    return new Problem(`${which} is negative`, "Elements are counted from 0. The last one is list[length(list) - 1].");
  }
  const count = items.length;
  const many = count === 0 ? "it is empty" : count === 1 ? "it has one element, number 0" : `it has ${count} elements, 0 to ${count - 1}`;
  return new Problem(`${which} is past the end`, `There is no such element in this ${type.kind}: ${many}.`);
}
function entry(value, key) {
  const name = converted(key, STRING);
  if (typeof name === "string") return new Problem("The key must be a string", `${capital2(name)}.`);
  const { type } = value;
  if (name.raw === UNKNOWN) return type.kind === "map" ? unknownValue(type.element) : UNKNOWN_VALUE;
  if (value.raw === UNKNOWN) return unknownAttribute(value, name.raw);
  const entries3 = value.raw;
  const found = entries3.get(name.raw);
  if (found) return found;
  return key.sensitive ? new Problem("There is no such element", "The key is sensitive and not shown.") : missing2(value, name.raw, entries3);
}
function capital2(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
var init_traversal = __esm({
  "src/evaluation/traversal.ts"() {
    "use strict";
    init_bigfloat();
    init_values();
    init_convert();
    init_evaluate();
    init_marks();
    init_problem();
    init_types();
  }
});

// src/evaluation/splat.ts
function evaluateSplat(expression, scope, diagnostics) {
  const { source, steps: steps2 } = expression;
  const errors = diagnostics.length;
  const value = evaluateInto(source, scope, diagnostics);
  if (diagnostics.length > errors) return UNKNOWN_VALUE;
  return new Splat(source, scope, diagnostics).over(value, steps2, source.range);
}
function collected(results, asList) {
  const tuple = tupleValue(results);
  const [first] = results;
  if (!asList || !first || !results.every((one) => sameType(one.type, first.type))) return tuple;
  return { type: { kind: "list", element: first.type }, raw: results, sensitive: false };
}
var Splat;
var init_splat = __esm({
  "src/evaluation/splat.ts"() {
    "use strict";
    init_values();
    init_evaluate();
    init_marks();
    init_problem();
    init_traversal();
    init_types();
    Splat = class {
      #source;
      #scope;
      #diagnostics;
      constructor(source, scope, diagnostics) {
        this.#source = source;
        this.#scope = scope;
        this.#diagnostics = diagnostics;
      }
      /** `range` is that of the text before the star, or of the star. */
      over(source, steps2, range2) {
        const { kind } = source.type;
        const isSequence = kind === "list" || kind === "tuple" || kind === "set";
        if (source.raw === null) {
          if (!isSequence) return marked(tupleValue([]), source.sensitive);
          return this.#report(
            new Problem("A splat of null", `Before the star stands null where ${describeType(source.type)} is needed.`),
            range2
          );
        }
        if (source.raw === UNKNOWN && (isSequence || kind === "dynamic")) return marked(UNKNOWN_VALUE, source.sensitive);
        const items = isSequence ? source.raw : [source];
        const errors = this.#diagnostics.length;
        const results = [];
        for (const item of items) {
          results.push(this.#take(marked(item, source.sensitive), steps2));
          if (this.#diagnostics.length > errors) return UNKNOWN_VALUE;
        }
        return marked(collected(results, kind === "list" || kind === "set"), isSequence && source.sensitive);
      }
      #take(item, steps2) {
        const errors = this.#diagnostics.length;
        let value = item;
        for (const step of steps2) {
          const result = this.#step(value, step);
          if (result instanceof Problem) return this.#report(result, step.range);
          if (this.#diagnostics.length > errors) return UNKNOWN_VALUE;
          value = result;
        }
        return value;
      }
      #step(value, step) {
        if (step.kind === "attribute") return attributeStep(value, step.name, step.legacyIndex);
        if (step.kind === "splat") return this.over(value, step.steps, step.range);
        const errors = this.#diagnostics.length;
        const key = evaluateInto(step.key, this.#scope, this.#diagnostics);
        return this.#diagnostics.length > errors ? UNKNOWN_VALUE : index(value, key);
      }
      #report(problem, range2) {
        return report(problem, range2, this.#source, this.#scope, this.#diagnostics);
      }
    };
  }
});

// src/evaluation/template.ts
function evaluateTemplate(expression, scope, diagnostics) {
  const [first] = expression.parts;
  if (expression.wrap && first?.kind === "interpolation") return evaluateInto(first.expression, scope, diagnostics);
  const output2 = new Output(diagnostics);
  output2.parts(expression.parts, scope);
  return output2.result();
}
var Output;
var init_template2 = __esm({
  "src/evaluation/template.ts"() {
    "use strict";
    init_values();
    init_conditional();
    init_convert();
    init_evaluate();
    init_iteration();
    init_problem();
    init_scope();
    Output = class {
      #diagnostics;
      #text = "";
      #known = true;
      #sensitive = false;
      constructor(diagnostics) {
        this.#diagnostics = diagnostics;
      }
      result() {
        return { type: STRING, raw: this.#known ? this.#text : UNKNOWN, sensitive: this.#sensitive };
      }
      parts(parts, scope) {
        for (const part of parts) {
          switch (part.kind) {
            case "text":
              this.#text += part.text;
              break;
            case "interpolation":
              this.#interpolate(part.expression, scope);
              break;
            case "if":
              this.#choose(part, scope);
              break;
            case "for":
              this.#repeat(part, scope);
              break;
          }
        }
      }
      #interpolate(expression, scope) {
        const value = evaluateInto(expression, scope, this.#diagnostics);
        this.#sensitive ||= value.sensitive;
        const result = value.raw === null ? "it is null" : converted(value, STRING);
        if (typeof result === "string") {
          const problem = new Problem(
            "This value cannot be put into a text",
            `Only strings, numbers and bools can be: ${result}.`
          );
          report(problem, expression.range, expression, scope, this.#diagnostics);
          this.#known = false;
        } else if (result.raw === UNKNOWN) this.#known = false;
        else this.#text += result.raw;
      }
      #choose(part, scope) {
        const condition = evaluateCondition(part.condition, scope, this.#diagnostics);
        if (condition) this.#sensitive ||= condition.sensitive;
        if (!condition || condition.raw === UNKNOWN) this.#known = false;
        else this.parts(condition.raw === true ? part.then : part.otherwise, scope);
      }
      #repeat(part, scope) {
        const diagnostics = this.#diagnostics;
        const errors = diagnostics.length;
        const collection = evaluateInto(part.collection, scope, diagnostics);
        this.#sensitive ||= collection.sensitive;
        const problem = diagnostics.length > errors ? void 0 : iterationProblem(collection);
        if (problem) report(problem, part.collection.range, part.collection, scope, diagnostics);
        if (diagnostics.length > errors || !isIterationKnown(collection)) {
          this.#known = false;
          return;
        }
        const local = new LocalScope(scope, part.keyName, part.valueName);
        for (const [key, value] of iterate(collection)) {
          local.bind(key, value);
          this.parts(part.body, local);
          if (diagnostics.length > errors) return;
        }
      }
    };
  }
});

// src/evaluation/evaluate.ts
function evaluate(expression, scope) {
  const diagnostics = [];
  return { value: evaluateInto(expression, scope, diagnostics), diagnostics };
}
function evaluateInto(expression, scope, diagnostics) {
  switch (expression.kind) {
    case "literal":
      return literal(expression.value);
    case "variable":
    case "attribute":
    case "index":
      return evaluateTraversal(expression, scope, diagnostics);
    case "parentheses":
      return evaluateInto(expression.inner, scope, diagnostics);
    case "template":
      return evaluateTemplate(expression, scope, diagnostics);
    case "tuple":
      return evaluateTuple(expression, scope, diagnostics);
    case "object":
      return evaluateObject(expression, scope, diagnostics);
    case "call":
      return evaluateCall(expression, scope, diagnostics);
    case "unary":
      return evaluateUnary(expression, scope, diagnostics);
    case "binary":
      return evaluateBinary(expression, scope, diagnostics);
    case "conditional":
      return evaluateConditional(expression, scope, diagnostics);
    case "for":
      return evaluateFor(expression, scope, diagnostics);
    case "splat":
      return evaluateSplat(expression, scope, diagnostics);
  }
}
function literal(constant) {
  if (typeof constant === "string") return stringValue(constant);
  if (constant === null) return NULL;
  return typeof constant === "boolean" ? boolValue(constant) : numberValue(constant);
}
var init_evaluate = __esm({
  "src/evaluation/evaluate.ts"() {
    "use strict";
    init_values();
    init_call();
    init_collections2();
    init_conditional();
    init_forExpression();
    init_operators();
    init_splat();
    init_template2();
    init_traversal();
  }
});

// src/evaluation/typeConstraint.ts
function parseType(expression) {
  const reader = new TypeReader();
  const type = reader.read(expression);
  return reader.diagnostics.length > 0 ? { diagnostics: reader.diagnostics } : { value: type, diagnostics: [] };
}
var words2, constructors, nothing, TypeReader;
var init_typeConstraint = __esm({
  "src/evaluation/typeConstraint.ts"() {
    "use strict";
    init_diagnostics();
    init_values();
    init_convert();
    init_evaluate();
    init_order();
    init_problem();
    init_types();
    words2 = /* @__PURE__ */ new Map([
      ["string", STRING],
      ["number", NUMBER],
      ["bool", BOOL],
      ["any", DYNAMIC]
    ]);
    constructors = /* @__PURE__ */ new Map([
      ["list", "list(string)"],
      ["set", "set(string)"],
      ["map", "map(string)"],
      ["tuple", "tuple([string, number])"],
      ["object", "object({ name = string })"]
    ]);
    nothing = { member: () => void 0, lookup: () => void 0, names: () => [] };
    TypeReader = class {
      diagnostics = [];
      /** After an error, `any`. */
      read(expression) {
        switch (expression.kind) {
          case "parentheses":
            return this.read(expression.inner);
          case "variable":
            return this.#word(expression.name, expression.range);
          case "call":
            return this.#constructed(expression);
          case "literal":
            if (typeof expression.value === "string" && words2.has(expression.value)) {
              return this.#refuse(
                "A type is written without quotes",
                `Write ${expression.value} instead of "${expression.value}".`,
                expression.range
              );
            }
            break;
          default:
        }
        return this.#refuse(
          "This is no type",
          "A type is string, number, bool or any, or is made with list(), set(), map(), tuple() or object().",
          expression.range
        );
      }
      #refuse(summary2, detail, range2) {
        this.diagnostics.push(errorDiagnostic(summary2, { detail, range: range2 }));
        return DYNAMIC;
      }
      #word(name, range2) {
        const type = words2.get(name);
        if (type) return type;
        const example = constructors.get(name);
        if (example !== void 0) return this.#refuse(`${name} needs to say of what`, `For example ${example}.`, range2);
        const names = [...words2.keys(), ...constructors.keys()];
        return this.#refuse(`There is no type "${name}"`, suggestionText(name, names), range2);
      }
      #constructed(call) {
        const [first, ...more] = call.arguments;
        const { name, range: range2 } = call;
        if (name === "optional") {
          return this.#refuse(
            "optional() stands only for an attribute of object()",
            "For example object({ name = optional(string) }).",
            range2
          );
        }
        const example = constructors.get(name);
        if (example === void 0) {
          if (words2.has(name)) return this.#refuse(`${name} takes no arguments`, `Write ${name} alone.`, range2);
          return this.#refuse(
            `There is no type "${name}()"`,
            suggestionText(name, [...constructors.keys()]),
            call.nameRange
          );
        }
        if (!first || more.length > 0 || call.expandLast) {
          return this.#refuse(`${name}() takes one argument`, `For example ${example}.`, range2);
        }
        if (name === "list" || name === "set" || name === "map") return { kind: name, element: this.read(first) };
        if (name === "tuple") {
          if (first.kind === "tuple") return { kind: "tuple", elements: first.items.map((item) => this.read(item)) };
          return this.#refuse("tuple() takes a list of types in brackets", `For example ${example}.`, first.range);
        }
        if (first.kind === "object") return this.#object(first);
        return this.#refuse("object() takes attributes and their types in braces", `For example ${example}.`, first.range);
      }
      #object({ items }) {
        const attributes = /* @__PURE__ */ new Map();
        const optional = /* @__PURE__ */ new Set();
        const defaults = /* @__PURE__ */ new Map();
        for (const { key, value } of items) {
          if (key.kind !== "literal" || typeof key.value !== "string") {
            this.#refuse("An attribute's name is a plain word", "It cannot be an expression.", key.range);
            continue;
          }
          const name = key.value;
          if (attributes.has(name))
            this.#refuse(`The attribute "${name}" is there twice`, "Remove one of the two.", key.range);
          if (value.kind === "call" && value.name === "optional") {
            const { type, standard } = this.#optional(value);
            attributes.set(name, type);
            optional.add(name);
            if (standard) defaults.set(name, standard);
          } else attributes.set(name, this.read(value));
        }
        return {
          kind: "object",
          attributes: sortedMap(attributes),
          ...optional.size > 0 ? { optional } : {},
          ...defaults.size > 0 ? { defaults } : {}
        };
      }
      #optional(call) {
        const [first, second, ...more] = call.arguments;
        if (!first || more.length > 0 || call.expandLast) {
          return {
            type: this.#refuse(
              "optional() takes a type and perhaps a default",
              "For example optional(number, 3).",
              call.range
            )
          };
        }
        const type = this.read(first);
        if (!second) return { type };
        const { value, diagnostics } = evaluate(second, nothing);
        this.diagnostics.push(...diagnostics);
        if (diagnostics.length > 0 || !isWhollyKnown(value)) return { type };
        const standard = converted(value, type);
        if (typeof standard !== "string") return standard.raw === null ? { type } : { type, standard };
        const detail = `The default must be of the attribute's type, ${formatType(type)}: ${standard}.`;
        return { type: this.#refuse("The default does not fit its type", detail, second.range) };
      }
    };
  }
});

// src/config/constant.ts
function evaluateConstant(expression, wanted, role) {
  const [reference] = references(expression);
  if (reference) {
    const diagnostic = errorDiagnostic(`${role} must be a constant`, {
      detail: `It is read before anything else of the lab, so it cannot refer to "${reference.root}".${quotesHint(expression)}`,
      range: reference.range
    });
    return { diagnostics: [diagnostic] };
  }
  const { value, diagnostics } = evaluate(expression, nothing2);
  if (diagnostics.some((one) => one.severity === "error")) return { diagnostics };
  const converted2 = convertFor(value, wanted);
  if ("value" in converted2) return { value: converted2.value, diagnostics };
  return { diagnostics: [...diagnostics, wrongType(role, wanted, converted2.error, expression)] };
}
function convertFor(value, wanted) {
  const converted2 = convert(value, wanted.type);
  if ("error" in converted2) return converted2;
  return wanted.sensitive ? { value: { ...converted2.value, sensitive: true } } : converted2;
}
function wrongType(role, wanted, error, expression) {
  return errorDiagnostic(`Wrong type for var.${wanted.name}`, {
    detail: `${role} does not fit its type, ${formatType(wanted.type)}: ${error}`,
    range: expression.range
  });
}
function quotesHint(expression) {
  if (expression.kind !== "variable") return "";
  return ` If text is meant, put it in quotes: "${expression.name}".`;
}
var nothing2;
var init_constant = __esm({
  "src/config/constant.ts"() {
    "use strict";
    init_diagnostics();
    init_evaluate();
    init_types();
    init_references();
    nothing2 = { member: () => void 0, lookup: () => void 0, names: () => [] };
  }
});

// src/config/names.ts
import leven2 from "leven";
function isName(text) {
  return pattern2.test(text);
}
function closest(name, candidates) {
  const limit = name.length <= 4 ? 1 : Math.floor((name.length + 2) / 3);
  let best;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = distanceOf(name.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
function distanceOf(left, right, limit) {
  let at2 = 0;
  while (at2 < left.length && left[at2] === right[at2]) at2++;
  const swapped = left.slice(0, at2) + (left[at2 + 1] ?? "") + (left[at2] ?? "") + left.slice(at2 + 2);
  return swapped === right && left !== right ? 1 : leven2(left, right, { maxDistance: limit });
}
function didYouMean(name, candidates) {
  const found = closest(name, candidates);
  return found === void 0 ? "" : ` Did you mean "${found}"?`;
}
function listed(names, joiner = "and") {
  if (names.length < 2) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} ${joiner} ${names[names.length - 1]}`;
}
var pattern2;
var init_names2 = __esm({
  "src/config/names.ts"() {
    "use strict";
    pattern2 = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;
  }
});

// src/config/shape.ts
function checkBody(body, schema, owner, report2) {
  for (const attribute2 of body.attributes) checkAttribute(attribute2, schema, owner, report2);
  const seen = /* @__PURE__ */ new Map();
  for (const block of body.blocks) checkNested(block, schema, owner, seen, report2);
  if (!report2.complete) return;
  for (const [name, attribute2] of requiredOf(schema)) {
    if (body.attributes.some((one) => one.name === name)) continue;
    report2.diagnostics.push(
      errorDiagnostic(`Missing argument "${name}"`, {
        detail: `${capitalised2(owner.title)} needs it: ${attribute2.description}`,
        range: owner.header
      })
    );
  }
}
function requiredOf(schema) {
  let found = required.get(schema);
  if (!found) {
    found = Object.entries(schema.attributes).filter(([, attribute2]) => attribute2.required);
    required.set(schema, found);
  }
  return found;
}
function checkAttribute(attribute2, schema, owner, report2) {
  const { name, nameRange: range2 } = attribute2;
  const known4 = schema.attributes[name];
  if (known4) {
    if (known4.computed && !known4.optional) {
      const detail = `labform decides this value. It can be referred to, and not set: remove the line.`;
      report2.diagnostics.push(errorDiagnostic(`"${name}" cannot be set`, { detail, range: range2 }));
    }
    return;
  }
  if (refuse(name, range2, owner, report2)) return;
  const nested2 = schema.blocks?.[name];
  if (nested2) {
    const detail = `Write it without the equals sign: ${blockForm(name, nested2)}.`;
    report2.diagnostics.push(errorDiagnostic(`"${name}" is a block, not an argument`, { detail, range: range2 }));
    return;
  }
  report2.diagnostics.push(
    errorDiagnostic(`Unknown argument "${name}"`, {
      detail: `${capitalised2(owner.title)} has no argument of this name.${suggestion2(name, schema)}`,
      range: range2
    })
  );
}
function checkNested(block, schema, owner, seen, report2) {
  const nested2 = schema.blocks?.[block.type];
  if (!nested2) {
    if (refuse(block.type, block.typeRange, owner, report2)) return;
    const argument = schema.attributes[block.type];
    report2.diagnostics.push(
      argument ? errorDiagnostic(`"${block.type}" is an argument, not a block`, {
        detail: `Write it with an equals sign: ${block.type} = \u2026.`,
        range: block.headerRange
      }) : errorDiagnostic(`Unknown block "${block.type}"`, {
        detail: `${capitalised2(owner.title)} has no block of this type.${suggestion2(block.type, schema)}`,
        range: block.headerRange
      })
    );
    return;
  }
  const wanted = nested2.nesting === "map" ? 1 : 0;
  const title = [block.type, ...block.labels.map((label) => JSON.stringify(label.text))].join(" ");
  if (block.labels.length === wanted) {
    const first = nested2.nesting === "list" ? void 0 : seen.get(title);
    if (first) {
      report2.diagnostics.push(duplicate(title, `in ${owner.title}`, block.headerRange, first.headerRange));
    } else seen.set(title, block);
  } else report2.diagnostics.push(wrongLabels(block, blockForm(block.type, nested2), wanted));
  checkBody(block.body, nested2, { title, header: block.headerRange }, report2);
}
function duplicate(title, where, second, first) {
  return errorDiagnostic(`Duplicate ${title}`, {
    detail: `It is declared more than once ${where}. Remove one of the two, or give it another name.`,
    range: second,
    related: [{ message: "first declared here", range: first }]
  });
}
function wrongLabels(block, form, wanted) {
  const missing4 = block.labels.length < wanted;
  const extra = block.labels[wanted];
  return errorDiagnostic(missing4 ? `Missing name of ${block.type}` : `Too many names for ${block.type}`, {
    detail: `Write it as ${form}.`,
    range: missing4 || !extra ? block.headerRange : extra.range
  });
}
function blockForm(name, nested2) {
  return nested2.nesting === "map" ? `${name} "name" { \u2026 }` : `${name} { \u2026 }`;
}
function refuse(name, range2, owner, report2) {
  const reason = owner.unsupported?.get(name);
  if (reason === void 0) return false;
  report2.diagnostics.push(errorDiagnostic(`"${name}" cannot be used in ${owner.title}`, { detail: reason, range: range2 }));
  return true;
}
function suggestion2(name, schema) {
  const settable = Object.entries(schema.attributes).filter(([, attribute2]) => !attribute2.computed || attribute2.optional).map(([argument]) => argument);
  const candidates = [...settable, ...Object.keys(schema.blocks ?? {})];
  const meant = didYouMean(name, candidates);
  if (meant !== "" || candidates.length === 0 || candidates.length > 8) return meant;
  return ` It may have ${listed(candidates)}.`;
}
function capitalised2(title) {
  return title.charAt(0).toUpperCase() + title.slice(1);
}
var required;
var init_shape = __esm({
  "src/config/shape.ts"() {
    "use strict";
    init_diagnostics();
    init_names2();
    required = /* @__PURE__ */ new WeakMap();
  }
});

// src/config/labels.ts
function declaredName(block, draft, declared, form, key = (name) => name) {
  const label = onlyLabel(block, form, draft);
  if (!label) return void 0;
  const { text } = label;
  if (!isName(text)) {
    draft.diagnostics.push(
      errorDiagnostic(`Bad name for ${block.type}`, {
        detail: "A name begins with a letter or an underscore and goes on with letters, digits, underscores and dashes.",
        range: label.range
      })
    );
    return void 0;
  }
  const first = declared.get(key(text));
  if (first) {
    draft.diagnostics.push(duplicate(`${block.type} "${text}"`, "in this lab", block.headerRange, first.range));
    return void 0;
  }
  return text;
}
function onlyLabel(block, form, draft) {
  if (block.labels.length === 1) return block.labels[0];
  draft.diagnostics.push(wrongLabels(block, form, 1));
  return void 0;
}
var init_labels = __esm({
  "src/config/labels.ts"() {
    "use strict";
    init_diagnostics();
    init_names2();
    init_shape();
  }
});

// src/config/literals.ts
function attributeOf(body, name) {
  return body.attributes.find((attribute2) => attribute2.name === name);
}
function literalString(body, name, diagnostics) {
  const literal2 = literalOf(body, name);
  if (literal2 === void 0 || literal2 === null) return void 0;
  if (typeof literal2 === "string") return literal2;
  diagnostics.push(notLiteral(attributeOf(body, name), "text in quotes"));
  return void 0;
}
function literalBool(body, name, fallback, diagnostics) {
  const literal2 = literalOf(body, name);
  if (literal2 === void 0 || literal2 === null) return fallback;
  if (typeof literal2 === "boolean") return literal2;
  diagnostics.push(notLiteral(attributeOf(body, name), "true or false"));
  return fallback;
}
function literalOf(body, name) {
  const expression = attributeOf(body, name)?.expression;
  if (!expression) return void 0;
  return expression.kind === "literal" ? expression.value : OTHER;
}
function notLiteral(attribute2, wanted) {
  return errorDiagnostic(`"${attribute2.name}" must be ${wanted}`, {
    detail: "It is read before anything is evaluated, so it cannot be an expression.",
    range: attribute2.expression.range
  });
}
var OTHER;
var init_literals = __esm({
  "src/config/literals.ts"() {
    "use strict";
    init_diagnostics();
    OTHER = /* @__PURE__ */ Symbol("not a literal");
  }
});

// src/config/schemas.ts
var labSchema, variableSchema, outputSchema, metaArguments;
var init_schemas = __esm({
  "src/config/schemas.ts"() {
    "use strict";
    init_values();
    labSchema = {
      attributes: {
        identity: {
          type: STRING,
          description: "What MAC addresses and UUIDs are derived from; the lab's name unless set. May hold lab.workspace."
        },
        required_version: {
          type: STRING,
          description: 'The versions of labform that the lab works with: "~> 0.1", or several joined by commas.'
        },
        allow_unsafe_options: {
          type: BOOL,
          description: "Lets nodes have QEMU options that open files of the host behind the lab's back."
        }
      }
    };
    variableSchema = {
      attributes: {
        type: { type: DYNAMIC, description: "A type such as string, number or list(string)." },
        default: { type: DYNAMIC, description: "The value where none is given; without it a value must be given." },
        description: { type: STRING, description: "What the variable is for." },
        sensitive: { type: BOOL, description: "Keeps the value off screens, logs and JSON." },
        nullable: { type: BOOL, description: "Whether null is a value of its own; true unless set." }
      }
    };
    outputSchema = {
      attributes: {
        value: { type: DYNAMIC, description: "What the output shows.", required: true },
        description: { type: STRING, description: "What the output is for." },
        sensitive: { type: BOOL, description: "Keeps the value off screens, logs and JSON." },
        depends_on: { type: DYNAMIC, description: "Nodes and links to be done before the output is evaluated." }
      }
    };
    metaArguments = {
      count: { type: NUMBER, description: "How many instances there are; count.index tells them apart." },
      for_each: { type: DYNAMIC, description: "One instance for each element of a map or a set of strings." },
      depends_on: { type: DYNAMIC, description: "Nodes and links to be done before this one is begun." }
    };
  }
});

// src/config/unsupported.ts
var later, unsupportedBlocks, unsupportedInResource, unsupportedInLab, unsupportedInVariable, unsupportedInOutput, unsupportedRoots;
var init_unsupported = __esm({
  "src/config/unsupported.ts"() {
    "use strict";
    later = (what) => `${what} not supported by this version of labform.`;
    unsupportedBlocks = /* @__PURE__ */ new Map([
      ["template", later("template blocks are")],
      ["network", later("network blocks are")],
      ["module", later("module blocks are")],
      ["moved", later("moved blocks are")],
      ["removed", later("removed blocks are")],
      ["check", later("check blocks are")],
      ["import", later("import blocks are")],
      ["resource", 'labform has no resource blocks. A node or a link has a block type of its own: node "r1" { \u2026 }.'],
      ["data", "labform has no data sources."],
      ["terraform", 'In labform this block is called lab: lab "name" { \u2026 }.']
    ]);
    unsupportedInResource = /* @__PURE__ */ new Map([
      ["dynamic", later("dynamic blocks are")],
      ["lifecycle", later("lifecycle blocks are")],
      ["template", later("The template argument is")],
      ["provider", "A node or link has one provider, which its kind decides."],
      ["provisioner", "labform runs nothing in a guest while it applies."],
      ["connection", "labform runs nothing in a guest while it applies."]
    ]);
    unsupportedInLab = /* @__PURE__ */ new Map([["backend", later("backend blocks are")]]);
    unsupportedInVariable = /* @__PURE__ */ new Map([
      ["validation", later("validation blocks are")],
      ["ephemeral", later("The ephemeral argument is")]
    ]);
    unsupportedInOutput = /* @__PURE__ */ new Map([
      ["precondition", later("precondition blocks are")],
      ["ephemeral", later("The ephemeral argument is")]
    ]);
    unsupportedRoots = /* @__PURE__ */ new Map([
      ["template", later("Templates are")],
      ["network", later("Networks are")],
      ["module", later("Modules are")],
      ["self", "self is for conditions of a lifecycle block, which are not supported by this version of labform."],
      ["data", "labform has no data sources."],
      ["terraform", "In labform the workspace is lab.workspace."],
      ["output", "An output cannot be referred to. Refer to what its value is made of, or make that a local."],
      ["provider", "A provider's settings cannot be referred to."]
    ]);
  }
});

// src/config/resource.ts
function readResource(block, kind, schema, draft) {
  const form = `${kind} "name" { \u2026 }`;
  const name = declaredName(block, draft, draft.resources, form, (text) => resourceAddress(kind, text));
  if (name === void 0) return;
  const { body, headerRange: range2 } = block;
  const { diagnostics } = draft;
  const title = `${kind} "${name}"`;
  checkBody(body, withMetaArguments(schema), { title, header: range2, unsupported: unsupportedInResource }, draft);
  const count = attributeOf(body, "count");
  const forEach = attributeOf(body, "for_each");
  if (count && forEach) {
    diagnostics.push(
      errorDiagnostic("count and for_each together", {
        detail: `Only one of them can say how many instances ${title} has. Instances that have names are for for_each.`,
        range: forEach.nameRange,
        related: [{ message: "count is set here", range: count.nameRange }]
      })
    );
  }
  const resource = {
    kind,
    name,
    address: resourceAddress(kind, name),
    count: count?.expression,
    forEach: forEach?.expression,
    dependsOn: readDependsOn(body, diagnostics),
    body: withoutMetaArguments(body),
    range: range2
  };
  draft.resources.set(resource.address, resource);
}
function withMetaArguments(schema) {
  let complete = completed.get(schema);
  if (!complete) {
    complete = { ...schema, attributes: { ...metaArguments, ...schema.attributes } };
    completed.set(schema, complete);
  }
  return complete;
}
function withoutMetaArguments(body) {
  if (!body.attributes.some((attribute2) => Object.hasOwn(metaArguments, attribute2.name))) return body;
  return { ...body, attributes: body.attributes.filter((one) => !Object.hasOwn(metaArguments, one.name)) };
}
function readDependsOn(body, diagnostics) {
  const expression = attributeOf(body, "depends_on")?.expression;
  if (!expression) return [];
  if (expression.kind !== "tuple") {
    diagnostics.push(notAReference(expression, "depends_on must be a list"));
    return [];
  }
  const found = [];
  for (const item of expression.items) {
    const address = wholeResource(item);
    if (address === void 0) diagnostics.push(notAReference(item, "depends_on names whole nodes and links"));
    else found.push({ address, range: item.range });
  }
  return found;
}
function wholeResource(expression) {
  if (expression.kind !== "attribute" || expression.object.kind !== "variable") return void 0;
  const [reference] = references(expression);
  if (!reference || reference.root !== "node" && reference.root !== "link" && reference.root !== "network") {
    return void 0;
  }
  return `${reference.root}.${expression.name}`;
}
function notAReference(expression, summary2) {
  const detail = "Write them without quotes, attributes or instance keys: depends_on = [node.r1, link.core].";
  return errorDiagnostic(summary2, { detail, range: expression.range });
}
var completed;
var init_resource = __esm({
  "src/config/resource.ts"() {
    "use strict";
    init_addresses();
    init_diagnostics();
    init_references();
    init_labels();
    init_literals();
    init_schemas();
    init_shape();
    init_unsupported();
    completed = /* @__PURE__ */ new WeakMap();
  }
});

// src/config/blocks.ts
function readProvider(block, draft, schemas) {
  const label = onlyLabel(block, 'provider "name" { \u2026 }', draft);
  if (!label) return;
  const name = label.text;
  const schema = schemas.find((one) => one.name === name);
  if (!schema) {
    const names = schemas.map((one) => one.name);
    const meant = didYouMean(name, names) || ` There are ${listed(names)}.`;
    const detail = `labform has no provider of this name.${meant}`;
    draft.diagnostics.push(errorDiagnostic(`Unknown provider "${name}"`, { detail, range: label.range }));
    return;
  }
  const first = draft.providers.get(name);
  if (first) {
    draft.diagnostics.push(duplicate(`provider "${name}"`, "in this lab", block.headerRange, first.range));
    return;
  }
  checkBody(block.body, schema.settings, { title: `provider "${name}"`, header: block.headerRange }, draft);
  draft.providers.set(name, { name, body: block.body, range: block.headerRange });
}
function readVariable(block, draft) {
  const name = declaredName(block, draft, draft.variables, 'variable "name" { \u2026 }');
  if (name === void 0) return;
  const { body, headerRange: range2 } = block;
  const { diagnostics } = draft;
  checkBody(
    body,
    variableSchema,
    { title: `variable "${name}"`, header: range2, unsupported: unsupportedInVariable },
    draft
  );
  const typeExpression = attributeOf(body, "type")?.expression;
  let type = DYNAMIC;
  if (typeExpression) {
    const parsed = parseType(typeExpression);
    diagnostics.push(...parsed.diagnostics);
    if (parsed.value) type = parsed.value;
  }
  const variable = {
    name,
    type,
    typeRange: typeExpression?.range,
    default: attributeOf(body, "default")?.expression,
    description: literalString(body, "description", diagnostics),
    sensitive: literalBool(body, "sensitive", false, diagnostics),
    nullable: literalBool(body, "nullable", true, diagnostics),
    range: range2
  };
  draft.variables.set(name, variable);
  if (variable.default) {
    const checked2 = evaluateConstant(variable.default, variable, "The default of a variable");
    diagnostics.push(...checked2.diagnostics);
  }
}
function readLocals(block, draft) {
  if (block.labels.length > 0) draft.diagnostics.push(wrongLabels(block, "locals { \u2026 }", 0));
  for (const nested2 of block.body.blocks) {
    draft.diagnostics.push(
      errorDiagnostic(`Unknown block "${nested2.type}"`, {
        detail: "A locals block holds arguments only: name = value.",
        range: nested2.headerRange
      })
    );
  }
  for (const { name, nameRange, expression } of block.body.attributes) {
    const first = draft.locals.get(name);
    if (first) draft.diagnostics.push(duplicate(`local "${name}"`, "in this lab", nameRange, first.range));
    else draft.locals.set(name, { name, expression, range: nameRange });
  }
}
function readOutput(block, draft) {
  const name = declaredName(block, draft, draft.outputs, 'output "name" { \u2026 }');
  if (name === void 0) return;
  const { body, headerRange: range2 } = block;
  const { diagnostics } = draft;
  checkBody(body, outputSchema, { title: `output "${name}"`, header: range2, unsupported: unsupportedInOutput }, draft);
  const expression = attributeOf(body, "value")?.expression;
  if (!expression) return;
  draft.outputs.set(name, {
    name,
    expression,
    description: literalString(body, "description", diagnostics),
    sensitive: literalBool(body, "sensitive", false, diagnostics),
    dependsOn: readDependsOn(body, diagnostics),
    range: range2
  });
}
var init_blocks = __esm({
  "src/config/blocks.ts"() {
    "use strict";
    init_diagnostics();
    init_values();
    init_typeConstraint();
    init_constant();
    init_labels();
    init_literals();
    init_names2();
    init_resource();
    init_schemas();
    init_shape();
    init_unsupported();
  }
});

// src/config/draft.ts
function emptyDraft() {
  return {
    diagnostics: [],
    complete: true,
    labs: [],
    providers: /* @__PURE__ */ new Map(),
    variables: /* @__PURE__ */ new Map(),
    locals: /* @__PURE__ */ new Map(),
    resources: /* @__PURE__ */ new Map(),
    outputs: /* @__PURE__ */ new Map()
  };
}
var init_draft = __esm({
  "src/config/draft.ts"() {
    "use strict";
  }
});

// src/config/sites.ts
function sitesOf(lab) {
  let sites = known2.get(lab);
  if (!sites) {
    sites = [...findSites(lab)];
    known2.set(lab, sites);
  }
  return sites;
}
function* findSites(lab) {
  yield { owner: "lab", references: referencesIn([lab.identity, lab.allowUnsafeOptions]) };
  for (const provider of lab.providers.values()) {
    yield { owner: `provider.${provider.name}`, references: referencesIn(expressionsOf(provider.body)) };
  }
  for (const local of lab.locals.values()) {
    yield { owner: `local.${local.name}`, references: references(local.expression) };
  }
  for (const resource of lab.resources.values()) {
    yield { owner: resource.address, references: referencesIn([resource.count, resource.forEach]) };
    yield {
      owner: resource.address,
      references: referencesIn(expressionsOf(resource.body)),
      instances: instancesOf(resource)
    };
  }
  for (const output2 of lab.outputs.values()) {
    yield { owner: `output.${output2.name}`, references: references(output2.expression) };
  }
}
function instancesOf(resource) {
  if (resource.forEach) return "each";
  return resource.count ? "count" : void 0;
}
function referencesIn(expressions) {
  const found = [];
  for (const expression of expressions) if (expression) found.push(...references(expression));
  return found;
}
function* expressionsOf(body) {
  for (const attribute2 of body.attributes) yield attribute2.expression;
  for (const block of body.blocks) yield* expressionsOf(block.body);
}
var known2;
var init_sites = __esm({
  "src/config/sites.ts"() {
    "use strict";
    init_references();
    known2 = /* @__PURE__ */ new WeakMap();
  }
});

// src/config/order.ts
function order(lab) {
  return walk(graphOf(lab)).order;
}
function findCycles(lab) {
  const graph = graphOf(lab);
  return walk(graph).rings.map((ring) => describeRing(ring, graph));
}
function findLateSettings(lab) {
  const graph = graphOf(lab);
  const found = [];
  for (const provider of lab.providers.keys()) {
    for (const [step, range2] of graph.get(`provider.${provider}`) ?? []) {
      const resource = reachable(step, graph).find((name) => lab.resources.has(name));
      if (resource === void 0 || lab.resources.has(step)) continue;
      const detail = `${step} comes from ${resource}, and a provider's settings are needed before nodes and links are made.`;
      found.push(errorDiagnostic(`Provider "${provider}" cannot refer to ${step}`, { detail, range: range2 }));
    }
  }
  return found;
}
function reachable(from, graph) {
  const seen = /* @__PURE__ */ new Set([from]);
  for (const name of seen) for (const target of graph.get(name)?.keys() ?? []) seen.add(target);
  return [...seen];
}
function graphOf(lab) {
  const graph = /* @__PURE__ */ new Map();
  for (const name of lab.variables.keys()) graph.set(`var.${name}`, /* @__PURE__ */ new Map());
  for (const name of lab.providers.keys()) graph.set(`provider.${name}`, /* @__PURE__ */ new Map());
  for (const name of lab.locals.keys()) graph.set(`local.${name}`, /* @__PURE__ */ new Map());
  for (const address of lab.resources.keys()) graph.set(address, /* @__PURE__ */ new Map());
  for (const name of lab.outputs.keys()) graph.set(`output.${name}`, /* @__PURE__ */ new Map());
  const add2 = (owner, target, range2) => {
    const targets = graph.get(owner);
    if (targets && graph.has(target) && !targets.has(target)) targets.set(target, range2);
  };
  for (const { owner, references: references2 } of sitesOf(lab)) {
    for (const { root: root2, path, range: range2 } of references2) {
      if (root2 !== "output" && root2 !== "provider") add2(owner, `${root2}.${path[0]}`, range2);
    }
  }
  for (const { address, dependsOn } of lab.resources.values()) {
    for (const one of dependsOn) add2(address, one.address, one.range);
  }
  for (const { name, dependsOn } of lab.outputs.values()) {
    for (const one of dependsOn) add2(`output.${name}`, one.address, one.range);
  }
  return graph;
}
function walk(graph) {
  const done2 = /* @__PURE__ */ new Set();
  const path = [];
  const onPath = /* @__PURE__ */ new Set();
  const inRing = /* @__PURE__ */ new Set();
  const rings = [];
  const pending = [];
  const enter = (name) => {
    path.push(name);
    onPath.add(name);
    pending.push(graph.get(name).keys());
  };
  for (const root2 of graph.keys()) {
    if (!done2.has(root2)) enter(root2);
    while (pending.length > 0) {
      const next = pending[pending.length - 1].next();
      if (next.done) {
        pending.pop();
        const name = path.pop();
        onPath.delete(name);
        done2.add(name);
      } else if (onPath.has(next.value)) {
        const ring = path.slice(path.indexOf(next.value));
        if (!ring.some((name) => inRing.has(name))) rings.push(ring);
        for (const name of ring) inRing.add(name);
      } else if (!done2.has(next.value)) enter(next.value);
    }
  }
  return { order: [...done2], rings };
}
function describeRing(ring, graph) {
  const edges = ring.map((name, at2) => {
    const target = ring[(at2 + 1) % ring.length];
    return { name, target, range: graph.get(name)?.get(target) };
  });
  const [first, ...others] = edges;
  if (others.length === 0) {
    return errorDiagnostic(`${first.name} refers to itself`, {
      detail: "It would have to be known before it is known. Put what both places need into a local of its own.",
      range: first.range
    });
  }
  return errorDiagnostic(`${listed(ring)} wait for one another`, {
    detail: `${[...ring, first.name].join(" \u2192 ")}: each refers to the next, so none can come first. Take one of the references away.`,
    range: first.range,
    related: others.map(({ name, target, range: range2 }) => ({ message: `${name} refers to ${target}`, range: range2 }))
  });
}
var init_order2 = __esm({
  "src/config/order.ts"() {
    "use strict";
    init_diagnostics();
    init_names2();
    init_sites();
  }
});

// src/config/references.ts
function checkReferences(lab, schemas, diagnostics) {
  const context = { lab, schemas };
  for (const site of sitesOf(lab)) {
    for (const reference of site.references) {
      const problem = checkReference(reference, site, context);
      if (problem) diagnostics.push(problem);
    }
  }
  for (const owner of [...lab.resources.values(), ...lab.outputs.values()]) {
    for (const { address, range: range2 } of owner.dependsOn) {
      if (lab.resources.has(address)) continue;
      const dot = address.indexOf(".");
      const reference = { root: address.slice(0, dot), path: [address.slice(dot + 1)], range: range2 };
      diagnostics.push(missing3(reference, namesOfKind(lab, reference.root)));
    }
  }
}
function checkReference(reference, site, context) {
  const { root: root2, path, range: range2 } = reference;
  const { lab, schemas } = context;
  const isResource = schemas.has(root2);
  const isKnown = isResource || root2 === "var" || root2 === "local" || fixed2.has(root2);
  if (!isKnown) return unknownRoot(reference, context);
  const notHere = misplaced(reference, site, isResource);
  if (notHere) return notHere;
  const [name] = path;
  if (typeof name !== "string") {
    return errorDiagnostic(`"${root2}" needs a name`, {
      detail: `It cannot be used as a whole: write ${root2}.${fixed2.get(root2)?.[0] ?? "name"}, with a name that stands in the file as it is.`,
      range: range2
    });
  }
  if (root2 === "var") return lab.variables.has(name) ? void 0 : missing3(reference, [...lab.variables.keys()]);
  if (root2 === "local") return lab.locals.has(name) ? void 0 : missing3(reference, [...lab.locals.keys()]);
  if (!isResource) {
    const members = fixed2.get(root2);
    return members.includes(name) ? void 0 : missing3(reference, members);
  }
  const resource = lab.resources.get(`${root2}.${name}`);
  if (!resource) return missing3(reference, namesOfKind(lab, root2));
  return checkInstance(reference, resource, schemas.get(resource.kind));
}
function misplaced({ root: root2, range: range2 }, site, isResource) {
  if (root2 === "each" || root2 === "count") {
    if (site.instances === root2) return void 0;
    const argument = root2 === "each" ? "for_each" : "count";
    return errorDiagnostic(`"${root2}" has no meaning here`, {
      detail: `It stands for the instance of a node or link that has ${argument}, inside its block and outside of ${argument} itself.`,
      range: range2
    });
  }
  if (site.owner === "lab" && root2 !== "lab" && root2 !== "var") {
    return errorDiagnostic(`The lab block cannot refer to "${root2}"`, {
      detail: "It is read before the rest of the lab: variables, lab.name and lab.workspace are known by then.",
      range: range2
    });
  }
  if (site.owner.startsWith("provider.") && isResource) {
    return errorDiagnostic(`A provider cannot refer to "${root2}"`, {
      detail: "Its settings are needed before nodes and links are made, so they cannot depend on any.",
      range: range2
    });
  }
  return void 0;
}
function checkInstance(reference, resource, schema) {
  const { address } = resource;
  const { range: range2 } = reference;
  const [, first, second] = reference.path;
  if (resource.count && typeof first === "string" && !/^\d+$/.test(first)) {
    const detail = `It has count, so write which of its instances is meant: ${address}[0].${first}, or ${address}[*].${first} for all.`;
    return errorDiagnostic(`${address} has no attribute of its own`, { detail, range: range2 });
  }
  const keyed = resource.count !== void 0 || resource.forEach !== void 0;
  if (!keyed && typeof first === "number") {
    const detail = `It has neither count nor for_each, so it is one instance without a key: write ${address}.`;
    return errorDiagnostic(`${address} has no instance [${first}]`, { detail, range: range2 });
  }
  const attribute2 = keyed ? second : first;
  if (typeof attribute2 !== "string" || schema.attributes[attribute2]) return void 0;
  const attributes = attributeNames(schema);
  if (attributes.includes(attribute2)) return void 0;
  const meant = didYouMean(attribute2, attributes);
  return errorDiagnostic(`${address} has no attribute "${attribute2}"`, {
    detail: `A ${resource.kind} has nothing of this name.${meant}`,
    range: range2
  });
}
function attributeNames(schema) {
  const blocks = Object.entries(schema.blocks ?? {}).map(([name, block]) => block.attribute ?? name);
  return [...Object.keys(schema.attributes), ...blocks];
}
function missing3({ root: root2, path, range: range2 }, candidates) {
  const name = String(path[0]);
  const meant = didYouMean(name, candidates);
  const declare2 = declarations.get(root2);
  const remedy = declare2 ? ` It is declared by a block ${declare2(name)}.` : ` It has ${listed(candidates.map((candidate) => `${root2}.${candidate}`))}.`;
  return errorDiagnostic(`${root2}.${name} does not exist`, {
    detail: `Nothing in this lab has that name.${meant || remedy}`,
    range: range2
  });
}
function namesOfKind(lab, kind) {
  const names = [];
  for (const resource of lab.resources.values()) if (resource.kind === kind) names.push(resource.name);
  return names;
}
function unknownRoot({ root: root2, path, range: range2 }, { lab, schemas }) {
  const reason = unsupportedRoots.get(root2);
  if (reason !== void 0) return errorDiagnostic(`"${root2}" cannot be referred to`, { detail: reason, range: range2 });
  const full = [
    ...[...lab.resources.values()].filter((one) => one.name === root2).map((one) => one.address),
    ...lab.variables.has(root2) ? [`var.${root2}`] : [],
    ...lab.locals.has(root2) ? [`local.${root2}`] : []
  ];
  const roots = ["var", "local", ...schemas.keys(), ...fixed2.keys()];
  let detail = `References begin with ${listed(roots, "or")}.`;
  if (full.length > 0) detail += ` Did you mean ${listed(full, "or")}?`;
  else if (didYouMean(root2, roots) !== "") detail += didYouMean(root2, roots);
  else if (path.length === 0) detail += ` If text is meant, put it in quotes: "${root2}".`;
  return errorDiagnostic(`Unknown name "${root2}"`, { detail, range: range2 });
}
var fixed2, declarations;
var init_references2 = __esm({
  "src/config/references.ts"() {
    "use strict";
    init_diagnostics();
    init_names2();
    init_sites();
    init_unsupported();
    fixed2 = /* @__PURE__ */ new Map([
      ["lab", ["name", "workspace"]],
      ["path", ["module", "root", "cwd"]],
      ["each", ["key", "value"]],
      ["count", ["index"]]
    ]);
    declarations = /* @__PURE__ */ new Map([
      ["var", (name) => `variable "${name}" { \u2026 }`],
      ["local", (name) => `locals { ${name} = \u2026 }`],
      ["node", (name) => `node "${name}" { \u2026 }`],
      ["link", (name) => `link "${name}" { \u2026 }`]
    ]);
  }
});

// src/config/version.ts
function satisfies(version, constraint) {
  const actual = numbersOf(/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? "0");
  const parts = constraint.split(",").map(parsePart);
  if (parts.some((part) => part === void 0)) return void 0;
  return parts.every((part) => holds(actual, part));
}
function parsePart(text) {
  const match = comparison.exec(text.trim());
  return match ? { operator: match[1] ?? "=", numbers: numbersOf(match[2]) } : void 0;
}
function numbersOf(text) {
  return text.split(".").map(Number);
}
function holds(actual, { operator, numbers }) {
  const order2 = compare2(actual, numbers);
  if (operator === "=") return order2 === 0;
  if (operator === "!=") return order2 !== 0;
  if (operator === ">") return order2 > 0;
  if (operator === ">=") return order2 >= 0;
  if (operator === "<") return order2 < 0;
  if (operator === "<=") return order2 <= 0;
  return order2 >= 0 && numbers.slice(0, -1).every((number, at2) => (actual[at2] ?? 0) === number);
}
function compare2(left, right) {
  for (let at2 = 0; at2 < Math.max(left.length, right.length); at2++) {
    const difference = (left[at2] ?? 0) - (right[at2] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
var comparison;
var init_version = __esm({
  "src/config/version.ts"() {
    "use strict";
    comparison = /^(=|!=|>=|<=|>|<|~>)?\s*v?(\d+(?:\.\d+){0,2})$/;
  }
});

// src/config/load.ts
function loadLab(options) {
  const files = options.files.toSorted((left, right) => compareNames(left.name, right.name));
  const draft = emptyDraft();
  const blocks = files.flatMap((file) => parseLabFile(file, draft));
  for (const block of blocks) if (block.type === "lab") draft.labs.push(block);
  const requiredVersion = readRequiredVersion(draft, options.labformVersion);
  if (requiredVersion === "other") return { diagnostics: draft.diagnostics.slice(-1) };
  for (const block of blocks) readBlock(block, draft, options);
  const lab = assemble(draft, options.directory, files, requiredVersion);
  if (!lab) return { diagnostics: draft.diagnostics };
  if (draft.complete) checkReferences(lab, options.resourceSchemas, draft.diagnostics);
  const rings = [...findCycles(lab), ...findLateSettings(lab)];
  draft.diagnostics.push(...rings);
  return draft.complete && rings.length === 0 ? { value: lab, diagnostics: draft.diagnostics } : { diagnostics: draft.diagnostics };
}
function parseLabFile(file, draft) {
  const refused2 = isOverrideFile(file.name) ? "Override files are not supported by this version of labform." : file.name.endsWith(".json") ? "Lab files in JSON are not supported by this version of labform." : void 0;
  if (refused2 !== void 0) {
    draft.diagnostics.push(errorDiagnostic(`Cannot read ${file.name}`, { detail: refused2, subject: file.name }));
    draft.complete = false;
    return [];
  }
  const { body, diagnostics } = parseFile(file);
  draft.diagnostics.push(...diagnostics);
  if (hasErrors(diagnostics)) draft.complete = false;
  for (const attribute2 of body.attributes) {
    draft.diagnostics.push(
      errorDiagnostic(`Argument "${attribute2.name}" outside of a block`, {
        detail: "A lab file holds blocks only. Values that several blocks share belong in a locals block.",
        range: attribute2.nameRange
      })
    );
  }
  return body.blocks;
}
function readRequiredVersion(draft, version) {
  const body = draft.labs[0]?.body;
  const expression = body && attributeOf(body, "required_version")?.expression;
  const text = body && literalString(body, "required_version", draft.diagnostics);
  if (!expression || text === void 0) return void 0;
  const { range: range2 } = expression;
  const satisfied = satisfies(version, text);
  if (satisfied === void 0) {
    const detail = 'Write versions such as "~> 0.1" or ">= 0.1, < 1.0": operators are = != > >= < <= and ~>.';
    draft.diagnostics.push(errorDiagnostic(`"${text}" is no version constraint`, { detail, range: range2 }));
  } else if (!satisfied) {
    const detail = `This is labform ${version}, and the lab asks for ${text}. Use a version that fits, or change required_version if the lab works with this one.`;
    draft.diagnostics.push(errorDiagnostic("The lab is for another version of labform", { detail, range: range2 }));
    return "other";
  }
  return { text, range: range2 };
}
function readBlock(block, draft, { schemas, resourceSchemas }) {
  const { type } = block;
  const resource = resourceSchemas.get(type);
  if (resource) readResource(block, type, resource, draft);
  else if (type === "provider") readProvider(block, draft, schemas);
  else if (type === "variable") readVariable(block, draft);
  else if (type === "locals") readLocals(block, draft);
  else if (type === "output") readOutput(block, draft);
  else if (type !== "lab") unknownBlock(block, draft, [...resourceSchemas.keys()]);
}
function unknownBlock(block, draft, kinds2) {
  const { type, typeRange: range2 } = block;
  const reason = unsupportedBlocks.get(type);
  if (reason !== void 0) {
    draft.diagnostics.push(errorDiagnostic(`"${type}" blocks cannot be used`, { detail: reason, range: range2 }));
    return;
  }
  const types = ["lab", "provider", "variable", "locals", ...kinds2, "output"];
  const meant = didYouMean(type, types) || ` A lab file holds ${listed(types)} blocks.`;
  draft.diagnostics.push(
    errorDiagnostic(`Unknown block "${type}"`, { detail: `There is no block of this type.${meant}`, range: range2 })
  );
}
function assemble(draft, directory, files, requiredVersion) {
  const { labs, diagnostics, providers, variables, locals, resources, outputs } = draft;
  const [block, ...others] = labs;
  for (const other of others) {
    diagnostics.push(duplicate("lab block", "in this lab", other.headerRange, block.headerRange));
  }
  if (!block) {
    if (draft.complete) diagnostics.push(noLab(directory, files));
    return void 0;
  }
  const label = onlyLabel(block, 'lab "name" { \u2026 }', draft);
  if (label && !/\S/u.test(label.text)) {
    diagnostics.push(errorDiagnostic("The lab has no name", { detail: "Give it one.", range: label.range }));
  }
  const { body, headerRange: header } = block;
  const title = label ? `lab "${label.text}"` : "lab";
  checkBody(body, labSchema, { title, header, unsupported: unsupportedInLab }, draft);
  return {
    name: label?.text ?? "",
    nameRange: label?.range ?? header,
    identity: attributeOf(body, "identity")?.expression,
    requiredVersion,
    allowUnsafeOptions: attributeOf(body, "allow_unsafe_options")?.expression,
    directory,
    files,
    providers,
    variables,
    locals,
    resources,
    outputs
  };
}
function noLab(directory, files) {
  if (files.length === 0) {
    const detail2 = "labform reads the files *.lab.hcl of one directory. Go there, or name it with -chdir=DIR.";
    return errorDiagnostic("No lab files here", { detail: detail2, subject: `directory ${directory}` });
  }
  const detail = `Exactly one of ${listed(
    files.map((file) => file.name),
    "or"
  )} must have a block lab "name" { \u2026 }.`;
  return errorDiagnostic("The lab has no lab block", { detail, subject: `directory ${directory}` });
}
var init_load = __esm({
  "src/config/load.ts"() {
    "use strict";
    init_diagnostics();
    init_parse();
    init_blocks();
    init_draft();
    init_files();
    init_labels();
    init_literals();
    init_names2();
    init_order2();
    init_references2();
    init_resource();
    init_schemas();
    init_shape();
    init_unsupported();
    init_version();
  }
});

// src/config/variableFile.ts
function parseVariableFile(file) {
  if (file.name.endsWith(".json")) {
    const detail = "Write the values as lines name = value in a file whose name ends in .vars.hcl.";
    const summary2 = "Variable files in JSON are not supported by this version of labform";
    return { attributes: [], diagnostics: [errorDiagnostic(summary2, { detail, subject: file.name })] };
  }
  const { body, diagnostics } = parseFile(file);
  const misplaced2 = body.blocks.map((block) => {
    const detail = block.type === "variable" ? "This file gives values: write name = value. A variable is declared in a file *.lab.hcl." : "A variable file holds lines name = value only.";
    return errorDiagnostic(`Block "${block.type}" in a variable file`, { detail, range: block.headerRange });
  });
  return { attributes: body.attributes, diagnostics: [...diagnostics, ...misplaced2] };
}
var init_variableFile = __esm({
  "src/config/variableFile.ts"() {
    "use strict";
    init_diagnostics();
    init_parse();
  }
});

// src/config/variables.ts
function loadVariables(sources) {
  const diagnostics = [];
  const given2 = gather(sources, diagnostics);
  const values2 = /* @__PURE__ */ new Map();
  const missing4 = [];
  for (const variable of sources.variables.values()) {
    const value = valueOf(variable, given2.get(variable.name), diagnostics);
    if (value === "missing") {
      missing4.push(variable);
      diagnostics.push(missingValue(variable));
    } else if (value) values2.set(variable.name, value);
  }
  return hasErrors(diagnostics) ? { missing: missing4, diagnostics } : { value: values2, missing: missing4, diagnostics };
}
function gather(sources, diagnostics) {
  const { variables } = sources;
  const given2 = /* @__PURE__ */ new Map();
  for (const name of variables.keys()) {
    const text = sources.environment[PREFIX + name];
    if (text !== void 0) given2.set(name, textOf2(`<environment ${PREFIX}${name}>`, text));
  }
  const files = sources.files.toSorted((left, right) => compareVariableFiles(left.name, right.name));
  for (const file of files) gatherFile(file, variables, given2, diagnostics);
  for (const one of sources.given) {
    if (one.from === "file") gatherFile(one.file, variables, given2, diagnostics);
    else if (one.from === "answer") given2.set(one.name, textOf2(`<answer for var.${one.name}>`, one.text));
    else gatherArgument(one.text, variables, given2, diagnostics);
  }
  return given2;
}
function gatherFile(file, variables, given2, diagnostics) {
  const parsed = parseVariableFile(file);
  diagnostics.push(...parsed.diagnostics);
  for (const { name, nameRange: range2, expression } of parsed.attributes) {
    if (variables.has(name)) given2.set(name, { expression });
    else {
      const detail = `The lab declares no variable of this name, so the value is not used.${didYouMean(name, variables.keys())}`;
      diagnostics.push(warningDiagnostic(`Value for undeclared variable "${name}"`, { detail, range: range2 }));
    }
  }
}
function gatherArgument(argument, variables, given2, diagnostics) {
  const equals = argument.indexOf("=");
  const name = (equals === -1 ? argument : argument.slice(0, equals)).trim();
  if (equals === -1 || name === "") {
    const detail = `Write the variable's name, an equals sign and its value: -var "${name || "name"}=value".`;
    diagnostics.push(errorDiagnostic(`-var ${JSON.stringify(argument)} gives no value`, { detail }));
    return;
  }
  if (!variables.has(name)) {
    const meant = didYouMean(name, variables.keys());
    const detail = `The lab declares no variable of this name.${meant || ` Add a block variable "${name}" { \u2026 } to use it.`}`;
    diagnostics.push(errorDiagnostic(`-var gives a value to undeclared variable "${name}"`, { detail }));
    return;
  }
  given2.set(name, textOf2(`<argument -var ${name}>`, argument.slice(equals + 1)));
}
function textOf2(source, text) {
  return { text, range: { file: { name: source, text }, start: 0, end: text.length } };
}
function valueOf(variable, given2, diagnostics) {
  if (!given2) return variable.default ? defaultOf(variable, diagnostics) : "missing";
  const value = "expression" in given2 ? evaluated(given2.expression, variable, diagnostics) : fromText(given2.text, given2.range, variable, diagnostics);
  if (value === void 0 || value.raw !== null || variable.nullable) return value;
  if (variable.default) return defaultOf(variable, diagnostics);
  diagnostics.push(
    errorDiagnostic(`var.${variable.name} cannot be null`, {
      detail: "It is declared with nullable = false and has no default to take instead. Give it another value.",
      range: "expression" in given2 ? given2.expression.range : given2.range,
      related: [{ message: "declared here", range: variable.range }]
    })
  );
  return void 0;
}
function defaultOf(variable, diagnostics) {
  return evaluated(variable.default, variable, diagnostics);
}
function evaluated(expression, variable, diagnostics) {
  const checked2 = evaluateConstant(expression, variable, "The value of a variable");
  diagnostics.push(...checked2.diagnostics.map((one) => concealed(one, variable)));
  return checked2.value;
}
function fromText(text, range2, variable, diagnostics) {
  if (!isLiteral(variable)) {
    const parsed = parseExpression(range2.file);
    diagnostics.push(...parsed.diagnostics.map((one) => concealed(one, variable)));
    return parsed.expression && evaluated(parsed.expression, variable, diagnostics);
  }
  const converted2 = convertFor(stringValue(text), variable);
  if ("value" in converted2) return converted2.value;
  diagnostics.push(
    concealed(
      errorDiagnostic(`Wrong type for var.${variable.name}`, {
        detail: `Its type is ${formatType(variable.type)}: ${converted2.error}`,
        range: range2
      }),
      variable
    )
  );
  return void 0;
}
function isLiteral({ type, typeRange }) {
  const { kind } = type;
  return kind === "string" || kind === "number" || kind === "bool" || typeRange === void 0;
}
function concealed(diagnostic, variable) {
  if (!variable.sensitive || !diagnostic.range) return diagnostic;
  return {
    severity: diagnostic.severity,
    summary: diagnostic.summary,
    detail: `The value given in ${diagnostic.range.file.name} cannot be used as ${formatType(variable.type)}. It is sensitive and is not shown.`,
    range: variable.range
  };
}
function missingValue({ name, description, range: range2, type }) {
  const what = description ? `${description.replace(/[.\s]*$/, "")}. ` : "";
  const example = type.kind === "string" || type.kind === "dynamic" ? '"\u2026"' : "\u2026";
  const detail = `${what}Give it one in any of these ways: -var '${name}=\u2026', a line ${name} = ${example} in labform.vars.hcl, in a *.auto.vars.hcl file or in a file named with -var-file, the environment variable ${PREFIX}${name}, or a default in its block.`;
  return errorDiagnostic(`No value for var.${name}`, { detail, range: range2 });
}
var PREFIX;
var init_variables = __esm({
  "src/config/variables.ts"() {
    "use strict";
    init_diagnostics();
    init_values();
    init_types();
    init_parse();
    init_constant();
    init_files();
    init_names2();
    init_variableFile();
    PREFIX = "LABFORM_VAR_";
  }
});

// src/language/referee.ts
import { join as join7 } from "node:path";
import { Worker } from "node:worker_threads";
async function askReferee(text, programsDirectory, limitMs = TIME_LIMIT_MS) {
  if (Buffer.byteLength(text) > BYTES_LIMIT) return "no opinion";
  const worker = new Worker(join7(programsDirectory, "referee.js"), {
    workerData: text,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB }
  });
  let timer;
  const verdict = await new Promise((resolve8) => {
    worker.once(
      "message",
      (message3) => resolve8(message3 === "accepts" || message3 === "rejects" ? message3 : "no opinion")
    );
    worker.once("error", () => resolve8("no opinion"));
    worker.once("exit", () => resolve8("no opinion"));
    timer = setTimeout(() => resolve8("no opinion"), limitMs);
  });
  clearTimeout(timer);
  await worker.terminate();
  return verdict;
}
var BYTES_LIMIT, TIME_LIMIT_MS, HEAP_LIMIT_MB;
var init_referee = __esm({
  "src/language/referee.ts"() {
    "use strict";
    BYTES_LIMIT = 64 * 1024;
    TIME_LIMIT_MS = 2e3;
    HEAP_LIMIT_MB = 512;
  }
});

// src/core/plan.ts
var PLAN_FORMAT;
var init_plan3 = __esm({
  "src/core/plan.ts"() {
    "use strict";
    PLAN_FORMAT = 1;
  }
});

// src/evaluation/attributeChecks.ts
function checkAttribute2(name, schema, value) {
  const { raw, sensitive } = value;
  if (raw === UNKNOWN) return void 0;
  if (typeof raw === "string") return checkText2(name, schema, raw, sensitive);
  return value.type.kind === "number" ? checkNumber(name, schema, raw, sensitive) : void 0;
}
function checkText2(name, { oneOf: oneOf2 }, text, sensitive) {
  if (!oneOf2 || oneOf2.includes(text)) return void 0;
  const best = sensitive ? void 0 : suggestion(text, oneOf2);
  const allowed = oneOf2.map((one) => JSON.stringify(one));
  const last = allowed.pop();
  const list = allowed.length === 0 ? last : `${allowed.join(", ")} or ${last}`;
  const shown = sensitive ? "this" : JSON.stringify(text);
  const hint = best === void 0 ? "" : ` Did you mean ${JSON.stringify(best)}?`;
  return new Problem(`"${name}" cannot be ${shown}`, `It must be ${list}.${hint}`);
}
function checkNumber(name, schema, number, sensitive) {
  const shown = sensitive ? "" : `; it is ${formatNumber(number)}`;
  const { minimum, maximum, whole } = schema;
  if (whole && !isWhole(number))
    return new Problem(`"${name}" must be a whole number`, `Fractions make no sense here${shown}.`);
  const tooSmall = minimum !== void 0 && compare(number, fromJavaScript(minimum)) < 0;
  const tooLarge = maximum !== void 0 && compare(number, fromJavaScript(maximum)) > 0;
  if (!tooSmall && !tooLarge) return void 0;
  return new Problem(
    `"${name}" is too ${tooSmall ? "small" : "large"}`,
    `It must be ${bounds(minimum, maximum)}${shown}.`
  );
}
function bounds(minimum, maximum) {
  if (maximum === void 0) return `at least ${minimum}`;
  return minimum === void 0 ? `at most ${maximum}` : `from ${minimum} to ${maximum}`;
}
var init_attributeChecks = __esm({
  "src/evaluation/attributeChecks.ts"() {
    "use strict";
    init_bigfloat();
    init_values();
    init_problem();
  }
});

// src/evaluation/plain.ts
function layoutOf(schema) {
  let layout = layouts.get(schema);
  if (!layout) {
    layout = makeLayout(schema);
    layouts.set(schema, layout);
  }
  return layout;
}
function makeLayout(schema) {
  const parts = [];
  const add2 = (name, type2, sensitive, nested2) => {
    parts.push({ name, type: type2, nested: nested2, sensitive, nothing: { type: type2, raw: null, sensitive } });
  };
  for (const [name, one] of Object.entries(schema.attributes)) add2(name, concrete(one.type), one.sensitive === true);
  for (const [name, block] of Object.entries(schema.blocks ?? {})) {
    add2(block.attribute ?? name, nestedType(block), false, block);
  }
  parts.sort((left, right) => compareText(left.name, right.name));
  const type = { kind: "object", attributes: new Map(parts.map((part) => [part.name, part.type])) };
  return { type, open: hasDynamic(type), parts };
}
function schemaType(schema) {
  return layoutOf(schema).type;
}
function nestedType(block) {
  const element2 = schemaType(block);
  return block.nesting === "single" ? element2 : { kind: block.nesting, element: element2 };
}
function attributesToValue(attributes, schema, sensitive = []) {
  return markPaths(blockValue(attributes, schema), sensitive);
}
function blockValue(attributes, schema) {
  const { type, open: open2, parts } = layoutOf(schema);
  const values2 = /* @__PURE__ */ new Map();
  for (const part of parts) {
    const planned = attributes[part.name] ?? null;
    if (planned === null) values2.set(part.name, part.nothing);
    else if (part.nested) values2.set(part.name, nestedValue(planned, part.type, part.nested));
    else values2.set(part.name, marked(plannedToValue(planned, part.type), part.sensitive));
  }
  return open2 ? objectValue(values2) : { type, raw: values2, sensitive: false };
}
function nestedValue(planned, type, schema) {
  if (planned === null || planned === UNKNOWN) return { type, raw: planned, sensitive: false };
  if (schema.nesting === "single") return blockValue(planned, schema);
  if (schema.nesting === "list") {
    const items2 = planned.map((item) => nestedItem(item, schema));
    return { type, raw: items2, sensitive: false };
  }
  const items = /* @__PURE__ */ new Map();
  for (const [label, item] of Object.entries(planned)) items.set(label, nestedItem(item, schema));
  return { type, raw: sortedMap(items), sensitive: false };
}
function nestedItem(item, schema) {
  if (item === null || item === UNKNOWN) return { type: schemaType(schema), raw: item, sensitive: false };
  return blockValue(item, schema);
}
function plannedToValue(planned, type) {
  if (planned === UNKNOWN || planned === null) return { type, raw: planned, sensitive: false };
  if (type.kind === "dynamic") return impliedValue(planned);
  if (typeof planned === "object") {
    const made = Array.isArray(planned) ? sequence2(planned, type) : entries(planned, type);
    if (made) return made;
  } else if (type.kind === typeof planned || type.kind === "bool" && typeof planned === "boolean") {
    return impliedValue(planned);
  }
  throw new TypeError(
    `plain data ${typeof planned === "object" ? "of several parts" : typeof planned} where the type is ${type.kind}`
  );
}
function sequence2(planned, type) {
  if (type.kind === "list" || type.kind === "set") {
    const items = planned.map((item) => plannedToValue(item, type.element));
    return type.kind === "set" ? makeSet(type.element, items) : { type: listType(type, items), raw: items, sensitive: false };
  }
  if (type.kind !== "tuple" || type.elements.length !== planned.length) return void 0;
  return tupleValue(planned.map((item, at2) => plannedToValue(item, type.elements[at2])));
}
function listType(type, items) {
  return hasDynamic(type) && items[0] ? { kind: "list", element: items[0].type } : type;
}
function entries(planned, type) {
  if (type.kind !== "map" && type.kind !== "object") return void 0;
  const values2 = /* @__PURE__ */ new Map();
  if (type.kind === "map") {
    for (const [name, item] of Object.entries(planned)) values2.set(name, plannedToValue(item, type.element));
    const [first] = values2.values();
    const exact = hasDynamic(type) && first ? { kind: "map", element: first.type } : type;
    return { type: exact, raw: sortedMap(values2), sensitive: false };
  }
  for (const [name, one] of type.attributes) {
    values2.set(name, plannedToValue(Object.hasOwn(planned, name) ? planned[name] : null, one));
  }
  return hasDynamic(type) ? objectValue(values2) : { type: concrete(type), raw: values2, sensitive: false };
}
function impliedValue(planned) {
  if (planned === UNKNOWN) return { type: DYNAMIC, raw: UNKNOWN, sensitive: false };
  if (planned === null) return NULL;
  if (typeof planned === "string") return stringValue(planned);
  if (typeof planned === "number") return numberValue(fromJavaScript(planned));
  if (typeof planned === "boolean") return boolValue(planned);
  if (Array.isArray(planned)) return tupleValue(planned.map(impliedValue));
  const attributes = Object.entries(planned).map(
    ([name, item]) => [name, impliedValue(item)]
  );
  return objectValue(new Map(attributes.sort(([left], [right]) => compareText(left, right))));
}
function markAt(value, path, from) {
  const step = path[from];
  const { raw } = value;
  if (step !== void 0 && raw instanceof Map) {
    const items = raw;
    const item = items.get(String(step));
    if (item) return { ...value, raw: new Map(items).set(String(step), markAt(item, path, from + 1)) };
  } else if (typeof step === "number" && Array.isArray(raw) && value.type.kind !== "set") {
    const items = raw;
    const item = items[step];
    if (item) return { ...value, raw: items.with(step, markAt(item, path, from + 1)) };
  }
  return { ...value, sensitive: true };
}
function markPaths(value, paths) {
  return paths.reduce((result, path) => markAt(result, path, 0), value);
}
function valueToPlanned(value) {
  const sensitive = [];
  if (containsSensitive(value)) collectMarks(value, [], sensitive);
  return { planned: plain3(value), sensitive };
}
function plain3(value) {
  const { raw } = value;
  if (raw === UNKNOWN || raw === null || typeof raw === "string" || typeof raw === "boolean") return raw;
  if (typeof raw === "number") return raw;
  if (Array.isArray(raw)) return raw.map(plain3);
  if (raw instanceof Map) {
    const items = [...sortedEntries(raw)];
    return Object.fromEntries(items.map(([name, item]) => [name, plain3(item)]));
  }
  return toJavaScript(raw);
}
function collectMarks(value, path, found) {
  if (value.sensitive) {
    found.push(path);
    return;
  }
  const { raw } = value;
  if (raw instanceof Map) {
    for (const [name, item] of raw) collectMarks(item, [...path, name], found);
  } else if (Array.isArray(raw)) {
    for (const [at2, item] of raw.entries()) collectMarks(item, [...path, at2], found);
  }
}
var layouts;
var init_plain = __esm({
  "src/evaluation/plain.ts"() {
    "use strict";
    init_bigfloat();
    init_values();
    init_convert();
    init_marks();
    init_order();
    init_types();
    layouts = /* @__PURE__ */ new WeakMap();
  }
});

// src/evaluation/decode.ts
function decodeBody(body, schema, scope) {
  const decoder = new Decoder(scope);
  const attributes = decoder.block(body, schema, []);
  const { values: values2, sensitive, deferred, places, diagnostics } = decoder;
  return { attributes, values: values2, sensitive, deferred, places, diagnostics };
}
function layoutOf2(schema) {
  let layout = layouts2.get(schema);
  if (!layout) {
    const attributes = Object.entries(schema.attributes);
    layout = {
      settable: new Map(attributes.filter(([, one]) => !one.computed || one.optional)),
      standards: Object.fromEntries(
        attributes.map(([name, one]) => [name, one.default ?? (one.required ? UNKNOWN : null)])
      ),
      nested: Object.entries(schema.blocks ?? {})
    };
    layouts2.set(schema, layout);
  }
  return layout;
}
var Decoder, layouts2;
var init_decode = __esm({
  "src/evaluation/decode.ts"() {
    "use strict";
    init_values();
    init_attributeChecks();
    init_convert();
    init_evaluate();
    init_plain();
    init_problem();
    init_types();
    Decoder = class {
      values = /* @__PURE__ */ new Map();
      sensitive = [];
      deferred = [];
      places = /* @__PURE__ */ new Map();
      diagnostics = [];
      #scope;
      constructor(scope) {
        this.#scope = scope;
      }
      block(body, schema, path) {
        const { settable, standards, nested: nested2 } = layoutOf2(schema);
        const attributes = { ...standards };
        const prefix = path.length === 0 ? "" : `${formatPath(path)}.`;
        for (const written of body.attributes) {
          const attribute2 = settable.get(written.name);
          if (attribute2) attributes[written.name] = this.#argument(written, attribute2, path, prefix + written.name);
        }
        for (const [name, block] of nested2) {
          const at2 = block.attribute ?? name;
          attributes[at2] = this.#nested(body.blocks, name, block, [...path, at2]);
        }
        return attributes;
      }
      /** `key` is the formatted path of the argument, `path` that of its block. */
      #argument(written, schema, path, key) {
        const { expression } = written;
        this.#place(key, written, schema);
        const errors = this.diagnostics.length;
        const given2 = evaluateInto(expression, this.#scope, this.diagnostics);
        if (this.diagnostics.length > errors) return UNKNOWN;
        const value = converted(given2, schema.type);
        if (typeof value === "string") {
          const detail = `It takes ${describeType(schema.type)}, but this is ${describeType(given2.type)}: ${value}.`;
          return this.#refuse(new Problem(`The value of "${written.name}" has the wrong type`, detail), expression);
        }
        if (value.raw === null) {
          if (!schema.required) return schema.default ?? null;
          return this.#refuse(
            new Problem(`"${written.name}" must not be null`, "It is required here and has no default."),
            expression
          );
        }
        const problem = checkAttribute2(written.name, schema, value);
        if (problem) return this.#refuse(problem, expression);
        this.values.set(key, value);
        if (!isWhollyKnown(value)) this.deferred.push({ path: [...path, written.name], expression });
        return this.#plain(value, schema, path, written.name);
      }
      #place(key, written, schema) {
        this.places.set(key, written.range);
        if (!schema.endpoints || written.expression.kind !== "tuple") return;
        for (const [at2, item] of written.expression.items.entries()) this.places.set(`${key}[${at2}]`, item.range);
      }
      #refuse(problem, expression) {
        report(problem, expression.range, expression, this.#scope, this.diagnostics);
        return UNKNOWN;
      }
      #plain(value, schema, path, name) {
        const { planned, sensitive } = valueToPlanned(value);
        if (schema.sensitive) this.sensitive.push([...path, name]);
        else for (const inner of sensitive) this.sensitive.push([...path, name, ...inner]);
        return planned;
      }
      #nested(blocks, name, schema, path) {
        if (schema.nesting === "single") {
          const block = blocks.find((one) => one.type === name);
          return block ? this.#nestedBlock(block, schema, path) : null;
        }
        const written = blocks.filter((one) => one.type === name);
        if (schema.nesting === "list") return written.map((block, at2) => this.#nestedBlock(block, schema, [...path, at2]));
        const items = /* @__PURE__ */ new Map();
        for (const block of written) {
          const label = block.labels[0]?.text;
          if (label === void 0 || items.has(label)) continue;
          items.set(label, this.#nestedBlock(block, schema, [...path, label]));
        }
        return Object.fromEntries(items);
      }
      #nestedBlock(block, schema, path) {
        this.places.set(formatPath(path), block.headerRange);
        return this.block(block.body, schema, path);
      }
    };
    layouts2 = /* @__PURE__ */ new WeakMap();
  }
});

// src/planner/diff.ts
function differences(schema, before, after) {
  const found = [];
  compareBlock(schema, before, after, [], "live", found);
  return found;
}
function compareBlock(schema, before, after, path, inherited, found) {
  for (const [name, attribute2] of Object.entries(schema.attributes)) {
    const decidedByHost = attribute2.computed === "create" || attribute2.computed === "start";
    const wanted = after[name] ?? null;
    if (decidedByHost && (wanted === null || wanted === UNKNOWN)) continue;
    if (!samePlanned(before[name] ?? null, wanted)) {
      found.push({ path: [...path, name], change: attribute2.change ?? inherited });
    }
  }
  for (const [blockName, block] of Object.entries(schema.blocks ?? {})) {
    const name = block.attribute ?? blockName;
    const change = block.change ?? inherited;
    const old = before[name] ?? null;
    const wanted = after[name] ?? null;
    if (samePlanned(old, wanted)) continue;
    const entries3 = (one) => {
      if (one === null || one === UNKNOWN || typeof one !== "object") return /* @__PURE__ */ new Map();
      if (block.nesting === "single") return /* @__PURE__ */ new Map([[void 0, one]]);
      return Array.isArray(one) ? new Map(one.entries()) : new Map(Object.entries(one));
    };
    const olds = entries3(old);
    const news = entries3(wanted);
    for (const key of /* @__PURE__ */ new Set([...olds.keys(), ...news.keys()])) {
      const at2 = key === void 0 ? [...path, name] : [...path, name, key];
      const oldItem = olds.get(key);
      const newItem = news.get(key);
      if (oldItem === void 0 || newItem === void 0) found.push({ path: at2, change });
      else compareBlock(block, oldItem, newItem, at2, change, found);
    }
  }
}
function gravest(all) {
  let worst;
  for (const one of all) if (worst === void 0 || severity[one.change] > severity[worst]) worst = one.change;
  return worst;
}
function chooseAction(change, found) {
  const { condition, status } = found;
  if (condition === "absent") return { action: "create" };
  if (status === "tainted") {
    return { action: "replace", cause: { kind: "unfinished", summary: "marked as tainted" } };
  }
  if (change === "replace") return { action: "replace" };
  if (condition === "broken" || status === "deleting") return { action: "restart" };
  if (condition === "down") return { action: change === "restart" ? "restart" : "start" };
  if (change === "restart") return { action: "restart" };
  if (status === "unready") {
    const cause = { kind: "unready", summary: "it was not ready in time" };
    return { action: change === "live" ? "update" : "wait", cause };
  }
  if (status === "creating" && found.kind === "node") {
    const cause = { kind: "unfinished", summary: "an earlier apply did not finish it" };
    return condition === null ? { action: "restart", cause } : { action: change === "live" ? "update" : "wait", cause };
  }
  return { action: change === "live" ? "update" : "none" };
}
var severity;
var init_diff = __esm({
  "src/planner/diff.ts"() {
    "use strict";
    init_values();
    severity = { live: 0, restart: 1, replace: 2 };
  }
});

// src/planner/endpoints.ts
function splitAdapterId(id) {
  const slash = id.lastIndexOf("/");
  const index2 = id.slice(slash + 1);
  return slash > 0 && /^\d+$/.test(index2) ? { node: id.slice(0, slash), index: Number(index2) } : void 0;
}
function adapterIds(endpoints) {
  if (!Array.isArray(endpoints)) return [];
  return endpoints.flatMap((one) => {
    const adapter = one !== null && typeof one === "object" ? one.adapter : void 0;
    return typeof adapter === "string" ? [adapter] : [];
  });
}
function findMissingAdapters(link3, expression, scope) {
  if (expression?.kind !== "tuple") return [];
  const found = [];
  for (const item of expression.items) {
    if (item.kind !== "index" || item.object.kind !== "attribute" || item.object.name !== "adapter") continue;
    const index2 = evaluate(item.key, scope).value.raw;
    const node3 = evaluate(item.object.object, scope).value.raw;
    const adapters2 = node3 instanceof Map ? node3.get("adapters")?.raw : void 0;
    if (typeof index2 !== "number" || typeof adapters2 !== "number" || index2 < adapters2) continue;
    found.push(noSuchAdapter(link3, rangeText(item.object.object.range), index2, adapters2, item.range));
  }
  return found;
}
function noSuchAdapter(link3, node3, index2, adapters2, range2) {
  const many = adapters2 === 0 ? "no adapters" : adapters2 === 1 ? "one adapter, number 0" : `${adapters2} adapters, 0 to ${adapters2 - 1}`;
  const detail = `It has ${many}. Raise its argument "adapters", or name another adapter.`;
  return errorDiagnostic(`${node3} has no adapter ${index2}`, { detail, range: range2, address: link3 });
}
function endpointId(item) {
  if (typeof item === "string") return item;
  if (item === null || item === UNKNOWN || typeof item !== "object" || Array.isArray(item)) return void 0;
  const one = item;
  if (typeof one.adapter === "string") return one.adapter;
  return typeof one.id === "string" ? one.id : void 0;
}
var EndpointUses;
var init_endpoints = __esm({
  "src/planner/endpoints.ts"() {
    "use strict";
    init_diagnostics();
    init_source();
    init_values();
    init_evaluate();
    EndpointUses = class {
      #nodes = /* @__PURE__ */ new Map();
      #uses = /* @__PURE__ */ new Map();
      /** Nodes are added as they are planned; a link comes after those it ends at. */
      add(node3) {
        this.#nodes.set(node3.id, node3);
      }
      resolve(link3, endpoints, placeOf, afterErrors) {
        const diagnostics = [];
        const refuse3 = (summary2, detail, range2 = placeOf(), related = []) => {
          diagnostics.push(errorDiagnostic(summary2, { detail, range: range2, related, address: link3 }));
          return { endpoints: null, ends: [], diagnostics };
        };
        if (endpoints === UNKNOWN) {
          return refuse3(
            "The endpoints are not known at plan",
            "What a link connects must be known before anything is started. Name the adapters themselves: node.r1.adapter[0]."
          );
        }
        if (!Array.isArray(endpoints) || endpoints.length !== 2) {
          const count = Array.isArray(endpoints) ? `; there are ${endpoints.length}` : "";
          return refuse3(
            "A link has two endpoints",
            `Give a list of two, [node.r1.adapter[0], node.r2.adapter[0]]${count}.`
          );
        }
        const resolved = [];
        const ends = [];
        for (const [position2, item] of endpoints.entries()) {
          const place3 = placeOf(position2);
          if (item === UNKNOWN && afterErrors) return { endpoints: null, ends: [], diagnostics: [] };
          const id = endpointId(item);
          const parts = id === void 0 ? void 0 : splitAdapterId(id);
          if (id === void 0 || !parts) {
            return refuse3(
              `Endpoint ${position2} of ${link3} is no adapter`,
              "An endpoint is an adapter of a node (node.r1.adapter[0]) or its id. A whole node does not say which of its adapters is meant.",
              place3
            );
          }
          const node3 = this.#nodes.get(parts.node);
          if (!node3) {
            return refuse3(
              `Endpoint ${position2} of ${link3} is an adapter of no node of this lab`,
              `There is no node with the id "${parts.node}". Refer to the adapter through its node: node.r1.adapter[0].`,
              place3
            );
          }
          const adapters2 = node3.planned?.adapters;
          if (typeof adapters2 === "number" && parts.index >= adapters2) {
            diagnostics.push(noSuchAdapter(link3, node3.address, parts.index, adapters2, place3));
            return { endpoints: null, ends: [], diagnostics };
          }
          if (resolved.some((one) => one.adapter === id)) {
            return refuse3(
              `${link3} connects an adapter to itself`,
              `Both its endpoints are adapter ${parts.index} of ${node3.address}.`,
              place3
            );
          }
          const other = this.#uses.get(id);
          if (other) {
            return refuse3(
              `Adapter ${parts.index} of ${node3.address} is used twice`,
              `${other.link} (${formatRange(other.range)}) and ${link3} both end there; an adapter carries one link. Raise the node's "adapters" and take another for one of them.`,
              place3,
              [{ message: `${other.link} ends there too`, range: other.range }]
            );
          }
          resolved.push({ adapter: id });
          if (!ends.includes(node3.address)) ends.push(node3.address);
        }
        resolved.forEach((one, position2) => this.#uses.set(one.adapter, { link: link3, range: placeOf(position2) }));
        return { endpoints: resolved.map((one) => ({ adapter: one.adapter })), ends, diagnostics };
      }
    };
  }
});

// src/planner/identity.ts
import { createHash } from "node:crypto";
function seedOf(labIdentity, address) {
  return createHash("sha256").update(labIdentity).update("\0").update(address).digest("hex");
}
function freshId(labIdentity, address, taken) {
  const readable = address.slice(address.indexOf(".") + 1);
  const slug = readable.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "").slice(0, longestSlug).replace(/-+$/, "") || "x";
  for (let attempt = 0; ; attempt++) {
    const id = `${slug}-${seedOf(labIdentity, attempt === 0 ? address : `${address}\0${attempt}`).slice(0, 8)}`;
    if (!taken(id)) return id;
  }
}
var longestSlug;
var init_identity = __esm({
  "src/planner/identity.ts"() {
    "use strict";
    longestSlug = 39;
  }
});

// src/planner/instance.ts
async function planInstance(input) {
  const { address, resource, schema, found } = input;
  const diagnostics = [...missingAdapters(input)];
  if (hasErrors(diagnostics)) return { diagnostics };
  const decoded = decodeBody(resource.body, schema, input.scope);
  diagnostics.push(...decoded.diagnostics);
  if (hasErrors(diagnostics)) return { diagnostics };
  const ends = resolveEnds(input, decoded.attributes, decoded.places, diagnostics);
  if (hasErrors(diagnostics)) return { diagnostics };
  const prior = found?.instance ?? null;
  const id = prior?.id ?? freshId(input.labIdentity, address, (one) => input.ids.has(one));
  input.ids.add(id);
  const answer = await askProvider(input, ends.attributes, id, diagnostics);
  if (!answer || hasErrors(diagnostics)) return { diagnostics };
  const gone = found?.condition === "absent";
  const compared = prior && !gone ? prior.attributes : null;
  const changes = compared ? differences(schema, compared, answer.planned) : [];
  const chosen = prior && found ? chooseAction(gravest(changes), { condition: found.condition, status: prior.status, kind: resource.kind }) : { action: "create" };
  const action = input.replace && prior && !gone ? "replace" : chosen.action;
  const planned = renew(schema, answer.planned, prior, action);
  const dependencies = /* @__PURE__ */ new Set([
    ...input.dependsOn,
    ...bodyDependencies(input),
    ...answer.requires.map((one) => one.address)
  ]);
  dependencies.delete(address);
  for (const end of ends.ends) dependencies.add(end);
  const deferred = {};
  for (const one of decoded.deferred) deferred[formatPath(one.path)] = input.capture(one.expression);
  const change = {
    address,
    kind: resource.kind,
    provider: input.providerName,
    schemaVersion: schema.version,
    id,
    action,
    causes: causesOf(input, changes, decoded.places, "cause" in chosen ? chosen.cause : void 0),
    prior,
    found: found?.condition ?? null,
    planned,
    sensitive: decoded.sensitive,
    deferred,
    dependencies: [...dependencies],
    ends: ends.ends,
    at: formatRange(resource.range),
    settings: input.settings
  };
  return {
    value: { change, services: answer.requires, value: attributesToValue(planned, schema, decoded.sensitive) },
    diagnostics
  };
}
function endpointsArgument(schema) {
  return Object.keys(schema.attributes).find((name) => schema.attributes[name]?.endpoints);
}
function missingAdapters(input) {
  const name = endpointsArgument(input.schema);
  const written = input.resource.body.attributes.find((one) => one.name === name);
  return findMissingAdapters(input.address, written?.expression, input.scope);
}
function resolveEnds(input, attributes, places, diagnostics) {
  const name = endpointsArgument(input.schema);
  if (name === void 0) return { attributes, ends: [] };
  const placeOf = (position2) => (position2 === void 0 ? void 0 : places.get(`${name}[${position2}]`)) ?? places.get(name) ?? input.resource.range;
  const resolved = input.endpoints.resolve(input.address, attributes[name], placeOf, input.afterErrors());
  diagnostics.push(...resolved.diagnostics);
  return { attributes: { ...attributes, [name]: resolved.endpoints }, ends: resolved.ends };
}
async function askProvider(input, config, id, diagnostics) {
  try {
    const answer = await input.provider.plan({
      address: input.address,
      id,
      seed: seedOf(input.labIdentity, input.address),
      settings: input.settings,
      config,
      prior: input.found?.instance ?? null,
      tunnel: input.tunnel,
      offline: input.offline
    });
    diagnostics.push(...answer.diagnostics.map((one) => located(one, input)));
    return answer;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    diagnostics.push(...error.diagnostics.map((one) => located(one, input)));
    return void 0;
  }
}
function located(diagnostic, input) {
  return {
    ...diagnostic,
    address: diagnostic.address ?? input.address,
    range: diagnostic.range ?? input.resource.range
  };
}
function bodyDependencies(input) {
  const found = [];
  const visit = (body, schema) => {
    for (const attribute2 of body.attributes) {
      if (schema?.attributes[attribute2.name]?.endpoints) continue;
      found.push(...input.dependencies(attribute2.expression));
    }
    for (const block of body.blocks) visit(block.body, void 0);
  };
  visit(input.resource.body, input.schema);
  return found;
}
function renew(schema, answered, prior, action) {
  const planned = { ...answered };
  for (const [name, attribute2] of Object.entries(schema.attributes)) {
    if (attribute2.computed !== "create" && attribute2.computed !== "start") continue;
    const wanted = answered[name] ?? null;
    if (wanted !== null && wanted !== UNKNOWN) continue;
    const made = action === "create" || action === "replace";
    const started = made || action === "start" || action === "restart";
    const fresh = attribute2.computed === "create" ? made : started;
    planned[name] = fresh || !prior ? UNKNOWN : prior.attributes[name] ?? null;
  }
  return planned;
}
function causesOf(input, changes, places, chosen) {
  const causes = [];
  const live = input.found?.live;
  if (live && live.condition !== "present") causes.push(live.cause);
  if (chosen) causes.push(chosen);
  if (input.replace && input.found) causes.push({ kind: "asked", summary: "asked for with -replace" });
  for (const { path } of changes) {
    const place3 = places.get(formatPath(path)) ?? places.get(formatPath(path.slice(0, 1)));
    causes.push({
      kind: "lab",
      summary: place3 ? `${formatPath(path)} changed in the lab files` : `${formatPath(path)} changes`,
      path,
      at: place3 ? formatRange(place3) : void 0
    });
  }
  return causes;
}
function refuseWaitingLinks(instances, ranges) {
  const found = [];
  for (const { change } of instances.values()) {
    if (change.kind !== "link") continue;
    for (const [path, deferred] of Object.entries(change.deferred)) {
      found.push(
        errorDiagnostic(`${path} of ${change.address} is not known before its nodes run`, {
          detail: `A link is wired before its nodes start, so "${deferred.text}" would come too late. Use a value that is known at plan.`,
          range: ranges(change.address),
          address: change.address
        })
      );
    }
  }
  return found;
}
var init_instance = __esm({
  "src/planner/instance.ts"() {
    "use strict";
    init_diagnostics();
    init_source();
    init_values();
    init_decode();
    init_plain();
    init_diff();
    init_endpoints();
    init_identity();
  }
});

// src/planner/literalScope.ts
function literalScope(members) {
  return {
    member: (root2, name) => members.get(root2)?.(name),
    lookup: () => void 0,
    names: (root2) => root2 === void 0 ? [...members.keys()] : []
  };
}
var init_literalScope = __esm({
  "src/planner/literalScope.ts"() {
    "use strict";
  }
});

// src/evaluation/json.ts
function valueToJson(value) {
  const { raw } = value;
  if (raw === UNKNOWN) throw new TypeError("an unknown value has no JSON form");
  if (raw === null || typeof raw === "string" || typeof raw === "boolean") return raw;
  if (Array.isArray(raw)) return raw.map(valueToJson);
  if (raw instanceof Map) {
    const items = [...sortedEntries(raw)];
    return Object.fromEntries(items.map(([name, item]) => [name, valueToJson(item)]));
  }
  return numberToJson(raw);
}
function numberToJson(num) {
  if (typeof num === "number") return num;
  const double = toJavaScript(num);
  return Number.isFinite(double) && sameNumber(fromJavaScript(double), num) ? double : formatNumber(num);
}
function valueFromJson(type, json) {
  if (type.kind === "dynamic") return impliedValue2(json);
  if (json === null) return { type: concrete(type), raw: null, sensitive: false };
  switch (type.kind) {
    case "string":
      if (typeof json === "string") return stringValue(json);
      break;
    case "number":
      if (typeof json === "number") return numberValue(fromJavaScript(json));
      if (typeof json === "string") return numberValue(parseNumber(json));
      break;
    case "bool":
      if (typeof json === "boolean") return boolValue(json);
      break;
    case "list":
    case "set":
      if (Array.isArray(json)) return sequence3(type, json);
      break;
    case "tuple":
      if (Array.isArray(json) && json.length === type.elements.length) {
        const items = json.map((item, at2) => valueFromJson(type.elements[at2], item));
        return tupleValue(items);
      }
      break;
    case "map":
    case "object":
      if (typeof json === "object" && !Array.isArray(json))
        return entries2(type, json);
  }
  throw new TypeError(`JSON ${JSON.stringify(json)} is not of type ${type.kind}`);
}
function sequence3(type, json) {
  const items = json.map((item) => valueFromJson(type.element, item));
  if (type.kind === "set") return makeSet(concrete(type.element), items);
  return { type: { kind: "list", element: elementType2(type.element, items) }, raw: items, sensitive: false };
}
function entries2(type, json) {
  if (type.kind === "map") {
    const items = new Map(Object.entries(json).map(([name, item]) => [name, valueFromJson(type.element, item)]));
    const element2 = elementType2(type.element, [...items.values()]);
    return { type: { kind: "map", element: element2 }, raw: sortedMap(items), sensitive: false };
  }
  const attributes = /* @__PURE__ */ new Map();
  for (const [name, attribute2] of type.attributes) {
    attributes.set(name, valueFromJson(attribute2, Object.hasOwn(json, name) ? json[name] : null));
  }
  return hasDynamic(type) ? objectValue(attributes) : { type: concrete(type), raw: attributes, sensitive: false };
}
function elementType2(type, items) {
  return hasDynamic(type) ? items[0]?.type ?? DYNAMIC : concrete(type);
}
function impliedValue2(json) {
  if (json === null) return NULL;
  if (typeof json === "string") return stringValue(json);
  if (typeof json === "number") return numberValue(fromJavaScript(json));
  if (typeof json === "boolean") return boolValue(json);
  if (Array.isArray(json)) return tupleValue(json.map(impliedValue2));
  return objectValue(sortedMap(new Map(Object.entries(json).map(([name, item]) => [name, impliedValue2(item)]))));
}
var init_json2 = __esm({
  "src/evaluation/json.ts"() {
    "use strict";
    init_bigfloat();
    init_values();
    init_convert();
    init_order();
    init_types();
  }
});

// src/planner/outputs.ts
function planOutputs(wanted, state) {
  const changes = [];
  for (const { name, value, sensitive, deferred } of wanted) {
    const recorded = state.outputs[name];
    const before = recorded ? { type: recorded.type, value: recorded.value } : void 0;
    const after = isWhollyKnown(value) ? { type: typeToJson(value.type), value: valueToJson(value) } : void 0;
    const same = before !== void 0 && after !== void 0 && recorded?.sensitive === sensitive && samePlanned(before.type, after.type) && samePlanned(before.value, after.value);
    const action = same ? "none" : before === void 0 ? "create" : "update";
    changes.push({ name, action, sensitive, before, after, deferred });
  }
  const names = new Set(wanted.map((one) => one.name));
  for (const [name, recorded] of Object.entries(state.outputs)) {
    if (names.has(name)) continue;
    const before = { type: recorded.type, value: recorded.value };
    changes.push({ name, action: "delete", sensitive: recorded.sensitive, before });
  }
  return changes;
}
var init_outputs = __esm({
  "src/planner/outputs.ts"() {
    "use strict";
    init_values();
    init_json2();
    init_types();
  }
});

// src/planner/refresh.ts
async function refresh(state, providers, offline) {
  const found = /* @__PURE__ */ new Map();
  const diagnostics = [];
  if (offline) {
    for (const [address, instance] of state.instances) {
      found.set(address, { instance, condition: null, live: null, refreshed: false });
    }
    return { found, diagnostics };
  }
  const byProvider = /* @__PURE__ */ new Map();
  for (const instance of state.instances.values()) {
    const group = byProvider.get(instance.provider);
    if (group) group.push(instance);
    else byProvider.set(instance.provider, [instance]);
  }
  await Promise.all(
    [...byProvider].map(async ([name, instances]) => {
      try {
        const provider = await providers.load(name);
        const lives = await provider.read(instances);
        instances.forEach((instance, at2) => {
          const live = lives[at2];
          if (!live) throw new Error(`provider ${name} answered ${lives.length} of ${instances.length} reads`);
          found.set(instance.address, {
            instance: live.instance,
            condition: live.condition,
            live,
            // Found whole, its operation is no longer pending, whether or not anything else differs.
            refreshed: live.instance !== instance || instance.pending !== void 0
          });
        });
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        diagnostics.push(...error.diagnostics);
        diagnostics.push(
          errorDiagnostic(`The live state of the ${name} resources could not be read`, {
            detail: "Without it no plan can be trusted. Mend what the message above names and run the command again."
          })
        );
      }
    })
  );
  return { found, diagnostics };
}
var init_refresh = __esm({
  "src/planner/refresh.ts"() {
    "use strict";
    init_diagnostics();
  }
});

// src/planner/removals.ts
function planRemoval(found, cause, nodeOf) {
  const { instance } = found;
  return {
    address: instance.address,
    kind: instance.kind,
    provider: instance.provider,
    schemaVersion: instance.schemaVersion,
    id: instance.id,
    action: "delete",
    causes: [cause],
    prior: instance,
    found: found.condition,
    planned: null,
    sensitive: instance.sensitive,
    deferred: {},
    dependencies: instance.dependencies,
    ends: endsOf(instance, nodeOf),
    settings: {}
  };
}
function endsOf(instance, nodeOf) {
  const ends = /* @__PURE__ */ new Set();
  for (const adapter of adapterIds(instance.attributes.endpoints)) {
    const node3 = nodeOf(adapter.slice(0, adapter.lastIndexOf("/")));
    if (node3 !== void 0) ends.add(node3);
  }
  return [...ends];
}
function nodeAddresses(instances) {
  const addresses = /* @__PURE__ */ new Map();
  for (const one of instances) if (one.kind === "node") addresses.set(one.id, one.address);
  return (id) => addresses.get(id);
}
var init_removals = __esm({
  "src/planner/removals.ts"() {
    "use strict";
    init_endpoints();
  }
});

// src/core/provider.ts
function resourceSchema(provider, kind, name) {
  const schema = provider.resources[kind === "service" ? `service.${name}` : kind];
  if (!schema) throw new Error(`provider ${provider.name} has no ${kind} ${name}`);
  return schema;
}
var init_provider3 = __esm({
  "src/core/provider.ts"() {
    "use strict";
  }
});

// src/planner/services.ts
function planService(service2, found, providers, settings, labIdentity) {
  const name = parseAddress(service2.address)?.name ?? "";
  const schema = resourceSchema(providers.schema(service2.provider), "service", name);
  const prior = found?.instance ?? null;
  const changes = prior ? differences(schema, prior.attributes, service2.attributes) : [];
  const causes = [];
  let action = "create";
  if (prior && found) {
    const chosen = chooseAction(gravest(changes), {
      condition: found.condition,
      status: prior.status,
      kind: "service"
    });
    action = chosen.action;
    if (found.live && found.live.condition !== "present") causes.push(found.live.cause);
    if (chosen.cause) causes.push(chosen.cause);
    for (const { path } of changes) causes.push({ kind: "lab", summary: `${path.join(".")} changes`, path });
  }
  const planned = { ...service2.attributes };
  const renewed = action !== "none" && action !== "update";
  for (const [argument, attribute2] of Object.entries(schema.attributes)) {
    if (attribute2.computed === "create" || attribute2.computed === "start") {
      planned[argument] = renewed ? UNKNOWN : prior?.attributes[argument] ?? null;
    }
  }
  return {
    address: service2.address,
    kind: "service",
    provider: service2.provider,
    schemaVersion: schema.version,
    id: prior?.id ?? freshId(labIdentity, service2.address, () => false),
    action,
    causes,
    prior,
    found: found?.condition ?? null,
    planned,
    sensitive: [],
    deferred: {},
    dependencies: [],
    ends: [],
    settings
  };
}
var init_services = __esm({
  "src/planner/services.ts"() {
    "use strict";
    init_addresses();
    init_provider3();
    init_values();
    init_diff();
    init_identity();
  }
});

// src/planner/targets.ts
function restrict(changes, targets) {
  const diagnostics = [];
  const kept = /* @__PURE__ */ new Set();
  const byAddress = new Map(changes.map((change) => [change.address, change]));
  const dependents = /* @__PURE__ */ new Map();
  for (const change of changes) {
    if (change.action !== "delete") continue;
    for (const needed of [...change.dependencies, ...change.ends]) {
      const list = dependents.get(needed);
      if (list) list.push(change.address);
      else dependents.set(needed, [change.address]);
    }
  }
  const pending = [];
  for (const target of targets) {
    if (!parseAddress(target)) {
      diagnostics.push(
        errorDiagnostic(`"${target}" is no address`, {
          detail: 'An address looks like node.r1, node.router["r1"] or link.core[0].'
        })
      );
      continue;
    }
    const matching = changes.filter((change) => change.address === target || resourceOf(change.address) === target);
    if (matching.length === 0) {
      diagnostics.push(
        errorDiagnostic(`-target ${target} names nothing`, {
          detail: "Neither the lab files nor the state have a resource of that address."
        })
      );
    }
    pending.push(...matching.map((change) => change.address));
  }
  for (let address = pending.pop(); address !== void 0; address = pending.pop()) {
    const change = byAddress.get(address);
    if (!change || kept.has(address)) continue;
    kept.add(address);
    if (change.action === "delete") pending.push(...dependents.get(address) ?? []);
    else pending.push(...change.dependencies, ...change.ends);
  }
  return { kept, diagnostics };
}
var init_targets = __esm({
  "src/planner/targets.ts"() {
    "use strict";
    init_addresses();
    init_diagnostics();
  }
});

// src/evaluation/deferred.ts
function capture(expression, describe2) {
  const captured = /* @__PURE__ */ new Map();
  for (const { root: root2, path } of references(expression)) {
    const [member] = path;
    const name = typeof member === "string" ? member : void 0;
    const key = keyOf(root2, name);
    if (!captured.has(key)) captured.set(key, describe2(root2, name));
  }
  return {
    text: rangeText(expression.range),
    at: formatRange(expression.range),
    captured: Object.fromEntries(captured)
  };
}
function keyOf(root2, member) {
  return member === void 0 ? root2 : `${root2}.${member}`;
}
function evaluateDeferred(deferred, instance) {
  const { expression, diagnostics } = parseExpression(inPlace(deferred));
  if (!expression || diagnostics.length > 0) return { value: UNKNOWN_VALUE, diagnostics };
  const scope = new CapturedScope(deferred, instance);
  const { value, diagnostics: found } = evaluate(expression, scope);
  return { value, diagnostics: [...scope.diagnostics, ...found] };
}
function inPlace({ text, at: at2 }) {
  const match = /^(.*):(\d+):(\d+)$/s.exec(at2);
  if (!match) return { name: at2, text };
  const before = "\n".repeat(Number(match[2]) - 1) + " ".repeat(Number(match[3]) - 1);
  return { name: match[1], text: before + text };
}
var CapturedScope;
var init_deferred = __esm({
  "src/evaluation/deferred.ts"() {
    "use strict";
    init_addresses();
    init_source();
    init_values();
    init_parse();
    init_references();
    init_evaluate();
    init_json2();
    init_order();
    init_plain();
    init_types();
    CapturedScope = class {
      diagnostics = [];
      #captured;
      #instance;
      #values = /* @__PURE__ */ new Map();
      constructor(deferred, instance) {
        this.#captured = new Map(Object.entries(deferred.captured));
        this.#instance = instance;
      }
      member(root2, name) {
        return this.#value(keyOf(root2, name));
      }
      lookup(root2) {
        return this.#value(root2);
      }
      names(root2) {
        const keys2 = [...this.#captured.keys()];
        if (root2 === void 0) return [...new Set(keys2.map((key) => key.split(".", 1)[0]))];
        return keys2.filter((key) => key.startsWith(`${root2}.`)).map((key) => key.slice(root2.length + 1));
      }
      #value(key) {
        const known4 = this.#values.get(key);
        if (known4) return known4;
        const captured = this.#captured.get(key);
        if (!captured) return void 0;
        const value = this.#resolve(captured);
        this.#values.set(key, value);
        return value;
      }
      #resolve(captured) {
        switch (captured.kind) {
          case "value":
            return markPaths(valueFromJson(typeFromJson(captured.type), captured.value), captured.sensitive ?? []);
          case "deferred": {
            const { value, diagnostics } = evaluateDeferred(captured.deferred, this.#instance);
            this.diagnostics.push(...diagnostics);
            return value;
          }
          case "resource":
            return this.#resource(captured);
        }
      }
      #resource({ shape, instances }) {
        if (shape === "single") {
          const [address] = instances;
          return address === void 0 ? UNKNOWN_VALUE : this.#instance(address);
        }
        const keyed = instances.map((address) => ({ key: parseAddress(address)?.key, value: this.#instance(address) }));
        if (shape === "map") {
          return objectValue(sortedMap(new Map(keyed.map(({ key, value }) => [String(key), value]))));
        }
        return tupleValue(keyed.sort((left, right) => Number(left.key) - Number(right.key)).map((one) => one.value));
      }
    };
  }
});

// src/planner/captured.ts
function describeValue(value) {
  if (!isWhollyKnown(value)) return { kind: "value", type: "dynamic", value: null };
  const sensitive = [];
  collect2(value, [], sensitive);
  return {
    kind: "value",
    type: typeToJson(value.type),
    value: valueToJson(value),
    ...sensitive.length > 0 ? { sensitive } : {}
  };
}
function collect2(value, path, found) {
  if (value.sensitive) {
    found.push(path);
    return;
  }
  const { raw } = value;
  if (raw instanceof Map) {
    for (const [name, item] of raw) collect2(item, [...path, name], found);
  } else if (Array.isArray(raw)) {
    raw.forEach((item, at2) => collect2(item, [...path, at2], found));
  }
}
var init_captured = __esm({
  "src/planner/captured.ts"() {
    "use strict";
    init_values();
    init_json2();
    init_types();
  }
});

// src/planner/expand.ts
function expand2(resource, scope) {
  if (resource.count) return expandCount(resource, resource.count, scope);
  if (resource.forEach) return expandForEach(resource, resource.forEach, scope);
  return { shape: "single", instances: [{ key: void 0, each: void 0 }], known: true, diagnostics: [] };
}
function expandCount(resource, expression, scope) {
  const { value, diagnostics } = evaluate(expression, scope);
  const refuse3 = (summary2, detail) => ({
    shape: "list",
    instances: [],
    known: false,
    diagnostics: diagnostics.length > 0 ? diagnostics : [errorDiagnostic(summary2, { detail, range: expression.range })]
  });
  if (value.raw === UNKNOWN) return refuse3("count is not known at plan", unknownHelp(resource.address, "count"));
  if (value.sensitive)
    return refuse3(
      "count may not be sensitive",
      "The number of instances shows in the plan and so gives the value away."
    );
  const converted2 = convert(value, NUMBER);
  if ("error" in converted2) return refuse3("count must be a whole number", `Got ${converted2.error}.`);
  const count = converted2.value.raw;
  if (typeof count !== "number" || count < 0 || count > mostInstances) {
    return refuse3(
      "count must be a whole number",
      `It must be between 0 and ${mostInstances}${count === null ? "; it is null" : ""}.`
    );
  }
  const instances = Array.from({ length: count }, (_, index2) => ({ key: index2, each: numberValue(index2) }));
  return { shape: "list", instances, known: true, diagnostics };
}
function expandForEach(resource, expression, scope) {
  const { value, diagnostics } = evaluate(expression, scope);
  const refuse3 = (summary2, detail) => ({
    shape: "map",
    instances: [],
    known: false,
    diagnostics: diagnostics.length > 0 ? diagnostics : [errorDiagnostic(summary2, { detail, range: expression.range })]
  });
  const { raw, type } = value;
  if (value.sensitive)
    return refuse3("for_each may not be sensitive", "The instances' keys show in the plan and so give the value away.");
  if (raw === UNKNOWN) return refuse3("for_each is not known at plan", unknownHelp(resource.address, "for_each"));
  if (raw === null)
    return refuse3("for_each is null", "Give a map, an object or a set of strings; an empty one makes no instances.");
  if (raw instanceof Map) {
    const instances = [...raw].map(([key, each]) => ({ key, each }));
    return { shape: "map", instances, known: true, diagnostics };
  }
  if (type.kind === "set" && Array.isArray(raw)) {
    const items = raw;
    if (items.some((item) => item.raw === UNKNOWN))
      return refuse3("for_each is not known at plan", unknownHelp(resource.address, "for_each"));
    if (items.every((item) => typeof item.raw === "string")) {
      const instances = items.map((item) => ({ key: item.raw, each: item }));
      return { shape: "map", instances, known: true, diagnostics };
    }
  }
  return refuse3(
    "for_each takes a map, an object or a set of strings",
    type.kind === "tuple" || type.kind === "list" ? "This is a list: use toset() if its elements are unique strings." : ""
  );
}
function unknownHelp(address, argument) {
  return `${argument} of ${address} depends on something that is decided only when the plan is applied, so labform cannot tell how many instances there will be. Use values that stand in the lab files or variables, or apply what it depends on first with -target.`;
}
var mostInstances;
var init_expand = __esm({
  "src/planner/expand.ts"() {
    "use strict";
    init_diagnostics();
    init_values();
    init_evaluate();
    init_types();
    mostInstances = 1e5;
  }
});

// src/planner/walk.ts
async function walk2(input) {
  const walker = new Walker(input);
  for (const name of input.order) {
    const [root2, member] = split2(name);
    if (root2 === "local") walker.local(member);
    else if (root2 === "output") walker.output(member);
    else if (root2 === "node" || root2 === "link") await walker.resource(name);
  }
  return walker;
}
function split2(name) {
  const dot = name.indexOf(".");
  return [name.slice(0, dot), name.slice(dot + 1)];
}
function keyOf2(address) {
  return JSON.parse(address.slice(address.indexOf("[") + 1, -1));
}
var Walker;
var init_walk = __esm({
  "src/planner/walk.ts"() {
    "use strict";
    init_addresses();
    init_diagnostics();
    init_provider3();
    init_source();
    init_values();
    init_deferred();
    init_evaluate();
    init_marks();
    init_captured();
    init_endpoints();
    init_expand();
    init_instance();
    Walker = class {
      instances = /* @__PURE__ */ new Map();
      services = /* @__PURE__ */ new Map();
      outputs = [];
      diagnostics = [];
      #input;
      #locals = /* @__PURE__ */ new Map();
      #deferredLocals = /* @__PURE__ */ new Map();
      #resources = /* @__PURE__ */ new Map();
      #endpoints = new EndpointUses();
      #ids = /* @__PURE__ */ new Set();
      #lab;
      #path;
      constructor(input) {
        this.#input = input;
        for (const instance of input.state.instances.values()) this.#ids.add(instance.id);
        this.#lab = objectValue(
          /* @__PURE__ */ new Map([
            ["name", stringValue(input.lab.name)],
            ["workspace", stringValue("default")]
          ])
        );
        const directory = stringValue(".");
        this.#path = objectValue(
          /* @__PURE__ */ new Map([
            ["module", directory],
            ["root", directory],
            ["cwd", stringValue(input.lab.directory)]
          ])
        );
      }
      local(name) {
        const local = this.#input.lab.locals.get(name);
        if (!local) return;
        const scope = this.#scope();
        const { value, diagnostics } = evaluate(local.expression, scope);
        this.diagnostics.push(...diagnostics);
        this.#locals.set(name, value);
        if (!isWhollyKnown(value) && !hasErrors(diagnostics))
          this.#deferredLocals.set(name, this.#capture(local.expression, scope));
      }
      output(name) {
        const output2 = this.#input.lab.outputs.get(name);
        if (!output2) return;
        const scope = this.#scope();
        const { value, diagnostics } = evaluate(output2.expression, scope);
        this.diagnostics.push(...diagnostics);
        if (containsSensitive(value) && !output2.sensitive) {
          this.diagnostics.push({
            severity: "error",
            summary: "Output refers to sensitive values",
            detail: `The value of output "${name}" comes from something sensitive. Add sensitive = true to the output if it is meant to be kept.`,
            range: output2.expression.range
          });
        }
        const deferred = isWhollyKnown(value) || hasErrors(diagnostics) ? void 0 : this.#capture(output2.expression, scope);
        this.outputs.push({ name, value, sensitive: output2.sensitive, deferred });
      }
      async resource(address) {
        const resource = this.#input.lab.resources.get(address);
        if (!resource) return;
        const expansion = expand2(resource, this.#scope());
        this.diagnostics.push(...expansion.diagnostics);
        const instances = [];
        for (const { key, each } of expansion.instances) {
          const instance = instanceAddress(address, key);
          instances.push(instance);
          await this.#instance(resource, instance, key, each);
        }
        this.#resources.set(address, {
          shape: expansion.shape,
          instances,
          value: expansion.known ? void 0 : UNKNOWN_VALUE
        });
      }
      async #instance(resource, address, key, each) {
        const input = this.#input;
        const scope = this.#scope(key, each);
        const providerName = input.providers.names[resource.kind === "node" ? "node" : "link"];
        const planned = await planInstance({
          resource,
          address,
          scope,
          capture: (expression) => this.#capture(expression, scope),
          dependencies: (expression) => this.#dependencies(expression),
          dependsOn: resource.dependsOn.flatMap((one) => this.#resources.get(one.address)?.instances ?? []),
          providerName,
          provider: await input.providers.load(providerName),
          schema: resourceSchema(input.providers.schema(providerName), resource.kind, resource.name),
          settings: input.settings.get(providerName) ?? {},
          tunnel: input.tunnel,
          labIdentity: input.labIdentity,
          ids: this.#ids,
          found: input.found.get(address),
          offline: input.offline,
          replace: input.replace.has(address),
          endpoints: this.#endpoints,
          afterErrors: () => hasErrors(this.diagnostics)
        });
        this.diagnostics.push(...planned.diagnostics);
        if (!planned.value) return;
        this.instances.set(address, planned.value);
        if (resource.kind === "node") this.#endpoints.add(planned.value.change);
        for (const service2 of planned.value.services) this.services.set(service2.address, service2);
      }
      /** Instances an expression refers to: the one its constant key names, or all of a resource. */
      #dependencies(expression) {
        const found = [];
        capture(expression, (root2, member) => {
          const resource = member === void 0 ? void 0 : this.#resources.get(`${root2}.${member}`);
          if (resource) found.push(...resource.instances);
          else if (root2 === "local" && member !== void 0) {
            const local = this.#input.lab.locals.get(member);
            if (local) found.push(...this.#dependencies(local.expression));
          }
          return describeValue(UNKNOWN_VALUE);
        });
        return found;
      }
      #capture(expression, scope) {
        return capture(expression, (root2, member) => {
          const resource = member === void 0 ? void 0 : this.#resources.get(`${root2}.${member}`);
          if (resource) return { kind: "resource", shape: resource.shape, instances: resource.instances };
          const deferred = root2 === "local" && member !== void 0 ? this.#deferredLocals.get(member) : void 0;
          if (deferred) return { kind: "deferred", deferred };
          const value = member === void 0 ? scope.lookup(root2) : scope.member(root2, member);
          if (!value) throw new Error(`nothing to capture for ${root2}.${member ?? ""} in ${rangeText(expression.range)}`);
          return describeValue(value);
        });
      }
      #resourceValue(address) {
        const expanded = this.#resources.get(address);
        if (!expanded) return this.#input.lab.resources.has(address) ? UNKNOWN_VALUE : void 0;
        if (!expanded.value) {
          const values2 = expanded.instances.map((one) => this.instances.get(one)?.value ?? UNKNOWN_VALUE);
          if (expanded.shape === "single") expanded.value = values2[0] ?? UNKNOWN_VALUE;
          else if (expanded.shape === "list") expanded.value = tupleValue(values2);
          else
            expanded.value = objectValue(new Map(expanded.instances.map((one, at2) => [keyOf2(one), values2[at2]])));
        }
        return expanded.value;
      }
      #scope(key, each) {
        const { lab, variables } = this.#input;
        const eachValue = each && typeof key === "string" ? objectValue(
          /* @__PURE__ */ new Map([
            ["key", stringValue(key)],
            ["value", each]
          ])
        ) : void 0;
        const countValue = typeof key === "number" && each ? objectValue(/* @__PURE__ */ new Map([["index", each]])) : void 0;
        const whole = (root2) => {
          if (root2 === "lab") return this.#lab;
          if (root2 === "path") return this.#path;
          if (root2 === "each") return eachValue;
          if (root2 === "count") return countValue;
          const names = this.#names(root2);
          if (!names) return void 0;
          return objectValue(new Map(names.map((name) => [name, member(root2, name) ?? UNKNOWN_VALUE])));
        };
        const member = (root2, name) => {
          if (root2 === "var") return variables.get(name) ?? (lab.variables.has(name) ? UNKNOWN_VALUE : void 0);
          if (root2 === "local") return this.#locals.get(name) ?? (lab.locals.has(name) ? UNKNOWN_VALUE : void 0);
          if (root2 === "node" || root2 === "link") return this.#resourceValue(`${root2}.${name}`);
          const raw = whole(root2)?.raw;
          return raw instanceof Map ? raw.get(name) : void 0;
        };
        return {
          member,
          lookup: whole,
          names: (root2) => {
            if (root2 !== void 0) {
              const raw = ["lab", "path", "each", "count"].includes(root2) ? whole(root2)?.raw : void 0;
              return raw instanceof Map ? [...raw.keys()] : [...this.#names(root2) ?? []];
            }
            return [
              "var",
              "local",
              "node",
              "link",
              "lab",
              "path",
              ...eachValue ? ["each"] : [],
              ...countValue ? ["count"] : []
            ];
          }
        };
      }
      #names(root2) {
        const { lab } = this.#input;
        if (root2 === "var") return [...lab.variables.keys()];
        if (root2 === "local") return [...lab.locals.keys()];
        if (root2 !== "node" && root2 !== "link") return void 0;
        return [...lab.resources.values()].filter((one) => one.kind === root2).map((one) => one.name);
      }
    };
  }
});

// src/planner/plan.ts
async function makePlan(input) {
  const { lab, state, providers } = input;
  const diagnostics = [];
  const { found, diagnostics: unread } = await refresh(state, providers, !input.refresh);
  diagnostics.push(...unread);
  if (hasErrors(diagnostics)) return { diagnostics };
  const settings = await resolveSettings3(input, diagnostics);
  const labIdentity = readIdentity(lab, diagnostics);
  if (hasErrors(diagnostics)) return { diagnostics };
  const linkProvider = await providers.load(providers.names.link);
  const walked = await walk2({
    ...input,
    found,
    settings,
    tunnel: linkProvider.tunnel?.(settings.get(providers.names.link) ?? {}) ?? "stream",
    labIdentity,
    offline: !input.refresh,
    replace: new Set(input.replace)
  });
  diagnostics.push(...walked.diagnostics);
  diagnostics.push(...refuseWaitingLinks(walked.instances, (address) => lab.resources.get(address)?.range));
  if (hasErrors(diagnostics)) return { diagnostics };
  const services = [...walked.services.values()].toSorted((a, b) => a.address < b.address ? -1 : 1).map(
    (service2) => planService(service2, found.get(service2.address), providers, settings.get(service2.provider) ?? {}, labIdentity)
  );
  const wanted = [...services, ...[...walked.instances.values()].map((one) => one.change)];
  const all = [...wanted, ...removals(found, new Set(wanted.map((change) => change.address)), state)];
  for (const target of input.replace) {
    if (!all.some((change) => change.address === target)) {
      diagnostics.push(
        errorDiagnostic(`-replace ${target} names nothing`, {
          detail: "Give the address of one instance, as plan and status show it."
        })
      );
    }
  }
  const kept = restrictTo(all, input.targets, diagnostics);
  const plan = assemble2(input, kept, found, { name: lab.name, identity: labIdentity }, "normal", diagnostics);
  const outputs = planOutputs(walked.outputs, state).filter(
    (output2) => input.targets.length === 0 || isWithin(output2, kept, all)
  );
  return { value: { ...plan, outputs }, diagnostics };
}
async function makeDestroyPlan(input) {
  const diagnostics = [];
  const { found, diagnostics: unread } = await refresh(input.state, input.providers, !input.refresh);
  diagnostics.push(...unread);
  if (hasErrors(diagnostics)) return { diagnostics };
  const all = removals(found, /* @__PURE__ */ new Set(), input.state, { kind: "asked", summary: "destroy was asked for" });
  const kept = restrictTo(all, input.targets, diagnostics);
  const plan = assemble2(input, kept, found, input.state.lab, "destroy", diagnostics);
  const outputs = input.targets.length === 0 ? planOutputs([], input.state) : [];
  return { value: { ...plan, outputs }, diagnostics };
}
async function resolveSettings3(input, diagnostics) {
  const { lab, providers } = input;
  const resolved = /* @__PURE__ */ new Map();
  const scope = literalScope(/* @__PURE__ */ new Map([["var", (name) => input.variables.get(name)]]));
  for (const name of /* @__PURE__ */ new Set([providers.names.node, providers.names.link])) {
    const block = lab.providers.get(name);
    const file = lab.nameRange.file;
    const body = block?.body ?? {
      attributes: [],
      blocks: [],
      range: lab.nameRange,
      endRange: { file, start: 0, end: 0 }
    };
    const decoded = decodeBody(body, providers.schema(name).settings, scope);
    diagnostics.push(...decoded.diagnostics);
    if (hasErrors(decoded.diagnostics)) continue;
    const unknown = Object.entries(decoded.attributes).find(([, value]) => !isWhollyPlanned(value));
    if (unknown) {
      diagnostics.push(
        errorDiagnostic(`${unknown[0]} of provider "${name}" is not known at plan`, {
          detail: "A provider's settings are needed before anything can be planned: use values that stand in the lab files or variables.",
          range: decoded.places.get(unknown[0]) ?? block?.range
        })
      );
      continue;
    }
    const provider = await providers.load(name);
    const answer = await provider.settings(decoded.attributes, !input.refresh);
    diagnostics.push(...answer.diagnostics.map((one) => ({ ...one, range: one.range ?? block?.range })));
    resolved.set(name, answer.settings);
  }
  return resolved;
}
function readIdentity(lab, diagnostics) {
  if (!lab.identity) return lab.name;
  const scope = literalScope(/* @__PURE__ */ new Map([["lab", (name) => stringValue(name === "workspace" ? "default" : lab.name)]]));
  const { value, diagnostics: wrong } = evaluate(lab.identity, scope);
  diagnostics.push(...wrong);
  if (typeof value.raw === "string" && value.raw !== "") return value.raw;
  if (!hasErrors(wrong)) {
    diagnostics.push(
      errorDiagnostic("identity must be a text that is known at plan", {
        range: lab.identity.range,
        detail: "It may contain lab.name and lab.workspace."
      })
    );
  }
  return lab.name;
}
function removals(found, wanted, state, cause) {
  const nodeOf = nodeAddresses(state.instances.values());
  return [...found.values()].filter((one) => !wanted.has(one.instance.address)).map((one) => planRemoval(one, cause ?? removalCause(one.instance), nodeOf)).reverse();
}
function removalCause(instance) {
  return instance.kind === "service" ? { kind: "removed", summary: "nothing needs it any more" } : { kind: "removed", summary: "it is no longer in the lab files" };
}
function restrictTo(all, targets, diagnostics) {
  if (targets.length === 0) return all;
  const { kept, diagnostics: wrong } = restrict(all, targets);
  diagnostics.push(...wrong);
  return all.filter((change) => kept.has(change.address));
}
function isWithin(output2, kept, all) {
  const here = new Set(kept.map((change) => change.address));
  const left = all.filter((change) => change.action !== "none" && !here.has(change.address)).map((change) => change.address);
  const awaited = JSON.stringify(output2.deferred ?? null);
  return !left.some((address) => awaited.includes(JSON.stringify(address)));
}
function assemble2(input, kept, found, lab, mode, diagnostics) {
  const changing = kept.filter((change) => change.action !== "none");
  const touched = new Set(changing.map((change) => change.address));
  const refreshes = [];
  for (const one of found.values()) {
    if (!touched.has(one.instance.address) && one.refreshed) refreshes.push(settled2(one.instance));
  }
  return {
    format: PLAN_FORMAT,
    labformVersion: input.labformVersion,
    lineage: input.state.lineage,
    serial: input.state.serial,
    mode,
    lab,
    time: input.time,
    refreshed: input.refresh,
    changes: changing,
    unchanged: kept.length - changing.length,
    outputs: [],
    refreshes,
    diagnostics: diagnostics.filter((one) => one.severity === "warning")
  };
}
function settled2(instance) {
  const { pending: _, ...rest } = instance;
  return { ...rest, status: instance.status === "creating" ? "ok" : instance.status };
}
var init_plan4 = __esm({
  "src/planner/plan.ts"() {
    "use strict";
    init_diagnostics();
    init_plan3();
    init_values();
    init_decode();
    init_evaluate();
    init_instance();
    init_literalScope();
    init_outputs();
    init_refresh();
    init_removals();
    init_services();
    init_targets();
    init_walk();
  }
});

// src/cli/lab.ts
async function readLab(context, directory, args) {
  const { files } = context.ports;
  let names;
  try {
    names = (await files.list(directory)).toSorted();
  } catch (error) {
    throw new Failure(
      errorDiagnostic("The lab's directory cannot be read", {
        subject: `directory ${directory}`,
        detail: message2(error)
      }),
      { cause: error }
    );
  }
  const texts2 = async (wanted) => Promise.all(names.filter(wanted).map((name) => readNamed(context, `${directory}/${name}`, name)));
  const sources = await texts2(isLabFile);
  if (sources.length === 0) {
    throw new Failure(
      errorDiagnostic("No lab files here", {
        subject: `directory ${directory}`,
        detail: "A lab is one or more files whose names end in .lab.hcl. Give the lab's directory with -chdir=DIR."
      })
    );
  }
  const loaded = loadLab({
    directory,
    files: sources,
    schemas: context.schemas,
    resourceSchemas: context.resourceSchemas,
    labformVersion: context.version
  });
  if (!loaded.value) throw new Failure(await judged(loaded.diagnostics, sources, context));
  const { value: lab } = loaded;
  const variables = loadVariables({
    variables: lab.variables,
    environment: context.environment,
    files: await texts2(isVariableFile),
    given: await Promise.all((args.var ?? args.varFile ?? []).map((one) => given(context, one)))
  });
  const diagnostics = [...loaded.diagnostics, ...variables.diagnostics];
  if (!variables.value) throw new Failure(diagnostics);
  const read = { lab, order: order(lab), variables: variables.value, warnings: diagnostics };
  if (hasErrors(diagnostics)) throw new Failure([...diagnostics, ...await wrongValues(context, read)]);
  return read;
}
async function wrongValues(context, read) {
  const places = new Set(read.warnings.flatMap((one) => one.range ? [formatRange(one.range)] : []));
  const directories = { lab: read.lab.directory, nodes: "", run: "", programs: context.programs };
  const { diagnostics } = await makePlan({
    ...read,
    state: emptyState(context.version),
    providers: context.providers(directories),
    labformVersion: context.version,
    time: new Date(context.ports.clock.now()).toISOString(),
    refresh: false,
    targets: [],
    replace: []
  });
  return diagnostics.filter((one) => one.severity === "error" && one.range && !places.has(formatRange(one.range)));
}
async function given(context, one) {
  if (one.flag === "var") return { from: "argument", text: one.text };
  return { from: "file", file: await readNamed(context, absolute(context, one.text), one.text) };
}
function absolute(context, name) {
  return name.startsWith("/") ? name : `${context.workingDirectory}/${name}`;
}
async function readNamed(context, path, name) {
  try {
    return { name, text: await context.ports.files.readText(path) };
  } catch (error) {
    throw new Failure(errorDiagnostic(`${name} cannot be read`, { subject: `file ${path}`, detail: message2(error) }), {
      cause: error
    });
  }
}
function message2(error) {
  return error instanceof Error ? `${error.message}.` : String(error);
}
async function judged(diagnostics, sources, context) {
  const added = [];
  for (const file of sources) {
    const wrong = diagnostics.filter(
      (one) => one.severity === "error" && one.range?.file.name === file.name && one.syntax === true
    );
    if (wrong.length === 0 || await askReferee(file.text, context.programs) !== "accepts") continue;
    added.push(
      errorDiagnostic(`${file.name} is valid HCL: that it was rejected is a fault of labform`, {
        detail: "HashiCorp's own parser accepts it. Please report it with the file; another way to write the line marked above will get you further.",
        range: wrong[0]?.range
      })
    );
  }
  return [...diagnostics, ...added];
}
var init_lab = __esm({
  "src/cli/lab.ts"() {
    "use strict";
    init_files();
    init_load();
    init_order2();
    init_variables();
    init_diagnostics();
    init_source();
    init_state();
    init_referee();
    init_plan4();
  }
});

// src/cli/planning.ts
async function planLab(context, loaded, against, options) {
  const providers = context.providers(against.directories);
  const common = {
    state: against.state,
    providers,
    labformVersion: context.version,
    time: new Date(context.ports.clock.now()).toISOString(),
    refresh: options.refresh !== "false",
    targets: options.target ?? []
  };
  const result = loaded ? await makePlan({
    ...common,
    lab: loaded.lab,
    order: loaded.order,
    variables: loaded.variables,
    replace: options.replace ?? []
  }) : await makeDestroyPlan(common);
  if (!result.value || hasErrors(result.diagnostics)) throw new Failure(result.diagnostics);
  return { plan: result.value, providers, warnings: [...loaded?.warnings ?? [], ...result.diagnostics] };
}
function isEmptyPlan(plan) {
  return plan.changes.length === 0 && plan.outputs.every((output2) => output2.action === "none");
}
async function describeLeftovers(states, lineage, severity2) {
  const make = severity2 === "error" ? errorDiagnostic : warningDiagnostic;
  return (await states.leftovers(lineage)).map(
    (leftover) => make(`Lab "${leftover.labName}" of this directory still runs, but its state is gone`, {
      subject: `registry entry ${leftover.registry}`,
      detail: `Still running:
${leftover.processes.map((one) => `  ${runningName(one)}
`).join("")}The state was removed while they ran (git clean removes .labform), or LABFORM_DATA_DIR named another place then. "labform destroy" ends them and removes what is left.`
    })
  );
}
function runningName({ address, identity }) {
  return `${address || "a process"} (pid ${identity.pid})`;
}
var init_planning = __esm({
  "src/cli/planning.ts"() {
    "use strict";
    init_diagnostics();
    init_plan4();
  }
});

// src/cli/commands/validate.ts
var validate_exports = {};
__export(validate_exports, {
  run: () => run
});
async function run(context, common, options) {
  const loaded = await readLab(context, common.directory, options);
  const directories = { lab: common.directory, nodes: "", run: "", programs: context.programs };
  const { warnings } = await planLab(
    context,
    loaded,
    { state: emptyState(context.version), directories },
    { refresh: "false" }
  );
  reporter(context, common)(warnings);
  if (common.json)
    context.stdout.write(
      `${JSON.stringify({ format_version: "1.0", valid: !hasErrors(warnings), error_count: 0, warning_count: warnings.length })}
`
    );
  else context.stdout.write("The lab files are valid.\n");
  return 0;
}
var init_validate = __esm({
  "src/cli/commands/validate.ts"() {
    "use strict";
    init_diagnostics();
    init_state();
    init_lab();
    init_planning();
    init_report();
  }
});

// src/planner/document.ts
function planToText(plan) {
  const changes = plan.changes.map((change) => {
    const unknown = [];
    const planned = change.planned === null ? null : known3(change.planned, [], unknown);
    return { ...change, planned, planned_unknown: unknown };
  });
  const diagnostics = plan.diagnostics.map(({ severity: severity2, summary: summary2, detail, address, subject }) => ({
    severity: severity2,
    summary: summary2,
    detail,
    address,
    subject
  }));
  return `${JSON.stringify({ ...plan, changes, diagnostics }, void 0, 2)}
`;
}
function planFromText(text, name) {
  let document;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new Failure(
      errorDiagnostic(`${name} is no saved plan`, {
        subject: `plan file ${name}`,
        detail: "It is not JSON. A plan is saved with plan -out=FILE."
      }),
      { cause: error }
    );
  }
  if (typeof document !== "object" || document === null || !("format" in document) || !("changes" in document) || !Array.isArray(document.changes)) {
    throw new Failure(
      errorDiagnostic(`${name} is no saved plan`, {
        subject: `plan file ${name}`,
        detail: "A plan is saved with plan -out=FILE."
      })
    );
  }
  if (document.format !== PLAN_FORMAT) {
    throw new Failure(
      errorDiagnostic(`${name} was saved by another version of labform`, {
        subject: `plan file ${name}`,
        detail: `Its format is ${String(document.format)}, this version reads format ${PLAN_FORMAT}. Make the plan again.`
      })
    );
  }
  const plan = document;
  const changes = document.changes.map(
    ({ planned_unknown, ...change }) => ({
      ...change,
      planned: change.planned === null ? null : withUnknown(change.planned, planned_unknown)
    })
  );
  return { ...plan, changes };
}
function known3(planned, path, unknown) {
  if (planned === UNKNOWN) {
    unknown.push(path);
    return null;
  }
  if (planned === null || typeof planned !== "object") return planned;
  if (Array.isArray(planned))
    return planned.map((item, at2) => known3(item, [...path, at2], unknown));
  const copy = {};
  for (const [name, item] of Object.entries(planned))
    copy[name] = known3(item, [...path, name], unknown);
  return copy;
}
function withUnknown(planned, unknown) {
  for (const path of unknown) {
    let at2 = planned;
    for (const step of path.slice(0, -1)) at2 = at2[step];
    at2[path.at(-1)] = UNKNOWN;
  }
  return planned;
}
var init_document = __esm({
  "src/planner/document.ts"() {
    "use strict";
    init_diagnostics();
    init_plan3();
    init_values();
  }
});

// src/core/lifecycle.ts
var node2, link2, service, OPERATIONS;
var init_lifecycle = __esm({
  "src/core/lifecycle.ts"() {
    "use strict";
    node2 = {
      none: [],
      wait: ["ready"],
      update: ["update", "ready"],
      start: ["start", "ready"],
      restart: ["stop", "prepare", "start", "ready"],
      create: ["prepare", "start", "ready"],
      replace: ["stop", "remove", "prepare", "start", "ready"],
      delete: ["stop", "remove"]
    };
    link2 = {
      none: [],
      wait: [],
      update: ["update"],
      start: ["wire"],
      restart: ["unwire", "wire"],
      create: ["wire"],
      replace: ["unwire", "wire"],
      delete: ["unwire"]
    };
    service = {
      none: [],
      wait: [],
      update: ["update"],
      start: ["launch"],
      restart: ["end", "launch"],
      create: ["launch"],
      replace: ["end", "launch"],
      delete: ["end"]
    };
    OPERATIONS = { node: node2, link: link2, network: link2, service };
  }
});

// src/ui/value.ts
function isConcealed({ paths }) {
  return paths.some((path) => path.length === 0);
}
function inside({ paths }, step) {
  if (paths.length === 0) return SHOWN;
  return { paths: paths.filter((path) => path[0] === step).map((path) => path.slice(1)) };
}
function formatPlanned(value, options = {}) {
  const { concealed: concealed3 = SHOWN, words: words3 = WORDS, step = 4 } = options;
  if (isConcealed(concealed3)) return [words3.sensitive];
  if (value === UNKNOWN) return [words3.unknown];
  if (typeof value === "string") return value.includes("\n") ? heredoc2(value, step) : [quote(value)];
  if (value === null || typeof value !== "object") return [String(value)];
  const indent2 = " ".repeat(step);
  const nested2 = (item, at2) => formatPlanned(item, { concealed: inside(concealed3, at2), words: words3, step });
  if (Array.isArray(value)) {
    const items = value;
    if (items.length === 0) return ["[]"];
    const lines2 = items.flatMap((item, at2) => {
      const [first, ...rest] = nested2(item, at2);
      const all = [first, ...rest].map((line2) => indent2 + line2);
      all[all.length - 1] += ",";
      return all;
    });
    return ["[", ...lines2, "]"];
  }
  const entries3 = Object.entries(value).sort(
    ([left], [right]) => left < right ? -1 : 1
  );
  if (entries3.length === 0) return ["{}"];
  const names = entries3.map(([name]) => keyText(name));
  const width = Math.max(...names.map(displayWidth));
  const lines = entries3.flatMap(([name, item], at2) => {
    const [first, ...rest] = nested2(item, name);
    return [`${indent2}${padEnd(names[at2], width)} = ${first}`, ...rest.map((line2) => indent2 + line2)];
  });
  return ["{", ...lines, "}"];
}
function keyText(name) {
  return /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(name) ? name : quote(name);
}
function quote(text) {
  return quoteValue(text.replace(/[$%](?=\{)/g, "$&$&"));
}
function quoteValue(text) {
  const escaped2 = text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("	", "\\t").replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.codePointAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped2}"`;
}
function heredocLines(text) {
  const lines = text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines.map((line2) => printable2(line2));
}
function heredoc2(text, step) {
  const indent2 = " ".repeat(step);
  return ["<<-EOT", ...heredocLines(text).map((line2) => indent2 + line2), "EOT"];
}
var WORDS, SHOWN;
var init_value = __esm({
  "src/ui/value.ts"() {
    "use strict";
    init_values();
    init_text();
    WORDS = { unknown: "(known after apply)", sensitive: "(sensitive value)" };
    SHOWN = { paths: [] };
  }
});

// src/ui/outputs.ts
function renderOutputs(outputs, { colour, bare = false }) {
  const { bold } = palette(colour);
  const lines = Object.keys(outputs).sort().map((name) => `${bare ? "" : `${bold(name)} = `}${renderOutput(outputs[name])}
`);
  return lines.join("");
}
function renderOutput({ sensitive, type, value }) {
  if (sensitive) return "<sensitive>";
  if (value === void 0) return "(not known yet)";
  return valueLines2(value, type, false).join("\n");
}
function valueLines2(value, type, nested2) {
  if (value === null) return [nullText(type)];
  if (typeof value === "string") return value.includes("\n") ? heredoc3(value, nested2) : [quoteValue(value)];
  if (typeof value !== "object") return [String(value)];
  const [kind, inner] = Array.isArray(type) ? type : ["dynamic", void 0];
  const open2 = collections.get(kind) ?? "";
  const close2 = open2 === "" ? "" : ")";
  if (Array.isArray(value)) {
    const items = value;
    if (items.length === 0) return [`${open2}[]${close2}`];
    const lines2 = items.flatMap((item, at2) => ended(valueLines2(item, elementType3(kind, inner, at2), true), ","));
    return [`${open2}[`, ...indented(lines2), `]${close2}`];
  }
  const names = Object.keys(value).sort();
  if (names.length === 0) return [`${open2}{}${close2}`];
  const lines = names.flatMap((name) => {
    const item = value[name];
    const [first, ...rest] = valueLines2(item, entryType(kind, inner, name), true);
    return [`${quote(name)} = ${first}`, ...rest];
  });
  return [`${open2}{`, ...indented(lines), `}${close2}`];
}
function elementType3(kind, inner, at2) {
  return kind === "tuple" ? inner[at2] : inner;
}
function entryType(kind, inner, name) {
  return kind === "object" ? inner[name] : inner;
}
function nullText(type) {
  return type === "string" || type === "number" || type === "bool" ? `to${type}(null)` : "null";
}
function heredoc3(text, nested2) {
  const lines = (nested2 ? text.replace(/\n$/, "") : text).split("\n").map((line2) => printable2(line2));
  return [nested2 ? "<<-EOT" : "<<EOT", ...lines, "EOT"];
}
function ended(lines, tail) {
  return [...lines.slice(0, -1), `${lines[lines.length - 1]}${tail}`];
}
function indented(lines) {
  return lines.map((line2) => `  ${line2}`);
}
var collections;
var init_outputs2 = __esm({
  "src/ui/outputs.ts"() {
    "use strict";
    init_colour();
    init_text();
    init_value();
    collections = /* @__PURE__ */ new Map([
      ["list", "tolist("],
      ["set", "toset("],
      ["map", "tomap("]
    ]);
  }
});

// src/ui/view.ts
var DEFAULT_WIDTH;
var init_view = __esm({
  "src/ui/view.ts"() {
    "use strict";
    DEFAULT_WIDTH = 100;
  }
});

// src/ui/plain.ts
function plainView(write, options) {
  const colours = palette(options.colour);
  const say = (text) => write(`${text}
`);
  const about2 = (address, text) => say(`${colours.bold(`${address}:`)} ${text}`);
  const heartbeat = new Heartbeat(
    ({ address, operation, elapsedMs }) => about2(address, `still ${doing[operation]} \u2026 (${formatElapsed(elapsedMs)})`)
  );
  const show2 = (event) => {
    switch (event.type) {
      case "refresh_start":
        if (event.count > 0) say(`Looking at ${countOf(event.count, "instance")} \u2026`);
        return;
      case "refresh_complete":
        if (event.count > 0) say(`Looked at ${countOf(event.count, "instance")} (${formatElapsed(event.elapsedMs)})`);
        return;
      case "lock_wait":
        say(`Waiting for the lock, held by ${printable2(event.holder)} \u2026`);
        return;
      case "step_start":
        about2(event.address, `${doing[event.operation]} \u2026`);
        return;
      case "step_progress":
        about2(event.address, printable2(event.message));
        return;
      case "step_complete":
        if (!isLastStep(event.address, event.operation, heartbeat.actionOf(event.address))) {
          about2(event.address, `${doing[event.operation]} done (${formatElapsed(event.elapsedMs)})`);
        }
        return;
      case "apply_complete":
        about2(event.address, colours.green(`${done[event.action]} (${formatElapsed(event.elapsedMs)})`));
        return;
      case "apply_errored":
        about2(event.address, colours.red(failure(event)));
        return;
      case "apply_skipped":
        about2(event.address, colours.yellow(`skipped: ${printable2(event.because)}`));
        return;
      case "diagnostic":
        write(
          `
${renderDiagnostic(event.diagnostic, { colour: options.colour, width: options.width ?? DEFAULT_WIDTH })}
`
        );
        return;
      case "interrupted":
        say("Interrupted: nothing new is started, what runs is finished. A second interrupt ends at once.");
        return;
      case "change_summary":
        if (event.operation !== "plan") {
          say(`
${colours.bold(doneSummary(event.counts, event.operation, event.elapsedMs))}`);
        }
        return;
      case "outputs":
        if (Object.keys(event.outputs).length > 0)
          write(`
${colours.bold("Outputs:")}

${renderOutputs(event.outputs, options)}`);
        return;
      case "planned":
      case "apply_start":
        return;
    }
  };
  return {
    emit: (event) => {
      show2(event);
      heartbeat.see(event);
    },
    stop: () => heartbeat.stop()
  };
}
function failure({ operation, diagnostics }) {
  const why = diagnostics.map(({ summary: summary2 }) => printable2(summary2)).join("; ");
  return `${doing[operation]} failed${why === "" ? "" : `: ${why}`}`;
}
function isLastStep(address, operation, action) {
  const kind = parseAddress(address)?.kind;
  if (!kind || !action) return false;
  return OPERATIONS[kind][action].at(-1) === operation;
}
var done, doing;
var init_plain2 = __esm({
  "src/ui/plain.ts"() {
    "use strict";
    init_addresses();
    init_lifecycle();
    init_colour();
    init_diagnostics2();
    init_heartbeat();
    init_outputs2();
    init_summary();
    init_text();
    init_view();
    done = {
      none: "left as it was",
      wait: "ready",
      update: "updated",
      start: "started",
      restart: "restarted",
      create: "created",
      replace: "replaced",
      delete: "destroyed"
    };
    doing = {
      prepare: "preparing",
      start: "starting",
      ready: "waiting until ready",
      stop: "stopping",
      remove: "removing",
      update: "updating",
      wire: "wiring",
      unwire: "unwiring",
      launch: "launching",
      end: "ending"
    };
  }
});

// src/ui/lines.ts
function line(depth, mark, text, note) {
  return { depth, mark, text, note };
}
function comment(depth, text) {
  return { depth, mark: " ", text: "", note: text };
}
function renderLine({ depth, mark, text, note }, colours) {
  const indent2 = " ".repeat(4 + depth * 4 - mark.length - 1);
  const remark = note === void 0 ? "" : colours.dim(`${text === "" ? "" : " "}# ${note}`);
  return `${indent2}${colouredMark(mark, colours)} ${text}${remark}`.trimEnd();
}
function colouredMark(mark, colours) {
  if (mark === "+") return colours.green(mark);
  if (mark === "-") return colours.red(mark);
  if (mark === "-/+") return `${colours.red("-")}/${colours.green("+")}`;
  return mark === " " ? mark : colours.yellow(mark);
}
var init_lines2 = __esm({
  "src/ui/lines.ts"() {
    "use strict";
  }
});

// src/ui/sequences.ts
import { diffArrays } from "diff";
function compareLists(before, after) {
  return steps(before, after, samePlanned);
}
function textDifference(before, after, depth) {
  const old = heredocLines(before);
  const fresh = heredocLines(after);
  const parts = diffArrays(old, fresh);
  const lines = parts.flatMap(({ value, added, removed }, at2) => {
    if (added || removed) return value.map((text) => line(depth, added ? "+" : "-", text));
    const head = at2 === 0 ? 0 : CONTEXT;
    const tail = at2 === parts.length - 1 ? 0 : CONTEXT;
    const shown = (texts2) => texts2.map((text) => line(depth, " ", text));
    const hidden = value.length - head - tail;
    if (hidden < 2) return shown(value);
    return [
      ...shown(value.slice(0, head)),
      comment(depth, `(${countOf(hidden, "unchanged line")} hidden)`),
      ...shown(value.slice(value.length - tail))
    ];
  });
  if (parts.every(({ added, removed }) => !added && !removed)) {
    lines.push(
      comment(depth, after.endsWith("\n") ? "(a line break at the end added)" : "(the last line break removed)")
    );
  }
  return lines;
}
function steps(before, after, same) {
  const found = [];
  let from = 0;
  let to = 0;
  const parts = diffArrays([...before], [...after], { comparator: same });
  for (let at2 = 0; at2 < parts.length; at2++) {
    const part = parts[at2];
    const next = parts[at2 + 1];
    if (part.removed && next?.added) {
      const pairs = Math.min(part.value.length, next.value.length);
      for (let count = 0; count < pairs; count++) found.push({ kind: "changed", from: from++, to: to++ });
      for (let count = pairs; count < part.value.length; count++) found.push({ kind: "removed", from: from++ });
      for (let count = pairs; count < next.value.length; count++) found.push({ kind: "added", to: to++ });
      at2++;
    } else if (part.removed) for (const _ of part.value) found.push({ kind: "removed", from: from++ });
    else if (part.added) for (const _ of part.value) found.push({ kind: "added", to: to++ });
    else for (const _ of part.value) found.push({ kind: "same", from: from++, to: to++ });
  }
  return found;
}
var CONTEXT;
var init_sequences = __esm({
  "src/ui/sequences.ts"() {
    "use strict";
    init_values();
    init_lines2();
    init_text();
    init_value();
    CONTEXT = 2;
  }
});

// src/ui/difference.ts
function wholeValue(mark, lead, value, tail, depth, showing) {
  const concealed3 = mark === "+" ? showing.after : showing.before;
  const text = typeof value === "string" && value.includes("\n") && !isConcealed(concealed3);
  if (text) return closed2(line(depth, mark, `${lead}<<-EOT`), textLines(value, depth + 1), `EOT${tail}`, depth);
  if (!isComposite(value) || isConcealed(concealed3) || isEmpty(value)) {
    const [shown] = formatPlanned(value, { concealed: concealed3, words: showing.words });
    return [line(depth, mark, `${lead}${shown}${tail}`)];
  }
  const open2 = line(depth, mark, `${lead}${Array.isArray(value) ? "[" : "{"}`);
  return closed2(open2, entriesOf(mark, value, depth + 1, showing), `${Array.isArray(value) ? "]" : "}"}${tail}`, depth);
}
function entriesOf(mark, value, depth, showing) {
  if (Array.isArray(value)) {
    return value.flatMap(
      (item, at2) => wholeValue(mark, "", item, ",", depth, within2(showing, at2, at2))
    );
  }
  const object = value;
  const names = Object.keys(object).sort();
  const leads = alignedLeads(names.map(keyText));
  return names.flatMap(
    (name, at2) => wholeValue(mark, leads[at2], object[name], "", depth, within2(showing, name, name))
  );
}
function changedValue(lead, before, after, tail, depth, showing) {
  if (samePlanned(before, after)) return [];
  if (isConcealed(showing.before) || isConcealed(showing.after)) {
    return [line(depth, "~", `${lead}${showing.words.sensitive}${tail}`)];
  }
  if (before === null) return wholeValue("+", lead, after, tail, depth, showing);
  if (after === null) return wholeValue("-", lead, before, ` -> null${tail}`, depth, showing);
  if (after === UNKNOWN) return becomesUnknown(lead, before, tail, depth, showing);
  if (typeof before === "string" && typeof after === "string" && `${before}${after}`.includes("\n")) {
    return closed2(line(depth, "~", `${lead}<<-EOT`), textDifference(before, after, depth + 1), `EOT${tail}`, depth);
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return closed2(line(depth, "~", `${lead}[`), listLines(before, after, depth + 1, showing), `]${tail}`, depth);
  }
  if (isObject(before) && isObject(after)) {
    return closed2(line(depth, "~", `${lead}{`), objectLines(before, after, depth + 1, showing), `}${tail}`, depth);
  }
  if (isComposite(before) || isComposite(after)) {
    return [
      ...wholeValue("-", lead, before, tail, depth, showing),
      ...wholeValue("+", lead, after, tail, depth, showing)
    ];
  }
  return [line(depth, "~", `${lead}${scalar(before)} -> ${scalar(after)}${tail}`)];
}
function becomesUnknown(lead, before, tail, depth, showing) {
  const end = ` -> ${showing.words.unknown}${tail}`;
  const [first, ...rest] = wholeValue("-", lead, before, end, depth, showing);
  return [{ ...first, mark: "~" }, ...rest];
}
function objectLines(before, after, depth, showing) {
  const names = [.../* @__PURE__ */ new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changed = names.filter((name) => !samePlanned(before[name] ?? null, after[name] ?? null));
  const leads = alignedLeads(changed.map(keyText));
  const lines = changed.flatMap((name, at2) => {
    const deeper = within2(showing, name, name);
    return changedValue(leads[at2], before[name] ?? null, after[name] ?? null, "", depth, deeper);
  });
  return withUnchanged(lines, names.length - changed.length, "attribute", depth);
}
function listLines(before, after, depth, showing) {
  let unchanged = 0;
  const lines = compareLists(before, after).flatMap((step) => {
    if (step.kind === "same") {
      unchanged++;
      return [];
    }
    const deeper = within2(showing, step.from ?? -1, step.to ?? -1);
    if (step.kind === "removed") return wholeValue("-", "", before[step.from], ",", depth, deeper);
    if (step.kind === "added") return wholeValue("+", "", after[step.to], ",", depth, deeper);
    return changedValue("", before[step.from], after[step.to], ",", depth, deeper);
  });
  return withUnchanged(lines, unchanged, "element", depth);
}
function alignedLeads(names) {
  const width = Math.max(0, ...names.map(displayWidth));
  return names.map((name) => `${padEnd(name, width)} = `);
}
function withUnchanged(lines, count, what, depth) {
  if (count > 0) lines.push(comment(depth, `(${countOf(count, `unchanged ${what}`)} hidden)`));
  return lines;
}
function textLines(text, depth, mark = " ") {
  return heredocLines(text).map((one) => line(depth, mark, one));
}
function closed2(open2, lines, end, depth) {
  return [open2, ...lines, line(depth, " ", end)];
}
function within2(showing, before, after) {
  return { words: showing.words, before: inside(showing.before, before), after: inside(showing.after, after) };
}
function scalar(value) {
  return formatPlanned(value)[0];
}
function isComposite(value) {
  return typeof value === "object" && value !== null;
}
function isObject(value) {
  return isComposite(value) && !Array.isArray(value);
}
function isEmpty(value) {
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}
var init_difference = __esm({
  "src/ui/difference.ts"() {
    "use strict";
    init_values();
    init_lines2();
    init_sequences();
    init_text();
    init_value();
  }
});

// src/ui/body.ts
function bodyLines(before, after, schema, depth, options) {
  const blocks = /* @__PURE__ */ new Map();
  for (const [name, block] of Object.entries(schema?.blocks ?? {})) blocks.set(block.attribute ?? name, [name, block]);
  const attributes = attributeLines(before, after, schema, new Set(blocks.keys()), depth, options);
  let unchanged = 0;
  const nested2 = [...blocks].flatMap(([attribute2, [name, block]]) => {
    const deeper = { ...options, showing: within2(options.showing, attribute2, attribute2), inherited: block.change };
    const lines = blockLines(name, block, before?.[attribute2] ?? null, after?.[attribute2] ?? null, depth, deeper);
    unchanged += lines.unchanged;
    return lines.lines;
  });
  if (nested2.length > 0 && attributes.length > 0) attributes.push(line(depth, " ", ""));
  return withUnchanged([...attributes, ...nested2], unchanged, "block", depth);
}
function attributeLines(before, after, schema, blocks, depth, options) {
  const known4 = Object.keys(schema?.attributes ?? {});
  const others = [.../* @__PURE__ */ new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter((name) => !known4.includes(name) && !blocks.has(name)).sort();
  const entries3 = [];
  let hidden = 0;
  for (const name of [...known4, ...others]) {
    const entry2 = {
      name,
      attribute: schema?.attributes[name],
      before: before?.[name] ?? null,
      after: after?.[name] ?? null
    };
    const choice = choose(entry2, before === null, after === null);
    if (choice === "show") entries3.push(entry2);
    else if (choice === "count") hidden++;
  }
  const leads = alignedLeads(entries3.map(({ name }) => name));
  const lines = entries3.flatMap(
    (entry2, at2) => entryLines(entry2, leads[at2], before === null ? "+" : after === null ? "-" : "~", depth, options)
  );
  if (hidden === 0) return lines;
  if (before === null) lines.push(comment(depth, `(${countOf(hidden, "attribute")} at default hidden)`));
  else if (after === null) lines.push(comment(depth, `(${countOf(hidden, "attribute")} hidden)`));
  else withUnchanged(lines, hidden, "attribute", depth);
  return lines;
}
function choose({ attribute: attribute2, before, after }, created, deleted) {
  if (created) {
    if (after === null) return "drop";
    return isDefault(after, attribute2) ? "count" : "show";
  }
  if (deleted) {
    if (before === null) return "drop";
    const computed = attribute2?.computed !== void 0 && attribute2.computed !== "plan";
    return computed || isDefault(before, attribute2) ? "count" : "show";
  }
  if (after === UNKNOWN && attribute2?.computed === "start") return "drop";
  if (!samePlanned(before, after)) return "show";
  return before === null ? "drop" : "count";
}
function isDefault(value, attribute2) {
  return attribute2?.default !== void 0 && samePlanned(value, attribute2.default);
}
function entryLines({ attribute: attribute2, before, after, name }, lead, mark, depth, options) {
  let showing = within2(options.showing, name, name);
  if (attribute2?.sensitive) showing = { ...showing, before: { paths: [[]] }, after: { paths: [[]] } };
  if (attribute2?.computed && options.undecided !== void 0) {
    showing = { ...showing, words: { ...showing.words, unknown: options.undecided } };
  }
  if (mark === "+") return wholeValue("+", lead, after, "", depth, showing);
  if (mark === "-") return wholeValue("-", lead, before, " -> null", depth, showing);
  const lines = changedValue(lead, before, after, "", depth, showing);
  const note = attribute2 && options.note?.(attribute2, options.inherited);
  if (note === void 0 || lines.length === 0) return lines;
  const [first, ...rest] = lines;
  return [{ ...first, note }, ...rest];
}
function blockLines(name, schema, before, after, depth, options) {
  const { showing } = options;
  if (isConcealed(showing.before) || isConcealed(showing.after)) {
    const mark = before === null ? "+" : after === null ? "-" : "~";
    const same = samePlanned(before, after);
    return { lines: same ? [] : [line(depth, mark, `${name} = ${showing.words.sensitive}`)], unchanged: same ? 1 : 0 };
  }
  if (before === UNKNOWN || after === UNKNOWN) {
    return { lines: changedValue(`${name} = `, before, after, "", depth, showing), unchanged: 0 };
  }
  const lines = [];
  let unchanged = 0;
  for (const { label, step, old, fresh } of instancesOf2(schema, before, after)) {
    if (samePlanned(old, fresh)) {
      if (old !== null) unchanged++;
      continue;
    }
    const deeper = step === void 0 ? options : { ...options, showing: within2(options.showing, step, step) };
    const mark = old === null ? "+" : fresh === null ? "-" : "~";
    lines.push(line(depth, mark, `${name}${label} {`));
    lines.push(...bodyLines(objectOf2(old), objectOf2(fresh), schema, depth + 1, deeper));
    lines.push(line(depth, " ", "}"));
  }
  return { lines, unchanged };
}
function instancesOf2(schema, before, after) {
  if (schema.nesting === "single") return [{ label: "", step: void 0, old: before, fresh: after }];
  if (schema.nesting === "list") {
    const old2 = before ?? [];
    const fresh2 = after ?? [];
    return Array.from({ length: Math.max(old2.length, fresh2.length) }, (_, at2) => {
      return { label: "", step: at2, old: old2[at2] ?? null, fresh: fresh2[at2] ?? null };
    });
  }
  const old = objectOf2(before) ?? {};
  const fresh = objectOf2(after) ?? {};
  return [.../* @__PURE__ */ new Set([...Object.keys(old), ...Object.keys(fresh)])].sort().map((key) => {
    return { label: ` ${quote(key)}`, step: key, old: old[key] ?? null, fresh: fresh[key] ?? null };
  });
}
function objectOf2(value) {
  return value === null ? null : value;
}
var init_body2 = __esm({
  "src/ui/body.ts"() {
    "use strict";
    init_values();
    init_difference();
    init_lines2();
    init_text();
    init_value();
  }
});

// src/ui/change.ts
function markOf(action) {
  return marks[action];
}
function actionLabel(change) {
  if (change.action === "restart") return `update (${restartNote(change)})`;
  const labels = {
    none: "nothing",
    wait: "wait until ready",
    update: "update in place",
    start: "start",
    restart: "update",
    create: "create",
    replace: "replace",
    delete: "destroy"
  };
  return labels[change.action];
}
function changeLines(change, options) {
  const { colours } = options;
  if (change.kind === "service") return serviceLines(change, options);
  const heading = `  ${colours.bold(`# ${change.address}`)} ${sentence(change)}`;
  const causes = change.causes.flatMap((cause) => causeLines(cause, options));
  const mark = markOf(change.action);
  const block = blockHeader(change);
  const body = bodyLines(
    change.action === "create" ? null : change.prior?.attributes ?? null,
    change.action === "delete" ? null : change.planned,
    options.schemas.get(change.kind),
    1,
    {
      showing: {
        words: WORDS,
        before: { paths: change.prior?.sensitive ?? [] },
        after: { paths: change.sensitive }
      },
      undecided: options.refreshed ? void 0 : "(decided on the host)",
      note: (attribute2, inherited) => forces(change, attribute2.change ?? inherited)
    }
  );
  const shown = body.some(({ text }) => text !== "") ? [line(0, mark, `${block} {`), ...body, line(0, " ", "}")] : [line(0, mark, block)];
  return [heading, ...causes, ...shown.map((one) => renderLine(one, colours))];
}
function serviceLines(change, { colours, width }) {
  const why = change.causes.map(({ summary: summary2 }) => printable2(summary2)).join("; ");
  const text = `${change.address} ${sentence(change)}${why === "" || change.action === "create" ? "" : `: ${why}`}`;
  const [first, ...rest] = wrap(text, Math.max(40, width - 4));
  return [`  ${colouredMark(markOf(change.action), colours)} ${first}`, ...rest.map((one) => `    ${one}`)];
}
function sentence(change) {
  const sentences = {
    none: "stays as it is",
    wait: "will be waited for until it is ready",
    update: "will be updated in place",
    start: "will be started",
    restart: `will be updated (${restartNote(change)})`,
    create: "will be created",
    replace: `must be replaced${lossNote(change)}`,
    delete: `will be destroyed${lossNote(change)}`
  };
  return sentences[change.action];
}
function restartNote({ kind, prior }) {
  if (kind === "service") return "restarts the service";
  if (kind !== "node") return "unplugged for a moment";
  const how = prior?.attributes["on_stop"];
  if (how === "shutdown_signal") return "restarts the node: its guest is told to shut down";
  if (how === "save_vm_state") return "restarts the node: its machine state is saved";
  return "restarts the node: power cut";
}
function lossNote({ prior }) {
  const disks = prior?.attributes["disk"];
  if (typeof disks !== "object" || disks === null || Array.isArray(disks)) return "";
  const lost = Object.entries(disks).filter(([, disk]) => {
    const settings = disk;
    return settings["linked_clone"] !== false && settings["readonly"] !== true;
  }).map(([label]) => label).sort();
  return lost.length === 0 ? "" : ` (what its guest wrote is lost: ${lost.join(", ")})`;
}
function causeLines({ summary: summary2, at: at2, evidence }, { colours, width }) {
  const text = `${printable2(summary2)}${at2 === void 0 ? "" : ` (${printable2(at2)})`}`;
  return [
    ...wrap(text, Math.max(40, width - 6)).map((part) => `  ${colours.dim("#")}   ${part}`),
    ...(evidence ?? []).map((one) => `  ${colours.dim(`#     | ${printable2(one)}`)}`)
  ];
}
function blockHeader({ address, kind }) {
  const parsed = parseAddress(address);
  if (!parsed) return address;
  const key = parsed.key === void 0 ? "" : typeof parsed.key === "number" ? `[${parsed.key}]` : `[${quote(parsed.key)}]`;
  return `${kind} ${quote(parsed.name)}${key === "" ? "" : ` ${key}`}`;
}
function forces(change, needs) {
  if (change.action === "replace" && needs === "replace") return "forces replacement";
  if ((change.action === "replace" || change.action === "restart") && needs === "restart") {
    return change.action === "restart" ? "needs the restart" : void 0;
  }
  return void 0;
}
var marks;
var init_change = __esm({
  "src/ui/change.ts"() {
    "use strict";
    init_addresses();
    init_body2();
    init_lines2();
    init_text();
    init_value();
    marks = {
      none: " ",
      wait: "\u2026",
      update: "~",
      start: "\u21BB",
      restart: "~",
      create: "+",
      replace: "-/+",
      delete: "-"
    };
  }
});

// src/ui/plan.ts
function renderPlan(plan, options) {
  const colours = palette(options.colour);
  const changes = plan.changes.filter(({ action }) => action !== "none");
  const outputs = plan.outputs.filter(({ action }) => action !== "none");
  if (changes.length === 0 && outputs.length === 0) return `${colours.bold(nothing3(plan))}
`;
  const paragraphs = [];
  if (changes.length > 0) {
    paragraphs.push(legend(plan, colours), ["labform will do this:"]);
    const context = { ...options, colours, refreshed: plan.refreshed };
    const services = changes.filter(({ kind }) => kind === "service");
    if (services.length > 0) paragraphs.push(services.flatMap((change) => changeLines(change, context)));
    for (const change of changes) {
      if (change.kind !== "service") paragraphs.push(changeLines(change, context));
    }
    paragraphs.push([summary(planSummary(changes), colours)]);
  }
  if (outputs.length > 0) {
    const lines = outputLines(outputs).map((line2) => renderLine(line2, colours));
    paragraphs.push(["Changes to outputs:", ...lines]);
    if (changes.length === 0) paragraphs.push(["Only outputs change: no node, link or service does."]);
  }
  return `${paragraphs.map((lines) => lines.join("\n")).join("\n\n")}
`;
}
function nothing3({ mode }) {
  return mode === "destroy" ? "No changes. There is nothing to destroy." : "No changes. The lab is as its files say.";
}
function legend(plan, colours) {
  const used = /* @__PURE__ */ new Map();
  for (const change of plan.changes) {
    if (change.action === "none") continue;
    const mark = markOf(change.action);
    const label = change.action === "replace" ? "destroy, then create anew" : actionLabel(change);
    used.set(label, `${" ".repeat(3 - mark.length)}${colouredMark(mark, colours)} ${label}`);
  }
  return ["Changes are marked with these signs:", ...used.values()];
}
function summary(text, colours) {
  return text.replace(/^Plan:/, colours.bold("Plan:"));
}
function outputLines(outputs) {
  const leads = alignedLeads(outputs.map(({ name }) => name));
  return outputs.flatMap((output2, at2) => {
    const concealed3 = output2.sensitive ? { paths: [[]] } : SHOWN;
    const showing = { words: WORDS, before: concealed3, after: concealed3 };
    const lead = leads[at2];
    const before = output2.before?.value ?? null;
    const after = output2.after === void 0 ? UNKNOWN : output2.after.value;
    if (output2.action === "create") return wholeValue("+", lead, after, "", 0, showing);
    if (output2.action === "delete") return wholeValue("-", lead, before, " -> null", 0, showing);
    const lines = changedValue(lead, before, after, "", 0, showing);
    return lines.length > 0 ? lines : [{ depth: 0, mark: "~", text: `${lead}(the same value, of another type)` }];
  });
}
var init_plan5 = __esm({
  "src/ui/plan.ts"() {
    "use strict";
    init_values();
    init_change();
    init_colour();
    init_difference();
    init_lines2();
    init_summary();
    init_value();
  }
});

// src/cli/view.ts
function openView(context, common) {
  const write = (text) => void context.stdout.write(text);
  if (common.json) return jsonView(write, context.version);
  return plainView(write, { colour: common.colour, width: context.stdout.columns });
}
function showPlan(context, common, plan, emit) {
  if (common.json) emit({ type: "planned", plan });
  else {
    const width = context.stdout.columns ?? 100;
    context.stdout.write(renderPlan(plan, { colour: common.colour, width, schemas: context.resourceSchemas }));
  }
}
var init_view2 = __esm({
  "src/cli/view.ts"() {
    "use strict";
    init_json();
    init_plain2();
    init_plan5();
  }
});

// src/cli/commands/plan.ts
var plan_exports = {};
__export(plan_exports, {
  run: () => run2
});
async function run2(context, common, options) {
  const loaded = options.destroy ? void 0 : await readLab(context, common.directory, options);
  const states = await context.states(common.directory);
  const against = await states.load();
  const view = openView(context, common);
  const report2 = reporter(context, common, view.emit);
  report2(await describeLeftovers(states, against.state.lineage, "warning"));
  const { plan, warnings } = await planLab(context, loaded, against, options);
  showPlan(context, common, plan, view.emit);
  view.stop();
  report2(warnings);
  if (options.out !== void 0) {
    const path = options.out.startsWith("/") ? options.out : `${context.workingDirectory}/${options.out}`;
    await context.ports.files.writeAtomic(path, planToText(plan), 384);
    if (!common.json)
      context.stdout.write(`
Saved to ${options.out}. To do exactly this: labform apply ${options.out}
`);
  }
  return options.detailedExitcode && !isEmptyPlan(plan) ? 2 : 0;
}
var init_plan6 = __esm({
  "src/cli/commands/plan.ts"() {
    "use strict";
    init_document();
    init_lab();
    init_planning();
    init_report();
    init_view2();
  }
});

// src/applier/awaited.ts
function instanceValue(address, source) {
  const instance = source.store.state.instances.get(address);
  if (!instance)
    throw new Failure(
      errorDiagnostic(`${address} is not there`, {
        detail: "It was to be made before; its own message says why it was not."
      })
    );
  const schema = resourceSchema(
    source.providers.schema(instance.provider),
    instance.kind,
    parseAddress(address)?.name ?? ""
  );
  return attributesToValue(instance.attributes, schema, instance.sensitive);
}
function evaluateAwaited(change, source) {
  const results = /* @__PURE__ */ new Map();
  const schema = resourceSchema(
    source.providers.schema(change.provider),
    change.kind,
    parseAddress(change.address)?.name ?? ""
  );
  for (const [path, deferred] of Object.entries(change.deferred)) {
    const type = typeAt(schema, path);
    const value = finish(deferred, source, change.address);
    const converted2 = type ? convert(value, type) : { value };
    if ("error" in converted2) {
      throw new Failure(
        errorDiagnostic(`${path} of ${change.address} has the wrong type`, {
          address: change.address,
          detail: `"${deferred.text}" (${deferred.at}) gave ${converted2.error}.`
        })
      );
    }
    place2(results, change, path, valueToPlanned(converted2.value).planned);
  }
  return results;
}
function finish(deferred, source, address) {
  const { value, diagnostics } = evaluateDeferred(deferred, (one) => instanceValue(one, source));
  const wrong = diagnostics.map((one) => ({
    ...one,
    address,
    range: void 0,
    detail: `${one.detail ?? ""} (${deferred.at}: ${deferred.text})`.trim()
  }));
  if (hasErrors(wrong)) throw new Failure(wrong);
  if (!isWhollyKnown(value)) {
    throw new Failure(
      errorDiagnostic(`"${deferred.text}" is still not known`, { address, detail: `It stands at ${deferred.at}.` })
    );
  }
  return value;
}
function typeAt(schema, path) {
  const direct = schema.attributes[path];
  if (direct) return direct.type;
  const [first, ...rest] = path.split(".");
  const block = schema.blocks?.[(first ?? "").replace(/\[.*$/, "")];
  return block && rest.length > 0 ? typeAt(block, rest.join(".")) : void 0;
}
function place2(results, change, path, value) {
  const steps2 = [...path.matchAll(/([^.[\]"]+)|\["([^"]*)"\]|\[(\d+)\]/g)].map(
    (match) => match[3] === void 0 ? match[2] ?? match[1] ?? "" : Number(match[3])
  );
  const root2 = String(steps2[0]);
  if (steps2.length === 1) {
    results.set(root2, value);
    return;
  }
  const whole = structuredCopy(results.get(root2) ?? change.planned?.[root2] ?? null);
  let at2 = whole;
  for (const step of steps2.slice(1, -1)) at2 = at2[step];
  at2[steps2.at(-1)] = value;
  results.set(root2, whole);
}
function structuredCopy(planned) {
  if (planned === null || typeof planned !== "object") return planned;
  if (Array.isArray(planned)) return planned.map(structuredCopy);
  return Object.fromEntries(
    Object.entries(planned).map(([key, item]) => [key, structuredCopy(item)])
  );
}
var init_awaited = __esm({
  "src/applier/awaited.ts"() {
    "use strict";
    init_addresses();
    init_diagnostics();
    init_provider3();
    init_values();
    init_deferred();
    init_plain();
    init_types();
  }
});

// src/applier/stale.ts
async function refuseStale(change, provider, recorded) {
  const { prior, found } = change;
  if (!prior || found === null || change.action === "delete" || change.action === "create") return;
  const [live] = await provider.read([recorded ?? prior]);
  if (!live) throw new Error(`provider ${change.provider} did not answer for ${change.address}`);
  const { process: process3 } = live.instance.private;
  const otherProcess = live.condition === "present" && !samePlanned(process3 ?? null, prior.private.process ?? null);
  if (live.condition === found && !otherProcess) return;
  const now = live.condition === "present" ? "it runs, as another process" : live.cause.summary;
  throw new Failure(
    errorDiagnostic(`${change.address} is no longer as the plan found it`, {
      address: change.address,
      detail: `Since the plan was made: ${now}. Nothing was done to it. Make a new plan.`
    })
  );
}
var init_stale = __esm({
  "src/applier/stale.ts"() {
    "use strict";
    init_diagnostics();
    init_values();
  }
});

// src/applier/working.ts
function startingInstance(change, recorded) {
  if (change.action !== "create" && change.prior)
    return withoutPending(recorded ? { ...change.prior, pending: recorded.pending } : change.prior);
  return {
    address: change.address,
    kind: change.kind,
    provider: change.provider,
    schemaVersion: change.schemaVersion,
    id: change.id,
    status: "creating",
    attributes: {},
    sensitive: change.sensitive,
    dependencies: change.dependencies,
    private: {}
  };
}
function withoutPending(instance) {
  const { pending: _, ...rest } = instance;
  return rest;
}
function wantedAttributes(change, current, evaluated2) {
  const wanted = {};
  for (const [name, planned] of Object.entries(change.planned ?? {})) {
    const value = evaluated2?.get(name) ?? planned;
    if (isWhollyPlanned(value)) wanted[name] = value;
    else if (value === UNKNOWN || evaluated2 === void 0) wanted[name] = current[name] ?? null;
    else wanted[name] = withoutUnknown(value);
  }
  return wanted;
}
function withoutUnknown(planned) {
  if (planned === UNKNOWN) return null;
  if (planned === null || typeof planned !== "object") return planned;
  if (Array.isArray(planned)) return planned.map(withoutUnknown);
  const copy = {};
  for (const [name, item] of Object.entries(planned))
    copy[name] = withoutUnknown(item);
  return copy;
}
function endpointsOf(attributes) {
  const { endpoints } = attributes;
  return Array.isArray(endpoints) ? endpoints : [];
}
function adaptersOf(attributes) {
  return endpointsOf(attributes).flatMap((one) => typeof one.adapter === "string" ? [one.adapter] : []);
}
var Topology;
var init_working = __esm({
  "src/applier/working.ts"() {
    "use strict";
    init_values();
    Topology = class {
      #nodes = /* @__PURE__ */ new Map();
      #links = /* @__PURE__ */ new Map();
      #adapters = /* @__PURE__ */ new Map();
      #dependents = /* @__PURE__ */ new Map();
      /**
       * A cable that the plan unplugs or plugs elsewhere counts as unplugged from the start: a node that is started beside
       * that must not get a carrier which nobody would take away again.
       */
      constructor(state, changes) {
        const moving = new Set(changes.filter((one) => one.action !== "update").map((one) => one.address));
        for (const instance of state.instances.values()) this.#place(instance, !moving.has(instance.address));
      }
      set(instance) {
        this.#place(instance, true);
      }
      /** Of a link only its last step, `wire`, makes the record `ok`: before, and once it is unwired, it is not plugged. */
      #place(instance, mayBePlugged) {
        if (instance.kind === "node") this.#nodes.set(instance.id, instance);
        this.#unlink(instance.address);
        const adapters2 = instance.kind === "link" || instance.kind === "network" ? adaptersOf(instance.attributes) : [];
        if (adapters2.length > 0 && mayBePlugged && instance.status === "ok") {
          this.#adapters.set(instance.address, adapters2);
          for (const adapter of adapters2) {
            const links = this.#links.get(adapter);
            if (links) links.add(instance.address);
            else this.#links.set(adapter, /* @__PURE__ */ new Set([instance.address]));
          }
        }
        for (const service2 of instance.dependencies) {
          if (!service2.startsWith("service.")) continue;
          const dependents = this.#dependents.get(service2);
          if (dependents) dependents.set(instance.address, instance);
          else this.#dependents.set(service2, /* @__PURE__ */ new Map([[instance.address, instance]]));
        }
      }
      delete(instance) {
        this.#unlink(instance.address);
        if (instance.kind === "node") this.#nodes.delete(instance.id);
        for (const service2 of instance.dependencies) this.#dependents.get(service2)?.delete(instance.address);
      }
      /** The node's adapters that a link ends at. */
      linked(node3) {
        const linked = /* @__PURE__ */ new Set();
        const adapters2 = node3.attributes.adapters;
        const count = typeof adapters2 === "number" ? adapters2 : 0;
        for (let index2 = 0; index2 < count; index2++) {
          if ((this.#links.get(`${node3.id}/${index2}`)?.size ?? 0) > 0) linked.add(index2);
        }
        return linked;
      }
      async attachments(attributes, load2) {
        return Promise.all(
          endpointsOf(attributes).map(async (endpoint) => {
            const adapter = endpoint.adapter;
            if (typeof adapter !== "string") return null;
            const slash = adapter.lastIndexOf("/");
            const node3 = this.#nodes.get(adapter.slice(0, slash));
            if (!node3) return null;
            return (await load2(node3.provider)).attachment?.(node3, Number(adapter.slice(slash + 1))) ?? null;
          })
        );
      }
      /** What a service carried before it went away. */
      async carried(service2, load2) {
        const dependents = [...this.#dependents.get(service2)?.values() ?? []];
        return Promise.all(
          dependents.filter((one) => one.status !== "deleting").map(async (instance) => ({ instance, attachments: await this.attachments(instance.attributes, load2) }))
        );
      }
      #unlink(address) {
        for (const adapter of this.#adapters.get(address) ?? []) this.#links.get(adapter)?.delete(address);
        this.#adapters.delete(address);
      }
    };
  }
});

// src/applier/perform.ts
function beginChange(change, world) {
  const recorded = world.store.state.instances.get(change.address);
  return { current: startingInstance(change, recorded), evaluated: false, startedMs: world.clock.monotonic() };
}
async function performStep(step, progress, world) {
  const { change, operation } = step;
  const { store, topology } = world;
  const provider = await world.providers.load(change.provider);
  const isFirst = step.needs.size === 0 || ![...step.needs].some((one) => one.change === change);
  if (isFirst) await refuseStale(change, provider, store.state.instances.get(change.address));
  const takesAway = operation === "stop" || operation === "remove" || operation === "unwire" || operation === "end";
  let wanted = progress.current.attributes;
  if (!takesAway && change.planned) {
    wanted = wantedAttributes(change, wanted, progress.evaluated ? void 0 : evaluateAwaited(change, world));
    progress.evaluated = true;
  }
  const token = world.random.hex(16);
  const intent = {
    ...progress.current,
    attributes: wanted,
    dependencies: takesAway ? progress.current.dependencies : change.dependencies,
    sensitive: takesAway ? progress.current.sensitive : change.sensitive,
    schemaVersion: takesAway ? progress.current.schemaVersion : change.schemaVersion,
    status: statusDuring(step, progress.current.status),
    pending: { operation, token, since: new Date(world.clock.now()).toISOString() }
  };
  const remember = async (instance, operationName) => {
    progress.current = instance;
    await store.record({ record: "outcome", operation: operationName, instance });
    topology.set(instance);
  };
  await store.record({ record: "intent", instance: intent });
  progress.current = intent;
  const context = {
    address: change.address,
    instance: intent,
    wanted,
    prior: change.prior,
    settings: change.settings,
    token,
    attachments: change.kind === "link" ? await topology.attachments(intent.attributes, (name) => world.providers.load(name)) : [],
    linked: change.kind === "node" ? topology.linked(intent) : /* @__PURE__ */ new Set(),
    services: servicesOf(intent, store),
    carried: operation === "launch" ? await topology.carried(change.address, (name) => world.providers.load(name)) : [],
    progress: async (instance, message3) => {
      await remember({ ...instance, pending: intent.pending }, "progress");
      if (message3 !== void 0) world.emit({ type: "step_progress", address: change.address, operation, message: message3 });
    },
    signal: world.waiting
  };
  let result;
  try {
    result = await provider.perform(operation, context);
  } catch (error) {
    if (operation === "ready" && error instanceof Failure) {
      await remember({ ...withoutPending(progress.current), status: "unready" }, operation);
    }
    throw error;
  }
  if (change.action === "delete" && step.last) {
    await store.record({ record: "gone", address: change.address });
    topology.delete(progress.current);
    return;
  }
  const after = withoutPending(result ?? progress.current);
  if (step.last) refuseSurprise(change, after);
  await remember({ ...after, status: step.last ? "ok" : statusDuring(step, after.status) }, operation);
}
function statusDuring(step, before) {
  if (step.change.action === "delete") return "deleting";
  if (step.operation === "ready" && step.change.action !== "create") return "unready";
  if (step.change.action === "update") return before;
  return "creating";
}
function servicesOf(instance, store) {
  const services = /* @__PURE__ */ new Map();
  for (const address of instance.dependencies) {
    const service2 = address.startsWith("service.") ? store.state.instances.get(address) : void 0;
    if (service2) services.set(address, service2);
  }
  return services;
}
function refuseSurprise(change, after) {
  const wrong = [];
  for (const [name, planned] of Object.entries(change.planned ?? {})) {
    if (!isWhollyPlanned(planned) || samePlanned(planned, after.attributes[name] ?? null)) continue;
    wrong.push(
      errorDiagnostic(`${change.address} came out otherwise than planned`, {
        address: change.address,
        detail: `The plan said ${name} = ${JSON.stringify(planned)}, and it became ${JSON.stringify(after.attributes[name] ?? null)}. This is a fault of the provider ${change.provider}.`
      })
    );
  }
  if (wrong.length > 0) throw new Failure(wrong);
}
var init_perform = __esm({
  "src/applier/perform.ts"() {
    "use strict";
    init_diagnostics();
    init_values();
    init_awaited();
    init_stale();
    init_working();
  }
});

// src/applier/steps.ts
function makeSteps(plan) {
  const byChange = /* @__PURE__ */ new Map();
  const all = [];
  for (const change of plan.changes) {
    const operations2 = OPERATIONS[change.kind][change.action];
    const steps2 = operations2.map(
      (operation, at2) => ({
        id: `${change.address} ${operation}`,
        change,
        operation,
        last: at2 === operations2.length - 1,
        needs: /* @__PURE__ */ new Set(),
        after: /* @__PURE__ */ new Set()
      })
    );
    for (const [at2, step] of steps2.entries()) if (at2 > 0) step.needs.add(steps2[at2 - 1]);
    byChange.set(change.address, steps2);
    all.push(...steps2);
  }
  const stepsOf = (address) => byChange.get(address) ?? [];
  for (const change of plan.changes) {
    const own = stepsOf(change.address);
    if (change.kind === "link" || change.kind === "network") orderCable(own, change.ends.map(stepsOf));
    const cables = new Set(change.ends);
    for (const address of change.dependencies) if (!cables.has(address)) orderDependency(change, own, stepsOf(address));
    for (const address of change.prior?.dependencies ?? [])
      if (!cables.has(address)) orderRemoval(own, stepsOf(address));
  }
  return all;
}
function forwardOf(steps2) {
  return steps2.filter((step) => !backward.has(step.operation));
}
function backwardOf(steps2) {
  return steps2.filter((step) => backward.has(step.operation));
}
function orderDependency(change, own, other) {
  const awaited = forwardOf(other).at(-1);
  if (!awaited) return;
  if (awaited.change.kind === "service") {
    own[0]?.needs.add(awaited);
    return;
  }
  const forward = forwardOf(own);
  const waitsForValues = Object.keys(change.deferred).length > 0;
  const first = waitsForValues ? forward[0] : forward.find((step) => step.operation === "start") ?? forward[0];
  first?.needs.add(awaited);
}
function orderRemoval(own, other) {
  const last = backwardOf(own).at(-1);
  const first = backwardOf(other)[0];
  if (!last || !first || first.change.action === "restart") return;
  first.needs.add(last);
}
function orderCable(own, ends) {
  const of = (steps2, operation) => steps2.find((step) => step.operation === operation);
  const wire = of(own, "wire");
  const unwire = of(own, "unwire");
  for (const end of ends) {
    const prepare2 = of(end, "prepare");
    const start = of(end, "start");
    const stop = of(end, "stop");
    const remove = of(end, "remove");
    if (wire && prepare2) wire.needs.add(prepare2);
    if (wire && start) start.after.add(wire);
    if (unwire && stop) unwire.after.add(stop);
    if (unwire && remove) remove.after.add(unwire);
  }
}
function findRing(steps2) {
  const state = /* @__PURE__ */ new Map();
  for (const root2 of steps2) {
    if (state.has(root2)) continue;
    const trail = [];
    const stack = [];
    const enter = (step) => {
      state.set(step, "open");
      trail.push(step);
      stack.push({ step, next: [...step.needs, ...step.after].values() });
    };
    enter(root2);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const { value: next, done: done2 } = top.next.next();
      if (done2 || !next) {
        state.set(top.step, "done");
        trail.pop();
        stack.pop();
      } else if (state.get(next) === "open") return trail.slice(trail.indexOf(next));
      else if (!state.has(next)) enter(next);
    }
  }
  return void 0;
}
var backward;
var init_steps2 = __esm({
  "src/applier/steps.ts"() {
    "use strict";
    init_lifecycle();
    backward = /* @__PURE__ */ new Set(["stop", "remove", "unwire", "end"]);
  }
});

// src/applier/walk.ts
async function walkSteps(steps2, parallelism, stopped, run10, skip) {
  const ended2 = /* @__PURE__ */ new Map();
  const waiting = /* @__PURE__ */ new Map();
  const followers = /* @__PURE__ */ new Map();
  const order2 = new Map(steps2.map((step, at2) => [step, at2]));
  const ready = new ReadyQueue((step) => order2.get(step) ?? 0);
  for (const step of steps2) {
    const before = /* @__PURE__ */ new Set([...step.needs, ...step.after]);
    waiting.set(step, before.size);
    for (const one of before) {
      const list = followers.get(one);
      if (list) list.push(step);
      else followers.set(one, [step]);
    }
    if (before.size === 0) ready.add(step);
  }
  let running = 0;
  let fault2;
  await new Promise((resolve8) => {
    const finish2 = (step, how) => {
      ended2.set(step, how);
      for (const follower of followers.get(step) ?? []) {
        const left = (waiting.get(follower) ?? 0) - 1;
        waiting.set(follower, left);
        if (left === 0) ready.add(follower);
      }
    };
    const pump = () => {
      while (running < parallelism && !fault2) {
        const step = ready.take();
        if (!step) break;
        const blocker = [...step.needs].find((one) => ended2.get(one) !== "done");
        if (blocker || stopped()) {
          skip(step, blocker);
          finish2(step, "skipped");
          continue;
        }
        running++;
        run10(step).then(
          (how) => {
            running--;
            finish2(step, how);
            pump();
          },
          (error) => {
            running--;
            fault2 ??= { error };
            pump();
          }
        );
      }
      if (running === 0 && (fault2 || ready.size === 0)) resolve8();
    };
    pump();
  });
  if (fault2) throw fault2.error;
}
var ReadyQueue;
var init_walk2 = __esm({
  "src/applier/walk.ts"() {
    "use strict";
    ReadyQueue = class {
      #heap = [];
      #rank;
      constructor(rank2) {
        this.#rank = rank2;
      }
      get size() {
        return this.#heap.length;
      }
      add(step) {
        const heap = this.#heap;
        let at2 = heap.push(step) - 1;
        while (at2 > 0) {
          const parent = at2 - 1 >> 1;
          if (this.#rank(heap[parent]) <= this.#rank(step)) break;
          heap[at2] = heap[parent];
          at2 = parent;
        }
        heap[at2] = step;
      }
      take() {
        const heap = this.#heap;
        const top = heap[0];
        const last = heap.pop();
        if (top === void 0 || last === void 0 || heap.length === 0) return top;
        let at2 = 0;
        for (; ; ) {
          let child = 2 * at2 + 1;
          if (child >= heap.length) break;
          if (child + 1 < heap.length && this.#rank(heap[child + 1]) < this.#rank(heap[child])) child++;
          if (this.#rank(heap[child]) >= this.#rank(last)) break;
          heap[at2] = heap[child];
          at2 = child;
        }
        heap[at2] = last;
        return top;
      }
    };
  }
});

// src/applier/apply.ts
async function applyPlan(input) {
  const { plan, store, clock, emit } = input;
  const started = clock.monotonic();
  refuseOtherState(plan, store.state);
  const steps2 = makeSteps(plan);
  refuseRing(steps2);
  if (isEmpty2(plan)) {
    await store.checkpoint();
    return { counts: noCounts, diagnostics: [], interrupted: false };
  }
  await store.record({
    record: "begin",
    lineage: store.state.lineage,
    serial: plan.serial + 1,
    registry: store.state.registry,
    command: input.command,
    lab: plan.lab,
    time: new Date(clock.now()).toISOString()
  });
  await Promise.all(
    plan.refreshes.map((instance) => store.record({ record: "outcome", operation: "settle", instance }))
  );
  const world = { ...input, topology: new Topology(store.state, plan.changes) };
  const run10 = new Run(world);
  await walkSteps(
    steps2,
    input.parallelism,
    () => input.waiting.aborted,
    (step) => run10.step(step),
    (step, because) => run10.skip(step, because)
  );
  const outputs = finishOutputs(plan, world, run10.diagnostics);
  await store.record({ record: "outputs", outputs });
  await store.record({ record: "end", time: new Date(clock.now()).toISOString() });
  await store.checkpoint();
  const counts = run10.counts(plan);
  emit({
    type: "change_summary",
    counts,
    operation: plan.mode === "destroy" ? "destroy" : "apply",
    elapsedMs: clock.monotonic() - started
  });
  return { counts, diagnostics: run10.diagnostics, interrupted: input.waiting.aborted };
}
function isEmpty2(plan) {
  return plan.changes.length === 0 && plan.refreshes.length === 0 && plan.outputs.every((output2) => output2.action === "none");
}
function refuseOtherState(plan, state) {
  if (plan.lineage === state.lineage && plan.serial === state.serial) return;
  if (plan.lineage === "" && state.serial === 0 && plan.serial === 0) return;
  throw new Failure(
    errorDiagnostic("The plan is stale", {
      detail: "The lab's state has changed since the plan was made, or belongs to another lab. Make a new plan."
    })
  );
}
function refuseRing(steps2) {
  const ring = findRing(steps2);
  if (!ring) return;
  throw new Failure(
    errorDiagnostic("The plan's steps wait for each other", {
      detail: `${[...ring, ring[0]].map((step) => step.id).join(" waits for ")}. A node whose arguments need another's pid or ports cannot also share a link with it; use depends_on instead of the value.`
    })
  );
}
function finishOutputs(plan, world, diagnostics) {
  const outputs = { ...world.store.state.outputs };
  const failed = diagnostics.length > 0 || world.waiting.aborted;
  for (const output2 of plan.outputs) {
    const { name, sensitive, deferred } = output2;
    if (output2.action === "delete") {
      delete outputs[name];
    } else if (output2.after) {
      outputs[name] = { sensitive, ...output2.after, ...deferred ? { deferred } : {} };
    } else if (deferred) {
      try {
        const value = finish(deferred, world, `output.${name}`);
        outputs[name] = { sensitive, type: typeToJson(value.type), value: valueToJson(value), deferred };
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (!failed) diagnostics.push(...error.diagnostics);
      }
    }
  }
  return outputs;
}
var noCounts, Run;
var init_apply = __esm({
  "src/applier/apply.ts"() {
    "use strict";
    init_diagnostics();
    init_json2();
    init_types();
    init_awaited();
    init_perform();
    init_steps2();
    init_walk2();
    init_working();
    noCounts = { create: 0, update: 0, restart: 0, replace: 0, delete: 0, failed: 0, skipped: 0 };
    Run = class {
      diagnostics = [];
      #world;
      #progress = /* @__PURE__ */ new Map();
      #failed = /* @__PURE__ */ new Set();
      #skipped = /* @__PURE__ */ new Set();
      #done = /* @__PURE__ */ new Set();
      constructor(world) {
        this.#world = world;
      }
      async step(step) {
        const { change, operation } = step;
        const { emit, clock } = this.#world;
        const { address, action } = change;
        let progress = this.#progress.get(change);
        if (!progress) {
          progress = beginChange(change, this.#world);
          this.#progress.set(change, progress);
          emit({ type: "apply_start", address, action });
        }
        const started = clock.monotonic();
        emit({ type: "step_start", address, action, operation });
        try {
          await performStep(step, progress, this.#world);
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          const diagnostics = error.diagnostics.map((one) => ({ ...one, address: one.address ?? address }));
          this.#failed.add(change);
          this.diagnostics.push(...diagnostics);
          emit({ type: "apply_errored", address, action, operation, diagnostics });
          return "failed";
        }
        emit({ type: "step_complete", address, operation, elapsedMs: clock.monotonic() - started });
        if (step.last) {
          this.#done.add(change);
          emit({ type: "apply_complete", address, action, elapsedMs: clock.monotonic() - progress.startedMs });
        }
        return "done";
      }
      skip(step, because) {
        const { change } = step;
        if (this.#failed.has(change) || this.#skipped.has(change)) return;
        this.#skipped.add(change);
        const reason = because ? `${because.change.address} was not done` : "interrupted";
        this.#world.emit({ type: "apply_skipped", address: change.address, action: change.action, because: reason });
      }
      counts(plan) {
        const done2 = (...actions) => plan.changes.filter((one) => this.#done.has(one) && actions.includes(one.action)).length;
        return {
          create: done2("create"),
          update: done2("update", "wait"),
          restart: done2("restart", "start"),
          replace: done2("replace"),
          delete: done2("delete"),
          failed: this.#failed.size,
          skipped: this.#skipped.size
        };
      }
    };
  }
});

// src/cli/approve.ts
async function approve(context, common, command, signal) {
  if (!common.input || common.json || !context.stdin.isTTY) {
    throw new Failure(
      errorDiagnostic(`${command} must be approved, and nobody can be asked`, {
        detail: `There is no terminal to ask on${common.json ? " with -json" : ""}. Use -auto-approve${command === "apply" ? ", or apply a plan saved with plan -out=FILE" : ""}.`
      })
    );
  }
  const question2 = command === "apply" ? "\nDo you want to make these changes? Only 'yes' is taken as an answer.\n" : "\nDo you really want to destroy all of this? There is no undo. Only 'yes' is taken as an answer.\n";
  context.stdout.write(question2);
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: context.stdin, output: context.stdout });
  try {
    lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    const answer = await lines.question("\n  Enter a value: ", { signal });
    return answer.trim() === "yes";
  } catch {
    return false;
  } finally {
    lines.close();
  }
}
var init_approve = __esm({
  "src/cli/approve.ts"() {
    "use strict";
    init_diagnostics();
  }
});

// src/cli/duration.ts
function parseDuration(text, flag) {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const read = parts.map((part) => part[0]).join("");
  if (parts.length === 0 || read !== text) {
    throw new Failure(
      errorDiagnostic(`${flag}=${text} is no duration`, {
        detail: "Give a number and a unit: 500ms, 30s, 2m, 1m30s, 1h."
      })
    );
  }
  return parts.reduce((sum, part) => sum + Number(part[1]) * (units[part[2] ?? ""] ?? 0), 0);
}
var units;
var init_duration = __esm({
  "src/cli/duration.ts"() {
    "use strict";
    init_diagnostics();
    units = { ms: 1, s: 1e3, m: 6e4, h: 36e5 };
  }
});

// src/cli/signals.ts
import process2 from "node:process";
function watchSignals(onFirst) {
  const controller = new AbortController();
  const listener2 = () => {
    if (controller.signal.aborted) process2.exit(1);
    controller.abort(new Error("interrupted"));
    onFirst();
  };
  const signals2 = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals2) process2.on(signal, listener2);
  return {
    stopping: controller.signal,
    release: () => {
      for (const signal of signals2) process2.removeListener(signal, listener2);
    }
  };
}
var init_signals = __esm({
  "src/cli/signals.ts"() {
    "use strict";
  }
});

// src/cli/applying.ts
async function runApply(context, common, options, command, prepare2) {
  const parallelism = parseParallelism(options.parallelism);
  const lockTimeoutMs = parseDuration(options.lockTimeout ?? "0s", "-lock-timeout");
  const states = await context.states(common.directory);
  const view = openView(context, common);
  const signals2 = watchSignals(() => view.emit({ type: "interrupted" }));
  const store = await states.open({
    command,
    lockTimeoutMs,
    onWait: (holder) => view.emit({ type: "lock_wait", holder }),
    signal: signals2.stopping
  });
  try {
    const { plan, providers, warnings, saved, leftovers = [] } = await prepare2(store);
    const report2 = reporter(context, common, view.emit);
    if (!common.json) for (const leftover of leftovers) context.stdout.write(describeEnd2(leftover));
    const nothingElse = leftovers.length > 0 && isEmptyPlan(plan);
    if (!nothingElse || common.json) showPlan(context, common, plan, view.emit);
    report2(warnings);
    if ((!isEmptyPlan(plan) || leftovers.length > 0) && !saved && options.autoApprove !== true) {
      const agreed = await approve(context, common, command, signals2.stopping);
      if (!agreed) {
        if (!common.json) context.stdout.write(`
${command === "apply" ? "Apply" : "Destroy"} cancelled.
`);
        return 1;
      }
    }
    for (const leftover of leftovers) {
      await states.removeLeftover(leftover);
      if (!common.json) context.stdout.write(`Nothing of the lost lab "${leftover.labName}" runs any more.
`);
    }
    const applied = await applyPlan({
      plan,
      command,
      parallelism,
      store,
      providers,
      clock: context.ports.clock,
      random: context.ports.random,
      emit: view.emit,
      waiting: signals2.stopping
    });
    if (plan.mode !== "destroy") view.emit({ type: "outputs", outputs: store.state.outputs });
    view.stop();
    report2(applied.diagnostics);
    return applied.diagnostics.length > 0 || applied.interrupted ? 1 : 0;
  } finally {
    view.stop();
    signals2.release();
    await store.close();
  }
}
function describeEnd2({ labName, processes }) {
  const lines = processes.map((one) => `  - ${runningName(one)}
`).join("");
  return `Lab "${labName}" of this directory lost its state while it ran. labform will end what still runs of it:

${lines}
`;
}
function parseParallelism(text) {
  if (text === void 0) return 10;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 1e3) return number;
  throw new Failure(
    errorDiagnostic(`-parallelism=${text} is no number of steps`, { detail: "Give a whole number from 1 to 1000." })
  );
}
var init_applying = __esm({
  "src/cli/applying.ts"() {
    "use strict";
    init_apply();
    init_diagnostics();
    init_approve();
    init_duration();
    init_planning();
    init_report();
    init_signals();
    init_view2();
  }
});

// src/cli/files.ts
async function readSavedPlan(context, name) {
  const path = name.startsWith("/") ? name : `${context.workingDirectory}/${name}`;
  try {
    return await context.ports.files.readText(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(
      errorDiagnostic(`${name} cannot be read`, {
        subject: `plan file ${path}`,
        detail: `${reason}. A plan is saved with plan -out=FILE.`
      }),
      { cause: error }
    );
  }
}
var init_files2 = __esm({
  "src/cli/files.ts"() {
    "use strict";
    init_diagnostics();
  }
});

// src/cli/commands/apply.ts
var apply_exports = {};
__export(apply_exports, {
  run: () => run3
});
async function run3(context, common, options, operands) {
  const [planFile] = operands;
  const loaded = planFile === void 0 ? await readLab(context, common.directory, options) : void 0;
  const saved = planFile === void 0 ? void 0 : planFromText(await readSavedPlan(context, planFile), planFile);
  const states = await context.states(common.directory);
  return runApply(context, common, options, "apply", async (store) => {
    const left = await describeLeftovers(states, store.state.lineage, "error");
    if (left.length > 0) throw new Failure(left);
    if (saved) return { plan: saved, providers: context.providers(store.directories), warnings: [], saved: true };
    return { ...await planLab(context, loaded, store, options), saved: false };
  });
}
var init_apply2 = __esm({
  "src/cli/commands/apply.ts"() {
    "use strict";
    init_diagnostics();
    init_document();
    init_applying();
    init_files2();
    init_lab();
    init_planning();
  }
});

// src/cli/commands/destroy.ts
var destroy_exports = {};
__export(destroy_exports, {
  run: () => run4
});
async function run4(context, common, options) {
  const states = await context.states(common.directory);
  return runApply(context, common, options, "destroy", async (store) => {
    const leftovers = await states.leftovers(store.state.lineage);
    return { ...await planLab(context, void 0, store, options), saved: false, leftovers };
  });
}
var init_destroy = __esm({
  "src/cli/commands/destroy.ts"() {
    "use strict";
    init_applying();
    init_planning();
  }
});

// src/ui/documents.ts
function planDocument(plan) {
  return {
    format_version: FORMAT,
    labform_version: plan.labformVersion,
    timestamp: plan.time,
    lineage: plan.lineage,
    serial: plan.serial,
    resource_changes: plan.changes.map((change) => ({
      address: change.address,
      type: change.kind,
      provider_name: change.provider,
      change: {
        actions: actionsOf(change.action),
        labform_action: change.action,
        before: change.prior ? concealed2(change.prior.attributes, change.prior.sensitive) : null,
        after: change.planned ? concealed2(change.planned, change.sensitive) : null,
        after_unknown: change.planned ? unknownNames(change.planned) : [],
        sensitive: change.sensitive,
        causes: change.causes.map(({ kind, summary: summary2, at: at2 }) => ({ kind, summary: summary2, at: at2 ?? null }))
      }
    })),
    output_changes: Object.fromEntries(
      plan.outputs.map((output2) => [
        output2.name,
        {
          actions: actionsOf(output2.action),
          before: output2.sensitive ? null : output2.before?.value ?? null,
          after: output2.sensitive ? null : output2.after?.value ?? null,
          after_unknown: output2.after === void 0 && output2.action !== "delete",
          sensitive: output2.sensitive
        }
      ])
    )
  };
}
function stateDocument(state) {
  return {
    format_version: FORMAT,
    labform_version: state.labformVersion,
    lineage: state.lineage,
    serial: state.serial,
    lab: state.lab,
    values: {
      outputs: Object.fromEntries(
        Object.entries(state.outputs).map(([name, { sensitive, type, value }]) => [
          name,
          { sensitive, type, value: sensitive ? null : value }
        ])
      ),
      resources: [...state.instances.values()].map((instance) => ({
        address: instance.address,
        type: instance.kind,
        provider_name: instance.provider,
        schema_version: instance.schemaVersion,
        id: instance.id,
        status: instance.status,
        values: concealed2(instance.attributes, instance.sensitive),
        sensitive: instance.sensitive,
        depends_on: instance.dependencies
      }))
    }
  };
}
function actionsOf(action) {
  if (action === "none") return ["no-op"];
  if (action === "replace") return ["delete", "create"];
  if (action === "create" || action === "delete") return [action];
  return ["update"];
}
function unknownNames(planned) {
  return Object.keys(planned).filter((name) => !isWhollyPlanned(planned[name]));
}
function concealed2(planned, paths) {
  if (planned === UNKNOWN || paths.some((path) => path.length === 0)) return null;
  if (planned === null || typeof planned !== "object") return planned;
  const below = (step) => paths.filter((path) => path[0] === step).map((path) => path.slice(1));
  if (Array.isArray(planned)) return planned.map((item, at2) => concealed2(item, below(at2)));
  return Object.fromEntries(
    Object.entries(planned).map(([name, item]) => [
      name,
      concealed2(item, below(name))
    ])
  );
}
var FORMAT;
var init_documents = __esm({
  "src/ui/documents.ts"() {
    "use strict";
    init_values();
    FORMAT = "1.0";
  }
});

// src/ui/state.ts
function renderState(state, { colour, schemas }) {
  const colours = palette(colour);
  const kinds2 = ["service", "node", "link", "network"];
  const instances = kinds2.flatMap((kind) => [...state.instances.values()].filter((one) => one.kind === kind));
  const paragraphs = instances.map((instance) => [
    `${colours.bold(`# ${instance.address}:`)}${statusNote(instance)}`,
    `${blockHeader(instance)} {`,
    ...bodyLines2(instance.attributes, schemas.get(instance.kind), { paths: instance.sensitive }).map(indent),
    "}"
  ]);
  const outputs = renderOutputs(state.outputs, { colour });
  if (paragraphs.length === 0 && outputs === "") return "The state is empty: nothing of this lab exists.\n";
  const blocks = paragraphs.map((lines) => `${lines.join("\n")}
`);
  return [...blocks, ...outputs === "" ? [] : [`${colours.bold("Outputs:")}

${outputs}`]].join("\n");
}
function statusNote({ status, pending }) {
  const notes = [
    ...status === "ok" ? [] : [status],
    ...pending ? [`${pending.operation} begun ${pending.since} and not finished`] : []
  ];
  return notes.length === 0 ? "" : ` (${notes.join("; ")})`;
}
function bodyLines2(body, schema, concealed3) {
  const blocks = Object.entries(schema?.blocks ?? {}).map(([name, block]) => ({
    name,
    block,
    attribute: block.attribute ?? name
  }));
  const blockNames = new Set(blocks.map(({ attribute: attribute2 }) => attribute2));
  const known4 = Object.keys(schema?.attributes ?? {});
  const others = Object.keys(body).filter((name) => !known4.includes(name) && !blockNames.has(name)).sort();
  const names = [...known4, ...others].filter((name) => (body[name] ?? null) !== null);
  const leads = alignedLeads(names);
  const lines = names.flatMap((name, at2) => {
    const all = schema?.attributes[name]?.sensitive ? { paths: [[]] } : inside(concealed3, name);
    const [first, ...rest] = formatPlanned(body[name], { concealed: all });
    return [`${leads[at2]}${first}`, ...rest];
  });
  for (const { name, block, attribute: attribute2 } of blocks) {
    const value = body[attribute2] ?? null;
    if (value === null) continue;
    const within3 = inside(concealed3, attribute2);
    if (isConcealed(within3)) lines.push(`${name} = ${WORDS.sensitive}`);
    else if (block.nesting === "single") lines.push(...nested(name, value, block, within3));
    else if (block.nesting === "list") {
      value.forEach((item, at2) => lines.push(...nested(name, item, block, inside(within3, at2))));
    } else {
      for (const [key, item] of Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)) {
        lines.push(...nested(`${name} ${quote(key)}`, item, block, inside(within3, key)));
      }
    }
  }
  return lines;
}
function nested(header, value, schema, concealed3) {
  return ["", `${header} {`, ...bodyLines2(value, schema, concealed3).map(indent), "}"];
}
function indent(line2) {
  return line2 === "" ? "" : `    ${line2}`;
}
var init_state2 = __esm({
  "src/ui/state.ts"() {
    "use strict";
    init_change();
    init_colour();
    init_difference();
    init_outputs2();
    init_value();
  }
});

// src/cli/commands/show.ts
var show_exports = {};
__export(show_exports, {
  run: () => run5
});
async function run5(context, common, _options, operands) {
  const [planFile] = operands;
  const look = { colour: common.colour, width: context.stdout.columns ?? 100, schemas: context.resourceSchemas };
  if (planFile !== void 0) {
    const plan = planFromText(await readSavedPlan(context, planFile), planFile);
    context.stdout.write(common.json ? `${JSON.stringify(planDocument(plan))}
` : renderPlan(plan, look));
    return 0;
  }
  const { state } = await (await context.states(common.directory)).load();
  context.stdout.write(common.json ? `${JSON.stringify(stateDocument(state))}
` : renderState(state, look));
  return 0;
}
var init_show = __esm({
  "src/cli/commands/show.ts"() {
    "use strict";
    init_document();
    init_documents();
    init_plan5();
    init_state2();
    init_files2();
  }
});

// src/cli/commands/output.ts
var output_exports = {};
__export(output_exports, {
  run: () => run6
});
import leven3 from "leven";
async function run6(context, common, options, operands) {
  const [name] = operands;
  const { state } = await (await context.states(common.directory)).load();
  const { stdout } = context;
  if (name === void 0) {
    if (options.raw)
      throw new Failure(errorDiagnostic("-raw needs the name of an output", { detail: "labform output -raw NAME" }));
    if (common.json) {
      const document = Object.fromEntries(
        Object.entries(state.outputs).map(([key, one]) => [
          key,
          { sensitive: one.sensitive, type: one.type, value: one.value }
        ])
      );
      stdout.write(`${JSON.stringify(document, void 0, 2)}
`);
    } else stdout.write(renderOutputs(state.outputs, { colour: common.colour }));
    return 0;
  }
  const output2 = state.outputs[name];
  if (!output2) {
    const near = Object.keys(state.outputs).find((one) => leven3(one, name) <= Math.max(1, Math.floor(name.length / 3)));
    const names = Object.keys(state.outputs);
    throw new Failure(
      errorDiagnostic(`There is no output "${name}"`, {
        detail: `${near ? `Did you mean "${near}"? ` : ""}${names.length > 0 ? `The state has ${names.join(", ")}.` : "The state has no outputs yet; they are recorded by apply."}`
      })
    );
  }
  if (options.raw) {
    if (typeof output2.value === "object" && output2.value !== null) {
      throw new Failure(
        errorDiagnostic(`Output "${name}" is no single text`, {
          detail: "-raw prints strings, numbers and booleans. Use -json for the whole."
        })
      );
    }
    stdout.write(String(output2.value ?? ""));
  } else if (common.json) stdout.write(`${JSON.stringify(output2.value)}
`);
  else stdout.write(renderOutputs({ [name]: { ...output2, sensitive: false } }, { colour: common.colour, bare: true }));
  return 0;
}
var init_output = __esm({
  "src/cli/commands/output.ts"() {
    "use strict";
    init_diagnostics();
    init_outputs2();
  }
});

// src/ui/table.ts
function renderTable(header, rows, { colour, width }) {
  const colours = palette(colour);
  const tones = { good: colours.green, bad: colours.red, warning: colours.yellow, dim: colours.dim };
  const texts2 = [header, ...rows].map((row2) => row2.map(textOf3));
  const widths = header.map((_, column) => Math.max(...texts2.map((row2) => displayWidth(row2[column] ?? ""))));
  const lines = texts2.map((row2, at2) => {
    let used = 0;
    const cells = header.map((_, column) => {
      const last = column === header.length - 1;
      const text = row2[column] ?? "";
      const shown = last ? cut(text, Math.max(10, width - used)) : text;
      used += widths[column] + 2;
      const padding = last ? "" : " ".repeat(widths[column] - displayWidth(shown) + 2);
      if (at2 === 0) return colours.bold(shown) + padding;
      const cell = rows[at2 - 1]?.[column];
      return (typeof cell === "object" ? tones[cell.tone](shown) : shown) + padding;
    });
    return cells.join("").trimEnd();
  });
  return `${lines.join("\n")}
`;
}
function textOf3(cell) {
  return printable2(typeof cell === "string" ? cell : cell.text);
}
var init_table = __esm({
  "src/ui/table.ts"() {
    "use strict";
    init_colour();
    init_text();
  }
});

// src/ui/status.ts
function renderStatus(rows, { colour, width = DEFAULT_WIDTH }) {
  if (rows.length === 0) return "Nothing of this lab exists.\n";
  const columns = [
    ["ADDRESS", (row2) => row2.address],
    ["CONDITION", ({ condition }) => ({ text: condition, tone: toneOf(condition) })],
    ["PID", ({ pid }) => pid === null ? "" : String(pid)],
    ["CONSOLE", (row2) => row2.console ?? ""],
    ["MONITOR", (row2) => row2.monitor ?? ""],
    ["WHY", (row2) => row2.detail ?? ""]
  ];
  const used = columns.filter(([, cell]) => rows.some((row2) => cell(row2) !== ""));
  const cells = rows.map((row2) => used.map(([, cell]) => cell(row2)));
  return renderTable(
    used.map(([name]) => name),
    cells,
    { colour, width }
  );
}
function toneOf(condition) {
  if (condition === "running" || condition === "ok") return "good";
  return condition === "unready" || condition === "creating" || condition === "deleting" ? "warning" : "bad";
}
var init_status = __esm({
  "src/ui/status.ts"() {
    "use strict";
    init_table();
    init_view();
  }
});

// src/cli/commands/status.ts
var status_exports = {};
__export(status_exports, {
  run: () => run7
});
async function run7(context, common) {
  const states = await context.states(common.directory);
  const { state, directories } = await states.load();
  reporter(context, common)(await describeLeftovers(states, state.lineage, "warning"));
  const { found, diagnostics } = await refresh(state, context.providers(directories), false);
  if (hasErrors(diagnostics)) throw new Failure(diagnostics);
  const rows = [...found.values()].flatMap((one) => one.live ? [row(one.instance, one.live)] : []);
  context.stdout.write(
    common.json ? `${JSON.stringify({ format_version: "1.0", instances: rows })}
` : renderStatus(rows, { colour: common.colour })
  );
  return 0;
}
function row(instance, live) {
  const { attributes } = instance;
  return {
    address: instance.address,
    condition: live.condition === "present" ? instance.status === "ok" ? "running" : instance.status : live.condition,
    detail: live.condition === "present" ? null : live.cause.summary,
    pid: typeof attributes.pid === "number" ? attributes.pid : null,
    console: port(attributes.console),
    monitor: port(attributes.monitor)
  };
}
function port(value) {
  if (typeof value !== "object" || value === null || !("host" in value) || !("port" in value)) return null;
  return `${String(value.host)}:${String(value.port)}`;
}
var init_status2 = __esm({
  "src/cli/commands/status.ts"() {
    "use strict";
    init_diagnostics();
    init_refresh();
    init_status();
    init_planning();
    init_report();
  }
});

// src/core/telnet.ts
var BINARY, ECHO, SUPPRESS_GO_AHEAD, TIMING_MARK, CONSOLE_TERMINAL, SE, SB, WILL, WONT, DO, DONT, IAC, NUL, LF, CR, TelnetEnd;
var init_telnet = __esm({
  "src/core/telnet.ts"() {
    "use strict";
    BINARY = 0;
    ECHO = 1;
    SUPPRESS_GO_AHEAD = 3;
    TIMING_MARK = 6;
    CONSOLE_TERMINAL = {
      own: [SUPPRESS_GO_AHEAD, BINARY],
      peer: [ECHO, SUPPRESS_GO_AHEAD, BINARY],
      opens: false,
      side: "terminal"
    };
    SE = 240;
    SB = 250;
    WILL = 251;
    WONT = 252;
    DO = 253;
    DONT = 254;
    IAC = 255;
    NUL = 0;
    LF = 10;
    CR = 13;
    TelnetEnd = class {
      #role;
      #own = /* @__PURE__ */ new Map();
      #peer = /* @__PURE__ */ new Map();
      #position = "data";
      #command = 0;
      #afterReturn = false;
      #marksAsked = 0;
      constructor(role) {
        this.#role = role;
        const start = role.opens ? "asked" : "off";
        for (const option of role.own) this.#own.set(option, start);
        for (const option of role.peer) this.#peer.set(option, start);
      }
      /** What this end sends first. */
      opening() {
        if (!this.#role.opens) return new Uint8Array();
        return Uint8Array.from([
          ...this.#role.own.flatMap((option) => [IAC, WILL, option]),
          ...this.#role.peer.flatMap((option) => [IAC, DO, option])
        ]);
      }
      /** A request that the other end answers once it has taken all that was sent before. */
      askForMark() {
        this.#marksAsked++;
        return Uint8Array.of(IAC, DO, TIMING_MARK);
      }
      /** Whether a mark that was asked for has not been answered. */
      get awaitsMark() {
        return this.#marksAsked > 0;
      }
      /** The text in `bytes`, and what must be answered. The data may share memory with `bytes`. */
      receive(bytes) {
        const plain4 = this.#position === "data" && !this.#afterReturn && !bytes.includes(IAC);
        if (plain4 && (this.#receivesBinary() || !bytes.includes(CR))) return { data: bytes, reply: new Uint8Array() };
        const data = new Uint8Array(bytes.length);
        let length2 = 0;
        const reply = [];
        for (const byte of bytes) {
          switch (this.#position) {
            case "data":
              if (byte === IAC) this.#position = "command";
              else if (this.#keeps(byte)) data[length2++] = byte;
              break;
            case "command":
              if (byte >= WILL && byte <= DONT) {
                this.#command = byte;
                this.#position = "option";
              } else {
                this.#position = byte === SB ? "subnegotiation" : "data";
                if (byte === IAC) {
                  this.#afterReturn = false;
                  data[length2++] = IAC;
                }
              }
              break;
            case "option":
              this.#negotiate(this.#command, byte, reply);
              this.#position = "data";
              break;
            case "subnegotiation":
              if (byte === IAC) this.#position = "subnegotiation-command";
              break;
            case "subnegotiation-command":
              this.#position = byte === SE ? "data" : "subnegotiation";
              break;
          }
        }
        return { data: data.subarray(0, length2), reply: Uint8Array.from(reply) };
      }
      /** `data` as it goes over the wire. The result may be `data` itself. */
      send(data) {
        const padsReturns = this.#role.side === "terminal" && this.#own.get(BINARY) !== "on";
        let extra = 0;
        for (const byte of data) if (byte === IAC || padsReturns && byte === CR) extra++;
        if (extra === 0) return data;
        const wire = new Uint8Array(data.length + extra);
        let length2 = 0;
        for (const byte of data) {
          wire[length2++] = byte;
          if (byte === IAC) wire[length2++] = IAC;
          else if (padsReturns && byte === CR) wire[length2++] = NUL;
        }
        return wire;
      }
      #receivesBinary() {
        return this.#peer.get(BINARY) === "on";
      }
      #keeps(byte) {
        const followsReturn = this.#afterReturn;
        this.#afterReturn = byte === CR && !this.#receivesBinary();
        if (!followsReturn) return true;
        return byte !== NUL && !(byte === LF && this.#role.side === "host");
      }
      /**
       * Only a change of state is answered, so two ends never answer each other forever (RFC 1143). A timing mark has no
       * state: each is answered, and an answer, WONT included, says that its place in the stream was reached.
       */
      #negotiate(command, option, reply) {
        const asks = command === WILL || command === DO;
        if (option === TIMING_MARK) {
          if (command === DO) reply.push(IAC, WILL, TIMING_MARK);
          else if (command !== DONT) this.#marksAsked = Math.max(0, this.#marksAsked - 1);
          return;
        }
        const options = command === DO || command === DONT ? this.#own : this.#peer;
        const [accept, decline] = options === this.#own ? [WILL, WONT] : [DO, DONT];
        const state = options.get(option);
        if (state === void 0) {
          if (asks) reply.push(IAC, decline, option);
        } else if (asks) {
          if (state === "off") reply.push(IAC, accept, option);
          options.set(option, "on");
        } else {
          if (state === "on") reply.push(IAC, decline, option);
          options.set(option, "off");
        }
      }
    };
  }
});

// src/cli/console/terminal.ts
function holdTerminal(input, output2, leave) {
  const wasRaw = input.isRaw ?? false;
  let held = true;
  const release2 = () => {
    if (!held) return;
    held = false;
    process.off("exit", release2);
    for (const signal of signals) process.off(signal, onSignal);
    input.setRawMode?.(wasRaw);
    if (output2.isTTY && output2.writable) output2.write(RESET);
  };
  const onSignal = (signal) => {
    const alone = process.listenerCount(signal) === 1;
    release2();
    leave();
    if (alone) process.kill(process.pid, signal);
  };
  process.on("exit", release2);
  for (const signal of signals) process.on(signal, onSignal);
  input.setRawMode?.(true);
  return release2;
}
var signals, RESET;
var init_terminal = __esm({
  "src/cli/console/terminal.ts"() {
    "use strict";
    signals = ["SIGTERM", "SIGHUP"];
    RESET = "\x1B[0m\x1B[?25h\x1B[?7h\x1B[?1000l\x1B[?1002l\x1B[?1003l\x1B[?1006l\x1B[?2004l\r\n";
  }
});

// src/cli/console/attach.ts
import { connect } from "node:net";
async function attach(options) {
  const { input, output: output2, name, signal } = options;
  if (signal?.aborted) return "left";
  const socket = await reach(options);
  if (socket === void 0) return "left";
  let leave = () => {
  };
  const left = new Promise((resolve8) => {
    leave = () => resolve8("left");
  });
  signal?.addEventListener("abort", leave, { once: true });
  if (output2.isTTY) output2.write(`Connected to the ${name}. Ctrl-] leaves.\r
`);
  const releaseTerminal = input.isTTY ? holdTerminal(input, output2, leave) : void 0;
  const telnet = new TelnetEnd(CONSOLE_TERMINAL);
  const hush = input.isTTY ? sendKeys(input, socket, telnet, leave) : sendPiped(input, socket, telnet, leave);
  output2.on("error", leave);
  try {
    return await Promise.race([left, receive(socket, telnet, output2, name)]);
  } finally {
    hush();
    output2.off("error", leave);
    socket.destroy();
    releaseTerminal?.();
    signal?.removeEventListener("abort", leave);
  }
}
function reach({ host: host2, port: port2, name, signal }) {
  return new Promise((resolve8, reject) => {
    const socket = connect({ host: host2, port: port2, noDelay: true, timeout: CONNECT_MS });
    const giveUp = () => {
      socket.destroy();
      resolve8(void 0);
    };
    const refuse3 = (cause) => {
      socket.destroy();
      signal?.removeEventListener("abort", giveUp);
      reject(unreachable(name, host2, port2, cause));
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    socket.once("error", refuse3);
    socket.once("timeout", () => refuse3(new Error(`no answer in ${CONNECT_MS / 1e3} s`)));
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", refuse3);
      signal?.removeEventListener("abort", giveUp);
      resolve8(socket);
    });
  });
}
function unreachable(name, host2, port2, cause) {
  const code = cause.code;
  const why = code === "ECONNREFUSED" ? "nothing listens there" : cause.message;
  return new Failure(
    errorDiagnostic(`cannot reach the ${name} on ${host2} port ${port2}: ${why}`, {
      detail: "The lab's keeper serves this port. `labform apply` starts it again where it is gone."
    }),
    { cause }
  );
}
function receive(socket, telnet, output2, name) {
  return new Promise((resolve8, reject) => {
    socket.on("data", (chunk) => {
      const { data, reply } = telnet.receive(chunk);
      if (reply.length > 0) socket.write(reply);
      if (data.length > 0 && !output2.write(data)) {
        socket.pause();
        output2.once("drain", () => socket.resume());
      }
    });
    socket.on("error", (cause) => {
      reject(new Failure(errorDiagnostic(`the connection to the ${name} broke: ${cause.message}`), { cause }));
    });
    socket.on("close", () => resolve8("closed"));
  });
}
function sendKeys(input, socket, telnet, leave) {
  const onData = (chunk) => {
    const at2 = chunk.indexOf(LEAVE);
    const keys2 = at2 === -1 ? chunk : chunk.subarray(0, at2);
    if (socket.writableLength < MAX_WAITING_KEYS) socket.write(telnet.send(keys2));
    if (at2 !== -1) leave();
  };
  return listen(input, onData, leave);
}
function sendPiped(input, socket, telnet, leave) {
  let afterReturn = false;
  let stopDraining = () => {
  };
  const onData = (chunk) => {
    const keys2 = Buffer.alloc(chunk.length);
    let length2 = 0;
    for (const byte of chunk) {
      if (!(byte === LF2 && afterReturn)) keys2[length2++] = byte === LF2 ? CR2 : byte;
      afterReturn = byte === CR2;
    }
    if (socket.write(telnet.send(keys2.subarray(0, length2)))) return;
    input.pause();
    socket.once("drain", () => input.resume());
  };
  const hush = listen(input, onData, () => {
    stopDraining = drain(socket, telnet, leave);
  });
  return () => {
    hush();
    stopDraining();
  };
}
function drain(socket, telnet, leave) {
  let quiet;
  let limit;
  const onData = () => {
    if (telnet.awaitsMark) return;
    limit ??= setTimeout(leave, DRAIN_MS);
    clearTimeout(quiet);
    quiet = setTimeout(leave, QUIET_MS);
  };
  socket.on("data", onData);
  socket.write(telnet.askForMark());
  return () => {
    socket.off("data", onData);
    clearTimeout(quiet);
    clearTimeout(limit);
  };
}
function listen(input, onData, onEnd) {
  input.on("data", onData);
  input.once("end", onEnd);
  input.once("error", onEnd);
  return () => {
    input.off("data", onData);
    input.off("end", onEnd);
    input.off("error", onEnd);
    input.pause();
  };
}
var LEAVE, LF2, CR2, CONNECT_MS, MAX_WAITING_KEYS, QUIET_MS, DRAIN_MS;
var init_attach = __esm({
  "src/cli/console/attach.ts"() {
    "use strict";
    init_diagnostics();
    init_telnet();
    init_terminal();
    LEAVE = 29;
    LF2 = 10;
    CR2 = 13;
    CONNECT_MS = 5e3;
    MAX_WAITING_KEYS = 1024 * 1024;
    QUIET_MS = 500;
    DRAIN_MS = 5e3;
  }
});

// src/cli/commands/console.ts
var console_exports = {};
__export(console_exports, {
  run: () => run8
});
async function run8(context, common, _options, operands) {
  const { state } = await (await context.states(common.directory)).load();
  const { address, host: host2, port: port2 } = findConsole(state, operands[0] ?? "");
  await attach({ host: host2, port: port2, name: address, input: context.stdin, output: context.stdout });
  return 0;
}
function findConsole(state, name) {
  const nodes = [...state.instances.values()].filter((one) => one.kind === "node");
  const node3 = nodes.find((one) => one.address === name || one.address === `node.${name}`);
  if (!node3) {
    const names = nodes.map((one) => one.address).join(", ");
    throw new Failure(
      errorDiagnostic(`There is no node "${name}"`, {
        detail: nodes.length === 0 ? "The state has no nodes; apply makes them." : `The state has ${names}.`
      })
    );
  }
  const front = node3.attributes.console;
  if (typeof front !== "object" || front === null || !("port" in front)) {
    throw new Failure(
      errorDiagnostic(`${node3.address} has no console to attach to`, {
        detail: 'Its console_type is "none", or it was never started.'
      })
    );
  }
  return { address: node3.address, host: String(front.host), port: Number(front.port) };
}
var init_console = __esm({
  "src/cli/commands/console.ts"() {
    "use strict";
    init_diagnostics();
    init_attach();
  }
});

// src/cli/commands/version.ts
var version_exports = {};
__export(version_exports, {
  run: () => run9
});
async function run9(context, common) {
  context.stdout.write(
    common.json ? `${JSON.stringify({ labform_version: context.version })}
` : `labform v${context.version}
`
  );
  return 0;
}
var init_version2 = __esm({
  "src/cli/commands/version.ts"() {
    "use strict";
  }
});

// test/simulation/host/chance.ts
var Chance = class _Chance {
  #state;
  constructor(seed) {
    this.#state = seed | 0;
  }
  /** From 0 to below 1. */
  fraction() {
    this.#state = this.#state + 1831565813 | 0;
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, 1 | this.#state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 4294967296;
  }
  integer(limit) {
    return Math.floor(this.fraction() * limit);
  }
  /** Both ends included. */
  between(low, high) {
    return low + this.integer(high - low + 1);
  }
  /** True in `probability` of all cases. */
  happens(probability) {
    return this.fraction() < probability;
  }
  pick(items) {
    if (items.length === 0) throw new Error("there is nothing to pick from");
    return items[this.integer(items.length)];
  }
  /** Another source, whose use does not shift what comes from this one. */
  branch() {
    return new _Chance(this.integer(4294967296));
  }
  hex(bytes) {
    let text = "";
    for (let at2 = 0; at2 < bytes; at2++) text += this.integer(256).toString(16).padStart(2, "0");
    return text;
  }
  uuid() {
    const digits = this.hex(16);
    const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `a${digits.slice(17, 20)}`];
    return [...parts, digits.slice(20)].join("-");
  }
};

// test/simulation/host/disk.ts
import { posix } from "node:path";

// test/simulation/host/errors.ts
var texts = {
  ENOENT: "no such file or directory",
  EEXIST: "file already exists",
  ENOTDIR: "not a directory",
  EISDIR: "illegal operation on a directory",
  EACCES: "permission denied",
  EINVAL: "invalid argument",
  ENXIO: "no such device or address",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  ETIMEDOUT: "connection timed out",
  EIO: "i/o error",
  ENOSPC: "no space left on device",
  EAGAIN: "resource temporarily unavailable",
  ENOMEM: "not enough memory",
  EBADF: "bad file descriptor"
};
function refusal(code, call, subject) {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error(`${code}: ${texts[code] ?? "error"}, ${call} '${subject}'`);
  Error.stackTraceLimit = stackTraceLimit;
  return Object.assign(error, { code, syscall: call, path: subject });
}

// test/simulation/host/disk.ts
var Disk = class {
  root;
  #uid;
  #now;
  #watchers = /* @__PURE__ */ new Map();
  #inodes = 100;
  constructor(uid, now) {
    this.#uid = uid;
    this.#now = now;
    this.root = this.#make("directory", 493);
  }
  find(path) {
    let inode = this.root;
    for (const name of partsOf(path)) {
      if (inode?.kind !== "directory") return void 0;
      inode = inode.entries.get(name);
    }
    return inode;
  }
  /** Throws ENOENT, ENOTDIR or EACCES, as the kernel would. */
  get(path, call) {
    let inode = this.root;
    for (const name of partsOf(path)) {
      if (inode.kind !== "directory") throw refusal("ENOTDIR", call, path);
      if (!this.permits(inode, "execute")) throw refusal("EACCES", call, path);
      const next = inode.entries.get(name);
      if (!next) throw refusal("ENOENT", call, path);
      inode = next;
    }
    return inode;
  }
  permits(inode, use) {
    const bit = { read: 4, write: 2, execute: 1 }[use];
    const shift = inode.uid === this.#uid ? 6 : 0;
    return (inode.mode >> shift & bit) !== 0;
  }
  read(path) {
    const inode = this.get(path, "open");
    if (inode.kind === "directory") throw refusal("EISDIR", "read", path);
    if (inode.kind === "socket") throw refusal("ENXIO", "open", path);
    if (!this.permits(inode, "read")) throw refusal("EACCES", "open", path);
    return inode.data;
  }
  /** The file at `path`, made empty where it is missing. */
  open(path, mode, isNew = false) {
    const parent = this.#parent(path, "open");
    const name = posix.basename(path);
    const there = parent.entries.get(name);
    if (there) {
      if (isNew) throw refusal("EEXIST", "open", path);
      if (there.kind === "directory") throw refusal("EISDIR", "open", path);
      if (there.kind === "socket") throw refusal("ENXIO", "open", path);
      if (!this.permits(there, "write")) throw refusal("EACCES", "open", path);
      return there;
    }
    return this.#enter(parent, name, this.#make("file", mode), path);
  }
  write(path, data, mode) {
    const inode = this.open(path, mode);
    this.change(inode, Buffer.from(data), path);
  }
  append(inode, data, path) {
    this.change(inode, Buffer.concat([inode.data, Buffer.from(data)]), path);
  }
  change(inode, data, path) {
    inode.data = data;
    inode.modifiedMs = this.#now();
    const parent = this.find(posix.dirname(path));
    if (parent?.entries.get(posix.basename(path)) === inode) this.#tell(parent, posix.basename(path));
  }
  sync(inode) {
    if (inode.kind === "directory") inode.durableEntries = new Map(inode.entries);
    else inode.durable = inode.data;
  }
  makeDirectory(path) {
    let inode = this.root;
    let at2 = "";
    for (const name of partsOf(path)) {
      at2 += `/${name}`;
      if (!this.permits(inode, "execute")) throw refusal("EACCES", "mkdir", path);
      const next = inode.entries.get(name) ?? this.#enter(inode, name, this.#make("directory", 448), path);
      if (next.kind !== "directory") throw refusal(at2 === path ? "EEXIST" : "ENOTDIR", "mkdir", path);
      inode = next;
    }
  }
  /** A socket's file in the place of whatever file or socket had the name. */
  makeSocket(path) {
    const parent = this.#parent(path, "bind");
    parent.entries.delete(posix.basename(path));
    return this.#enter(parent, posix.basename(path), this.#make("socket", 384), path);
  }
  rename(from, to) {
    const inode = this.get(from, "rename");
    const target = this.#parent(to, "rename");
    const there = target.entries.get(posix.basename(to));
    if (there?.kind === "directory" && inode.kind !== "directory") throw refusal("EISDIR", "rename", from);
    if (inode.kind === "directory" && there && there.kind !== "directory") throw refusal("ENOTDIR", "rename", from);
    const source = this.#parent(from, "rename");
    this.#requireWritable(source, "rename", from);
    this.#requireWritable(target, "rename", to);
    source.entries.delete(posix.basename(from));
    target.entries.set(posix.basename(to), inode);
    this.#tell(source, posix.basename(from));
    this.#tell(target, posix.basename(to));
  }
  /** Directories with all they hold; no error when there is nothing. */
  remove(path) {
    const name = posix.basename(path);
    let parent;
    try {
      parent = this.#parent(path, "rm");
    } catch (error) {
      if (error.code === "ENOENT") return;
      throw error;
    }
    if (!parent.entries.has(name)) return;
    this.#requireWritable(parent, "rm", path);
    parent.entries.delete(name);
    this.#tell(parent, name);
  }
  list(path) {
    const inode = this.get(path, "scandir");
    if (inode.kind !== "directory") throw refusal("ENOTDIR", "scandir", path);
    if (!this.permits(inode, "read")) throw refusal("EACCES", "scandir", path);
    return [...inode.entries.keys()];
  }
  stat(path) {
    const { kind, data, modifiedMs, number, mode, uid } = this.get(path, "stat");
    return { kind, size: data.length, modifiedMs, changedMs: modifiedMs, inode: number, device: 1, mode, uid };
  }
  /** Calls `watcher` with the name of each entry that changes; returns how to end it. */
  watch(path, watcher) {
    const inode = this.get(path, "watch");
    const watchers = this.#watchers.get(inode) ?? /* @__PURE__ */ new Set();
    this.#watchers.set(inode, watchers.add(watcher));
    return () => void watchers.delete(watcher);
  }
  /** Every path with its kind and content, for comparing. */
  contents(path = "/", inode = this.find(path)) {
    const found = /* @__PURE__ */ new Map();
    if (!inode) return found;
    if (inode.kind !== "directory") return found.set(path, `${inode.kind} ${inode.data.toString("latin1")}`);
    found.set(path, "directory");
    for (const [name, entry2] of inode.entries) {
      for (const one of this.contents(posix.join(path, name), entry2)) found.set(...one);
    }
    return found;
  }
  /** What was not synced is there in part: each name or not, of each file's new end so much or so little. */
  losePower(chance, inode = this.root) {
    if (inode.kind === "file" && inode.data !== inode.durable) {
      inode.data = chance.happens(0.5) ? inode.durable : tornOf(inode, chance);
      inode.durable = inode.data;
    }
    if (inode.kind !== "directory") return;
    for (const name of /* @__PURE__ */ new Set([...inode.entries.keys(), ...inode.durableEntries.keys()])) {
      const [now, before] = [inode.entries.get(name), inode.durableEntries.get(name)];
      if (now === before || chance.happens(0.5)) continue;
      if (before) inode.entries.set(name, before);
      else inode.entries.delete(name);
    }
    inode.durableEntries = new Map(inode.entries);
    this.#watchers.delete(inode);
    for (const entry2 of inode.entries.values()) this.losePower(chance, entry2);
  }
  /** As if all of it had been there for long. */
  syncAll(inode = this.root) {
    this.sync(inode);
    for (const entry2 of inode.entries.values()) this.syncAll(entry2);
  }
  #parent(path, call) {
    const parent = this.get(posix.dirname(path), call);
    if (parent.kind !== "directory") throw refusal("ENOTDIR", call, path);
    return parent;
  }
  #enter(parent, name, inode, path) {
    this.#requireWritable(parent, "open", path);
    parent.entries.set(name, inode);
    this.#tell(parent, name);
    return inode;
  }
  #requireWritable(directory, call, path) {
    if (!this.permits(directory, "write")) throw refusal("EACCES", call, path);
  }
  #make(kind, mode) {
    const empty = Buffer.alloc(0);
    return {
      number: ++this.#inodes,
      kind,
      mode,
      uid: this.#uid,
      modifiedMs: this.#now(),
      data: empty,
      durable: empty,
      entries: /* @__PURE__ */ new Map(),
      durableEntries: /* @__PURE__ */ new Map()
    };
  }
  #tell(directory, name) {
    for (const watcher of [...this.#watchers.get(directory) ?? []]) watcher(name);
  }
};
function tornOf({ data, durable }, chance) {
  const isAppended = data.subarray(0, durable.length).equals(durable);
  const kept = isAppended ? durable.length : 0;
  return data.subarray(0, chance.between(kept, data.length));
}
var known = /* @__PURE__ */ new Map();
function partsOf(path) {
  const there = known.get(path);
  if (there) return there;
  if (!path.startsWith("/")) throw new Error(`${path} is no absolute path`);
  if (known.size > 1e4) known.clear();
  const parts = posix.normalize(path).split("/").filter(Boolean);
  known.set(path, parts);
  return parts;
}

// test/simulation/host/network.ts
var LATENCY_MS = 0.05;
var End = class {
  owner;
  onData = () => {
  };
  /** The other end closed, or its process died. */
  onClose = () => {
  };
  other;
  #closed = false;
  #scheduler;
  constructor(owner, scheduler) {
    this.owner = owner;
    this.#scheduler = scheduler;
  }
  get isClosed() {
    return this.#closed;
  }
  send(data) {
    const bytes = Buffer.from(data);
    if (!this.#closed) this.#reach((end) => end.onData(bytes));
  }
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#reach((end) => {
      if (end.#closed) return;
      end.#closed = true;
      end.onClose();
    });
  }
  #reach(act) {
    const { other } = this;
    this.#scheduler.after(LATENCY_MS, () => {
      if (other && !other.#closed) other.owner.deliver(() => act(other));
    });
  }
};
var Network = class {
  #disk;
  #scheduler;
  #bound = /* @__PURE__ */ new Map();
  #ports = /* @__PURE__ */ new Map();
  #ends = [];
  #inodes = 5e4;
  constructor(disk, scheduler) {
    this.#disk = disk;
    this.#scheduler = scheduler;
  }
  listen(owner, path, accept) {
    const file = this.#disk.makeSocket(path);
    this.#bound.set(file, { owner, inode: ++this.#inodes, accept });
    return file;
  }
  /** False when the port is taken. */
  listenOn(owner, port2, accept) {
    if (!this.isFree(port2)) return false;
    this.#ports.set(port2, { owner, inode: ++this.#inodes, accept });
    return true;
  }
  isFree(port2) {
    return !this.#ports.has(port2);
  }
  stopListening(port2) {
    this.#ports.delete(port2);
  }
  /** Whether a living process listens behind that file. */
  isServed(path) {
    const file = this.#disk.find(path);
    return file !== void 0 && this.#bound.has(file);
  }
  /** Throws ENOENT or ECONNREFUSED. The kernel accepts for a process that is stopped. */
  connect(owner, endpoint) {
    const listener2 = this.#listenerAt(endpoint);
    const [here, there] = [new End(owner, this.#scheduler), new End(listener2.owner, this.#scheduler)];
    here.other = there;
    there.other = here;
    this.#ends = this.#ends.filter((end) => !end.isClosed);
    this.#ends.push(here, there);
    this.#scheduler.after(LATENCY_MS, () => listener2.owner.deliver(() => listener2.accept(there)));
    return here;
  }
  /** What the kernel does when a process ends. */
  release(owner) {
    for (const [file, listener2] of this.#bound) if (listener2.owner === owner) this.#bound.delete(file);
    for (const [port2, listener2] of this.#ports) if (listener2.owner === owner) this.#ports.delete(port2);
    for (const end of this.#ends) if (end.owner === owner) end.close();
  }
  socketInodes(owner) {
    const all = [...this.#bound.values(), ...this.#ports.values()];
    return new Set(all.filter((one) => one.owner === owner).map((one) => one.inode));
  }
  /** /proc/net/tcp, as far as listening sockets of 127.0.0.1 go. */
  table(uid) {
    const rows = [...this.#ports].map(([port2, { inode }], at2) => {
      const local = `0100007F:${port2.toString(16).toUpperCase().padStart(4, "0")}`;
      return `  ${at2}: ${local} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 ${uid} 0 ${inode} 1`;
    });
    return `${["  sl  local_address rem_address   st", ...rows].join("\n")}
`;
  }
  #listenerAt(endpoint) {
    if (!("path" in endpoint)) {
      const listener3 = this.#ports.get(endpoint.port);
      if (!listener3) throw refusal("ECONNREFUSED", "connect", `${endpoint.host}:${endpoint.port}`);
      return listener3;
    }
    const listener2 = this.#bound.get(this.#disk.get(endpoint.path, "connect"));
    if (!listener2) throw refusal("ECONNREFUSED", "connect", endpoint.path);
    return listener2;
  }
};

// test/simulation/host/processes.ts
var Process = class {
  pid;
  startTime;
  uid;
  token;
  command;
  arguments;
  directory;
  machine;
  state = "running";
  /** Set by its program. */
  onTerm = () => this.die();
  /** What a test may look at: the program's own account of what it does. */
  shown;
  #logFile;
  #waiting = [];
  constructor(machine, { pid, startTime, uid, request }) {
    this.machine = machine;
    this.pid = pid;
    this.startTime = startTime;
    this.uid = uid;
    this.token = request.token;
    this.command = request.command;
    this.arguments = request.arguments;
    this.directory = request.directory;
    this.#logFile = request.logFile;
  }
  get isDead() {
    return this.state === "zombie";
  }
  deliver(work) {
    if (this.state === "stopped") this.#waiting.push(work);
    else if (this.state === "running") work();
  }
  after(ms, work) {
    return this.machine.scheduler.after(ms, () => this.deliver(work));
  }
  log(text) {
    const { disk } = this.machine;
    const there = disk.find(this.#logFile);
    if (there) disk.append(there, `${text}
`, this.#logFile);
  }
  listen(name, accept) {
    this.machine.network.listen(this, `${this.directory}/${name}`, accept);
  }
  die() {
    if (this.isDead) return;
    this.state = "zombie";
    this.machine.network.release(this);
  }
  stop() {
    if (this.state === "running") this.state = "stopped";
  }
  wake() {
    if (this.state !== "stopped") return;
    this.state = "running";
    for (const work of this.#waiting.splice(0)) this.deliver(work);
  }
};
var FIRST_PID = 300;
var PIDS = 400;
var ProcessTable = class {
  machine;
  #uid;
  #bootMs;
  #programs;
  /** Whether pid 1 takes zombies away; in a container it often does not. */
  #reaps;
  #processes = /* @__PURE__ */ new Map();
  #lastPid = FIRST_PID;
  constructor(machine, options) {
    this.machine = machine;
    this.#uid = options.uid;
    this.#reaps = options.reaps;
    this.#programs = options.programs;
    this.#bootMs = machine.scheduler.now - 6e4;
  }
  /** Throws ENOENT and EACCES as exec does. */
  spawn(request) {
    const { disk } = this.machine;
    for (const path of [request.directory, request.command]) disk.get(path, "spawn");
    if (!disk.permits(disk.get(request.command, "spawn"), "execute")) {
      throw refusal("EACCES", "spawn", request.command);
    }
    disk.open(request.logFile, 384);
    const program = this.#programs(request);
    if (!program) throw new Error(`nobody wrote what ${request.command} does here`);
    const process3 = this.#enter(this.#freePid(), this.#uid, request);
    const { onTerm } = program(process3);
    process3.onTerm = onTerm;
    return process3;
  }
  /** A process that has nothing to do with labform, at a pid where none lives. */
  addStranger(pid) {
    const request = { command: "/usr/bin/sleep", arguments: [], directory: "/", token: "", logFile: "/dev/null" };
    if (this.#processes.get(pid)?.isDead !== false) this.#enter(pid, this.#uid, request);
  }
  get(pid) {
    this.#reap();
    return this.#processes.get(pid);
  }
  /** Those that labform started and that live. */
  living() {
    return [...this.#processes.values()].filter((one) => !one.isDead && one.token !== "");
  }
  killAll() {
    for (const process3 of this.#processes.values()) process3.die();
    this.#processes.clear();
  }
  #enter(pid, uid, request) {
    const { scheduler } = this.machine;
    const startTime = String(Math.floor((scheduler.now - this.#bootMs) / 10));
    const process3 = new Process(this.machine, { pid, startTime, uid, request });
    this.#processes.set(pid, process3);
    return process3;
  }
  #freePid() {
    this.#reap();
    for (let tries = 0; tries < PIDS; tries++) {
      this.#lastPid = FIRST_PID + (this.#lastPid + 1 - FIRST_PID) % PIDS;
      if (!this.#processes.has(this.#lastPid)) return this.#lastPid;
    }
    throw refusal("EAGAIN", "fork", "no pid is free");
  }
  #reap() {
    if (!this.#reaps) return;
    for (const [pid, process3] of this.#processes) if (process3.isDead) this.#processes.delete(pid);
  }
};

// test/simulation/host/scheduler.ts
var PATIENCE = 2e3;
var Scheduler = class {
  #now;
  #order = 0;
  #heap = [];
  constructor(startMs) {
    this.#now = startMs;
  }
  get now() {
    return this.#now;
  }
  after(ms, run10) {
    const event = { at: this.#now + Math.max(0, ms), order: this.#order++, run: run10 };
    this.#push(event);
    return {
      cancel: () => {
        event.run = void 0;
      }
    };
  }
  /** Lets the world go on until the promise settles. Rejects when nothing can ever settle it. */
  async until(promise) {
    let settled3 = false;
    const settle = () => {
      settled3 = true;
    };
    promise.then(settle, settle);
    let idle = 0;
    for (; ; ) {
      await turn();
      if (settled3) return await promise;
      const event = this.#pop();
      if (event) {
        idle = 0;
        this.#happen(event);
      } else if (++idle > PATIENCE) throw new Error("the simulation stands still: what is waited for never happens");
      else if (idle > 10) await new Promise((resolve8) => setTimeout(resolve8, 1));
    }
  }
  /** Lets the world go on for so long. */
  async pass(ms) {
    await this.until(new Promise((resolve8) => void this.after(ms, resolve8)));
  }
  #happen(event) {
    this.#now = Math.max(this.#now, event.at);
    event.run?.();
  }
  #push(event) {
    const heap = this.#heap;
    let at2 = heap.push(event) - 1;
    while (at2 > 0) {
      const parent = at2 - 1 >> 1;
      if (!isBefore(event, heap[parent])) break;
      heap[at2] = heap[parent];
      at2 = parent;
    }
    heap[at2] = event;
  }
  #pop() {
    for (; ; ) {
      const event = this.#take();
      if (!event || event.run) return event;
    }
  }
  #take() {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === void 0 || last === void 0 || heap.length === 0) return top;
    let at2 = 0;
    for (; ; ) {
      let child = 2 * at2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[at2] = heap[child];
      at2 = child;
    }
    heap[at2] = last;
    return top;
  }
};
function isBefore(left, right) {
  return left.at < right.at || left.at === right.at && left.order < right.order;
}
function turn() {
  return new Promise((resolve8) => setImmediate(resolve8));
}

// providers/ubridge/builtin/frames.ts
var MAXIMUM_FRAME_BYTES = 4096 + 65536;

// providers/ubridge/builtin/filters.ts
function parseFilter(name, type, args) {
  const numbers = args.map((text) => /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN);
  if (numbers.some(Number.isNaN)) return void 0;
  const [first, second] = numbers;
  if (first === void 0) return void 0;
  if (type === "packet_loss" && numbers.length === 1 && first <= 100) return { name, type, percent: first };
  if (type === "delay" && numbers.length <= 2 && first > 0) return { name, type, ms: first, jitterMs: second ?? 0 };
  return void 0;
}

// providers/ubridge/builtin/tokens.ts
function tokenize(line2) {
  const tokens = [];
  let word = "";
  let quoted2 = false;
  for (const character of line2) {
    if (quoted2) {
      if (character === '"') {
        quoted2 = false;
        if (word !== "") tokens.push(word);
        word = "";
      } else word += character;
    } else if (character === '"') {
      if (word !== "") return { error: "unexpected quote" };
      quoted2 = true;
    } else if (character === "#" || character === "!" || character === "\r") break;
    else if (character === " " || character === "	") {
      if (word !== "") tokens.push(word);
      word = "";
    } else word += character;
  }
  if (quoted2) return { error: "unexpected end of line" };
  if (word !== "") tokens.push(word);
  return { tokens };
}

// test/simulation/programs/bridge.ts
var OK = [100, "OK"];
var missing = (name) => [214, `bridge '${name}' doesn't exist`];
function builtinBridge(process3) {
  const [, , name = ""] = process3.arguments;
  const { network, disk, chance } = process3.machine;
  const path = `${process3.directory}/${name}`;
  process3.after(20 + chance.fraction() * 60, () => {
    if (network.isServed(path)) {
      process3.log(`bridge: ${name} is served by another process already`);
      return process3.die();
    }
    serve(process3, (accept) => process3.listen(name, accept), "1.0.0");
  });
  const stop = () => {
    disk.remove(path);
    process3.die();
  };
  return { onTerm: () => process3.after(1, stop) };
}
function ubridge(process3) {
  const port2 = Number(/:(\d+)$/.exec(process3.arguments[1] ?? "")?.[1]);
  process3.after(5 + process3.machine.chance.fraction() * 10, () => {
    const listens = (accept) => {
      if (!process3.machine.network.listenOn(process3, port2, accept)) process3.die();
    };
    serve(process3, listens, "0.9.19");
  });
  return { onTerm: () => process3.after(1, () => process3.die()) };
}
function serve(process3, listen2, version) {
  const bridges2 = /* @__PURE__ */ new Map();
  process3.shown = { bridges: bridges2 };
  const execute = (words3) => {
    const [moduleName, command, name = "", ...rest] = words3;
    if (moduleName === "hypervisor") return command === "version" ? [100, version] : OK;
    if (command === "list") {
      return [100, "OK", [...bridges2].map(([one, { ends }]) => `${one} (NIOs = ${ends.length})`).reverse()];
    }
    if (command === "create") {
      if (bridges2.has(name)) return [206, `bridge '${name}' already exist`];
      bridges2.set(name, { running: false, ends: [], filters: [] });
      return OK;
    }
    const bridge2 = bridges2.get(name);
    if (!bridge2) return missing(name);
    switch (command) {
      case "delete":
        bridges2.delete(name);
        return OK;
      case "start":
        if (bridge2.running || bridge2.ends.length < 2) return [209, `bridge '${name}' cannot be started`];
        bridge2.running = true;
        return OK;
      case "stop":
        if (!bridge2.running) return [210, `bridge '${name}' is not running`];
        bridge2.running = false;
        return OK;
      case "show":
        return [100, "OK", show(name, bridge2)];
      case "add_nio_stream":
      case "add_nio_unix":
        return addEnd(process3, bridge2, command, rest);
      case "add_packet_filter": {
        const [filter = "", type = "", ...args] = rest;
        if (!parseFilter(filter, type, args)) return [206, `Failed to add filter '${filter}'`];
        bridge2.filters.push(filter);
        return OK;
      }
      case "delete_packet_filter":
        bridge2.filters.splice(bridge2.filters.indexOf(rest[0] ?? ""), 1);
        return OK;
      case "reset_packet_filters":
        bridge2.filters.length = 0;
        return OK;
      default:
        return [202, `Unknown command '${command}'`];
    }
  };
  listen2((end) => {
    let rest = "";
    end.onData = (bytes) => {
      const lines = (rest + bytes.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line2 of lines) {
        const parsed = tokenize(line2);
        if ("error" in parsed) {
          end.send(`200-Parse error: ${parsed.error}\r
`);
          continue;
        }
        const [code, text, shown = []] = execute(parsed.tokens);
        if (process3.isDead) return;
        end.send(`${shown.map((one) => `101 ${one}\r
`).join("")}${code}-${text}\r
`);
        if (parsed.tokens[0] !== "hypervisor") continue;
        if (parsed.tokens[1] === "close") end.close();
        if (parsed.tokens[1] === "stop") process3.onTerm();
      }
    };
  });
}
function addEnd(process3, bridge2, command, names) {
  if (bridge2.ends.length === 2) return [206, "has already 2 allocated NIOs"];
  if (command === "add_nio_unix" && !process3.machine.disk.find(`${process3.directory}/${names[1]}`)) {
    process3.log("Segmentation fault");
    process3.die();
    return OK;
  }
  bridge2.ends.push(names.join(" -> "));
  return OK;
}
function show(name, { running, ends, filters }) {
  return [
    `bridge '${name}' is ${running ? "" : "not "}running`,
    ...filters.map((filter, at2) => `Filter '${filter}' configured in position ${at2 + 1}`),
    ...ends.map((end, at2) => `${at2 === 0 ? "Source" : "Destination"} NIO: ${end}`)
  ];
}

// test/simulation/programs/keeper.ts
init_lines();
init_protocol();
function keeper(process3) {
  const { network, disk, chance, scheduler } = process3.machine;
  const run10 = process3.arguments[1] ?? "";
  const nodes = /* @__PURE__ */ new Map();
  process3.shown = { nodes };
  let socket;
  process3.after(20 + chance.fraction() * 60, () => {
    const path = `${run10}/${CONTROL_SOCKET}`;
    if (network.isServed(path)) {
      process3.log(`keeper: another keeper listens on ${path}`);
      return process3.die();
    }
    try {
      socket = network.listen(process3, path, converse2);
      disk.watch(run10, (name) => process3.deliver(() => hear(name.slice(0, name.indexOf(".")))));
    } catch (error) {
      process3.log(`keeper: ${error.message}`);
      process3.die();
    }
  });
  function converse2(end2) {
    const reader = new LineReader(1024 * 1024);
    end2.onData = (bytes) => {
      for (const line2 of reader.push(bytes)) if (line2) end2.send(`${JSON.stringify(answer(line2))}
`);
    };
  }
  function answer(line2) {
    const { id, command, arguments: fields } = JSON.parse(line2);
    try {
      return { id, result: perform(command, fields) };
    } catch (error) {
      if (!(error instanceof KeeperError)) throw error;
      return { id, error: { code: error.code, message: error.message } };
    }
  }
  function perform(command, fields) {
    switch (command) {
      case "ping":
        return { version: "0.1.0", pid: process3.pid, nodes: nodes.size };
      case "list":
        return {
          nodes: [...nodes].map(([node3, kept]) => ({ node: node3, ...shownOf(kept), connected: kept.ear !== void 0 }))
        };
      case "serve":
        return serve2(checkServe(fields));
      case "release":
        return release2(checkNode(fields));
      case "stop":
        process3.after(1, end);
        return {};
      default:
        throw new KeeperError("unknown-command", command);
    }
  }
  function serve2(request) {
    const before = nodes.get(request.node);
    const console2 = take(request.console, before?.console);
    let monitor;
    try {
      monitor = take(request.monitor, before?.monitor);
    } catch (error) {
      if (console2 !== void 0 && console2 !== before?.console) network.stopListening(console2);
      throw error;
    }
    for (const port2 of [before?.console, before?.monitor]) {
      if (port2 !== void 0 && port2 !== console2 && port2 !== monitor) network.stopListening(port2);
    }
    const kept = before ?? { console: console2, monitor, request, ear: void 0, goodbye: false };
    Object.assign(kept, { console: console2, monitor, request });
    nodes.set(request.node, kept);
    hear(request.node);
    return shownOf(kept);
  }
  function take(request, current) {
    if (!request) return void 0;
    const [low, high] = request.range;
    if (request.port !== null) {
      if (request.port === current || network.listenOn(process3, request.port, () => {
      })) return request.port;
      throw new KeeperError("port-taken", `port ${request.port} is taken`);
    }
    if (current !== void 0 && current >= low && current <= high) return current;
    for (let port2 = low; port2 <= high; port2++) if (network.listenOn(process3, port2, () => {
    })) return port2;
    throw new KeeperError("range-taken", `no port from ${low} to ${high} is free`);
  }
  function release2(node3) {
    const kept = nodes.get(node3);
    for (const port2 of [kept?.console, kept?.monitor]) if (port2 !== void 0) network.stopListening(port2);
    kept?.ear?.close();
    nodes.delete(node3);
    return {};
  }
  function hear(node3) {
    const kept = nodes.get(node3);
    if (!kept || kept.ear || !network.isServed(`${run10}/${node3}.evt`)) return;
    const ear = network.connect(process3, { path: `${run10}/${node3}.evt` });
    const reader = new LineReader(256 * 1024);
    kept.ear = ear;
    kept.goodbye = false;
    ear.onData = (bytes) => {
      for (const line2 of reader.push(bytes)) {
        const message3 = JSON.parse(line2 ?? "{}");
        if (message3.QMP !== void 0) ear.send('{"execute": "qmp_capabilities"}\n');
        else if (message3.event !== void 0) {
          if (message3.event === "SHUTDOWN") kept.goodbye = true;
          note(node3, message3.event, message3.data);
        }
      }
    };
    ear.onClose = () => {
      if (!kept.goodbye) note(node3, "ended", {});
      kept.ear = void 0;
      hear(node3);
    };
  }
  function note(node3, event, data) {
    const path = `${run10}/${node3}.events`;
    const line2 = `${JSON.stringify({ time: new Date(scheduler.now).toISOString(), event, data })}
`;
    try {
      disk.append(disk.open(path, 384), line2, path);
    } catch {
    }
  }
  function end() {
    if (socket && disk.find(`${run10}/${CONTROL_SOCKET}`) === socket) disk.remove(`${run10}/${CONTROL_SOCKET}`);
    process3.die();
  }
  return { onTerm: () => process3.after(1, end) };
}
function shownOf({ console: console2, monitor, request }) {
  const listener2 = (wanted, port2) => wanted && port2 !== void 0 ? { host: wanted.host, port: port2 } : null;
  return { console: listener2(request.console, console2), monitor: listener2(request.monitor, monitor) };
}

// test/simulation/programs/qmp.ts
init_lines();
var QmpServer = class {
  #execute;
  #queue = [];
  #client;
  #negotiated = false;
  constructor(execute) {
    this.#execute = execute;
  }
  accept(end) {
    end.onClose = () => this.#leave(end);
    this.#queue.push(end);
    this.#next();
  }
  event(event, data, nowMs) {
    const timestamp = { seconds: Math.floor(nowMs / 1e3), microseconds: Math.floor(nowMs % 1e3 * 1e3) };
    if (this.#negotiated) this.#client?.send(`${JSON.stringify({ timestamp, event, data })}\r
`);
  }
  #next() {
    if (this.#client) return;
    const client = this.#queue.shift();
    if (!client) return;
    this.#client = client;
    this.#negotiated = false;
    const reader = new LineReader(1024 * 1024);
    client.onData = (bytes) => {
      for (const line2 of reader.push(bytes)) if (line2) client.send(`${JSON.stringify(this.#answer(line2))}\r
`);
    };
    client.send(
      `${JSON.stringify({ QMP: { version: { qemu: { major: 7, minor: 2, micro: 22 } }, capabilities: [] } })}\r
`
    );
  }
  #answer(line2) {
    const {
      execute,
      arguments: args = {},
      id
    } = JSON.parse(line2);
    const echoed = id === void 0 ? {} : { id };
    if (execute === "qmp_capabilities") {
      this.#negotiated = true;
      return { return: {}, ...echoed };
    }
    if (this.#negotiated) return { ...this.#execute(execute, args), ...echoed };
    return { error: { class: "CommandNotFound", desc: "Expecting capabilities negotiation" }, ...echoed };
  }
  #leave(end) {
    const waiting = this.#queue.indexOf(end);
    if (waiting !== -1) this.#queue.splice(waiting, 1);
    if (this.#client !== end) return;
    this.#client = void 0;
    this.#next();
  }
};

// test/simulation/programs/qemu.ts
function qemu(process3, guests) {
  const { disk, chance, scheduler } = process3.machine;
  const options = optionsOf(process3.arguments);
  const wait = (low, high) => low + chance.fraction() * (high - low);
  const chardevs = options.filter(([name]) => name === "-chardev").map(([, value]) => groupOf(value));
  const netdevs = options.filter(([name]) => name === "-netdev").map(([, value]) => groupOf(value));
  const nics = options.flatMap(
    ([name, value]) => name === "-device" && value.includes("netdev=") ? [groupOf(value)] : []
  );
  const socketOf = (id) => chardevs.find((one) => one.get("id") === id)?.get("path") ?? "";
  const machine = {
    id: socketOf("control").replace(/\.qmp$/, ""),
    status: "prelaunch",
    carriers: new Map(nics.map((nic) => [nic.get("id") ?? "", true])),
    tunnels: netdevs.map((one) => one.get("addr.path") ?? one.get("local.path") ?? ""),
    powerOff: () => end("guest-shutdown")
  };
  process3.shown = machine;
  const execute = (command, args) => {
    if (command === "query-status")
      return { return: { status: machine.status, running: machine.status === "running" } };
    if (command === "set_link" && machine.carriers.has(String(args["name"]))) {
      machine.carriers.set(String(args["name"]), args["up"] === true);
      return { return: {} };
    }
    if (command === "cont") {
      if (machine.status === "prelaunch") boot2();
      machine.status = "running";
      return { return: {} };
    }
    return { error: { class: "GenericError", desc: `no ${command} here` } };
  };
  const control2 = new QmpServer(execute);
  const events = new QmpServer(execute);
  function boot2() {
    const log = chardevs.find((one) => one.get("id") === "console")?.get("logfile");
    if (log === void 0) return;
    const write = (text) => {
      try {
        disk.append(disk.open(log, 384), text, log);
      } catch {
      }
    };
    process3.after(wait(50, 200), () => write("Linux is starting\r\n"));
    process3.after(wait(300, 900), () => write(guests.boots ? "login: " : "panic: no root\r\n"));
  }
  function end(reason) {
    for (const one of [control2, events])
      one.event("SHUTDOWN", { guest: reason === "guest-shutdown", reason }, scheduler.now);
    process3.after(wait(1, 8), () => process3.die());
  }
  for (const path of options.filter(([name]) => name === "-kernel" || name === "-initrd").map(([, value]) => value)) {
    if (disk.find(path)) continue;
    process3.after(2, () => {
      process3.log(`qemu-system-x86_64: could not load ${path}`);
      process3.die();
    });
    return { onTerm: () => process3.die() };
  }
  process3.after(wait(5, 40), () => {
    try {
      process3.listen(socketOf("control"), (end2) => control2.accept(end2));
      process3.listen(socketOf("events"), (end2) => events.accept(end2));
      for (const name of [socketOf("monitor"), socketOf("console")]) if (name !== "") process3.listen(name, () => {
      });
      for (const name of machine.tunnels) process3.listen(name, () => {
      });
    } catch (error) {
      process3.log(`qemu-system-x86_64: ${error.message}`);
      process3.die();
    }
  });
  return {
    onTerm: () => {
      process3.log("qemu-system-x86_64: terminating on signal 15 from pid 1 (<unknown process>)");
      end("host-signal");
    }
  };
}
function optionsOf(args) {
  return args.flatMap(
    (argument, at2) => argument.startsWith("-") ? [[argument, args[at2 + 1] ?? ""]] : []
  );
}
function groupOf(text) {
  const parts = text.replaceAll(",,", "\0").split(",");
  return new Map(
    parts.map((part) => {
      const [name = "", ...value] = part.replaceAll("\0", ",").split("=");
      return [name, value.join("=")];
    })
  );
}

// test/simulation/host.ts
var LAB = "/lab";
var HOME = "/home/alice";
var PROGRAMS = "/usr/lib/labform";
var KERNEL = "/images/vmlinux";
var START = Date.UTC(2026, 0, 31, 12);
var SimulatedHost = class {
  facts;
  chance;
  scheduler = new Scheduler(START);
  disk;
  network;
  locks = /* @__PURE__ */ new Map();
  guests = { boots: true };
  table;
  bootId;
  constructor(seed, given2 = {}) {
    this.chance = new Chance(seed);
    this.facts = { ...randomFacts(this.chance.branch()), ...given2 };
    this.disk = new Disk(this.facts.uid, () => this.scheduler.now);
    this.network = new Network(this.disk, this.scheduler);
    this.bootId = this.chance.uuid();
    this.table = this.#boot();
    this.#install();
  }
  write(name, text) {
    this.disk.write(`${LAB}/${name}`, text, 420);
    this.disk.syncAll();
  }
  /** Of labform's making. */
  living(program) {
    return this.table.living().filter((one) => program === void 0 || programOf(one) === program);
  }
  /** The host goes down, in order or by a power cut, and comes back. */
  reboot(how) {
    this.table.killAll();
    if (how === "in order") this.disk.syncAll();
    else this.disk.losePower(this.chance.branch());
    this.locks.clear();
    this.bootId = this.chance.uuid();
    this.table = this.#boot();
  }
  #boot() {
    const { scheduler, disk, network } = this;
    const machine = { scheduler, disk, network, chance: this.chance.branch() };
    const programs = (request) => {
      const program = programOf(request);
      return program === qemu ? (process3) => qemu(process3, this.guests) : program;
    };
    return new ProcessTable(machine, { uid: this.facts.uid, reaps: this.facts.reaps, programs });
  }
  #install() {
    const { disk, facts } = this;
    const programs = [
      "/usr/bin/qemu-system-x86_64",
      process.execPath,
      ...facts.hasUbridge ? ["/usr/bin/ubridge"] : []
    ];
    const files = [`${PROGRAMS}/keeper.js`, `${PROGRAMS}/bridge.js`, KERNEL];
    for (const path of [LAB, HOME, ...[...programs, ...files].map((one) => one.slice(0, one.lastIndexOf("/")))]) {
      disk.makeDirectory(path);
    }
    for (const path of programs) disk.write(path, "program", 493);
    for (const path of files) disk.write(path, "data", 420);
    if (facts.hasKvm) {
      disk.makeDirectory("/dev");
      disk.write("/dev/kvm", "", 438);
    }
    disk.syncAll();
  }
};
function programOf(one) {
  if (one.command.endsWith("/qemu-system-x86_64")) return qemu;
  if (one.command.endsWith("/ubridge")) return ubridge;
  if (one.arguments[0] === `${PROGRAMS}/keeper.js`) return keeper;
  return one.arguments[0] === `${PROGRAMS}/bridge.js` ? builtinBridge : void 0;
}
function randomFacts(chance) {
  return {
    uid: chance.pick([0, 1e3, 4711]),
    pidNamespace: `pid:[40265${chance.between(1e4, 99999)}]`,
    cpus: chance.pick([1, 2, 16]),
    hasKvm: chance.happens(0.5),
    hasUbridge: chance.happens(0.5),
    memoryBytes: chance.pick([4, 64]) * 1024 ** 3,
    reaps: chance.happens(0.7)
  };
}

// providers/qemu/index.ts
init_schema();
var qemu2 = {
  schema: qemuSchema,
  async load(ports, host2) {
    const { QemuProvider: QemuProvider2 } = await Promise.resolve().then(() => (init_provider(), provider_exports));
    return new QemuProvider2(ports, host2);
  }
};

// providers/ubridge/schema.ts
init_values();
var LONGEST_DELAY_MS = 6e4;
var link = {
  kind: "link",
  version: 1,
  description: "A cable between two adapters. It is plugged in before its nodes start, and it can be added, changed and removed while they run.",
  attributes: {
    endpoints: {
      type: DYNAMIC,
      description: "The two adapters it connects, each as `node.NAME.adapter[N]` or as an adapter's id. An adapter carries one link.",
      required: true,
      endpoints: true,
      change: "replace"
    },
    delay_ms: {
      type: NUMBER,
      description: "How long each frame is under way, in each direction, in milliseconds. The built-in bridge delays any number of frames at once; uBridge 0.9 sleeps for each frame, so that a delayed link carries only 1000 / delay_ms frames a second.",
      default: 0,
      minimum: 0,
      maximum: LONGEST_DELAY_MS,
      whole: true,
      change: "live"
    },
    jitter_ms: {
      type: NUMBER,
      description: "How much the delay varies: each frame's delay is drawn between delay_ms - jitter_ms and delay_ms + jitter_ms. Frames keep their order. Needs delay_ms.",
      default: 0,
      minimum: 0,
      maximum: LONGEST_DELAY_MS,
      whole: true,
      change: "live"
    },
    loss_percent: {
      type: NUMBER,
      description: "How many of a hundred frames are lost, in each direction and at random. uBridge takes whole percents only.",
      default: 0,
      minimum: 0,
      maximum: 100,
      change: "live"
    },
    id: {
      type: STRING,
      description: "Its name in the bridge, fixed when it is created.",
      computed: "plan",
      change: "replace"
    },
    engine: {
      type: STRING,
      description: "What carries it: `builtin` or `ubridge`, as the provider's settings decide.",
      computed: "plan",
      oneOf: ["builtin", "ubridge"],
      change: "replace"
    }
  }
};
var bridge = {
  kind: "service",
  version: 1,
  description: "The process that carries a lab's links.",
  attributes: {
    engine: {
      type: STRING,
      description: "`builtin` or `ubridge`.",
      oneOf: ["builtin", "ubridge"],
      change: "replace"
    },
    path: {
      type: STRING,
      description: "The uBridge program; null for the built-in bridge.",
      change: "restart"
    },
    version: {
      type: STRING,
      description: "As the running process answers.",
      computed: "start"
    },
    control: {
      type: STRING,
      description: "Where it takes commands: a socket in the lab's run directory, or a port of 127.0.0.1.",
      computed: "start"
    }
  }
};
var ubridgeSchema = {
  name: "ubridge",
  description: "Links between nodes, carried by the bridge that labform brings or by an installed uBridge.",
  settings: {
    attributes: {
      path: {
        type: STRING,
        description: "The uBridge program, absolute or relative to the lab's directory. Default: `ubridge` on PATH."
      },
      engine: {
        type: STRING,
        description: "What carries the links. `auto` takes an installed uBridge that has a private control socket (1.0 and later), else the built-in bridge. `ubridge` takes any version; 0.9 lets every account of the host command it. A change restarts the nodes.",
        default: "auto",
        oneOf: ["auto", "ubridge", "builtin"]
      }
    }
  },
  resources: { link, "service.bridge": bridge }
};

// providers/ubridge/index.ts
var ubridge2 = {
  schema: ubridgeSchema,
  async load(ports, host2) {
    const { UbridgeProvider: UbridgeProvider2 } = await Promise.resolve().then(() => (init_provider2(), provider_exports2));
    return new UbridgeProvider2(ports, host2);
  }
};

// src/cli/cli.ts
init_diagnostics();
import { resolve as resolve6 } from "node:path";

// src/cli/arguments.ts
function normalizeArguments(argv) {
  const end = argv.indexOf("--");
  return argv.map((argument, at2) => {
    if (end !== -1 && at2 >= end) return argument;
    return /^-[A-Za-z][\w-]+(?:=|$)/.test(argument) ? `-${argument}` : argument;
  });
}
function splitWords(text) {
  const words3 = [];
  let word;
  let quote2 = "";
  for (let at2 = 0; at2 < text.length; at2++) {
    const character = text[at2];
    if (quote2 !== "") {
      if (character === quote2) quote2 = "";
      else if (character === "\\" && quote2 === '"' && /["\\$`]/.test(text[at2 + 1] ?? ""))
        word = (word ?? "") + text[++at2];
      else word = (word ?? "") + character;
    } else if (character === "'" || character === '"') {
      quote2 = character;
      word ??= "";
    } else if (character === "\\" && at2 + 1 < text.length) word = (word ?? "") + text[++at2];
    else if (/\s/.test(character)) {
      if (word !== void 0) words3.push(word);
      word = void 0;
    } else word = (word ?? "") + character;
  }
  if (quote2 !== "") return void 0;
  if (word !== void 0) words3.push(word);
  return words3;
}

// src/cli/cli.ts
init_report();
var variableFlags = [
  { flags: "--var <name=value>", description: "set a variable; may be repeated", repeat: true },
  { flags: "--var-file <file>", description: "set variables from a file; may be repeated", repeat: true }
];
var lockFlags = [
  { flags: "--lock-timeout <duration>", description: "wait that long for another run's lock (10s, 2m)" }
];
var planFlags = [
  ...variableFlags,
  { flags: "--target <address>", description: "only this and what it needs; may be repeated", repeat: true },
  { flags: "--replace <address>", description: "make this instance anew; may be repeated", repeat: true },
  { flags: "--refresh <boolean>", description: "false: take the recorded state for true, look at nothing of the host" }
];
var applyFlags = [
  { flags: "--auto-approve", description: "do not ask" },
  { flags: "--parallelism <n>", description: "steps at once (default 10)" },
  ...lockFlags
];
var commands = [
  {
    name: "validate",
    summary: "check the lab files; no host is needed",
    example: "labform validate -json",
    flags: variableFlags,
    load: () => Promise.resolve().then(() => (init_validate(), validate_exports))
  },
  {
    name: "plan",
    summary: "show what apply would do; changes nothing",
    example: "labform plan -out=change.plan -detailed-exitcode",
    flags: [
      ...planFlags,
      { flags: "--out <file>", description: "save the plan for apply" },
      { flags: "--destroy", description: "plan the removal of everything" },
      { flags: "--detailed-exitcode", description: "exit 2 when there are changes" }
    ],
    load: () => Promise.resolve().then(() => (init_plan6(), plan_exports))
  },
  {
    name: "apply",
    operands: "[planfile]",
    summary: "make the lab as its files say",
    example: "labform apply -auto-approve",
    flags: [...planFlags, ...applyFlags],
    load: () => Promise.resolve().then(() => (init_apply2(), apply_exports))
  },
  {
    name: "destroy",
    summary: "remove everything of the lab, from its state alone",
    example: "labform destroy -auto-approve",
    flags: [
      ...variableFlags,
      { flags: "--target <address>", description: "only this and what needs it; may be repeated", repeat: true },
      ...applyFlags
    ],
    load: () => Promise.resolve().then(() => (init_destroy(), destroy_exports))
  },
  {
    name: "show",
    operands: "[planfile]",
    summary: "show the state, or a saved plan",
    example: "labform show change.plan",
    flags: [],
    load: () => Promise.resolve().then(() => (init_show(), show_exports))
  },
  {
    name: "output",
    operands: "[name]",
    summary: "show the outputs",
    example: "labform output -raw address",
    flags: [{ flags: "--raw", description: "the bare text of one output" }],
    load: () => Promise.resolve().then(() => (init_output(), output_exports))
  },
  {
    name: "status",
    summary: "show the nodes and links as they are now",
    example: "labform status",
    flags: [],
    load: () => Promise.resolve().then(() => (init_status2(), status_exports))
  },
  {
    name: "console",
    operands: "<node>",
    summary: "attach to a node's serial console; Ctrl-] leaves",
    example: "labform console node.r1",
    flags: [],
    load: () => Promise.resolve().then(() => (init_console(), console_exports))
  },
  {
    name: "version",
    summary: "show the version",
    example: "labform version",
    flags: [],
    load: () => Promise.resolve().then(() => (init_version2(), version_exports))
  }
];
async function main(argv, context) {
  const { Command, CommanderError } = await import("commander");
  const extra = splitWords(context.environment.LABFORM_CLI_ARGS ?? "");
  if (!extra) {
    context.stderr.write("Error: LABFORM_CLI_ARGS has a quote that is not closed.\n");
    return 1;
  }
  const program = new Command("labform").description("Network labs as code: QEMU nodes and links, planned, applied and destroyed from lab files.").usage("[-chdir=DIR] COMMAND [options]").option("--chdir <directory>", "work in that directory").exitOverride().showHelpAfterError("Run labform -help for the commands.").configureOutput({
    writeOut: (text) => context.stdout.write(text),
    writeErr: (text) => context.stderr.write(text)
  });
  let exitCode = 0;
  for (const description of commands) {
    const command = addCommand(program, description);
    command.action(async (...received) => {
      const operands = received.slice(0, -2).filter((one) => one !== void 0);
      const options = command.opts();
      exitCode = await runCommand(description, context, program.opts(), options, operands);
    });
  }
  try {
    const words3 = insertExtra(normalizeArguments(argv), normalizeArguments(extra));
    await program.parseAsync(words3, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    throw error;
  }
  return exitCode;
}
function addCommand(program, description) {
  const command = program.command(description.operands ? `${description.name} ${description.operands}` : description.name).description(description.summary).option("--json", "one JSON event a line, or one JSON document").option("--no-color", "no colour, also without a terminal's").option("--input <boolean>", "false: never ask").allowExcessArguments(false).exitOverride().addHelpText("after", `
Example: ${description.example}`);
  const variables = [];
  for (const flag of description.flags) {
    const name = flag.flags.split(" ")[0]?.slice(2);
    if (name === "var" || name === "var-file") {
      command.option(flag.flags, flag.description, (text) => {
        variables.push({ flag: name, text });
        return variables;
      });
    } else if (flag.repeat)
      command.option(flag.flags, flag.description, (value, all) => [...all, value], []);
    else command.option(flag.flags, flag.description);
  }
  return command;
}
function insertExtra(argv, extra) {
  if (extra.length === 0) return argv;
  const at2 = argv.findIndex((word) => !word.startsWith("-"));
  return at2 === -1 ? argv : [...argv.slice(0, at2 + 1), ...extra, ...argv.slice(at2 + 1)];
}
async function runCommand(description, context, globals, options, operands) {
  const { environment, stdout } = context;
  const common = {
    directory: resolve6(context.workingDirectory, typeof globals.chdir === "string" ? globals.chdir : "."),
    colour: options.color !== false && stdout.isTTY === true && (environment.NO_COLOR ?? "") === "" && environment.TERM !== "dumb",
    json: options.json === true,
    input: options.input !== "false" && environment.LABFORM_INPUT !== "0" && environment.LABFORM_INPUT !== "false"
  };
  const { run: run10 } = await description.load();
  try {
    return await run10(context, common, options, operands);
  } catch (error) {
    reporter(context, common)(error instanceof Failure ? error.diagnostics : [fault(error, context)]);
    return 1;
  }
}
function fault(error, context) {
  const message3 = error instanceof Error ? error.message : String(error);
  const trace = context.environment.LABFORM_LOG === "debug" && error instanceof Error ? `
${error.stack ?? ""}` : "";
  return errorDiagnostic("labform met a fault of its own", {
    detail: `${message3}. Nothing in your files excuses it: please report it with the command, the lab files and what LABFORM_LOG=debug shows. What was done until then is recorded; the next command goes on from there.${trace}`
  });
}

// state/access.ts
import { join as join12 } from "node:path";

// state/failure.ts
init_diagnostics();
async function guarded(action, place3, work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure || codeOf(error) === void 0) throw error;
    fail(`Cannot ${action}: ${reasonOf(error)}`, {
      subject: subjectOf(place3),
      detail: `${remedyOf(error)} What was recorded before is unharmed.`,
      cause: error
    });
  }
}
function subjectOf(place3) {
  return `${place3.role} ${place3.path}`;
}
function codeOf(error) {
  const code = error?.code;
  return typeof code === "string" ? code : void 0;
}
function isAbsent(error) {
  return codeOf(error) === "ENOENT";
}
async function ifPresent(work) {
  try {
    return await work;
  } catch (error) {
    if (isAbsent(error)) return void 0;
    throw error;
  }
}
var reasons = {
  ENOSPC: { reason: "no space left on the device", remedy: "Free space on its file system and run the command again." },
  EDQUOT: { reason: "disk quota exceeded", remedy: "Free space of this account's and run the command again." },
  EACCES: { reason: "permission denied", remedy: "Run labform as the account that owns it." },
  EPERM: { reason: "operation not permitted", remedy: "Run labform as the account that owns it." },
  EROFS: {
    reason: "read-only file system",
    remedy: "LABFORM_DATA_DIR moves the lab's own files to another place, XDG_STATE_HOME the registry of running labs."
  },
  ENOENT: { reason: "no such file or directory", remedy: "It was removed while labform ran: run the command again." },
  ENOTDIR: { reason: "a part of its path is not a directory", remedy: "Move away what stands there." },
  EEXIST: { reason: "something that is no directory stands there", remedy: "Move it away." },
  EISDIR: { reason: "it is a directory", remedy: "Move it away." },
  EIO: { reason: "the device reports an error", remedy: "Look at the kernel's log: the disk may be failing." },
  EMFILE: { reason: "too many open files", remedy: "Raise the limit (ulimit -n)." },
  ENFILE: { reason: "too many open files on this host", remedy: "Close programs or raise fs.file-max." },
  ENOLCK: {
    reason: "its file system has no locks",
    remedy: "LABFORM_DATA_DIR moves the lab's own files to a file system that has."
  }
};
function reasonOf(error) {
  return reasons[codeOf(error) ?? ""]?.reason ?? error.message;
}
function remedyOf(error) {
  return reasons[codeOf(error) ?? ""]?.remedy ?? "Run the command again once that is solved.";
}

// state/layout.ts
import { join as join8, resolve as resolve7 } from "node:path";
function layoutOf3(labDirectory, workspace, dataDirectory) {
  const data = resolve7(labDirectory, dataDirectory || ".labform");
  const directory = join8(data, workspace);
  return {
    data,
    workspace: directory,
    checkpoint: join8(directory, "state.json"),
    journal: join8(directory, "journal.jsonl"),
    lock: join8(directory, "lock"),
    lockHolder: join8(directory, "lock.json"),
    nodes: join8(directory, "nodes"),
    gitignore: join8(data, ".gitignore")
  };
}

// state/leftovers.ts
init_diagnostics();
import { basename, dirname as dirname2, join as join11 } from "node:path";

// state/shape.ts
var ShapeError = class extends Error {
  constructor(at2, expected) {
    super(`${at2 || "the document"} should be ${expected}`);
  }
};
function fieldsOf(value, at2) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ShapeError(at2, "an object");
  return value;
}
function listOf(value, at2, item) {
  if (!Array.isArray(value)) throw new ShapeError(at2, "a list");
  return value.map((one, index2) => item(one, `${at2}[${index2}]`));
}
function textOf4(value, at2) {
  if (typeof value !== "string") throw new ShapeError(at2, "a string");
  return value;
}
function countOf2(value, at2) {
  if (!Number.isSafeInteger(value) || value < 0) throw new ShapeError(at2, "a whole number");
  return value;
}
function oneOf(choices) {
  return (value, at2) => {
    if (!choices.includes(value)) throw new ShapeError(at2, `one of ${choices.join(", ")}`);
    return value;
  };
}
var kindOf = oneOf(["node", "link", "network", "service"]);
var statusOf = oneOf(["ok", "creating", "unready", "tainted", "deleting"]);
var operations = [
  "prepare",
  "start",
  "ready",
  "stop",
  "remove",
  "update",
  "wire",
  "unwire",
  "launch",
  "end"
];
var operationOf = oneOf(operations);
var outcomeOf = oneOf([...operations, "settle", "progress"]);
function instanceOf(value, at2) {
  const fields = fieldsOf(value, at2);
  const pending = fields.pending === void 0 ? {} : { pending: pendingOf(fields.pending, `${at2}.pending`) };
  return {
    address: textOf4(fields.address, `${at2}.address`),
    kind: kindOf(fields.kind, `${at2}.kind`),
    provider: textOf4(fields.provider, `${at2}.provider`),
    schemaVersion: countOf2(fields.schemaVersion, `${at2}.schemaVersion`),
    id: textOf4(fields.id, `${at2}.id`),
    status: statusOf(fields.status, `${at2}.status`),
    attributes: fieldsOf(fields.attributes, `${at2}.attributes`),
    sensitive: listOf(fields.sensitive, `${at2}.sensitive`, pathOf),
    dependencies: listOf(fields.dependencies, `${at2}.dependencies`, textOf4),
    private: fieldsOf(fields.private, `${at2}.private`),
    ...pending
  };
}
function pendingOf(value, at2) {
  const fields = fieldsOf(value, at2);
  return {
    operation: operationOf(fields.operation, `${at2}.operation`),
    token: textOf4(fields.token, `${at2}.token`),
    since: textOf4(fields.since, `${at2}.since`)
  };
}
function pathOf(value, at2) {
  return listOf(value, at2, (step, where) => typeof step === "number" ? countOf2(step, where) : textOf4(step, where));
}
function labOf(value, at2) {
  if (value === null) return null;
  const fields = fieldsOf(value, at2);
  return { name: textOf4(fields.name, `${at2}.name`), identity: textOf4(fields.identity, `${at2}.identity`) };
}
function outputsOf(value, at2) {
  const entries3 = Object.entries(fieldsOf(value, at2));
  return Object.fromEntries(entries3.map(([name, one]) => [name, outputOf(one, `${at2}.${name}`)]));
}
function outputOf(value, at2) {
  const fields = fieldsOf(value, at2);
  if (typeof fields.sensitive !== "boolean") throw new ShapeError(`${at2}.sensitive`, "true or false");
  for (const name of ["type", "value"]) if (!(name in fields)) throw new ShapeError(`${at2}.${name}`, "there");
  const deferred = fields.deferred === void 0 ? {} : { deferred: deferredOf(fields.deferred, `${at2}.deferred`) };
  return { sensitive: fields.sensitive, type: fields.type, value: fields.value, ...deferred };
}
function deferredOf(value, at2) {
  const fields = fieldsOf(value, at2);
  return {
    text: textOf4(fields.text, `${at2}.text`),
    at: textOf4(fields.at, `${at2}.at`),
    captured: fieldsOf(fields.captured, `${at2}.captured`)
  };
}
function recordOf(value) {
  const fields = fieldsOf(value, "");
  switch (fields.record) {
    case "begin":
      return {
        record: "begin",
        lineage: textOf4(fields.lineage, "lineage"),
        serial: countOf2(fields.serial, "serial"),
        registry: textOf4(fields.registry, "registry"),
        command: textOf4(fields.command, "command"),
        lab: labOf(fields.lab, "lab"),
        time: textOf4(fields.time, "time")
      };
    case "intent":
      return { record: "intent", instance: instanceOf(fields.instance, "instance") };
    case "outcome":
      return {
        record: "outcome",
        operation: outcomeOf(fields.operation, "operation"),
        instance: instanceOf(fields.instance, "instance")
      };
    case "gone":
      return { record: "gone", address: textOf4(fields.address, "address") };
    case "outputs":
      return { record: "outputs", outputs: outputsOf(fields.outputs, "outputs") };
    case "end":
      return { record: "end", time: textOf4(fields.time, "time") };
    default:
      throw new ShapeError("record", "one of begin, intent, outcome, gone, outputs, end");
  }
}
function identityOf(value, at2) {
  const fields = fieldsOf(value, at2);
  return {
    pid: countOf2(fields.pid, `${at2}.pid`),
    uid: countOf2(fields.uid, `${at2}.uid`),
    startTime: textOf4(fields.startTime, `${at2}.startTime`),
    bootId: textOf4(fields.bootId, `${at2}.bootId`),
    pidNamespace: textOf4(fields.pidNamespace, `${at2}.pidNamespace`),
    token: textOf4(fields.token, `${at2}.token`)
  };
}

// state/process.ts
function processOf2(instance) {
  const { process: process3 } = instance.private;
  return process3 === void 0 || process3 === null ? void 0 : identityOf(process3, "private.process");
}

// state/knownProcesses.ts
function formatKnown({ address, token, identity }) {
  return `${JSON.stringify(identity ? { address, identity } : { address, token })}
`;
}
function parseKnown(text) {
  return text.split("\n").flatMap((line2) => {
    try {
      const fields = fieldsOf(JSON.parse(line2), "");
      const address = textOf4(fields.address, "address");
      if (fields.identity === void 0) return [{ address, token: textOf4(fields.token, "token") }];
      const identity = identityOf(fields.identity, "identity");
      return [{ address, token: identity.token, identity }];
    } catch {
      return [];
    }
  });
}
function knownOf(instance) {
  const { address, pending } = instance;
  const identity = processOf2(instance);
  return [
    ...pending && pending.token !== "" ? [{ address, token: pending.token }] : [],
    ...identity ? [{ address, token: identity.token, identity }] : []
  ];
}
function knownOfRecord(record) {
  return record.record === "intent" || record.record === "outcome" ? knownOf(record.instance) : [];
}
function livingOf(ports, known4) {
  const living = /* @__PURE__ */ new Map();
  const addresses = /* @__PURE__ */ new Map();
  for (const { address, token, identity } of known4) {
    addresses.set(token, address);
    if (identity && ports.processes.status(identity) === "alive") living.set(identity.pid, { address, identity });
  }
  for (const [token, identity] of ports.processes.findByTokens(new Set(addresses.keys()))) {
    const address = addresses.get(token);
    if (address !== void 0 && !living.has(identity.pid)) living.set(identity.pid, { address, identity });
  }
  return [...living.values()];
}
function areAllGone(ports, known4) {
  const unseen = known4.some(({ identity }) => identity && ports.processes.status(identity) === "elsewhere");
  return !unseen && livingOf(ports, known4).length === 0;
}

// state/registryEntry.ts
import { dirname, join as join10 } from "node:path";

// state/privateDirectory.ts
init_diagnostics();
async function ensurePrivateDirectory(ports, place3) {
  const found = await guarded(`make the ${place3.role}`, place3, async () => {
    await ports.files.makeDirectory(place3.path);
    return await ports.files.lstat(place3.path);
  });
  const subject = subjectOf(place3);
  const refusal3 = `The ${place3.role} cannot be trusted`;
  if (found.kind !== "directory") {
    fail(refusal3, { subject, detail: "It is a link, not a directory of its own. Remove it: labform makes its own." });
  }
  if (found.uid !== ports.host.uid) {
    fail(refusal3, {
      subject,
      detail: `It belongs to uid ${found.uid}, and labform runs as ${ports.host.userName} (uid ${ports.host.uid}). Run labform as the account that made the lab.`
    });
  }
  if ((found.mode & 63) !== 0) {
    fail(refusal3, {
      subject,
      detail: `Other accounts can enter it (mode ${found.mode.toString(8)}). If that was not meant: chmod 700 ${place3.path}`
    });
  }
}

// state/registryPath.ts
init_diagnostics();
import { isAbsolute as isAbsolute2, join as join9 } from "node:path";
function registryHome({ environment }) {
  const { XDG_STATE_HOME: stateHome, HOME: home } = environment;
  if (stateHome && isAbsolute2(stateHome)) return join9(stateHome, "labform", "labs");
  if (home && isAbsolute2(home)) return join9(home, ".local", "state", "labform", "labs");
  return void 0;
}
function newRegistryPath(host2, lineage) {
  const home = registryHome(host2);
  if (home !== void 0) return join9(home, lineage);
  return fail("There is no place for the registry of running labs", {
    detail: "It lives in $XDG_STATE_HOME/labform or, by default, in $HOME/.local/state/labform, and neither variable is an absolute path. Set one of them."
  });
}
function runDirectory(registry2) {
  return registry2 === "" ? "" : join9(registry2, "run");
}

// state/registryEntry.ts
var longestProcesses = 1024 * 1024;
var RegistryEntry = class {
  path;
  #ports;
  #written = /* @__PURE__ */ new Set();
  #processes;
  #size = 0;
  constructor(ports, path) {
    this.#ports = ports;
    this.path = path;
  }
  /** Makes what is missing; `known` is what the state tells of and the entry may have lost. */
  async open(lab, known4) {
    await ensurePrivateDirectory(this.#ports, { role: "registry", path: dirname(this.path) });
    await ensurePrivateDirectory(this.#ports, { role: "registry entry", path: this.path });
    await ensurePrivateDirectory(this.#ports, { role: "run directory", path: runDirectory(this.path) });
    await this.#guarded(async () => {
      const { files } = this.#ports;
      const text = `${JSON.stringify(lab, null, 2)}
`;
      const there = await ifPresent(files.readText(labFile(this.path)));
      if (there !== text) await files.writeAtomic(labFile(this.path), text, 384);
      await files.syncDirectory(dirname(this.path));
      await this.#openProcesses();
    });
    await this.add(known4);
  }
  /** Durable when it resolved. What was added before costs nothing. */
  async add(known4) {
    const lines = [...new Set(known4.map(formatKnown))].filter((line2) => !this.#written.has(line2));
    if (lines.length === 0) return;
    const file = this.#processes;
    if (!file) throw new Error("the registry entry is not open");
    await this.#guarded(async () => {
      const text = lines.join("");
      this.#size += Buffer.byteLength(text);
      try {
        await file.append(text);
        await file.sync();
      } catch (error) {
        await file.append("\n").catch(() => {
        });
        throw error;
      }
    });
    for (const line2 of lines) this.#written.add(line2);
  }
  /** Keeps the file short over a long life; `needed` stays in any case. */
  async compact(needed) {
    if (this.#size <= longestProcesses) return;
    await this.#guarded(async () => {
      const path = processesFile(this.path);
      const known4 = parseKnown(await this.#ports.files.readText(path));
      const kept = new Set([...livingOf(this.#ports, known4).map(knownLiving), ...needed].map(formatKnown));
      await this.#ports.files.writeAtomic(path, [...kept].join(""), 384);
      await this.close();
      this.#written.clear();
      await this.#openProcesses();
    });
  }
  /**
   * Takes the entry away unless something of it may still live. The path comes from a file that may have been brought
   * in with a checkout: nothing is removed but an entry of this very lineage.
   */
  async removeIfDone(lineage) {
    await this.#guarded(async () => {
      if ((await readLab2(this.#ports, this.path))?.lineage !== lineage) return;
      if (!areAllGone(this.#ports, await readKnown(this.#ports, this.path))) return;
      await this.close();
      await removeEntry(this.#ports, this.path);
    });
  }
  async close() {
    const file = this.#processes;
    this.#processes = void 0;
    await file?.close();
  }
  async #openProcesses() {
    const path = processesFile(this.path);
    const text = await ifPresent(this.#ports.files.readText(path)) ?? "";
    for (const known4 of parseKnown(text)) this.#written.add(formatKnown(known4));
    this.#size = Buffer.byteLength(text);
    this.#processes = await this.#ports.files.openAppend(path, 384);
    if (text !== "" && !text.endsWith("\n")) await this.#processes.append("\n");
  }
  #guarded(work) {
    return guarded("write the registry", { role: "registry entry", path: this.path }, work);
  }
};
function knownLiving({ address, identity }) {
  return { address, token: identity.token, identity };
}
async function removeEntry(ports, entry2) {
  const names = await ifPresent(ports.files.list(entry2)) ?? [];
  for (const name of names) if (name !== "lab.json") await ports.files.remove(join10(entry2, name));
  await ports.files.remove(entry2);
}
async function readLab2(ports, entry2) {
  try {
    const fields = fieldsOf(JSON.parse(await ports.files.readText(labFile(entry2))), "");
    return {
      directory: textOf4(fields.directory, "directory"),
      workspace: textOf4(fields.workspace, "workspace"),
      name: textOf4(fields.name, "name"),
      lineage: textOf4(fields.lineage, "lineage")
    };
  } catch {
    return void 0;
  }
}
async function readKnown(ports, entry2) {
  return parseKnown(await ifPresent(ports.files.readText(processesFile(entry2))) ?? "");
}
function labFile(entry2) {
  return join10(entry2, "lab.json");
}
function processesFile(entry2) {
  return join10(entry2, "processes.jsonl");
}

// state/leftovers.ts
var termMs = 3e3;
var killMs = 2e3;
async function findLeftovers(ports, labDirectory, workspace, currentLineage) {
  const home = registryHome(ports.host);
  if (home === void 0) return [];
  const place3 = { role: "registry", path: home };
  return await guarded("read the registry", place3, async () => {
    const leftovers = [];
    for (const name of [...await ifPresent(ports.files.list(home)) ?? []].sort()) {
      const registry2 = join11(home, name);
      const lab = await readLab2(ports, registry2);
      if (!lab || lab.directory !== labDirectory || lab.workspace !== workspace) continue;
      if (lab.lineage === currentLineage) continue;
      const processes = livingOf(ports, await readKnown(ports, registry2));
      if (processes.length > 0) leftovers.push({ lineage: lab.lineage, labName: lab.name, registry: registry2, processes });
    }
    return leftovers;
  });
}
async function removeLeftover(ports, leftover) {
  const place3 = { role: "registry entry", path: leftover.registry };
  await guarded("remove what an earlier lab left", place3, async () => {
    await requireLeftover(ports, leftover);
    const known4 = await readKnown(ports, leftover.registry);
    const living = await endAll(ports, known4);
    if (living.length > 0) throw new Failure(living.map((one) => refusal2(one, leftover)));
    if (!areAllGone(ports, known4)) {
      fail("What an earlier lab left cannot be removed", {
        subject: `${place3.role} ${place3.path}`,
        detail: "Some of its processes are of another pid namespace, a container say, where they cannot be seen from here. Run the command there."
      });
    }
    await removeEntry(ports, leftover.registry);
  });
}
async function requireLeftover(ports, { registry: registry2, lineage }) {
  const lab = await readLab2(ports, registry2);
  if (dirname2(registry2) === registryHome(ports.host) && lab?.lineage === lineage) return;
  fail(`The registry entry ${basename(registry2)} is not that of an earlier lab any more`, {
    subject: `registry entry ${registry2}`,
    detail: "It was changed or removed meanwhile. Run the command again."
  });
}
async function endAll(ports, known4) {
  for (; ; ) {
    const living = livingOf(ports, known4);
    const identities = living.map(({ identity }) => identity);
    const stubborn = await signalAndWait(ports, identities, "SIGTERM", termMs);
    const immortal = await signalAndWait(ports, stubborn, "SIGKILL", killMs);
    if (immortal.length === living.length) return living;
  }
}
async function signalAndWait(ports, identities, signal, ms) {
  for (const identity of identities) ports.processes.signal(identity, signal);
  const ended2 = await Promise.all(identities.map((identity) => ports.processes.waitForExit(identity, ms)));
  return identities.filter((_, index2) => !ended2[index2]);
}
function refusal2({ address, identity }, leftover) {
  return errorDiagnostic(`${address} of an earlier ${leftover.labName} does not end`, {
    subject: `process ${identity.pid}`,
    detail: `It got SIGTERM and SIGKILL and lives on; a process that waits for a device ends when the device answers. Its registry entry is kept: ${leftover.registry}`
  });
}

// state/lock.ts
init_diagnostics();
var longestPauseMs = 50;
async function acquireLock(ports, layout, options) {
  const place3 = { role: "lock", path: layout.lock };
  const deadline = ports.clock.monotonic() + options.lockTimeoutMs;
  let told = false;
  for (; ; ) {
    const lock = await guarded("lock the lab", place3, () => ports.files.tryLock(layout.lock));
    if (lock) return await named(lock, ports, layout, options.command);
    const left = deadline - ports.clock.monotonic();
    const holder = await holderOf(ports, layout);
    if (left <= 0) {
      fail(`The lab is locked by ${holder}`, {
        subject: subjectOf(place3),
        detail: options.lockTimeoutMs > 0 ? `It was waited for ${options.lockTimeoutMs / 1e3} s. Run the command again when that one has ended, or wait longer with -lock-timeout.` : "Run the command again when that one has ended, or wait for it: -lock-timeout=60s."
      });
    }
    if (!told) options.onWait(holder);
    told = true;
    await ports.clock.sleep(Math.min(longestPauseMs, left), options.signal).catch((error) => {
      fail(`Interrupted while waiting for ${holder}`, { subject: subjectOf(place3), cause: error });
    });
  }
}
async function named(lock, ports, layout, command) {
  const { pid } = process;
  const { userName: user, hostName: host2 } = ports.host;
  const since = new Date(ports.clock.now()).toISOString();
  const holder = `${JSON.stringify({ pid, user, host: host2, command, since }, null, 2)}
`;
  const place3 = { role: "lock holder", path: layout.lockHolder };
  try {
    await guarded("write the lock's holder", place3, () => ports.files.write(layout.lockHolder, holder, 384));
  } catch (error) {
    await lock.release();
    throw error;
  }
  let released;
  return {
    release() {
      released ??= ports.files.remove(layout.lockHolder).catch(() => {
      }).then(() => lock.release());
      return released;
    }
  };
}
async function holderOf(ports, layout) {
  try {
    const fields = fieldsOf(JSON.parse(await ports.files.readText(layout.lockHolder)), "");
    const name = (field) => textOf4(fields[field], field);
    const since = name("since").replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
    const pid = countOf2(fields.pid, "pid");
    return `labform ${name("command")} (pid ${pid}) of ${name("user")} on ${name("host")}, since ${since}`;
  } catch {
    return "another labform";
  }
}

// state/read.ts
init_diagnostics();
init_state();

// state/document.ts
init_diagnostics();
init_state();
import { isAbsolute as isAbsolute3 } from "node:path";

// state/invariants.ts
init_addresses();
init_values();
function stateViolations(state) {
  const found = [];
  const unique = new UniqueNames();
  for (const [address, instance] of state.instances) {
    found.push(...instanceViolations(address, instance), ...unique.conflicts(instance));
    unique.add(instance);
  }
  if (state.instances.size > 0 && state.lineage === "") found.push("7: there are instances but no lineage");
  return found;
}
function instanceViolations(address, instance) {
  return [
    ...addressViolations(address, instance),
    ...dependencyViolations(instance),
    ...pendingViolations(instance),
    ...processViolations(instance),
    ...sensitiveViolations(instance)
  ];
}
function addressViolations(address, instance) {
  if (address !== instance.address) return [`1: ${instance.address} stands under ${address}`];
  if (!isCanonical(address)) return [`1: ${address} is no canonical address`];
  const kind = parseAddress(address)?.kind;
  return kind === instance.kind ? [] : [`1: ${address} is recorded as a ${instance.kind}`];
}
function isCanonical(address) {
  const parsed = parseAddress(address);
  return parsed !== void 0 && instanceAddress(resourceAddress(parsed.kind, parsed.name), parsed.key) === address;
}
function dependencyViolations({ address, dependencies }) {
  return dependencies.flatMap((one) => {
    if (one === address) return [`3: ${address} depends on itself`];
    return isCanonical(one) ? [] : [`3: ${address} depends on ${JSON.stringify(one)}, which is no canonical address`];
  });
}
function pendingViolations({ address, pending, status }) {
  if (!pending || status !== "ok" || pending.operation === "update") return [];
  return [`4: ${address} is ok although its ${pending.operation} is pending`];
}
function processViolations(instance) {
  try {
    return processOf2(instance)?.token === "" ? [`5: the process of ${instance.address} has no token`] : [];
  } catch (error) {
    if (error instanceof ShapeError) return [`5: ${instance.address}: ${error.message}`];
    throw error;
  }
}
function sensitiveViolations({ address, attributes, sensitive }) {
  return sensitive.filter((path) => !exists(attributes, path)).map((path) => `6: ${address} has no ${formatPath(path)}, which is marked sensitive`);
}
function exists(root2, path) {
  let at2 = root2;
  for (const step of path) {
    if (typeof at2 !== "object" || at2 === null || !Object.hasOwn(at2, step)) return false;
    at2 = at2[step];
  }
  return true;
}
var UniqueNames = class {
  #owners = /* @__PURE__ */ new Map();
  conflicts(instance) {
    return namesOf(instance).flatMap(({ key, violation }) => {
      const owner = this.#owners.get(key);
      return owner === void 0 || owner === instance.address ? [] : [violation(owner)];
    });
  }
  add(instance) {
    for (const { key } of namesOf(instance)) this.#owners.set(key, instance.address);
  }
  delete(instance) {
    for (const { key } of namesOf(instance)) {
      if (this.#owners.get(key) === instance.address) this.#owners.delete(key);
    }
  }
};
function namesOf(instance) {
  const { address, kind, id } = instance;
  const names = [
    { key: `${kind} ${id}`, violation: (owner) => `2: ${owner} and ${address} have the same id, ${id}` }
  ];
  const token = tokenOf(instance);
  if (token) {
    names.push({ key: `token ${token}`, violation: (owner) => `5: ${owner} and ${address} share a process token` });
  }
  return names;
}
function tokenOf(instance) {
  try {
    return processOf2(instance)?.token;
  } catch {
    return void 0;
  }
}

// state/document.ts
function formatState(state) {
  const outputs = Object.entries(state.outputs).sort(byName2);
  const instances = [...state.instances.values()].sort((a, b) => a.address < b.address ? -1 : 1);
  const document = {
    format: state.format,
    labformVersion: state.labformVersion,
    lineage: state.lineage,
    serial: state.serial,
    registry: state.registry,
    lab: state.lab,
    outputs: Object.fromEntries(outputs.map(([name, output2]) => [name, outputDocument(output2)])),
    instances: instances.map(instanceDocument)
  };
  return `${JSON.stringify(document, null, 2)}
`;
}
function outputDocument(output2) {
  return {
    sensitive: output2.sensitive,
    type: sorted(output2.type),
    value: sorted(output2.value),
    deferred: output2.deferred && {
      text: output2.deferred.text,
      at: output2.deferred.at,
      captured: sorted(output2.deferred.captured)
    }
  };
}
function instanceDocument(instance) {
  return {
    address: instance.address,
    kind: instance.kind,
    provider: instance.provider,
    schemaVersion: instance.schemaVersion,
    id: instance.id,
    status: instance.status,
    attributes: sorted(instance.attributes),
    sensitive: instance.sensitive,
    dependencies: instance.dependencies,
    private: sorted(instance.private),
    pending: instance.pending && {
      operation: instance.pending.operation,
      token: instance.pending.token,
      since: instance.pending.since
    }
  };
}
function sorted(json) {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map((item) => sorted(item));
  const entries3 = Object.entries(json).sort(byName2);
  return Object.fromEntries(entries3.map(([key, item]) => [key, sorted(item)]));
}
function byName2([a], [b]) {
  return a < b ? -1 : 1;
}
function parseState(text, place3, labformVersion) {
  const state = decode(text, place3, labformVersion);
  const violations = stateViolations(state);
  if (violations.length > 0) {
    fail("The recorded state contradicts itself", {
      subject: subjectOf(place3),
      detail: `${violations.map((one) => `Invariant ${one}.`).join("\n")}
${restoreAdvice}`
    });
  }
  return state;
}
var restoreAdvice = "Restore the file from a copy, or move its directory aside: labform then starts anew, and `labform destroy` ends what the registry knows to run on this host.";
function decode(text, place3, labformVersion) {
  try {
    const fields = fieldsOf(JSON.parse(text), "");
    const format2 = countOf2(fields.format, "format");
    refuseNewer(format2, fields.labformVersion, place3, labformVersion);
    if (format2 !== STATE_FORMAT) throw new ShapeError("format", `${STATE_FORMAT} or higher`);
    const instances = listOf(fields.instances, "instances", instanceOf);
    const byAddress = new Map(instances.map((one) => [one.address, one]));
    if (byAddress.size < instances.length) throw new ShapeError("instances", "without an address twice");
    return {
      format: format2,
      labformVersion: textOf4(fields.labformVersion, "labformVersion"),
      lineage: textOf4(fields.lineage, "lineage"),
      serial: countOf2(fields.serial, "serial"),
      registry: registryOf(fields.registry),
      lab: labOf(fields.lab, "lab"),
      outputs: outputsOf(fields.outputs, "outputs"),
      instances: byAddress
    };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof ShapeError)) throw error;
    fail("The recorded state is damaged", {
      subject: subjectOf(place3),
      detail: `It is not what labform writes: ${error.message}. ${restoreAdvice}`,
      cause: error
    });
  }
}
function registryOf(value) {
  const path = textOf4(value, "registry");
  if (path !== "" && !isAbsolute3(path)) throw new ShapeError("registry", "an absolute path");
  return path;
}
function refuseNewer(format2, writer, place3, labformVersion) {
  if (format2 <= STATE_FORMAT) return;
  fail("The state was written by a newer labform", {
    subject: subjectOf(place3),
    detail: `It has format ${format2}, written by labform ${String(writer)}; this is labform ${labformVersion}, which knows formats up to ${STATE_FORMAT}. Use labform ${String(writer)} or later for this lab.`
  });
}

// state/journal.ts
init_diagnostics();
init_state();
import { crc32 } from "node:zlib";
function formatRecord(record) {
  return formatLine(record);
}
function formatHeader(lineage, serial2, labformVersion) {
  return formatLine({ journal: STATE_FORMAT, labformVersion, lineage, serial: serial2 });
}
function formatLine(document) {
  const json = JSON.stringify(document);
  return `${checksum(json)} ${json}
`;
}
function checksum(json) {
  return crc32(json).toString(16).padStart(8, "0");
}
function parseJournal(text, place3, labformVersion) {
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  lines.pop();
  const [first, ...rest] = lines;
  if (first === void 0) return void 0;
  const header = decodeLine(first, 1, place3, (json) => decodeHeader(json, place3, labformVersion));
  const records = rest.map((line2, index2) => decodeLine(line2, index2 + 2, place3, recordOf));
  const begins = records.findLastIndex((record) => record.record === "begin");
  if (begins > 0) refuse2(begins + 2, place3, "a second command begins there");
  const [begin] = records;
  if (begin?.record === "begin" && (begin.lineage !== header.lineage || begin.serial !== header.serial)) {
    refuse2(2, place3, "it belongs to another state than the journal's first line says");
  }
  return { ...header, records };
}
function decodeHeader(json, place3, labformVersion) {
  const fields = fieldsOf(json, "");
  refuseNewer(countOf2(fields.journal, "journal"), fields.labformVersion, place3, labformVersion);
  return { lineage: textOf4(fields.lineage, "lineage"), serial: countOf2(fields.serial, "serial") };
}
function decodeLine(line2, number, place3, decode2) {
  const json = line2.slice(9);
  if (line2[8] !== " " || line2.slice(0, 8) !== checksum(json)) refuse2(number, place3, "its checksum does not match");
  try {
    return decode2(JSON.parse(json));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof ShapeError)) throw error;
    return refuse2(number, place3, error.message);
  }
}
function refuse2(line2, place3, why) {
  fail(`The journal is damaged in line ${line2}`, {
    subject: subjectOf(place3),
    detail: `Line ${line2} of ${place3.path} is not as labform wrote it: ${why}. ${restoreAdvice}`
  });
}

// state/replay.ts
init_diagnostics();
function applyRecord(state, instances, record) {
  switch (record.record) {
    case "begin":
      return {
        ...state,
        lineage: record.lineage,
        serial: record.serial,
        registry: record.registry,
        lab: record.lab,
        instances
      };
    case "intent":
    case "outcome":
      instances.set(record.instance.address, record.instance);
      return state;
    case "gone":
      instances.delete(record.address);
      return state;
    case "outputs":
      return { ...state, outputs: record.outputs };
    case "end":
      return state;
  }
}
function replay(checkpoint, journal, place3) {
  if (checkpoint.lineage !== "" && journal.lineage !== checkpoint.lineage) {
    mismatch2(place3, `it belongs to lineage ${journal.lineage}, the checkpoint to ${checkpoint.lineage}`);
  }
  if (journal.serial < checkpoint.serial) return checkpoint;
  if (journal.serial > checkpoint.serial + 1) {
    mismatch2(place3, `it continues serial ${journal.serial - 1}, the checkpoint has serial ${checkpoint.serial}`);
  }
  const starts = journal.records[0];
  if (journal.serial > checkpoint.serial && starts !== void 0 && starts.record !== "begin") {
    mismatch2(place3, `it continues a checkpoint of serial ${journal.serial}, the one there has ${checkpoint.serial}`);
  }
  const instances = new Map(checkpoint.instances);
  let state = { ...checkpoint, instances };
  for (const record of journal.records) state = applyRecord(state, instances, record);
  return state;
}
function mismatch2(place3, why) {
  fail("The journal does not belong to the checkpoint beside it", {
    subject: subjectOf(place3),
    detail: `Of the journal and its state.json one was replaced or restored without the other: ${why}. ${restoreAdvice}`
  });
}

// state/read.ts
var attempts = 20;
async function readRecorded(ports, layout, labformVersion) {
  const checkpoint = { role: "state", path: layout.checkpoint };
  const journal = { role: "journal", path: layout.journal };
  let before = await readIfPresent(ports, checkpoint);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const journalText = await readIfPresent(ports, journal);
    const after = await readIfPresent(ports, checkpoint);
    if (before === after) return combine(before, checkpoint, journalText, journal, labformVersion);
    before = after;
  }
  return fail("The state changes faster than it can be read", {
    subject: subjectOf(checkpoint),
    detail: "Another labform writes it over and over. Run the command again when that one has ended."
  });
}
async function readIfPresent(ports, place3) {
  return await guarded(`read the ${place3.role}`, place3, () => ifPresent(ports.files.readText(place3.path)));
}
function combine(checkpointText, checkpointPlace, journalText, journalPlace, labformVersion) {
  const checkpoint = checkpointText === void 0 ? emptyState(labformVersion) : parseState(checkpointText, checkpointPlace, labformVersion);
  const journal = parseJournal(journalText ?? "", journalPlace, labformVersion);
  const found = { hasCheckpoint: checkpointText !== void 0, hasJournal: Boolean(journalText) };
  if (!journal) return { state: checkpoint, ...found };
  const state = replay(checkpoint, journal, journalPlace);
  const violations = stateViolations(state);
  if (violations.length > 0) {
    fail("The recorded state contradicts itself", {
      subject: subjectOf(journalPlace),
      detail: `With the journal's records: ${violations.map((one) => `invariant ${one}.`).join("\n")}
${restoreAdvice}`
    });
  }
  return { state, ...found };
}

// state/store.ts
import { basename as basename2 } from "node:path";

// state/journalFile.ts
var JournalFile = class {
  #ports;
  #place;
  #file;
  #size = 0;
  /** A failed write could not be taken back: what is in the file after `#size` is unknown. */
  #unsure = false;
  constructor(ports, path) {
    this.#ports = ports;
    this.#place = { role: "journal", path };
  }
  /** Bytes since the last cut. */
  get size() {
    return this.#size;
  }
  async append(lines) {
    await guarded("write the journal", this.#place, async () => {
      const file = await this.#open();
      if (this.#unsure) await this.#takeBack(file);
      try {
        await file.append(lines);
        await file.sync();
      } catch (error) {
        this.#unsure = true;
        await this.#takeBack(file).catch(() => {
        });
        throw error;
      }
      this.#size += Buffer.byteLength(lines);
    });
  }
  /** To be called once a checkpoint has all that is in it. */
  async cut() {
    await guarded("cut the journal", this.#place, async () => {
      const file = await this.#open();
      await file.truncate(0);
      this.#size = 0;
      this.#unsure = false;
      await file.sync();
    });
  }
  async close() {
    const file = this.#file;
    this.#file = void 0;
    await file?.close();
  }
  async #open() {
    this.#file ??= await this.#ports.files.openAppend(this.#place.path, 384);
    return this.#file;
  }
  async #takeBack(file) {
    await file.truncate(this.#size);
    await file.sync();
    this.#unsure = false;
  }
};

// state/liveState.ts
init_diagnostics();
var LiveState = class {
  #instances;
  #unique = new UniqueNames();
  #state;
  constructor(state) {
    this.#instances = new Map(state.instances);
    this.#state = { ...state, instances: this.#instances };
    for (const instance of this.#instances.values()) this.#unique.add(instance);
  }
  /** Its instances are live: later records show in it. */
  get state() {
    return this.#state;
  }
  /** Throws, and changes nothing, when the record breaks an invariant. */
  apply(record) {
    if (record.record === "intent" || record.record === "outcome") this.#replace(record.instance);
    else if (record.record === "gone") this.#forget(record.address);
    this.#state = applyRecord(this.#state, this.#instances, record);
  }
  #replace(instance) {
    const violations = [...instanceViolations(instance.address, instance), ...this.#unique.conflicts(instance)];
    if (violations.length > 0) throw brokenRecord(instance.address, violations);
    this.#forget(instance.address);
    this.#unique.add(instance);
  }
  #forget(address) {
    const prior = this.#instances.get(address);
    if (prior) this.#unique.delete(prior);
  }
};
function brokenRecord(address, violations) {
  return new Failure({
    severity: "error",
    summary: "labform was about to record a state that contradicts itself",
    detail: `This is a fault of labform: ${violations.map((one) => `invariant ${one}`).join("; ")}. It was not written.`,
    address
  });
}

// state/turns.ts
var Turns = class {
  #last = Promise.resolve();
  take(work) {
    const turn2 = this.#last.then(work, work);
    this.#last = turn2.catch(() => {
    });
    return turn2;
  }
};
var GroupCommit = class {
  #turns;
  #commit;
  #waiting = [];
  constructor(turns, commit) {
    this.#turns = turns;
    this.#commit = commit;
  }
  /** Settles as the commit that `item` became part of. */
  add(item) {
    return new Promise((resolve8, reject) => {
      this.#waiting.push({ item, resolve: resolve8, reject });
      if (this.#waiting.length === 1) void this.#turns.take(() => this.#flush());
    });
  }
  async #flush() {
    const group = this.#waiting;
    this.#waiting = [];
    try {
      await this.#commit(group.map(({ item }) => item));
      for (const { resolve: resolve8 } of group) resolve8();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
};

// state/store.ts
var longestJournal = 1024 * 1024;
var Store = class {
  #ports;
  #options;
  #layout;
  #lock;
  #live;
  #journal;
  #registry;
  #turns = new Turns();
  #group = new GroupCommit(this.#turns, (written) => this.#commit(written));
  #hasJournal;
  #hasCheckpoint;
  #begun = false;
  #checkpointSize = 0;
  #closing;
  /** `recorded` has a lineage and a registry path by now, if only in memory. */
  constructor(options, layout, lock, recorded) {
    this.#ports = options.ports;
    this.#options = options;
    this.#layout = layout;
    this.#lock = lock;
    this.#live = new LiveState(recorded.state);
    this.#hasJournal = recorded.hasJournal;
    this.#hasCheckpoint = recorded.hasCheckpoint;
    this.#journal = new JournalFile(options.ports, layout.journal);
    this.#registry = new RegistryEntry(options.ports, recorded.state.registry);
  }
  get state() {
    return this.#live.state;
  }
  get directories() {
    return directoriesOf(this.#options, this.#layout, this.state.registry);
  }
  async record(record) {
    if (record.record === "begin") return await this.#turns.take(() => this.#begin(record));
    if (!this.#begun) throw new Error(`a record (${record.record}) before the command's begin`);
    this.#live.apply(record);
    await this.#group.add({ record, line: formatRecord(record) });
  }
  async #begin(record) {
    const { lineage, serial: serial2, registry: registry2, instances } = this.state;
    if (this.#begun) throw new Error("a command begins once");
    if (record.lineage !== lineage || record.serial !== serial2 + 1 || record.registry !== registry2) {
      throw new Error("a begin record that does not continue the opened state");
    }
    try {
      await this.#register(record);
      const nodes = { role: "node directory", path: this.#layout.nodes };
      await guarded("make the node directory", nodes, () => this.#ports.files.makeDirectory(nodes.path));
      if (this.#hasJournal) await this.#fold();
      const header = formatHeader(lineage, record.serial, this.#options.labformVersion);
      await this.#journal.append(header + formatRecord(record));
    } catch (error) {
      if (instances.size === 0) await this.#registry.removeIfDone(lineage).catch(() => {
      });
      throw error;
    }
    this.#live.apply(record);
    this.#begun = true;
  }
  async #register({ lab, lineage }) {
    const { labDirectory: directory, workspace } = this.#options;
    const name = lab?.name ?? basename2(directory);
    const known4 = [...this.state.instances.values()].flatMap(knownOf);
    await this.#registry.open({ directory, workspace, name, lineage }, known4);
  }
  async #commit(written) {
    await this.#registry.add(written.flatMap(({ record }) => knownOfRecord(record)));
    const header = this.#journal.size === 0 ? this.#header() : "";
    await this.#journal.append(header + written.map(({ line: line2 }) => line2).join(""));
    if (this.#journal.size > Math.max(longestJournal, this.#checkpointSize))
      void this.#turns.take(() => this.#relieve());
  }
  #header() {
    return formatHeader(this.state.lineage, this.state.serial, this.#options.labformVersion);
  }
  /** Of no consequence when it fails: the journal has all of it, and the command's own checkpoint will tell. */
  async #relieve() {
    if (this.#journal.size <= Math.max(longestJournal, this.#checkpointSize)) return;
    await this.#fold().catch(() => {
    });
  }
  async checkpoint() {
    await this.#turns.take(async () => {
      if (this.#begun || this.#hasJournal) await this.#fold();
      if (this.#begun) {
        await this.#registry.compact([...this.state.instances.values()].flatMap(knownOf));
      }
      if (this.state.instances.size === 0 && (this.#begun || this.#hasCheckpoint || this.#hasJournal)) {
        await this.#registry.removeIfDone(this.state.lineage);
      }
    });
  }
  async #fold() {
    const state = { ...this.state, labformVersion: this.#options.labformVersion };
    const violations = stateViolations(state);
    if (violations.length > 0) throw brokenRecord(void 0, violations);
    const text = formatState(state);
    const place3 = { role: "state", path: this.#layout.checkpoint };
    await guarded("write the state", place3, () => this.#ports.files.writeAtomic(place3.path, text, 384));
    this.#checkpointSize = Buffer.byteLength(text);
    await this.#journal.cut();
  }
  close() {
    this.#closing ??= this.#turns.take(async () => {
      try {
        await this.#journal.close();
        await this.#registry.close();
      } finally {
        await this.#lock.release();
      }
    });
    return this.#closing;
  }
};
function directoriesOf(options, layout, registry2) {
  return { lab: options.labDirectory, nodes: layout.nodes, run: runDirectory(registry2), programs: options.programs };
}

// state/access.ts
function createStateAccess(options) {
  const { ports, labDirectory, workspace } = options;
  const layout = layoutOf3(labDirectory, workspace, options.dataDirectory);
  return {
    load: () => load(options, layout),
    open: (request) => open(options, layout, request),
    leftovers: (currentLineage) => findLeftovers(ports, labDirectory, workspace, currentLineage),
    removeLeftover: (leftover) => removeLeftover(ports, leftover)
  };
}
async function load(options, layout) {
  const { state } = await readRecorded(options.ports, layout, options.labformVersion);
  return { state, directories: directoriesOf(options, layout, state.registry) };
}
async function open(options, layout, request) {
  const { ports } = options;
  await makeDataDirectory(ports, layout);
  const lock = await acquireLock(ports, layout, request);
  try {
    await removeTemporaries(ports, layout);
    const recorded = await readRecorded(ports, layout, options.labformVersion);
    return new Store(options, layout, lock, { ...recorded, state: await identified(ports, recorded) });
  } catch (error) {
    await lock.release();
    throw error;
  }
}
async function makeDataDirectory(ports, layout) {
  const place3 = { role: "data directory", path: layout.data };
  await guarded("make the data directory", place3, async () => {
    await ports.files.makeDirectory(layout.workspace);
    const ignored = await ifPresent(ports.files.lstat(layout.gitignore));
    if (!ignored) await ports.files.write(layout.gitignore, "*\n", 384);
  });
}
async function removeTemporaries(ports, layout) {
  const place3 = { role: "data directory", path: layout.workspace };
  await guarded("tidy up the data directory", place3, async () => {
    const names = await ports.files.list(layout.workspace);
    const temporary = names.filter((name) => /^\.state\.json\.[0-9a-f]+\.tmp$/.test(name));
    await Promise.all(temporary.map((name) => ports.files.remove(join12(layout.workspace, name))));
  });
}
async function identified(ports, { state }) {
  const lineage = state.lineage || ports.random.uuid();
  const keeps = state.registry !== "" && (state.instances.size > 0 || await ifPresent(ports.files.lstat(state.registry)).catch(() => void 0));
  return { ...state, lineage, registry: keeps ? state.registry : newRegistryPath(ports.host, lineage) };
}

// test/simulation/ports/files.ts
import { posix as posix2 } from "node:path";
function createFiles(host2, run10) {
  const { disk, network } = host2;
  const look = (name, path, act) => run10.call({ name, subject: path, changes: false, act });
  const change = (name, path, act) => run10.call({ name, subject: path, changes: true, act });
  const read = (path) => path === "/proc/net/tcp" ? Buffer.from(network.table(host2.facts.uid)) : disk.read(path);
  const write = (path, data, mode) => run10.call({
    name: "write",
    subject: path,
    changes: true,
    act: () => disk.write(path, data, mode),
    partly: () => disk.write(path, data.slice(0, data.length / 2), mode)
  });
  const syncDirectory = (path) => change("sync", path, () => disk.sync(disk.get(path, "open")));
  const remove = async (path) => {
    const inode = disk.find(path);
    if (inode?.kind === "directory") {
      for (const name of [...inode.entries.keys()]) await remove(posix2.join(path, name));
    }
    await change("remove", path, () => disk.remove(path));
  };
  return {
    read: (path) => look("read", path, () => read(path)),
    readText: (path) => look("read", path, () => read(path).toString("utf8")),
    readTail: (path, bytes) => look("read", path, () => {
      const data = read(path);
      if (data.length <= bytes) return data.toString("utf8");
      const newline = data.indexOf(10, data.length - bytes - 1);
      return newline === -1 ? "" : data.toString("utf8", newline + 1);
    }),
    readFrom: (path, offset) => look("read", path, () => read(path).subarray(offset)),
    write,
    async writeAtomic(path, data, mode) {
      const temporary = posix2.join(posix2.dirname(path), `.${posix2.basename(path)}.${host2.chance.hex(4)}.tmp`);
      try {
        await write(temporary, data, mode);
        await change("sync", temporary, () => disk.sync(disk.get(temporary, "open")));
        await change("rename", path, () => disk.rename(temporary, path));
      } catch (error) {
        await change("remove", temporary, () => disk.remove(temporary)).catch(() => {
        });
        throw error;
      }
      await syncDirectory(posix2.dirname(path));
    },
    async openAppend(path, mode) {
      const there = await change("open", path, () => {
        const isNew = disk.find(path) === void 0;
        return { isNew, inode: disk.open(path, mode) };
      });
      if (there.isNew) await syncDirectory(posix2.dirname(path));
      return appendFile(host2, run10, there.inode, path);
    },
    stat: (path) => look("stat", path, () => disk.stat(path)),
    lstat: (path) => look("stat", path, () => disk.stat(path)),
    access: (path, mode) => look("access", path, () => {
      if (!disk.permits(disk.get(path, "access"), mode)) throw refusal("EACCES", "access", path);
    }),
    readLink: (path) => look("readlink", path, () => {
      disk.get(path, "readlink");
      throw refusal("EINVAL", "readlink", path);
    }),
    list: (directory) => look("list", directory, () => disk.list(directory)),
    makeDirectory: (path) => change("make", path, () => disk.makeDirectory(path)),
    rename: (from, to) => change("rename", to, () => disk.rename(from, to)),
    truncate: (path, size) => change("truncate", path, () => disk.change(disk.get(path, "open"), disk.read(path).subarray(0, size), path)),
    remove,
    syncDirectory,
    tryLock: (path) => change("lock", path, () => tryLock(host2, run10, path)),
    waitForChange: (directory, ms, signal) => new Promise((resolve8, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let ended2 = false;
      const finish2 = (settle) => {
        if (ended2) return;
        ended2 = true;
        stop();
        signal?.removeEventListener("abort", onAbort);
        run10.deliver(settle);
      };
      const onAbort = () => finish2(() => reject(signal?.reason));
      let stop = () => {
      };
      try {
        stop = disk.watch(directory, () => finish2(resolve8));
      } catch (error) {
        return reject(error);
      }
      signal?.addEventListener("abort", onAbort, { once: true });
      run10.after(ms, () => finish2(resolve8));
    })
  };
}
function appendFile({ disk }, run10, inode, path) {
  const change = (name, act) => run10.call({ name, subject: path, changes: true, act });
  return {
    append: (data) => run10.call({
      name: "append",
      subject: path,
      data,
      changes: true,
      act: () => disk.append(inode, data, path),
      partly: () => disk.append(inode, data.slice(0, data.length / 2), path)
    }),
    sync: () => change("sync", () => disk.sync(inode)),
    truncate: (size) => change("truncate", () => disk.change(inode, inode.data.subarray(0, size), path)),
    close: () => run10.call({ name: "close", subject: path, changes: false, act: () => {
    } })
  };
}
function tryLock(host2, run10, path) {
  const inode = host2.disk.open(path, 384);
  const holder = host2.locks.get(inode);
  if (holder && !holder.isDead) return void 0;
  host2.locks.set(inode, run10);
  return {
    release: () => run10.call({
      name: "unlock",
      subject: path,
      changes: true,
      act: () => {
        if (host2.locks.get(inode) === run10) host2.locks.delete(inode);
      }
    })
  };
}

// test/simulation/ports/processes.ts
import { posix as posix3 } from "node:path";

// test/simulation/programs/output.ts
function output(program, args) {
  if (program === "ubridge") return "ubridge version 0.9.19 running with libpcap\n";
  if (args.includes("--version")) return "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\n";
  return 'name "e1000", bus PCI, alias "e1000-82540em", desc "Intel Gigabit Ethernet"\nname "virtio-net-pci", bus PCI\n';
}

// test/simulation/ports/processes.ts
function createProcesses(host2, run10) {
  const find = (identity) => {
    const process3 = host2.table.get(identity.pid);
    const { startTime, uid, token } = identity;
    const same = process3?.startTime === startTime && process3.uid === uid && process3.token === token;
    return same && !process3.isDead ? process3 : void 0;
  };
  const status = (identity) => {
    if (identity.bootId !== host2.bootId) return "rebooted";
    if (identity.pidNamespace !== host2.facts.pidNamespace) return "elsewhere";
    return find(identity) ? "alive" : "gone";
  };
  const identityOf2 = (process3) => ({
    pid: process3.pid,
    uid: process3.uid,
    startTime: process3.startTime,
    bootId: host2.bootId,
    pidNamespace: host2.facts.pidNamespace,
    token: process3.token
  });
  return {
    spawn: (request) => run10.call({
      name: "spawn",
      subject: posix3.basename(request.arguments[0]?.endsWith(".js") ? request.arguments[0] : request.command),
      changes: true,
      act: () => identityOf2(host2.table.spawn(request))
    }),
    status,
    signal: (identity, signal) => run10.now(
      {
        name: signal,
        subject: `pid ${identity.pid}`,
        changes: status(identity) === "alive",
        act: () => {
          const process3 = status(identity) === "alive" ? find(identity) : void 0;
          if (!process3) return false;
          if (signal === "SIGKILL") process3.die();
          else if (signal === "SIGSTOP") process3.stop();
          else if (signal === "SIGCONT") process3.wake();
          else process3.deliver(() => process3.onTerm());
          return true;
        }
      },
      false
    ),
    async waitForExit(identity, ms, signal) {
      const deadline = host2.scheduler.now + ms;
      for (let pause = 2; ; pause = Math.min(20, pause * 2)) {
        signal?.throwIfAborted();
        const now = status(identity);
        if (now === "gone" || now === "rebooted") return true;
        const left = deadline - host2.scheduler.now;
        if (left <= 0) return false;
        await new Promise((resolve8) => run10.after(Math.min(pause, left), resolve8));
      }
    },
    findByTokens(tokens) {
      const found = /* @__PURE__ */ new Map();
      for (const process3 of host2.table.living()) {
        if (process3.uid === host2.facts.uid && tokens.has(process3.token)) found.set(process3.token, identityOf2(process3));
      }
      return found;
    },
    socketInodes: (identity) => {
      const process3 = status(identity) === "alive" ? find(identity) : void 0;
      return process3 && host2.network.socketInodes(process3);
    },
    run: (command, args) => run10.call({
      name: "run",
      subject: [posix3.basename(command), ...args].join(" "),
      changes: false,
      act: () => {
        if (!host2.disk.permits(host2.disk.get(command, "spawn"), "execute")) throw refusal("EACCES", "spawn", command);
        return { exitCode: 0, signal: null, stdout: output(posix3.basename(command), args), stderr: "" };
      }
    }),
    find: (name) => run10.call({
      name: "find",
      subject: name,
      changes: false,
      act: () => {
        const inode = host2.disk.find(`/usr/bin/${name}`);
        return inode && host2.disk.permits(inode, "execute") ? `/usr/bin/${name}` : void 0;
      }
    })
  };
}

// test/simulation/ports/sockets.ts
function createSockets(host2, run10) {
  return {
    connect: (endpoint, timeoutMs) => {
      const subject = "path" in endpoint ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
      if (timeoutMs <= 0) return Promise.reject(refusal("ETIMEDOUT", "connect", subject));
      const act = () => connectionOf(host2.network.connect(run10, endpoint), run10, subject);
      return run10.call({ name: "connect", subject, changes: false, act });
    },
    isPortFree: (_, port2) => run10.call({ name: "bind", subject: `port ${port2}`, changes: false, act: () => host2.network.isFree(port2) })
  };
}
function connectionOf(end, run10, subject) {
  const chunks = [];
  let ended2 = false;
  let broken2;
  let wake = () => {
  };
  end.onData = (bytes) => {
    chunks.push(bytes);
    wake();
  };
  end.onClose = () => {
    ended2 = true;
    wake();
  };
  async function* incoming() {
    for (; ; ) {
      const chunk = chunks.shift();
      if (chunk) yield chunk;
      else if (broken2) throw broken2;
      else if (ended2 || end.isClosed) return;
      else {
        await new Promise((resolve8) => {
          wake = resolve8;
        });
      }
    }
  }
  return {
    write(data) {
      const work = { name: "send", subject, data: String(data), changes: true, act: () => end.send(data) };
      try {
        run10.now(work, void 0);
      } catch (error) {
        broken2 = error;
        end.close();
        wake();
      }
    },
    incoming: { [Symbol.asyncIterator]: incoming },
    close() {
      if (run10.isDead) return;
      end.close();
      wake();
    }
  };
}

// test/simulation/run.ts
var Run2 = class {
  killed;
  scheduler;
  chance;
  isDead = false;
  /** How many calls changed something. */
  changes = 0;
  #meddle;
  #onDeath = () => {
  };
  constructor(scheduler, chance, meddle) {
    this.scheduler = scheduler;
    this.chance = chance;
    this.#meddle = meddle;
    this.killed = new Promise((resolve8) => {
      this.#onDeath = () => resolve8("killed");
    });
  }
  kill() {
    this.isDead = true;
    this.#onDeath();
  }
  deliver(work) {
    if (!this.isDead) work();
  }
  /** Answered after a moment, in which others get their turn. */
  call(work) {
    return new Promise((resolve8, reject) => {
      const moment = 0.02 + this.chance.fraction() * 0.4;
      this.after(moment, () => this.#perform(work, resolve8, reject, true));
    });
  }
  /** Answered at once; `otherwise` when the run is dead or dies of it. */
  now(work, otherwise) {
    if (this.isDead) return otherwise;
    let result = otherwise;
    const settle = (value) => {
      result = value;
    };
    let fault2;
    this.#perform(
      work,
      settle,
      (error) => {
        fault2 = { error };
      },
      false
    );
    if (fault2) throw fault2.error;
    return result;
  }
  after(ms, work) {
    this.scheduler.after(ms, () => this.deliver(work));
  }
  #perform(work, resolve8, reject, mayWait) {
    const { name, subject, data = "", changes, act } = work;
    const fate = this.#meddle({ index: changes ? this.changes++ : -1, name, subject, data, changes });
    if (fate?.fate === "kill before") return this.kill();
    if (fate?.fate === "error") {
      work.partly?.();
      return reject(refusal(fate.code, name, subject));
    }
    if (fate?.fate === "delay" && mayWait) {
      return this.after(fate.ms, () => this.#finish(act, resolve8, reject));
    }
    this.#finish(act, resolve8, reject, fate?.fate === "kill after");
  }
  #finish(act, resolve8, reject, dies = false) {
    try {
      const value = act();
      if (dies) this.kill();
      else resolve8(value);
    } catch (error) {
      if (dies) this.kill();
      else reject(error);
    }
  }
};

// test/simulation/labform.ts
var qemuAndUbridge = { node: qemu2, link: ubridge2 };
var VERSION = "0.1.0";
async function labform(host2, words3, meddle = () => void 0, makers = qemuAndUbridge) {
  const run10 = new Run2(host2.scheduler, host2.chance.branch(), meddle);
  const ports = portsOf(host2, run10);
  const written = { stdout: "", stderr: "" };
  const stream = (name) => ({
    isTTY: false,
    columns: 160,
    write: (text) => {
      if (!run10.isDead) written[name] += text;
      return true;
    }
  });
  const factories = [.../* @__PURE__ */ new Set([makers.node, makers.link])];
  const context = {
    ports,
    version: VERSION,
    environment: ports.host.environment,
    workingDirectory: LAB,
    stdin: { isTTY: false },
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    programs: PROGRAMS,
    schemas: factories.map((one) => one.schema),
    resourceSchemas: /* @__PURE__ */ new Map([
      ["node", makers.node.schema.resources["node"]],
      ["link", makers.link.schema.resources["link"]]
    ]),
    states: async (labDirectory) => statesOf(ports, labDirectory),
    providers: (directories) => providerSet(makers, factories, (one) => one.load(ports, directories))
  };
  const listeners2 = signalListeners();
  try {
    const ended2 = await host2.scheduler.until(Promise.race([main(words3, context), run10.killed]));
    return { ended: ended2, ...written, changes: run10.changes };
  } finally {
    run10.kill();
    host2.network.release(run10);
    forgetListeners(listeners2);
  }
}
function statesOf(ports, labDirectory) {
  return createStateAccess({ ports, labDirectory, workspace: "default", programs: PROGRAMS, labformVersion: VERSION });
}
function portsOf(host2, run10) {
  const { facts, scheduler } = host2;
  return {
    clock: {
      now: () => Math.floor(scheduler.now),
      monotonic: () => scheduler.now,
      sleep: (ms, signal) => new Promise((resolve8, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => run10.deliver(() => reject(signal?.reason));
        signal?.addEventListener("abort", onAbort, { once: true });
        run10.after(ms, () => {
          signal?.removeEventListener("abort", onAbort);
          resolve8();
        });
      })
    },
    files: createFiles(host2, run10),
    processes: createProcesses(host2, run10),
    sockets: createSockets(host2, run10),
    random: run10.chance.branch(),
    host: {
      uid: facts.uid,
      userName: "alice",
      hostName: "host",
      bootId: host2.bootId,
      pidNamespace: facts.pidNamespace,
      environment: { HOME, PATH: "/usr/bin" },
      cpu: async () => ({
        architecture: "x86_64",
        count: facts.cpus,
        flags: new Set(facts.hasKvm ? ["vmx"] : [])
      }),
      memory: async () => ({ totalBytes: facts.memoryBytes, availableBytes: facts.memoryBytes / 2 })
    }
  };
}
function providerSet(makers, factories, load2) {
  const loaded = /* @__PURE__ */ new Map();
  const factoryOf = (name) => factories.find((one) => one.schema.name === name);
  return {
    names: { node: makers.node.schema.name, link: makers.link.schema.name },
    schema: (name) => factoryOf(name).schema,
    load: (name) => {
      const provider = loaded.get(name) ?? load2(factoryOf(name));
      loaded.set(name, provider);
      return provider;
    }
  };
}
var SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
function signalListeners() {
  return new Map(SIGNALS.map((signal) => [signal, new Set(process.listeners(signal))]));
}
function forgetListeners(known4) {
  for (const signal of SIGNALS) {
    for (const listener2 of process.listeners(signal)) {
      if (!known4.get(signal)?.has(listener2)) process.removeListener(signal, listener2);
    }
  }
}

// ../../tmp/bench.ts
var LABTEXT = `
lab "pair" {}
provider "ubridge" { engine = "builtin" }
node "r" {
  for_each = toset(["a", "b"])
  adapters = 2
  kernel_image = "/images/vmlinux"
  ready { 
    console = "login:" 
    timeout_s = 30
  }
}
link "core" {
  endpoints = [node.r["a"].adapter[0], node.r["b"].adapter[0]]
  delay_ms = 5
}
output "consoles" { value = { for k, n in node.r : k => n.console } }
`;
for (let seed = 1; seed < 150; seed++) {
  const host2 = new SimulatedHost(seed);
  host2.write("a.lab.hcl", LABTEXT);
  for (const words3 of [["plan"], ["apply", "-auto-approve"], ["plan", "-detailed-exitcode"], ["destroy", "-auto-approve"]]) {
    const outcome = await labform(host2, words3);
    if (outcome.ended !== 0) console.log(words3.join(" "), outcome.ended, outcome.changes, outcome.stdout, outcome.stderr);
  }
  if (seed % 10 === 0) console.log(seed, process.cpuUsage().user / 1e3);
}
