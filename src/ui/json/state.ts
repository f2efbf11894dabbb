import type { Instance, State } from "../../core/state.ts";
import { moduleTree, outputDocument, resourceDocument } from "./resources.ts";
import type { ResourceDocument, StateDocument } from "./types.ts";
import { FORMAT_VERSION } from "./types.ts";
import { sortedObject } from "./values.ts";

/** `show -json`, with the names of OpenTofu's "JSON Output Format"; without the providers' own notes. */
export function stateDocument(state: State): StateDocument {
  return {
    format_version: FORMAT_VERSION,
    labform_version: state.labformVersion,
    lineage: state.lineage,
    serial: state.serial,
    lab: state.lab,
    values: {
      outputs: sortedObject(
        Object.entries(state.outputs).map(([name, { sensitive, ...known }]) => [
          name,
          outputDocument(sensitive, known),
        ]),
      ),
      root_module: moduleTree([...state.instances.values()].map(resourceDocument)),
    },
  };
}

/** `state show -json`: of one instance what `show -json` has of it. */
export function instanceDocument(instance: Instance): { readonly format_version: string } & ResourceDocument {
  return { format_version: FORMAT_VERSION, ...resourceDocument(instance) };
}

/** `state list -json`. */
export function addressesDocument(instances: readonly Instance[]): object {
  const resources = instances.map(({ address, kind, id, status }) => ({ address, type: kind, id, status }));
  return { format_version: FORMAT_VERSION, resources };
}
