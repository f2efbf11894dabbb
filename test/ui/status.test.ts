import { expect, test } from "vitest";
import type { StatusRow } from "../../src/ui/status.ts";
import { renderStatus } from "../../src/ui/status.ts";

const now = Date.parse("2026-01-02T03:04:05Z");

const node: StatusRow = {
  address: "node.r1",
  kind: "node",
  condition: "running",
  detail: null,
  ready: true,
  pid: 4711,
  started: null,
  console: "127.0.0.1:5000",
  aux: null,
  monitor: null,
  impairments: null,
  capture: null,
  ports: null,
  statistics: null,
};
const link: StatusRow = { ...node, address: "link.core", kind: "link", condition: "up", pid: null, console: null };

function lines(rows: readonly StatusRow[], size: { readonly width?: number; readonly height?: number } = {}) {
  return renderStatus(rows, { colour: false, now, ...size }).split("\n");
}

test("the status table leaves out empty columns and aligns by what a screen shows", () => {
  const off = {
    ...node,
    address: "node.日本",
    condition: "down",
    pid: null,
    console: null,
    detail: "power off \u001b",
  };
  expect(lines([node, off])).toEqual([
    "ADDRESS    CONDITION  PID   CONSOLE         DETAIL",
    "node.r1    running    4711  127.0.0.1:5000",
    "node.日本  down                             power off \\u{1b}",
    "",
  ]);
  expect(lines([])).toEqual(["Nothing of this lab exists.", ""]);
});

test("a link tells what is set on it and where its frames are captured", () => {
  const impaired = { ...link, impairments: { delay_ms: 20, loss_percent: 1.5 }, capture: "captures/core.pcap" };
  const down = {
    ...link,
    condition: "down",
    detail: "service.bridge does not carry it",
    impairments: { delay_ms: 20 },
  };
  expect(lines([impaired, down])).toEqual([
    "ADDRESS    CONDITION  DETAIL",
    "link.core  up         delay_ms=20 loss_percent=1.5; captured to captures/core.pcap",
    "link.core  down       service.bridge does not carry it; delay_ms=20",
    "",
  ]);
});

test.each([
  ["2026-01-02T03:03:23Z", "42s"],
  ["2026-01-02T03:01:00Z", "3m 5s"],
  ["2026-01-02T03:01:05Z", "3m"],
  ["2026-01-02T00:24:00Z", "2h 40m"],
  ["2025-12-24T00:04:05Z", "9d 3h"],
  ["2026-01-02T03:05:00Z", "0s"],
])("a process started at %s has run for %s", (started, uptime) => {
  const [head, row] = lines([{ ...node, started }]);
  expect(row?.slice(head?.indexOf("UPTIME"), head?.indexOf("CONSOLE")).trim()).toBe(uptime);
});

test("the last column is cut where the screen ends", () => {
  const [, row] = lines([{ ...link, condition: "down", detail: "x".repeat(200) }], { width: 60 });
  expect(row).toHaveLength(60);
  expect(row?.endsWith("…")).toBe(true);
});

test("columns that matter less give way on a narrow screen, the least first", () => {
  const row = {
    ...node,
    started: "2026-01-02T03:03:23Z",
    monitor: "127.0.0.1:6000",
    detail: "stopped by hand (ada, at 12:03)",
  };
  const names = (width: number) => lines([row], { width })[0]?.split(/ +/).slice(2);
  expect(names(100)).toEqual(["PID", "UPTIME", "CONSOLE", "MONITOR", "DETAIL"]);
  expect(names(80)).toEqual(["PID", "UPTIME", "CONSOLE", "DETAIL"]);
  expect(names(68)).toEqual(["PID", "CONSOLE", "DETAIL"]);
  expect(names(62)).toEqual(["CONSOLE", "DETAIL"]);
});

test("what does not fit the height is counted", () => {
  const rows = Array.from({ length: 30 }, (_, at) => ({ ...node, address: `node.n${at}` }));
  expect(lines(rows, { height: 31 })).toHaveLength(32);
  const short = lines(rows, { height: 10 });
  expect(short).toHaveLength(11);
  expect(short.slice(-3)).toEqual(["node.n7  running    4711  127.0.0.1:5000", "… and 22 more", ""]);
});

test("what went over a link stands there each way as it came out, with what was lost", () => {
  const end = (sent: number, received: number) => ({
    sent: { frames: sent, bytes: sent * 82 },
    received: { frames: received, bytes: received * 82 },
    dropped: 0,
  });
  const traffic = (...statistics: readonly ReturnType<typeof end>[]) =>
    lines([{ ...link, statistics }])[1]?.replace(/^link\.core +up +/, "");
  expect(lines([link])[0]).not.toContain("TRAFFIC");
  expect(traffic(end(0, 0), end(0, 0))).toBe("0→1 0, 1→0 0");
  expect(traffic(end(120, 118), end(120, 118))).toBe("0→1 118 (9.7 kB), 1→0 118 (9.7 kB), 4 lost");
  expect(traffic(end(1, 12_200_000), end(12_200_000, 1))).toBe("0→1 1 (82 B), 1→0 12200000 (1.0 GB)");
  expect(traffic(end(1, 2), end(3, 4), end(5, 6))).toBe("in 9 (738 B), out 12 (984 B)");
});
