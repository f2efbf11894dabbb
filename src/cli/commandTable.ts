import type { CommandDescription, Flag } from "./command.ts";

const variableFlags: readonly Flag[] = [
  { flags: "--var <name=value>", description: "set a variable; may be repeated", repeat: true },
  { flags: "--var-file <file>", description: "set variables from a file; may be repeated", repeat: true },
];
const lockFlags: readonly Flag[] = [
  { flags: "--lock-timeout <duration>", description: "wait that long for another run's lock (10s, 2m)" },
  {
    flags: "--lock <boolean>",
    description:
      "false: do not lock the state at its server; the runs of one host keep out of each other's way in any case",
  },
];
const excludeFlag: Flag = {
  flags: "--exclude <address>",
  description: "leave this and what depends on it as it is; may be repeated",
  repeat: true,
};
const lostHostFlag: Flag = {
  flags: "--lost-host <name>",
  description: "the host of that name, on which the lab was, is gone for good: take what it had for absent",
};
const planFlags: readonly Flag[] = [
  lostHostFlag,
  ...variableFlags,
  { flags: "--target <address>", description: "only this and what it needs; may be repeated", repeat: true },
  excludeFlag,
  { flags: "--replace <address>", description: "make this instance anew; may be repeated", repeat: true },
  { flags: "--refresh <boolean>", description: "false: take the recorded state for true, look at nothing of the host" },
  { flags: "--refresh-only", description: "only record what the host shows; change nothing on it" },
];
const applyFlags: readonly Flag[] = [
  { flags: "--auto-approve", description: "do not ask" },
  { flags: "--parallelism <n>", description: "steps at once (default 10)" },
  ...lockFlags,
];

type PowerCommand = "start" | "stop" | "suspend" | "resume" | "reload";

function powerCommand(name: PowerCommand, summary: string): CommandDescription {
  return {
    name,
    operands: "<node...>",
    summary,
    example: `labform ${name} r1`,
    flags: lockFlags,
    load: async () => ({ run: (await import("./commands/power.ts")).power(name) }),
  };
}

function markCommand(name: "taint" | "untaint", summary: string): CommandDescription {
  return {
    name,
    operands: "<address>",
    summary,
    example: `labform ${name} node.r1`,
    flags: lockFlags,
    load: async () => ({ run: (await import("./commands/taint.ts")).taint(name) }),
  };
}

