/**
 * Words that the language has, or that Terraform has, and that this version does not take: each is refused by name
 * with what to do, since a mere "unknown block" would send its writer looking for a typing error.
 */
const later = (what: string) => `${what} not supported by this version of labform.`;

export const unsupportedBlocks: ReadonlyMap<string, string> = new Map([
  ["template", later("template blocks are")],
  ["network", later("network blocks are")],
  ["module", later("module blocks are")],
  ["moved", later("moved blocks are")],
  ["removed", later("removed blocks are")],
  ["check", later("check blocks are")],
  ["import", later("import blocks are")],
  ["resource", 'labform has no resource blocks. A node or a link has a block type of its own: node "r1" { … }.'],
  ["data", "labform has no data sources."],
  ["terraform", 'In labform this block is called lab: lab "name" { … }.'],
]);

export const unsupportedInResource: ReadonlyMap<string, string> = new Map([
  ["dynamic", later("dynamic blocks are")],
  ["lifecycle", later("lifecycle blocks are")],
  ["template", later("The template argument is")],
  ["provider", "A node or link has one provider, which its kind decides."],
  ["provisioner", "labform runs nothing in a guest while it applies."],
  ["connection", "labform runs nothing in a guest while it applies."],
]);

export const unsupportedInLab: ReadonlyMap<string, string> = new Map([["backend", later("backend blocks are")]]);

export const unsupportedInVariable: ReadonlyMap<string, string> = new Map([
  ["ephemeral", later("The ephemeral argument is")],
]);

export const unsupportedInOutput: ReadonlyMap<string, string> = new Map([
  ["precondition", later("precondition blocks are")],
  ["ephemeral", later("The ephemeral argument is")],
]);

/** Roots of references. */
export const unsupportedRoots: ReadonlyMap<string, string> = new Map([
  ["template", later("Templates are")],
  ["network", later("Networks are")],
  ["module", later("Modules are")],
  ["self", "self is for conditions of a lifecycle block, which are not supported by this version of labform."],
  ["data", "labform has no data sources."],
  ["terraform", "In labform the workspace is lab.workspace."],
  ["output", "An output cannot be referred to. Refer to what its value is made of, or make that a local."],
  ["provider", "A provider's settings cannot be referred to."],
]);
