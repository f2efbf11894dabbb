import { describe, expect, it } from "vitest";
import { tokenize } from "../../../../providers/ubridge/builtin/tokens.ts";

describe("a line of the hypervisor protocol", () => {
  it.each([
    ["bridge create a", ["bridge", "create", "a"]],
    ["  bridge\tlist \r", ["bridge", "list"]],
    ['bridge create "two words"', ["bridge", "create", "two words"]],
    ['bridge create ""', ["bridge", "create"]],
    ["bridge create a#b", ["bridge", "create", "a"]],
    ["bridge create a!b", ["bridge", "create", "a"]],
    ['bridge create "a#b!c"', ["bridge", "create", "a#b!c"]],
    ["# nothing", []],
    ["", []],
  ])("%j is read as %j", (line, tokens) => {
    expect(tokenize(line)).toEqual({ tokens });
  });

  it("says why it cannot be read", () => {
    expect(tokenize('bridge create "open')).toEqual({ error: "unexpected end of line" });
    expect(tokenize('bridge create a"b')).toEqual({ error: "unexpected quote" });
  });
});
