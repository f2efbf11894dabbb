import { createHash } from "node:crypto";
import { fail } from "../../src/core/diagnostics.ts";
import type { Clock, HttpRequest, HttpResponse, SendHttp } from "../../src/core/ports.ts";
import { systemCode } from "../../src/core/systemErrors.ts";
import type { Backend, LockInfo, RemoteHolder } from "./backend.ts";
import type { HttpSettings } from "./httpSettings.ts";

type Request = Pick<HttpRequest, "method" | "url" | "body" | "signal"> & {
  /** Completes "The state could not be …" and "… of the backend". */
  readonly what: "read" | "written" | "locked" | "unlocked";
};

/** Statuses by which a server says that somebody has the lock. */
const LOCKED: ReadonlySet<number> = new Set([409, 423]);

/**
 * Terraform's HTTP protocol. Facts from its documentation of the http backend and, for what GitLab makes of it, from
 * GitLab's lib/api/terraform/state.rb: it takes each serial once (422), tells of a lock only its ID, owner and time, and
 * answers 409 to a write or an unlock by another than the holder.
 */
export class HttpBackend implements Backend {
  readonly address: string;
  readonly #settings: HttpSettings;
  readonly #send: SendHttp;
  readonly #clock: Clock;

  constructor(settings: HttpSettings, send: SendHttp, clock: Clock) {
    this.#settings = settings;
    this.#send = send;
    this.#clock = clock;
    this.address = shownUrl(settings.address);
  }

  get locks(): boolean {
    return this.#settings.lockAddress !== undefined;
  }

  async read(signal?: AbortSignal): Promise<string | undefined> {
    const request = { what: "read", method: "GET", url: this.#settings.address, signal } as const;
    const response = await this.#request(request);
    if (response.status === 204 || response.status === 404) return undefined;
    if (response.status !== 200) return this.#refuse(request, response);
    if (response.body.trim() === "") return undefined;
    if (isWebPage(response)) {
      fail("The server answers with a web page, not with a state", {
        subject: subjectOf(request),
        detail: "Nothing was changed. Is the address that of the state, and not of a page about it or to sign in?",
      });
    }
    const sum = response.headers["content-md5"];
    if (sum !== undefined && sum !== md5(response.body)) {
      fail("The state came from the server damaged", {
        subject: subjectOf(request),
        detail: `Its checksum is not the one that the server gave (Content-MD5 ${JSON.stringify(sum)}). Nothing was changed. Run the command again; where it happens again, look at the server and what is between.`,
      });
    }
    return response.body;
  }

  async write(text: string, lockId: string | undefined, signal?: AbortSignal): Promise<void> {
    const url = new URL(this.#settings.address);
    if (lockId !== undefined) url.searchParams.set("ID", lockId);
    const { updateMethod: method } = this.#settings;
    const request = { what: "written", method, url: url.href, body: text, signal } as const;
    const response = await this.#request(request);
    if (![200, 201, 202, 204].includes(response.status)) this.#refuse(request, response);
  }

  async lock(info: LockInfo, signal?: AbortSignal): Promise<RemoteHolder | undefined> {
    const { lockAddress, lockMethod: method } = this.#settings;
    if (lockAddress === undefined) return undefined;
    const request = { what: "locked", method, url: lockAddress, body: JSON.stringify(info), signal } as const;
    const response = await this.#request(request);
    const told = holderIn(response.body);
    // A lock whose answer was lost is found to be our own when it is asked for again.
    if (LOCKED.has(response.status)) return told.ID === info.ID ? undefined : told;
    if (response.status < 200 || response.status > 299) return this.#refuse(request, response);
    if (told.ID === undefined || told.ID === info.ID) return undefined;
    return fail("The server says that it locked the state, and for somebody else", {
      subject: subjectOf(request),
      detail: `The lock asked for has the ID ${info.ID}, the one in its answer ${told.ID}. Nothing was changed. This is a fault of the server; is ${this.address} the address that is meant?`,
    });
  }

  async unlock(info: LockInfo): Promise<void> {
    const { unlockAddress, unlockMethod: method } = this.#settings;
    if (unlockAddress === undefined) return;
    const request = { what: "unlocked", method, url: unlockAddress, body: JSON.stringify(info) } as const;
    const response = await this.#request(request);
    if (response.status < 200 || response.status > 299) this.#refuse(request, response);
  }

  /** Tried again where the server failed or the network did; rejects when there is no answer to be had. */
  async #request(request: Request): Promise<HttpResponse> {
    for (let attempt = 0; ; attempt++) {
      const last = attempt >= this.#settings.retryMax;
      let waitMs = Math.min(this.#settings.retryWaitMinMs * 2 ** attempt, this.#settings.retryWaitMaxMs);
      try {
        const response = await this.#follow(request);
        if (last || !(response.status === 429 || (response.status >= 500 && response.status !== 501))) return response;
        waitMs = Math.max(waitMs, this.#wanted(response));
      } catch (error) {
        if (request.signal?.aborted) return interrupted(request);
        // What hung once is not waited for again: its user has waited enough.
        if (last || systemCode(error) === "ETIMEDOUT" || !isPassing(error))
          return this.#unreachable(request, error, attempt);
      }
      try {
        await this.#clock.sleep(waitMs, request.signal);
      } catch {
        return interrupted(request);
      }
    }
  }

  /** Milliseconds that the server asks to be left alone for, within what the settings allow. */
  #wanted({ headers }: HttpResponse): number {
    const seconds = Number(headers["retry-after"] ?? "0");
    return Number.isFinite(seconds) ? Math.min(seconds * 1000, this.#settings.retryWaitMaxMs) : 0;
  }

  async #follow(request: Request): Promise<HttpResponse> {
    const { timeoutMs, tls } = this.#settings;
    let { url } = request;
    for (let hops = 0; ; hops++) {
      const response = await this.#send({
        method: request.method,
        url,
        headers: this.#headers(request, url),
        body: request.body,
        timeoutMs,
        signal: request.signal,
        tls,
      });
      const next = redirectionOf(request, response, url);
      if (next === undefined || hops === 5) return response;
      url = next;
    }
  }

