import { serveBridge } from "../../providers/ubridge/builtin/server.ts";

/** labform's own bridge, one process a lab: `bridge.js RUN-DIRECTORY SOCKET-NAME`. */
const [runDirectory, socketName] = process.argv.slice(2);
if (runDirectory === undefined || socketName === undefined) {
  process.stderr.write("usage: bridge.js RUN-DIRECTORY SOCKET-NAME\n");
  process.exitCode = 1;
} else {
  serveBridge(runDirectory, socketName).catch((error: unknown) => {
    process.stderr.write(`bridge: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
