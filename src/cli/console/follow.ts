import { errorDiagnostic, Failure, fail } from "../../core/diagnostics.ts";
import type { Provider } from "../../core/provider.ts";
import { ServiceLost } from "../../core/provider.ts";
import type { Instance } from "../../core/state.ts";
import { findCapturable } from "../capturable.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { watchSignals } from "../signals.ts";
import { lookAt } from "./nodes.ts";

/** How long a bridge that is gone is given before it is looked for again. */
const AGAIN_MS = 500;

/**
 * Writes a link's frames to standard output as a pcap file, until it is interrupted or nobody reads any more. Nothing of
 * the lab is changed. A bridge that is started again, or a link that is wired again, is gone on with.
 */
export async function followLink(context: Context, common: CommonOptions, word: string): Promise<ExitCode> {
  if (context.stdout.isTTY) {
    fail("Frames are no text for a terminal", {
      detail: `Give them to a program that reads them: labform capture follow ${word} | wireshark -k -i -`,
    });
  }
  const signals = watchSignals(() => {});
  const output = new Output(context.stdout);
  const stop = AbortSignal.any([signals.stopping, output.gone]);
  try {
    for (;;) {
      const ended = await followOnce(context, common, word, output, stop);
      if (ended !== undefined) context.stderr.write(`${ended}\n`);
      if (ended !== undefined || stop.aborted) return 0;
      await context.ports.clock.sleep(AGAIN_MS, stop).catch(() => {});
    }
  } finally {
    output.release();
    signals.release();
  }
}

/**
 * Until the stream ends. Resolves to why it cannot be gone on with, as a sentence; a bridge that is gone may come again.
 * Where nothing was shown yet that rejects.
 */
async function followOnce(
  context: Context,
  common: CommonOptions,
  word: string,
  output: Output,
  stop: AbortSignal,
): Promise<string | undefined> {
  try {
    const { link, port, provider } = await find(context, common, word);
    if (!provider.follow) fail(`The provider ${provider.name} shows no frames`, { address: link.address });
    let first = true;
    for await (const bytes of provider.follow(link, stop, port)) {
      await (first ? output.begin(bytes) : output.write(bytes));
      first = false;
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure) || !output.begun) throw error;
    return error instanceof ServiceLost || error instanceof NotCarried ? undefined : `${error.message}.`;
  }
}

/** The link is recorded, and not there now. */
class NotCarried extends Failure {}

interface Shown {
  readonly link: Instance;
  /** Of a network, its port. */
  readonly port: string | undefined;
  readonly provider: Provider;
}

/** The one link that is meant. Rejects with `Failure` where there is none, or its provider shows no frames. */
async function find(context: Context, common: CommonOptions, word: string): Promise<Shown> {
  const { state, directories, away } = await (await context.states(common.directory)).load();
  if (away) throw new Failure(away);
  const [first, second] = findCapturable(state, word);
  if (!first || second) {
    const detail = `Name one of them: ${first?.instance.address}, ${second?.instance.address} …`;
    fail(`"${word}" is more than one link`, { detail });
  }
  const { instance: recorded, port } = first;
  const providers = context.providers(directories);
  const provider = await providers.load(recorded.provider);
  const found = (await lookAt(state, providers, [recorded])).get(recorded.address);
  if (found?.live && found.live.condition !== "present") {
    throw new NotCarried(
      errorDiagnostic(`${recorded.address} carries nothing now`, {
        detail: `Of it: ${found.live.cause.summary}. "labform apply" mends it.`,
        address: recorded.address,
      }),
    );
  }
  return { link: found?.instance ?? recorded, port, provider };
}

/** Of a pcap file: its header, which stands there once. */
const HEADER_BYTES = 24;

/** Standard output, which may be closed by whoever reads it. */
class Output {
  readonly #stdout: NodeJS.WriteStream;
  readonly #gone = new AbortController();
  readonly #onError = () => this.#gone.abort();
  #headed = false;

  constructor(stdout: NodeJS.WriteStream) {
    this.#stdout = stdout;
    stdout.on("error", this.#onError);
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Whether anything was shown. */
  get begun(): boolean {
    return this.#headed;
  }

  /** A stream from its header on. Resolves once it is taken: who reads slowly is not sent more meanwhile. */
  begin(bytes: Uint8Array): Promise<void> {
    const fresh = this.#headed ? bytes.subarray(HEADER_BYTES) : bytes;
    this.#headed = true;
    return fresh.length === 0 ? Promise.resolve() : this.write(fresh);
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#stdout.write(bytes, (error) => {
        if (error) this.#gone.abort();
        resolve();
      });
    });
  }

  release(): void {
    this.#stdout.off("error", this.#onError);
  }
}
