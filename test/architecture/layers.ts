import type { Import } from "./sources.ts";

/**
 * Who may import whom, by folder; a folder may always import itself. What stands nowhere here is free: tests, scripts,
 * examples, and src/main, the composition roots.
 */
export const layers: { readonly [folder: string]: readonly string[] } = {
  "src/core": [],
  "src/language": ["src/core"],
  "src/evaluation": ["src/core", "src/language"],
  "src/config": ["src/core", "src/language", "src/evaluation"],
  "src/planner": ["src/core", "src/evaluation"],
  "src/applier": ["src/core", "src/evaluation"],
  "src/ui": ["src/core"],
  "src/system": ["src/core"],
  "src/import": ["src/core", "src/language"],
  "src/cli": [
    ...["src/core", "src/language", "src/evaluation", "src/config", "src/planner", "src/applier", "src/ui"],
    "src/import",
  ],
  "providers/memory": ["src/core"],
  "providers/shared": ["src/core"],
  "providers/qemu": ["src/core", "providers/shared"],
  "providers/ubridge": ["src/core", "providers/shared"],
  state: ["src/core"],
};

export function layerOf(path: string): string | undefined {
  return Object.keys(layers).find((folder) => path.startsWith(`${folder}/`));
}

/** What forbids the import, or undefined. Packages are not in the table. */
export function violation({ from, to, line }: Import): string | undefined {
  const layer = layerOf(from);
  const isPackage = !/^(src|providers|state|test|scripts|examples)\//.test(to);
  if (layer === undefined || isPackage) return undefined;
  const target = layerOf(to);
  if (target === layer || (target !== undefined && layers[layer]?.includes(target))) return undefined;
  return `${from}:${line} imports ${to}: ${layer} may not import ${target ?? to.split("/").slice(0, -1).join("/")}`;
}
