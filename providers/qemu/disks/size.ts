const UNITS = ["K", "M", "G", "T"] as const;

/** Bytes of a size as lab files have it, MiB where no unit is given; undefined for what is none. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit = "M"] = /^([1-9]\d*)([KMGT])?$/.exec(text) ?? [];
  const bytes = Number(digits) * 1024 ** (UNITS.indexOf(unit as "M") + 1);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** `20 GiB`, `1.5 GiB`; where that is rounded, with the bytes. */
export function formatSize(bytes: number): string {
  let power = 0;
  while (power < UNITS.length && bytes >= 1024 ** (power + 1)) power++;
  if (power === 0) return `${bytes} bytes`;
  const number = bytes / 1024 ** power;
  const rounded = Math.round(number * 100) / 100;
  return `${rounded} ${UNITS[power - 1]}iB${rounded === number ? "" : ` (${bytes} bytes)`}`;
}
