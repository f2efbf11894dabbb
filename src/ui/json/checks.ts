import { addressIn, formatModules, parseAddress, parseModuleAddress } from "../../core/addresses.ts";
import type { CheckResult } from "../../core/plan.ts";
import { byAddress } from "./resources.ts";
import type { CheckDocument, CheckStatus } from "./types.ts";

/** What rules say, by the block they stand in: one of a repeated resource or module has several instances. */
export function checkDocuments(results: readonly CheckResult[]): readonly CheckDocument[] {
  const blocks = new Map<string, { readonly block: Block; readonly results: CheckResult[] }>();
  for (const result of results) {
    const block = blockOf(result.owner);
    const known = blocks.get(block.address);
    if (known) known.results.push(result);
    else blocks.set(block.address, { block, results: [result] });
  }
  return [...blocks.values()]
    .toSorted((one, other) => byAddress(one.block, other.block))
    .map(({ block, results: own }) => ({
      address: block.document,
      status: together(own.map(({ status }) => status)),
      instances: own.map(instanceOf),
    }));
}

interface Block {
  readonly address: string;
  readonly document: CheckDocument["address"];
}

const KINDS = { output: "output_value", check: "check", var: "var" } as const;

/** `module.pod["a"].node.r["x"]` stands in `module.pod.node.r`. */
function blockOf(owner: string): Block {
  const resource = parseAddress(owner);
  if (resource) {
    const module = formatModules(resource.modules.map(({ name }) => ({ name, key: undefined })));
    const address = addressIn(module, `${resource.kind}.${resource.name}`);
    const names = { mode: "managed", type: resource.kind, name: resource.name } as const;
    return { address, document: { kind: "resource", to_display: address, ...inModule(module), ...names } };
  }
  const { module: instance, kind, name } = takeApart(owner);
  const module = formatModules((parseModuleAddress(instance) ?? []).map((one) => ({ ...one, key: undefined })));
  const address = addressIn(module, `${kind}.${name}`);
  return { address, document: { kind: KINDS[kind], to_display: address, ...inModule(module), name } };
}

function instanceOf({ owner, status, problems }: CheckResult): CheckDocument["instances"][number] {
  const resource = parseAddress(owner);
  const module = resource ? formatModules(resource.modules) : takeApart(owner).module;
  const key = resource?.key === undefined ? {} : { instance_key: resource.key };
  return {
    address: { to_display: owner, ...inModule(module), ...key },
    status,
    ...(problems.length === 0 ? {} : { problems: problems.map((message) => ({ message })) }),
  };
}

/** `module.pod["a"].output.x`; none of the names has a dot in it. */
function takeApart(owner: string): {
  readonly module: string;
  readonly kind: keyof typeof KINDS;
  readonly name: string;
} {
  const [, module = "", kind, name] = /^(?:(.*)\.)?(output|check|var)\.([^.]*)$/s.exec(owner) ?? [];
  if (kind === undefined || name === undefined) throw new Error(`${owner} has no rules`);
  return { module, kind: kind as keyof typeof KINDS, name };
}

function inModule(module: string): { readonly module?: string } {
  return module === "" ? {} : { module };
}

function together(all: readonly CheckStatus[]): CheckStatus {
  if (all.includes("fail")) return "fail";
  return all.includes("unknown") ? "unknown" : "pass";
}
