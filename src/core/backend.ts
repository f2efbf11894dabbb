import { type Diagnostic, errorDiagnostic, fail } from "./diagnostics.ts";
import type { BlockSchema } from "./schema.ts";
import type { Range } from "./source.ts";
import { BOOL, NUMBER, STRING } from "./values.ts";
import type { OpenOptions } from "./workspace.ts";

/** Where a lab's state is kept. */
export type BackendType = "local" | "http";

export type Setting = string | number | boolean | { readonly [name: string]: string };
export type BackendSettings = { readonly [name: string]: Setting };

/** A backend with all it needs to be reached, defaults filled in. */
export interface BackendConfig {
  readonly type: BackendType;
  readonly settings: BackendSettings;
}

/** The `backend` block of the lab files as it is written; defaults, environment and command line come to it later. */
export interface DeclaredBackend extends BackendConfig {
  readonly range: Range;
}

const METHOD = "The HTTP method of ";

/** The arguments of each type, named as those of Terraform's backends. What is sensitive is never written down. */
export const backendSchemas: { readonly [type in BackendType]: BlockSchema } = {
  local: {
    attributes: {
      path: {
        type: STRING,
        description:
          "The file of the state, relative to the lab's directory; `.labform/default/state.json` unless set. Its lock and journal stand beside it.",
      },
    },
  },
  http: {
    attributes: {
      address: { type: STRING, description: "The URL of the state, read by GET.", required: true },
      update_method: { type: STRING, description: `${METHOD}writing the state.`, default: "POST" },
      lock_address: {
        type: STRING,
        description: "The URL to lock the state at. Without it only the runs of one host keep out of each other's way.",
      },
      lock_method: { type: STRING, description: `${METHOD}locking.`, default: "LOCK" },
      unlock_address: {
        type: STRING,
        description: "The URL to unlock the state at; needed where lock_address is set.",
      },
      unlock_method: { type: STRING, description: `${METHOD}unlocking.`, default: "UNLOCK" },
      username: { type: STRING, description: "For HTTP basic authentication." },
      password: { type: STRING, description: "For HTTP basic authentication.", sensitive: true },
      headers: {
        type: { kind: "map", element: STRING },
        description: "More headers for each request.",
        sensitive: true,
      },
      skip_cert_verification: {
        type: BOOL,
        description: "Takes whatever certificate the server has: for trials only.",
        default: false,
      },
      client_ca_certificate_pem: {
        type: STRING,
        description: "Certificates (PEM) of the authorities that the server's certificate may be of.",
      },
      client_certificate_pem: { type: STRING, description: "This client's certificate (PEM)." },
      client_private_key_pem: {
        type: STRING,
        description: "The key of this client's certificate (PEM).",
        sensitive: true,
      },
      retry_max: {
        type: NUMBER,
        description: "How often a request is tried again that the server failed or the network lost.",
        default: 2,
        minimum: 0,
        maximum: 100,
        whole: true,
      },
      retry_wait_min: { type: NUMBER, description: "Seconds before the first retry.", default: 1, minimum: 0 },
      retry_wait_max: { type: NUMBER, description: "The most seconds before a retry.", default: 30, minimum: 0 },
      timeout: {
        type: NUMBER,
        description: "Seconds that one request may take; a server that hangs is given up then.",
        default: 30,
        minimum: 0.01,
      },
    },
  },
};

export const backendTypes = Object.keys(backendSchemas) as readonly BackendType[];

export function isBackendType(text: string): text is BackendType {
  return Object.hasOwn(backendSchemas, text);
}

/** A setting as text, from the environment or the command line; `source` names it in messages. */
export function settingFromText(type: BackendType, name: string, text: string, source: string): Setting {
  const schema = backendSchemas[type].attributes[name];
  const shown = schema?.sensitive === true ? "its value" : JSON.stringify(text);
  const refuse = (wanted: string) =>
    fail(`${source} is no ${name} of a backend`, { detail: `It should be ${wanted}, and is ${shown}.` });
  switch (schema?.type.kind) {
    case "number": {
      const number = Number(text);
      const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER, whole } = schema;
      if (text.trim() !== "" && number >= minimum && number <= maximum && !(whole && !Number.isInteger(number)))
        return number;
      return refuse(`a ${whole ? "whole " : ""}number from ${minimum} on`);
    }
    case "bool":
      if (text === "true" || text === "false") return text === "true";
      return refuse("true or false");
    case "map":
      return headersFrom(text) ?? refuse('an object of texts in JSON, such as {"X-Token": "…"}');
    default:
      return text;
  }
}

function headersFrom(text: string): { readonly [name: string]: string } | undefined {
  try {
    const fields = JSON.parse(text) as { readonly [name: string]: unknown } | null;
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return undefined;
    return Object.values(fields).every((one) => typeof one === "string")
      ? (fields as { readonly [name: string]: string })
      : undefined;
  } catch {
    return undefined;
  }
}

/** What `init` writes down of the backend in use, for commands that have no lab files or not the same environment. */
export interface RecordedBackend {
  readonly type: BackendType;
  /** All that is not secret, as it was in use. */
  readonly settings: BackendSettings;
  /** Those of `settings` that -backend-config gave; they count more than what the lab files say. */
  readonly given: readonly string[];
  /** Those that came from the environment. */
  readonly environment: readonly string[];
  /** Secrets that -backend-config gave: they are not written down, so they must come from the environment. */
  readonly secrets: readonly string[];
}

export interface ResolvedBackend extends BackendConfig {
  readonly recorded: RecordedBackend;
}

/** That the state is elsewhere than it is to be, for whoever has to run init; `from` and `to` as of a `BackendChange`. */
export function backendChanged({ from, to }: Pick<BackendChange, "from" | "to">, range?: Range): Diagnostic {
  const detail = `The state is kept by ${from}; the lab files now say ${to}. To take the state there: labform init -migrate-state. To leave it behind: labform init -reconfigure.`;
  return errorDiagnostic("The backend has changed since the last init", { detail, range });
}

/** What `init` is about to do, and does; state/ implements it. */
export interface BackendChange {
  /** `the backend local (.labform/default/state.json)` */
  readonly from: string;
  readonly to: string;
  readonly type: BackendType;
  /** `new`: the first init that anything had to be written down for. */
  readonly kind: "same" | "new" | "changed";
  /** Whether there is something to lock the state at. */
  readonly locks: boolean;
  /**
   * `keep`: the place stays. `migrate`: the state goes along, once `confirm` says yes to what it is told. `reconfigure`:
   * it is left behind, as a backup. Rejects with a `Failure`; undefined when `confirm` said no, and nothing was changed.
   */
  run(mode: "keep" | "migrate" | "reconfigure", request: InitRequest): Promise<InitResult | undefined>;
}

export interface InitRequest extends OpenOptions {
  confirm(question: string): Promise<boolean>;
}

export interface InitResult {
  /** What was copied to where the state now is. */
  readonly copied?: { readonly serial: number; readonly instances: number } | undefined;
  /** Where what was left behind or replaced is kept. */
  readonly backups: readonly string[];
  /** How many instances those have that the state in use has not. */
  readonly forgotten: number;
}
