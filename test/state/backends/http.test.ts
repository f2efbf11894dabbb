import { createHash } from "node:crypto";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { BackendSettings } from "../../../src/core/backend.ts";
import { Failure } from "../../../src/core/diagnostics.ts";
import { clock } from "../../../src/system/clock.ts";
import { sendHttp } from "../../../src/system/http.ts";
import { HttpBackend } from "../../../state/backends/http.ts";
import { httpSettings } from "../../../state/backends/httpSettings.ts";
import { certificate } from "../../support/certificate.ts";
import { StateServer } from "../../support/stateServer.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function served(): Promise<StateServer> {
  const server = await StateServer.start();
  closing.push(() => server.close());
  return server;
}

function backendOf(settings: BackendSettings): HttpBackend {
  return new HttpBackend(httpSettings({ retry_wait_min: 0.01, timeout: 2, ...settings }), sendHttp, clock);
}

/** All that a failure says, on one line. */
async function refusal(work: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.diagnostics.map((one) => `${one.summary} ${one.subject ?? ""} ${one.detail ?? ""}`).join(" / ");
  }
  throw new Error("it was not refused");
}

const info = { ID: "i", Operation: "apply", Info: "", Who: "a@b", Version: "0.1.0", Created: "c", Path: "p" };
const document = '{"serial":1,"é":"ü"}\n';

describe("the protocol", () => {
  it("writes with the lock's ID and the document's checksum, as Terraform does", async () => {
    const server = await served();
    server.generous = true;
    const backend = backendOf({
      address: `${server.address}?keep=1`,
      lock_address: server.address,
      unlock_address: server.address,
    });
    expect(await backend.read()).toBeUndefined();
    expect(await backend.lock(info)).toBeUndefined();
    await backend.write(document, "i");
    expect(await backend.read()).toBe(document);
    await backend.unlock(info);
    expect(server.requests.map(({ method, id }) => [method, id])).toEqual([
      ["GET", null],
      ["LOCK", null],
      ["POST", "i"],
      ["GET", null],
      ["UNLOCK", null],
    ]);
    const { headers } = server.requests[2] ?? {};
    expect(headers?.["content-md5"]).toBe(createHash("md5").update(document).digest("base64"));
    expect(headers?.["content-type"]).toBe("application/json");
    expect(Number(headers?.["content-length"])).toBe(Buffer.byteLength(document));
  });

  it("sends name, password and headers with each request", async () => {
    const server = await served();
    server.user = { name: "ci", password: "p:w" };
    const settings = { address: server.address, username: "ci", headers: { "X-Team": "nets" } };
    expect(await refusal(backendOf(settings).read())).toContain("wants to know who asks");
    await backendOf({ ...settings, password: "p:w" }).read();
    expect(server.requests.at(-1)?.headers["x-team"]).toBe("nets");
  });

  it("tries again what the server failed, as often as retry_max says, and not what it refused", async () => {
    const server = await served();
    const backend = backendOf({ address: server.address, retry_max: 3 });
    server.fault = (_, number) => (number <= 3 ? (number === 2 ? "reset" : "500") : undefined);
    expect(await backend.read()).toBeUndefined();
    expect(server.requests).toHaveLength(4);
    server.fault = () => "403";
    await refusal(backend.read());
    expect(server.requests).toHaveLength(5);
    server.fault = () => "500";
    expect(await refusal(backend.read())).toContain("answered with 500");
    expect(server.requests).toHaveLength(9);
  });

  it("waits longer before each try, up to retry_wait_max", async () => {
    const waited: number[] = [];
    const noting = { ...clock, sleep: async (ms: number) => void waited.push(ms) };
    const settings = httpSettings({ address: "http://127.0.0.1:1/s", retry_max: 5, retry_wait_max: 4 });
    const backend = new HttpBackend(settings, sendHttp, noting);
    expect(await refusal(backend.read())).toContain("nobody listens at its address");
    expect(waited).toEqual([1000, 2000, 4000, 4000, 4000]);
  });

  it("does not wait for a server that hangs longer than its timeout, nor twice", async () => {
    const server = await served();
    server.fault = () => "hang";
    const backend = backendOf({ address: server.address, timeout: 0.2 });
    expect(await refusal(backend.read())).toContain("GET had no whole answer within 0.2 s");
    expect(server.requests).toHaveLength(1);
  });

  it("ends at once when it is interrupted", async () => {
    const server = await served();
    server.fault = () => "hang";
    const backend = backendOf({ address: server.address, timeout: 60 });
    expect(await refusal(backend.read(AbortSignal.timeout(50)))).toContain("Interrupted before the state was read");
  });

  it("keeps what stands behind the address's question mark out of its words", async () => {
    const backend = backendOf({ address: "http://127.0.0.1:1/s?token=hunter2", retry_max: 0 });
    expect(await refusal(backend.read())).not.toContain("hunter2");
  });
});

