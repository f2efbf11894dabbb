import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { Engine } from "./engine.ts";

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A lab for each test of the file, and what is done with it. */
export function conditionLab() {
  let engine: Engine;
  beforeEach(() => {
    engine = new Engine();
  });
  afterEach(() => engine.close());

  /** Rejects when it ends with another exit code. */
  const run = async (exitCode: number, ...args: readonly string[]): Promise<Outcome> => {
    const outcome = await engine.run(...args);
    expect(outcome.exitCode, outcome.stdout + outcome.stderr).toBe(exitCode);
    return outcome;
  };
  return {
    run,
    apply: (...args: readonly string[]) => run(0, "apply", "-auto-approve", ...args),
    failingApply: (...args: readonly string[]) => run(1, "apply", "-auto-approve", ...args),

    /** A lab of these blocks, and of modules by their directories. */
    write: (blocks: string, modules: { readonly [name: string]: string } = {}): void => {
      engine.write(`lab "conditions" {}\n\n${blocks}`);
      for (const [name, text] of Object.entries(modules)) {
        const path = join(engine.directory, name, "main.lab.hcl");
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
    },

    path: (name: string) => join(engine.directory, name),

    expectEmptyPlan: async (): Promise<void> => {
      const { stdout, stderr } = await run(0, "plan", "-detailed-exitcode");
      expect(stdout).toBe("No changes. The lab is as its files say.\n");
      expect(stderr).toBe("");
    },

    /** The addresses of the nodes that there are. */
    nodes: () => [...engine.world.nodes.values()].map(({ address }) => address),

    pidOf: (address: string) => [...engine.world.nodes.values()].find((one) => one.address === address)?.run?.pid,

    /** `node.a ok` of each node and link in the state. */
    recorded: async (): Promise<readonly string[]> => {
      const { stdout } = await run(0, "show", "-json");
      const { values } = JSON.parse(stdout) as {
        values: { root_module: RecordedModule };
      };
      return resourcesOf(values.root_module)
        .filter(({ type }) => type !== "service")
        .map((one) => `${one.address} ${one.status}`);
    },
  };
}

interface RecordedModule {
  readonly resources: readonly { readonly address: string; readonly status: string; readonly type: string }[];
  readonly child_modules: readonly RecordedModule[];
}

function resourcesOf({ resources, child_modules }: RecordedModule): RecordedModule["resources"] {
  return [...resources, ...child_modules.flatMap(resourcesOf)];
}

function rule(type: string, condition: string, message = '"It must be so."'): string {
  return `${type} {\n      condition     = ${condition}\n      error_message = ${message}\n    }`;
}

export function lifecycle(...rules: readonly string[]): string {
  return `lifecycle {\n    ${rules.join("\n    ")}\n  }`;
}

export const pre = (condition: string, message?: string) => rule("precondition", condition, message);
export const post = (condition: string, message?: string) => rule("postcondition", condition, message);
export const check = (name: string, condition: string, message = '"All is not well."') =>
  `check "${name}" {\n  ${rule("assert", condition, message)}\n}\n`;
