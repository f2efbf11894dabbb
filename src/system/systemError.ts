/** An error shaped as Node's own, for the few that labform finds before the kernel does. */
export function systemError(code: string, summary: string, subject: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${summary}, ${subject}`), { code });
}

export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