describe("a server with TLS", () => {
  async function secure(): Promise<{ readonly address: string; readonly seen: string[] }> {
    const seen: string[] = [];
    const server = createServer({ ...certificate, ca: certificate.cert, requestCert: true, rejectUnauthorized: false });
    server.on("request", (request, response) => {
      const peer = (
        request.socket as unknown as { getPeerCertificate(): { subject?: { CN?: string } } }
      ).getPeerCertificate();
      seen.push(peer.subject?.CN ?? "nobody");
      response.writeHead(200).end(document);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => server.close());
    return { address: `https://127.0.0.1:${(server.address() as AddressInfo).port}/state`, seen };
  }

  it("is trusted by the authorities that are named, and by no others", async () => {
    const { address } = await secure();
    const refused = await refusal(backendOf({ address }).read());
    expect(refused).toContain("the server's certificate is not trusted");
    expect(refused).toContain("client_ca_certificate_pem");
    expect(await backendOf({ address, client_ca_certificate_pem: certificate.cert }).read()).toBe(document);
    expect(await backendOf({ address, skip_cert_verification: true }).read()).toBe(document);
  });

  it("is shown this client's certificate", async () => {
    const { address, seen } = await secure();
    const { cert, key } = certificate;
    const own = { client_certificate_pem: cert, client_private_key_pem: key };
    await backendOf({ address, client_ca_certificate_pem: cert, ...own }).read();
    await backendOf({ address, client_ca_certificate_pem: cert }).read();
    expect(seen).toEqual(["localhost", "nobody"]);
  });
});

describe("a timeout", () => {
  it("may be longer than any timer's", async () => {
    const server = await served();
    expect(await backendOf({ address: server.address, timeout: 5_000_000 }).read()).toBeUndefined();
  });
});

describe("settings that cannot be", () => {
  it.each<[string, BackendSettings, string]>([
    ["no address", {}, "has no address"],
    ["an address of no server", { address: "file:///x" }, "is no address of a server"],
    ["a password in the address", { address: "https://a:b@c/d" }, "has a user name in it"],
    ["a method that is none", { address: "http://x/", lock_method: "LOCK IT" }, "is no HTTP method"],
    [
      "a certificate without its key",
      { address: "http://x/", client_certificate_pem: "c" },
      "no client_private_key_pem",
    ],
    [
      "a place to lock at and none to unlock at",
      { address: "http://x/", lock_address: "http://x/" },
      "no unlock_address",
    ],
    ["a header that is labform's", { address: "http://x/", headers: { "Content-MD5": "x" } }, "cannot be sent"],
    [
      "two ways to say who asks",
      { address: "http://x/", username: "u", headers: { Authorization: "x" } },
      "cannot be sent",
    ],
    ["a header of two lines", { address: "http://x/", headers: { "X-A": "a\r\nb: c" } }, "cannot be sent"],
  ])("are told: %s", async (_, settings, words) => {
    const refused = await refusal(() => httpSettings(settings));
    expect(refused).toContain(words);
  });
});
