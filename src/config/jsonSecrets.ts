import type { SourceFile } from "../core/source.ts";
import type { JsonNode, JsonProperty } from "../language/json/tree.ts";

interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * The file as it may be shown: each place with dots for what stands there, so that all others keep their offsets. In
 * the native syntax each value has a line of its own, which is just not shown; a JSON file may be one line.
 */
export function withoutSecrets(file: SourceFile, places: readonly Place[]): SourceFile {
  if (places.length === 0) return file;
  let text = "";
  let at = 0;
  for (const { start, end } of places) {
    text += file.text.slice(at, start) + file.text.slice(start, end).replace(/\S/g, "•");
    at = end;
  }
  return { name: file.name, text: text + file.text.slice(at) };
}

/** Where in a lab file the defaults of sensitive variables stand, in the order of the text. */
export function secretDefaults(root: JsonNode): readonly Place[] {
  const variables = propertiesOf(root).filter(({ name }) => name.value === "variable");
  return variables
    .flatMap(({ value }) => propertiesOf(value))
    .flatMap(({ value }) => bodiesOf(value))
    .filter((body) => body.some(({ name, value }) => name.value === "sensitive" && !isFalse(value)))
    .flatMap((body) => body.filter(({ name }) => name.value === "default").map(({ value }) => value));
}

/** What is no plain `false` hides, wrong as it may be. */
function isFalse(node: JsonNode): boolean {
  return node.kind === "word" && node.value !== true;
}

function propertiesOf(node: JsonNode): readonly JsonProperty[] {
  if (node.kind === "object") return node.properties;
  return node.kind === "array" ? node.items.flatMap(propertiesOf) : [];
}

function bodiesOf(node: JsonNode): readonly (readonly JsonProperty[])[] {
  if (node.kind === "object") return [node.properties];
  return node.kind === "array" ? node.items.flatMap(bodiesOf) : [];
}
