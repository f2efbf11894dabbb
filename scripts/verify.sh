#!/usr/bin/env bash
# Everything a change must pass: what is missing is installed, then build, checks, guest and all tests. The checks and
# the tests both run whatever the other says. The last line counts the tests; the exit code is 0 only when all is well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
INSTALL_FOR_TESTS=1
source scripts/install.sh

node scripts/build.mjs
node scripts/guest.mjs

failed=0
node scripts/check.mjs || failed=1

report=$(mktemp)
trap 'rm -f "$report"' EXIT
node_modules/.bin/vitest run --reporter=default --reporter=./test/support/lastWords.ts --reporter=json --outputFile.json="$report" || failed=1
# A run that ended before its report was written has failed, whatever it passed until then.
node - "$report" << 'SCRIPT' || failed=1
let counts = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0 };
try {
  counts = JSON.parse(require("node:fs").readFileSync(process.argv[2], "utf8"));
} catch {
  console.log("The tests ended without a report.");
}
const { numPassedTests, numFailedTests, numPendingTests } = counts;
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
console.log(`${numPassedTests} passed, ${numFailedTests} failed${skipped}`);
process.exitCode = numPassedTests > 0 && numFailedTests === 0 ? 0 : 1;
SCRIPT
exit "$failed"
