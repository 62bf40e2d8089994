import { type Bytes, begin, type Draw, drawn, fields, hex, joined, Kind, Length, Reader, unhex } from "./bytes.js";
import { derived, opened, sealed, source } from "./ciphers.js";
import { demand } from "./errors.js";

/** Which diary: what everything sealed in it is bound to. */
export interface DiaryName {
  /** 32 lower-case hexadecimal digits. */
  readonly id: string;
  /** Two upper-case letters: the country whose app made it. */
  readonly country: string;
}

/** An open diary: keys for each purpose, none of which scripts can read. */
export interface Diary extends DiaryName {
  readonly entryKey: CryptoKey;
  readonly headKey: CryptoKey;
  readonly localKey: CryptoKey;
}

/** The diary key itself. Needed to make a lock or to hand over, and by nothing else: let go of it at once. */
export interface DiarySecret extends DiaryName {
  /** 32 bytes. */
  readonly key: Bytes;
}

/** A new diary. Throws MALFORMED if the country is none. */
export function newDiary(country: string, draw: Draw = drawn): DiarySecret {
  demand(/^[A-Z]{2}$/.test(country), "MALFORMED");
  return { country, id: hex(draw(Length.id)), key: draw(Length.key) };
}

/** The working keys of a diary whose key is at hand. */
export async function openDiaryKey(secret: DiarySecret): Promise<Diary> {
  return diaryOf(secret, await source(secret.key));
}

/** The working keys of a diary, derived from its key where only the browser can read that. */
export async function diaryOf({ id, country }: DiaryName, key: CryptoKey): Promise<Diary> {
  const purpose = (name: string) => derived(key, unhex(id), fields("key", name, country));
  const [entryKey, headKey, localKey] = await Promise.all([purpose("entry"), purpose("head"), purpose("local")]);
  return { id, country, entryKey, headKey, localKey };
}

/** What a seal is bound to. */
export function bound({ id, country }: DiaryName, what: string, header: Bytes): Bytes {
  return fields(what, country, unhex(id), header);
}

/** Seals what stays on the device; `name` says what it is. */
export async function sealLocal(diary: Diary, name: string, says: Bytes, draw: Draw = drawn): Promise<Bytes> {
  const nonce = draw(Length.nonce);
  return joined(begin(Kind.local), nonce, await sealed(diary.localKey, nonce, says, localBound(diary, name)));
}

/** Opens what {@link sealLocal} made. Throws MALFORMED, DOES_NOT_OPEN. */
export async function openLocal(diary: Diary, name: string, given: Uint8Array): Promise<Bytes> {
  const reader = new Reader(given);
  reader.begin(Kind.local);
  const nonce = reader.take(Length.nonce);
  demand(reader.left >= Length.tag, "MALFORMED");
  return opened(diary.localKey, nonce, reader.rest(), localBound(diary, name));
}

function localBound({ id, country }: DiaryName, name: string): Bytes {
  return fields("local", country, unhex(id), name);
}
