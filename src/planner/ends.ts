import type { Diagnostic } from "../core/diagnostics.ts";
import { asDynamic } from "../core/dynamic.ts";
import { portsOf } from "../core/ends.ts";
import type { Resource } from "../core/lab.ts";
import type { AttributeSchema, BlockSchema, ResourceSchema } from "../core/schema.ts";
import type { Range } from "../core/source.ts";
import type { Body, Expression } from "../core/syntax.ts";
import type { Planned, PlannedAttributes } from "../core/values.ts";
import { formatPath, UNKNOWN } from "../core/values.ts";
import type { Decoded } from "../evaluation/decode.ts";
import type { Scope } from "../evaluation/scope.ts";
import type { EndpointUses } from "./endpoints.ts";
import { carriersOf, findMissingAdapters } from "./endpoints.ts";

interface Input {
  readonly resource: Resource;
  readonly address: string;
  readonly scope: Scope;
  readonly schema: ResourceSchema;
  readonly endpoints: EndpointUses;
  readonly afterErrors: () => boolean;
}

type Written = Pick<Decoded, "attributes" | "places">;

/** The attributes with their endpoints as they are recorded, and the nodes at these. */
interface Resolved {
  readonly attributes: PlannedAttributes;
  readonly ends: readonly string[];
}

/** The expressions of a body that say what is connected, also in the blocks of ports. */
export function endExpressions(
  body: Body,
  schema: BlockSchema,
): readonly { readonly expression: Expression; readonly dynamic: boolean }[] {
  const own = body.attributes.filter(({ name }) => schema.attributes[name]?.endpoints);
  const inBlocks = body.blocks.flatMap((block) => {
    const dynamic = asDynamic(block);
    const inner = dynamic ? dynamic.content : block;
    const nested = schema.blocks?.[dynamic?.type ?? block.type];
    if (!inner || !nested) return [];
    return endExpressions(inner.body, nested).map((one) => ({ ...one, dynamic: dynamic !== undefined }));
  });
  return [...own.map(({ expression }) => ({ expression, dynamic: false })), ...inBlocks];
}

export function missingAdapters({ resource, schema, address, scope }: Input): readonly Diagnostic[] {
  return endExpressions(resource.body, schema).flatMap(({ expression, dynamic }) =>
    // What stands in a dynamic block means something else for each element.
    dynamic ? [] : findMissingAdapters(address, expression, scope),
  );
}

/** `attributes` are those of `written`, but for what stays as it is recorded. */
export function resolveEnds(
  input: Input,
  attributes: PlannedAttributes,
  written: Written,
  diagnostics: Diagnostic[],
): Resolved {
  const name = argumentIn(input.schema);
  if (name === undefined) return { attributes, ends: [] };
  const port = Object.entries(input.schema.blocks ?? {}).find(([, block]) => argumentIn(block) !== undefined);
  if (port) return resolveNetwork(input, attributes, written, name, diagnostics);
  const { endpoints, ends } = resolve(input, attributes[name], written, [name], diagnostics);
  const ended: PlannedAttributes = { ...attributes, [name]: endpoints };
  const carrier = carriersOf(ended, (node) => input.endpoints.isOff(node));
  return { attributes: { ...ended, carrier }, ends };
}

/** What has ports takes any number of ends, in its list and one in each port. */
function resolveNetwork(
  input: Input,
  attributes: PlannedAttributes,
  written: Written,
  name: string,
  diagnostics: Diagnostic[],
): Resolved {
  const listed = resolve(input, attributes[name], written, [name], diagnostics, "list");
  const ends = new Set(listed.ends);
  const port: { [label: string]: Planned } = {};
  for (const [label, one] of portsOf(attributes.port)) {
    const path = ["port", label, "endpoint"];
    const { endpoints, ends: nodes } = resolve(input, one.endpoint ?? null, written, path, diagnostics, "port");
    port[label] = { ...one, endpoint: (endpoints as readonly Planned[] | null)?.[0] ?? null };
    for (const node of nodes) ends.add(node);
  }
  return { attributes: { ...attributes, [name]: listed.endpoints, port }, ends: [...ends] };
}

/** `of`: what of a network it is; a link's otherwise. */
function resolve(
  { address, resource, schema, endpoints, afterErrors }: Input,
  value: Planned | undefined,
  { attributes, places }: Written,
  path: readonly string[],
  diagnostics: Diagnostic[],
  of?: "list" | "port",
): ReturnType<EndpointUses["resolve"]> {
  const key = formatPath(path);
  const placeOf = (position?: number): Range =>
    (position === undefined ? undefined : places.get(`${key}[${position}]`)) ?? places.get(key) ?? resource.range;
  const [first = "", label = "", inner = ""] = path;
  const kinds = (of === "port" ? schema.blocks?.[first]?.attributes[inner] : schema.attributes[first])?.kinds;
  const given: Planned | undefined =
    of === "port" && value !== UNKNOWN ? ([value ?? null] as readonly Planned[]) : value;
  const resolved = endpoints.resolve(address, given, placeOf, afterErrors(), of !== undefined, kinds);
  const written = of === "port" ? new Map(portsOf(attributes[first])).get(label)?.endpoint : attributes[first];
  const isWritten = written === value;
  diagnostics.push(...resolved.diagnostics.map((one) => (isWritten ? one : ofRecorded(one, resource))));
  return resolved;
}

function argumentIn({ attributes }: { readonly attributes: { readonly [name: string]: AttributeSchema } }) {
  return Object.keys(attributes).find((name) => attributes[name]?.endpoints);
}

/** What is wrong with endpoints that are not those of the lab files is shown at their link. */
function ofRecorded(diagnostic: Diagnostic, { range }: Resource): Diagnostic {
  const why =
    "Its endpoints stay as they are recorded, since ignore_changes names them: take that away to change them.";
  return { ...diagnostic, range, detail: `${diagnostic.detail} ${why}` };
}
