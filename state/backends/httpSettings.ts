import { type BackendSettings, backendSchemas } from "../../src/core/backend.ts";
import { errorDiagnostic, Failure, fail } from "../../src/core/diagnostics.ts";
import type { HttpRequest } from "../../src/core/ports.ts";

/** The settings of an http backend, checked. */
export interface HttpSettings {
  readonly address: string;
  readonly updateMethod: string;
  readonly lockAddress: string | undefined;
  readonly lockMethod: string;
  readonly unlockAddress: string | undefined;
  readonly unlockMethod: string;
  readonly headers: { readonly [name: string]: string };
  readonly hasCredentials: boolean;
  readonly retryMax: number;
  readonly retryWaitMinMs: number;
  readonly retryWaitMaxMs: number;
  readonly timeoutMs: number;
  readonly tls: NonNullable<HttpRequest["tls"]>;
}

/** Rejects with all that is wrong with them. */
export function httpSettings(settings: BackendSettings): HttpSettings {
  const wrong: Failure[] = [];
  const checked = <T>(check: () => T): T | undefined => {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      wrong.push(error);
      return undefined;
    }
  };
  const text = (name: string) => {
    const value = settings[name] ?? backendSchemas.http.attributes[name]?.default;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const number = (name: string) => Number(settings[name] ?? backendSchemas.http.attributes[name]?.default);
  const url = (name: string) => checked(() => urlOf(name, text(name)));
  const method = (name: string) => checked(() => methodOf(name, text(name) ?? "")) ?? "";

  const address = url("address");
  if (address === undefined && wrong.length === 0) wrong.push(new Failure(missingAddress));
  const found: HttpSettings = {
    address: address ?? "",
    updateMethod: method("update_method"),
    lockAddress: url("lock_address"),
    lockMethod: method("lock_method"),
    unlockAddress: url("unlock_address"),
    unlockMethod: method("unlock_method"),
    headers: checked(() => headersOf(settings, text("username"), text("password"))) ?? {},
    hasCredentials: text("username") !== undefined,
    retryMax: number("retry_max"),
    retryWaitMinMs: number("retry_wait_min") * 1000,
    retryWaitMaxMs: number("retry_wait_max") * 1000,
    timeoutMs: number("timeout") * 1000,
    tls: {
      authorities: text("client_ca_certificate_pem"),
      certificate: text("client_certificate_pem"),
      key: text("client_private_key_pem"),
      verify: settings.skip_cert_verification !== true,
    },
  };
  checked(() => requirePair(found.tls));
  if (text("lock_address") !== undefined && text("unlock_address") === undefined)
    wrong.push(new Failure(missingUnlock));
  if (wrong.length > 0) throw new Failure(wrong.flatMap(({ diagnostics }) => diagnostics));
  return found;
}

const missingAddress = errorDiagnostic("The http backend has no address", {
  detail:
    'Write it in the lab block (backend "http" { address = "https://…" }), set LABFORM_HTTP_ADDRESS, or give it to init: -backend-config="address=https://…".',
});

const missingUnlock = errorDiagnostic("The http backend has a lock_address and no unlock_address", {
  detail: "What a command locks would stay locked. Set unlock_address too; for GitLab both are the same.",
});

function urlOf(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") {
    if (url.username === "" && url.password === "") return text;
    fail(`The backend's ${name} has a user name in it`, {
      detail: "It would be shown with every message. Use username and password for it.",
    });
  }
  return fail(`The backend's ${name} is no address of a server`, {
    detail: `It is ${JSON.stringify(text)} and should begin with https:// or http://.`,
  });
}

function methodOf(name: string, method: string): string {
  if (/^[A-Za-z]+$/.test(method)) return method.toUpperCase();
  return fail(`The backend's ${name} is no HTTP method`, {
    detail: `It is ${JSON.stringify(method)}; methods are POST, PUT, LOCK and the like.`,
  });
}

/** Set by the protocol itself. */
const reserved: ReadonlySet<string> = new Set(["content-type", "content-md5", "content-length", "host", "connection"]);

function headersOf(
  { headers = {} }: BackendSettings,
  username: string | undefined,
  password: string | undefined,
): HttpSettings["headers"] {
  const found: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(headers as { readonly [name: string]: string })) {
    const title = `The backend's header ${JSON.stringify(name)} cannot be sent`;
    const small = name.toLowerCase();
    if (reserved.has(small)) fail(title, { detail: "labform sets it itself. Take it out of headers." });
    if (small === "authorization" && username !== undefined) {
      fail(title, { detail: "The user name makes a header of that name too. Use one of the two." });
    }
    if (!/^[\w-]+$/.test(name) || !/^[\x20-\x7e]+$/.test(value)) {
      fail(title, { detail: "A name is letters, digits, dashes and underscores, a value printable ASCII." });
    }
    found[name] = value;
  }
  if (username === undefined) return found;
  const credentials = Buffer.from(`${username}:${password ?? ""}`).toString("base64");
  return { ...found, authorization: `Basic ${credentials}` };
}

function requirePair({ certificate, key }: HttpSettings["tls"]): void {
  if ((certificate === undefined) === (key === undefined)) return;
  const [there, missing] = certificate === undefined ? ["private_key", "certificate"] : ["certificate", "private_key"];
  fail(`The backend has a client_${there}_pem and no client_${missing}_pem`, {
    detail: "A client proves who it is by both together. Set the other one too.",
  });
}
