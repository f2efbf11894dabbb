/**
 * The outside world as the stages see it. src/system has the real ones, test/simulation their simulated twins. Paths
 * are absolute. Rejections are Node's errors with their `code` (`ENOENT`), in both worlds.
 */
export interface Ports {
  readonly clock: Clock;
  readonly files: Files;
  readonly reader: Reader;
  readonly processes: Processes;
  readonly sockets: Sockets;
  readonly host: Host;
  readonly random: Random;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never go back. */
  monotonic(): number;
  /** Rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface FileStat {
  readonly kind: "file" | "directory" | "socket" | "link" | "other";
  readonly size: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
  readonly inode: number;
  readonly device: number;
  readonly mode: number;
  readonly uid: number;
}

export interface Files {
  read(path: string): Promise<Uint8Array>;
  readText(path: string): Promise<string>;
  /** The last `bytes` bytes at most, as text from the first whole line on. */
  readTail(path: string, bytes: number): Promise<string>;
  /** From byte `offset` to the end as it is now, `most` bytes at most; empty when the file is no longer than that. */
  readFrom(path: string, offset: number, most?: number): Promise<Uint8Array>;
  /** Creates or truncates; not synced. */
  write(path: string, data: string | Uint8Array, mode: number): Promise<void>;
  /** Temporary file beside it, sync, rename, sync of the directory: after it resolves the content is durable, and at no time half of it. The umask takes nothing from `mode`. */
  writeAtomic(path: string, data: string | Uint8Array, mode: number): Promise<void>;
  /** Opens for appending (created when absent); the handle's writes are durable once `sync` resolved. */
  openAppend(path: string, mode: number): Promise<AppendFile>;
  stat(path: string): Promise<FileStat>;
  /** Does not follow a final link. */
  lstat(path: string): Promise<FileStat>;
  /** Rejects with EACCES or ENOENT. */
  access(path: string, mode: "read" | "write" | "execute"): Promise<void>;
  readLink(path: string): Promise<string>;
  /** Of the file's content, in hexadecimal; read in pieces. Rejects with the signal's reason when it aborts first. */
  digest(path: string, algorithm: DigestAlgorithm, signal?: AbortSignal): Promise<string>;
  list(directory: string): Promise<readonly string[]>;
  /** What this account may still write on the file system of `path`. */
  freeBytes(path: string): Promise<number>;
  /** With its parents; made 0700 where made. No error when it is there. */
  makeDirectory(path: string): Promise<void>;
  /** An empty one, as rmdir(2): that of a cgroup, whose files cannot be removed. No error when absent; EBUSY while it holds a process. */
  removeDirectory(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  truncate(path: string, size: number): Promise<void>;
  /** No error when absent. Directories with all they hold; links are not followed. */
  remove(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
  /** Takes the kernel's exclusive lock on a file (made 0600 when absent); undefined while another has it. The holder's death frees it. */
  tryLock(path: string): Promise<FileLock | undefined>;
  /** Resolves when an entry of the directory may have changed, or after `ms`. */
  waitForChange(directory: string, ms: number, signal?: AbortSignal): Promise<void>;
}

export type DigestAlgorithm = "md5" | "sha1" | "sha256" | "sha512";

/**
 * What the functions of the language read of the user's files: at once, since an expression is evaluated without
 * waiting. Links are followed. Throws what `Files` rejects with.
 */
export interface Reader {
  kind(path: string): FileStat["kind"];
  /** Throws EFBIG where the content is longer than `most` bytes. */
  read(path: string, most: number): Uint8Array;
  /** Of the file's content, however long, in hexadecimal. */
  digest(path: string, algorithm: DigestAlgorithm): string;
  list(directory: string): readonly string[];
}

export interface FileLock {
  /** A second call does nothing. */
  release(): Promise<void>;
}

export interface AppendFile {
  append(data: string): Promise<void>;
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * What proves that a process is ours, beside its token (LABFORM_TOKEN in its environment). A pid alone proves
 * nothing: it is reused.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly uid: number;
  /** Clock ticks after boot, field 22 of /proc/PID/stat. */
  readonly startTime: string;
  readonly bootId: string;
  /** `pid:[4026531836]` */
  readonly pidNamespace: string;
  readonly token: string;
}

export type ProcessStatus =
  /** alive, and every part of the identity agrees */
  | "alive"
  /** gone, a zombie, or the pid is another process's now */
  | "gone"
  /** of another boot of this host */
  | "rebooted"
  /** of another pid namespace of this boot: it can be neither seen nor taken for dead */
  | "elsewhere";

export interface ProcessUsage {
  /** What it has of the host's memory now. */
  readonly residentBytes: number;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
}

export interface SpawnRequest {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly directory: string;
  /** Added to the allow-listed environment (PATH, HOME, LANG, TMPDIR). */
  readonly token: string;
  /** Where standard output and error are appended. */
  readonly logFile: string;
}

export interface RunResult {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Processes {
  /** Own session, no terminal, outlives labform. Rejects with ENOENT and the like when it cannot be executed. */
  spawn(request: SpawnRequest): Promise<ProcessIdentity>;
  status(identity: ProcessIdentity): ProcessStatus;
  /** Nothing is sent unless `status` says alive at that moment; true when it was sent. */
  signal(identity: ProcessIdentity, signal: "SIGTERM" | "SIGKILL" | "SIGCONT" | "SIGSTOP" | "SIGINT"): boolean;
  /** Resolves true once it is gone, false after `ms`. */
  waitForExit(identity: ProcessIdentity, ms: number, signal?: AbortSignal): Promise<boolean>;
  /** The living process of this account whose environment carries one of the tokens, by token; one pass over all of them. */
  findByTokens(tokens: ReadonlySet<string>): ReadonlyMap<string, ProcessIdentity>;
  /** Whether it was stopped by a signal (state T) and waits for SIGCONT; false when it is not alive. */
  isStopped(identity: ProcessIdentity): boolean;
  /**
   * Of all its threads, and so of those they make later; false when it is not alive. Throws EACCES where only a right
   * that is missing lowers it.
   */
  setNiceness(identity: ProcessIdentity, niceness: number): boolean;
  /** The lowest niceness that this account may give a process: -20 with CAP_SYS_NICE, 20 where it may lower none. */
  lowestNiceness(): number;
  /** What it has of the host; undefined when it is not alive. */
  usage(identity: ProcessIdentity): ProcessUsage | undefined;
  /** Inodes of the sockets the process holds; undefined when it cannot be read. */
  socketInodes(identity: ProcessIdentity): ReadonlySet<number> | undefined;
  /**
   * To its end, in the allow-listed environment, with `input` on its standard input; kills it after `timeoutMs`, or when
   * `signal` aborts.
   */
  run(
    command: string,
    args: readonly string[],
    options?: {
      readonly timeoutMs?: number;
      readonly directory?: string;
      readonly input?: string;
      readonly signal?: AbortSignal;
    },
  ): Promise<RunResult>;
  /** The executable's absolute path, searched in `directory` or on PATH; undefined when there is none. */
  find(name: string, directory?: string): Promise<string | undefined>;
}

export interface Connection {
  write(data: string | Uint8Array): void;
  /** Chunks as they come; ends when the peer closes, throws on an error. One reader only. */
  readonly incoming: AsyncIterable<Uint8Array>;
  close(): void;
}

export type Endpoint = { readonly path: string } | { readonly host: string; readonly port: number };

export interface Sockets {
  /** Unix paths of any length. Rejects with ECONNREFUSED, ENOENT, or ETIMEDOUT after `timeoutMs`. */
  connect(endpoint: Endpoint, timeoutMs: number): Promise<Connection>;
  /** Whether a TCP port of that address can be bound now. */
  isPortFree(host: string, port: number): Promise<boolean>;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string | undefined;
  /** From the first byte sent to the last received. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly tls?: {
    /** Instead of the system's authorities. */
    readonly authorities?: string | undefined;
    readonly certificate?: string | undefined;
    readonly key?: string | undefined;
    readonly verify: boolean;
  };
}

export interface HttpResponse {
  readonly status: number;
  /** Names in small letters. */
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: string;
}

/**
 * Sends one request and reads the whole answer; follows no redirection. Rejects with the network's error and its code
 * (ECONNREFUSED, ENOTFOUND, that of a certificate), with ETIMEDOUT, EMSGSIZE for an answer beyond all measure, ECONNRESET
 * for one that ends before its length, and with the signal's reason.
 */
export type SendHttp = (request: HttpRequest) => Promise<HttpResponse>;

export interface Host {
  /** Of /etc/machine-id; "" where there is none. Copies of a system image may share it. */
  readonly machineId?: string | undefined;
  readonly uid: number;
  readonly userName: string;
  readonly hostName: string;
  readonly bootId: string;
  readonly pidNamespace: string;
  readonly environment: { readonly [name: string]: string | undefined };
  /** As /proc/cpuinfo says. */
  cpu(): Promise<{ readonly architecture: string; readonly count: number; readonly flags: ReadonlySet<string> }>;
  memory(): Promise<{ readonly totalBytes: number; readonly availableBytes: number }>;
}

export interface Random {
  uuid(): string;
  /** `bytes` random bytes in hexadecimal. */
  hex(bytes: number): string;
  /** From 0 to below `limit`. */
  integer(limit: number): number;
}
