import { rmSync } from "node:fs";
import { join } from "node:path";
import { ModuleEngine } from "./moduleEngine.ts";

const pod = `variable "size" {
  type = number
  validation {
    condition     = var.size > 0
    error_message = "A pod has a size."
  }
}

variable "password" {
  type      = string
  sensitive = true
}

node "inner" {
  count  = var.size
  secret = "inner \${var.password}"
}

output "pids" {
  value = node.inner[*].pid
}
`;

interface Wanted {
  readonly sizes?: string;
  readonly members?: string;
  readonly watcher?: string;
  /** The other end of the link. */
  readonly link?: string;
}

/** What a document has to tell apart: modules, repeated things, rules, and what is sensitive or not known yet. */
export function labText({
  sizes = "{ a = 2 }",
  members = '["x", "y"]',
  watcher = 'note = "watches ${node.base.pid}"',
  link = 'node.member["x"].adapter[0]',
}: Wanted = {}): string {
  return `lab "documents" {}

variable "password" {
  type      = string
  sensitive = true
}

variable "colour" {
  type    = string
  default = "red"
  validation {
    condition     = var.colour != ""
    error_message = "A colour has a name."
  }
}

module "pod" {
  for_each = ${sizes}
  source   = "./pod"
  size     = each.value
  password = var.password
}

node "base" {
  adapters = 3
  secret   = var.password
  colour   = var.colour
  card "one" {
    text = "open"
  }
  card "two" {
    text = "the card says \${var.password}"
  }
}

node "member" {
  for_each = toset(${members})
  note     = each.key
}

node "watcher" {
  ${watcher}
  lifecycle {
    postcondition {
      condition     = self.pid > 0
      error_message = "It has a pid."
    }
  }
}

link "core" {
  endpoints = [node.base.adapter[0], ${link}]
}

check "health" {
  assert {
    condition     = length(node.member) > 1
    error_message = "There is one member at most."
  }
}

output "pids" {
  value = module.pod["a"].pids
}

output "password" {
  value     = "It is \${var.password}"
  sensitive = true
}

output "colour" {
  value = var.colour
}
`;
}

/** What must not be seen anywhere. */
export const MARK = "hunter2-é-\u{1f511}";

export class JsonEngine extends ModuleEngine {
  constructor() {
    super();
    this.writeAll({
      "a.lab.hcl": labText(),
      "pod/pod.lab.hcl": pod,
      "labform.vars.json": JSON.stringify({ password: MARK }),
    });
  }

  /** The record of the lab; what runs goes on. */
  removeRecord(): void {
    rmSync(join(this.directory, ".labform"), { recursive: true });
  }

  /** The only document that a command prints. */
  async document(...args: readonly string[]): Promise<{ readonly [name: string]: unknown }> {
    const { stdout, stderr } = await this.run(...args);
    if (!stdout.startsWith("{")) throw new Error(`labform ${args.join(" ")} printed no document:\n${stdout}${stderr}`);
    return JSON.parse(stdout) as { readonly [name: string]: unknown };
  }

  /** The events that a command prints, and its exit code. */
  async events(...args: readonly string[]): Promise<{
    readonly exitCode: number;
    readonly events: readonly { readonly type: string; readonly [name: string]: unknown }[];
  }> {
    const { exitCode, stdout } = await this.run(...args);
    return {
      exitCode,
      events: stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    };
  }
}

/** As text that is the same each time: what is new in each run is replaced. */
export function stable(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`
    .replaceAll(/"[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}"/g, '"(lineage)"')
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"(time)"');
}
