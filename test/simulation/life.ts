import { lostWritings, writings } from "./diskFaults.ts";
import { Chance } from "./host/chance.ts";
import { SimulatedHost } from "./host.ts";
import { labform, recorded } from "./labform.ts";
import { RandomLab } from "./randomLab.ts";
import { apply, destroy, expectGone, expectNone, expectNothingStray, expectWhole, plan } from "./scenario.ts";
import { calm, strike, troubleFor } from "./trouble.ts";

/** A lab lives through edits, faults and misfortune; then it is left in peace, made whole, and destroyed. */
export async function live(seed: number, account: string[]): Promise<void> {
  const chance = new Chance(seed);
  const host = new SimulatedHost(chance.integer(2 ** 31));
  const lab = new RandomLab(chance.branch(), host.facts.hasUbridge);
  for (let round = chance.between(1, 3); round > 0; round--) {
    host.write("random.lab.hcl", lab.text());
    account.push(`lab:\n${lab.text()}`);
    const words = [chance.happens(0.8) ? "apply" : "destroy", "-auto-approve"];
    const trouble = troubleFor(chance.branch());
    const { ended, stderr } = await labform(host, words, trouble.meddle);
    account.push(`${words[0]} with ${trouble.title}: ${ended}${stderr}`);
    trouble.then(host);
    await expectNothingStray(host);
    account.push(strike(host, chance.branch()));
    if (chance.happens(0.5)) await host.scheduler.pass(chance.integer(5000));
    if (chance.happens(0.6)) lab.edit();
  }
  calm(host);
  await host.scheduler.pass(3000);
  host.write("random.lab.hcl", lab.text());
  account.push(`in peace:\n${lab.text()}`);
  const before = writings(host);
  const planned = await plan(host);
  const ids = new Map([...(await recorded(host)).instances.values()].map(({ address, id }) => [address, id]));
  account.push((await apply(host)).stdout);
  expectNone(
    "an apply lost something",
    lostWritings(host, before, planned, (address) => ids.get(address)),
  );
  await expectWhole(host);
  await destroy(host);
  await expectGone(host);
}
