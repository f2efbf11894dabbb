import { describe, expect, test } from "vitest";
import type { Reader } from "../../../src/core/ports.ts";
import { objectValue, STRING, stringValue, UNKNOWN_VALUE, unknownValue } from "../../../src/core/values.ts";
import { formatValue } from "../../../src/evaluation/formatValue.ts";
import { keptSurroundings, RememberingReader, remembering } from "../../../src/evaluation/readings.ts";
import type { Scope } from "../../../src/evaluation/scope.ts";
import type { Surroundings } from "../../../src/evaluation/surroundings.ts";
import { errorOf, scopeOf, secret, tryEvaluate, valueOf } from "../support.ts";

function refusal(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Contents by path; a directory where it is a list; an error code where it cannot be had. */
type Contents = { readonly [path: string]: string | Uint8Array | readonly string[] | { readonly code: string } };

class PretendedReader implements Reader {
  readonly asked: string[] = [];
  readonly #contents: Contents;

  constructor(contents: Contents) {
    this.#contents = contents;
  }

  kind(path: string): ReturnType<Reader["kind"]> {
    this.asked.push(`kind ${path}`);
    if (path === "/lab/socket") return "socket";
    if (path === "/lab/pipe") return "other";
    const found = this.#contents[path];
    if (found === undefined) throw refusal("ENOENT");
    if (typeof found === "object" && "code" in found && found.code !== "EFBIG") throw refusal(found.code);
    return Array.isArray(found) ? "directory" : "file";
  }

  read(path: string): Uint8Array {
    this.asked.push(`read ${path}`);
    const found = this.#contents[path];
    if (typeof found === "object" && "code" in found) throw refusal(found.code);
    return typeof found === "string" ? Buffer.from(found) : (found as Uint8Array);
  }

  digest(path: string, algorithm: string): string {
    this.asked.push(`${algorithm} ${path}`);
    return "ab".repeat(16);
  }

  list(directory: string): readonly string[] {
    this.asked.push(`list ${directory}`);
    if (directory === "/lab/closed") throw refusal("EACCES");
    return this.#contents[directory] as readonly string[];
  }
}

const contents: Contents = {
  "/": ["lab"],
  "/lab": ["a.txt", "b.txt", "closed", "ring", "socket", "disk.img"],
  "/lab/a.txt": "content of a",
  "/lab/b.txt": { code: "EACCES" },
  "/lab/closed": [],
  "/lab/disk.img": { code: "EFBIG" },
  "/lab/bytes": Uint8Array.of(0xff, 0xfe),
  "/lab/greeting.tmpl": "Hello, ${name}!",
  "/lab/choice.tmpl": "%{ if on }${name}%{ else }nobody%{ endif }",
  "/lab/secret.tmpl": "hunter2 ${",
  "/lab/clock.tmpl": "${plantimestamp()} ${timestamp()}",
  "/home/me/x": "mine",
};

function surroundingsWith(reader: Reader): Surroundings {
  return { reader, directory: "/lab", home: "/home/me", planTime: "2024-05-31T18:04:05.678Z" };
}

const variables = scopeOf({
  u: { any: UNKNOWN_VALUE, text: unknownValue(STRING), vars: objectValue(new Map([["name", unknownValue(STRING)]])) },
  s: {
    text: secret(stringValue("hunter2")),
    name: secret(stringValue("secret.tmpl")),
    bad: secret(stringValue("hunter2 ${")),
  },
  t: { greeting: stringValue("Hello, ${name}!") },
});

function scopeWith(surroundings: Surroundings | undefined): Scope {
  return { ...variables, surroundings };
}

const scope = scopeWith(surroundingsWith(new PretendedReader(contents)));

describe("an unknown value", () => {
  test.each([
    ["file(u.text)", "string"],
    ["fileexists(u.text)", "bool"],
    ['fileset(u.text, "*")', "set"],
    ["filesha256(u.text)", "string"],
    ["templatefile(u.text, {})", "dynamic"],
    ['templatefile("greeting.tmpl", u.any)', "dynamic"],
    ['templatefile("greeting.tmpl", u.vars)', "string"],
    ['templatefile("choice.tmpl", { on = u.any, name = "x" })', "string"],
    ["templatestring(u.text, {})", "string"],
    ["templatestring(t.greeting, u.vars)", "string"],
    ["timestamp()", "string"],
    ['formatdate("YYYY", timestamp())', "string"],
    ['templatefile("clock.tmpl", {})', "string"],
    ["yamlencode(u.vars)", "string"],
    ["yamldecode(u.text)", "dynamic"],
    ["csvdecode(u.text)", "dynamic"],
    ["cidrsubnets(u.text, 4)", "list"],
    ["macadd(u.text, 1)", "string"],
  ])("leaves %s unknown", (text, type) => {
    const value = valueOf(text, scope);
    expect(formatValue(value)).toBe("(known after apply)");
    expect(value.type.kind).toBe(type);
  });

  test("that a template does not come to leaves the result known", () => {
    const text = 'templatefile("choice.tmpl", { on = false, name = u.text })';
    expect(formatValue(valueOf(text, scope))).toBe('"nobody"');
  });

  test("does not hide what is wrong with a template", () => {
    expect(errorOf('templatefile("greeting.tmpl", { nam = u.text })', scope)).toContain('no variable "name"');
  });
});

describe("a sensitive value", () => {
  test.each([
    'templatefile("greeting.tmpl", { name = s.text })',
    'templatefile("choice.tmpl", { on = false, name = s.text })',
    "templatestring(t.greeting, { name = s.text })",
    "templatestring(s.text, {})",
    "fileexists(s.text)",
    "sha256(s.text)",
    "yamlencode({ a = s.text })",
    "base64gzip(s.text)",
    'uuidv5("dns", s.text)',
  ])("marks %s", (text) => {
    expect(formatValue(valueOf(text, scope))).toBe("(sensitive value)");
  });

  test.each([
    "file(s.text)",
    "templatefile(s.name, {})",
    "templatestring(s.bad, {})",
    "cidrhost(s.text, 1)",
    'timeadd(s.text, "1h")',
    'yamldecode("[${s.text}")',
    'csvdecode("${s.text}\\n1,2")',
    'templatefile("greeting.tmpl", { name = [s.text] })',
    "base64decode(s.text)",
    'uuidv5(s.text, "x")',
  ])("is not quoted where it is refused: %s", (text) => {
    const { diagnostics } = tryEvaluate(text, scope);
    expect(diagnostics).not.toEqual([]);
    for (const { summary, detail, values, range } of diagnostics) {
      expect(JSON.stringify({ summary, detail, values })).not.toContain("hunter2");
      expect(range?.file.name).not.toBe("secret.tmpl");
    }
  });
});

describe("a file", () => {
  test.each([
    ['file("no.txt")', 'there is no file "no.txt"'],
    ['file("b.txt")', '"b.txt" cannot be read: permission denied'],
    ['file(".")', '"." is a directory, not a file'],
    ['file("socket")', '"socket" is a socket, not a file'],
    ['file("pipe")', '"pipe" is a device or a pipe, not a file'],
    ['file("disk.img")', '"disk.img" is larger than 16 MiB'],
    ['file("bytes")', 'the content of "bytes" is not UTF-8'],
    ['file("~you/x")', "another user's home directory"],
    ['templatefile("bytes", {})', 'the content of "bytes" is not UTF-8'],
    ['filemd5("closed")', '"closed" is a directory, not a file'],
    ['fileexists("b.txt")', '"b.txt" cannot be read: permission denied'],
  ])("that is refused is named, and why: %s", (text, expected) => {
    expect(errorOf(text, scope)).toContain(expected);
  });

  test("is hashed however large it is", () => {
    expect(formatValue(valueOf('filemd5("disk.img")', scope))).toBe(`"${"ab".repeat(16)}"`);
  });

  test("below a home directory that nobody knows is refused", () => {
    const homeless = scopeWith({ ...surroundingsWith(new PretendedReader(contents)), home: undefined });
    expect(errorOf('file("~/x")', homeless)).toContain("HOME is not set");
    expect(formatValue(valueOf('file("~/x")', scope))).toBe('"mine"');
  });

  test("cannot be seen where there are no surroundings, nor can the time", () => {
    for (const text of ['file("a.txt")', 'fileset(".", "*")', "timestamp()", 'templatefile("greeting.tmpl", {})']) {
      expect(errorOf(text)).toContain("this value is read before anything else of the lab");
    }
    expect(formatValue(valueOf('basename("a/b")'))).toBe('"b"');
  });
});

describe("fileset", () => {
  test("passes over directories that cannot be read", () => {
    expect(formatValue(valueOf('fileset(".", "closed/*")', scope))).toBe("toset([])");
  });

  test("gives up where links lead round and round", () => {
    class Ring extends PretendedReader {
      override kind(path: string): ReturnType<Reader["kind"]> {
        if (path.length > 4096) throw refusal("ENAMETOOLONG");
        return path.includes("ring") ? "directory" : super.kind(path);
      }
      override list(): readonly string[] {
        return ["ring", "ring2"];
      }
    }
    expect(errorOf('fileset(".", "**")', scopeWith(surroundingsWith(new Ring(contents))))).toContain(
      "more than 100000 entries",
    );
  });
});

describe("readings", () => {
  test("are asked for once, errors too, and each sees what the first saw", () => {
    const reader = new PretendedReader(contents);
    const shared = scopeWith(surroundingsWith(new RememberingReader(reader)));
    const text = '[file("a.txt"), file("a.txt"), fileexists("no"), fileexists("no"), filesha1("a.txt")]';
    valueOf(text, shared);
    valueOf(text, shared);
    expect(reader.asked).toEqual(["kind /lab/a.txt", "read /lab/a.txt", "kind /lab/no", "sha1 /lab/a.txt"]);
  });

  test("that were kept answer alike, from plain JSON, and nothing else is read", () => {
    const { surroundings, readings } = remembering(surroundingsWith(new PretendedReader(contents)));
    const text =
      '[file("a.txt"), filebase64("bytes"), fileexists("no"), try(file("b.txt"), "none"), fileset(".", "*.txt"), plantimestamp()]';
    const before = formatValue(valueOf(text, scopeWith(surroundings)));
    const kept = JSON.parse(JSON.stringify(readings())) as ReturnType<typeof readings>;
    const later = scopeWith(keptSurroundings(kept, "2024-06-30T12:00:00.000Z"));
    expect(formatValue(valueOf(text, later))).toBe(before);
    expect(formatValue(valueOf("timestamp()", later))).toBe('"2024-06-30T12:00:00Z"');
    expect(errorOf('file("greeting.tmpl")', later)).toContain(
      '"greeting.tmpl" was not read when the plan was made, for its name was not known then',
    );
    expect(errorOf('fileset(".", "**/*.md")', later)).toContain("was not read when the plan was made");
  });
});

describe("a template", () => {
  test("tells its mistakes in its own text, and where it was called", () => {
    const { diagnostics } = tryEvaluate('templatefile("greeting.tmpl", { name = [] })', scope);
    const [one] = diagnostics;
    expect(diagnostics).toHaveLength(1);
    expect(one?.range?.file.name).toBe("greeting.tmpl");
    expect(one?.range?.file.text.slice(one.range.start, one.range.end)).toBe("name");
    expect(one?.related?.map(({ message }) => message)).toEqual(["templatefile() is called here"]);
    expect(one?.syntax).toBeUndefined();
  });

  test("knows the variables it is given and no others", () => {
    const error = errorOf('[for name in ["x"] : templatefile("greeting.tmpl", { nane = name })]', scope);
    expect(error).toBe(
      'The template is given no variable "name" | A template sees only the variables that it is given in "vars". Did you mean "nane"? | name',
    );
  });
});
