import type { Type, Value } from "../../core/values.ts";
import { DYNAMIC, STRING, stringValue } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";
import { sortedMap } from "../order.ts";
import { shortText } from "../shown.ts";

interface Row {
  readonly fields: readonly string[];
  readonly line: number;
}

/** RFC 4180 as Go's encoding/csv reads it: lines end in LF or CR LF, empty lines are none. Wrong text is told by place. */
class Reader {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    // A CR at the very end is half a line end.
    this.#text = text.replaceAll("\r\n", "\n").replace(/\r$/, "");
  }

  /** Undefined at the end. */
  next(): Row | Fault | undefined {
    while (this.#text[this.#at] === "\n") {
      this.#at++;
      this.#line++;
    }
    if (this.#at >= this.#text.length) return undefined;
    const fields: string[] = [];
    const line = this.#line;
    for (;;) {
      const field = this.#text[this.#at] === '"' ? this.#quoted() : this.#bare();
      if (field instanceof Fault) return field;
      fields.push(field);
      const end = this.#text[this.#at++];
      if (end === ",") continue;
      this.#line++;
      return { fields, line };
    }
  }

  #bare(): string | Fault {
    const start = this.#at;
    while (this.#at < this.#text.length && !",\n".includes(this.#text[this.#at] as string)) this.#at++;
    const field = this.#text.slice(start, this.#at);
    return field.includes('"')
      ? this.#wrong(
          "a quotation mark stands inside a field that does not begin with one; quote the field and double it",
        )
      : field;
  }

  #quoted(): string | Fault {
    let field = "";
    for (;;) {
      const start = ++this.#at;
      const end = this.#text.indexOf('"', start);
      if (end === -1) return this.#wrong("a quoted field has no end");
      const part = this.#text.slice(start, end);
      field += part;
      this.#line += part.split("\n").length - 1;
      this.#at = end + 1;
      const next = this.#text[this.#at];
      if (next !== '"') {
        return next === undefined || ",\n".includes(next)
          ? field
          : this.#wrong("after a quoted field a comma or the line's end is expected");
      }
      field += '"';
    }
  }

  #wrong(what: string): Fault {
    return new Fault(`it is no CSV: on line ${this.#line} ${what}`, 0);
  }
}

function csvdecode(text: Value): Value | Fault {
  const reader = new Reader(text.raw as string);
  const header = reader.next();
  if (header instanceof Fault) return header;
  if (!header) return new Fault("it is empty. The first line names the columns", 0);
  const names = header.fields.map((one) => one.normalize("NFC"));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return new Fault(`two columns are named ${shortText(twice)}`, 0);
  const attributes = sortedMap(new Map(names.map((name) => [name, STRING])));
  const element: Type = { kind: "object", attributes };
  const rows: Value[] = [];
  for (;;) {
    const row = reader.next();
    if (row instanceof Fault) return row;
    if (!row) return { type: { kind: "list", element }, raw: rows, sensitive: false };
    if (row.fields.length !== names.length) {
      const found = row.fields.length === 1 ? "1 field" : `${row.fields.length} fields`;
      return new Fault(`line ${row.line} has ${found}, the first ${names.length}`, 0);
    }
    const entries = new Map(row.fields.map((field, at) => [names[at] as string, stringValue(field.normalize("NFC"))]));
    rows.push({ type: element, raw: sortedMap(entries), sensitive: false });
  }
}

export const csvFunctions: readonly FunctionDeclaration[] = [
  { name: "csvdecode", parameters: [{ name: "str", type: STRING }], result: DYNAMIC, call: csvdecode },
];
