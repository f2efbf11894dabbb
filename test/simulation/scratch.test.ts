import { test } from "vitest";
import { SimulatedHost } from "./host.ts";
import { labform } from "./labform.ts";

const LABTEXT = `
lab "pair" {}
provider "ubridge" { engine = "builtin" }
node "r" {
  for_each = toset(["a", "b"])
  adapters = 2
  kernel_image = "/images/vmlinux"
  ready { 
    console = "login:" 
    timeout_s = 30
  }
}
link "core" {
  endpoints = [node.r["a"].adapter[0], node.r["b"].adapter[0]]
  delay_ms = 5
}
output "consoles" { value = { for k, n in node.r : k => n.console } }
`;

test("apply", async () => {
  for (let seed = 1; seed < 20; seed++) {
    const host = new SimulatedHost(seed);
    host.write("a.lab.hcl", LABTEXT);
    const t0 = performance.now();
    for (const words of [["plan"], ["apply", "-auto-approve"], ["plan", "-detailed-exitcode"], ["destroy", "-auto-approve"]]) {
      const t = performance.now();
      const outcome = await labform(host, words);
      if ( outcome.ended !== 0) console.log(words.join(" "), outcome.ended, outcome.changes, outcome.stdout, outcome.stderr, performance.now() - t);
    }
    console.log(seed, performance.now() - t0, process.cpuUsage().user / 1000, host.living().length);
  }
});
