/** A machine's state as it was saved when its node was stopped: in a qcow2 of its own, beside the disks. */
export interface SavedState {
  /** The snapshot's name in the file: what another save left there is not taken for this one. */
  readonly tag: string;
  /** ISO 8601 */
  readonly at: string;
  /** Of the machine it was saved of; it fits no other. */
  readonly hardware: string;
  /** Of each disk its guest may write, by label: what its memory holds of a disk is wrong once another wrote there. */
  readonly disks: { readonly [label: string]: string };
}

/** Why one cannot be used, as a sentence. */
export const OTHER_HARDWARE = "its hardware changed since its machine state was saved";
