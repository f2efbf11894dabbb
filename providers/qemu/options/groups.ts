/** One part of an option group: `id=x`; a first part without a key has the key "". */
export interface Field {
  readonly key: string;
  readonly value: string;
}

/** `type,key=value,…`, in which two commas stand for one. */
export function fieldsOf(group: string): readonly Field[] {
  return group
    .replaceAll(",,", "\0")
    .split(",")
    .map((part, at) => {
      const text = part.replaceAll("\0", ",");
      const equals = text.indexOf("=");
      if (equals === -1) return at === 0 ? { key: "", value: text } : { key: text, value: "" };
      return { key: text.slice(0, equals), value: text.slice(equals + 1) };
    });
}
