import { basename, extname } from "node:path";

/**
 * The name under which a capture file is kept when another takes its place: `core-3.pcap`, where `names` are those of its
 * directory. Numbers rise: what was captured later has the higher one, whatever was removed meanwhile.
 */
export function nextName(file: string, names: readonly string[]): string {
  const extension = extname(file);
  const stem = basename(file, extension);
  let highest = 0;
  for (const name of names) {
    if (!name.startsWith(`${stem}-`) || !name.endsWith(extension)) continue;
    const number = name.slice(stem.length + 1, name.length - extension.length);
    if (/^\d{1,9}$/.test(number)) highest = Math.max(highest, Number(number));
  }
  return `${stem}-${highest + 1}${extension}`;
}
