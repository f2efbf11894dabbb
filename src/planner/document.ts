import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import type { Change, Plan } from "../core/plan.ts";
import { PLAN_FORMAT } from "../core/plan.ts";
import type { Json, Path, Planned, PlannedAttributes } from "../core/values.ts";
import { UNKNOWN } from "../core/values.ts";

/**
 * A saved plan. JSON as the plan itself, but that each change lists the paths of what is not known yet
 * (`planned_unknown`), where its `planned` has null. Sensitive values are in it: the file is its owner's alone.
 */
export function planToText(plan: Plan): string {
  const changes = plan.changes.map((change) => {
    const unknown: Path[] = [];
    const planned = change.planned === null ? null : known(change.planned, [], unknown);
    return { ...change, planned, planned_unknown: unknown };
  });
  const diagnostics = plan.diagnostics.map(({ severity, summary, detail, address, subject }) => ({
    severity,
    summary,
    detail,
    address,
    subject,
  }));
  const kept = plan.kept?.map((instance) => ({ ...instance, private: {} }));
  return `${JSON.stringify({ ...plan, changes, ...(kept ? { kept } : {}), diagnostics }, undefined, 2)}\n`;
}

/** Rejects with `Failure` what is no saved plan, or one of another version of the format or of labform. */
export function planFromText(text: string, name: string, version: string): Plan {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new Failure(
      errorDiagnostic(`${name} is no saved plan`, {
        subject: `plan file ${name}`,
        detail: "It is not JSON. A plan is saved with plan -out=FILE.",
      }),
      { cause: error },
    );
  }
  if (
    typeof document !== "object" ||
    document === null ||
    !("format" in document) ||
    !("changes" in document) ||
    !Array.isArray(document.changes)
  ) {
    throw new Failure(
      errorDiagnostic(`${name} is no saved plan`, {
        subject: `plan file ${name}`,
        detail: "A plan is saved with plan -out=FILE.",
      }),
    );
  }
  if (document.format !== PLAN_FORMAT) {
    throw new Failure(
      errorDiagnostic(`${name} was saved by another version of labform`, {
        subject: `plan file ${name}`,
        detail: `Its format is ${String(document.format)}, this version reads format ${PLAN_FORMAT}. Make the plan again.`,
      }),
    );
  }
  const plan = document as unknown as Plan;
  if (plan.labformVersion !== version) {
    throw new Failure(
      errorDiagnostic(`${name} was saved by another version of labform`, {
        subject: `plan file ${name}`,
        detail: `It was made by labform ${plan.labformVersion}, and this is labform ${version}. Make the plan again.`,
      }),
    );
  }
  const changes = (document.changes as (Change & { readonly planned_unknown: readonly Path[] })[]).map(
    ({ planned_unknown, ...change }) => ({
      ...change,
      planned: change.planned === null ? null : withUnknown(change.planned, planned_unknown),
    }),
  );
  return { ...plan, changes };
}

function known(planned: Planned, path: Path, unknown: Path[]): Json {
  if (planned === UNKNOWN) {
    unknown.push(path);
    return null;
  }
  if (planned === null || typeof planned !== "object") return planned;
  if (Array.isArray(planned))
    return (planned as readonly Planned[]).map((item, at) => known(item, [...path, at], unknown));
  const copy: { [name: string]: Json } = {};
  for (const [name, item] of Object.entries(planned as { readonly [name: string]: Planned }))
    copy[name] = known(item, [...path, name], unknown);
  return copy;
}

function withUnknown(planned: PlannedAttributes, unknown: readonly Path[]): PlannedAttributes {
  for (const path of unknown) {
    let at: { [step: string | number]: Planned } = planned;
    for (const step of path.slice(0, -1)) at = at[step] as { [step: string | number]: Planned };
    at[path.at(-1) as string | number] = UNKNOWN;
  }
  return planned;
}
