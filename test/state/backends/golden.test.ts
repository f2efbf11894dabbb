import { expect, it } from "vitest";
import { parseState } from "../../../state/document.ts";
import { BackendEngine } from "../../engine/backendEngine.ts";
import { goldenBeside } from "../../support/golden.ts";

const golden = goldenBeside(new URL("../golden.test.ts", import.meta.url).href);

/** What differs from run to run and from host to host. */
function steady(text: string, engine: BackendEngine): string {
  return text
    .replaceAll(engine.directory, "/lab")
    .replaceAll(engine.server.address, "http://server/state/pair")
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/("token": ")[^"]*/g, "$1TOKEN")
    .replaceAll(/("digest": ")[^"]*/g, "$1DIGEST")
    .replaceAll(/"run": "[0-9a-f]+"/g, '"run": "TOKEN"')
    .replaceAll(/"pid": \d+/g, '"pid": 1')
    .replaceAll(/("value": )\d+/g, "$11")
    .replaceAll(/(\\?"(?:pid|startTime)\\?":\\?"?)\d+/g, "$11");
}

/** Fields that GitLab reads or that a reader must find, whatever else the document has. */
it("the state is one document, on this disk and at a server, with what servers read at its top", async () => {
  const engine = await BackendEngine.applied();
  try {
    const facts = { hostName: "build1", machineId: "a".repeat(32), bootId: "boot", pidNamespace: "pid:[1]" };
    await engine.succeed("destroy", "-auto-approve");
    engine.facts = facts;
    await engine.apply();
    const file = engine.file("state.json");
    const sent = engine.server.requests.findLast(({ wish }) => wish === "write")?.body ?? "";
    expect(sent).toBe(file);
    expect(JSON.parse(sent)).toMatchObject({ serial: 3, lineage: expect.any(String), host: { name: "build1" } });
    expect(parseState(sent, { role: "state", path: "sent" }, "0.1.0").serial).toBe(3);
    golden("state.json", steady(file, engine));
    golden("backend.json", steady(engine.file("../backend.json"), engine));
    golden("server.json", steady(engine.file("server.json"), engine));
    const lock = engine.server.requests.findLast(({ wish }) => wish === "lock")?.body ?? "";
    golden(
      "lock.json",
      `${steady(JSON.stringify(JSON.parse(lock), null, 2), engine).replace(/"Who": "[^"]*"/, '"Who": "USER@build1"')}\n`,
    );
  } finally {
    await engine.end();
  }
});