  /** Credentials are for the server that was named, not for one it sends us to. */
  #headers({ url: asked, body }: Request, url: string): HttpSettings["headers"] {
    const own = new URL(asked).origin === new URL(url).origin ? this.#settings.headers : {};
    if (body === undefined) return own;
    return { ...own, "content-type": "application/json", "content-md5": md5(body) };
  }

  #unreachable(request: Request, error: unknown, attempt: number): never {
    const { timeoutMs } = this.#settings;
    const code = systemCode(error) ?? "";
    const tried = attempt === 0 ? "" : ` It was tried ${attempt + 1} times.`;
    if (code === "ETIMEDOUT") {
      fail(`The state could not be ${request.what}: the server does not answer`, {
        subject: subjectOf(request),
        detail: `${request.method} had no whole answer within ${timeoutMs / 1000} s (the backend's timeout).${tried} Run the command again when the server is well.`,
        cause: error,
      });
    }
    const reason = reasons[code] ?? (error as Error).message;
    fail(`The state could not be ${request.what}: ${reason}`, {
      subject: subjectOf(request),
      detail: `${request.method} did not get through (${code || "no code"}).${tried} ${isCertificate(code) ? "client_ca_certificate_pem names the authorities to be trusted." : "Is the address right, and does the server run?"}`,
      cause: error,
    });
  }

  #refuse(request: Request, response: HttpResponse): never {
    const { status } = response;
    const said = saidBy(response);
    const subject = subjectOf(request);
    if (status === 401 || status === 403) {
      const how = this.#settings.hasCredentials
        ? "Are username and password right, and may that account write the state?"
        : "Set username and password: by LABFORM_HTTP_USERNAME and LABFORM_HTTP_PASSWORD, or in the backend block.";
      fail(
        `The state could not be ${request.what}: the server ${status === 401 ? "wants to know who asks" : "does not allow it"}`,
        {
          subject,
          detail: `${request.method} was answered with ${status}.${said} ${how}`,
        },
      );
    }
    fail(`The state could not be ${request.what}: the server answered with ${status}`, {
      subject,
      detail: `${request.method} was refused.${said} ${adviceOn(request.what, status)}`,
    });
  }
}

