/**
 * Which files of a lab's directory mean what, by name alone. The caller lists the directory and reads the files; names
 * are compared by their UTF-16 code units, so the order is the same on every machine.
 */
export function isLabFile(name: string): boolean {
  return (name.endsWith(".lab.hcl") || name.endsWith(".lab.json")) && !isIgnored(name);
}

/** Read without being asked for: `labform.vars.hcl` and `*.auto.vars.hcl`, with their JSON forms. */
export function isVariableFile(name: string): boolean {
  return /^(?:labform|.*\.auto)\.vars\.(?:hcl|json)$/s.test(name) && !isIgnored(name);
}

/** `labform.vars.*` comes before every `*.auto.vars.*`, which follow by name; a later file wins. */
export function compareVariableFiles(left: string, right: string): number {
  const leftFirst = left.startsWith("labform.vars.") ? 0 : 1;
  const rightFirst = right.startsWith("labform.vars.") ? 0 : 1;
  return leftFirst - rightFirst || compareNames(left, right);
}

export function compareNames(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Files that override the others come last and are merged. */
export function isOverrideFile(name: string): boolean {
  return /(?:^|[_/])override\.lab\.(?:hcl|json)$/.test(name);
}

/** Whether `fmt` knows its form: lab files and files of variables in HCL's own syntax, read without being asked for or not. */
export function isFormattable(name: string): boolean {
  return /\.(?:lab|vars)\.hcl$/.test(name);
}

/** What editors leave behind. */
export function isIgnored(name: string): boolean {
  return name.startsWith(".") || name.endsWith("~") || (name.startsWith("#") && name.endsWith("#"));
}
