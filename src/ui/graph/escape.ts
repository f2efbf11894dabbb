import { printable } from "../text.ts";

/** For Graphviz's HTML-like labels, in which a backslash and a letter mean something too, and for the XML it makes of them. */
export function escaped(text: string): string {
  return printable(text)
    .replaceAll("&", "&amp;")
    .replaceAll("\\", "\\\\")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A name in DOT's quotes; no backslash in it says what follows. */
export function quoted(text: string): string {
  return `"${printable(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** For a tooltip, in which Graphviz reads entities, and takes backslashes away twice. */
export function quotedTooltip(text: string): string {
  const kept = printable(text).replaceAll("&", "&amp;").replaceAll("\\", "\\\\\\\\");
  return `"${kept.replaceAll('"', '\\"')}"`;
}
