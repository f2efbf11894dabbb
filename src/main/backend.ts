import { join } from "node:path";
import type { Layout } from "../../state/layout.ts";
import { isLabFile } from "../config/files.ts";
import type { Schemas } from "../config/schemas.ts";
import type { BackendConfig, DeclaredBackend } from "../core/backend.ts";
import type { Ports } from "../core/ports.ts";
import type { SourceFile } from "../core/source.ts";

/**
 * Where a lab's state is kept: as recorded by `init`, held against what the lab files say. They are read only for that,
 * and may be gone or broken: then what is recorded counts. A file of the user's own on this host needs no init.
 */
export async function findBackendInUse(
  ports: Ports,
  schemas: Schemas,
  layout: Layout,
  labDirectory: string,
): Promise<BackendConfig | undefined> {
  const files = await labFiles(ports, labDirectory);
  const isNamed = files.some(({ text }) => /\bbackend\b/.test(text));
  const { backendInUse, readBackendRecord } = await import("../../state/backends/record.ts");
  const recorded = await readBackendRecord(ports, layout);
  if (!isNamed && !recorded) return undefined;
  const declared = await declaredIn(files, schemas);
  const { environment } = ports.host;
  return backendInUse(declared, recorded, environment, await hasState(ports, layout));
}

async function declaredIn(files: readonly SourceFile[], schemas: Schemas): Promise<DeclaredBackend | null | undefined> {
  const { findBackend } = await import("../config/backend.ts");
  return findBackend(files, schemas);
}

/** Those that can be read; who needs them all will say which cannot. */
async function labFiles({ files }: Ports, directory: string): Promise<readonly SourceFile[]> {
  const names = (await files.list(directory).catch(() => [])).filter(isLabFile);
  const texts = await Promise.all(
    names.map((name) =>
      files.readText(join(directory, name)).then(
        (text) => [{ name, text }],
        () => [],
      ),
    ),
  );
  return texts.flat();
}

async function hasState({ files }: Ports, layout: Layout): Promise<boolean> {
  const there = (path: string) =>
    files.stat(path).then(
      () => true,
      () => false,
    );
  return (await there(layout.checkpoint)) || (await there(layout.journal));
}
