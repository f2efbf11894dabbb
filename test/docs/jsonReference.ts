/** The declarations of `source` that are named, with their comments, as they are written there. */
export function declarations(source: string, names: readonly string[]): string {
  const found = names.map((name) => {
    const pattern = new RegExp(
      `(?:^/\\*\\*(?:[^*]|\\*(?!/))*\\*/\\n)?^export (?:interface ${name}\\b[^{]*\\{.*?^\\}|type ${name} =.*?;)$`,
      "ms",
    );
    const text = pattern.exec(source)?.[0];
    if (text === undefined) throw new Error(`there is no exported ${name}`);
    return text
      .replaceAll(/^export /gm, "")
      .replaceAll(/\breadonly (?!\()/g, "")
      .replaceAll(/readonly \(/g, "(");
  });
  return `\`\`\`ts\n${found.join("\n\n")}\n\`\`\``;
}

const WIDTH = 110;

/** JSON as a reader likes it: what fits stands on one line. */
function readableJson(value: unknown, indent = ""): string {
  const whole = oneLine(value);
  if (indent.length + whole.length <= WIDTH || typeof value !== "object" || value === null) return whole;
  const inner = `${indent}  `;
  const lines = Array.isArray(value)
    ? (value as readonly unknown[]).map((item) => inner + readableJson(item, inner))
    : Object.entries(value).map(([name, item]) => `${inner}${JSON.stringify(name)}: ${readableJson(item, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${lines.join(",\n")}\n${indent}${close}`;
}

function oneLine(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly unknown[]).map(oneLine).join(", ")}]`;
  const entries = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${oneLine(item)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

export function jsonBlock(value: unknown): string {
  return `\`\`\`json\n${readableJson(value)}\n\`\`\``;
}

/** The types of events that the source of the stream emits. */
export function emittedTypes(source: string): readonly string[] {
  return [...source.matchAll(/\bemit\(\s*(?:"\w+"|\w+),\s*"(\w+)"/g)].map(([, type]) => type as string);
}
