import fc from "fast-check";
import { Address4, Address6 } from "ip-address";
import { describe, expect, test } from "vitest";
import {
  formatAddress,
  formatNetwork,
  lastOf,
  network,
  parseAddress,
  parseNetwork,
} from "../../../src/evaluation/functions/addresses.ts";

/** Mostly zeros, so that there is something to shorten. */
const groups = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(0xffff)), {
  minLength: 8,
  maxLength: 8,
});
const v6 = groups.map((parts) => parts.reduce((number, group) => (number << 16n) | BigInt(group), 0n));
const v4 = fc.bigInt(0n, 2n ** 32n - 1n);

describe("addresses are those of the library ip-address", () => {
  test("of IPv6, in their shortest form and in any other", () => {
    fc.assert(
      fc.property(v6, (number) => {
        fc.pre(number >> 32n !== 0xffffn);
        const theirs = Address6.fromBigInt(number);
        expect(formatAddress({ bits: 128, number })).toBe(theirs.correctForm());
        for (const text of [theirs.correctForm(), theirs.canonicalForm(), theirs.correctForm().toUpperCase()]) {
          expect(parseAddress(text)).toEqual({ bits: 128, number });
        }
      }),
      { numRuns: 500 },
    );
  });

  test("of IPv4", () => {
    fc.assert(
      fc.property(v4, (number) => {
        const text = Address4.fromBigInt(number).correctForm();
        expect(formatAddress({ bits: 32, number })).toBe(text);
        expect(parseAddress(text)).toEqual({ bits: 32, number });
        expect(parseAddress(`::ffff:${text}`)).toEqual({ bits: 32, number });
      }),
    );
  });

  test("and what is none is none", () => {
    const soup = fc.string({ unit: fc.constantFrom(..."0123456789abcdef:::..g/ "), maxLength: 24 });
    fc.assert(
      fc.property(soup, (text) => {
        if (text.includes("/") || text.includes(".")) return;
        expect(parseAddress(text) !== undefined).toBe(text.includes(":") && Address6.isValid(text));
      }),
      { numRuns: 5000 },
    );
  });

  test("their networks begin and end alike", () => {
    fc.assert(
      fc.property(v6, fc.nat(128), (number, prefix) => {
        fc.pre(number >> 32n !== 0xffffn);
        const ours = network({ bits: 128, number }, prefix);
        const theirs = new Address6(`${Address6.fromBigInt(number).correctForm()}/${prefix}`);
        expect(ours.number).toBe(theirs.startAddress().bigInt());
        expect(lastOf(ours)).toBe(theirs.endAddress().bigInt());
        fc.pre(ours.number >> 32n !== 0xffffn);
        expect(parseNetwork(formatNetwork(ours))).toEqual(ours);
      }),
      { numRuns: 300 },
    );
  });
});
