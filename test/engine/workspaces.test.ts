import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StateEngine } from "./stateEngine.ts";

let engine: StateEngine;
/** Without links: the hub of the memory's links is one for its whole world. */
beforeEach(() => {
  engine = new StateEngine();
  engine.write(`lab "s" {}

node "a" {}

node "r" {
  for_each = toset(["x", "y"])
}

output "pid" {
  value = node.a.pid
}
`);
});
afterEach(() => engine.close());

const inData = (...names: readonly string[]) => join(engine.directory, ".labform", ...names);

interface Recorded {
  readonly lineage: string;
  readonly lab: { readonly identity: string };
  readonly instances: readonly { readonly address: string; readonly id: string }[];
}

function stateOf(workspace: string): Recorded {
  return JSON.parse(readFileSync(inData(workspace, "state.json"), "utf8")) as Recorded;
}

const workspace = (...words: readonly string[]) => engine.succeed("workspace", ...words);

describe("workspace", () => {
  it("new makes one and switches to it, select switches, list and show tell", async () => {
    expect(await workspace("list")).toBe("* default\n");
    expect(existsSync(inData())).toBe(false);
    expect(await workspace("new", "blue")).toContain('Created workspace "blue" and switched to it.\n');
    await workspace("new", "amber");
    expect(await workspace("list")).toBe("  default\n* amber\n  blue\n");
    expect(await workspace("select", "blue")).toBe('Switched to workspace "blue".\n');
    expect(await workspace("select", "blue")).toBe("");
    expect(await workspace("show")).toBe("blue\n");
    expect(readFileSync(inData("environment"), "utf8")).toBe("blue");
    expect(await workspace("select", "-or-create", "green")).toContain('Created workspace "green"');
    expect(await workspace("select", "-or-create", "blue")).toBe('Switched to workspace "blue".\n');
    expect(await workspace("select", "default")).toBe('Switched to workspace "default".\n');
    expect(await workspace("list")).toBe("* default\n  amber\n  blue\n  green\n");
    expect(readFileSync(inData(".gitignore"), "utf8")).toBe("*\n");
  });

  it("says the same as JSON", async () => {
    expect(await engine.document("workspace", "new", "blue", "-json")).toEqual({
      format_version: "1.0",
      current: "blue",
      created: true,
    });
    expect(await engine.document("workspace", "list", "-json")).toEqual({
      format_version: "1.0",
      workspaces: ["default", "blue"],
      current: "blue",
    });
    expect(await engine.document("workspace", "select", "default", "-json")).toMatchObject({ current: "default" });
    expect(await engine.document("workspace", "show", "-json")).toMatchObject({ current: "default" });
    expect(await engine.document("workspace", "delete", "blue", "-json")).toMatchObject({ deleted: "blue" });
  });

  it.each(["a/b", "..", ".hidden", "", "a b", "ä", "environment", "released", "x".repeat(101)])(
    "refuses %j, which can be no directory of a workspace's",
    async (name) => {
      for (const verb of ["new", "select", "delete"]) {
        expect(await engine.refused("workspace", verb, name)).toContain(
          `There can be no workspace ${JSON.stringify(name)}`,
        );
      }
      expect(await engine.refused(`-workspace=${name}`, "plan")).toContain("It is named by -workspace.");
      expect(existsSync(inData())).toBe(false);
    },
  );

  it("names what was meant where there is none of a name", async () => {
    await workspace("new", "staging");
    const refused = await engine.refused("workspace", "select", "stagng");
    expect(refused).toContain('There is no workspace "stagng"');
    expect(refused).toContain('The workspaces are default and staging. Did you mean "staging"?');
    expect(refused).toContain("labform workspace new stagng");
    expect(await engine.refused("workspace", "delete", "stagng")).toContain('Did you mean "staging"?');
    expect(await engine.refused("workspace", "new", "staging")).toContain('Workspace "staging" is there already');
    expect(await engine.refused("workspace", "new", "default")).toContain('Workspace "default" is there already');
    expect(await workspace("show")).toBe("staging\n");
  });

  it("refuses words and flags that are another verb's", async () => {
    expect(await engine.refused("workspace", "delte", "a")).toContain('Did you mean "delete"?');
    expect(await engine.refused("workspace", "new")).toContain("It is labform workspace new NAME.");
    expect(await engine.refused("workspace", "show", "a")).toContain("workspace show was given too many words");
    expect(await engine.refused("workspace", "new", "-force", "a")).toContain("That is for workspace delete.");
  });

  it("tells of a selection that can be none, and goes on where another is named", async () => {
    mkdirSync(inData());
    writeFileSync(inData("environment"), "../../etc");
    expect(await engine.refused("plan")).toContain("The selected workspace has a name that none can have");
    await engine.succeed("-workspace=default", "plan");
    await engine.succeed("version");
    await workspace("select", "default");
    await engine.succeed("plan");
  });
});

