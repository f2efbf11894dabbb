import { describe, expect, test } from "vitest";
import type { BlockSchema } from "../../src/core/schema.ts";
import { rangeText } from "../../src/core/source.ts";
import type { Path } from "../../src/core/values.ts";
import {
  BOOL,
  DYNAMIC,
  NUMBER,
  numberValue,
  STRING,
  stringValue,
  UNKNOWN,
  unknownValue,
} from "../../src/core/values.ts";
import type { Decoded } from "../../src/evaluation/decode.ts";
import { decodeBody } from "../../src/evaluation/decode.ts";
import { formatValue } from "../../src/evaluation/formatValue.ts";
import { attributesToValue, schemaType, valueToPlanned } from "../../src/evaluation/plain.ts";
import { formatType } from "../../src/evaluation/types.ts";
import { parseFile } from "../../src/language/parse.ts";
import { scopeOf, valueOf } from "./support.ts";

const description = "";
const schema: BlockSchema = {
  attributes: {
    ram: { type: NUMBER, description, default: 256, minimum: 4, maximum: 4096, whole: true },
    image: { type: STRING, description, required: true },
    console_type: { type: STRING, description, default: "telnet", oneOf: ["telnet", "vnc", "none"] },
    fast: { type: BOOL, description },
    tags: { type: { kind: "list", element: STRING }, description, default: [] },
    labels: { type: { kind: "map", element: STRING }, description },
    password: { type: STRING, description, sensitive: true },
    endpoints: { type: DYNAMIC, description, endpoints: true },
    uuid: { type: STRING, description, computed: "plan" },
    mac_address: { type: STRING, description, computed: "plan", optional: true },
  },
  blocks: {
    disk: {
      description,
      nesting: "map",
      attributes: { image: { type: STRING, description }, size: { type: NUMBER, description, default: 1 } },
    },
    adapter: {
      description,
      nesting: "list",
      attribute: "adapter_settings",
      attributes: { name: { type: STRING, description, required: true } },
    },
    ready: {
      description,
      nesting: "single",
      attributes: { timeout_s: { type: NUMBER, description, default: 60 }, console: { type: STRING, description } },
    },
  },
};

const scope = scopeOf({
  var: {
    image: stringValue("debian.qcow2"),
    ram: numberValue(512),
    secret: { ...stringValue("hunter2"), sensitive: true },
    later: unknownValue(STRING),
  },
});

function decode(text: string): Decoded {
  const { body, diagnostics } = parseFile({ name: "test.lab.hcl", text });
  if (diagnostics.length > 0) throw new Error(diagnostics.map((one) => one.summary).join());
  return decodeBody(body, schema, scope);
}

function errors(text: string): string[] {
  return decode(text).diagnostics.map(
    (one) => `${one.summary} | ${one.detail} | ${one.range ? rangeText(one.range) : ""}`,
  );
}

const empty = {
  ram: 256,
  image: "a",
  console_type: "telnet",
  fast: null,
  tags: [],
  labels: null,
  password: null,
  endpoints: null,
  uuid: null,
  mac_address: null,
  disk: {},
  adapter_settings: [],
  ready: null,
};

