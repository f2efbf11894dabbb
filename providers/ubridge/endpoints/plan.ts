import { parseAddress } from "../../../src/core/addresses.ts";
import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import { endsOf } from "../../../src/core/ends.ts";
import type { Ports } from "../../../src/core/ports.ts";
import type { PlanRequest } from "../../../src/core/provider.ts";
import type { Path } from "../../../src/core/values.ts";
import { samePlanned } from "../../../src/core/values.ts";
import type { Engine } from "../engine.ts";
import type { CheckTools } from "./check.ts";
import { type Endpoint, endpointOf } from "./endpoint.ts";

interface Found {
  readonly endpoint: Endpoint;
  readonly path: Path;
  /** See `CheckTools`. */
  readonly isNew: boolean;
}

/** Checks the ends of planned links and networks that are outside of nodes, one after the other. */
export class EndpointPlanner {
  private readonly ports: Ports;
  private readonly run: string;
  /** The links planned so far that forward ports. */
  private readonly forwarding = new Map<string, readonly Endpoint[]>();

  constructor(ports: Ports, run: string) {
    this.ports = ports;
    this.run = run;
  }

  /** Another plan. */
  begin(): void {
    this.forwarding.clear();
  }

  /** `engine` is undefined where it is not known yet. */
  async check(request: PlanRequest, engine: Engine | undefined): Promise<readonly Diagnostic[]> {
    const diagnostics: Diagnostic[] = [];
    const found = this.read(request, diagnostics);
    if (found.length === 0) return diagnostics;
    diagnostics.push(...secondNat(request, found));
    if (engine === undefined || request.offline) return diagnostics;
    const { path: ubridge } = request.settings;
    for (const { endpoint, path, isNew } of found) {
      const tools: CheckTools = {
        ports: this.ports,
        engine,
        ubridge: engine === "ubridge" && typeof ubridge === "string" ? ubridge : null,
        run: this.run,
        isNew,
        of: parseAddress(request.address)?.kind === "network" ? "network" : "link",
      };
      diagnostics.push(...(await checkOne(endpoint, [...path, endpoint.kind], tools)));
    }
    diagnostics.push(...(await this.checkForwards(request.address, found)));
    return diagnostics;
  }

  private read({ config, prior }: PlanRequest, diagnostics: Diagnostic[]): readonly Found[] {
    const before = endsOf(prior?.attributes ?? {});
    return endsOf(config).flatMap(({ port, endpoint: recorded }, at) => {
      const read = endpointOf(recorded);
      if (read === undefined) return [];
      const path: Path = port === null ? ["endpoints", at] : ["port", port, "endpoint"];
      if ("endpoint" in read) {
        const isNew = !before.some(({ endpoint }) => samePlanned(endpoint, recorded));
        return [{ endpoint: read.endpoint, path, isNew }];
      }
      for (const one of read.misfits) {
        diagnostics.push(errorDiagnostic(one.summary, { detail: one.detail, path: [...path, ...one.path] }));
      }
      return [];
    });
  }

  private async checkForwards(address: string, found: readonly Found[]): Promise<readonly Diagnostic[]> {
    const nats = found.filter(({ endpoint }) => endpoint.kind === "nat");
    // Planned again, perhaps with other ports.
    this.forwarding.delete(address);
    if (nats.length === 0) return [];
    const { checkTaken } = await import("./nat.ts");
    const taken = nats.flatMap(({ endpoint, path }) => checkTaken(endpoint, [...path, "nat"], this.forwarding));
    this.forwarding.set(
      address,
      nats.map(({ endpoint }) => endpoint),
    );
    return taken;
  }
}

/** One nat is all that a link or a network can use. */
function secondNat({ address }: PlanRequest, found: readonly Found[]): readonly Diagnostic[] {
  const [, second] = found.filter(({ endpoint }) => endpoint.kind === "nat");
  if (!second) return [];
  const { path } = second;
  if (parseAddress(address)?.kind === "network") {
    const detail =
      "Each is a router with the same addresses, which gives the same one to whoever asks. Leave one of them out; forward can list all the ports.";
    return [errorDiagnostic("A network has one nat", { detail, path })];
  }
  const detail = "A nat gives an address to a guest and takes its frames to the world: it needs one at the other end.";
  return [errorDiagnostic("A link from nat to nat connects nobody", { detail, path: ["endpoints"] })];
}

/** Each kind is loaded where there is one. */
async function checkOne(endpoint: Endpoint, path: Path, tools: CheckTools): Promise<readonly Diagnostic[]> {
  switch (endpoint.kind) {
    case "tap":
      return (await import("./tap.ts")).checkTap(endpoint, path, tools);
    case "interface":
      return (await import("./interface.ts")).checkInterface(endpoint, path, tools);
    case "udp":
      return (await import("./udp.ts")).checkUdp(endpoint, path, tools);
    case "nat":
      return (await import("./nat.ts")).checkNat(endpoint, path, tools);
  }
}
