import * as http from "node:http";
import * as https from "node:https";
import type { HttpRequest, HttpResponse, SendHttp } from "../core/ports.ts";

/** No state is that long; a server that sends without end is not read without end. */
const LONGEST = 512 * 1024 ** 2;

/** Node's timers know no longer time, and end at once when they are given one. */
const LONGEST_MS = 2 ** 31 - 1;

export const sendHttp: SendHttp = async (request) => {
  const ended = new AbortController();
  const ms = Math.min(request.timeoutMs, LONGEST_MS);
  const timer = setTimeout(() => ended.abort(systemError("ETIMEDOUT", "timed out")), ms);
  const signal = request.signal ? AbortSignal.any([request.signal, ended.signal]) : ended.signal;
  try {
    return await exchange(request, signal);
  } catch (error) {
    // Node says AbortError for both; who asks wants to know why.
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
};

function exchange({ method, url, headers, body, tls }: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const options: https.RequestOptions = {
      method,
      signal,
      agent: false,
      headers: { ...headers, connection: "close", ...(body === undefined ? {} : lengthOf(body)) },
      ...(tls && {
        rejectUnauthorized: tls.verify,
        ...(tls.authorities === undefined ? {} : { ca: tls.authorities }),
        ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
        ...(tls.key === undefined ? {} : { key: tls.key }),
      }),
    };
    const request = (url.startsWith("https:") ? https : http).request(url, options, (response) => {
      read(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, headers: headersOf(response), body: text }),
        reject,
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

function lengthOf(body: string): { readonly "content-length": number } {
  return { "content-length": Buffer.byteLength(body) };
}

async function read(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST) throw systemError("EMSGSIZE", "the answer is too long");
    chunks.push(chunk);
  }
  if (!response.complete) throw systemError("ECONNRESET", "the answer was cut short");
  return Buffer.concat(chunks).toString("utf8");
}

function headersOf(response: http.IncomingMessage): HttpResponse["headers"] {
  const found = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(found);
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
