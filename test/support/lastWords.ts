import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";

/** Of what an error says. */
const LINES = 6;
const CHARACTERS = 600;

/**
 * What a long run ends with, where its first pages are no longer seen: the tests that failed and what each try said,
 * and those that held only when they were tried again.
 */
export default class LastWords implements Reporter {
  readonly #failed: string[] = [];
  readonly #secondTries: string[] = [];

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    if (state === "failed") this.#failed.push(wordsOf(test.module, test.fullName, errors ?? []));
    else if (test.diagnostic()?.flaky) this.#secondTries.push(wordsOf(test.module, test.fullName, errors ?? []));
  }

  onTestSuiteResult(suite: TestSuite): void {
    const errors = suite.errors();
    if (errors.length > 0) this.#failed.push(wordsOf(suite.module, suite.fullName, errors));
  }

  onTestModuleEnd(module: TestModule): void {
    const errors = module.errors();
    if (errors.length > 0) this.#failed.push(wordsOf(module, "the file", errors));
  }

  onTestRunEnd(): void {
    tell("Failed", this.#failed);
    tell("Held only when tried again", this.#secondTries);
  }
}

function tell(title: string, tests: readonly string[]): void {
  if (tests.length > 0) process.stdout.write(`${title} (${tests.length}):\n${tests.join("\n")}\n`);
}

function wordsOf(module: TestModule, name: string, errors: readonly { readonly message: string }[]): string {
  const said = errors.map(({ message }) => message.slice(0, CHARACTERS).split("\n").slice(0, LINES).join("\n      "));
  return [`  ${module.relativeModuleId} > ${name}`, ...said.map((words) => `    - ${words}`)].join("\n");
}
