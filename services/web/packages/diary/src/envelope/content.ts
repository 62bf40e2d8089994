import { type Bytes, joined, number, Reader, same, utf8 } from "./bytes.js";
import { demand, EnvelopeError, type Reason } from "./errors.js";

/** 1 (hard) to 5 (good). */
export type Mood = 1 | 2 | 3 | 4 | 5;

/** A part of DNA-V that an entry is about. */
export type Tag = "advisor" | "discoverer" | "noticer" | "values";

/** What an entry says. */
export interface Content {
  /** Whatever was written, as it was typed; may be empty. */
  readonly text: string;
  /** When, as `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly written_at: string;
  /** Where the writer's clock was: an IANA name. */
  readonly zone: string;
  readonly mood: Mood | null;
  /** The id of the session's prompt that it answers. */
  readonly prompt: string | null;
  /** In alphabetical order, each once. */
  readonly tags: readonly Tag[];
}

/** A JSON object whose members are not known yet. */
export type Members = Readonly<Record<string, unknown>>;

const TAGS: readonly string[] = ["advisor", "discoverer", "noticer", "values"];
const BUCKETS = [1024, 2048, 4096, 8192, 16384, 32768, 65536];
const MOST = 65532;

/** A moment as contents say it: whole seconds, UTC. */
export function moment(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** Makes a content of what is given; refuses what no entry can say. */
export function contentOf(said: unknown, reason: Reason = "UNREADABLE"): Content {
  const given = objectOf(said, ["mood", "prompt", "tags", "text", "written_at", "zone"], reason);
  const { mood, prompt, tags, text, written_at, zone } = given;
  demand(mood === null || (typeof mood === "number" && Number.isInteger(mood) && mood >= 1 && mood <= 5), reason);
  demand(prompt === null || (typeof prompt === "string" && /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/.test(prompt)), reason);
  demand(Array.isArray(tags) && tags.every((tag, at) => TAGS.includes(tag) && (at === 0 || tags[at - 1] < tag)), reason);
  demand(typeof text === "string" && !/\p{Surrogate}/u.test(text), reason);
  demand(isMoment(written_at), reason);
  demand(typeof zone === "string" && /^[A-Za-z0-9_+/-]{1,64}$/.test(zone), reason);
  return { mood: mood as Mood | null, prompt, tags: tags as Tag[], text, written_at, zone };
}

/** Canonical JSON of a content. Throws UNREADABLE, ENTRY_TOO_LONG. */
export function writeContent(content: Content): Bytes {
  const said = utf8(JSON.stringify(contentOf({ ...content, tags: [...content.tags].sort() })));
  demand(said.length <= MOST, "ENTRY_TOO_LONG");
  return said;
}

/** Reads canonical JSON of a content. Throws UNREADABLE. */
export function readContent(said: Bytes): Content {
  const content = contentOf(parsed(said, "UNREADABLE"));
  demand(same(utf8(JSON.stringify(content)), said), "UNREADABLE");
  return content;
}

/** What a tombstone says. */
export function writeTombstone(deletedAt: string): Bytes {
  demand(isMoment(deletedAt), "UNREADABLE");
  return utf8(JSON.stringify({ deleted_at: deletedAt }));
}

/** When it was deleted. Throws UNREADABLE. */
export function readTombstone(said: Bytes): string {
  const { deleted_at: at } = objectOf(parsed(said, "UNREADABLE"), ["deleted_at"], "UNREADABLE");
  demand(isMoment(at) && same(writeTombstone(at), said), "UNREADABLE");
  return at;
}

/** Makes it as long as the smallest bucket that holds it. */
export function padded(said: Bytes): Bytes {
  const bucket = BUCKETS.find((size) => size >= said.length + 4);
  demand(bucket !== undefined, "ENTRY_TOO_LONG");
  return joined(number(said.length, 4), said, new Uint8Array(bucket - said.length - 4));
}

/** What was padded. Throws UNREADABLE. */
export function unpadded(plain: Bytes): Bytes {
  demand(BUCKETS.includes(plain.length), "UNREADABLE");
  const reader = new Reader(plain);
  const length = reader.number(4);
  demand(length <= reader.left, "UNREADABLE");
  const said = reader.take(length);
  demand(same(padded(said), plain), "UNREADABLE");
  return said;
}

/** Whether sealed content can be so long: a bucket and its tag. */
export function isBucket(length: number): boolean {
  return BUCKETS.includes(length);
}

/** JSON of UTF-8. Throws the reason. */
export function parsed(said: Bytes, reason: Reason): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(said));
  } catch {
    throw new EnvelopeError(reason);
  }
}

/** An object with exactly these members. Throws the reason. */
export function objectOf(said: unknown, names: readonly string[], reason: Reason): Members {
  demand(typeof said === "object" && said !== null && !Array.isArray(said), reason);
  const there = Object.keys(said);
  demand(there.length === names.length && names.every((name) => there.includes(name)), reason);
  return said as Members;
}

function isMoment(at: unknown): at is string {
  if (typeof at !== "string" || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(at) || at.startsWith("0000")) return false;
  const time = Date.parse(at);
  return !Number.isNaN(time) && moment(new Date(time)) === at;
}
