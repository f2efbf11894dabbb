import type { Reporter, TestCase } from "vitest/node";

/** Names at the end of a run the tests that held only when they were tried again, and what the first try said. */
export default class SecondTries implements Reporter {
  readonly #found: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky !== true) return;
    const why = test.result().errors?.[0]?.message.split("\n")[0] ?? "no reason told";
    this.#found.push(`  ${test.module.relativeModuleId} > ${test.fullName}: ${why}`);
  }

  onTestRunEnd(): void {
    if (this.#found.length === 0) return;
    process.stdout.write(`Held only when tried again (${this.#found.length}):\n${this.#found.join("\n")}\n`);
  }
}
