import { basename } from "node:path";
import type { BackendConfig } from "../../src/core/backend.ts";
import { fail } from "../../src/core/diagnostics.ts";
import type { Ports, SendHttp } from "../../src/core/ports.ts";
import type { State } from "../../src/core/state.ts";
import { DEFAULT_WORKSPACE, type OpenOptions } from "../../src/core/workspace.ts";
import { type Layout, layoutAt, layoutOf } from "../layout.ts";
import { holderNow } from "../lock.ts";
import type { Recorded } from "../read.ts";
import type { Backend } from "./backend.ts";
import { HttpBackend } from "./http.ts";
import { httpSettings } from "./httpSettings.ts";
import { Mirror } from "./mirror.ts";
import { acquireServerLock, forceServerUnlock } from "./serverLock.ts";

/** Where the state of a lab's workspace is. */
export interface RemoteOptions {
  readonly ports: Ports;
  /** Absolute. */
  readonly labDirectory: string;
  readonly workspace: string;
  readonly labformVersion: string;
  /** What LABFORM_DATA_DIR says; instead of `.labform` in the lab directory. */
  readonly dataDirectory?: string | undefined;
  /** By default the state is where this host's record is. */
  readonly backend?: BackendConfig | undefined;
  readonly sendHttp?: SendHttp | undefined;
}

/** Where this host's record of the state is, given the backend. */
export function backendLayout({ labDirectory, workspace, dataDirectory, backend }: RemoteOptions): Layout {
  const layout = layoutOf(labDirectory, workspace, dataDirectory);
  const path = backend?.type === "local" ? backend.settings.path : undefined;
  if (typeof path !== "string" || path === "" || workspace !== DEFAULT_WORKSPACE) return layout;
  const named = layoutAt(layout, labDirectory, path);
  // However it is written: one file has one journal and one lock.
  return named.checkpoint === layout.checkpoint ? layout : named;
}

/** The state's place outside of this host. */
export interface Remote {
  readonly backend: Backend;
  readonly mirror: Mirror;
  /** Locks it there, unless the options say otherwise; with this host's own lock only. */
  open(options: OpenOptions): Promise<Session>;
  unlock(id: string): Promise<string>;
}

/** As long as a command has the state. */
export interface Session {
  align(local: Recorded): Promise<Recorded>;
  push(state: State): Promise<void>;
  /** In the place of whatever is there. */
  overwrite(state: State): Promise<void>;
  release(): Promise<void>;
}

/** Undefined where the state is kept on this host. */
export function remoteOf(options: RemoteOptions, layout: Layout): Remote | undefined {
  const { ports, labformVersion, workspace, backend: config, sendHttp } = options;
  if (config?.type !== "http") return undefined;
  if (!sendHttp) throw new Error("an http backend without a way to send");
  if (workspace !== DEFAULT_WORKSPACE) {
    fail(`Workspace "${workspace}" cannot be used with the http backend`, {
      detail:
        "It keeps one state at its address, that of the workspace default. Give each lab directory an address of its own, or keep the state on this host (the backend local).",
    });
  }
  const backend = new HttpBackend(httpSettings(config.settings), sendHttp, ports.clock);
  const mirror = new Mirror(ports, layout, backend, labformVersion);
  return {
    backend,
    mirror,
    async open(request) {
      const lock =
        request.lock === false || !backend.locks
          ? undefined
          : await acquireServerLock(ports, layout, backend, labformVersion, request);
      let failed = false;
      const noting = async (work: Promise<void>) => {
        try {
          await work;
        } catch (error) {
          failed = true;
          throw error;
        }
      };
      return {
        align: (local) => mirror.align(local, lock?.id),
        push: (state) => noting(mirror.push(state, lock?.id)),
        overwrite: (state) => noting(mirror.overwrite(state, lock?.id)),
        release: async () => await lock?.release(failed),
      };
    },
    async unlock(id) {
      if (!backend.locks) {
        fail("The state is not locked at the server", {
          subject: `backend ${backend.address}`,
          detail:
            "The backend has no lock_address, so no command locks anything there, and there is nothing to unlock.",
        });
      }
      await refuseLiving(ports, layout);
      await forceServerUnlock(ports, layout, backend, labformVersion, id);
      return `lock ${id}`;
    },
  };
}

/** What holds this host's lock has the server's too, or is about to. */
async function refuseLiving(ports: Ports, layout: Layout): Promise<void> {
  const holder = await holderNow(ports, layout);
  if (holder === undefined) return;
  fail(`The lab is locked by ${holder}, which is alive`, {
    subject: `lock ${layout.lock}`,
    detail: `It gives the lock up when it ends. Wait for it with -lock-timeout, or end it. What it did until then is recorded (${basename(layout.journal)}), and the next command goes on from there.`,
  });
}