function adviceOn(what: Request["what"], status: number): string {
  if (status >= 500 || status === 429) return "Run the command again when the server is well.";
  if (LOCKED.has(status) && what === "written") {
    return "The lock is not this run's any more: somebody has unlocked the state, or has locked it since.";
  }
  if (LOCKED.has(status) && what === "unlocked") return "Nobody has the lock any more, or somebody else has.";
  if (status === 413) return "It does not take documents of this size: its administrator can have it take larger ones.";
  return "Is the address right, and the method one that the server knows?";
}

/** GitLab sends reads on to where it stores files. A write is only sent again where its method is to stay. */
function redirectionOf({ method }: Request, { status, headers }: HttpResponse, url: string): string | undefined {
  const followed = method === "GET" ? [301, 302, 303, 307, 308] : [307, 308];
  if (!followed.includes(status) || headers.location === undefined || !URL.canParse(headers.location, url))
    return undefined;
  const next = new URL(headers.location, url);
  return next.protocol === "https:" || (next.protocol === "http:" && url.startsWith("http:")) ? next.href : undefined;
}

function interrupted(request: Request): never {
  return fail(`Interrupted before the state was ${request.what}`, { subject: subjectOf(request) });
}

function subjectOf({ method, url }: Request): string {
  return `backend ${method} ${shownUrl(url)}`;
}

/** Tokens may stand behind the question mark. */
function shownUrl(url: string): string {
  return url.replace(/\?.*$/s, "");
}

function isWebPage({ body, headers }: HttpResponse): boolean {
  return /html/.test(headers["content-type"] ?? "") || /^\s*</.test(body);
}

function saidBy(response: HttpResponse): string {
  if (isWebPage(response)) return " Its answer is a web page, not a state server's.";
  const { body } = response;
  const line = body.trim().split("\n")[0] ?? "";
  if (line === "") return "";
  const short = line.length > 200 ? `${line.slice(0, 200)} …` : line;
  return ` It said: ${short}${/[.!?\u2026]$/.test(short) ? "" : "."}`;
}

/** What can be read of a lock's document; nothing of what is none. */
function holderIn(body: string): RemoteHolder {
  try {
    const fields = JSON.parse(body) as { readonly [name: string]: unknown } | null;
    const texts = Object.entries(fields ?? {}).filter(([, value]) => typeof value === "string" && value !== "");
    return Object.fromEntries(texts);
  } catch {
    return {};
  }
}

export function md5(text: string): string {
  return createHash("md5").update(text).digest("base64");
}

const reasons: { readonly [code: string]: string } = {
  ECONNREFUSED: "nobody listens at its address",
  ECONNRESET: "the connection broke",
  EPIPE: "the connection broke",
  ENOTFOUND: "there is no host of that name",
  EAI_AGAIN: "the name of its host could not be looked up",
  EHOSTUNREACH: "its host cannot be reached",
  ENETUNREACH: "its network cannot be reached",
  EMSGSIZE: "the answer is longer than any state",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is not trusted",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the server's certificate is not trusted",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name",
};

function isCertificate(code: string): boolean {
  return /CERT|SIGNATURE/.test(code);
}

/** The network may do better next time; a certificate or an endless answer will not. */
function isPassing(error: unknown): boolean {
  const code = systemCode(error) ?? "";
  return !isCertificate(code) && code !== "EMSGSIZE";
}
