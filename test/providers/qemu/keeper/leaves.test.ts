import fc from "fast-check";
import { expect, test } from "vitest";
import { hexAddresses } from "../../../../providers/qemu/keeper/hex-addresses.ts";
import { LineReader } from "../../../../providers/qemu/keeper/lines.ts";
import { Ring } from "../../../../providers/qemu/keeper/ring.ts";
import { watchNames } from "../../../../providers/qemu/keeper/watch.ts";

test("addresses are written as the kernel's tables write them", () => {
  expect(hexAddresses("127.0.0.1", true)).toEqual({ v4: "0100007F", v6: "0000000000000000FFFF00000100007F" });
  expect(hexAddresses("127.0.0.1", false)).toEqual({ v4: "7F000001", v6: "00000000000000000000FFFF7F000001" });
  expect(hexAddresses("::ffff:10.0.2.15", true).v4).toBe("0F02000A");
  expect(hexAddresses("::1", true)).toEqual({ v4: undefined, v6: "00000000000000000000000001000000" });
  expect(hexAddresses("fe80::1:2%eth0", true).v6).toBe("000080FE000000000000000002000100");
  expect(hexAddresses("2001:db8:1:2:3:4:5:6", false).v6).toBe("20010DB8000100020003000400050006");
  expect(hexAddresses("localhost", true)).toEqual({ v4: undefined, v6: undefined });
});

test("lines come out whole however the bytes are cut; one that is too long is lost alone", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom("a", "é", "€") })), fc.nat(7), (lines, step) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      const reader = new LineReader(12);
      const read: (string | undefined)[] = [];
      for (let at = 0; at < bytes.length; at += step + 1) read.push(...reader.push(bytes.subarray(at, at + step + 1)));
      expect(read).toEqual(lines.map((line) => (Buffer.byteLength(line) > 12 ? undefined : line)));
    }),
  );
});

test("the ring holds the end of the stream, from a whole line on", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 40 })), (chunks) => {
      const ring = new Ring(16);
      for (const chunk of chunks) ring.push(Buffer.from(chunk));
      const all = chunks.join("");
      const last = all.slice(-16);
      expect(ring.replay().toString()).toBe(all.length > 16 ? last.slice(last.indexOf("\n") + 1) : all);
    }),
  );
});

test("a directory that cannot be watched is looked at again and again instead, and that is reported once", async () => {
  const faults: string[] = [];
  await new Promise<void>((resolve) => {
    let looks = 0;
    const end = watchNames(
      "/nonexistent",
      (name) => {
        expect(name).toBeUndefined();
        if (++looks < 2) return;
        end();
        resolve();
      },
      (fault) => faults.push(fault),
    );
  });
  expect(faults).toEqual([expect.stringContaining("cannot be watched, so it is polled")]);
});
