// Makes docs/terminal.svg: what a terminal shows when a running lab is changed. Nothing of it is drawn by hand: the lab of
// examples/01-two-nodes is applied in a temporary directory, then changed and applied again in a pseudo-terminal, and
// the screen at the end is the picture. Needs what scripts/install.sh brings.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { screenToSvg } from "./picture/svg.mjs";

const COLUMNS = 92;
const MOST_ROWS = 200;

const root = fileURLToPath(new URL("..", import.meta.url));
const program = join(root, "dist/labform.js");
const guest = join(root, ".cache/guest");

/** The changes an engineer makes: one link slower, one router larger. */
const changes = [
  ["delay_ms  = 5", "delay_ms  = 50"],
  ["ram          = 96", 'ram          = each.key == "r2" ? 128 : 96'],
];

/** Runs a command in `terminal` as typed at its prompt, answering `yes` where it is asked to; resolves at its end. */
function type(terminal, words, options) {
  const blank = terminal.buffer.active.cursorY === 0 ? "" : "\r\n";
  terminal.write(`${blank}\u001b[1m$ ${words.join(" ")}\u001b[0m\r\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words.slice(1)], {
      ...options,
      name: "xterm-256color",
      cols: COLUMNS,
      rows: MOST_ROWS,
    });
    let shown = "";
    let answered = false;
    child.onData((text) => {
      terminal.write(text);
      shown += text;
      if (answered || !shown.includes("Enter a value:")) return;
      answered = true;
      child.write("yes\r");
    });
    child.onExit(({ exitCode }) => {
      if (exitCode === 0) terminal.write("", resolve);
      else reject(new Error(`labform ended with exit code ${exitCode}:\n${shown}`));
    });
  });
}

const work = mkdtempSync(join(tmpdir(), "labform-picture-"));
const lab = join(work, "pair");
const environment = {
  ...process.env,
  XDG_STATE_HOME: join(work, "state"),
  LABFORM_VAR_kernel: join(guest, "vmlinux"),
  LABFORM_VAR_initrd: join(guest, "initrd"),
};
for (const name of ["CI", "NO_COLOR"]) delete environment[name];
const options = { cwd: lab, env: environment };
const labform = (...words) => execFileSync(process.execPath, [program, ...words], { ...options, stdio: "ignore" });

try {
  cpSync(join(root, "examples/01-two-nodes/pair.lab.hcl"), join(lab, "pair.lab.hcl"), { recursive: true });
  labform("apply", "-auto-approve");
  let text = readFileSync(join(lab, "pair.lab.hcl"), "utf8");
  for (const [before, after] of changes) {
    if (!text.includes(before)) throw new Error(`the example no longer says ${before}`);
    text = text.replace(before, after);
  }
  writeFileSync(join(lab, "pair.lab.hcl"), text);

  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: MOST_ROWS, allowProposedApi: true });
  await type(terminal, ["labform", "apply"], options);
  await type(terminal, ["labform", "status"], options);
  writeFileSync(join(root, "docs/terminal.svg"), screenToSvg(terminal));
  console.log("docs/terminal.svg is made");
} finally {
  try {
    labform("destroy", "-auto-approve");
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
