/**
 * Words that the language has, or that Terraform has, and that this version does not take: each is refused by name
 * with what to do, since a mere "unknown block" would send its writer looking for a typing error.
 */
const later = (what: string) => `${what} not supported by this version of labform.`;

export const unsupportedBlocks: ReadonlyMap<string, string> = new Map([
  ["import", later("import blocks are")],
  [
    "resource",
    'labform has no resource blocks. A node, a link or a network has a block type of its own: node "r1" { … }.',
  ],
  ["data", "labform has no data sources."],
  ["terraform", 'In labform this block is called lab: lab "name" { … }.'],
]);

export const unsupportedInResource: ReadonlyMap<string, string> = new Map([
  ["template", "Only nodes can be made of a template."],
  ["provider", "A node or link has one provider, which its kind decides."],
  ["provisioner", "labform runs nothing in a guest while it applies."],
  ["connection", "labform runs nothing in a guest while it applies."],
]);

/** In the `lifecycle` block of a node, link or template. */
export const unsupportedInLifecycle: ReadonlyMap<string, string> = new Map([
  [
    "create_before_destroy",
    "Two nodes of one address cannot be there at once. What a new one needs is made ready before the old one ends.",
  ],
  ["destroy", "It belongs in a removed block. prevent_destroy keeps what there is, whatever the plan."],
  ["dynamic", "Conditions are read before anything is evaluated. Write each block out."],
]);

export const unsupportedInCheck: ReadonlyMap<string, string> = new Map([
  ["data", "labform has no data sources. An assertion can refer to nodes, links and modules."],
  ["depends_on", "A check waits for what its assertions refer to."],
  ["dynamic", "Assertions are read before anything is evaluated. Write each assert block out."],
]);

const written = "It is read before anything is evaluated. Write each block out.";

export const unsupportedInMoved: ReadonlyMap<string, string> = new Map([["dynamic", written]]);

/** In a `removed` block and in its `lifecycle` block. */
export const unsupportedInRemoved = {
  unsupported: new Map([
    ["dynamic", written],
    ["provisioner", "labform runs nothing in a guest while it applies."],
    ["connection", "labform runs nothing in a guest while it applies."],
  ]) as ReadonlyMap<string, string>,
  unsupportedIn: {
    lifecycle: new Map([["prevent_destroy", "Here it is destroy that says whether it is destroyed."]]) as ReadonlyMap<
      string,
      string
    >,
  },
};

const howMany = (name: string) =>
  `A template says what a node is, not how many there are of it. Write ${name} in the node's block.`;

export const unsupportedInTemplateLifecycle: ReadonlyMap<string, string> = new Map([
  ...unsupportedInLifecycle,
  ["enabled", howMany("enabled")],
]);

export const unsupportedInTemplate: ReadonlyMap<string, string> = new Map([
  ...unsupportedInResource,
  ["count", howMany("count")],
  ["for_each", howMany("for_each")],
]);

const inModule = "What is in a module says itself how it may change.";

/** In the `lifecycle` block of a module call. */
export const unsupportedInCallLifecycle: ReadonlyMap<string, string> = new Map(
  [
    ...["prevent_destroy", "ignore_changes", "replace_triggered_by", "create_before_destroy"],
    ...["destroy", "precondition", "postcondition"],
  ].map((name) => [name, inModule]),
);

export const unsupportedInModuleCall: ReadonlyMap<string, string> = new Map([
  ["version", "A local directory has no versions: its files are taken as they are."],
  ["providers", "Provider blocks stand in the root and hold for all modules."],
  ["dynamic", "It has no blocks of its own. for_each makes several instances of a module."],
]);

/** Blocks that belong to the lab as a whole. */
export const unsupportedInModule: ReadonlyMap<string, string> = new Map([
  ["lab", "The lab is named by its root. A module is a part of whichever lab calls it."],
  ["provider", "Providers are set in the root, for the whole lab. Take the block there."],
]);

export const unsupportedInVariable: ReadonlyMap<string, string> = new Map([
  ["dynamic", "Rules are read before anything is evaluated. Write each validation block out."],
  ["ephemeral", later("The ephemeral argument is")],
]);

export const unsupportedInOutput: ReadonlyMap<string, string> = new Map([
  ["dynamic", "Preconditions are read before anything is evaluated. Write each block out."],
  ["ephemeral", later("The ephemeral argument is")],
]);

/** Roots of references. */
export const unsupportedRoots: ReadonlyMap<string, string> = new Map([
  ["template", "A template is no value: a node names it as a whole, template = template.router."],
  ["check", "A check cannot be referred to: it only tells whether what it says holds."],
  ["data", "labform has no data sources."],
  ["terraform", "In labform the workspace is lab.workspace."],
  ["output", "An output cannot be referred to. Refer to what its value is made of, or make that a local."],
  ["provider", "A provider's settings cannot be referred to."],
]);
