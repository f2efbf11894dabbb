import type { Diagnostic } from "../../core/diagnostics.ts";
import { Failure } from "../../core/diagnostics.ts";
import type { Operation } from "../../core/lifecycle.ts";
import type { OperationContext, ProviderSet } from "../../core/provider.ts";
import type { Instance, Pending } from "../../core/state.ts";
import type { Found } from "../../planner/refresh.ts";
import { whyOff } from "./nodes.ts";
import { whatIsUnderWay, whatWasLeft } from "./underWay.ts";

/** Whether a node is ready, as far as one look tells. */
export type Verdict =
  | { readonly kind: "ready" }
  /** It may become ready by itself, or another labform is at work on it. */
  | { readonly kind: "coming"; readonly why: string; readonly evidence?: string | undefined }
  /** It becomes ready only when a command is given. */
  | { readonly kind: "stuck"; readonly why: string; readonly advice: string };

/** The ready conditions of one boot of a node, as they are being watched. */
interface Watch {
  readonly boot: string;
  readonly controller: AbortController;
  met: boolean;
  waitingFor: string | undefined;
  line: string | undefined;
  failure: Diagnostic | undefined;
  /** What was thrown and is no `Failure`. */
  fault: Error | undefined;
  ended: boolean;
}

/** Operations that a node runs through: left half-done, it is as ready as it shows. */
const runsOn: ReadonlySet<Operation> = new Set(["ready", "update"]);

/**
 * Watches the ready conditions of nodes that are not recorded as ready. Nothing is recorded: that is for a command that
 * holds the lock, and it will see the same.
 */
export class Readiness {
  readonly #providers: ProviderSet;
  readonly #watches = new Map<string, Watch>();
  #wake = () => {};

  constructor(providers: ProviderSet) {
    this.#providers = providers;
  }

  /**
   * `recorded`: with what is under way, or `left` by a labform that is gone; `found`: absent where that is enough. `now`:
   * milliseconds since the epoch.
   */
  judge(recorded: Instance, found: Found | undefined, left: ReadonlySet<Pending>, now: number): Verdict {
    const { address, pending } = recorded;
    if (!found) {
      const why = pending ? whatIsUnderWay(pending, now) : "it was not looked at";
      return { kind: "coming", why };
    }
    if (pending && left.has(pending) && !runsOn.has(pending.operation)) {
      this.#forget(address);
      return { kind: "stuck", why: whatWasLeft(pending), advice: '"labform apply" finishes it.' };
    }
    const off = whyOff(found, now);
    if (off !== undefined) {
      this.#forget(address);
      if (recorded.status === "creating") {
        return { kind: "stuck", why: "it is not started yet", advice: '"labform apply" goes on with it.' };
      }
      const what = found.condition === "down" ? "off" : found.condition;
      return { kind: "stuck", why: `it is ${what}: ${off}`, advice: '"labform apply" or "labform start" starts it.' };
    }
    const { instance } = found;
    if (instance.attributes.power === "suspended") {
      return { kind: "stuck", why: "it is suspended", advice: `"labform resume ${address}" lets it run on.` };
    }
    if (recorded.status === "tainted") {
      return { kind: "stuck", why: "it is tainted", advice: '"labform apply" makes it anew.' };
    }
    if (recorded.status === "deleting") {
      return { kind: "stuck", why: "its removal was begun", advice: '"labform apply" does the rest.' };
    }
    if (recorded.status === "ok" && (!pending || left.has(pending))) return { kind: "ready" };
    return this.#conditions(instance);
  }

  /** Resolves when one of the watched nodes may have become ready. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  close(): void {
    for (const address of [...this.#watches.keys()]) this.#forget(address);
  }

  #conditions(instance: Instance): Verdict {
    const { address } = instance;
    const boot = JSON.stringify([instance.id, instance.attributes.pid ?? null, instance.private.started ?? null]);
    if (this.#watches.get(address)?.boot !== boot) this.#forget(address);
    let watch = this.#watches.get(address);
    if (watch?.fault !== undefined) throw watch.fault;
    if (!watch || (watch.ended && !watch.met)) {
      watch = {
        waitingFor: undefined,
        line: undefined,
        failure: undefined,
        fault: undefined,
        ...watch,
        boot,
        controller: new AbortController(),
        met: false,
        ended: false,
      };
      this.#watches.set(address, watch);
      void this.#watch(instance, watch);
    }
    if (watch.met) return { kind: "ready" };
    const { failure, waitingFor, line } = watch;
    const why = waitingFor === undefined ? "its ready conditions are not met yet" : `waiting for ${waitingFor}`;
    return {
      kind: "coming",
      why,
      evidence: failure?.detail ?? (line ? `The last line of its console: ${line}` : undefined),
    };
  }

  /** A node's own `timeout_s` may be over before the user's patience: then its conditions are watched anew. */
  async #watch(instance: Instance, watch: Watch): Promise<void> {
    try {
      const provider = await this.#providers.load(instance.provider);
      await provider.perform("ready", onlyLooking(instance, watch));
      watch.met = true;
      this.#wake();
    } catch (error) {
      if (!(error instanceof Failure)) watch.fault = error instanceof Error ? error : new Error(String(error));
      else if (!watch.controller.signal.aborted) watch.failure = error.diagnostics[0];
    }
    watch.ended = true;
  }

  #forget(address: string): void {
    this.#watches.get(address)?.controller.abort();
    this.#watches.delete(address);
  }
}

/** The context of an operation that changes neither the node nor its record. */
function onlyLooking(instance: Instance, watch: Watch): OperationContext {
  return {
    address: instance.address,
    instance,
    anew: false,
    endsGuest: false,
    wanted: instance.attributes,
    prior: instance,
    settings: {},
    byHand: false,
    token: "",
    attachments: [],
    left: [],
    carriers: [],
    plugged: new Set(),
    services: new Map(),
    carried: [],
    progress: async () => {},
    tell: () => {},
    waiting: (waitingFor, line) => {
      watch.waitingFor = waitingFor;
      watch.line = line;
    },
    signal: watch.controller.signal,
  };
}
