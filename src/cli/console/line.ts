import { errorDiagnostic, Failure } from "../../core/diagnostics.ts";
import type { Instance } from "../../core/state.ts";
import { printable } from "../../ui/text.ts";
import type { CommonOptions, Context } from "../context.ts";
import { attach } from "./attach.ts";
import type { NodeInHand } from "./nodes.ts";
import { lookAt, openNode, whyOff } from "./nodes.ts";
import type { Way } from "./ways.ts";
import { placeOf, screenProtocol, TYPES, WAYS } from "./ways.ts";

/**
 * Attaches to a line of a node. One that is off can be waited for at a terminal, where its line goes on when it starts;
 * what is piped would be typed into the void. Of a screen it is told where that is: a terminal cannot show it. Rejects
 * with `Failure`.
 */
export async function attachTo(context: Context, common: CommonOptions, name: string, way: Way): Promise<void> {
  const { stdin: input, stdout: output, stderr, ports } = context;
  const inHand = await openNode(context, common, name);
  const { address } = inHand.node;
  const { host, port, off } = await findLine(inHand, way, ports.clock.now());
  const protocol = screenProtocol(inHand.node.attributes, way);
  if (protocol !== undefined) {
    if (off !== undefined) stderr.write(`${address} is off: ${printable(off)}. Its screen is there when it starts.\n`);
    const viewers = protocol === "vnc" ? "remote-viewer or vncviewer" : "remote-viewer";
    stderr.write(`The ${WAYS[way]} of ${address} is a screen, for a viewer such as ${viewers}:\n`);
    output.write(`${placeOf({ ...inHand.node.attributes, [way]: { host, port } }, way)}\n`);
    return;
  }
  if (off !== undefined) {
    if (!input.isTTY) {
      throw new Failure(
        errorDiagnostic(`${address} is off: ${off}`, {
          address,
          detail: '"labform apply" or "labform start" starts it.',
        }),
      );
    }
    stderr.write(`${address} is off: ${printable(off)}. Its ${WAYS[way]} goes on here when it starts.\n`);
  }
  const title = `${address}'s ${WAYS[way]}`;
  const result = await attach({ host, port, name: title, input, output });
  if (output.isTTY)
    output.write(`${result === "left" ? `Left ${title}` : `${title} was closed from the other end`}.\n`);
}

interface FoundLine {
  readonly host: string;
  readonly port: number;
  /** Why the node does not run, where it does not. */
  readonly off: string | undefined;
}

/** A recorded port may be a stranger's by now, and what is typed may be a password: who serves it is looked at first. */
async function findLine({ state, node, providers }: NodeInHand, way: Way, now: number): Promise<FoundLine> {
  const { address } = node;
  if (!listener(node, way)) {
    throw new Failure(errorDiagnostic(`${address} has no ${WAYS[way]} to attach to`, absent(node, way)));
  }
  const found = await lookAt(state, providers, [node]);
  const seen = found.get(address);
  const served = seen && listener(seen.instance, way);
  const lost = node.dependencies.find((one) => one.startsWith("service.") && found.get(one)?.condition !== "present");
  if (served && lost === undefined) return { ...served, off: whyOff(seen, now) };
  throw new Failure(
    errorDiagnostic(`The ${WAYS[way]} of ${address} is not served`, {
      address,
      detail: `${lost ?? "The lab's keeper"} does not hold its port any more. "labform apply" starts that again, and no node is touched by it.`,
    }),
  );
}

function absent(node: Instance, way: Way): { readonly address: string; readonly detail: string } {
  const { address } = node;
  if (node.status === "creating") return { address, detail: 'It was never started; "labform apply" does that.' };
  const detail =
    way === "monitor"
      ? `The provider's monitor is false. "labform monitor ${address} COMMAND" needs no port.`
      : `Its ${TYPES[way]} is "none".`;
  return { address, detail };
}

function listener({ attributes }: Instance, way: Way): { readonly host: string; readonly port: number } | undefined {
  const value = attributes[way];
  if (typeof value !== "object" || value === null || !("port" in value) || !("host" in value)) return undefined;
  return { host: String(value.host), port: Number(value.port) };
}
