import { expect, it } from "vitest";
import { faultInFormat, portNames } from "../../../../providers/qemu/adapters/portNames.ts";

function names(format: string, adapters: number, segmentSize = 0, first: string | null = null): string {
  return portNames(adapters, { format, segmentSize, first }).join(" ");
}

it("a format counts adapters, as GNS3's appliances write it", () => {
  expect(names("Ethernet{0}", 3)).toBe("Ethernet0 Ethernet1 Ethernet2");
  expect(names("eth{port1}", 3)).toBe("eth1 eth2 eth3");
  expect(names("ge-0/0/{0}", 3, 0, "fxp0")).toBe("fxp0 ge-0/0/0 ge-0/0/1");
  expect(names("{adapter}: {{x}}", 2)).toBe("0: {x} 1: {x}");
  expect(names("p{0:02d}-{1:03}", 2)).toBe("p00-000 p01-001");
});

it("a segment takes as many as it is said to, and without a size each adapter is one", () => {
  expect(names("Gi{segment0}/{port0}", 5, 2)).toBe("Gi0/0 Gi0/1 Gi1/0 Gi1/1 Gi2/0");
  expect(names("Gi{1}/{0}", 3)).toBe("Gi0/0 Gi1/1 Gi2/2");
});

it("the first port's own name counts neither as a port nor as a segment", () => {
  expect(names("e{segment1}/{port9}", 4, 2, "mgmt")).toBe("mgmt e1/9 e1/10 e2/9");
  expect(names("x{adapter}", 3, 0, "mgmt")).toBe("mgmt x1 x2");
  expect(names("x", 0, 0, "mgmt")).toBe("");
});

it("what is no placeholder is told", () => {
  for (const good of ["", "eth", "{0}", "{1}{port0}{segment9}{adapter}{{}}", "{0:04d}"]) {
    expect(faultInFormat(good)).toBeUndefined();
  }
  expect(faultInFormat("{0}/{foo}")).toBe("{foo}");
  expect(faultInFormat("{2}")).toBe("{2}");
  expect(faultInFormat("eth{")).toBe("{");
  expect(faultInFormat("eth0}")).toBe("}");
  expect(faultInFormat("{0:x}")).toBe("{0:x}");
});
