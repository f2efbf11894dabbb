import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatMac, isGroupMac, macFromUuid, parseMac, uuidFromSeed } from "../../../providers/qemu/mac.ts";
import { SEED } from "./support.ts";

describe("MAC addresses", () => {
  it("are read in the three usual spellings and printed in one", () => {
    for (const text of ["0c:00:5E:10:00:01", "0c-00-5e-10-00-01", "0c00.5e10.0001"]) {
      expect(formatMac(parseMac(text) ?? -1)).toBe("0c:00:5e:10:00:01");
    }
    for (const text of ["", "0c:00:5e:10:00", "0c:00:5e:10:00:01:02", "0c:00-5e:10:00:01", "0c:00:5e:10:00:0g"]) {
      expect(parseMac(text)).toBeUndefined();
    }
  });

  it("count up with carry", () => {
    expect(formatMac((parseMac("02:00:00:00:ff:ff") as number) + 1)).toBe("02:00:00:01:00:00");
  });

  it("derived from a UUID are unicast, locally administered, and leave room for 256 adapters", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f]{64}$/), (seed) => {
        const mac = macFromUuid(uuidFromSeed(seed));
        expect(isGroupMac(mac)).toBe(false);
        expect(Math.floor(mac / 2 ** 41) % 2).toBe(1);
        expect(mac % 256).toBe(0);
        expect(formatMac(mac)).toMatch(/^([0-9a-f]{2}:){5}00$/);
      }),
    );
  });

  it("and UUIDs of a seed never change: a lab's guests keep theirs on every machine and in every version", () => {
    expect(uuidFromSeed(SEED)).toBe("3f2a9c1d-5b7e-8809-9a2b-3c4d5e6f7081");
    expect(formatMac(macFromUuid(uuidFromSeed(SEED)))).toBe("4e:5e:6f:70:81:00");
  });
});
