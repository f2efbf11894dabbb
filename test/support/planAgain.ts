/** Flags that have their value in the next word. */
const VALUED =
  /^--?(var|var-file|target|exclude|replace|parallelism|lock-timeout|chdir|workspace|refresh|input|lock|lost-host)$/;

/** What restricts an apply, or has it see less than all. */
const PARTIAL = /^--?(target|exclude|refresh-only|refresh=|refresh$|destroy)/;

/** What the next plan must be told too. */
const KEPT = /^--?(var|var-file|chdir|workspace|lost-host)(=|$)/;

/**
 * The plan that must find nothing to do after an apply that succeeded; undefined where the words are no apply of the
 * whole lab as its files have it now: a saved plan may be older than they are.
 */
export function planAgain(words: readonly string[]): readonly string[] | undefined {
  const globals: string[] = [];
  const flags: string[] = [];
  let command: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (!word.startsWith("-")) {
      if (command !== undefined) return undefined;
      command = word;
      continue;
    }
    const flag = VALUED.test(word) ? [word, words[++at] ?? ""] : [word];
    if (PARTIAL.test(word)) return undefined;
    if (KEPT.test(word)) (command === undefined ? globals : flags).push(...flag);
  }
  return command === "apply" ? [...globals, "plan", "-detailed-exitcode", ...flags] : undefined;
}

/** What a test fails with where that plan finds something. */
export function notDone(plan: {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}): Error {
  return new Error(`the plan after the apply is not empty (${plan.exitCode}):\n${plan.stdout}${plan.stderr}`);
}
