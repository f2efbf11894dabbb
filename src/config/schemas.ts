import type { ResourceKind } from "../core/addresses.ts";
import type { BlockSchema, NestedBlockSchema, ProviderSchema, ResourceSchema } from "../core/schema.ts";
import { BOOL, DYNAMIC, NUMBER, STRING } from "../core/values.ts";

/** What the providers' blocks may hold. */
export interface Schemas {
  readonly schemas: readonly ProviderSchema[];
  readonly resourceSchemas: ReadonlyMap<ResourceKind, ResourceSchema>;
}

/** The blocks of the language that belong to no provider, in the form that also describes the providers' blocks. */

function rule(description: string, condition: string): NestedBlockSchema {
  return {
    nesting: "list",
    description,
    attributes: {
      condition: { type: BOOL, description: condition, required: true },
      error_message: { type: STRING, description: "What to say when the condition is false.", required: true },
    },
  };
}

export const labSchema: BlockSchema = {
  attributes: {
    identity: {
      type: STRING,
      description:
        "What MAC addresses and UUIDs are derived from; unless set the lab's name, in another workspace than the default `name/workspace`. May hold lab.workspace.",
    },
    required_version: {
      type: STRING,
      description: 'The versions of labform that the lab works with: "~> 0.1", or several joined by commas.',
    },
    allow_unsafe_options: {
      type: BOOL,
      description: "Lets nodes have QEMU options that open files of the host behind the lab's back.",
    },
  },
  blocks: {
    backend: {
      nesting: "single",
      description:
        'Where the lab\'s state is kept: `backend "local" { … }`, on this disk, or `backend "http" { … }`, at a server; their arguments stand in [backends.md](backends.md).',
      attributes: {},
    },
  },
};

export const variableSchema: BlockSchema = {
  attributes: {
    type: { type: DYNAMIC, description: "A type such as string, number or list(string)." },
    default: { type: DYNAMIC, description: "The value where none is given; without it a value must be given." },
    description: { type: STRING, description: "What the variable is for." },
    sensitive: { type: BOOL, description: "Keeps the value off screens, logs and JSON." },
    nullable: { type: BOOL, description: "Whether null is a value of its own; true unless set." },
  },
  blocks: {
    validation: rule(
      "A rule that every value must keep.",
      "True for the values that are allowed. It refers to the variable itself, and may refer to others.",
    ),
  },
};

export const outputSchema: BlockSchema = {
  attributes: {
    value: { type: DYNAMIC, description: "What the output shows.", required: true },
    description: { type: STRING, description: "What the output is for." },
    sensitive: { type: BOOL, description: "Keeps the value off screens, logs and JSON." },
    depends_on: { type: DYNAMIC, description: "Nodes and links to be done before the output is evaluated." },
  },
  blocks: {
    precondition: rule("What must hold before the output is recorded.", "True where the output may be shown and used."),
  },
};

export const movedSchema: BlockSchema = {
  attributes: {
    from: {
      type: DYNAMIC,
      description: "The address that it had: of a node, link or module, or of an instance.",
      required: true,
    },
    to: { type: DYNAMIC, description: "The address that it has now.", required: true },
  },
};

export const removedSchema: BlockSchema = {
  attributes: {
    from: {
      type: DYNAMIC,
      description: "The address of the node, link or module that is no longer declared.",
      required: true,
    },
  },
  blocks: {
    lifecycle: {
      nesting: "single",
      description: "What becomes of what there is.",
      attributes: {
        destroy: {
          type: BOOL,
          description: "false: it is taken out of the state, and stays as it is; true unless set.",
        },
      },
    },
  },
};

export const checkSchema: BlockSchema = {
  attributes: {},
  blocks: {
    assert: rule("What is to hold; where it does not, a warning says so.", "True where all is well."),
  },
};

/** What every node, link and template may have beside the blocks of its own schema. */
export const metaBlocks: { readonly lifecycle: NestedBlockSchema } = {
  lifecycle: {
    nesting: "single",
    description: "How a node or link may change, and what must hold for it.",
    attributes: {
      enabled: {
        type: BOOL,
        description:
          "Whether there is an instance at all; where it is false, references to it are null. Known at plan; not beside count or for_each, nor in a template.",
      },
      prevent_destroy: {
        type: BOOL,
        description:
          "Refuses every plan that would destroy or replace an instance. Known at plan. It is recorded, and holds as it was last applied when the block is gone.",
      },
      ignore_changes: {
        type: DYNAMIC,
        description:
          'Arguments whose recorded values stay, whatever the lab files say later: [power, disk["hda"].size], or all.',
      },
      replace_triggered_by: {
        type: DYNAMIC,
        description:
          "Nodes, links and attributes of them: where one is updated or replaced, the instance is made anew: [node.server, node.y[each.key].ram].",
      },
    },
    blocks: {
      precondition: rule(
        "What must hold before an instance is made or changed.",
        "True where it may be. It may refer to each and count.",
      ),
      postcondition: rule(
        "What must hold once an instance is made or changed, and at every plan after that.",
        "True where the instance, which it calls self, is as it should be.",
      ),
    },
  },
};

/** What every node and link may have beside the arguments of its own schema. */
export const metaArguments: BlockSchema["attributes"] = {
  count: { type: NUMBER, description: "How many instances there are; count.index tells them apart." },
  for_each: { type: DYNAMIC, description: "One instance for each element of a map or a set of strings." },
  depends_on: { type: DYNAMIC, description: "Nodes and links to be done before this one is begun." },
};

/** What every node may have beside these. */
export const nodeArguments: BlockSchema["attributes"] = {
  template: { type: DYNAMIC, description: "The template whose arguments and blocks it has beside its own." },
};

/** What a module call may hold beside its arguments. */
export const moduleBlocks: { readonly lifecycle: NestedBlockSchema } = {
  lifecycle: {
    nesting: "single",
    description: "Whether the module is there at all.",
    attributes: {
      enabled: {
        type: BOOL,
        description: "Whether there is an instance of the module; where it is false, references to it are null.",
      },
    },
  },
};

/** What a module call has of its own; all else in it is the value of a variable. */
export const moduleArguments: BlockSchema["attributes"] = {
  source: { type: STRING, description: "The directory of its lab files, beginning with ./ or ../.", required: true },
  ...metaArguments,
};