describe("delete", () => {
  it("takes an empty workspace with its directory, and neither the default nor the one that is worked in", async () => {
    await workspace("new", "blue");
    expect(await engine.refused("workspace", "delete", "blue")).toContain("labform workspace select default");
    expect(await engine.refused("-workspace=default", "workspace", "delete", "blue")).toContain("you are in");
    await workspace("select", "default");
    expect(await engine.refused("-workspace=blue", "workspace", "delete", "blue")).toContain("-workspace names");
    expect(await engine.refused("workspace", "delete", "default")).toContain("cannot be deleted");
    expect(await workspace("delete", "blue")).toBe('Deleted workspace "blue".\n');
    expect(existsSync(inData("blue"))).toBe(false);
    expect(await workspace("list")).toBe("* default\n");
  });

  it("refuses what is recorded, and what was captured, until it is forced", async () => {
    await workspace("new", "blue");
    await engine.apply();
    await workspace("select", "default");
    const refused = await engine.refused("workspace", "delete", "blue");
    expect(refused).toContain('Workspace "blue" is not empty');
    expect(refused).toContain("labform -workspace=blue destroy");
    await engine.succeed("-workspace=blue", "destroy", "-auto-approve");
    mkdirSync(inData("blue", "captures"), { recursive: true });
    writeFileSync(inData("blue", "captures", "core.pcap"), "");
    expect(await engine.refused("workspace", "delete", "blue")).toContain("core.pcap would go with it");
    expect(existsSync(inData("blue"))).toBe(true);
    await workspace("delete", "-force", "blue");
    expect(existsSync(inData("blue"))).toBe(false);
  });

  it("with -force forgets what is recorded where nothing of it runs, with its entry in the registry", async () => {
    await workspace("new", "blue");
    await engine.apply();
    const registry = join(engine.directory, ".state", "labform", "labs", stateOf("blue").lineage);
    expect(existsSync(registry)).toBe(true);
    await workspace("select", "default");
    await workspace("delete", "-force", "blue");
    expect(existsSync(registry)).toBe(false);
    expect(existsSync(inData("blue"))).toBe(false);
  });
});

describe("each workspace", () => {
  it("has a state, ids and an identity of its own, and destroys only what is its own", async () => {
    await engine.apply();
    await workspace("new", "blue");
    expect(await engine.run("plan", "-detailed-exitcode")).toMatchObject({ exitCode: 2 });
    await engine.apply();
    const [one, other] = [stateOf("default"), stateOf("blue")];
    expect(one.lineage).not.toBe(other.lineage);
    expect([one.lab.identity, other.lab.identity]).toEqual(["s", "s/blue"]);
    const ids = [...one.instances, ...other.instances]
      .filter(({ address }) => address.startsWith("node."))
      .map(({ id }) => id);
    expect(new Set(ids).size).toBe(6);
    expect(engine.world.nodes.size).toBe(6);
    await engine.succeed("destroy", "-auto-approve");
    expect(engine.world.nodes.size).toBe(3);
    await workspace("select", "default");
    await engine.unchanged();
    await engine.succeed("destroy", "-auto-approve");
    expect(engine.world.nodes.size).toBe(0);
  });

  it("keeps the identity that is written, with lab.workspace in it or not", async () => {
    engine.write('lab "s" {\n  identity = "fixed"\n}\nnode "a" {}\n');
    await engine.succeed("-workspace=blue", "apply", "-auto-approve");
    expect(stateOf("blue").lab.identity).toBe("fixed");
    engine.write(`lab "s" {\n  identity = "\${lab.name}-in-\${lab.workspace}"\n}\nnode "a" {}\n`);
    await engine.succeed("-workspace=green", "apply", "-auto-approve");
    expect(stateOf("green").lab.identity).toBe("s-in-green");
  });

  it("is lab.workspace in nodes, outputs, conditions, modules and eval", async () => {
    engine.write(`lab "s" {}
variable "allowed" {
  default = "blue"
  validation {
    condition     = var.allowed == lab.workspace
    error_message = "only in blue, not in $\{lab.workspace}"
  }
}
node "a" {
  note = lab.workspace
}
module "m" {
  source = "./m"
  inner  = lab.workspace
}
output "where" {
  value = "$\{node.a.note} $\{module.m.where}"
}
`);
    mkdirSync(join(engine.directory, "m"));
    writeFileSync(
      join(engine.directory, "m", "m.lab.hcl"),
      `variable "inner" {}\noutput "where" {\n  value = "\${var.inner} \${lab.workspace}"\n}\n`,
    );
    expect(await engine.refused("plan")).toContain("only in blue, not in default");
    await engine.succeed("-workspace=blue", "apply", "-auto-approve");
    expect(await engine.succeed("-workspace=blue", "output", "-raw", "where")).toBe("blue blue blue");
    engine.variables = { LABFORM_WORKSPACE: "blue" };
    expect(await engine.succeed("eval", "lab.workspace")).toBe('"blue"\n');
    await engine.succeed("validate");
    await engine.unchanged();
  });

  it("refuses a copy of another one's directory, and takes one that was renamed", async () => {
    await workspace("new", "blue");
    await engine.apply();
    cpSync(inData("blue"), inData("copy"), { recursive: true });
    const refused = await engine.refused("-workspace=copy", "destroy", "-auto-approve");
    expect(refused).toContain('The state of workspace "copy" is that of workspace "blue"');
    rmSync(inData("copy"), { recursive: true });
    renameSync(inData("blue"), inData("renamed"));
    await engine.succeed("-workspace=renamed", "plan");
    await engine.succeed("-workspace=renamed", "destroy", "-auto-approve");
    expect(engine.world.nodes.size).toBe(0);
  });
});

