import { basename, dirname, join, relative, resolve } from "node:path";
import { fail } from "../../core/diagnostics.ts";
import type { FileStat } from "../../core/ports.ts";
import type { ProjectFiles } from "../../import/gns3/project.ts";
import { Archive } from "../../import/gns3/zip.ts";
import type { Context } from "../context.ts";
import { asText, readUserFile, reasonOf } from "../files.ts";

const PROJECT_FILE = /\.gns3$/i;
/** As GNS3 exports them. */
const ARCHIVE = /\.gns3p(?:roject)?$|\.zip$/i;
/** What lies beside a project file and belongs to it; in a directory of downloads other things lie there too. */
const BELONGING = ["project-files", "snapshots", "images", "README.txt"];
const MOST_FILES = 20_000;

/** A project by the name a user gave: its file, its directory, or the archive GNS3 exports. */
export async function findProject(context: Context, name: string): Promise<ProjectFiles> {
  const path = resolve(context.workingDirectory, name);
  const stat = await look(context, path, name);
  if (stat.kind === "directory") return readDirectory(context, path, await onlyProject(context, path, name));
  if (ARCHIVE.test(name)) return readArchive(context, path, name, stat.size);
  return readDirectory(context, dirname(path), basename(path), name);
}

async function look(context: Context, path: string, name: string): Promise<FileStat> {
  try {
    return await context.ports.files.stat(path);
  } catch (error) {
    return fail(`There is no ${name}`, {
      subject: `GNS3 project ${path}`,
      detail: `${reasonOf(error)}. Name a project's file (NAME.gns3), its directory, or an exported archive (NAME.gns3project).`,
      cause: error,
    });
  }
}

async function onlyProject(context: Context, path: string, name: string): Promise<string> {
  const found = (await context.ports.files.list(path)).filter((one) => PROJECT_FILE.test(one)).sort();
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  return fail(found.length === 0 ? `${name} holds no GNS3 project` : `${name} holds several GNS3 projects`, {
    subject: `directory ${path}`,
    detail:
      found.length === 0
        ? "A GNS3 project has a file NAME.gns3. GNS3 keeps its projects in ~/GNS3/projects, each in a directory of its own."
        : `Name one of them: ${found.map((one) => join(name, one)).join(", ")}.`,
  });
}

async function readDirectory(context: Context, directory: string, file: string, name = file): Promise<ProjectFiles> {
  const text = await readUserFile(context, join(directory, file), { name, role: "GNS3 project" });
  const paths: string[] = [];
  for (const one of BELONGING) await walk(context, directory, join(directory, one), paths);
  return {
    name,
    text,
    paths: paths.sort(),
    read: async (path) => {
      if (!paths.includes(path)) return undefined;
      return context.ports.files.read(join(directory, path));
    },
  };
}

/** Links are not followed: what they lead to is no part of the project. */
async function walk(context: Context, root: string, path: string, found: string[]): Promise<void> {
  const { files } = context.ports;
  const stat = await files.lstat(path).catch(() => undefined);
  if (stat === undefined || found.length >= MOST_FILES) return;
  if (stat.kind === "file") found.push(relative(root, path));
  if (stat.kind !== "directory") return;
  for (const entry of (await files.list(path).catch((): readonly string[] => [])).toSorted()) {
    await walk(context, root, join(path, entry), found);
  }
}

async function readArchive(context: Context, path: string, name: string, size: number): Promise<ProjectFiles> {
  const read = (offset: number, most: number) => context.ports.files.readFrom(path, offset, most);
  const archive = await Archive.open(name, { size, read });
  const [file] = archive.paths.filter((one) => PROJECT_FILE.test(one) && !one.includes("/"));
  const bytes = file === undefined ? undefined : await archive.read(file);
  if (file === undefined || bytes === undefined) {
    return fail(`${name} holds no GNS3 project`, {
      subject: `archive ${path}`,
      detail: "An archive that GNS3 exported has its project file at its top.",
    });
  }
  return {
    name,
    text: asText(bytes, `${file} in ${name}`),
    paths: archive.paths.filter((one) => one !== file).sort(),
    read: (one) => archive.read(one),
  };
}
