// npm run bench: the ratios labform is held to, each taken in one run on one machine. Absolute times say little elsewhere;
// the ratios should hold. What a row needs and is not installed (Terraform, uBridge, QEMU) is said and left out.
// The exit code is 1 when a ratio is over its budget.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import process from "node:process";
import { compareBridges, compareLinks, compileGenerator, memoryOfMany } from "./bench/bridges.mjs";
import { compareTransfers, hasGuest } from "./bench/guests.mjs";
import { memoryLab, qemuRing, smallBlocks, terraformRing } from "./bench/labs.mjs";
import { inPairs, memoryOf, row, timeProcess } from "./bench/measure.mjs";
import { bundle } from "./bundle.mjs";
import { makePrograms, starterOf } from "./programs.mjs";

const node = process.execPath;
const labform = resolve("dist/labform.js");
const work = mkdtempSync(join(tmpdir(), "labform-bench-"));
const environment = { ...process.env, XDG_STATE_HOME: join(work, "home"), NO_COLOR: "1" };
const only = process.argv[2];
const has = (program) => (process.env.PATH ?? "").split(":").some((one) => existsSync(join(one, program)));
let allWithin = true;
const judge = (within) => {
  allWithin &&= within;
};

async function bundled(entry, name) {
  const outfile = resolve(`.cache/test/${name}.mjs`);
  await bundle({ entryPoints: [entry], outfile });
  return outfile;
}

const empty = () => timeProcess(node, ["-e", "0"]);

async function startUp() {
  const version = () => timeProcess(node, [labform, "version"]);
  judge(row("labform version / an empty node", await inPairs(9, version, empty), { atMost: 1.5 }));
}

async function runningLab() {
  if (!has("qemu-system-x86_64"))
    return console.log("QEMU is not installed: the rows with running nodes are left out.");
  const directory = join(work, "pair");
  await qemuRing(directory, 2);
  const run = (...args) => timeProcess(node, [labform, ...args], { cwd: directory, env: environment });
  await run("apply", "-auto-approve");
  try {
    judge(
      row("no-change plan of a running lab of 2 nodes / an empty node", await inPairs(9, () => run("plan"), empty), {
        atMost: 4,
      }),
    );
  } finally {
    await run("destroy", "-auto-approve");
  }
}

async function language() {
  const text = join(work, "blocks.hcl");
  await writeFile(text, smallBlocks(2000));
  const ours = await bundled("test/support/parseAndEvaluate.ts", "parseAndEvaluate");
  // Both measure themselves, after a first round that loads and compiles.
  const seconds = (program) => Number(execFileSync(node, [program, text], { encoding: "utf8" }));
  const measured = await inPairs(
    5,
    async () => seconds(ours),
    async () => seconds(resolve("scripts/bench/hcl2parser.mjs")),
  );
  judge(row("parse and evaluate 2,000 blocks / hcl2-parser's parse", measured, { atMost: 1 / 50 }));
}

/** As labform's own program is made. */
async function memoryProgram() {
  const { programs } = await makePrograms(["test/support/memoryLabform.ts"], ".cache/test/chunks");
  const contents = starterOf(`./${relative(".cache/test", programs.get("memoryLabform"))}`);
  const outfile = resolve(".cache/test/memory.cjs");
  await bundle({ stdin: { contents, resolveDir: ".", sourcefile: "memory.ts" }, outfile, format: "cjs" });
  return outfile;
}

async function large() {
  const memory = await memoryProgram();
  const lab = async (resources) => {
    const directory = join(work, `memory-${resources}`);
    await memoryLab(directory, resources);
    return directory;
  };
  const plan = (directory) => timeProcess(node, [memory, "plan"], { cwd: directory, env: environment });
  const small = await lab(1000);
  const big = await lab(10_000);
  const growth = await inPairs(
    3,
    () => plan(big),
    async () => 10 * (await plan(small)),
  );
  judge(row("plan of 10,000 resources / 10 plans of 1,000", growth, { atMost: 1.3 }));
  const megabytes = await memoryOf(node, [memory, "plan"], { cwd: big, env: environment });
  if (megabytes !== undefined)
    judge(
      row(
        "memory of a plan of 10,000 resources / 300 MB",
        { first: megabytes, second: 300, ratio: megabytes / 300 },
        { atMost: 1 },
        "MB",
      ),
    );
  if (!has("terraform")) return console.log("Terraform is not installed: the rows against it are left out.");
  const ring = async (resources) => {
    const directory = join(work, `terraform-${resources}`);
    await terraformRing(directory, resources);
    await timeProcess("terraform", ["init", "-input=false"], { cwd: directory });
    return directory;
  };
  const bigRing = await ring(10_000);
  const terraformPlan = () => timeProcess("terraform", ["plan", "-input=false", "-no-color"], { cwd: bigRing });
  judge(
    row("plan of 10,000 resources / Terraform's", await inPairs(1, () => plan(big), terraformPlan), { atMost: 1 / 10 }),
  );
  const smallRing = await ring(1000);
  const apply = async () => {
    rmSync(join(small, ".labform"), { recursive: true, force: true });
    return timeProcess(node, [memory, "apply", "-auto-approve"], { cwd: small, env: environment });
  };
  const terraformApply = async () => {
    rmSync(join(smallRing, "terraform.tfstate"), { force: true });
    return timeProcess("terraform", ["apply", "-auto-approve", "-no-color"], { cwd: smallRing });
  };
  judge(
    row("apply of 1,000 resources, journal synced / Terraform's", await inPairs(1, apply, terraformApply), {
      atMost: 1 / 10,
    }),
  );
}

