import type { LineCounter, Node, ParsedNode, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { numberFromText } from "../../core/bigfloat.ts";
import type { Value } from "../../core/values.ts";
import { boolValue, NULL, numberValue, objectValue, STRING, stringValue, tupleValue } from "../../core/values.ts";
import { converted } from "../convert.ts";
import { Fault } from "../fault.ts";
import { yaml } from "../lazily.ts";
import { sortedMap } from "../order.ts";
import { shortText } from "../shown.ts";
import { describeType } from "../types.ts";
import { formatMoment, parseMoment } from "./timestamps.ts";

/** Aliases let a short text stand for more than any computer holds. */
const mostNodes = 1_000_000;

/**
 * The value of one YAML document: objects and tuples. Which words are numbers, bools, times and null is go-cty-yaml's
 * rule: YAML 1.1's bools (`yes`, `off`), YAML 1.2's numbers, times as texts of RFC 3339.
 */
export function valueFromYaml(text: string): Value | Fault {
  const library = yaml();
  const lines = new library.LineCounter();
  try {
    const documents = library.parseAllDocuments(text, {
      schema: "failsafe",
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      stringKeys: false,
      logLevel: "silent",
    });
    const [document, second] = [...documents];
    if (!document) return new Fault("there is no document in it; the text null gives null", 0);
    const [error] = document.errors;
    if (error) return new Fault(`it is no YAML: ${sentence(error.message)}${placeOf(error.pos[0], lines)}`, 0);
    if (second)
      return new Fault(`it holds several documents, and only one can be decoded${placeOf(second.range[0], lines)}`, 0);
    return new Decoder(library, lines).value(document.contents);
  } catch (error) {
    if (error instanceof Unreadable) return new Fault(error.message, 0);
    if (error instanceof RangeError) return new Fault("it is nested too deeply", 0);
    throw error;
  }
}

class Unreadable extends Error {}

function sentence(message: string): string {
  return message.replace(/\.$/, "").replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());
}

function placeOf(offset: number, lines: LineCounter): string {
  const { line, col } = lines.linePos(offset);
  return ` at line ${line}, column ${col}`;
}

interface Anchored {
  readonly value: Value;
  readonly nodes: number;
}

const PREFIX = "tag:yaml.org,2002:";
const scalarTags: ReadonlySet<string> = new Set(["str", "bool", "int", "float", "null", "timestamp", "binary"]);

type YamlLibrary = ReturnType<typeof yaml>;

class Decoder {
  readonly #library: YamlLibrary;
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, Anchored>();
  readonly #pending = new Set<string>();
  #nodes = 0;

  constructor(library: YamlLibrary, lines: LineCounter) {
    this.#library = library;
    this.#lines = lines;
  }

  value(node: Node | null): Value {
    if (node === null) return NULL;
    this.#count(1, node);
    if (this.#library.isAlias(node)) return this.#alias(node.source, node);
    const { anchor } = node;
    if (anchor === undefined) return this.#plainValue(node);
    const before = this.#nodes;
    this.#pending.add(anchor);
    const value = this.#plainValue(node);
    this.#pending.delete(anchor);
    this.#anchors.set(anchor, { value, nodes: this.#nodes - before });
    return value;
  }

  #plainValue(node: Node): Value {
    const { isMap, isScalar, isSeq } = this.#library;
    if (isScalar(node)) return this.#scalar(node);
    if (isMap(node)) return this.#mapping(node);
    if (isSeq(node)) return this.#sequence(node);
    return this.#fail("this kind of node is not known", node);
  }

  #alias(name: string, node: Node): Value {
    if (this.#pending.has(name)) return this.#fail(`the anchor ${shortText(name)} is referred to in itself`, node);
    const anchored = this.#anchors.get(name);
    if (!anchored) return this.#fail(`there is no anchor ${shortText(name)} before this`, node);
    this.#count(anchored.nodes, node);
    return anchored.value;
  }

