/** One part of an option group: `id=x`. */
export interface Field {
  readonly key: string;
  readonly value: string;
}

/**
 * `type,key=value,…` as QEMU reads it. A first part without a key has the key `implied`, where the group has such a one;
 * another is a flag. Two commas stand for one in a value, but not in a key, which the first of them ends.
 */
export function fieldsOf(group: string, implied?: string): readonly Field[] {
  const fields: Field[] = [];
  let rest = group;
  do {
    const [name = ""] = /^[^=,]*/.exec(rest) ?? [];
    const key = rest[name.length] === "=" ? name : fields.length === 0 ? implied : undefined;
    if (key === undefined) {
      fields.push(flag(name));
      rest = rest.slice(name.length + 1);
      continue;
    }
    if (rest[name.length] === "=") rest = rest.slice(name.length + 1);
    const [value = ""] = /^[^,]*(,,[^,]*)*/.exec(rest) ?? [];
    fields.push({ key, value: value.replaceAll(",,", ",") });
    rest = rest.slice(value.length + 1);
  } while (rest !== "");
  return fields;
}

/** `x` stands for `x=on`, and `nox` for `x=off`. */
function flag(name: string): Field {
  return name.startsWith("no") ? { key: name.slice(2), value: "off" } : { key: name, value: "on" };
}

/** What a group says of the thing that it makes. */
export interface Group {
  readonly kind: string;
  readonly fields: readonly Field[];
}

/**
 * A group that makes something of the kind that stands first, or under `key`. Of a key that is given more than once
 * QEMU takes one, which is not the same one everywhere; so such a group says nothing for sure.
 */
export function groupOf(group: string, key: string): Group | { readonly repeated: string } {
  const fields = fieldsOf(group, key);
  const repeated = repeatedKey(fields);
  if (repeated !== undefined) return { repeated };
  return { kind: fields.find((field) => field.key === key)?.value ?? "", fields };
}

export function repeatedKey(fields: readonly Field[]): string | undefined {
  const keys = fields.map((field) => field.key);
  return keys.find((key, at) => keys.indexOf(key) !== at);
}
