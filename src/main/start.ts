import { realpath } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { main } from "../cli/cli.ts";
import type { Context } from "../cli/context.ts";
import type { ResourceKind } from "../core/addresses.ts";
import type { HostDirectories, Provider, ProviderFactory, ProviderSet } from "../core/provider.ts";
import type { Ports } from "../core/ports.ts";
import type { ResourceSchema } from "../core/schema.ts";
import { qemu } from "../../providers/qemu/index.ts";
import { ubridge } from "../../providers/ubridge/index.ts";
import { createPorts } from "../system/index.ts";

export async function start(version: string): Promise<number> {
  const program = process.argv[1] ?? fileURLToPath(import.meta.url);
  return main(process.argv.slice(2), createContext(version, dirname(await realpath(program))));
}

/** The composition root of labform: the real world, QEMU's nodes, uBridge's links. `programs` holds keeper.js and bridge.js. */
export function createContext(version: string, programs: string): Context {
  const ports = createPorts();
  const factories = [qemu, ubridge];
  return {
    ports,
    version,
    environment: process.env,
    workingDirectory: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    programs,
    schemas: factories.map((one) => one.schema),
    resourceSchemas: new Map<ResourceKind, ResourceSchema>([
      ["node", qemu.schema.resources.node as ResourceSchema],
      ["link", ubridge.schema.resources.link as ResourceSchema],
    ]),
    states: async (labDirectory) => {
      const { createStateAccess } = await import("../../state/access.ts");
      return createStateAccess({ ports, labDirectory, workspace: "default", programs, labformVersion: version, dataDirectory: process.env.LABFORM_DATA_DIR });
    },
    providers: (directories) => providerSet(factories, ports, directories),
  };
}

function providerSet(factories: readonly ProviderFactory[], ports: Ports, directories: HostDirectories): ProviderSet {
  const loaded = new Map<string, Promise<Provider>>();
  const factoryOf = (name: string): ProviderFactory => {
    const factory = factories.find((one) => one.schema.name === name);
    if (!factory) throw new Error(`there is no provider ${name}`);
    return factory;
  };
  return {
    names: { node: "qemu", link: "ubridge" },
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
