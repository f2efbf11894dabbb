import { crc32 } from "node:zlib";
import { fail } from "../src/core/diagnostics.ts";
import { type JournalRecord, STATE_FORMAT } from "../src/core/state.ts";
import { refuseNewer, restoreAdvice } from "./document.ts";
import { type Place, subjectOf } from "./failure.ts";
import { countOf, fieldsOf, recordOf, ShapeError, textOf } from "./shape.ts";

/**
 * The journal's text. Each line is eight hexadecimal digits, the CRC-32 of the rest, a space, and a JSON document. The
 * first is the header: whose records these are, and which command's. A cut leaves nothing; the next record brings its
 * header along.
 */
export interface Journal {
  readonly lineage: string;
  readonly serial: number;
  readonly records: readonly JournalRecord[];
}

export function formatRecord(record: JournalRecord): string {
  return formatLine(record);
}

export function formatHeader(lineage: string, serial: number, labformVersion: string): string {
  return formatLine({ journal: STATE_FORMAT, labformVersion, lineage, serial });
}

function formatLine(document: unknown): string {
  const json = JSON.stringify(document);
  return `${checksum(json)} ${json}\n`;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, "0");
}

/**
 * Undefined when nothing is in it. What follows the last newline is a write that was cut short and never
 * acknowledged: it is dropped. Anything else that is not as written rejects.
 */
export function parseJournal(text: string, place: Place, labformVersion: string): Journal | undefined {
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  lines.pop();
  const [first, ...rest] = lines;
  if (first === undefined) return undefined;
  const header = decodeLine(first, 1, place, (json) => decodeHeader(json, place, labformVersion));
  const records = rest.map((line, index) => decodeLine(line, index + 2, place, recordOf));
  const begins = records.findLastIndex((record) => record.record === "begin");
  if (begins > 0) refuse(begins + 2, place, "a second command begins there");
  const [begin] = records;
  if (begin?.record === "begin" && (begin.lineage !== header.lineage || begin.serial !== header.serial)) {
    refuse(2, place, "it belongs to another state than the journal's first line says");
  }
  return { ...header, records };
}

function decodeHeader(json: unknown, place: Place, labformVersion: string): Omit<Journal, "records"> {
  const fields = fieldsOf(json, "");
  refuseNewer(countOf(fields.journal, "journal"), fields.labformVersion, place, labformVersion);
  return { lineage: textOf(fields.lineage, "lineage"), serial: countOf(fields.serial, "serial") };
}

function decodeLine<T>(line: string, number: number, place: Place, decode: (json: unknown) => T): T {
  const json = line.slice(9);
  if (line[8] !== " " || line.slice(0, 8) !== checksum(json)) refuse(number, place, "its checksum does not match");
  try {
    return decode(JSON.parse(json));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof ShapeError)) throw error;
    return refuse(number, place, error.message);
  }
}

function refuse(line: number, place: Place, why: string): never {
  fail(`The journal is damaged in line ${line}`, {
    subject: subjectOf(place),
    detail: `Line ${line} of ${place.path} is not as labform wrote it: ${why}. ${restoreAdvice}`,
  });
}
