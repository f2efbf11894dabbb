import { access, constants, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/**
 * A name with a slash is a path, from `directory` where it is relative. Empty and relative entries of PATH are passed
 * over: what runs must not depend on where labform was started.
 */
export async function findProgram(
  name: string,
  directory: string | undefined,
  path: string | undefined,
): Promise<string | undefined> {
  if (name.includes("/")) {
    const candidate = resolve(directory ?? ".", name);
    return (await isProgram(candidate)) ? candidate : undefined;
  }
  const directories = directory === undefined ? (path ?? "").split(delimiter).filter(isAbsolute) : [resolve(directory)];
  for (const one of directories) {
    const candidate = join(one, name);
    if (await isProgram(candidate)) return candidate;
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
