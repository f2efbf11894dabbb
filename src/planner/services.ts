import { parseAddress } from "../core/addresses.ts";
import type { Cause, Change } from "../core/plan.ts";
import type { ProviderSet, RequiredService, Settings } from "../core/provider.ts";
import { resourceSchema } from "../core/provider.ts";
import type { Planned } from "../core/values.ts";
import { UNKNOWN } from "../core/values.ts";
import { chooseAction, differences, gravest } from "./diff.ts";
import { freshId } from "./identity.ts";
import type { Found } from "./refresh.ts";

interface ServiceInput {
  readonly found: Found | undefined;
  readonly providers: ProviderSet;
  readonly settings: Settings;
  readonly labIdentity: string;
  /** Asked for with -replace. */
  readonly replace: boolean;
}

/** The service a node or link needs, as a change like any other. */
export function planService(service: RequiredService, input: ServiceInput): Change {
  const { found, providers, settings, labIdentity } = input;
  const name = parseAddress(service.address)?.name ?? "";
  const schema = resourceSchema(providers.schema(service.provider), "service", name);
  const prior = found?.instance ?? null;
  const changes = prior ? differences(schema, prior.attributes, service.attributes) : [];
  const causes: Cause[] = [];
  let action: Change["action"] = "create";
  if (prior && found) {
    const chosen = chooseAction(gravest(changes), {
      condition: found.condition,
      status: prior.status,
      kind: "service",
    });
    action = chosen.action;
    if (found.live && found.live.condition !== "present") causes.push(found.live.cause);
    if (chosen.cause) causes.push(chosen.cause);
    if (input.replace && action !== "create") {
      action = "restart";
      causes.push({ kind: "asked", summary: "asked for with -replace" });
    }
    for (const { path } of changes) causes.push({ kind: "lab", summary: `${path.join(".")} changes`, path });
  }
  const planned: { [name: string]: Planned } = { ...service.attributes };
  const renewed = action !== "none" && action !== "update";
  for (const [argument, attribute] of Object.entries(schema.attributes)) {
    if (attribute.computed === "create" || attribute.computed === "start") {
      planned[argument] = renewed ? UNKNOWN : (prior?.attributes[argument] ?? null);
    }
  }
  return {
    address: service.address,
    kind: "service",
    provider: service.provider,
    schemaVersion: schema.version,
    id: prior?.id ?? freshId(labIdentity, service.address, () => false),
    action,
    causes,
    prior,
    found: found?.condition ?? null,
    planned,
    rests: false,
    classes: {},
    sensitive: [],
    deferred: {},
    dependencies: [],
    ends: [],
    settings,
  };
}
