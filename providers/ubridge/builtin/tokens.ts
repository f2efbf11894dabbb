/**
 * One line of the hypervisor protocol as uBridge reads it: `"…"` groups without escapes, an empty group vanishes, `#`
 * and `!` outside of groups start a comment. An error is the text behind `Parse error: `.
 */
export function tokenize(line: string): { readonly tokens: readonly string[] } | { readonly error: string } {
  const tokens: string[] = [];
  let word = "";
  let quoted = false;
  for (const character of line) {
    if (quoted) {
      if (character === '"') {
        quoted = false;
        if (word !== "") tokens.push(word);
        word = "";
      } else word += character;
    } else if (character === '"') {
      if (word !== "") return { error: "unexpected quote" };
      quoted = true;
    } else if (character === "#" || character === "!" || character === "\r") break;
    else if (character === " " || character === "\t") {
      if (word !== "") tokens.push(word);
      word = "";
    } else word += character;
  }
  if (quoted) return { error: "unexpected end of line" };
  if (word !== "") tokens.push(word);
  return { tokens };
}
