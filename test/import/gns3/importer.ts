import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { main } from "../../../src/cli/cli.ts";
import type { Context } from "../../../src/cli/context.ts";
import { createContext } from "../../../src/main/start.ts";

const projects = fileURLToPath(new URL("projects", import.meta.url));

/** Of test/import/gns3/projects. */
export function project(path: string): string {
  return join(projects, path);
}

/** labform with its own providers in this process, in a directory of its own. */
export class Importer {
  readonly directory = mkdtempSync(join(tmpdir(), "labform-import-"));

  async run(...args: readonly string[]) {
    const stdout = new Collected();
    const stderr = new Collected();
    const context: Context = {
      ...createContext("0.1.0", this.directory),
      environment: { ...process.env, XDG_STATE_HOME: join(this.directory, ".state"), NO_COLOR: "1" },
      workingDirectory: this.directory,
      stdout: stdout as unknown as NodeJS.WriteStream,
      stderr: stderr as unknown as NodeJS.WriteStream,
    };
    const exitCode = await main(args, context);
    return { exitCode, stdout: stdout.text, stderr: stderr.text };
  }

  /** What came of importing it: the JSON document, after which the lab must be valid and formatted. */
  async import(path: string): Promise<Imported> {
    const result = await this.run("import", "gns3", path, "-out=lab", "-force", "-json");
    if (result.exitCode !== 0) throw new Error(result.stdout + result.stderr);
    for (const command of [["validate"], ["fmt", "-check", "-diff"]]) {
      const checked = await this.run(`-chdir=${join(this.directory, "lab")}`, ...command);
      if (checked.exitCode !== 0) throw new Error(`${this.read("lab/main.lab.hcl")}${checked.stdout}${checked.stderr}`);
    }
    return JSON.parse(result.stdout) as Imported;
  }

  /** The same of a project that is written here. */
  importText(written: object): Promise<Imported> {
    this.write("project.gns3", JSON.stringify(written));
    return this.import("project.gns3");
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.directory, name), content);
  }

  read(name: string): string {
    return readFileSync(join(this.directory, name), "utf8");
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export interface Imported {
  readonly lab: string;
  readonly files: readonly string[];
  readonly counts: { readonly nodes: number; readonly networks: number; readonly links: number };
  readonly properties: readonly Property[];
}

export interface Property {
  readonly owner: string;
  readonly path: string;
  readonly value: unknown;
  readonly outcome: "taken" | "left_out" | "apart" | "lost" | "unknown";
  readonly as: string | null;
  readonly why: string | null;
}

class Collected extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
