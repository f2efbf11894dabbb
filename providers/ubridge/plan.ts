import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../src/core/diagnostics.ts";
import type { PlanAnswer, PlanRequest } from "../../src/core/provider.ts";
import { type Planned, UNKNOWN } from "../../src/core/values.ts";
import { type Engine, isEngine, serviceAddress } from "./engine.ts";

/** A link's id and engine, and the bridge it needs. Pure. */
export function planLink(request: PlanRequest): PlanAnswer {
  const { settings, prior, config } = request;
  const recorded = prior?.attributes.engine;
  // Only where the host was not looked at is `auto` still `auto`; then it equals what it came to before.
  const engine = isEngine(settings.engine) ? settings.engine : isEngine(recorded) ? recorded : undefined;
  // The bridge that every host has will do for what is planned blindly.
  const needed = engine ?? "builtin";
  return {
    planned: { ...config, id: request.id, engine: engine ?? UNKNOWN },
    requires: [
      {
        address: serviceAddress(needed),
        provider: "ubridge",
        attributes: { engine: needed, path: needed === "ubridge" ? (settings.path ?? null) : null },
      },
    ],
    diagnostics: [...checkJitter(config.delay_ms, config.jitter_ms), ...checkLoss(engine, config.loss_percent)],
  };
}

function checkJitter(delay: Planned | undefined, jitter: Planned | undefined): readonly Diagnostic[] {
  if (delay !== 0 || typeof jitter !== "number" || jitter === 0) return [];
  return [
    errorDiagnostic("jitter_ms needs delay_ms", {
      detail: `A frame that is not delayed cannot be delayed by ${jitter} ms more or less. Set delay_ms to at least ${jitter}.`,
    }),
  ];
}

function checkLoss(engine: Engine | undefined, loss: Planned | undefined): readonly Diagnostic[] {
  if (engine !== "ubridge" || typeof loss !== "number" || Number.isInteger(loss)) return [];
  return [
    errorDiagnostic("uBridge loses whole percents only", {
      detail: `loss_percent is ${loss}. Use a whole number, or engine = "builtin" in the provider block, which takes any.`,
    }),
  ];
}
