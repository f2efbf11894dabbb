/** A word as a POSIX shell takes it, in quotes where it needs them: for command lines that are shown, never for running. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
