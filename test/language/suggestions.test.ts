import { describe, expect, test } from "vitest";
import { literalMeantBy, suggestion, suggestionText } from "../../src/core/suggestion.ts";

describe("a word that was most likely meant to be true, false or null", () => {
  test.each([
    ["true", ["true", "ture", "tru", "tre", "treu", "rtue", "True", "TRUE", "yes", "on"]],
    ["false", ["false", "flase", "fales", "flse", "fasle", "fasel", "False", "no", "off"]],
    ["null", ["null", "nul", "unll", "nll", "NULL", "nil", "None", "undefined"]],
  ])("%s", (meant, words) => {
    for (const word of words) expect(literalMeantBy(word), word).toBe(meant);
  });

  test("is no other", () => {
    for (const word of ["bananas", "NaN", "Inf", "Infinity", "void", "e1000", "x"]) {
      expect(literalMeantBy(word), word).toBeUndefined();
    }
  });
});

describe("the name that was meant", () => {
  const names = ["image", "ram", "cpus", "console", "length", "password", "adapter_type"];

  test.each([
    ["imgae", "image"],
    ["iamge", "image"],
    ["Image", "image"],
    ["rma", "ram"],
    ["cpu", "cpus"],
    ["consle", "console"],
    ["len", "length"],
    ["pass", "password"],
    ["adapter-type", "adapter_type"],
  ])("by %s is %s", (word, meant) => expect(suggestion(word, names)).toBe(meant));

  test("is not guessed from far away", () => {
    for (const word of ["memory", "x", "", "disk", "pa"]) expect(suggestion(word, names), word).toBeUndefined();
  });

  test("is said, or what there is", () => {
    expect(suggestionText("imgae", names)).toBe('Did you mean "image"?');
    expect(suggestionText("imgae", names, "var.")).toBe("Did you mean var.image?");
    expect(suggestionText("x", ["a"])).toBe('There is only "a".');
    expect(suggestionText("x", ["a", "b"])).toBe('There are "a" and "b".');
    expect(suggestionText("x", [])).toBe("There are none.");
    const many = Array.from({ length: 10 }, (_, at) => `name${at}`);
    expect(suggestionText("x", many)).toMatch(/^There are "name0", .* "name7" and 2 more\.$/);
    expect(suggestionText("x", [...many, ...many, ...many, ...many, ...many])).toBe("There is none like it.");
  });
});