describe("a body", () => {
  test("has all attributes of its schema, defaults where nothing or null is written", () => {
    expect(decode('image = "a"').attributes).toEqual(empty);
    expect(decode('image = "a"\nram = null\nfast = null').attributes).toEqual(empty);
  });

  test("has its arguments converted to the schema's types", () => {
    const { attributes, diagnostics } = decode(
      'image = var.image\nram = "1024"\nfast = "true"\ntags = [1, "b"]\nlabels = { a = true }\nmac_address = "52:54"',
    );
    expect(diagnostics).toEqual([]);
    expect(attributes).toEqual({
      ...empty,
      image: "debian.qcow2",
      ram: 1024,
      fast: true,
      tags: ["1", "b"],
      labels: { a: "true" },
      mac_address: "52:54",
    });
  });

  test("has its nested blocks by their nesting", () => {
    const { attributes, places } = decode(
      'image = "a"\ndisk "hdb" { size = 5 }\ndisk "hda" { image = var.image }\nadapter { name = "x" }\nadapter { name = "y" }\nready {}',
    );
    expect(attributes).toEqual({
      ...empty,
      disk: { hda: { image: "debian.qcow2", size: 1 }, hdb: { image: null, size: 5 } },
      adapter_settings: [{ name: "x" }, { name: "y" }],
      ready: { timeout_s: 60, console: null },
    });
    const texts = Object.fromEntries([...places].map(([path, range]) => [path, rangeText(range)]));
    expect(texts).toEqual({
      image: 'image = "a"',
      "disk.hdb": 'disk "hdb"',
      "disk.hdb.size": "size = 5",
      "disk.hda": 'disk "hda"',
      "disk.hda.image": "image = var.image",
      "adapter_settings[0]": "adapter",
      "adapter_settings[0].name": 'name = "x"',
      "adapter_settings[1]": "adapter",
      "adapter_settings[1].name": 'name = "y"',
      ready: "ready",
    });
  });

  test("defers what is not wholly known, whole or in part", () => {
    const { attributes, deferred } = decode(
      'image = var.later\ntags = ["a", var.later]\nram = 1 + length(var.later)\ndisk "h d" { image = "${var.later}!" }',
    );
    expect(attributes.image).toBe(UNKNOWN);
    expect(attributes.tags).toEqual(["a", UNKNOWN]);
    expect(attributes.ram).toBe(UNKNOWN);
    expect(deferred.map((one) => [one.path, rangeText(one.expression.range)])).toEqual([
      [["image"], "var.later"],
      [["tags"], '["a", var.later]'],
      [["ram"], "1 + length(var.later)"],
      [["disk", "h d", "image"], '"${var.later}!"'],
    ]);
  });

  test("tells which of its paths are sensitive", () => {
    const { sensitive } = decode(
      'image = var.secret\ntags = ["a", var.secret]\npassword = "x"\ndisk "hda" { image = "${var.secret}.qcow2" }',
    );
    expect(sensitive).toEqual([["image"], ["tags", 1], ["password"], ["disk", "hda", "image"]]);
  });

  test("says where each endpoint stands", () => {
    const { places } = decode('image = "a"\nendpoints = ["x/0", "y/1"]');
    expect(["endpoints[0]", "endpoints[1]"].map((path) => rangeText(places.get(path) as never))).toEqual([
      '"x/0"',
      '"y/1"',
    ]);
  });

  test("leaves it to src/config to report what is missing, and takes it as unknown", () => {
    const { attributes, deferred, diagnostics } = decode("adapter {}");
    expect(diagnostics).toEqual([]);
    expect(attributes).toEqual({ ...empty, image: UNKNOWN, adapter_settings: [{ name: UNKNOWN }] });
    expect(deferred).toEqual([]);
  });

  test("passes over what src/config reports: unknown items, computed attributes, second labels", () => {
    const { attributes, diagnostics } = decode(
      'image = "a"\nnonsense = 1\nuuid = "mine"\nother {}\ndisk "hda" { size = 2 }\ndisk "hda" { size = 3 }\ndisk { size = 4 }',
    );
    expect(diagnostics).toEqual([]);
    expect(attributes).toEqual({ ...empty, disk: { hda: { image: null, size: 2 } } });
  });

  test.each([
    ["image = null", '"image" must not be null | It is required here and has no default. | null'],
    [
      'image = "a"\nram = [1]',
      'The value of "ram" has the wrong type | It takes a number, but this is a tuple: a number is required, this is a tuple. | [1]',
    ],
    ['image = "a"\nram = 2', '"ram" is too small | It must be from 4 to 4096; it is 2. | 2'],
    ['image = "a"\nram = 5000', '"ram" is too large | It must be from 4 to 4096; it is 5000. | 5000'],
    ['image = "a"\nram = 5.5', '"ram" must be a whole number | Fractions make no sense here; it is 5.5. | 5.5'],
    [
      'image = "a"\nconsole_type = "telent"',
      '"console_type" cannot be "telent" | It must be "telnet", "vnc" or "none". Did you mean "telnet"? | "telent"',
    ],
    [
      'image = "a"\nconsole_type = var.secret',
      'The value of "console_type" is not allowed | It must be "telnet", "vnc" or "none". | var.secret',
    ],
    ['image = "a"\nram = var.rma', "var.rma does not exist | Did you mean var.ram? | var.rma"],
  ])("with a mistake has one error: %s", (text, error) => {
    expect(errors(text)).toEqual([error]);
  });
});

describe("plain attributes as a value", () => {
  test("have the schema's type, with nulls for what is not there", () => {
    expect(formatType(schemaType(schema))).toBe(
      "object({ adapter_settings = list(object({ name = string })), console_type = string, " +
        "disk = map(object({ image = string, size = number })), endpoints = any, fast = bool, image = string, " +
        "labels = map(string), mac_address = string, password = string, ram = number, " +
        "ready = object({ console = string, timeout_s = number }), tags = list(string), uuid = string })",
    );
    const value = attributesToValue({ ram: 1.5, uuid: UNKNOWN, tags: ["a", UNKNOWN] }, schema);
    const node = scopeOf({ node: { r1: value } });
    const shown = (text: string) => formatValue(valueOf(text, node)).replace(/\s+/g, " ");
    expect(shown("node.r1.ram * 2")).toBe("3");
    expect(shown("node.r1.uuid")).toBe("(known after apply)");
    expect(shown("node.r1.tags")).toBe('tolist([ "a", (known after apply), ])');
    expect(shown("node.r1.image")).toBe("tostring(null)");
    expect(shown("node.r1.disk == null")).toBe("true");
    expect(shown("upper(node.r1.uuid)")).toBe("(known after apply)");
  });

  test("come back the same", () => {
    const { attributes } = decode(
      'image = "a"\ntags = ["x"]\ndisk "hda" { size = 0.5 }\nendpoints = ["a", { b = 1 }]\nready {}',
    );
    const { planned, sensitive } = valueToPlanned(attributesToValue(attributes, schema));
    expect(planned).toEqual(attributes);
    expect(sensitive).toEqual([["password"]]);
  });

  test("are marked at their sensitive paths, and rather too much than too little", () => {
    const { attributes } = decode('image = "a"\ntags = ["x", "y"]\ndisk "hda" { image = "b" }');
    const paths: Path[] = [
      ["tags", 1],
      ["disk", "hda", "image"],
      ["labels", "gone"],
    ];
    const { sensitive } = valueToPlanned(attributesToValue(attributes, schema, paths));
    expect(new Set(sensitive.map(String))).toEqual(new Set(["disk,hda,image", "labels", "password", "tags,1"]));
  });

  test("that are not of the schema's types are a fault of labform", () => {
    expect(() => attributesToValue({ ram: "much" }, schema)).toThrow(TypeError);
    expect(() => attributesToValue({ tags: { a: 1 } }, schema)).toThrow(TypeError);
  });
});
