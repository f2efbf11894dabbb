/** The texts of a well-formed XML document's elements, in order; throws with the place of what is not well-formed. */
export function readXml(document: string): { readonly texts: readonly string[]; readonly titles: readonly string[] } {
  const open: string[] = [];
  const texts: string[] = [];
  const titles: string[] = [];
  let text = "";
  const pattern =
    /<\?[^?]*\?>|<!--(?:(?!--)[^])*-->|<!DOCTYPE[^>]*>|<(\/?)([A-Za-z][\w:]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|[^<]+/gy;
  let at = 0;
  for (const match of document.matchAll(pattern)) {
    at = match.index + match[0].length;
    const [whole, close, name, , empty] = match;
    if (/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/.test(whole)) throw new Error(`a bare & in ${whole}`);
    if (name === undefined) {
      text += whole.startsWith("<") ? "" : whole;
      continue;
    }
    if (close === "") {
      text = "";
      if (empty === "") open.push(name);
      continue;
    }
    if (open.pop() !== name) throw new Error(`</${name}> closes what is not open at ${at}`);
    if (name === "text") texts.push(plain(text));
    if (name === "title") titles.push(plain(text));
  }
  if (at !== document.length) throw new Error(`no XML at ${at}: ${document.slice(at, at + 80)}`);
  if (open.length > 0) throw new Error(`never closed: ${open.join(", ")}`);
  return { texts, titles };
}

function plain(text: string): string {
  return text
    .replaceAll(/&#(?:x([\da-fA-F]+)|(\d+));/g, (_, hex?: string, decimal?: string) =>
      String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
    )
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
