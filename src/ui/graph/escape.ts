import { printable } from "../text.ts";

/** For Graphviz's HTML-like labels, and for the XML it makes of them. */
export function escaped(text: string): string {
  return printable(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A name in DOT's quotes; a backslash stays one, also before a letter that Graphviz expands in a tooltip. */
export function quoted(text: string): string {
  return `"${printable(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
