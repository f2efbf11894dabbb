import { beforeAll, expect, test } from "vitest";
import { Chance } from "./host/chance.ts";
import { SimulatedHost } from "./host.ts";
import { live } from "./life.ts";
import { RandomLab } from "./randomLab.ts";
import { apply, destroy, plan } from "./scenario.ts";

const SEEDS = 150;

/** A module that loads while virtual time goes on would make one run of a seed differ from the next. */
beforeAll(async () => {
  const host = new SimulatedHost(1, { hasUbridge: true });
  host.write("random.lab.hcl", new RandomLab(new Chance(1), true).text());
  await plan(host);
  await apply(host);
  await destroy(host);
});

const given = process.env["LABFORM_SEED"];
const seeds = given === undefined ? Array.from({ length: SEEDS }, (_, at) => at + 1) : [Number(given)];

test(`${seeds.length} labs live through edits, faults, kills, power cuts and reboots, and become whole in peace`, async () => {
  const failures: string[] = [];
  for (const seed of seeds) {
    const account: string[] = [];
    try {
      await live(seed, account);
    } catch (error) {
      const { stack } = error as Error;
      if (given !== undefined) failures.push(...account);
      failures.push(`${stack}\nAgain: LABFORM_SEED=${seed} npx vitest run test/simulation/random.test.ts`);
    }
  }
  expect(failures.join("\n\n")).toBe("");
}, 300_000);
