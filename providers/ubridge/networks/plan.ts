import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import { portsOf } from "../../../src/core/ends.ts";
import type { Ports } from "../../../src/core/ports.ts";
import type { HostDirectories, PlanAnswer, PlanRequest } from "../../../src/core/provider.ts";
import type { Path, Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import { captureOf, hidesFile, recordedDefault } from "../captures.ts";
import { isEngine, serviceAddress } from "../engine.ts";
import { expressionsOf } from "../impairments.ts";
import { checkLink } from "../linkChecks.ts";
import type { LinkPlanner } from "../plan.ts";
import { networkPorts } from "./ports.ts";
import { checkVlans } from "./vlans.ts";

/** Plans a network: its id, the capture file of each port, and the bridge it needs. */
export async function planNetwork(
  ports: Ports,
  host: HostDirectories,
  planner: LinkPlanner,
  request: PlanRequest,
): Promise<PlanAnswer> {
  const { id, settings, config, address, sensitive } = request;
  const engine = isEngine(settings.engine) ? settings.engine : undefined;
  const diagnostics: Diagnostic[] = engine === "ubridge" ? [noSwitch()] : [];
  const port: { [label: string]: Planned } = Object.fromEntries(portsOf(config.port));
  const hidden: Path[] = [];
  for (const { label, link } of networkPorts({ address, id, attributes: config, sensitive })) {
    if (label === null) continue;
    const at: Path = ["port", label];
    const prior = recordedPort(request, label);
    const attributes: PlannedAttributes = { ...link.attributes, capture_file: recordedDefault(prior) };
    const capture = captureOf({ ...link, attributes }, host);
    const pending = (attributes.capture ?? null) !== null && capture === undefined;
    const { engine: _, ...own } = attributes;
    port[label] = { ...own, capture_file: pending ? UNKNOWN : (capture?.file ?? null) };
    if (hidesFile(link.sensitive)) hidden.push([...at, "capture_file"]);
    const asLink = { ...request, config: attributes, sensitive: link.sensitive, prior: null };
    const wrong = [
      ...checkMatching(attributes),
      ...(await checkLink(ports, "builtin", { ...asLink, config: { ...attributes, drop_matching: [] } })),
      ...(capture ? await planner.checkCapture({ ...asLink, address: link.address }, capture) : []),
    ];
    diagnostics.push(...checkVlans(attributes, at));
    for (const one of wrong) diagnostics.push({ ...one, path: [...at, ...(one.path ?? [])] });
  }
  diagnostics.push(...(await planner.endpoints.check(request, engine === "ubridge" ? undefined : "builtin")));
  return {
    planned: { ...config, id, port, engine: "builtin" },
    requires: [
      { address: serviceAddress("builtin"), provider: "ubridge", attributes: { engine: "builtin", path: null } },
    ],
    diagnostics,
    sensitive: hidden,
  };
}

/** In the words of a link, but uBridge is no way out. */
function checkMatching({ drop_matching: list }: PlannedAttributes): readonly Diagnostic[] {
  if (expressionsOf(list).length === 0) return [];
  const detail =
    "It has no packet filter that drop_matching could be given to, and uBridge, which has one, carries no networks. Leave it out.";
  return [errorDiagnostic("The built-in bridge does not read frames", { detail, path: ["drop_matching"] })];
}

function recordedPort({ prior }: PlanRequest, label: string): { readonly attributes: PlannedAttributes } | null {
  const attributes = new Map(portsOf(prior?.attributes.port)).get(label);
  return attributes ? { attributes } : null;
}

function noSwitch(): Diagnostic {
  return errorDiagnostic("uBridge has no switch", {
    detail:
      'A network is carried by the built-in bridge. Write engine = "builtin" in the block provider "ubridge", or connect the nodes with links.',
  });
}
