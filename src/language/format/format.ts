import type { Diagnostic } from "../../core/diagnostics.ts";
import type { SourceFile } from "../../core/source.ts";
import { parseFile } from "../parse.ts";
import { layOut } from "./layout.ts";
import { piecesOf } from "./pieces.ts";
import { rewrite } from "./rewrite.ts";

export interface Formatted {
  /** Undefined when the file has errors, which `diagnostics` then says: such a file is not to be touched. */
  readonly text: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A file in the style of `terraform fmt`. It means what it meant, says it with the same comments, and formatting it
 * again changes nothing. Takes time linear in its length, and never throws.
 */
export function formatFile(file: SourceFile): Formatted {
  const { body, diagnostics } = parseFile(file);
  if (diagnostics.length > 0) return { text: undefined, diagnostics };
  const pieces = rewrite(piecesOf(file.text), body);
  layOut(pieces);
  return { text: pieces.map(({ spaces, text }) => " ".repeat(spaces) + text).join(""), diagnostics };
}
