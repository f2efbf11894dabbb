import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { PlanRequest } from "../../src/core/provider.ts";
import type { Path, Planned, PlannedAttributes } from "../../src/core/values.ts";
import { isSensitive, samePlanned } from "../../src/core/values.ts";
import type { Engine } from "./engine.ts";
import { blocksOf, expressionsOf, valuesToward, WAYS } from "./impairments.ts";

const TAKE_BUILTIN = 'Leave it out, or take engine = "builtin" in the provider block.';

/** What is wrong with a link's arguments, as the engine that is to carry it takes them; undefined: not known yet. */
export async function checkLink(
  ports: Ports,
  engine: Engine | undefined,
  request: PlanRequest,
): Promise<readonly Diagnostic[]> {
  const { config } = request;
  return [
    ...checkLabels(config),
    ...checkJitter(config),
    ...(engine === "ubridge" ? checkForUbridge(config) : []),
    ...(await checkMatching(ports, engine, request)),
  ];
}

function checkLabels({ toward }: PlannedAttributes): readonly Diagnostic[] {
  const wrong = Object.keys(blocksOf(toward)).filter((label) => !WAYS.some((way) => String(way) === label));
  return wrong.map((label) =>
    errorDiagnostic(`A link has no endpoint ${JSON.stringify(label)}`, {
      detail:
        'The label of a toward block is the place of an endpoint in "endpoints": toward "0" is for the frames that travel to the first, toward "1" for those to the second.',
      path: ["toward", label],
    }),
  );
}

function checkJitter(config: PlannedAttributes): readonly Diagnostic[] {
  const lacks = ({ delay_ms: delay, jitter_ms: jitter }: PlannedAttributes) =>
    (delay ?? 0) === 0 && typeof jitter === "number" && jitter > 0 ? jitter : undefined;
  const wrong = (jitter: number, path: Path) =>
    errorDiagnostic("jitter_ms needs delay_ms", {
      detail: `A frame that is not delayed cannot be delayed by ${jitter} ms more or less. Set delay_ms to at least ${jitter}.`,
      path,
    });
  const blocks = blocksOf(config.toward);
  const own = WAYS.flatMap((way) => {
    const jitter = blocks[String(way)] === undefined ? undefined : lacks(valuesToward(config, way));
    return jitter === undefined ? [] : [wrong(jitter, ["toward", String(way), "jitter_ms"])];
  });
  if (own.length > 0) return own;
  // What both ways have of their own, the link's arguments do not matter for.
  const both = WAYS.every((way) => blocks[String(way)] !== undefined);
  const jitter = both ? undefined : lacks(config);
  return jitter === undefined ? [] : [wrong(jitter, ["jitter_ms"])];
}

function checkForUbridge(config: PlannedAttributes): readonly Diagnostic[] {
  const { rate_kbps: rate, toward, loss_percent: loss, corrupt_percent: corrupt } = config;
  return [
    ...checkPercent("loss_percent", "loses", loss),
    ...checkPercent("corrupt_percent", "corrupts", corrupt),
    ...(typeof rate === "number" && rate > 0
      ? [
          errorDiagnostic("uBridge has no rate limit", {
            detail: `rate_kbps is ${rate}, and no version of uBridge limits how much a link carries. ${TAKE_BUILTIN}`,
            path: ["rate_kbps"],
          }),
        ]
      : []),
    ...checkCapture(config.capture),
    ...Object.keys(blocksOf(toward)).map((label) =>
      errorDiagnostic("uBridge impairs both ways of a link alike", {
        detail: `Its filters act on the frames of both directions, so there is no toward block on it. ${TAKE_BUILTIN}`,
        path: ["toward", label],
      }),
    ),
  ];
}

function checkCapture(capture: Planned | undefined): readonly Diagnostic[] {
  const { append = false, max_size_mib: size = null } = (capture ?? {}) as PlannedAttributes;
  return [
    ...(append === true ? [["append", "begins a new file each time"]] : []),
    ...(typeof size === "number" ? [["max_size_mib", "writes to one file"]] : []),
  ].map(([name = "", does]) =>
    errorDiagnostic(`uBridge has no ${name} for a capture`, {
      detail: `It ${does}. ${TAKE_BUILTIN}`,
      path: ["capture", name],
    }),
  );
}

function checkPercent(argument: string, does: string, percent: Planned | undefined): readonly Diagnostic[] {
  if (typeof percent !== "number" || Number.isInteger(percent)) return [];
  return [
    errorDiagnostic(`uBridge ${does} whole percents only`, {
      detail: `${argument} is ${percent}. Use a whole number, or engine = "builtin" in the provider block, which takes any.`,
      path: [argument],
    }),
  ];
}

async function checkMatching(
  ports: Ports,
  engine: Engine | undefined,
  { config, prior, sensitive, offline }: PlanRequest,
): Promise<readonly Diagnostic[]> {
  const { drop_matching: list } = config;
  const expressions = expressionsOf(list);
  if (expressions.length === 0 || engine === undefined) return [];
  if (engine === "builtin") {
    return [
      errorDiagnostic("The built-in bridge does not read frames", {
        detail:
          'It has no packet filter that drop_matching could be given to. Leave it out, or take engine = "ubridge" in the provider block.',
        path: ["drop_matching"],
      }),
    ];
  }
  const { wrongExpression } = await import("./expressions.ts");
  // What a bridge took before it takes again; and a command line is no place for what is sensitive.
  const known = prior?.attributes.engine === engine && samePlanned(prior.attributes.drop_matching, list);
  const compile = !offline && !known;
  const found = await Promise.all(
    expressions.map((expression, at) => {
      const path: Path = ["drop_matching", at];
      return wrongExpression(compile && !isSensitive(sensitive, path) ? ports : undefined, expression, path);
    }),
  );
  return found.filter((one) => one !== undefined);
}
