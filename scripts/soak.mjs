// What takes too long for every run of the tests: a lab of 40 guests and 60 links (10 GiB, some minutes without KVM), labs
// applied and destroyed side by side, round after round, an apply and a destroy killed after each of their records,
// simulated lives of fresh seeds, generated lab files shown to HashiCorp's parser. `npm run soak`, or `npm run soak -- 50` for as many rounds. Ends at the first round that fails; the
// exit code is 0 when none did.
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const [given = "10"] = process.argv.slice(2);
const rounds = Number(given);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`soak: ${given} is no number of rounds`);
  process.exit(1);
}

function run(files, environment = {}) {
  const { status } = spawnSync(`${root}/node_modules/.bin/vitest`, ["run", ...files], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  if (status !== 0) {
    console.error(`soak: ${files.join(" ")} failed`);
    process.exit(status ?? 1);
  }
}

run(["test/language/agreement.test.ts"], { LABFORM_INPUTS: "20000" });
run(["test/acceptance/many.test.ts"], { LABFORM_NODES: "40" });
run(["test/acceptance/together.test.ts"], { LABFORM_ROUNDS: String(rounds) });
for (let round = 1; round <= rounds; round++) {
  console.log(`\nround ${round} of ${rounds}`);
  run(["test/acceptance/crash.test.ts", "test/acceptance/strangers.test.ts"]);
  run(["test/simulation/random.test.ts"], { LABFORM_SEED: String(randomInt(1_000_000_000)) });
}
console.log(`\nsoak: ${rounds} ${rounds === 1 ? "round" : "rounds"}, nothing failed`);