/** All commands, in the order of the help. Help, reference, completion and words about wrong command lines are read off it. */
export const commands: readonly CommandDescription[] = [
  {
    name: "init",
    summary: "check the lab and the backend that keeps its state; needed once where that is a server",
    example: 'labform init -backend-config="address=https://states.example.net/pair"',
    flags: [
      {
        flags: "--backend-config <setting>",
        description: "a setting of the backend (name=value), or a file of them; may be repeated",
        repeat: true,
      },
      { flags: "--migrate-state", description: "take the state along to another backend" },
      { flags: "--reconfigure", description: "take the backend as it is now said; what was there before stays behind" },
      { flags: "--force-copy", description: "with -migrate-state: do not ask" },
      { flags: "--backend <boolean>", description: "false: check the lab only, leave the backend alone" },
      ...lockFlags,
    ],
    note: "It may be run again at any time. A lab whose state is on this disk needs no init.",
    load: () => import("./commands/init.ts"),
  },
  {
    name: "validate",
    summary: "check the lab files; no host is needed",
    example: "labform validate -json",
    flags: variableFlags,
    load: () => import("./commands/validate.ts"),
  },
  {
    name: "fmt",
    operands: "[file|directory|-...]",
    summary: "write the lab files in their usual style",
    example: "labform fmt -recursive -check -diff",
    flags: [
      { flags: "--check", description: "change nothing; exit 3 when a file is not in that style" },
      { flags: "--diff", description: "show what changes in the files" },
      { flags: "--recursive", description: "also the files of the directories below" },
      { flags: "--write <boolean>", description: "false: leave the files as they are" },
      { flags: "--list <boolean>", description: "false: do not name the files that change" },
    ],
    outside: true,
    load: () => import("./commands/fmt.ts"),
  },
  {
    name: "eval",
    operands: "<expression...>",
    summary: "show the value of an expression in the lab; no host is needed",
    example: "labform eval 'keys(node.router)'",
    flags: variableFlags,
    note: "Without lab files in the directory it is an expression by itself. What only an apply decides is (known after apply).",
    load: () => import("./commands/eval.ts"),
  },
  {
    name: "plan",
    summary: "show what apply would do; changes nothing",
    example: "labform plan -out=change.plan -detailed-exitcode",
    flags: [
      ...planFlags,
      ...lockFlags,
      { flags: "--out <file>", description: "save the plan for apply" },
      { flags: "--destroy", description: "plan the removal of everything" },
      { flags: "--detailed-exitcode", description: "exit 2 when there are changes" },
    ],
    load: () => import("./commands/plan.ts"),
  },
  {
    name: "apply",
    operands: "[planfile]",
    summary: "make the lab as its files say",
    example: "labform apply -auto-approve",
    flags: [...planFlags, ...applyFlags],
    load: () => import("./commands/apply.ts"),
  },
  {
    name: "destroy",
    summary: "remove everything of the lab, from its state alone",
    example: "labform destroy -auto-approve",
    flags: [
      { flags: "--lab <lab>", description: "that lab of this host, wherever its directory is; see labs" },
      ...variableFlags,
      { flags: "--target <address>", description: "only this and what needs it; may be repeated", repeat: true },
      {
        ...excludeFlag,
        description: "leave this and what it needs as it is; may be repeated",
      },
      lostHostFlag,
      ...applyFlags,
    ],
    load: () => import("./commands/destroy.ts"),
  },
  {
    name: "show",
    operands: "[planfile]",
    summary: "show the state, or a saved plan",
    example: "labform show change.plan",
    flags: [],
    load: () => import("./commands/show.ts"),
  },
  {
    name: "output",
    operands: "[name]",
    summary: "show the outputs",
    example: "labform output -raw address",
    flags: [{ flags: "--raw", description: "the bare text of one output" }],
    load: () => import("./commands/output.ts"),
  },
  {
    name: "status",
    summary: "show the nodes and links as they are now",
    example: "labform status -watch",
    flags: [
      {
        flags: "--watch [interval]",
        description: "show it again and again, every second or as given (2s); Ctrl-C ends",
      },
    ],
    load: () => import("./commands/status.ts"),
  },
  {
    name: "wait",
    operands: "[node...]",
    summary: "wait until nodes are ready; without names all that are to run",
    example: "labform wait r1 r2 -timeout=2m",
    flags: [{ flags: "--timeout <duration>", description: "exit 1 when they are not ready by then (default 5m)" }],
    note: "What only a command can change is given up soon: a node that is off, or that a killed labform left half-done.",
    load: () => import("./commands/wait.ts"),
  },
  {
    name: "console",
    operands: "<node>",
    summary: "attach to a node's serial console; Ctrl-] leaves",
    example: "labform console r1",
    flags: [{ flags: "--aux", description: "its aux console instead" }],
    note: "Of a screen (vnc, spice) the address is written, for a viewer: remote-viewer $(labform console r1).",
    load: () => import("./commands/console.ts"),
  },
  {
    name: "logs",
    operands: "<node>",
    summary: "show what a node's console said",
    example: "labform logs r1 -f -lines=20",
    flags: [
      { flags: "-f, --follow", description: "go on with what it says from now on; Ctrl-C ends" },
      { flags: "--aux", description: "what its aux console said instead" },
      { flags: "--qemu", description: "what its QEMU said instead" },
      { flags: "--lines <n>", description: "only the last n lines of what was said before" },
    ],
    load: () => import("./commands/logs.ts"),
  },
  {
    name: "monitor",
    operands: "<node> [command...]",
    summary: "give QEMU's monitor a command, or attach to it; Ctrl-] leaves",
    example: "labform monitor r1 info registers -a",
    flags: [],
    passesOn: true,
    note: "All that stands behind the node's name is the monitor's; labform's own options go before the node's name.",
    load: () => import("./commands/monitor.ts"),
  },
  {
    name: "exec",
    operands: "<node> <command...>",
    summary: "run a command in a node's guest, by its guest agent; exits as the command does",
    example: "labform exec r1 -- ping -c 3 10.0.0.2",
    flags: [],
    passesOn: true,
    note: "The node needs ready { guest_agent = true }, and its guest QEMU's guest agent. All that stands behind the node's name is the command's; labform's own options go before the node's name.",
    load: () => import("./commands/exec.ts"),
  },
  powerCommand("start", "start nodes that are off, let suspended ones run on"),
  powerCommand("stop", "turn nodes off, as their on_stop says"),
  powerCommand("suspend", "freeze nodes as they are"),
  powerCommand("resume", "let suspended nodes run on"),
  powerCommand("reload", "reset nodes, as their reset button would"),
  {
    name: "capture",
    operands: "<start|stop|follow> <link> [file]",
    summary: "write a link's frames to a pcap file from now on, or no longer; or show them as they come",
    example: "labform capture start link.core core.pcap",
    flags: lockFlags,
    note: "follow writes the frames of a link, from now on and until Ctrl-C, to standard output in the format of a pcap file: labform capture follow core | wireshark -k -i -. A port of a network counts as a link: 'network.lan.port[\"web\"]'.",
    load: () => import("./commands/capture.ts"),
  },
  {
    name: "state",
    operands: "<list|show|mv|rm|pull|push> [word...]",
    summary: "show what is recorded, rename and forget parts of it, or put a copy in its place",
    example: "labform state mv node.r1 'node.router[\"r1\"]'",
    flags: [
      { flags: "--id <id>", description: "of list: only what has this id" },
      { flags: "--dry-run", description: "of mv and rm: only say what would be done" },
      { flags: "--force", description: "of push: also what is of another lineage, or older" },
      ...lockFlags,
    ],
    note: "list [ADDRESS...], show ADDRESS, mv SOURCE DESTINATION, rm ADDRESS..., pull, push FILE. An address is that of an instance (node.r1), of all instances of a block (node.router), or of a module (module.pod).",
    load: () => import("./commands/state.ts"),
  },
  {
    name: "workspace",
    operands: "<list|show|new|select|delete> [workspace]",
    summary: "run the same lab several times over, each with a state of its own",
    example: "labform workspace new blue",
    flags: [
      { flags: "--or-create", description: "of select: make it where it is not there" },
      { flags: "--force", description: "of delete: also what is recorded or captured; never what runs" },
      ...lockFlags,
    ],
    outside: true,
    note: "list, show, new NAME, select NAME, delete NAME. LABFORM_WORKSPACE, and -workspace before a command's name, go before what is selected. In the lab files lab.workspace is its name.",
    load: () => import("./commands/workspace.ts"),
  },
  {
    name: "labs",
    summary: "list your labs on this host, what of them runs and what memory it has",
    example: "labform labs -json",
    flags: [],
    outside: true,
    note: "labform destroy -lab=NAME ends one of them from any directory.",
    load: () => import("./commands/labs.ts"),
  },
  markCommand("taint", "have the next apply make an instance anew"),
  markCommand("untaint", "take back that an instance is to be made anew"),
  {
    name: "force-unlock",
    operands: "<id>",
    summary: "clear away a lock that its holder left",
    example: "labform force-unlock 3f2a9c1d5b7e8a60",
    flags: [{ flags: "--force", description: "do not ask" }],
    note: "On this host the kernel frees a lock when its holder ends, so commands go on without this; the lock of a command that runs is not taken from it. At a server the lock of a run on another host stays until this takes it away.",
    load: () => import("./commands/forceUnlock.ts"),
  },
  {
    name: "doctor",
    summary: "examine this host, and whether the lab can run on it; changes nothing",
    example: "labform doctor -json",
    flags: variableFlags,
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "guest",
    operands: "<build>",
    summary: "build a small Linux guest for cheap hosts, of a kernel and busybox",
    example: "labform guest build",
    flags: [
      { flags: "--out <directory>", description: "where it goes (default ~/.local/share/labform/guest)" },
      { flags: "--kernel <file>", description: "that kernel, not one that is installed or Debian's" },
      { flags: "--modules <directory>", description: "the modules of that kernel, as /lib/modules/VERSION" },
      { flags: "--busybox <file>", description: "that static busybox" },
    ],
    outside: true,
    note: "It takes an installed kernel that this account may read, and an installed static busybox; what is not there it fetches from Debian's packages, without installing it or being root. A guest that is up to date stays as it is. docs/guest.md tells what it can do, and how a lab boots it.",
    load: () => import("./commands/guest.ts"),
  },
  {
    name: "import",
    operands: "<gns3> <file|directory>",
    summary: "make a lab of another program's project",
    example: "labform import gns3 branch.gns3 -out=branch",
    flags: [
      { flags: "--out <directory>", description: "where the lab files go (default: the project's name)" },
      { flags: "--force", description: "write over what an import wrote there before" },
    ],
    outside: true,
    note: "Of GNS3: a project's file, its directory, or an archive that GNS3 exported, of GNS3 2.0 to 3 (revisions 5 to 10). It writes main.lab.hcl, images.auto.vars.hcl and import-report.txt, which says of each property what became of it; what has no counterpart is told. The project itself stays as it is. docs/from-gns3.md tells more.",
    load: () => import("./commands/import.ts"),
  },
  {
    name: "graph",
    summary: "draw the nodes and links, as they are now or as a plan makes them",
    example: "labform graph -out=lab.svg",
    flags: [
      { flags: "--format <svg|dot|mermaid|json>", description: "default: by the ending of -out, else dot" },
      { flags: "--out <file>", description: "write it there instead of to standard output" },
      { flags: "--plan [file]", description: "what the lab files make of the lab, or a saved plan; no host is needed" },
      {
        flags: "--layout <dot|neato|fdp|sfdp|circo|twopi>",
        description: "how Graphviz places the nodes; default: what suits their shape",
      },
      ...variableFlags,
    ],
    note: "Where nothing is applied yet, the graph shows what the lab files declare.",
    load: () => import("./commands/graph.ts"),
  },
  {
    name: "completion",
    operands: "<bash|zsh|fish>",
    summary: "print a shell's script that completes labform's command lines",
    example: 'eval "$(labform completion bash)"',
    flags: [],
    note: "In ~/.bashrc or ~/.zshrc (there behind compinit) the example's line does; fish takes the script as ~/.config/fish/completions/labform.fish.",
    outside: true,
    load: () => import("./commands/completion.ts"),
  },
  {
    name: "help",
    operands: "[command]",
    summary: "show the commands, or what one of them does and takes",
    example: "labform help plan",
    flags: [],
    outside: true,
    load: async () => ({ run: (await import("./commands/help.ts")).help(commands) }),
  },
  {
    name: "version",
    summary: "show the version, and what belongs to it",
    example: "labform version -json",
    flags: [],
    outside: true,
    load: () => import("./commands/version.ts"),
  },
];
