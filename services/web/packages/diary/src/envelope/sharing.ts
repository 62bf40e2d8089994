import { type Bytes, begin, type Draw, drawn, fields, hex, joined, Kind, Length, number, Reader, unhex } from "./bytes.js";
import { cipher, opened, sealed, sha256 } from "./ciphers.js";
import { type Content, isBucket, readContent, unpadded } from "./content.js";
import { demand } from "./errors.js";
import { CURVE, type Ephemeral, ephemeral, keyOf, openWith, POINT, pointOf, sealTo } from "./hpke.js";
import type { Diary } from "./keys.js";
import { unsealed, type Version } from "./versions.js";

/** A copy of one version, sealed to leaders. */
export interface Share {
  readonly id: string;
  readonly country: string;
  readonly diaryId: string;
  readonly entryId: string;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** Ascending. */
  readonly keyIds: readonly string[];
  readonly bytes: Bytes;
}

const MOST = 16;
const TO_ONE = POINT + Length.key + Length.tag;
const HEADER = 2 + 3 * Length.id + Length.hash + 8 + 1;

/** A leader's pair of keys, whose private half stays in this browser. */
export function newRecipient(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
}

/** The public half of a leader's pair as it is published. */
export function recipientPoint(pair: CryptoKeyPair): Promise<Bytes> {
  return pointOf(pair.publicKey);
}

/** The id of a leader's key. */
export async function keyIdOf(country: string, point: Bytes): Promise<string> {
  return hex(await sha256(fields("recipient", country, point)));
}

/** Seals one version to leaders' keys, until a moment (milliseconds). Always the writer's act. Throws MALFORMED. */
export async function shareEntry(
  diary: Diary,
  version: Version,
  recipients: readonly Bytes[],
  until: number,
  draw: Draw = drawn,
  pair: Ephemeral = ephemeral,
): Promise<Share> {
  demand(version.kind === "entry" && recipients.length >= 1 && recipients.length <= MOST, "MALFORMED");
  const byId = new Map<string, Bytes>();
  for (const point of recipients) {
    demand(point.length === POINT, "MALFORMED");
    await keyOf(point);
    byId.set(await keyIdOf(diary.country, point), point);
  }
  demand(byId.size === recipients.length, "MALFORMED");
  const keyIds = [...byId.keys()].sort();
  const plain = await unsealed(diary, version);
  const [id, key] = [draw(Length.id), draw(Length.key)];
  const ids = [id, unhex(diary.id), unhex(version.entryId), unhex(version.hash)];
  const header = joined(begin(Kind.share), ...ids, number(until, 8), number(keyIds.length, 1), ...keyIds.map(unhex));
  const parts: Bytes[] = [];
  for (const keyId of keyIds) {
    parts.push(await sealTo(byId.get(keyId) ?? new Uint8Array(), key, fields("share key", diary.country, header), pair));
  }
  const before = joined(header, ...parts);
  const nonce = draw(Length.nonce);
  const content = await sealed(await cipher(key), nonce, plain, fields("share", diary.country, before));
  return readShare(diary.country, joined(before, nonce, content));
}

/** Reads a share, without opening it. Throws MALFORMED. */
export function readShare(country: string, given: Uint8Array): Share {
  const reader = new Reader(given);
  reader.begin(Kind.share);
  const [id, diaryId, entryId] = [hex(reader.take(Length.id)), hex(reader.take(Length.id)), hex(reader.take(Length.id))];
  const [version, until, count] = [hex(reader.take(Length.hash)), reader.moment(), reader.number(1)];
  demand(count >= 1 && count <= MOST, "MALFORMED");
  const keyIds = Array.from({ length: count }, () => hex(reader.take(Length.hash)));
  demand(
    keyIds.every((keyId, at) => at === 0 || (keyIds[at - 1] ?? "") < keyId),
    "MALFORMED",
  );
  demand(isBucket(reader.left - count * TO_ONE - Length.nonce - Length.tag), "MALFORMED");
  return { id, country, diaryId, entryId, version, until, keyIds, bytes: given.slice() };
}

/** Opens a share with one's own pair. `now` in milliseconds. Throws EXPIRED, DOES_NOT_OPEN, UNREADABLE. */
export async function openShare(share: Share, shareId: string, own: CryptoKeyPair, now: number): Promise<Content> {
  demand(now < share.until, "EXPIRED");
  const place = share.keyIds.indexOf(await keyIdOf(share.country, await pointOf(own.publicKey)));
  demand(place >= 0 && share.id === shareId, "DOES_NOT_OPEN");
  const header = share.bytes.slice(0, HEADER + share.keyIds.length * Length.hash);
  const at = header.length + place * TO_ONE;
  const key = await openWith(own, share.bytes.slice(at, at + TO_ONE), fields("share key", share.country, header));
  demand(key.length === Length.key, "DOES_NOT_OPEN");
  const end = header.length + share.keyIds.length * TO_ONE;
  const before = share.bytes.slice(0, end);
  const nonce = share.bytes.slice(end, end + Length.nonce);
  const additional = fields("share", share.country, before);
  return readContent(unpadded(await opened(await cipher(key), nonce, share.bytes.slice(end + Length.nonce), additional)));
}
