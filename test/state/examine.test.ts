import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/core/doctor.ts";
import { createStateAccess } from "../../state/access.ts";
import { examine as examineOf } from "../../state/examine.ts";
import { layoutOf } from "../../state/layout.ts";
import { makeWorld, systemError, type World } from "./support.ts";

const examine = (world: World, lab = true) => world.access.examine(lab);

function about(findings: readonly Finding[], subject: string): readonly string[] {
  return findings.filter((one) => one.subject === subject).map((one) => `${one.level} ${one.text}`);
}

describe("an examination of where things are recorded", () => {
  test("finds all well, and makes nothing", async () => {
    const world = await makeWorld();
    const findings = await examine(world);
    expect(findings.map((one) => [one.subject, one.level])).toEqual([
      ["registry", "ok"],
      ["disk space", "ok"],
    ]);
    await expect(world.ports.files.stat(world.stateHome)).rejects.toThrow("ENOENT");
    await expect(world.ports.files.stat(join(world.lab, ".labform"))).rejects.toThrow("ENOENT");
  });

  test("misses a place for the registry", async () => {
    const world = await makeWorld();
    Object.defineProperty(world.ports.host, "environment", { value: { XDG_STATE_HOME: "here" } });
    expect(about(await examine(world), "registry")).toEqual([
      "error neither XDG_STATE_HOME nor HOME is an absolute path, so there is no place for it",
    ]);
  });

  test("tells which directory cannot be written", async () => {
    const world = await makeWorld();
    const access: World["ports"]["files"]["access"] = () => Promise.reject(systemError("EROFS"));
    const ports = { ...world.ports, files: { ...world.ports.files, access } };
    const findings = await examineOf(ports, layoutOf(world.lab, "default", undefined), world.lab, true);
    expect(about(findings, "registry")).toEqual([
      `error ${world.root}: ${world.stateHome}/labform/labs cannot be made in it (read-only file system)`,
    ]);
    expect(about(findings, "data directory")).toEqual([
      `error ${world.lab}: ${world.data} cannot be made in it (read-only file system)`,
    ]);
  });

  test("looks at no data directory where there is no lab", async () => {
    const world = await makeWorld();
    await writeFile(join(world.lab, ".labform"), "a file");
    expect(about(await examine(world, false), "data directory")).toEqual([]);
    expect(about(await examine(world, true), "data directory")).toEqual([
      `error ${world.data}: it cannot be written (a part of its path is not a directory)`,
    ]);
  });

  test("does not trust a registry others can enter", async () => {
    const world = await makeWorld();
    const home = join(world.stateHome, "labform", "labs");
    await mkdir(home, { recursive: true });
    await chmod(home, 0o755);
    const [finding] = await examine(world);
    expect(finding).toMatchObject({ subject: "registry", level: "error", text: `${home} cannot be trusted` });
    expect(finding?.fix).toContain(`chmod 700 ${home}`);
  });

  test("follows LABFORM_DATA_DIR", async () => {
    const world = await makeWorld();
    const other = join(world.root, "other");
    await writeFile(other, "a file");
    const { ports, lab: labDirectory } = world;
    const options = { ports, labDirectory, workspace: "default", programs: "", labformVersion: "0.1.0" };
    const access = createStateAccess({ ...options, dataDirectory: other });
    expect(about(await access.examine(true), "data directory")[0]).toContain(`${other}/default`);
  });

  test("warns of a disk that is nearly full", async () => {
    const world = await makeWorld();
    const freeBytes = async () => 300 * 1024 ** 2;
    const ports = { ...world.ports, files: { ...world.ports.files, freeBytes } };
    const findings = await examineOf(ports, layoutOf(world.lab, "default", undefined), world.lab, true);
    expect(about(findings, "disk space")).toEqual([`warning only 300 MiB are free in ${world.lab}`]);
  });
});
