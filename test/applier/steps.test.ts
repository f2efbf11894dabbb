import { describe, expect, it } from "vitest";
import { findRing, formatSteps, makeSteps } from "../../src/applier/steps.ts";
import type { Change } from "../../src/core/plan.ts";
import { change, instance, plan } from "../support/plans.ts";

const keeper = "service.keeper";
const bridge = 'service.bridge["builtin"]';

function text(changes: readonly Change[]): string {
  return formatSteps(makeSteps(plan(changes)));
}

describe("the order of steps", () => {
  it("wires cables between prepare and start of both their ends", () => {
    expect(
      text([
        change(keeper, "create"),
        change(bridge, "create"),
        change("node.a", "create", { dependencies: [keeper] }),
        change("node.b", "create", { dependencies: [keeper] }),
        change("link.ab", "create", { dependencies: [bridge, "node.a", "node.b"], ends: ["node.a", "node.b"] }),
      ]),
    ).toMatchInlineSnapshot(`
      "service.keeper launch
      service.bridge["builtin"] launch
      node.a prepare <- service.keeper launch
      node.a start <- node.a prepare, (link.ab wire)
      node.a ready <- node.a start
      node.b prepare <- service.keeper launch
      node.b start <- node.b prepare, (link.ab wire)
      node.b ready <- node.b start
      link.ab wire <- node.a prepare, node.b prepare, service.bridge["builtin"] launch"
    `);
  });

  it("takes power away first, then cables, then files, and services last", () => {
    expect(
      text([
        change("link.ab", "delete", { dependencies: [bridge, "node.a", "node.b"], ends: ["node.a", "node.b"] }),
        change("node.a", "delete", { dependencies: [keeper] }),
        change("node.b", "delete", { dependencies: [keeper] }),
        change(bridge, "delete"),
        change(keeper, "delete"),
      ]),
    ).toMatchInlineSnapshot(`
      "link.ab unwire <- (node.a stop), (node.b stop)
      node.a stop
      node.a remove <- node.a stop, (link.ab unwire)
      node.b stop
      node.b remove <- node.b stop, (link.ab unwire)
      service.bridge["builtin"] end <- link.ab unwire
      service.keeper end <- node.a remove, node.b remove"
    `);
  });

  describe("where a precondition awaits another node", () => {
    const guarded = (changes: readonly Change[]) => {
      const nothing = { text: "true", at: "a.lab.hcl:1:1", captured: {} };
      const rule = { kind: "precondition", owner: "node.b", condition: nothing, message: nothing } as const;
      return formatSteps(makeSteps(plan(changes, { rules: [rule] })));
    };

    it("touches nothing before that one is ready", () => {
      expect(
        guarded([change("node.a", "restart"), change("node.b", "restart", { dependencies: ["node.a"] })]),
      ).toMatchInlineSnapshot(`
        "node.a stop
        node.a prepare <- node.a stop
        node.a start <- node.a prepare
        node.a ready <- node.a start
        node.b stop <- node.a ready
        node.b prepare <- node.b stop, node.a ready
        node.b start <- node.b prepare
        node.b ready <- node.b start"
      `);
    });

    it("stops it first where that one is replaced, which cannot be as long as it runs", () => {
      expect(
        guarded([change("node.a", "replace"), change("node.b", "restart", { dependencies: ["node.a"] })]),
      ).toMatchInlineSnapshot(`
        "node.a stage
        node.a stop <- node.a stage, node.b stop
        node.a remove <- node.a stop
        node.a prepare <- node.a remove
        node.a start <- node.a prepare
        node.a ready <- node.a start
        node.b stop
        node.b prepare <- node.b stop, node.a ready
        node.b start <- node.b prepare
        node.b ready <- node.b start"
      `);
    });

    it("and the same where what it awaits is the output of a module", () => {
      const dependencies = ["node.a"];
      const changes = [change("node.a", "create"), change("node.b", "create", { dependencies, guards: ["output.o"] })];
      expect(text(changes)).toMatchInlineSnapshot(`
        "node.a prepare
        node.a start <- node.a prepare
        node.a ready <- node.a start
        node.b prepare <- node.a ready
        node.b start <- node.b prepare
        node.b ready <- node.b start"
      `);
    });
  });

  it("starts a dependent node when its dependency is ready, though its files and cables come before", () => {
    expect(
      text([
        change("node.a", "create"),
        change("node.b", "create", { dependencies: ["node.a"] }),
        change("link.ab", "create", { dependencies: ["node.a", "node.b"], ends: ["node.a", "node.b"] }),
      ]),
    ).toMatchInlineSnapshot(`
      "node.a prepare
      node.a start <- node.a prepare, (link.ab wire)
      node.a ready <- node.a start
      node.b prepare
      node.b start <- node.b prepare, node.a ready, (link.ab wire)
      node.b ready <- node.b start
      link.ab wire <- node.a prepare, node.b prepare"
    `);
  });

  it("prepares a node only when the values it awaits are there", () => {
    const deferred = { kernel_command_line: { text: "node.a.pid", at: "a:1:1", captured: {} } };
    expect(
      text([change("node.a", "create"), change("node.b", "create", { dependencies: ["node.a"], deferred })]),
    ).toContain("node.b prepare <- node.a ready");
  });

  it("reverses dependencies on the way down", () => {
    const lines = text([change("node.b", "delete", { dependencies: ["node.a"] }), change("node.a", "delete")]);
    expect(lines).toContain("node.a stop <- node.b stop");
  });

  it("takes down nodes that share a link and depend on one another without a ring", () => {
    const down = plan([
      change("node.b", "delete", { dependencies: ["node.a"] }),
      change("node.a", "delete"),
      change("link.ab", "delete", { dependencies: ["node.a", "node.b"], ends: ["node.a", "node.b"] }),
    ]);
    expect(findRing(makeSteps(down))).toBeUndefined();
  });

  it("starts a node again only when a link that goes away from it is unplugged", () => {
    expect(
      text([change("node.a", "start"), change("link.ab", "delete", { dependencies: ["node.a"], ends: ["node.a"] })]),
    ).toContain("node.a start <- node.a prepare, (link.ab unwire)");
  });

  it("changes a link while its ends are not between two powers, and after a service that is started again", () => {
    expect(
      text([
        change(bridge, "start"),
        change("link.ab", "update", { dependencies: [bridge, "node.a"], ends: ["node.a"] }),
        change("node.a", "restart"),
      ]),
    ).toMatchInlineSnapshot(`
      "service.bridge["builtin"] launch
      link.ab update <- service.bridge["builtin"] launch, (node.a stop)
      node.a stop
      node.a prepare <- node.a stop
      node.a start <- node.a prepare, (link.ab update)
      node.a ready <- node.a start"
    `);
  });

  it("rewires a replaced link after its ends stopped and before they start", () => {
    expect(
      text([change("link.ab", "replace", { ends: ["node.a"] }), change("node.a", "restart")]),
    ).toMatchInlineSnapshot(`
      "link.ab unwire <- (node.a stop)
      link.ab wire <- link.ab unwire, node.a prepare
      node.a stop
      node.a prepare <- node.a stop
      node.a start <- node.a prepare, (link.ab wire)
      node.a ready <- node.a start"
    `);
  });

  it("lets nodes join a network once they are prepared, and takes away those that leave it after that", () => {
    expect(
      text([
        change("network.lan", "update", {
          prior: instance("network.lan", { dependencies: ["node.a", "node.old"] }),
          dependencies: ["node.a", "node.new"],
          ends: ["node.a", "node.new"],
        }),
        change("node.new", "create"),
        change("node.old", "delete"),
      ]),
    ).toMatchInlineSnapshot(`
      "network.lan update <- node.new prepare, (node.old stop)
      node.new prepare
      node.new start <- node.new prepare, (network.lan update)
      node.new ready <- node.new start
      node.old stop
      node.old remove <- node.old stop, (network.lan update)"
    `);
  });

  it("unplugs what is plugged elsewhere first, also where two networks change places", () => {
    const ends = (...ids: readonly string[]) => ({ endpoints: ids.map((adapter) => ({ adapter })) });
    const moved = (address: string, before: string, after: string) =>
      change(address, "update", { prior: instance(address, { attributes: ends(before) }), planned: ends(after) });
    expect(
      text([moved("network.lan", "a/0", "a/1"), change("link.ab", "create", { planned: ends("a/0", "b/0") })]),
    ).toContain("link.ab wire <- (network.lan update)");
    const turned = plan([moved("network.one", "a/0", "a/1"), moved("network.two", "a/1", "a/0")]);
    expect(findRing(makeSteps(turned))).toBeUndefined();
  });

  it("prepares a node that rests without waiting for those it depends on", () => {
    const steps = makeSteps(
      plan([
        change("node.a", "create"),
        change("node.off", "create", { rests: true, dependencies: ["node.a"] }),
        change("link.core", "create", { dependencies: ["node.a", "node.off"], ends: ["node.a", "node.off"] }),
      ]),
    );
    expect(findRing(steps)).toBeUndefined();
  });
});

describe("a ring of steps", () => {
  it("is found and named when a node awaits a value of the node it shares a link with", () => {
    const deferred = { kernel_command_line: { text: "node.a.pid", at: "a:1:1", captured: {} } };
    const steps = makeSteps(
      plan([
        change("node.a", "create"),
        change("node.b", "create", { dependencies: ["node.a"], deferred }),
        change("link.ab", "create", { ends: ["node.a", "node.b"] }),
      ]),
    );
    expect(
      findRing(steps)
        ?.map((step) => step.id)
        .toSorted(),
    ).toEqual(["link.ab wire", "node.a ready", "node.a start", "node.b prepare"]);
  });

  it("is not seen where there is none", () => {
    expect(
      findRing(
        makeSteps(plan([change("node.a", "create"), change("node.b", "replace", { dependencies: ["node.a"] })])),
      ),
    ).toBeUndefined();
  });
});
