import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic, warningDiagnostic } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { HostDirectories, PlanAnswer, PlanRequest } from "../../src/core/provider.ts";
import { UNKNOWN } from "../../src/core/values.ts";
import { type Capture, captureOf, hidesFile, obstacle, recordedDefault, shownFile, wrongName } from "./captures.ts";
import { EndpointPlanner } from "./endpoints/plan.ts";
import { isEngine, serviceAddress } from "./engine.ts";
import { delaysOneByOne } from "./impairments.ts";
import { checkLink } from "./linkChecks.ts";

/** Plans links, one after the other: a link's id, engine and capture file, and the bridge it needs. */
export class LinkPlanner {
  private readonly ports: Ports;
  private readonly host: HostDirectories;
  /** Of the installed uBridge, where that is what carries the links. */
  private version: string | undefined;
  readonly endpoints: EndpointPlanner;
  /** The links that were planned with a capture, by its file. */
  private readonly captured = new Map<string, string>();

  constructor(ports: Ports, host: HostDirectories) {
    this.ports = ports;
    this.host = host;
    this.endpoints = new EndpointPlanner(ports, host.run);
  }

  /** Another plan. `version` is that of the uBridge it is made for. */
  begin(version: string | undefined): void {
    this.version = version;
    this.captured.clear();
    this.endpoints.begin();
  }

  async plan(request: PlanRequest): Promise<PlanAnswer> {
    const { settings, prior, config } = request;
    const recorded = prior?.attributes.engine;
    // Only where the host was not looked at is `auto` still `auto`; then it equals what it came to before.
    const engine = isEngine(settings.engine) ? settings.engine : isEngine(recorded) ? recorded : undefined;
    // The bridge that every host has will do for what is planned blindly.
    const needed = engine ?? "builtin";
    const attributes = { ...config, capture_file: recordedDefault(prior) };
    const capture = captureOf({ ...request, attributes }, this.host);
    const pending = config.capture !== null && config.capture !== undefined && capture === undefined;
    return {
      planned: {
        ...config,
        id: request.id,
        engine: engine ?? UNKNOWN,
        capture_file: pending ? UNKNOWN : (capture?.file ?? null),
      },
      requires: [
        {
          address: serviceAddress(needed),
          provider: "ubridge",
          attributes: { engine: needed, path: needed === "ubridge" ? (settings.path ?? null) : null },
        },
      ],
      diagnostics: [
        ...(await checkLink(this.ports, engine, request)),
        ...(await this.endpoints.check(request, engine)),
        ...(engine === "ubridge" ? this.warnOfDelay(request) : []),
        ...(capture ? await this.checkCapture(request, capture) : []),
      ],
      sensitive: hidesFile(request.sensitive) ? [["capture_file"]] : [],
    };
  }

  /** Told once: when the delay is new or another one. */
  private warnOfDelay({ config, prior }: PlanRequest): readonly Diagnostic[] {
    const { version } = this;
    const { delay_ms: delay } = config;
    if (version === undefined || !delaysOneByOne(version) || typeof delay !== "number" || delay === 0) return [];
    if (prior?.attributes.delay_ms === delay && prior.attributes.engine === "ubridge") return [];
    const rate = 1000 / delay;
    const frames = rate >= 1 ? `${Math.floor(rate)} frames a second` : `a frame in ${delay / 1000} s`;
    return [
      warningDiagnostic(`uBridge ${version} carries only ${frames} over a link with delay_ms = ${delay}`, {
        detail: `It delays one frame after the other, in each direction: when more are sent they wait, and then they are lost. engine = "builtin" in the provider block delays any number at once.`,
      }),
    ];
  }

  /** Of a link, or of a port of a network. */
  async checkCapture(
    { address, offline }: Pick<PlanRequest, "address" | "offline">,
    capture: Capture,
  ): Promise<readonly Diagnostic[]> {
    const wrong = wrongName(capture) ?? (offline ? undefined : await obstacle(this.ports, capture));
    if (wrong) return [wrong];
    const other = this.captured.get(capture.file);
    this.captured.set(capture.file, address);
    if (other === undefined || other === address) return [];
    return [
      errorDiagnostic("Two links cannot be captured to one file", {
        subject: `capture ${shownFile(capture)}`,
        detail: `${other} is captured to it too. Name another file for one of them.`,
      }),
    ];
  }
}
