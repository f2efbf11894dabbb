import type { Process } from "../host/processes.ts";

/** What there is to see of a simulated cpulimit. */
export interface Limiting {
  readonly pid: number;
  readonly percent: number;
}

/** It holds another process down by stopping and continuing it; so that one stays stopped, at times, when it ends. */
export function cpulimit(process: Process): { onTerm(): void } {
  const { chance, find } = process.machine;
  const valueOf = (name: string) =>
    Number(process.arguments.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3));
  const limiting: Limiting = { pid: valueOf("pid"), percent: valueOf("limit") };
  process.shown = limiting;
  const target = find(limiting.pid);
  if (!target || target.isDead) process.after(1, () => process.die());
  target?.mourners.push(() => process.after(50, () => process.die()));
  process.mourners.push(() => {
    if (chance.happens(0.6)) target?.stop();
  });
  return { onTerm: () => process.die() };
}
