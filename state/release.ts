import { basename, dirname, join } from "node:path";
import type { Ports } from "../src/core/ports.ts";
import type { State } from "../src/core/state.ts";
import { guarded, ifPresent, type Place } from "./failure.ts";
import type { Layout } from "./layout.ts";
import { fieldsOf, listOf, ShapeError, textOf } from "./shape.ts";

/** A node's directory and where it is to go; both are names in their directories. */
interface Release {
  readonly id: string;
  readonly to: string;
}

/**
 * Writes down which nodes' directories are to be moved, before the checkpoint is written that no longer has the nodes:
 * a kill after that leaves the moving to the next command, one before it leaves all as it was.
 */
export async function planReleases(ports: Ports, layout: Layout, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await guarded("prepare the release of nodes' directories", placeOf(layout), async () => {
    const taken = new Set(await ifPresent(ports.files.list(layout.released)));
    const releases: Release[] = ids.map((id) => {
      const to = freeName(id, taken);
      taken.add(to);
      return { id, to };
    });
    await ports.files.writeAtomic(layout.releasing, `${JSON.stringify(releases, null, 2)}\n`, 0o600);
  });
}

/** Another node of that id may have been released before. */
function freeName(id: string, taken: ReadonlySet<string>): string {
  let name = id;
  for (let number = 2; taken.has(name); number++) name = `${id}-${number}`;
  return name;
}

/**
 * Does what is written down: moves the directories whose nodes `state` does not have. A node that it still has keeps
 * its own. Resolves with where they are now, by id; those of which there was no directory are not in it.
 */
export async function finishReleases(ports: Ports, layout: Layout, state: State): Promise<ReadonlyMap<string, string>> {
  return await guarded("move the directories of released nodes", placeOf(layout), async () => {
    const { files } = ports;
    const moved = new Map<string, string>();
    const text = await ifPresent(files.readText(layout.releasing));
    if (text === undefined) return moved;
    const kept = new Set([...state.instances.values()].flatMap((one) => (one.kind === "node" ? [one.id] : [])));
    for (const { id, to } of parseReleases(text)) {
      const from = join(layout.nodes, id);
      if (kept.has(id) || !(await ifPresent(files.lstat(from)))) continue;
      await files.makeDirectory(layout.released);
      await files.syncDirectory(layout.data);
      await files.rename(from, join(layout.released, to));
      moved.set(id, join(layout.released, to));
    }
    if (moved.size > 0) for (const one of [layout.released, layout.nodes]) await files.syncDirectory(one);
    await files.remove(layout.releasing);
    await files.syncDirectory(dirname(layout.releasing));
    return moved;
  });
}

function placeOf(layout: Layout): Place {
  return { role: "list of releases", path: layout.releasing };
}

/** It was written whole or not at all. One that is not as written moves nothing: the directories stay where they are. */
function parseReleases(text: string): readonly Release[] {
  try {
    return listOf(JSON.parse(text), "", (value, at) => {
      const fields = fieldsOf(value, at);
      return { id: nameOf(fields.id, `${at}.id`), to: nameOf(fields.to, `${at}.to`) };
    });
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ShapeError) return [];
    throw error;
  }
}

/** The file may have come in with a checkout: nothing outside the two directories is moved. */
function nameOf(value: unknown, at: string): string {
  const name = textOf(value, at);
  if (name === "" || name === "." || name === ".." || basename(name) !== name) throw new ShapeError(at, "a name");
  return name;
}
