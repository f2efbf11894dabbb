/**
 * One end of a telnet connection, as far as a serial console needs it: RFC 854 (commands, end of line), RFC 855 and
 * RFC 1143 (negotiation that cannot loop), RFC 856 (binary), RFC 857 (echo), RFC 858 (suppress go-ahead), RFC 860 (timing mark),
 * RFC 1073 (window size). Bytes in, bytes out; it keeps a few flags and no data, whatever the other end sends.
 */
interface TelnetRole {
  /** Options this end offers to do itself, and those it wants of the other end; all else is declined. */
  readonly own: readonly number[];
  readonly peer: readonly number[];
  /** It speaks first and asks for all of them. */
  readonly opens: boolean;
  /**
   * `terminal`: where a person types; a CR goes out as CR NUL, and CR NUL comes in as CR. `host`: where the serial
   * line is; CR NUL and CR LF come in as CR, and what goes out is passed on as the guest wrote it: the guest's own
   * CR LF is telnet's, and clients take its lone CR, as from QEMU's own telnet server, which scripts without telnet
   * can read too.
   */
  readonly side: "terminal" | "host";
}

const BINARY = 0;
const ECHO = 1;
const SUPPRESS_GO_AHEAD = 3;
const TIMING_MARK = 6;
const WINDOW_SIZE = 31;

/**
 * Echo and no go-ahead: the client's terminal goes into character mode. Binary: consoles speak UTF-8. A window's size is
 * taken and not heeded: a serial line has none.
 */
export const CONSOLE_HOST: TelnetRole = {
  own: [ECHO, SUPPRESS_GO_AHEAD, BINARY],
  peer: [SUPPRESS_GO_AHEAD, BINARY, WINDOW_SIZE],
  opens: true,
  side: "host",
};

export const CONSOLE_TERMINAL: TelnetRole = {
  own: [SUPPRESS_GO_AHEAD, BINARY],
  peer: [ECHO, SUPPRESS_GO_AHEAD, BINARY],
  opens: false,
  side: "terminal",
};

const SE = 240;
const SB = 250;
const WILL = 251;
const WONT = 252;
const DO = 253;
const DONT = 254;
const IAC = 255;
const NUL = 0;
const LF = 10;
const CR = 13;

type OptionState = "off" | "asked" | "on";
type Position = "data" | "command" | "option" | "subnegotiation" | "subnegotiation-command";

export class TelnetEnd {
  readonly #role: TelnetRole;
  readonly #own = new Map<number, OptionState>();
  readonly #peer = new Map<number, OptionState>();
  #position: Position = "data";
  #command = 0;
  #afterReturn = false;
  #marksAsked = 0;
  #window: { readonly columns: number; readonly rows: number } | undefined;

  constructor(role: TelnetRole) {
    this.#role = role;
    const start: OptionState = role.opens ? "asked" : "off";
    for (const option of role.own) this.#own.set(option, start);
    for (const option of role.peer) this.#peer.set(option, start);
  }