describe("state push", () => {
  it("takes no state of another workspace that has it still", async () => {
    await engine.apply();
    writeFileSync(join(engine.directory, "copy.json"), await engine.succeed("state", "pull"));
    const refused = await engine.refused("-workspace=blue", "state", "push", "copy.json");
    expect(refused).toContain('The given state is that of workspace "default"');
    expect(refused).toContain("-workspace=default");
    await engine.unchanged();
    renameSync(inData("default"), inData("..", "moved"));
    await engine.succeed("-workspace=blue", "state", "push", "copy.json");
    await engine.succeed("-workspace=blue", "plan", "-detailed-exitcode");
  });
});

describe("LABFORM_WORKSPACE and -workspace", () => {
  it("go before what is selected, the flag first, for every command", async () => {
    await workspace("new", "blue");
    await engine.apply();
    await workspace("new", "green");
    expect(await engine.run("state", "list")).toMatchObject({ exitCode: 1 });
    expect(await engine.succeed("-workspace=blue", "state", "list")).toContain("node.a");
    engine.variables = { LABFORM_WORKSPACE: "blue" };
    expect(await engine.succeed("state", "list")).toContain("node.a");
    expect(await engine.succeed("output", "-json")).toContain("pid");
    expect(await workspace("show")).toBe("blue\n");
    expect(await engine.succeed("-workspace=green", "workspace", "show")).toBe("green\n");
    const { stdout, stderr } = await engine.run("workspace", "list");
    expect(stdout).toBe("  default\n* blue\n  green\n");
    expect(stderr).toContain("LABFORM_WORKSPACE chooses blue");
    engine.variables = { LABFORM_WORKSPACE: "" };
    expect(await workspace("show")).toBe("green\n");
  });

  it("have select and new refused while the variable is set, but for its own workspace", async () => {
    engine.variables = { LABFORM_WORKSPACE: "blue" };
    expect(await engine.refused("workspace", "select", "default")).toContain("LABFORM_WORKSPACE chooses the workspace");
    expect(await engine.refused("workspace", "new", "green")).toContain("Unset it or change it to create another one.");
    await workspace("new", "blue");
    expect(await workspace("list")).toBe("  default\n* blue\n");
    expect(await engine.refused("workspace", "delete", "blue")).toContain("you are in");
    engine.variables = { LABFORM_WORKSPACE: "a/b" };
    expect(await engine.refused("plan")).toContain("It is named by LABFORM_WORKSPACE.");
  });

  it("take a workspace that is not there for an empty one, and say so", async () => {
    await workspace("new", "staging");
    await engine.apply();
    const { exitCode, stdout, stderr } = await engine.run("-workspace=stagng", "destroy", "-auto-approve");
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("nothing to destroy") });
    expect(stderr).toContain('Workspace "stagng" does not exist yet');
    expect(stderr.replaceAll(/\s+/g, " ")).toContain('Did you mean "staging"?');
    expect(await engine.run("-workspace=staging", "plan")).toMatchObject({ stderr: "" });
    rmSync(inData("staging"), { recursive: true });
    expect((await engine.run("plan")).stderr).toContain("It was selected");
    const applied = await engine.run("-workspace=pr-42", "apply", "-auto-approve", "-json");
    expect(applied.exitCode).toBe(0);
    for (const line of applied.stdout.trim().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
    expect(await engine.run("-workspace=pr-42", "plan")).toMatchObject({ stderr: "" });
  });
});
