import type { ResourceKind } from "../core/addresses.ts";
import type { Ports } from "../core/ports.ts";
import type { HostDirectories, ProviderSet } from "../core/provider.ts";
import type { ProviderSchema, ResourceSchema } from "../core/schema.ts";
import type { StateAccess } from "../core/workspace.ts";

/** What the composition root hands to the commands: the world, and the parts they may not import. */
export interface Context {
  readonly ports: Ports;
  readonly version: string;
  readonly environment: { readonly [name: string]: string | undefined };
  /** Absolute; relative names in arguments start here. Throws a `Failure` when it was removed meanwhile. */
  readonly workingDirectory: string;
  /** With its links followed; rejects with ENOENT. */
  realPath(path: string): Promise<string>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Where labform's own programs are. */
  readonly programs: string;
  readonly schemas: readonly ProviderSchema[];
  readonly resourceSchemas: ReadonlyMap<ResourceKind, ResourceSchema>;
  /** `labDirectory` is absolute. */
  states(labDirectory: string): Promise<StateAccess>;
  providers(directories: HostDirectories): ProviderSet;
}

/** The options before and behind a command's name that all commands share. */
export interface CommonOptions {
  /** Absolute. */
  readonly directory: string;
  readonly colour: boolean;
  readonly json: boolean;
  readonly input: boolean;
}

/** Exit codes: 0 done, 1 error, 2 with -detailed-exitcode: there are changes, 3 with fmt -check: a file is not formatted. */
export type ExitCode = 0 | 1 | 2 | 3;
