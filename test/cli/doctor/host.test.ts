import { describe, expect, it } from "vitest";
import { examineHost, killsUserProcesses } from "../../../src/cli/doctor/host.ts";
import type { Ports } from "../../../src/core/ports.ts";
import { createPorts } from "../../../src/system/index.ts";

const GIB = 1024 ** 3;
const NOTHING = { nodes: 0, links: 0 };

interface Given {
  readonly available?: number;
  readonly uid?: number;
  readonly files?: { readonly [path: string]: string };
}

function hostOf({ available = 4 * GIB, uid = 1000, files = {} }: Given): Ports {
  const real = createPorts();
  const absent = () => Object.assign(new Error("ENOENT"), { code: "ENOENT" });
  const under = (directory: string) => Object.keys(files).filter((path) => path.startsWith(`${directory}/`));
  return {
    ...real,
    host: Object.create(real.host, {
      uid: { value: uid },
      cpu: { value: async () => ({ architecture: "x86_64", count: 4, flags: new Set() }) },
      memory: { value: async () => ({ totalBytes: 8 * GIB, availableBytes: available }) },
    }),
    files: {
      ...real.files,
      readText: async (path) => files[path] ?? Promise.reject(absent()),
      stat: async (path) => (path in files ? await real.files.stat("/") : Promise.reject(absent())),
      list: async (path) => under(path).map((one) => one.slice(path.length + 1)),
    },
  };
}

async function said(given: Given, lab = NOTHING): Promise<readonly string[]> {
  return (await examineHost(hostOf(given), lab)).map((one) => `${one.level} ${one.subject}: ${one.text}`);
}

const limits = (soft: string) => ({
  "/proc/self/limits": `Limit          Soft Limit   Hard Limit   Units\nMax open files            ${soft}      1048576      files\n`,
});

it("tells of processors and memory", async () => {
  expect(await said({})).toEqual(["ok CPUs: 4, x86_64", "ok memory: 4.0 GiB of 8.0 GiB are available"]);
  expect(await said({ available: 100 * 1024 ** 2 })).toContain("warning memory: only 100 MiB of 8.0 GiB are available");
});

it("compares the limit of open files with the size of the lab", async () => {
  expect(await said({ files: limits("1024") })).toContain("ok open files: each process may have 1024");
  expect(await said({ files: limits("unlimited") }, { nodes: 5000, links: 9000 })).toContain(
    "ok open files: each process may have unlimited",
  );
  expect(await said({ files: limits("1024") }, { nodes: 200, links: 10 })).toContain(
    "warning open files: each process may have 1024, and the lab's keeper or bridge may need 1800",
  );
  expect(await said({ files: limits("1024") }, { nodes: 2, links: 300 })).toContain(
    "warning open files: each process may have 1024, and the lab's keeper or bridge may need 1700",
  );
});

describe("a systemd that ends sessions' processes at logout", () => {
  const files = {
    "/run/systemd/system": "",
    "/etc/systemd/logind.conf": "[Login]\n#KillUserProcesses=no\nKillUserProcesses=yes\n",
  };
  const warning = expect.stringContaining("warning logout: systemd ends all processes of a session");

  it("is a warning", async () => {
    expect(await said({ files })).toContainEqual(warning);
  });

  it("spares root, and is not asked where systemd does not run", async () => {
    expect(await said({ files, uid: 0 })).not.toContainEqual(warning);
    const { "/run/systemd/system": _, ...without } = files;
    expect(await said({ files: without })).not.toContainEqual(warning);
  });

  it("is told by the last drop-in that speaks of it", async () => {
    const spared = { ...files, "/etc/systemd/logind.conf.d/10-labs.conf": "[Login]\nKillUserProcesses=no\n" };
    expect(await said({ files: spared })).not.toContainEqual(warning);
    const again = { ...spared, "/etc/systemd/logind.conf.d/20-labs.conf": "[Login]\nKillUserProcesses = yes\n" };
    expect(await said({ files: again })).toContainEqual(warning);
  });

  it("may have been built so: a commented line tells", () => {
    expect(killsUserProcesses(["[Login]\n#KillUserProcesses=yes\n"])).toBe(true);
    expect(killsUserProcesses(["[Login]\n#KillUserProcesses=yes\nKillUserProcesses=no\n"])).toBe(false);
    expect(killsUserProcesses(["[Login]\n#KillUserProcesses=no\n"])).toBe(false);
    expect(killsUserProcesses([])).toBe(false);
  });
});
