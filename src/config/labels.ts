import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Range } from "../core/source.ts";
import type { Block, Label } from "../core/syntax.ts";
import type { Draft } from "./draft.ts";
import { isName } from "./names.ts";
import { duplicate, wrongLabels } from "./shape.ts";

/** The name of a block that has one and is declared once; what is wrong with it is reported. */
export function declaredName(
  block: Block,
  draft: Draft,
  declared: ReadonlyMap<string, { readonly range: Range }>,
  form: string,
  key: (name: string) => string = (name) => name,
): string | undefined {
  const label = onlyLabel(block, form, draft);
  if (!label) return undefined;
  const { text } = label;
  if (!isName(text)) {
    draft.diagnostics.push(
      errorDiagnostic(`Bad name for ${block.type}`, {
        detail:
          "A name begins with a letter or an underscore and goes on with letters, digits, underscores and dashes.",
        range: label.range,
      }),
    );
    return undefined;
  }
  const first = declared.get(key(text));
  if (first) {
    draft.diagnostics.push(duplicate(`${block.type} "${text}"`, "in this lab", block.headerRange, first.range));
    return undefined;
  }
  return text;
}

export function onlyLabel(block: Block, form: string, draft: Draft): Label | undefined {
  if (block.labels.length === 1) return block.labels[0];
  draft.diagnostics.push(wrongLabels(block, form, 1));
  return undefined;
}
