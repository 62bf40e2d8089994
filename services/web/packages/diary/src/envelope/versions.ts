import { type Bytes, begin, type Draw, drawn, hex, joined, Kind, Length, number, Reader, unhex } from "./bytes.js";
import { cipher, opened, sealed, sha256 } from "./ciphers.js";
import {
  type Content,
  isBucket,
  padded,
  readContent,
  readTombstone,
  unpadded,
  writeContent,
  writeTombstone,
} from "./content.js";
import { demand } from "./errors.js";
import { bound, type Diary } from "./keys.js";

/** What stands before what is sealed: the server can read it, and nobody can change it unseen. */
export interface Header {
  readonly kind: "entry" | "tombstone";
  readonly entryId: string;
  /** 1 for a version without parents, else one more than the largest of theirs. */
  readonly number: number;
  /** Hashes of none, one or two versions, ascending. */
  readonly parents: readonly string[];
}

/** A version, or what stays of one that was superseded (`sealed` is null then). */
export interface Version extends Header {
  readonly hash: string;
  /** The bytes as they are kept and moved: whole, or a stub. */
  readonly bytes: Bytes;
  readonly sealed: Sealed | null;
}

/** The sealed parts of a version. */
export interface Sealed {
  readonly header: Bytes;
  readonly wrapNonce: Bytes;
  readonly wrappedKey: Bytes;
  readonly contentNonce: Bytes;
  readonly content: Bytes;
}

/** What a version says: an entry's content, or that it was deleted and when. */
export type Said =
  | { readonly content: Content; readonly deletedAt: null }
  | { readonly content: null; readonly deletedAt: string };

const KEY_WRAPPED = Length.key + Length.tag;

/** Seals a new version of an entry; `parents` are the versions that it follows. Throws UNREADABLE, ENTRY_TOO_LONG. */
export function sealEntry(
  diary: Diary,
  entryId: string,
  content: Content,
  parents: readonly Version[] = [],
  draw: Draw = drawn,
): Promise<Version> {
  return seal(diary, headerOf("entry", entryId, parents), padded(writeContent(content)), draw);
}

/** Seals that an entry was deleted, at `YYYY-MM-DDTHH:MM:SSZ`. */
export function sealTombstone(
  diary: Diary,
  entryId: string,
  deletedAt: string,
  parents: readonly Version[],
  draw: Draw = drawn,
): Promise<Version> {
  return seal(diary, headerOf("tombstone", entryId, parents), padded(writeTombstone(deletedAt)), draw);
}

/** A random id for a new entry. */
export function newEntryId(draw: Draw = drawn): string {
  return hex(draw(Length.id));
}

/** Reads a version or a stub, without opening it. Throws MALFORMED. */
export async function parseVersion(given: Uint8Array): Promise<Version> {
  const reader = new Reader(given);
  const kind = reader.begin(Kind.entry, Kind.tombstone) === Kind.entry ? "entry" : "tombstone";
  const entryId = hex(reader.take(Length.id));
  const count = reader.number(4);
  const parents = Array.from({ length: atMostTwo(reader.number(1)) }, () => hex(reader.take(Length.hash)));
  demand(parents.length < 2 || (parents[0] ?? "") < (parents[1] ?? ""), "MALFORMED");
  demand(parents.length === 0 ? count === 1 : count >= 2, "MALFORMED");
  const header = { kind, entryId, number: count, parents } as const;
  if (reader.left === Length.hash) return { ...header, ...(await identified(reader.before, reader.rest())), sealed: null };
  const before = reader.before;
  const [wrapNonce, wrappedKey] = [reader.take(Length.nonce), reader.take(KEY_WRAPPED)];
  const [contentNonce, content] = [reader.take(Length.nonce), reader.rest()];
  demand(isBucket(content.length - Length.tag), "MALFORMED");
  return whole(header, { header: before, wrapNonce, wrappedKey, contentNonce, content });
}

/** What stays of a version once its bytes are not needed any more. */
export async function stubOf(version: Version): Promise<Bytes> {
  return version.sealed ? joined(version.sealed.header, await restHash(version.sealed)) : version.bytes;
}

/** The padded content of a version. Throws DOES_NOT_OPEN; of a stub MALFORMED. */
export async function unsealed(diary: Diary, version: Version): Promise<Bytes> {
  demand(version.sealed !== null, "MALFORMED");
  const { header, wrapNonce, wrappedKey, contentNonce, content } = version.sealed;
  const key = await opened(diary.entryKey, wrapNonce, wrappedKey, bound(diary, "entry key", header));
  return opened(await cipher(key), contentNonce, content, bound(diary, version.kind, joined(header, wrapNonce, wrappedKey)));
}

/** What padded content says. Throws UNREADABLE. */
export function saidBy(kind: Header["kind"], plain: Bytes): Said {
  const said = unpadded(plain);
  return kind === "entry" ? { content: readContent(said), deletedAt: null } : { content: null, deletedAt: readTombstone(said) };
}

/** What a version says. Throws DOES_NOT_OPEN, UNREADABLE; of a stub MALFORMED. */
export async function openVersion(diary: Diary, version: Version): Promise<Said> {
  return saidBy(version.kind, await unsealed(diary, version));
}

async function seal(diary: Diary, header: Header, plain: Bytes, draw: Draw): Promise<Version> {
  const before = headerBytes(header);
  const [key, wrapNonce] = [draw(Length.key), draw(Length.nonce)];
  const contentNonce = draw(Length.nonce);
  const [wrappedKey, contentKey] = await Promise.all([
    sealed(diary.entryKey, wrapNonce, key, bound(diary, "entry key", before)),
    cipher(key),
  ]);
  const content = await sealed(
    contentKey,
    contentNonce,
    plain,
    bound(diary, header.kind, joined(before, wrapNonce, wrappedKey)),
  );
  return whole(header, { header: before, wrapNonce, wrappedKey, contentNonce, content });
}

async function whole(header: Header, parts: Sealed): Promise<Version> {
  const { hash } = await identified(parts.header, await restHash(parts));
  const bytes = joined(parts.header, parts.wrapNonce, parts.wrappedKey, parts.contentNonce, parts.content);
  return { ...header, hash, bytes, sealed: parts };
}

async function identified(header: Bytes, rest: Bytes): Promise<{ hash: string; bytes: Bytes }> {
  const bytes = joined(header, rest);
  return { hash: hex(await sha256(bytes)), bytes };
}

function restHash({ wrapNonce, wrappedKey, contentNonce, content }: Sealed): Promise<Bytes> {
  return sha256(joined(wrapNonce, wrappedKey, contentNonce, content));
}

function headerOf(kind: Header["kind"], entryId: string, parents: readonly Version[]): Header {
  demand(parents.length <= 2 && parents.every((parent) => parent.entryId === entryId), "MALFORMED");
  const hashes = parents.map((parent) => parent.hash).sort();
  demand(new Set(hashes).size === hashes.length, "MALFORMED");
  return { kind, entryId, parents: hashes, number: 1 + Math.max(0, ...parents.map((parent) => parent.number)) };
}

function headerBytes({ kind, entryId, number: count, parents }: Header): Bytes {
  const hashes = parents.map((hash) => unhex(hash));
  return joined(begin(Kind[kind]), unhex(entryId), number(count, 4), number(hashes.length, 1), ...hashes);
}

function atMostTwo(count: number): number {
  demand(count <= 2, "MALFORMED");
  return count;
}
