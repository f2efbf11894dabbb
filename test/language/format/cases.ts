/**
 * The form of tables/*.txt, a case of which is
 *
 *     #### what the case shows
 *     the text of a file
 *     ---- terraform
 *     what `terraform fmt` made of it
 *     ---- labform: why it means to differ
 *     what labform makes of it, where it does
 *
 * The second part says `---- unchanged` where the text stays as it is. What cannot be seen is written so: `␍` carriage
 * return, `␉` tab, `␠` a space that ends a line, `␁` byte order mark, `␄` the end of a file without a line end.
 */
export interface Case {
  readonly name: string;
  readonly input: string;
  readonly terraform: string;
  readonly labform?: { readonly because: string; readonly text: string } | undefined;
}

export function readCases(table: string): readonly Case[] {
  const cases = table.split(/^#### /m).slice(1);
  return cases.map((text) => {
    const [head = "", ...parts] = text.split(/^---- /m);
    const [name, input] = cut(head);
    const sections = new Map(parts.map(cut));
    const own = [...sections].find(([title]) => title.startsWith("labform: "));
    return {
      name,
      input: hidden(input),
      terraform: hidden(sections.get("terraform") ?? input),
      labform: own && { because: own[0].slice("labform: ".length), text: hidden(own[1]) },
    };
  });
}

export function writeCases(cases: readonly Case[]): string {
  return cases
    .map(({ name, input, terraform, labform }) => {
      const recorded = terraform === input ? "---- unchanged\n" : `---- terraform\n${visible(terraform)}`;
      const own = labform === undefined ? "" : `---- labform: ${labform.because}\n${visible(labform.text)}`;
      return `#### ${name}\n${visible(input)}${recorded}${own}`;
    })
    .join("");
}

/** The first line and the rest. */
function cut(text: string): [string, string] {
  const lineEnd = text.indexOf("\n");
  return [text.slice(0, lineEnd), text.slice(lineEnd + 1)];
}

const signs: readonly (readonly [string, string])[] = [
  ["\r", "␍"],
  ["\t", "␉"],
  ["\ufeff", "␁"],
];

function visible(text: string): string {
  let shown = text;
  for (const [character, sign] of signs) shown = shown.replaceAll(character, sign);
  shown = shown.replace(/ (?=␍?$)/gm, "␠");
  return shown === "" || shown.endsWith("\n") ? shown : `${shown}␄\n`;
}

function hidden(shown: string): string {
  let text = shown.replace(/␄\n$/, "").replaceAll("␠", " ");
  for (const [character, sign] of signs) text = text.replaceAll(sign, character);
  return text;
}
