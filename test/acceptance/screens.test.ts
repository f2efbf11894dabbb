import { readFileSync } from "node:fs";
import process from "node:process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bareLab } from "../support/bare.ts";
import { trimmed } from "../support/emulator.ts";
import { TestLab } from "../support/lab.ts";
import { TerminalRun } from "../support/terminal.ts";

const silent = `node "silent" {\n  count = 3\n  ram   = 16\n  ready {\n    console = "login:"\n  }\n}\n`;
const spinner = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;

let lab: TestLab;
let runs: TerminalRun[] = [];
beforeAll(() => {
  lab = new TestLab({ "a.lab.hcl": bareLab(["a", "b"], { links: { core: ["a", "b"] }, extra: silent }) });
});
afterEach(() => {
  for (const one of runs) one.close();
  runs = [];
});
afterAll(() => lab.close());

function run(args: readonly string[], command?: readonly string[]): TerminalRun {
  const started = new TerminalRun(lab, args, command);
  runs.push(started);
  return started;
}

describe("the question before an apply", () => {
  it.each([
    ["no", "no\r"],
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ])("is answered by %s: nothing is done, and the terminal is as before", async (_, keys) => {
    const apply = run(["apply"], ["sh", "-c", '"$@"; echo "exit code $?"; stty -a; sleep 0.5', "sh"]);
    const asked = await apply.shows(/Enter a value: $/m);
    const lines = trimmed(asked.lines).split("\n");
    expect(lines.slice(-6).join("\n")).toMatch(/Plan: 8 to add.*\n\nDo you want to make these changes\?/);
    apply.type(keys);
    const { screen } = await apply.end();
    const text = screen.lines.join("\n");
    expect(text).toContain("Apply cancelled: nothing was done.\nexit code 1\n");
    expect(text).not.toContain("Interrupted");
    expect(text).toMatch(/ icanon /);
    expect(text).toMatch(/ echo /);
    expect(lab.processes()).toEqual([]);
  });
});

describe("an apply on a terminal", () => {
  it("follows a window that shrinks, and an interrupt leaves the summary and the cursor", async () => {
    const apply = run(["apply"]);
    await apply.shows(/Enter a value: $/m);
    apply.type("yes\r");
    const waiting = await apply.shows(/(waiting for "login:" on its console\n.*){3}5 of 8 done, 3 running \(/);
    expect(waiting.cursor.visible).toBe(false);

    // Right after a picture: what is drawn before the program hears of its new window no terminal could tell apart.
    await apply.changes();
    apply.resize(56, 15);
    await apply.changes();
    const shrunk = await apply.shows(/waiting for "login:" on it.*…/);
    const live = shrunk.view.filter((line) => spinner.test(line));
    expect(live).toHaveLength(3);
    expect(shrunk.view.filter((line) => line.includes("running ("))).toHaveLength(1);
    expect(Math.max(...live.map((line) => line.length))).toBeLessThan(56);

    apply.type("\u0003");
    const { exitCode, screen } = await apply.end();
    const text = trimmed(screen.lines);
    expect(exitCode).toBe(1);
    expect(text).not.toMatch(spinner);
    expect(text).not.toContain("running (");
    expect(text.match(/^Interrupted: finishing what runs/gm)).toHaveLength(1);
    expect(text.match(/^Apply incomplete! 5 added, /gm)).toHaveLength(1);
    for (const name of ["node.a", "node.b", "link.core"]) {
      expect(text.split(`\n${name}: created (`)).toHaveLength(2);
    }
    expect(screen.cursor).toEqual({ column: 0, visible: true });
  });

  it("that is set aside gives the cursor back, and goes on where it was", async () => {
    const apply = run(["apply", "-auto-approve"]);
    await apply.shows(/waiting for "login:"/);
    apply.type("\u001a");
    await apply.until(() => /^State:\s+T/m.test(readFileSync(`/proc/${apply.pid}/status`, "utf8")));
    await apply.until(() => apply.screen().cursor.visible, "the cursor");
    expect(apply.screen().view.join("\n")).not.toMatch(spinner);
    process.kill(apply.pid, "SIGCONT");
    const back = await apply.shows(/waiting for "login:"/);
    expect(back.cursor.visible).toBe(false);
    apply.type("\u0003");
    expect((await apply.end()).screen.lines.join("\n")).not.toMatch(spinner);
  });

  it("that is ended at once by a second interrupt has its cursor back", async () => {
    const apply = run(["apply", "-auto-approve"]);
    await apply.shows(/waiting for "login:"/);
    process.kill(apply.pid, "SIGSTOP");
    process.kill(apply.pid, "SIGINT");
    process.kill(apply.pid, "SIGTERM");
    process.kill(apply.pid, "SIGCONT");
    const { exitCode, screen } = await apply.end();
    expect(exitCode).toBe(1);
    expect(screen.cursor).toEqual({ column: 0, visible: true });
  });

  it("is a log where a CI runner or a simple terminal shows it", async () => {
    const apply = run(["destroy", "-auto-approve"], ["env", "CI=true"]);
    const { exitCode, screen } = await apply.end();
    expect(exitCode).toBe(0);
    expect(screen.lines.join("\n")).toMatch(/^node\.a: stopping …$[^]*^Destroy complete! 8 destroyed/m);
  });
});
