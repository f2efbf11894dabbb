import type { ResourceKind } from "../core/addresses.ts";
import type { BlockSchema, ResourceSchema } from "../core/schema.ts";
import type { Instance, State } from "../core/state.ts";
import type { Json, Path } from "../core/values.ts";
import { blockHeader } from "./change.ts";
import { palette } from "./colour.ts";
import { alignedLeads } from "./difference.ts";
import { renderOutputs } from "./outputs.ts";
import type { Concealed } from "./value.ts";
import { formatPlanned, inside, isConcealed, quote, WORDS } from "./value.ts";

export interface StateOptions {
  readonly colour: boolean;
  readonly schemas: ReadonlyMap<ResourceKind, ResourceSchema>;
}

type JsonObject = { readonly [name: string]: Json };

/** What is recorded, as blocks like those of the lab files, nulls left out. Ends with a line break. */
export function renderState(state: State, { colour, schemas }: StateOptions): string {
  const colours = palette(colour);
  const kinds: readonly ResourceKind[] = ["service", "node", "link", "network"];
  const instances = kinds.flatMap((kind) => [...state.instances.values()].filter((one) => one.kind === kind));
  const paragraphs = instances.map((instance) => [
    `${colours.bold(`# ${instance.address}:`)}${statusNote(instance)}`,
    `${blockHeader(instance)} {`,
    ...bodyLines(instance.attributes, schemas.get(instance.kind), { paths: instance.sensitive }).map(indent),
    "}",
  ]);
  const outputs = renderOutputs(state.outputs, { colour });
  if (paragraphs.length === 0 && outputs === "") return "The state is empty: nothing of this lab exists.\n";
  const blocks = paragraphs.map((lines) => `${lines.join("\n")}\n`);
  return [...blocks, ...(outputs === "" ? [] : [`${colours.bold("Outputs:")}\n\n${outputs}`])].join("\n");
}

function statusNote({ status, pending }: Instance): string {
  const notes = [
    ...(status === "ok" ? [] : [status]),
    ...(pending ? [`${pending.operation} begun ${pending.since} and not finished`] : []),
  ];
  return notes.length === 0 ? "" : ` (${notes.join("; ")})`;
}

function bodyLines(body: JsonObject, schema: BlockSchema | undefined, concealed: Concealed): string[] {
  const blocks = Object.entries(schema?.blocks ?? {}).map(([name, block]) => ({
    name,
    block,
    attribute: block.attribute ?? name,
  }));
  const blockNames = new Set(blocks.map(({ attribute }) => attribute));
  const known = Object.keys(schema?.attributes ?? {});
  const others = Object.keys(body)
    .filter((name) => !known.includes(name) && !blockNames.has(name))
    .sort();
  const names = [...known, ...others].filter((name) => (body[name] ?? null) !== null);
  const leads = alignedLeads(names);
  const lines = names.flatMap((name, at) => {
    const all = schema?.attributes[name]?.sensitive ? { paths: [[] as Path] } : inside(concealed, name);
    const [first, ...rest] = formatPlanned(body[name] as Json, { concealed: all }) as [string, ...string[]];
    return [`${leads[at]}${first}`, ...rest];
  });
  for (const { name, block, attribute } of blocks) {
    const value = body[attribute] ?? null;
    if (value === null) continue;
    const within = inside(concealed, attribute);
    if (isConcealed(within)) lines.push(`${name} = ${WORDS.sensitive}`);
    else if (block.nesting === "single") lines.push(...nested(name, value, block, within));
    else if (block.nesting === "list") {
      (value as readonly Json[]).forEach((item, at) => lines.push(...nested(name, item, block, inside(within, at))));
    } else {
      for (const [key, item] of Object.entries(value as JsonObject).sort(([a], [b]) => (a < b ? -1 : 1))) {
        lines.push(...nested(`${name} ${quote(key)}`, item, block, inside(within, key)));
      }
    }
  }
  return lines;
}

function nested(header: string, value: Json, schema: BlockSchema, concealed: Concealed): string[] {
  return ["", `${header} {`, ...bodyLines(value as JsonObject, schema, concealed).map(indent), "}"];
}

function indent(line: string): string {
  return line === "" ? "" : `    ${line}`;
}
