const allowed = ["PATH", "HOME", "LANG", "TMPDIR"];

/**
 * What programs get to see of labform's environment: nothing that is secret, and nothing by which a CI runner finds
 * and kills what a job left running.
 */
export function allowedEnvironment(source: { readonly [name: string]: string | undefined }): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of allowed) {
    const value = source[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
