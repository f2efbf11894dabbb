import process from "node:process";
import type { Emit } from "../core/events.ts";
import type { Plan } from "../core/plan.ts";
import type { Terminal } from "../ui/live/terminal.ts";
import { liveView } from "../ui/live/view.ts";
import { plainView } from "../ui/plain.ts";
import { renderPlan } from "../ui/plan.ts";
import type { View } from "../ui/view.ts";
import type { CommonOptions, Context } from "./context.ts";
import { jsonStream } from "./jsonStream.ts";

/** The reader of the event stream that this run's user sees: JSON lines, a live view on a terminal, else a log. */
export function openView(context: Context, common: CommonOptions): View {
  const { stdout, environment } = context;
  const { colour } = common;
  const write = (text: string) => void stdout.write(text);
  if (common.json) return jsonStream(context);
  if (stdout.isTTY && environment.TERM !== "dumb" && !isCi(environment)) {
    return liveView(terminalOf(context), { colour });
  }
  return plainView(write, { colour, width: stdout.columns });
}

type Environment = Context["environment"];

/** CI runners give a terminal and keep a log of it. These are the variables ink too goes by. */
function isCi(environment: Environment): boolean {
  return ["CI", "CONTINUOUS_INTEGRATION"].some((name) => {
    const value = environment[name];
    return value !== undefined && value !== "0" && value !== "false";
  });
}

function terminalOf({ stdout, environment }: Context): Terminal {
  return {
    get columns() {
      return stdout.columns || 80;
    },
    get rows() {
      return stdout.rows || 24;
    },
    folds: foldsLines(environment),
    write: (text) => void stdout.write(text),
    onResize: (listener) => {
      stdout.on("resize", listener);
      return () => void stdout.off("resize", listener);
    },
    onSuspend: (aside, back) => {
      const suspend = () => {
        aside();
        process.kill(process.pid, "SIGSTOP");
      };
      process.on("SIGTSTP", suspend).on("SIGCONT", back);
      return () => void process.off("SIGTSTP", suspend).off("SIGCONT", back);
    },
  };
}

/** The kernel's console, GNU screen and xterm cut long lines off when they become narrower; all others fold them. */
function foldsLines(environment: Environment): boolean {
  if (environment.TMUX !== undefined) return true;
  return environment.TERM !== "linux" && environment.STY === undefined && environment.XTERM_VERSION === undefined;
}

export function showPlan(context: Context, common: CommonOptions, plan: Plan, emit: Emit): void {
  if (common.json) emit({ type: "planned", plan });
  else {
    const width = context.stdout.columns ?? 100;
    context.stdout.write(renderPlan(plan, { colour: common.colour, width, schemas: context.resourceSchemas }));
  }
}
