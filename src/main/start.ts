import { realpath } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { qemu } from "../../providers/qemu/index.ts";
import { ubridge } from "../../providers/ubridge/index.ts";
import { main } from "../cli/cli.ts";
import type { Context } from "../cli/context.ts";
import type { ResourceKind } from "../core/addresses.ts";
import { fail } from "../core/diagnostics.ts";
import type { Ports, SendHttp } from "../core/ports.ts";
import type { HostDirectories, Provider, ProviderFactory, ProviderSet } from "../core/provider.ts";
import { resourceSchema } from "../core/provider.ts";
import type { ProviderSchema, ResourceSchema } from "../core/schema.ts";
import { DEFAULT_WORKSPACE } from "../core/workspace.ts";
import { createPorts } from "../system/index.ts";

export async function start(version: string): Promise<number> {
  // Who reads our words may leave (`| head`, a closed terminal): what runs is finished all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const program = process.argv[1] ?? fileURLToPath(import.meta.url);
  return main(process.argv.slice(2), createContext(version, dirname(await realpath(program))));
}

/** Which provider makes nodes, and which links. */
export interface Makers {
  readonly node: ProviderFactory;
  readonly link: ProviderFactory;
}

/**
 * The composition root of labform: the real world, and unless told otherwise QEMU's nodes and uBridge's links.
 * `programs` is the directory of keeper.js and bridge.js.
 */
export function createContext(
  version: string,
  programs: string,
  makers: Makers = { node: qemu, link: ubridge },
  ports: Ports = createPorts(),
): Context {
  const schemas = {
    schemas: [...new Set([makers.node.schema, makers.link.schema])],
    resourceSchemas: new Map<ResourceKind, ResourceSchema>([
      ["node", resourceSchema(makers.node.schema, "node", "")],
      ["link", resourceSchema(makers.link.schema, "link", "")],
      ...networkSchemas(makers.link.schema),
    ]),
  };
  const sendHttp: SendHttp = async (request) => (await import("../system/http.ts")).sendHttp(request);
  return {
    ports,
    version,
    environment: process.env,
    get workingDirectory() {
      return workingDirectory();
    },
    realPath: (path) => realpath(path),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    programs,
    workspace: DEFAULT_WORKSPACE,
    ...schemas,
    states: async (labDirectory, { workspace, data } = { workspace: DEFAULT_WORKSPACE }) => {
      const { createStateAccess } = await import("../../state/access.ts");
      const { layoutOf } = await import("../../state/layout.ts");
      const { findBackendInUse } = await import("./backend.ts");
      const dataDirectory = data ?? process.env.LABFORM_DATA_DIR;
      const layout = layoutOf(labDirectory, workspace, dataDirectory);
      const backend = await findBackendInUse(ports, schemas, layout, labDirectory);
      return createStateAccess({
        ports,
        labDirectory,
        workspace,
        programs,
        labformVersion: version,
        keepers: (name) => makerOf(makers, name),
        dataDirectory,
        backend,
        sendHttp,
      });
    },
    prepareBackend: async (labDirectory, declared, given) => {
      const { prepareBackend } = await import("../../state/backends/initialise.ts");
      const dataDirectory = process.env.LABFORM_DATA_DIR;
      const options = { ports, labDirectory, workspace: DEFAULT_WORKSPACE, labformVersion: version, dataDirectory };
      return prepareBackend({ ...options, sendHttp }, declared, given);
    },
    workspaces: async (labDirectory) => {
      const { createWorkspaces } = await import("../../state/workspaces.ts");
      return createWorkspaces({ ports, labDirectory, dataDirectory: process.env.LABFORM_DATA_DIR });
    },
    labs: async () => (await import("../../state/labs.ts")).findLabs(ports, version),
    providers: (directories) => providerSet(makers, ports, directories),
  };
}

/** Not every provider of links has networks. */
function networkSchemas({
  resources: { network },
}: ProviderSchema): readonly (readonly [ResourceKind, ResourceSchema])[] {
  return network ? [["network", network]] : [];
}

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    return fail("The current directory is gone", {
      detail: "Go to another, or name the lab's with -chdir=DIR.",
      cause: error,
    });
  }
}

function makerOf({ node, link }: Makers, name: string): ProviderFactory | undefined {
  return [node, link].find(({ schema }) => schema.name === name);
}

function providerSet(makers: Makers, ports: Ports, directories: HostDirectories): ProviderSet {
  const loaded = new Map<string, Promise<Provider>>();
  const factoryOf = (name: string): ProviderFactory => {
    const factory = makerOf(makers, name);
    if (!factory) throw new Error(`there is no provider ${name}`);
    return factory;
  };
  return {
    names: { node: makers.node.schema.name, link: makers.link.schema.name },
    schema: (name) => factoryOf(name).schema,
    load: (name) => {
      let provider = loaded.get(name);
      if (!provider) {
        provider = factoryOf(name).load(ports, directories);
        loaded.set(name, provider);
      }
      return provider;
    },
  };
}
