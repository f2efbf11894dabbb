import { type Diagnostic, Failure, fail } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import { emptyState, type State } from "../../src/core/state.ts";
import { formatState, parseForeign } from "../document.ts";
import { guarded, ifPresent } from "../failure.ts";
import { JournalFile } from "../journalFile.ts";
import type { Layout } from "../layout.ts";
import type { Recorded } from "../read.ts";
import { countOf, fieldsOf, textOf } from "../shape.ts";
import type { Backend } from "./backend.ts";
import { md5 } from "./http.ts";

/** What the server was last seen to have. Serial 0 and no lineage: nothing. */
interface Seen {
  readonly address: string;
  readonly lineage: string;
  readonly serial: number;
  /** Of the document as labform writes it: servers may store JSON in a form of their own. */
  readonly digest: string;
}

/** How this host's copy and the server's document stand to each other. */
type Standing =
  /** alike */
  | { readonly kind: "same"; readonly server: State | undefined }
  /** the server's is later, or this host had none */
  | { readonly kind: "behind"; readonly server: State }
  /** this host has a command's work that the server has not */
  | { readonly kind: "unsent"; readonly server: State | undefined };

/**
 * The state at a server and this host's copy of it. What a command does is recorded here first and sent when it ends, so
 * nothing is lost with the server; what the server says is compared with what it was last seen to have, so that one that
 * forgets, goes back or answers for another lab is found out before anything is built on it.
 */
export class Mirror {
  readonly #ports: Ports;
  readonly #layout: Layout;
  readonly #backend: Backend;
  readonly #version: string;

  constructor(ports: Ports, layout: Layout, backend: Backend, labformVersion: string) {
    this.#ports = ports;
    this.#layout = layout;
    this.#backend = backend;
    this.#version = labformVersion;
  }

  /**
   * The state to go by, for who only reads. Changes nothing, and has no lock: what does not fit is looked at once more,
   * since a command that ends between two looks is no fault of anybody.
   */
  async current(read: () => Promise<Recorded>): Promise<Recorded> {
    for (let isLast = false; ; isLast = true) {
      const local = await read();
      const server = await this.read();
      try {
        const standing = await this.#compare(local, server);
        if (standing.kind !== "behind") return local;
        return { state: standing.server, hasCheckpoint: true, hasJournal: false };
      } catch (error) {
        if (isLast || !(error instanceof Failure)) throw error;
      }
    }
  }

  /** With the locks held: both alike afterwards. What the server has not got yet is sent. */
  async align(local: Recorded, lockId: string | undefined): Promise<Recorded> {
    const standing = await this.#compare(local, await this.read());
    if (standing.kind === "behind") return await this.#take(standing.server);
    if (standing.kind === "unsent") {
      const state = { ...local.state, labformVersion: this.#version };
      await this.#copy(state);
      if (local.hasJournal) await this.#cut();
      await this.#send(state, standing.server, lockId);
      return { state, hasCheckpoint: true, hasJournal: false };
    }
    await this.#see(standing.server);
    return local;
  }

  /** Sends what this host has recorded by now. Rejects when the server has moved on, or does not keep it. */
  async push(state: State, lockId: string | undefined): Promise<void> {
    try {
      const server = await this.read();
      const seen = await this.#seen();
      if (digestOf(server) !== (seen?.digest ?? "") && !isSame(server, state)) this.#refuseMoved(server, state);
      await this.#send(state, server, lockId);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new Failure(
        error.diagnostics.map((one) => this.#kept(one, state)),
        { cause: error },
      );
    }
  }

  /** The server's document, checked for being a state; undefined where it has none. */
  async read(): Promise<State | undefined> {
    const text = await this.#backend.read();
    if (text === undefined) return undefined;
    const place = { role: "backend", path: this.#backend.address };
    const advice =
      "Nothing was changed. Is it the address of a labform state? Where the server has earlier versions, restore one there.";
    return parseForeign(text, place, this.#version, { what: "What the server has", advice });
  }

  /** Puts a document in the place of whatever the server has; for init, which has asked. */
  async overwrite(state: State, lockId: string | undefined): Promise<void> {
    await this.#send(state, await this.read(), lockId);
  }

  /** This host forgets what it last saw. */
  async forget(): Promise<void> {
    await this.#guarded("forget the backend", () => this.#ports.files.remove(this.#layout.server));
  }

  async #compare(local: Recorded, server: State | undefined): Promise<Standing> {
    const seen = await this.#seen();
    const mine = local.state;
    if (isSame(server, mine)) return { kind: "same", server };
    const hasWork =
      mine.serial > (seen?.serial ?? 0) && (seen === undefined || mine.lineage === seen.lineage || seen.lineage === "");
    const moved = seen !== undefined && digestOf(server) !== seen.digest;
    if (hasWork && !moved && (seen !== undefined || server === undefined || this.#follows(mine, server))) {
      return { kind: "unsent", server };
    }
    if (hasWork) this.#refuseMoved(server, mine);
    if (server === undefined) {
      if (seen === undefined || seen.serial === 0) return { kind: "same", server };
      return fail("The server has no state any more", {
        subject: this.#subject,
        detail: `It had one with serial ${seen.serial}, and this host's copy of that is whole: ${this.#layout.checkpoint}. Nothing was changed. ${this.#wayOut}`,
      });
    }
    if (seen === undefined || !moved) return { kind: "behind", server };
    this.#refuseImpossible(server, seen);
    return { kind: "behind", server };
  }

  #follows(mine: State, server: State): boolean {
    return mine.lineage === server.lineage && mine.serial > server.serial;
  }

  /** What no labform can have made of what the server had. */
  #refuseImpossible(server: State, seen: Seen): void {
    if (seen.lineage !== "" && server.lineage !== seen.lineage) {
      fail("The server has the state of another lab", {
        subject: this.#subject,
        detail: `Its lineage is ${server.lineage}; that of this lab is ${seen.lineage}. Nothing was changed. Is the address right, and is it this lab's alone? ${this.#wayOut}`,
      });
    }
    if (server.serial > seen.serial) return;
    const what =
      server.serial < seen.serial
        ? `Its serial is ${server.serial}, and it had ${seen.serial} already`
        : `It is not what it was, and has the same serial, ${seen.serial}`;
    fail("The server has gone back to an earlier state", {
      subject: this.#subject,
      detail: `${what}: it has lost what was done since, or somebody has put another document there. Nothing was changed. ${this.#wayOut}`,
    });
  }

  #refuseMoved(server: State | undefined, mine: State): never {
    const theirs =
      server === undefined
        ? "it has none any more"
        : server.lineage === mine.lineage
          ? `its serial is ${server.serial} now`
          : `its lineage is ${server.lineage} now`;
    return fail("The server's state has moved on without this host's last command", {
      subject: this.#subject,
      detail: `This host has the serial ${mine.serial} that the server never got, and the server's state was changed meanwhile: ${theirs}. Both are kept as they are. ${this.#wayOut}`,
    });
  }

