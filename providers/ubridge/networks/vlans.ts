import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { Path, Planned, PlannedAttributes } from "../../../src/core/values.ts";

/** The largest that IEEE 802.1Q has; 4095 is reserved. */
export const LAST_VLAN = 4094;

/** The words that tell the bridge which VLANs a port is in. */
export function modeOf({ vlan, trunk, native_vlan: native }: PlannedAttributes): readonly string[] {
  if (typeof vlan === "number") return ["access", String(vlan)];
  const list = trunkOf(trunk);
  if (!list) return ["plain"];
  return ["trunk", list.join(","), ...(typeof native === "number" ? [String(native)] : [])];
}

export function checkVlans({ vlan, trunk, native_vlan: native }: PlannedAttributes, at: Path): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const given = (one: Planned | undefined) => one !== null && one !== undefined;
  if (given(vlan) && given(trunk)) {
    const detail = "An access port is in one VLAN, a trunk carries several with tags. Leave one of the two out.";
    found.push(errorDiagnostic("A port has either vlan or trunk", { detail, path: [...at, "trunk"] }));
  }
  if (given(native) && !given(trunk)) {
    const detail = "It is for the frames without a tag on a trunk. On an access port vlan says which VLAN it is in.";
    found.push(errorDiagnostic("native_vlan needs trunk", { detail, path: [...at, "native_vlan"] }));
  }
  for (const [index, part] of (trunkOf(trunk) ?? []).entries()) {
    if (isRange(part)) continue;
    const detail = `${JSON.stringify(part)} is none. A VLAN is a number from 1 to ${LAST_VLAN}, a range of them a text such as "100-199".`;
    found.push(errorDiagnostic("A trunk carries VLANs", { detail, path: [...at, "trunk", index] }));
  }
  if (Array.isArray(trunk) && trunk.length === 0) {
    const detail = 'It would carry nothing. Name the VLANs, [10, 20], or all of them, ["1-4094"].';
    found.push(errorDiagnostic("A trunk carries at least one VLAN", { detail, path: [...at, "trunk"] }));
  }
  return found;
}

function trunkOf(trunk: Planned | undefined): readonly string[] | undefined {
  return Array.isArray(trunk) ? (trunk as readonly Planned[]).filter((one) => typeof one === "string") : undefined;
}

function isRange(text: string): boolean {
  const [, first = "", last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(text) ?? [];
  return Number(first) >= 1 && Number(first) <= Number(last) && Number(last) <= LAST_VLAN;
}
