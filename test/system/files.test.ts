import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { files } from "../../src/system/files.ts";
import { afterThisTest, temporaryDirectory } from "./support.ts";

test("an atomic write replaces the whole file and leaves nothing beside it", async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, "state.json");
  await files.writeAtomic(path, "one", 0o600);
  await files.writeAtomic(path, "two", 0o600);
  expect(await readFile(path, "utf8")).toBe("two");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toEqual(["state.json"]);
});

test("an atomic write that fails leaves the old file and nothing beside it", async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, "taken");
  await mkdir(join(path, "full"), { recursive: true });
  await expect(files.writeAtomic(path, "new", 0o600)).rejects.toMatchObject({ code: "EISDIR" });
  expect(await readdir(directory)).toEqual(["taken"]);
  await expect(files.writeAtomic(join(directory, "no/such"), "new", 0o600)).rejects.toMatchObject({ code: "ENOENT" });
});

test("what is appended stands after what is there, also after a cut", async () => {
  const path = join(await temporaryDirectory(), "journal");
  const first = await files.openAppend(path, 0o600);
  await first.append("one\n");
  await first.sync();
  await first.close();
  const second = await files.openAppend(path, 0o600);
  await second.append("two\n");
  expect(await readFile(path, "utf8")).toBe("one\ntwo\n");
  await second.truncate(4);
  await second.append("three\n");
  await second.close();
  expect(await readFile(path, "utf8")).toBe("one\nthree\n");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test.each([
  [100, "one\ntwo\nthree\n"],
  [14, "one\ntwo\nthree\n"],
  [13, "two\nthree\n"],
  [10, "two\nthree\n"],
  [9, "three\n"],
  [3, ""],
])("the last %d bytes begin with a whole line", async (bytes, tail) => {
  const path = join(await temporaryDirectory(), "log");
  await writeFile(path, "one\ntwo\nthree\n");
  expect(await files.readTail(path, bytes)).toBe(tail);
});

test("a file is read from an offset to its end, or so much of it", async () => {
  const path = join(await temporaryDirectory(), "log");
  await writeFile(path, "0123456789");
  const from = async (offset: number, most?: number) =>
    Buffer.from(await files.readFrom(path, offset, most)).toString();
  expect(await from(0)).toBe("0123456789");
  expect(await from(7)).toBe("789");
  expect(await from(10)).toBe("");
  expect(await from(99)).toBe("");
  expect(await from(2, 3)).toBe("234");
  expect(await from(8, 3)).toBe("89");
});

test("kinds are told apart, and a final link is followed or not", async () => {
  const directory = await temporaryDirectory();
  const at = (name: string) => join(directory, name);
  await writeFile(at("file"), "12345", { mode: 0o640 });
  await symlink("file", at("link"));
  const server = createServer().listen(at("socket"));
  afterThisTest(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  expect(await files.stat(at("link"))).toMatchObject({ kind: "file", size: 5, mode: 0o640, uid: process.getuid?.() });
  expect((await files.lstat(at("link"))).kind).toBe("link");
  expect((await files.stat(directory)).kind).toBe("directory");
  expect((await files.stat(at("socket"))).kind).toBe("socket");
  expect((await files.stat("/dev/null")).kind).toBe("other");
  expect(await files.readLink(at("link"))).toBe("file");
});

test("access tells what is missing from what is not allowed", async () => {
  const path = join(await temporaryDirectory(), "program");
  await expect(files.access(path, "read")).rejects.toMatchObject({ code: "ENOENT" });
  await writeFile(path, "", { mode: 0o600 });
  await files.access(path, "read");
  await expect(files.access(path, "execute")).rejects.toMatchObject({ code: "EACCES" });
  await chmod(path, 0o700);
  await files.access(path, "execute");
});

test("directories are made private with their parents, again without an error, and removed without following links", async () => {
  const directory = await temporaryDirectory();
  const at = (name: string) => join(directory, name);
  await files.makeDirectory(at("a/b"));
  await files.makeDirectory(at("a/b"));
  expect((await stat(at("a"))).mode & 0o777).toBe(0o700);
  await writeFile(at("kept"), "");
  await symlink(directory, at("a/b/link"));
  await files.remove(at("a"));
  await files.remove(at("a"));
  expect(await readdir(directory)).toEqual(["kept"]);
});

test("a change in a directory is noticed at once, nothing after the time, an abort with its reason", async () => {
  const directory = await temporaryDirectory();
  const start = performance.now();
  const change = files.waitForChange(directory, 10_000);
  await writeFile(join(directory, "new"), "");
  await change;
  expect(performance.now() - start).toBeLessThan(5000);
  await files.waitForChange(directory, 20);
  const controller = new AbortController();
  const waiting = files.waitForChange(directory, 10_000, controller.signal);
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await expect(files.waitForChange(directory, 10, controller.signal)).rejects.toThrow("enough");
  await expect(files.waitForChange(join(directory, "gone"), 10)).rejects.toMatchObject({ code: "ENOENT" });
});

test("a lock excludes a second one until it is released", async () => {
  const path = join(await temporaryDirectory(), "lock");
  const lock = await files.tryLock(path);
  expect(await files.tryLock(path)).toBeUndefined();
  await lock?.release();
  await lock?.release();
  const next = await files.tryLock(path);
  expect(next).toBeDefined();
  await next?.release();
});

test("the space that is left is told of a path that exists", async () => {
  const directory = await temporaryDirectory();
  const [, available] = execFileSync("df", ["-B1", "--output=avail", directory], { encoding: "utf8" })
    .trim()
    .split("\n");
  const megabytes = (bytes: number) => bytes / 1024 ** 2;
  expect(Math.abs(megabytes(await files.freeBytes(directory)) - megabytes(Number(available)))).toBeLessThan(1000);
  await expect(files.freeBytes(join(directory, "none"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("a digest is that of the whole content, and an abort ends it", async () => {
  const path = join(await temporaryDirectory(), "image");
  const content = Buffer.alloc(3 * 1024 * 1024 + 7, "labform");
  await writeFile(path, content);
  expect(await files.digest(path, "sha256")).toBe(createHash("sha256").update(content).digest("hex"));
  await expect(files.digest(path, "sha256", AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  await expect(files.digest(`${path}.none`, "md5")).rejects.toMatchObject({ code: "ENOENT" });
});
