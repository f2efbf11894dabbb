import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

const skipped = new Set(["node_modules", "dist", "coverage", ".git", ".cache", ".labform"]);

/** Of the project's own files, relative to its root. */
export function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return entry.isFile() ? [path] : [];
  });
}

export function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export interface Import {
  readonly from: string;
  /** A file of the project, relative to its root; or the package as written. */
  readonly to: string;
  readonly line: number;
}

/** A statement's keyword begins a line, and biome keeps it so; a call's argument is a literal everywhere in here. */
const statements = /^(?:import|export)\b[^;"']*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;

/** Every static and dynamic import, of values and of types, and every re-export. */
export function importsOf(path: string, text = textOf(path)): readonly Import[] {
  return [...text.matchAll(statements)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? "";
    const to = specifier.startsWith(".") ? normalize(join(dirname(path), specifier)) : specifier;
    return { from: path, to, line: text.slice(0, match.index).split("\n").length };
  });
}
