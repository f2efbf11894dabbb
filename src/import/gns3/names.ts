/** Gives each thing of a project a name of the language, and no two of a kind the same. */
export class Names {
  readonly #used = new Set<string>();

  /** `R 1` → `R_1`, and the next of that name `R_1_2`. */
  give(name: string): string {
    const first = identifierOf(name);
    let given = first;
    for (let number = 2; this.#used.has(given); number++) given = `${first}_${number}`;
    this.#used.add(given);
    return given;
  }
}

/** The nearest text that can stand behind a dot: letters, digits, `_` and `-`, beginning with no digit and no `-`. */
function identifierOf(name: string): string {
  const plain = name
    .trim()
    .normalize("NFC")
    .replace(/[^\p{ID_Continue}-]+/gu, "_")
    .replace(/(?<=.)_+$/u, "");
  if (plain === "") return "_";
  return /^[\p{ID_Start}_]/u.test(plain) ? plain : `_${plain}`;
}
