import type { ModuleEngine } from "../moduleEngine.ts";

/** One golden plan. */
export interface PlanCase {
  /** Of its golden files. */
  readonly name: string;
  readonly says: string;
  /** What is applied first; nothing where the lab is new. */
  readonly applied?: string;
  /** What happens then. */
  readonly happens?: (engine: ModuleEngine) => Promise<void> | void;
  /** What the lab files are when it is planned; as applied where they stay so. */
  readonly lab?: string;
  /** Beside `plan`, or a command by hand in its place. */
  readonly words?: readonly string[];
  readonly exitCode?: number;
}

interface Parts {
  readonly a?: string;
  readonly b?: string;
  readonly link?: string;
  readonly rest?: string;
}

export function lab({ a = "", b = "", link = "", rest = "" }: Parts = {}): string {
  return `lab "golden" {}

variable "note" {
  type    = string
  default = null
}

node "a" {
  adapters = 2
  note     = var.note
  ${a}
}

node "b" {
  ${b}
}

link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
  ${link}
}

output "pids" {
  value = [node.a.pid, node.b.pid]
}
${rest}`;
}

const alone = 'lab "golden" {}\n\nnode "a" {\n  adapters = 2\n}\n';

const crash = (address: string) => (engine: ModuleEngine) => engine.world.crash(address);
const run =
  (...words: readonly string[]) =>
  async (engine: ModuleEngine): Promise<void> => {
    const { exitCode, stderr } = await engine.run(...words);
    if (exitCode !== 0) throw new Error(stderr);
  };

/** An apply that ends where a kill would end it. */
const killedAt =
  (operation: "prepare" | "start", address: string) =>
  async (engine: ModuleEngine): Promise<void> => {
    engine.world.at({ when: "after", operation, address }, () => {
      throw new Error("killed");
    });
    await engine.run("apply", "-auto-approve");
  };

/** The pid of a process that labform sees under another number: what the host decides, and nothing that is to be done. */
function renumber(engine: ModuleEngine): void {
  for (const [id, node] of engine.world.nodes) {
    if (node.run) engine.world.putNode(id, { ...node, run: { ...node.run, pid: node.run.pid + 100 } });
  }
}

/** A file beside the lab, which labform does not read by itself. */
const given = (engine: ModuleEngine) => engine.writeAll({ "given.vars.hcl": 'note = "from a file"\n' });

/** Each action, each kind of cause, each flag. */
export const cases: readonly PlanCase[] = [
  { name: "create", says: "creates what is not there" },
  { name: "none", says: "has nothing to do", applied: lab(), exitCode: 0 },
  { name: "none-seen", says: "notes what the host numbered anew", applied: lab(), happens: renumber, exitCode: 2 },
  { name: "update", says: "changes in place", applied: lab(), lab: lab({ b: 'note = "new"', link: "weight = 3" }) },
  { name: "restart", says: "restarts for an argument", applied: lab(), lab: lab({ b: "size = 2" }) },
  { name: "replace", says: "replaces for an argument", applied: lab(), lab: lab({ b: 'colour = "red"' }) },
  { name: "delete", says: "removes what the files no longer have", applied: lab(), lab: alone },
  { name: "stop", says: "turns off, and the carriers with it", applied: lab(), lab: lab({ b: 'power = "off"' }) },
  {
    name: "restart-to-off",
    says: "changes and turns off",
    applied: lab(),
    lab: lab({ b: 'size  = 2\n  power = "off"' }),
  },
  { name: "wait", says: "waits for what was not ready", lab: lab({ b: "ready = false" }), happens: tryToApply },
  { name: "start", says: "starts what ended", applied: lab(), happens: crash("node.b") },
  { name: "start-service", says: "starts a dead service", applied: lab(), happens: crash('service.hub["main"]') },
  {
    name: "create-again",
    says: "makes again what is gone",
    applied: lab(),
    happens: (engine) => engine.world.vanish("node.b"),
  },
  {
    name: "wire-again",
    says: "wires again what the bridge lost",
    applied: lab(),
    happens: (engine) => engine.world.vanish("link.ab"),
  },
  {
    name: "outside",
    says: "puts right what was changed outside",
    applied: lab({ b: 'note = "ours"' }),
    happens: (engine) => {
      for (const [id, node] of engine.world.nodes) {
        if (node.address === "node.b") engine.world.putNode(id, { ...node, note: "theirs", suspended: true });
      }
    },
  },
  { name: "by-hand", says: "starts what was stopped by hand", applied: lab(), happens: run("stop", "b") },
  { name: "unfinished", says: "ends what a kill left half-done", happens: killedAt("start", "node.b") },
  { name: "tainted", says: "makes anew what is tainted", applied: lab(), happens: run("taint", "node.b") },
  {
    name: "forget",
    says: "forgets what a removed block says",
    applied: lab({ rest: '\nnode "kept" {\n  power = "off"\n}\n' }),
    lab: lab({ rest: "\nremoved {\n  from = node.kept\n  lifecycle {\n    destroy = false\n  }\n}\n" }),
  },
  {
    name: "moved",
    says: "moves what a moved block says",
    applied: lab({ rest: '\nnode "old" {}\n' }),
    lab: lab({ rest: '\nnode "new" {}\n\nmoved {\n  from = node.old\n  to   = node.new\n}\n' }),
  },
  { name: "outputs", says: "changes outputs alone", applied: lab(), lab: lab().replace("node.b.pid]", "1]") },
  { name: "boot", says: "starts by hand", applied: lab(), happens: run("stop", "b"), words: ["start", "b"] },
  { name: "reload", says: "resets by hand", applied: lab(), words: ["reload", "b"] },
  { name: "flag-destroy", says: "removes everything", applied: lab(), words: ["plan", "-destroy"] },
  {
    name: "flag-refresh-only",
    says: "only records",
    applied: lab(),
    lab: lab({ b: "size = 2" }),
    happens: (engine) => {
      engine.world.crash("node.b");
      engine.world.vanish("link.ab");
    },
    words: ["plan", "-refresh-only"],
  },
  {
    name: "flag-refresh",
    says: "looks at nothing of the host",
    applied: lab(),
    lab: lab({ rest: '\nnode "c" {}\n' }),
    happens: crash("node.b"),
    words: ["plan", "-refresh=false"],
  },
  { name: "flag-target", says: "keeps to a target and what that needs", words: ["plan", "-target=node.b"] },
  { name: "flag-exclude", says: "leaves out what is excluded", words: ["plan", "-exclude=node.b"] },
  {
    name: "flag-replace",
    says: "makes anew what is named",
    applied: lab(),
    words: ["plan", "-replace=node.b"],
  },
  { name: "flag-var", says: "takes a variable", applied: lab(), words: ["plan", "-var", "note=given"] },
  {
    name: "flag-var-file",
    says: "takes a file of variables",
    applied: lab(),
    happens: given,
    words: ["plan", "-var-file=given.vars.hcl"],
  },
];

async function tryToApply(engine: ModuleEngine): Promise<void> {
  const { exitCode } = await engine.run("apply", "-auto-approve");
  if (exitCode === 0) throw new Error("it was ready");
}
