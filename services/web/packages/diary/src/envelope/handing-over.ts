import {
  type Bytes,
  base64url,
  begin,
  type Draw,
  drawn,
  fields,
  hex,
  joined,
  Kind,
  Length,
  number,
  Reader,
  unbase64url,
  unhex,
} from "./bytes.js";
import { derived, opened, sealed, source } from "./ciphers.js";
import { demand } from "./errors.js";
import { type Head, NOTHING, type Remembered } from "./heads.js";
import type { DiarySecret } from "./keys.js";

/** What the QR code of a hand-over says: never sent, only seen. */
export interface Shown {
  readonly country: string;
  readonly parcelId: string;
  readonly secret: Bytes;
}

/** Ten minutes, in milliseconds. */
export const LIFE = 600_000;

const SECRET = 32;
const PLAIN = Length.id + Length.key + 8 + Length.hash;

/** Makes what the old device shows, and the parcel that it uploads. `now` in milliseconds. */
export async function handOver(
  diary: DiarySecret,
  last: Pick<Head, "counter" | "hash"> | null,
  now: number,
  draw: Draw = drawn,
): Promise<{ shown: string; parcel: Bytes }> {
  const [parcelId, secret] = [draw(Length.id), draw(SECRET)];
  const nonce = draw(Length.nonce);
  const header = joined(begin(Kind.handOver), parcelId, number(now + LIFE, 8));
  const plain = joined(unhex(diary.id), diary.key, number(last?.counter ?? 0, 8), unhex(last?.hash ?? NOTHING));
  const key = await parcelKey({ country: diary.country, parcelId: hex(parcelId), secret });
  const parcel = joined(header, nonce, await sealed(key, nonce, plain, fields("hand-over", diary.country, header)));
  return { shown: `mewe-diary:1:${diary.country}:${base64url(joined(parcelId, secret))}`, parcel };
}

/** Reads what the new device's camera saw. Throws MALFORMED. */
export function readShown(said: string): Shown {
  const [, country, code] = /^mewe-diary:1:([A-Z]{2}):([A-Za-z0-9_-]{64})$/.exec(said) ?? [];
  demand(country !== undefined && code !== undefined, "MALFORMED");
  const bytes = unbase64url(code);
  return { country, parcelId: hex(bytes.slice(0, Length.id)), secret: bytes.slice(Length.id) };
}

/** Opens the parcel on the new device, which makes a lock of its own then. Throws MALFORMED, EXPIRED, DOES_NOT_OPEN. */
export async function takeOver(
  shown: Shown,
  parcel: Uint8Array,
  now: number,
): Promise<{ secret: DiarySecret; remembered: Remembered | null }> {
  const reader = new Reader(parcel);
  reader.begin(Kind.handOver);
  const parcelId = hex(reader.take(Length.id));
  const expires = reader.moment();
  const header = reader.before;
  const nonce = reader.take(Length.nonce);
  demand(reader.left === PLAIN + Length.tag, "MALFORMED");
  demand(now < expires, "EXPIRED");
  demand(parcelId === shown.parcelId, "DOES_NOT_OPEN");
  const additional = fields("hand-over", shown.country, header);
  const plain = new Reader(await opened(await parcelKey(shown), nonce, reader.rest(), additional));
  const secret = { country: shown.country, id: hex(plain.take(Length.id)), key: plain.take(Length.key) };
  const [counter, hash] = [plain.number(8), hex(plain.take(Length.hash))];
  return { secret, remembered: counter === 0 ? null : { counter, hash, listing: new Map() } };
}

async function parcelKey({ country, parcelId, secret }: Shown): Promise<CryptoKey> {
  return derived(await source(secret), unhex(parcelId), fields("hand-over", country));
}
