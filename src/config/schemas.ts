import type { BlockSchema } from "../core/schema.ts";
import { BOOL, DYNAMIC, NUMBER, STRING } from "../core/values.ts";

/** The blocks of the language that belong to no provider, in the form that also describes the providers' blocks. */

export const labSchema: BlockSchema = {
  attributes: {
    identity: {
      type: STRING,
      description: "What MAC addresses and UUIDs are derived from; the lab's name unless set. May hold lab.workspace.",
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
    validation: {
      nesting: "list",
      description: "A rule that every value must keep.",
      attributes: {
        condition: {
          type: BOOL,
          description:
            "True for the values that are allowed. It refers to the variable itself, and may refer to others.",
          required: true,
        },
        error_message: { type: STRING, description: "What to say when the condition is false.", required: true },
      },
    },
  },
};

export const outputSchema: BlockSchema = {
  attributes: {
    value: { type: DYNAMIC, description: "What the output shows.", required: true },
    description: { type: STRING, description: "What the output is for." },
    sensitive: { type: BOOL, description: "Keeps the value off screens, logs and JSON." },
    depends_on: { type: DYNAMIC, description: "Nodes and links to be done before the output is evaluated." },
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

/** What a module call has of its own; all else in it is the value of a variable. */
export const moduleArguments: BlockSchema["attributes"] = {
  source: { type: STRING, description: "The directory of its lab files, beginning with ./ or ../.", required: true },
  ...metaArguments,
};
