import type { ResourceKind } from "../core/addresses.ts";
import type { BackendChange, BackendSettings, DeclaredBackend } from "../core/backend.ts";
import type { Ports } from "../core/ports.ts";
import type { HostDirectories, ProviderSet } from "../core/provider.ts";
import type { ProviderSchema, ResourceSchema } from "../core/schema.ts";
import type { StateAccess } from "../core/workspace.ts";
import type { HostLab, Workspaces } from "../core/workspaces.ts";

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
  /** What the command works in; the composition root's is the default, `main` has the one that was chosen. */
  readonly workspace: string;
  readonly schemas: readonly ProviderSchema[];
  readonly resourceSchemas: ReadonlyMap<ResourceKind, ResourceSchema>;
  /** `labDirectory` is absolute; of the context's own workspace unless another is named. */
  states(labDirectory: string, at?: StatePlace): Promise<StateAccess>;
  workspaces(labDirectory: string): Promise<Workspaces>;
  /** Those of this account on this host, wherever they are. */
  labs(): Promise<readonly HostLab[]>;
  /** For `init`; of the workspace default, which alone can be at a server. Without `given` what was given before counts. */
  prepareBackend(
    labDirectory: string,
    declared: DeclaredBackend | null,
    given: BackendSettings | undefined,
  ): Promise<BackendChange>;
  providers(directories: HostDirectories): ProviderSet;
}

/** Which of a directory's states. */
export interface StatePlace {
  readonly workspace: string;
  /** The data directory, absolute, where it is not the one that LABFORM_DATA_DIR now says. */
  readonly data?: string | undefined;
}

/** The options before and behind a command's name that all commands share. */
export interface CommonOptions {
  /** Absolute. */
  readonly directory: string;
  /** As -workspace names it. */
  readonly workspace?: string | undefined;
  readonly colour: boolean;
  readonly json: boolean;
  readonly input: boolean;
}

/** Exit codes: 0 done, 1 error, 2 with -detailed-exitcode: there are changes, 3 with fmt -check: a file is not formatted; of exec that of the guest's command. */
export type ExitCode = number;
