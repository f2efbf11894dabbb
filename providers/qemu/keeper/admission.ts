import type { Socket } from "node:net";
import { isOwnPeer } from "./accounts.ts";

/** What decides about a client at a door, each as it is now. */
interface Admission {
  /** Whether a peer's account need not be looked up. */
  readonly openToAll: () => boolean;
  readonly isClosed: () => boolean;
  readonly welcome: (socket: Socket) => void;
  readonly refuse: (socket: Socket) => void;
}

/** Takes a fresh, unread connection; it is let in once its account is known. */
export function admit(socket: Socket, admission: Admission): void {
  socket.on("error", () => {});
  if (admission.openToAll()) admission.welcome(socket);
  else void examine(socket, admission);
}

async function examine(socket: Socket, { isClosed, welcome, refuse }: Admission): Promise<void> {
  const own = await isOwnPeer(socket, process.geteuid?.() ?? -1);
  if (isClosed()) socket.destroy();
  if (socket.destroyed) return;
  if (own) welcome(socket);
  else refuse(socket);
}
