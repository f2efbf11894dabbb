import { connects } from "./ends.ts";
import type { Live } from "./provider.ts";
import type { Instance } from "./state.ts";

/** Why an instance cannot be taken out of the state without being destroyed: nobody would find again what is there. */
export type ForgettingRefusal =
  /** Its machine or process is there. */
  | { readonly refused: "runs" }
  /** Of a service, which is no one's to keep. */
  | { readonly refused: "service" }
  /** Of a link: `carrier`, a service, would go on carrying it. */
  | { readonly refused: "wired"; readonly carrier: string }
  | { readonly refused: "broken"; readonly summary: string };

/**
 * `liveOf`: what was found of an instance and of the services it depends on, by address. What a killed run was about to
 * forget did not run then; it may have lost its ports since.
 */
export function whyNotForgotten(
  { address, kind, dependencies, pending }: Instance,
  liveOf: (address: string) => Live | null | undefined,
): ForgettingRefusal | undefined {
  const live = liveOf(address);
  if (live?.condition === "absent" || live?.condition === "down") return undefined;
  if (connects(kind)) {
    const carrier = dependencies.find((one) => one.startsWith("service.") && liveOf(one)?.condition === "present");
    return carrier === undefined ? undefined : { refused: "wired", carrier };
  }
  if (live?.condition === "broken" && pending?.operation === "forget") return undefined;
  if (live && live.condition !== "present") return { refused: "broken", summary: live.cause.summary };
  return { refused: kind === "service" ? "service" : "runs" };
}
