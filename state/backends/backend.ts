/** Where a state is kept outside of this host. All rejections are `Failure`s that name the place. */
export interface Backend {
  /** Its address for people, without what is secret in it. */
  readonly address: string;
  /** Whether there is something to lock it at. */
  readonly locks: boolean;
  /** The document; undefined where there is none. */
  read(signal?: AbortSignal): Promise<string | undefined>;
  /** `lockId`: of the lock that is held, if one is. */
  write(text: string, lockId: string | undefined, signal?: AbortSignal): Promise<void>;
  /** Undefined when it is locked now; else who has it. */
  lock(info: LockInfo, signal?: AbortSignal): Promise<RemoteHolder | undefined>;
  unlock(info: LockInfo): Promise<void>;
}

/** The document of Terraform's lock protocol, which servers store and show. */
export interface LockInfo {
  readonly ID: string;
  readonly Operation: string;
  /** A `HolderIdentity` as JSON. */
  readonly Info: string;
  readonly Who: string;
  readonly Version: string;
  /** ISO 8601 */
  readonly Created: string;
  readonly Path: string;
}

/** What a server told of the lock that is in the way; anything may be missing. */
export type RemoteHolder = { readonly [name in keyof LockInfo]?: string };
