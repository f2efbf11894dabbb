import { RememberingReader } from "../evaluation/readings.ts";
import type { Surroundings } from "../evaluation/surroundings.ts";
import type { Context } from "./context.ts";

/** What the functions of a lab see: all of one command see each file as the first of them found it. */
export function surroundingsOf(context: Context, directory: string): Surroundings {
  return {
    reader: new RememberingReader(context.ports.reader),
    directory,
    home: context.environment.HOME,
    planTime: new Date(context.ports.clock.now()).toISOString(),
  };
}
