import { position } from "../../../src/core/source.ts";
import { parseJson } from "../../../src/language/json/parse.ts";
import type { JsonNode } from "../../../src/language/json/tree.ts";
import { testCasesOf } from "../../support/textCases.ts";

/**
 * Each file of cases/ holds cases of this form, the expectation rewritten with UPDATE_GOLDEN=1:
 *
 *     # what the case shows
 *     JSON text
 *     ==> value
 *     what is read, on one line, strings as they are decoded
 *     ==> errors
 *     the text of each error's place and what is said of it
 *
 * In the text, `␍` stands for a carriage return, `␄` for the end of a file without a line end, `␣` for a no-break
 * space, `␟` for a byte order mark and `␇` for the control character U+0007.
 */
testCasesOf(new URL("cases/", import.meta.url), actual);

function actual(input: string): string {
  const text = input
    .replace(/␄\n$/, "")
    .replaceAll("␍", "\r")
    .replaceAll("␣", "\u00a0")
    .replaceAll("␟", "\ufeff")
    .replaceAll("␇", "\u0007");
  const file = { name: "case", text };
  const place = (offset: number) => {
    const { line, column } = position(file, offset);
    return `${line}:${column}`;
  };
  const { value, problems } = parseJson(text, 20);
  const errors = problems.flatMap(({ start, end, summary, detail, related }) => [
    `${place(start)} ${JSON.stringify(text.slice(start, end))}`,
    `  ${summary}`,
    `  ${detail}`,
    ...(related ?? []).map((one) => `  ${place(one.start)} ${one.message}`),
  ]);
  const said = errors.length > 0 ? `==> errors\n${errors.join("\n")}\n` : "";
  return `==> value\n${value ? print(value) : "none"}\n${said}`;
}

function print(node: JsonNode): string {
  switch (node.kind) {
    case "object":
      return `{${node.properties.map(({ name, value }) => `${print(name)}: ${print(value)}`).join(", ")}}`;
    case "array":
      return `[${node.items.map(print).join(", ")}]`;
    case "string":
      return `‹${node.value.replace(/[\x00-\x1f]/g, (one) => JSON.stringify(one).slice(1, -1))}›`;
    case "number":
      return node.text;
    case "word":
      return String(node.value);
  }
}
