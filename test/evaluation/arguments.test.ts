import { describe, expect, test } from "vitest";
import { stringValue, tupleValue } from "../../src/core/values.ts";
import { errorOf, scopeOf, secret, tryEvaluate } from "./support.ts";

const scope = scopeOf({
  s: { word: secret(stringValue("hunter2")), words: secret(tupleValue([stringValue("hunter2")])) },
});

/** `summary | detail | text at fault`, of functions of collections. */
describe("a wrong argument is named, with what is wrong about it", () => {
  test.each([
    [
      "alltrue([1])",
      'Wrong argument of alltrue() | The argument "list" does not fit: element 0: a bool is required, this is a number. | [1]',
    ],
    ['chunklist(["a"], -1)', 'Wrong argument of chunklist() | The argument "size" does not fit: -1 is negative. | -1'],
    [
      'chunklist(["a"], 1.5)',
      'Wrong argument of chunklist() | The argument "size" does not fit: a whole number is required, this is 1.5. | 1.5',
    ],
    [
      "coalesce(1, [])",
      "coalesce() cannot be called like this | coalesce(vals...): the values must be of one type, they are a number and a tuple. | coalesce(1, [])",
    ],
    [
      'coalesce(null, "")',
      'coalesce() cannot be called like this | coalesce(vals...): all values are null or empty texts. | coalesce(null, "")',
    ],
    [
      "coalescelist([], 1)",
      'Wrong argument of coalescelist() | The argument "vals" does not fit: a list or tuple is required, this is a number. | 1',
    ],
    [
      "concat([], {})",
      'Wrong argument of concat() | The argument "seqs" does not fit: a list or tuple is required, this is an object. | {}',
    ],
    [
      "distinct([1, [1]])",
      'Wrong argument of distinct() | The argument "list" does not fit: all elements must be of one type. | [1, [1]]',
    ],
    ["element([], 0)", 'Wrong argument of element() | The argument "list" does not fit: the list is empty. | []'],
    [
      "element([1], 1e30)",
      'Wrong argument of element() | The argument "index" does not fit: a whole number of at most 64 bits is required, this is 1000000000000000000000000000000. | 1e30',
    ],
    [
      "index([1, 2], 3)",
      'Wrong argument of index() | The argument "value" does not fit: it is not in the list; contains() tells whether it is. | 3',
    ],
    [
      "keys([])",
      'Wrong argument of keys() | The argument "inputMap" does not fit: a map or object is required, this is a tuple. | []',
    ],
    [
      'lookup({imgae = 1}, "image")',
      'Wrong argument of lookup() | The argument "key" does not fit: there is no "image" in the object (did you mean "imgae"?), and no default is given. | "image"',
    ],
    [
      'lookup(tomap({a = 1}), "b", "x")',
      'Wrong argument of lookup() | The argument "default" does not fit: it is returned in place of an element: "x" is no number. | "x"',
    ],
    [
      "lookup({}, 1, 2, 3)",
      "lookup() cannot be called like this | lookup(inputMap, key, default...): it takes two or three arguments, 4 are given. | lookup({}, 1, 2, 3)",
    ],
    [
      "matchkeys([1], [], [])",
      'Wrong argument of matchkeys() | The argument "keys" does not fit: the numbers of keys and values differ, 0 and 1. | []',
    ],
    [
      "merge({}, 5)",
      'Wrong argument of merge() | The argument "maps" does not fit: a map or object is required, this is a number. | 5',
    ],
    [
      "one([1, 2])",
      'Wrong argument of one() | The argument "list" does not fit: at most one element is allowed, there are 2. | [1, 2]',
    ],
    [
      "setproduct([1])",
      "setproduct() cannot be called like this | setproduct(sets...): at least two sets are needed. | setproduct([1])",
    ],
    [
      "setunion([1], [true])",
      "setunion() cannot be called like this | setunion(first_set, other_sets...): the elements of all sets must be of one type, but here they are a number and a bool. | setunion([1], [true])",
    ],
    [
      "slice([1], 0, 2)",
      'Wrong argument of slice() | The argument "end_index" does not fit: 2 is past the end of a list of 1. | 2',
    ],
    [
      "slice([1, 2], 2, 1)",
      'Wrong argument of slice() | The argument "start_index" does not fit: 2 is greater than 1. | 2',
    ],
    [
      "slice(toset([1]), 0, 1)",
      'Wrong argument of slice() | The argument "list" does not fit: the elements of a set have no index; use tolist() on it first. | toset([1])',
    ],
    [
      "sort([null])",
      'Wrong argument of sort() | The argument "list" does not fit: element 0 is null, which has no place among texts. | [null]',
    ],
    [
      "transpose({a = null})",
      'Wrong argument of transpose() | The argument "values" does not fit: element "a" is null. | {a = null}',
    ],
    [
      "values(1)",
      'Wrong argument of values() | The argument "mapping" does not fit: a map or object is required, this is a number. | 1',
    ],
    [
      'zipmap(["a"], [])',
      'Wrong argument of zipmap() | The argument "values" does not fit: the numbers of keys and values differ, 1 and 0. | []',
    ],
    [
      "zipmap([null], [1])",
      'Wrong argument of zipmap() | The argument "keys" does not fit: element 0 is null, which is no key. | [null]',
    ],
    [
      "tolist([1, [2]])",
      'Wrong argument of tolist() | The argument "v" does not fit: all elements must be of one type. | [1, [2]]',
    ],
  ])("%s", (text, message) => {
    expect(errorOf(text)).toBe(message);
  });

  test("all of them, where several are wrong", () => {
    const { diagnostics } = tryEvaluate('slice(1, "x", null)');
    expect(diagnostics.map((one) => one.detail)).toEqual([
      'The argument "start_index" does not fit: "x" is no number.',
      'The argument "end_index" does not fit: it is null.',
    ]);
  });

  test("but never with a value that is sensitive", () => {
    for (const text of [
      "lookup({a = 1}, s.word)",
      'lookup({(s.word) = 1}, "x")',
      "element([], s.word)",
      "index([1], s.word)",
      "tolist([s.word, [1]])",
      "zipmap([s.word, null], [1])",
      "one([s.word, s.word])",
      "slice([1], s.word, 1)",
      "setunion(s.words, [[1]])",
      "tonumber(s.words[0])",
    ]) {
      const { diagnostics } = tryEvaluate(text, scope);
      expect(diagnostics.length, text).toBeGreaterThan(0);
      const words = diagnostics.map(({ summary, detail, values }) => [summary, detail, values]);
      expect(JSON.stringify(words), text).not.toContain("hunter2");
    }
  });
});