  /** What this end sends first. */
  opening(): Uint8Array {
    if (!this.#role.opens) return new Uint8Array();
    return Uint8Array.from([
      ...this.#role.own.flatMap((option) => [IAC, WILL, option]),
      ...this.#role.peer.flatMap((option) => [IAC, DO, option]),
    ]);
  }

  /**
   * The terminal's size from now on, in cells. What must be sent for it: nothing before the other end has asked for
   * window sizes, for its question is answered with the size that is known then.
   */
  resize(columns: number, rows: number): Uint8Array {
    this.#window = { columns, rows };
    if (!this.#own.has(WINDOW_SIZE)) this.#own.set(WINDOW_SIZE, "off");
    return Uint8Array.from(this.#own.get(WINDOW_SIZE) === "on" ? this.#windowSize() : []);
  }

  /** A request that the other end answers once it has taken all that was sent before. */
  askForMark(): Uint8Array {
    this.#marksAsked++;
    return Uint8Array.of(IAC, DO, TIMING_MARK);
  }

  /** Whether a mark that was asked for has not been answered. */
  get awaitsMark(): boolean {
    return this.#marksAsked > 0;
  }

  /** The text in `bytes`, and what must be answered. The data may share memory with `bytes`. */
  receive(bytes: Uint8Array): { readonly data: Uint8Array; readonly reply: Uint8Array } {
    const plain = this.#position === "data" && !this.#afterReturn && !bytes.includes(IAC);
    if (plain && (this.#receivesBinary() || !bytes.includes(CR))) return { data: bytes, reply: new Uint8Array() };
    const data = new Uint8Array(bytes.length);
    let length = 0;
    const reply: number[] = [];
    for (const byte of bytes) {
      switch (this.#position) {
        case "data":
          if (byte === IAC) this.#position = "command";
          else if (this.#keeps(byte)) data[length++] = byte;
          break;
        case "command":
          if (byte >= WILL && byte <= DONT) {
            this.#command = byte;
            this.#position = "option";
          } else {
            this.#position = byte === SB ? "subnegotiation" : "data";
            if (byte === IAC) {
              this.#afterReturn = false;
              data[length++] = IAC;
            }
          }
          break;
        case "option":
          this.#negotiate(this.#command, byte, reply);
          this.#position = "data";
          break;
        case "subnegotiation":
          if (byte === IAC) this.#position = "subnegotiation-command";
          break;
        case "subnegotiation-command":
          this.#position = byte === SE ? "data" : "subnegotiation";
          break;
      }
    }
    return { data: data.subarray(0, length), reply: Uint8Array.from(reply) };
  }

  /** `data` as it goes over the wire. The result may be `data` itself. */
  send(data: Uint8Array): Uint8Array {
    const padsReturns = this.#role.side === "terminal" && this.#own.get(BINARY) !== "on";
    let extra = 0;
    for (const byte of data) if (byte === IAC || (padsReturns && byte === CR)) extra++;
    if (extra === 0) return data;
    const wire = new Uint8Array(data.length + extra);
    let length = 0;
    for (const byte of data) {
      wire[length++] = byte;
      if (byte === IAC) wire[length++] = IAC;
      else if (padsReturns && byte === CR) wire[length++] = NUL;
    }
    return wire;
  }

  #receivesBinary(): boolean {
    return this.#peer.get(BINARY) === "on";
  }

  #keeps(byte: number): boolean {
    const followsReturn = this.#afterReturn;
    this.#afterReturn = byte === CR && !this.#receivesBinary();
    if (!followsReturn) return true;
    return byte !== NUL && !(byte === LF && this.#role.side === "host");
  }

  /**
   * Only a change of state is answered, so two ends never answer each other forever (RFC 1143). A timing mark has no
   * state: each is answered, and an answer, WONT included, says that its place in the stream was reached.
   */
  #negotiate(command: number, option: number, reply: number[]): void {
    const asks = command === WILL || command === DO;
    if (option === TIMING_MARK) {
      if (command === DO) reply.push(IAC, WILL, TIMING_MARK);
      else if (command !== DONT) this.#marksAsked = Math.max(0, this.#marksAsked - 1);
      return;
    }
    const options = command === DO || command === DONT ? this.#own : this.#peer;
    const [accept, decline] = options === this.#own ? [WILL, WONT] : [DO, DONT];
    const state = options.get(option);
    if (state === undefined) {
      if (asks) reply.push(IAC, decline, option);
    } else if (asks) {
      if (state === "off") reply.push(IAC, accept, option);
      options.set(option, "on");
      if (options === this.#own && option === WINDOW_SIZE && state === "off") reply.push(...this.#windowSize());
    } else {
      if (state === "on") reply.push(IAC, decline, option);
      options.set(option, "off");
    }
  }

  /** IAC SB NAWS width height IAC SE, two bytes each, where a byte 255 is doubled (RFC 1073). */
  #windowSize(): number[] {
    if (!this.#window) return [];
    const { columns, rows } = this.#window;
    const bytes = [columns >> 8, columns, rows >> 8, rows].map((part) => part & 0xff);
    const escaped = bytes.flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte]));
    return [IAC, SB, WINDOW_SIZE, ...escaped, IAC, SE];
  }
}
