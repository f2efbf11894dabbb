import type { BigFloat } from "./bigfloat.ts";
import type { Range } from "./source.ts";

/**
 * The tree of a lab file (HCL 2 native syntax; the JSON syntax makes the same one). Every node has the range of its
 * text. Sources: HCL's spec.md, "Structural Elements", "Expressions", "Templates".
 */
export interface Body {
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly Block[];
  readonly range: Range;
  /** Where a missing item would have stood: the closing brace, or the end of the file. */
  readonly endRange: Range;
}

export interface Attribute {
  readonly name: string;
  readonly nameRange: Range;
  readonly expression: Expression;
  readonly range: Range;
}

export interface Block {
  readonly type: string;
  readonly typeRange: Range;
  readonly labels: readonly Label[];
  readonly body: Body;
  /** Type and labels: what a message about the block marks. */
  readonly headerRange: Range;
  readonly range: Range;
}

export interface Label {
  readonly text: string;
  readonly range: Range;
}

export type Expression =
  | LiteralExpression
  | TemplateExpression
  | VariableExpression
  | AttributeExpression
  | IndexExpression
  | SplatExpression
  | CallExpression
  | UnaryExpression
  | BinaryExpression
  | ConditionalExpression
  | TupleExpression
  | ObjectExpression
  | ForExpression
  | ParenthesesExpression;

/** Numbers: a JavaScript number where it is a safe integer, else exact to 512 bits. */
export interface LiteralExpression {
  readonly kind: "literal";
  readonly value: string | number | BigFloat | boolean | null;
  readonly range: Range;
}

/** A quoted template or heredoc with at least one interpolation or directive; without any it is a literal. */
export interface TemplateExpression {
  readonly kind: "template";
  readonly parts: readonly TemplatePart[];
  /** A lone `"${x}"`: its value keeps its type. */
  readonly wrap: boolean;
  readonly range: Range;
}

export type TemplatePart =
  | { readonly kind: "text"; readonly text: string; readonly range: Range }
  | { readonly kind: "interpolation"; readonly expression: Expression; readonly range: Range }
  | {
      readonly kind: "if";
      readonly condition: Expression;
      readonly then: readonly TemplatePart[];
      readonly otherwise: readonly TemplatePart[];
      readonly range: Range;
    }
  | {
      readonly kind: "for";
      readonly keyName?: string | undefined;
      readonly valueName: string;
      readonly collection: Expression;
      readonly body: readonly TemplatePart[];
      readonly range: Range;
    };

/** The root name of a traversal: `node` in `node.r1.pid`. */
export interface VariableExpression {
  readonly kind: "variable";
  readonly name: string;
  readonly range: Range;
}

/** `object.name`; also the legacy index `object.0`, whose name is all digits and which `legacyIndex` marks. */
export interface AttributeExpression {
  readonly kind: "attribute";
  readonly object: Expression;
  readonly name: string;
  readonly legacyIndex?: boolean | undefined;
  readonly nameRange: Range;
  readonly range: Range;
}

export interface IndexExpression {
  readonly kind: "index";
  readonly object: Expression;
  readonly key: Expression;
  readonly range: Range;
}

/** `source[*].x.y` (full) or `source.*.x.y` (attribute only); `each` is evaluated with the element as `SplatElement`. */
export interface SplatExpression {
  readonly kind: "splat";
  readonly style: "full" | "attribute";
  readonly source: Expression;
  /** What follows the star, applied to each element in turn. */
  readonly steps: readonly SplatStep[];
  readonly range: Range;
}

export type SplatStep =
  | {
      readonly kind: "attribute";
      readonly name: string;
      readonly legacyIndex?: boolean | undefined;
      readonly range: Range;
    }
  | { readonly kind: "index"; readonly key: Expression; readonly range: Range }
  /** A splat of each element: `a[*].b[*].c`. Its result is a list, which the steps after it are applied to. */
  | {
      readonly kind: "splat";
      readonly style: "full" | "attribute";
      readonly steps: readonly SplatStep[];
      readonly range: Range;
    };

export interface CallExpression {
  readonly kind: "call";
  /** With namespaces joined by `::`. */
  readonly name: string;
  readonly nameRange: Range;
  readonly arguments: readonly Expression[];
  /** The last argument is followed by `...`. */
  readonly expandLast: boolean;
  readonly range: Range;
}

export interface UnaryExpression {
  readonly kind: "unary";
  readonly operator: "-" | "!";
  readonly operand: Expression;
  readonly range: Range;
}

export type BinaryOperator = "||" | "&&" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "%";

export interface BinaryExpression {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly operatorRange: Range;
  readonly left: Expression;
  readonly right: Expression;
  readonly range: Range;
}

export interface ConditionalExpression {
  readonly kind: "conditional";
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
  readonly range: Range;
}

export interface TupleExpression {
  readonly kind: "tuple";
  readonly items: readonly Expression[];
  readonly range: Range;
}

export interface ObjectExpression {
  readonly kind: "object";
  readonly items: readonly ObjectItem[];
  readonly range: Range;
}

/** A bare identifier before `=` is a literal key: the parser makes it a `literal`; `(x)` stays `parentheses`. */
export interface ObjectItem {
  readonly key: Expression;
  readonly value: Expression;
}

export interface ForExpression {
  readonly kind: "for";
  readonly keyName?: string | undefined;
  readonly valueName: string;
  readonly collection: Expression;
  /** Present in `{ for … : key => value }`. */
  readonly key?: Expression | undefined;
  readonly value: Expression;
  readonly condition?: Expression | undefined;
  /** `value...` in an object for expression. */
  readonly group: boolean;
  readonly range: Range;
}

export interface ParenthesesExpression {
  readonly kind: "parentheses";
  readonly inner: Expression;
  readonly range: Range;
}

/** What `references` finds in an expression: `node.router["r1"].pid` is root `node`, path `router`, `"r1"`, `pid`. */
export interface Reference {
  readonly root: string;
  /** The constant steps after the root, until the first that is not constant. */
  readonly path: readonly (string | number)[];
  readonly range: Range;
  /** The names of dynamic blocks' elements that could be meant where it stands. */
  readonly elements?: ReadonlySet<string> | undefined;
  /** In the arguments of `try` or `can`, where what a value lacks is no mistake. */
  readonly attempted?: true | undefined;
}
