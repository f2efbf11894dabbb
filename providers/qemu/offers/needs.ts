/** By QEMU's name of a device: who needs it (`disk hda`, `tpm`), and what to do without it, as a sentence. */
export type Needs = ReadonlyMap<string, { readonly who: string; readonly remedy: string }>;
