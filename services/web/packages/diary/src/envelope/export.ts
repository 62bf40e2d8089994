import { type Bytes, isId, utf8 } from "./bytes.js";
import { type Content, contentOf, objectOf, parsed } from "./content.js";
import { demand, EnvelopeError } from "./errors.js";
import type { OpenedDiary } from "./opening.js";

/** An entry as it is exported. A conflict gives several with one id. */
export type Exported = Content & { readonly entry_id: string };

const TITLE = "# Diary";
const FORMAT = "mewe-diary-export";
const COMMENT = /^<!-- mewe-diary-entry (\{.*\}) -->$/;

/** What an open diary says, ready to be exported. */
export function exported(opened: Pick<OpenedDiary, "entries">): Exported[] {
  return [...opened.entries].flatMap(([id, versions]) => versions.map(({ content }) => ({ entry_id: id, ...content })));
}

/** The JSON file. Whoever has it can read it. */
export function writeJson(country: string, entries: readonly Exported[]): Bytes {
  return utf8(JSON.stringify({ country, entries: inOrder(entries).map(members), format: FORMAT, version: 1 }));
}

/** Reads the JSON file, however it is spaced. Throws IMPORT_MALFORMED. */
export function readJson(said: Bytes): Exported[] {
  const file = objectOf(parsed(said, REASON), ["country", "entries", "format", "version"], REASON);
  demand(typeof file["country"] === "string" && /^[A-Z]{2}$/.test(file["country"]), REASON);
  demand(file["format"] === FORMAT && file["version"] === 1 && Array.isArray(file["entries"]), REASON);
  return file["entries"].map(entryOf);
}

/** The Markdown file. Whoever has it can read it. */
export function writeMarkdown(entries: readonly Exported[]): string {
  return `${TITLE}\n\n${inOrder(entries).map(section).join("")}`;
}

/** Reads the Markdown file. Throws IMPORT_MALFORMED. */
export function readMarkdown(said: string): Exported[] {
  const lines = said.split("\n");
  demand(lines[0] === TITLE, REASON);
  const entries: Exported[] = [];
  for (let at = 1; at < lines.length; at += 1) {
    const comment = COMMENT.exec(lines[at] ?? "")?.[1];
    if (comment === undefined) continue;
    const { lines: count, ...rest } = parsed(utf8(comment), REASON) as Record<string, unknown>;
    demand(typeof count === "number" && Number.isInteger(count) && count >= 1, REASON);
    const text = lines.slice(at + 2, at + 2 + count);
    demand(text.length === count && lines[at + 1] === "", REASON);
    entries.push(entryOf({ ...rest, text: text.join("\n") }));
    at += 1 + count;
  }
  return entries;
}

const REASON = "IMPORT_MALFORMED";

function section(entry: Exported): string {
  const { entry_id, mood, prompt, tags, written_at, zone, text } = members(entry);
  const about = { entry_id, lines: text.split("\n").length, mood, prompt, tags, written_at, zone };
  return `## ${heading(written_at, zone)}\n\n<!-- mewe-diary-entry ${JSON.stringify(about)} -->\n\n${text}\n\n`;
}

function heading(writtenAt: string, zone: string): string {
  const known = isZone(zone) ? zone : "UTC";
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: known,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(new Date(writtenAt));
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")} ${part("hour")}:${part("minute")} (${known})`;
}

function isZone(zone: string): boolean {
  try {
    return /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat("en", { timeZone: zone }) !== null;
  } catch {
    return false;
  }
}

function entryOf(said: unknown): Exported {
  demand(typeof said === "object" && said !== null, REASON);
  const { entry_id: id, ...content } = said as Record<string, unknown>;
  if (!isId(id)) throw new EnvelopeError(REASON);
  return { entry_id: id, ...contentOf(content, REASON) };
}

function members({ entry_id, ...content }: Exported): Exported {
  return { entry_id, ...contentOf(content) };
}

function inOrder(entries: readonly Exported[]): Exported[] {
  const keyed = entries.map((entry) => ({ entry, bytes: utf8(JSON.stringify(members(entry))) }));
  keyed.sort(
    (one, other) =>
      order(utf8(one.entry.written_at + one.entry.entry_id), utf8(other.entry.written_at + other.entry.entry_id)) ||
      order(one.bytes, other.bytes),
  );
  return keyed.map(({ entry }) => entry);
}

function order(one: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < one.length && at < other.length; at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}
