import type { Value } from "../../core/values.ts";
import { stringValue } from "../../core/values.ts";
import { normalised } from "../../language/characters.ts";

/** A string that was cut or put together, and so may no longer be in the form that all strings are in (NFC). */
export function textValue(text: string): Value {
  return stringValue(normalised(text));
}
