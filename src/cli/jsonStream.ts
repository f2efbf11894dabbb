import { jsonView } from "../ui/json/stream.ts";
import type { View } from "../ui/view.ts";
import type { Context } from "./context.ts";

const streams = new WeakMap<Context, View>();

/** The stream of events on standard output: one in a run, whoever has something to tell first. */
export function jsonStream(context: Context): View {
  let stream = streams.get(context);
  if (!stream) {
    stream = jsonView((line) => void context.stdout.write(line), context.version);
    streams.set(context, stream);
  }
  return stream;
}
