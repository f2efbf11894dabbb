const texts: { readonly [code: string]: string } = {
  ENOENT: "no such file or directory",
  EEXIST: "file already exists",
  ENOTDIR: "not a directory",
  EISDIR: "illegal operation on a directory",
  EACCES: "permission denied",
  EINVAL: "invalid argument",
  ENXIO: "no such device or address",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  ETIMEDOUT: "connection timed out",
  EIO: "i/o error",
  ENOSPC: "no space left on device",
  EAGAIN: "resource temporarily unavailable",
  ENOMEM: "not enough memory",
  EBADF: "bad file descriptor",
};

/** An error as Node gives it for a call that the kernel refused; without a stack, as Node's own have none of ours. */
export function refusal(code: string, call: string, subject: string): NodeJS.ErrnoException {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error(`${code}: ${texts[code] ?? "error"}, ${call} '${subject}'`);
  Error.stackTraceLimit = stackTraceLimit;
  return Object.assign(error, { code, syscall: call, path: subject });
}
