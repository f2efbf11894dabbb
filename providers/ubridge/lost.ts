import { errorDiagnostic } from "../../src/core/diagnostics.ts";
import { ServiceLost } from "../../src/core/provider.ts";
import { type Engine, engineTitle, serviceAddress } from "./engine.ts";
import { type HypervisorLost, HypervisorSilent } from "./hypervisor.ts";

/** What the engine is told of a bridge that did not answer, or could not be talked to. */
export function bridgeLost(engine: Engine, error: HypervisorLost | HypervisorSilent): ServiceLost {
  const service = serviceAddress(engine);
  const title = engineTitle(engine);
  const diagnostic =
    error instanceof HypervisorSilent
      ? errorDiagnostic(`${title} hangs`, {
          subject: service,
          detail: `It gave ${error.message}. The next apply replaces it and wires again what it carried; the nodes keep running.`,
        })
      : errorDiagnostic(`${title} cannot be commanded`, {
          subject: service,
          detail: `Of ${service}: ${error.message}. The next apply starts it again if it is gone, and wires what it carried.`,
        });
  return new ServiceLost(service, diagnostic, { cause: error });
}