async function twentyNodes() {
  if (!has("qemu-system-x86_64")) return;
  const directory = join(work, "ring");
  await qemuRing(directory, 20, { held: true });
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", join(directory, "base.qcow2"), "64M"]);
  const run = (...args) => timeProcess(node, [labform, ...args], { cwd: directory, env: environment });
  await run("apply", "-auto-approve");
  const state = join(work, "ring-state.json");
  await writeFile(state, readFileSync(join(directory, ".labform/default/state.json")));
  await run("destroy", "-auto-approve");
  const ours = async () => {
    const seconds = await run("apply", "-auto-approve");
    await run("destroy", "-auto-approve");
    return seconds;
  };
  const bare = () =>
    new Promise((done, failed) => {
      const started = performance.now();
      const child = spawn(
        node,
        [resolve("scripts/bench/bareRing.mjs"), state, mkdtempSync(join(work, "run-")), resolve("dist/bridge.js")],
        {
          stdio: ["ignore", "pipe", "inherit"],
          env: environment,
        },
      );
      let seconds = 0;
      child.stdout.once("data", () => {
        seconds = (performance.now() - started) / 1000;
        child.kill("SIGTERM");
      });
      child.once("close", () => (seconds > 0 ? done(seconds) : failed(new Error("the bare commands failed"))));
    });
  judge(row("apply of 20 nodes and 20 links / the bare commands", await inPairs(9, ours, bare), { atMost: 1.25 }));
}

async function bridges() {
  if (!compileGenerator(work)) return console.log("There is no C compiler (cc): the rows of the bridges are left out.");
  for (const size of [64, 1400]) {
    if (!has("ubridge")) console.log("uBridge is not installed: its rows are left out.");
    else {
      // QEMU's own way has the kernel do more for each frame, in all of the programs: it is told beside the first.
      for (const [kind, how, atLeast] of [
        ["stream", "", 3],
        ["single", " one by one", 2],
      ]) {
        const what = `built-in bridge / uBridge, one link, frames of ${size} bytes${how}`;
        judge(row(what, await compareBridges(work, kind, size), { atLeast }, "kpps"));
      }
    }
    const what = `built-in bridge over 8 links / over one, frames of ${size} bytes`;
    judge(row(what, await compareLinks(work, size, "kpps"), { atLeast: 1 }, "kpps"));
    const busy = `the same, for each second of its own on a processor`;
    judge(row(busy, await compareLinks(work, size, "busyKpps"), { atLeast: 0.9 }, "kpps"));
  }
  const what = "its memory after ten million frames / after a second of them";
  judge(row(what, await memoryOfMany(work), { atMost: 1.1 }, "MB"));
}

async function guests() {
  const missing = ["ubridge", "qemu-system-x86_64"].find((one) => !has(one));
  if (missing) return console.log(`${missing} is not installed: the row of guests is left out.`);
  if (!hasGuest()) return console.log("There is no guest (scripts/guest.mjs builds it): its row is left out.");
  const { TelnetClient } = await import(await bundled("test/support/telnet.ts", "telnet"));
  const run = (cwd, ...args) => timeProcess(node, [labform, ...args], { cwd, env: environment });
  const what = "20 MB from guest to guest, built-in bridge / uBridge";
  judge(row(what, await compareTransfers(work, run, TelnetClient), { atMost: 1 }));
}

const parts = { startUp, runningLab, language, large, twentyNodes, bridges, guests };
try {
  for (const [name, part] of Object.entries(parts)) if (only === undefined || only === name) await part();
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = allWithin ? 0 : 1;
