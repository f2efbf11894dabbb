import type { Type, Value } from "../core/values.ts";
import { stringValue } from "../core/values.ts";
import { compareText } from "./order.ts";

const typeTexts = new WeakSet<Value>();

/** What `type()` says, as Terraform's console writes a type; it is shown without quotes. */
export function typeText(type: Type): Value {
  const text = stringValue(writeType(type, ""));
  typeTexts.add(text);
  return text;
}

export function isTypeText(value: Value): boolean {
  return typeTexts.has(value);
}

function writeType(type: Type, indent: string): string {
  const inner = `${indent}    `;
  switch (type.kind) {
    case "object": {
      if (type.attributes.size === 0) return "object({})";
      const attributes = [...type.attributes].sort(([left], [right]) => compareText(left, right));
      const lines = attributes.map(([name, one]) => `${inner}${name}: ${writeType(one, inner)},\n`);
      return `object({\n${lines.join("")}${indent}})`;
    }
    case "tuple": {
      if (type.elements.length === 0) return "tuple([])";
      const lines = type.elements.map((one) => `${inner}${writeType(one, inner)},\n`);
      return `tuple([\n${lines.join("")}${indent}])`;
    }
    case "list":
    case "set":
    case "map": {
      const { kind, element } = type;
      if (element.kind !== "object" && element.kind !== "tuple") return `${kind}(${writeType(element, indent)})`;
      return `${kind}(\n${inner}${writeType(element, inner)},\n${indent})`;
    }
    default:
      return type.kind;
  }
}
