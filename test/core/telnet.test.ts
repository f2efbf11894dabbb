import fc from "fast-check";
import { expect, test } from "vitest";
import { CONSOLE_HOST, CONSOLE_TERMINAL, TelnetEnd } from "../../src/core/telnet.ts";

const [IAC, DONT, DO, WONT, WILL, SB, SE] = [255, 254, 253, 252, 251, 250, 240] as const;

/** Lets two ends talk until neither has anything to say; fails when they never stop. */
function settle(host: TelnetEnd, terminal: TelnetEnd): void {
  let toTerminal = host.opening();
  let toHost = terminal.opening();
  for (let round = 0; toTerminal.length + toHost.length > 0; round++) {
    expect(round).toBeLessThan(5);
    const fromTerminal = terminal.receive(toTerminal).reply;
    toTerminal = host.receive(toHost).reply;
    toHost = fromTerminal;
  }
}

test("host and terminal agree without an endless exchange, and then any bytes pass unchanged", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(64), (bytes, cut) => {
      const [host, terminal] = [new TelnetEnd(CONSOLE_HOST), new TelnetEnd(CONSOLE_TERMINAL)];
      settle(host, terminal);
      for (const [from, to] of [
        [host, terminal],
        [terminal, host],
      ] as const) {
        const wire = from.send(bytes);
        const parts = [to.receive(wire.slice(0, cut)), to.receive(wire.slice(cut))];
        expect(parts.flatMap((part) => [...part.data])).toEqual([...bytes]);
        expect(parts.flatMap((part) => [...part.reply])).toEqual([]);
      }
    }),
  );
});

test("no sequence of bytes makes an end answer more than it was sent, or lose its place for good", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 1, 3, 6, 10, 13, 65, SE, SB, WILL, WONT, DO, DONT, IAC)), (bytes) => {
      for (const role of [CONSOLE_HOST, CONSOLE_TERMINAL]) {
        const end = new TelnetEnd(role);
        const { data, reply } = end.receive(Uint8Array.from(bytes));
        expect(data.length + reply.length).toBeLessThanOrEqual(bytes.length);
        end.receive(Uint8Array.of(SE, IAC, SE, 65, IAC, SE));
        expect([...end.receive(Uint8Array.of(66)).data]).toEqual([66]);
      }
    }),
  );
});

test("an option is answered when it changes, and declined each time when it is not known", () => {
  const end = new TelnetEnd(CONSOLE_TERMINAL);
  const answers = (...bytes: number[]) => [...end.receive(Uint8Array.from(bytes)).reply];
  expect(answers(IAC, WILL, 1)).toEqual([IAC, DO, 1]);
  expect(answers(IAC, WILL, 1)).toEqual([]);
  expect(answers(IAC, WONT, 1)).toEqual([IAC, DONT, 1]);
  expect(answers(IAC, WONT, 1)).toEqual([]);
  expect(answers(IAC, DO, 31, IAC, DO, 31)).toEqual([IAC, WONT, 31, IAC, WONT, 31]);
  expect(answers(IAC, DONT, 31)).toEqual([]);
});

test("a terminal that has a size tells it when it is asked, and then whenever it changes", () => {
  const [host, terminal] = [new TelnetEnd(CONSOLE_HOST), new TelnetEnd(CONSOLE_TERMINAL)];
  expect([...terminal.resize(80, 24)]).toEqual([]);
  const first = terminal.receive(host.opening()).reply;
  expect(Buffer.from(first).includes(Buffer.from([IAC, WILL, 31, IAC, SB, 31, 0, 80, 0, 24, IAC, SE]))).toBe(true);
  const second = terminal.resize(255, 511);
  expect([...second]).toEqual([IAC, SB, 31, 0, IAC, IAC, 1, IAC, IAC, IAC, SE]);
  expect(host.receive(Buffer.concat([first, second]))).toEqual({ data: new Uint8Array(), reply: new Uint8Array() });
});

test("before binary is agreed the terminal's CR goes out as CR NUL, and CR NUL comes in as CR", () => {
  const terminal = new TelnetEnd(CONSOLE_TERMINAL);
  expect([...terminal.send(Uint8Array.of(13, 13, 10))]).toEqual([13, 0, 13, 0, 10]);
  expect([...terminal.receive(Uint8Array.of(13, 0, 65, 13, 10)).data]).toEqual([13, 65, 13, 10]);
});

test("what a subnegotiation holds is no text, a doubled 255 in it included", () => {
  const host = new TelnetEnd(CONSOLE_HOST);
  const wire = [65, IAC, SB, 24, 0, 66, IAC, IAC, 67, IAC, SE, 68];
  const data = wire.flatMap((byte) => [...host.receive(Uint8Array.of(byte)).data]);
  expect(data).toEqual([65, 68]);
});

test("a mark is answered in its place in the stream, by WILL or by WONT", () => {
  const [host, terminal] = [new TelnetEnd(CONSOLE_HOST), new TelnetEnd(CONSOLE_TERMINAL)];
  const { data, reply } = host.receive(Uint8Array.of(65, ...terminal.askForMark()));
  expect([...data]).toEqual([65]);
  expect(terminal.awaitsMark).toBe(true);
  expect([...terminal.receive(reply).reply]).toEqual([]);
  expect(terminal.awaitsMark).toBe(false);
  terminal.askForMark();
  terminal.receive(Uint8Array.of(IAC, WONT, 6));
  expect(terminal.awaitsMark).toBe(false);
});
