import { describe, expect, test } from "vitest";
import { numberValue, objectValue, stringValue, UNKNOWN_VALUE } from "../../src/core/values.ts";
import { formatValue } from "../../src/evaluation/formatValue.ts";
import { errorOf, scopeOf, tryEvaluate, valueOf } from "./support.ts";

const scope = scopeOf({
  var: {
    node: objectValue(new Map([["ram", numberValue(512)]])),
    password: { ...stringValue("hunter2"), sensitive: true },
    later: UNKNOWN_VALUE,
  },
});

describe("try() and can()", () => {
  test("swallow the errors of what they are given, also a call of what is no function", () => {
    expect(formatValue(valueOf("try(var.node.cpus, 1)", scope))).toBe("1");
    expect(formatValue(valueOf("try(nothing_like_it(var.node), 1)", scope))).toBe("1");
    expect(formatValue(valueOf("can(var.node.cpus)", scope))).toBe("false");
  });

  test("do not swallow a reference to what does not exist, wherever it stands", () => {
    const message = "var.nod does not exist | Did you mean var.node? | var.nod";
    for (const text of ["try(var.nod.ram, 1)", "can(var.nod)", "try(1, var.nod)", "try(try(var.nod, 1), 2)"]) {
      expect(errorOf(text, scope), text).toBe(message);
    }
    expect(errorOf("try([for x in [1]: nothing], 1)", scope)).toContain('Unknown name "nothing"');
  });

  test("know the names that a for around them or inside them binds", () => {
    expect(formatValue(valueOf('join(",", [for x in [{a = 1}, {}]: try(x.a, "none")])', scope))).toBe('"1,none"');
    expect(formatValue(valueOf("try([for x in [1]: x.y], [for y in [2]: y])[0]", scope))).toBe("2");
  });

  test("evaluate nothing after the first success", () => {
    const asked: string[] = [];
    const counting = {
      member: (root: string, name: string) => {
        asked.push(`${root}.${name}`);
        return numberValue(1);
      },
      lookup: () => undefined,
      names: () => [],
    };
    expect(formatValue(valueOf("try(a.b, tonumber(c.d) / 0)", counting))).toBe("1");
    expect(formatValue(valueOf("can(a.b)", counting))).toBe("true");
  });

  test("take the elements of a list as attempts that succeed", () => {
    expect(formatValue(valueOf("try(var.node.cpus, [2, 3]...)", scope))).toBe("2");
    expect(formatValue(valueOf("try(var.later...)", scope))).toBe("(known after apply)");
    expect(errorOf("try(1...)", scope)).toBe(
      '"..." expands a list, tuple or set | The value before it is a number. | 1',
    );
  });
});

test("when all attempts fail, each is told with its place, and the call", () => {
  const { diagnostics } = tryEvaluate('try(var.node.cpus, tonumber("x"))', scope);
  expect(diagnostics).toHaveLength(1);
  const [one] = diagnostics;
  expect(one?.summary).toBe("No argument of try() has a value");
  expect(one?.detail).toBe(
    'Each of them fails: There is no attribute "cpus" (This object does not have it. There is only "ram".) ' +
      'Wrong argument of tonumber() (The argument "v" does not fit: "x" is no number.) ' +
      "Give a last argument that cannot fail, a constant say.",
  );
  const related = one?.related?.map(
    ({ message, range }) => `${message} | ${range.file.text.slice(range.start, range.end)}`,
  );
  expect(related).toEqual([
    'Wrong argument of tonumber() | "x"',
    'try() is called here | try(var.node.cpus, tonumber("x"))',
  ]);
});

test("what is sensitive is not in the message of attempts that fail", () => {
  const { diagnostics } = tryEvaluate("try(tonumber(var.password), jsondecode(var.password))", scope);
  const words = diagnostics.map(({ summary, detail, values, related }) => [
    summary,
    detail,
    values,
    related?.map((one) => one.message),
  ]);
  expect(JSON.stringify(words)).not.toContain("hunter2");
  expect(diagnostics).toHaveLength(1);
});

test("type() is refused inside an expression, with the reason", () => {
  expect(errorOf("[type(1)]")).toBe(
    "type() cannot be called like this | type(value): it is for looking at a value: it must stand alone, " +
      "and nothing can be made of its result. | type(1)",
  );
});