  get #wayOut(): string {
    return `"labform init -reconfigure" goes on from the server's state and keeps this host's copy as a backup, which "labform state push" can put there.`;
  }

  get #subject(): string {
    return `backend ${this.#backend.address}`;
  }

  /** What kept the state from the server is told together with where it is instead. */
  #kept(why: Diagnostic, { serial }: State): Diagnostic {
    const kept = `All that was done is recorded on this host, with serial ${serial} (${this.#layout.checkpoint}): the next command that changes something here sends it first, and so does "labform init". Other hosts do not know of it until then.`;
    return { ...why, detail: why.detail === undefined ? kept : `${why.detail}\n${kept}` };
  }

  async #send(state: State, before: State | undefined, lockId: string | undefined): Promise<void> {
    if (!isSame(before, state)) {
      try {
        await this.#backend.write(formatState(state), lockId);
      } catch (error) {
        // A write whose answer was lost may be there all the same; to write it again is refused by some servers.
        const now = error instanceof Failure ? await this.read().catch(() => undefined) : undefined;
        if (!isSame(now, state)) throw error;
      }
      const after = await this.read();
      if (!isSame(after, state)) {
        fail("The server did not keep the state", {
          subject: this.#subject,
          detail: `It said that it has written serial ${state.serial}, and when asked for it ${after === undefined ? "has none" : `gave serial ${after.serial} of lineage ${after.lineage}`}. Is something in between that keeps answers (a cache)?`,
        });
      }
    }
    await this.#see(state);
  }

  async #take(server: State): Promise<Recorded> {
    // Its records are in the server's document, or in none that counts: #compare has seen to that.
    await this.#cut();
    await this.#copy(server);
    await this.#see(server);
    return { state: server, hasCheckpoint: true, hasJournal: false };
  }

  async #cut(): Promise<void> {
    const journal = new JournalFile(this.#ports, this.#layout.journal);
    await journal.cut();
    await journal.close();
  }

  async #copy(state: State): Promise<void> {
    const place = { role: "state", path: this.#layout.checkpoint };
    await guarded("write the state", place, () => this.#ports.files.writeAtomic(place.path, formatState(state), 0o600));
  }

  async #see(state: State | undefined): Promise<void> {
    const { lineage, serial } = state ?? emptyState(this.#version);
    const seen: Seen = { address: this.#backend.address, lineage, serial, digest: digestOf(state) };
    const text = `${JSON.stringify(seen, null, 2)}\n`;
    await this.#guarded("write down what the server has", async () => {
      const { files } = this.#ports;
      if ((await ifPresent(files.readText(this.#layout.server))) === text) return;
      await files.writeAtomic(this.#layout.server, text, 0o600);
    });
  }

  /** Undefined where nothing can be read, or what is there is of another address. */
  async #seen(): Promise<Seen | undefined> {
    const text = await this.#guarded("read what the server had", () =>
      ifPresent(this.#ports.files.readText(this.#layout.server)),
    );
    if (text === undefined) return undefined;
    try {
      const fields = fieldsOf(JSON.parse(text), "");
      const seen = {
        address: textOf(fields.address, "address"),
        lineage: textOf(fields.lineage, "lineage"),
        serial: countOf(fields.serial, "serial"),
        digest: textOf(fields.digest, "digest"),
      };
      return seen.address === this.#backend.address ? seen : undefined;
    } catch {
      return undefined;
    }
  }

  #guarded<T>(action: string, work: () => Promise<T>): Promise<T> {
    return guarded(action, { role: "note on the server's state", path: this.#layout.server }, work);
  }
}

/** Alike but for the version of labform that wrote it. */
function isSame(one: State | undefined, other: State): boolean {
  if (one === undefined || one.lineage !== other.lineage || one.serial !== other.serial) return false;
  return digestOf(one) === digestOf(other);
}

/** "" of nothing. */
function digestOf(state: State | undefined): string {
  return state === undefined ? "" : md5(formatState({ ...state, labformVersion: "" }));
}