  #sequence(node: YAMLSeq): Value {
    this.#refuseTag(node, "seq", "sequence");
    return tupleValue(node.items.map((item) => this.value(item as Node | null)));
  }

  #mapping(node: YAMLMap): Value {
    this.#refuseTag(node, "map", "mapping");
    const entries = new Map<string, Value>();
    for (const { key, value } of node.items as YAMLMap<ParsedNode, ParsedNode | null>["items"]) {
      if (this.#isMerge(key)) this.#merge(entries, this.value(value), key);
      else entries.set(this.#key(key, node), this.value(value));
    }
    return objectValue(sortedMap(entries));
  }

  #isMerge(key: Node | null): boolean {
    if (!this.#library.isScalar(key)) return false;
    return key.tag === `${PREFIX}merge` || (key.tag === undefined && textOf(key) === "<<");
  }

  /** Later ones win, whether merged or not. */
  #merge(entries: Map<string, Value>, value: Value, node: Node): void {
    const parts = Array.isArray(value.raw) ? (value.raw as readonly Value[]) : [value];
    for (const part of parts) {
      if (!(part.raw instanceof Map)) this.#fail(`${describeType(part.type)} cannot be merged into a mapping`, node);
      for (const [name, item] of part.raw as ReadonlyMap<string, Value>) entries.set(name, item);
    }
  }

  #key(key: Node | null, mapping: Node): string {
    if (key === null) return this.#fail("a name cannot be null", mapping);
    if (!this.#library.isScalar(key)) return this.#fail("only a text, a number or a bool can be a name", key);
    const value = this.#resolve(key);
    if (value.raw === null) return this.#fail("a name cannot be null", key);
    const text = converted(value, STRING);
    return typeof text === "string" ? this.#fail(`it cannot be a name: ${text}`, key) : (text.raw as string);
  }

  #scalar(node: Scalar): Value {
    // What stands in quotes or in a block is a text, unless a tag says otherwise.
    if (node.tag === undefined && node.type !== "PLAIN") return stringValue(textOf(node).normalize("NFC"));
    return this.#resolve(node);
  }

  #resolve(node: Scalar): Value {
    const { tag } = node;
    if (tag !== undefined && !(tag.startsWith(PREFIX) && scalarTags.has(tag.slice(PREFIX.length)))) {
      return this.#fail(`the tag ${shortText(tag)} is not known`, node);
    }
    const isQuoted = node.type === "QUOTE_SINGLE" || node.type === "QUOTE_DOUBLE";
    const value = resolveScalar(textOf(node), tag?.slice(PREFIX.length), isQuoted);
    return typeof value === "string" ? this.#fail(value, node) : value;
  }

  #refuseTag(node: YAMLMap | YAMLSeq, name: string, what: string): void {
    if (node.tag === undefined || node.tag === `${PREFIX}${name}`) return;
    this.#fail(`a ${what} cannot be ${shortText(node.tag)}`, node);
  }

  #count(nodes: number, node: Node): void {
    this.#nodes += nodes;
    if (this.#nodes > mostNodes) this.#fail(`with its aliases it stands for more than ${mostNodes} values`, node);
  }

  #fail(what: string, node: Node): never {
    throw new Unreadable(`${what}${node.range ? placeOf(node.range[0], this.#lines) : ""}`);
  }
}

function textOf(node: Scalar): string {
  return node.source ?? String(node.value ?? "");
}

const words: ReadonlyMap<string, Value> = new Map([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map(
    (word) => [word, boolValue(true)] as const,
  ),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map(
    (word) => [word, boolValue(false)] as const,
  ),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, NULL] as const),
]);

const infinite = /^[-+]?\.(?:inf|Inf|INF)$/;
const notANumber = /^\.(?:nan|NaN|NAN)$/;
const integer = /^(?:[-+]?\d+|0o[0-7]+|0x[\da-fA-F]+)$/;
const decimal = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

/** `tag` without its prefix; a string says what is wrong. */
function resolveScalar(text: string, tag: string | undefined, isQuoted: boolean): Value | string {
  if (tag === "str") return stringValue(text.normalize("NFC"));
  if (tag === "binary") return binary(text);
  // A tag does not turn a quoted word that looks like one of these into anything else.
  if (isQuoted && /^(?:$|[-+.\dyYnNtTfFoO~])/.test(text)) return stringValue(text.normalize("NFC"));
  const word = words.get(text);
  if (word && (tag === undefined || !isQuoted)) return word;
  if (infinite.test(text)) return `infinity (${text}) is no number of the language`;
  if (tag === undefined && notANumber.test(text)) return `${text} is no number of the language`;
  const time = tag === undefined || tag === "timestamp" ? timestamp(text) : undefined;
  if (time !== undefined) return stringValue(time);
  const isNumber = integer.test(text) || decimal.test(text);
  if (isNumber || tag === "int" || tag === "float") return number(text);
  if (tag === "null") return NULL;
  return tag === undefined ? stringValue(text.normalize("NFC")) : `${shortText(text)} cannot be read as !!${tag}`;
}

function binary(text: string): Value | string {
  const digits = text.replace(/[\r\n]/g, "");
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(digits)
    ? stringValue(text)
    : `${shortText(text)} is no Base64`;
}

function number(text: string): Value | string {
  const plain = text.replaceAll("_", "");
  const exact = decimal.test(plain) ? numberFromText(canonical(plain)) : undefined;
  if (exact !== undefined) return numberValue(exact);
  const based = /^([-+]?)(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/.exec(plain);
  const size = based ? BigInt((based[2] as string).toLowerCase()) : undefined;
  const result = size === undefined || size >= 2n ** 64n ? undefined : numberFromText(String(size));
  if (result === undefined) return `${shortText(text)} cannot be read as a number`;
  return numberValue(based?.[1] === "-" ? (numberFromText(`-${size}`) ?? result) : result);
}

/** Digits on both sides of the point, and no plus sign. */
function canonical(text: string): string {
  return text
    .replace(/^\+/, "")
    .replace(/^(-?)\./, "$10.")
    .replace(/\.(?=$|[eE])/, "");
}

const times =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt](\d\d?):(\d\d?):(\d\d?)([.,]\d+)?(Z|[+-]\d\d:\d\d)| (\d\d?):(\d\d?):(\d\d?)([.,]\d+)?)?$/;

/** In RFC 3339 and whole seconds; a time without a zone is taken for one of UTC. */
function timestamp(text: string): string | undefined {
  const match = times.exec(text);
  if (!match) return undefined;
  const two = (digits: string | undefined) => (digits ?? "0").padStart(2, "0");
  const date = `${match[1]}-${two(match[2])}-${two(match[3])}`;
  const clock = [match[4] ?? match[9], match[5] ?? match[10], match[6] ?? match[11]].map(two).join(":");
  const moment = parseMoment(`${date}T${clock}${match[8] ?? "Z"}`);
  return typeof moment === "string" ? undefined : formatMoment(moment);
}
