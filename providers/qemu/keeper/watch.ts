import { watch } from "node:fs";

/** How often all is looked at where the host gives no notice. */
const POLL_MS = 500;

/**
 * Calls `changed` with the name of each entry of `directory` that may have changed. Where the host cannot tell (no
 * inotify watches left), it calls with undefined every half a second instead. Returns how to end it.
 */
export function watchNames(
  directory: string,
  changed: (name: string | undefined) => void,
  report: (fault: string) => void,
): () => void {
  let poll: NodeJS.Timeout | undefined;
  let end = () => {};
  const fallBack = (error: Error) => {
    report(`the run directory cannot be watched, so it is polled: ${error.message}`);
    poll ??= setInterval(() => changed(undefined), POLL_MS);
  };
  try {
    const watcher = watch(directory, (_, name) => changed(name ?? undefined));
    watcher.on("error", fallBack);
    end = () => watcher.close();
  } catch (error) {
    fallBack(error as Error);
  }
  return () => {
    end();
    clearInterval(poll);
  };
}
