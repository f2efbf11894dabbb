/**
 * JSON text as a tree in which every value knows where it stands (offsets of UTF-16). Properties keep their order and
 * their repetitions, numbers their digits: HCL's json/spec.md asks for all three.
 */
export type JsonNode = JsonObject | JsonArray | JsonString | JsonNumber | JsonWord;

interface Placed {
  readonly start: number;
  readonly end: number;
}

export interface JsonObject extends Placed {
  readonly kind: "object";
  readonly properties: readonly JsonProperty[];
}

export interface JsonProperty {
  readonly name: JsonString;
  readonly value: JsonNode;
}

export interface JsonArray extends Placed {
  readonly kind: "array";
  readonly items: readonly JsonNode[];
}

/** Its place includes the quotes; `value` is decoded. */
export interface JsonString extends Placed {
  readonly kind: "string";
  readonly value: string;
  /** Where the text ends: before the closing quote, if there is one. */
  readonly textEnd: number;
}

/** The text of a valid JSON number. */
export interface JsonNumber extends Placed {
  readonly kind: "number";
  readonly text: string;
}

export interface JsonWord extends Placed {
  readonly kind: "word";
  readonly value: boolean | null;
}

/** What is wrong with the text and where. */
export interface JsonProblem extends Placed {
  readonly summary: string;
  readonly detail: string;
  readonly related?: readonly (Placed & { readonly message: string })[] | undefined;
}