/** What a conditional's two results have not in common is told at the first part in which they differ. */
describe("the results of a conditional that have no type in common", () => {
  test.each([
    ["1", "[1]", 'after "?" stands a number and after ":" a tuple'],
    ["[1, [2]]", "[3]", 'the tuple after "?" has 2 elements and the one after ":" has one element'],
    ["[[1]]", "[{}]", 'in element 0, after "?" stands a tuple and after ":" an object'],
    ["{a = 1}", "{b = [1]}", 'the object after "?" has an attribute "a", which the one after ":" has not'],
    ["{a = 1}", "{a = 1, b = [1]}", 'the object after ":" has an attribute "b", which the one after "?" has not'],
    [
      "{a = {b = 1}}",
      "{a = {b = []}}",
      'in attribute "a", in attribute "b", after "?" stands a number and after ":" a tuple',
    ],
    ["tolist([1])", "tolist([true])", 'in the elements, after "?" stands a number and after ":" a bool'],
    ["tomap({a = 1})", "[1]", 'after "?" stands a map of numbers and after ":" a tuple'],
  ])("%s and %s", (then, otherwise, difference) => {
    const text = `true ? ${then} : ${otherwise}`;
    const detail = `The two results of a conditional must be of one type, but ${difference}.`;
    expect(errorOf(text)).toBe(`The results have different types | ${detail} | ${text}`);
  });
});
