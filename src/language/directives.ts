import type { Range } from "../core/source.ts";
import { span } from "../core/source.ts";
import type { Expression, TemplatePart } from "../core/syntax.ts";
import type { Cursor } from "./cursor.ts";

/** A template as it is read, before `%{if}` and `%{endif}`, `%{for}` and `%{endfor}` are paired. */
export type FlatPart =
  | Extract<TemplatePart, { readonly kind: "text" | "interpolation" }>
  | { readonly kind: "openIf"; readonly condition: Expression; readonly range: Range }
  | {
      readonly kind: "openFor";
      readonly keyName?: string;
      readonly valueName: string;
      readonly collection: Expression;
      readonly range: Range;
    }
  | { readonly kind: "else" | "endif" | "endfor"; readonly range: Range };

type Opening = Extract<FlatPart, { readonly kind: "openIf" | "openFor" }>;
type Ending = Extract<FlatPart, { readonly kind: "else" | "endif" | "endfor" }>;

interface Open {
  readonly opening: Opening;
  /** Of an if, before its else. */
  readonly then: TemplatePart[];
  otherwise: TemplatePart[] | undefined;
}

/** Pairs the directives; leaves in `cursor.height` how deep they nest. */
export function nestDirectives(cursor: Cursor, flat: readonly FlatPart[]): TemplatePart[] {
  const root: TemplatePart[] = [];
  const stack: Open[] = [];
  let deepest = 0;
  for (const part of flat) {
    const open = stack[stack.length - 1];
    const into = open ? (open.otherwise ?? open.then) : root;
    if (part.kind === "text" || part.kind === "interpolation") into.push(part);
    else if (part.kind === "openIf" || part.kind === "openFor") {
      cursor.enter("template directive");
      stack.push({ opening: part, then: [], otherwise: undefined });
      deepest = Math.max(deepest, stack.length);
    } else if (part.kind === "else") openElse(cursor, open, part);
    else {
      const nested = closed(cursor, open, part);
      stack.pop();
      cursor.leave();
      const outer = stack[stack.length - 1];
      (outer ? (outer.otherwise ?? outer.then) : root).push(nested);
    }
  }
  const unclosed = stack[stack.length - 1];
  if (unclosed) {
    const name = nameOf(unclosed);
    cursor.fail(
      `The \`%{${name}}\` has no \`%{end${name}}\``,
      `It needs \`%{end${name}}\` before the template ends.`,
      unclosed.opening.range,
    );
  }
  cursor.height = deepest;
  return root;
}

function nameOf(open: Open): "if" | "for" {
  return open.opening.kind === "openIf" ? "if" : "for";
}

function openElse(cursor: Cursor, open: Open | undefined, part: Ending): void {
  if (!open) cursor.fail("An `%{else}` without `%{if}`", "No `%{if}` is open here.", part.range);
  const related = [{ message: "this is what is open", range: open.opening.range }];
  if (open.opening.kind === "openFor") {
    cursor.fail("An `%{else}` in a `%{for}`", "Only `%{if}` has an `%{else}`.", part.range, related);
  }
  if (open.otherwise) {
    cursor.fail("A second `%{else}`", "An `%{if}` has one at most; nest another `%{if}` in it.", part.range, related);
  }
  open.otherwise = [];
}

function closed(cursor: Cursor, open: Open | undefined, part: Ending): TemplatePart {
  if (!open) {
    cursor.fail(`A \`%{${part.kind}}\` too many`, `No \`%{${part.kind.slice(3)}}\` is open here.`, part.range);
  }
  const name = nameOf(open);
  if (part.kind !== `end${name}`) {
    cursor.fail(
      `A \`%{${part.kind}}\` where \`%{end${name}}\` is due`,
      `The directive opened last is closed first, with \`%{end${name}}\`.`,
      part.range,
      [{ message: "this is what is open", range: open.opening.range }],
    );
  }
  const { opening, then } = open;
  const range = span(opening.range, part.range);
  if (opening.kind === "openIf") {
    return { kind: "if", condition: opening.condition, then, otherwise: open.otherwise ?? [], range };
  }
  const { keyName, valueName, collection } = opening;
  return { kind: "for", keyName, valueName, collection, body: then, range };
}
