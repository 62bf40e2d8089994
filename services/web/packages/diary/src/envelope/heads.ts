import { type Bytes, begin, type Draw, drawn, hex, joined, Kind, Length, number, Reader, unhex } from "./bytes.js";
import { opened, sealed, sha256 } from "./ciphers.js";
import { demand } from "./errors.js";
import { bound, type Diary } from "./keys.js";

/** The hashes of the current versions of each entry, ascending; tombstones included. */
export type Listing = ReadonlyMap<string, readonly string[]>;

/** What vouches for a whole diary. */
export interface Head {
  readonly counter: number;
  /** The hash of the head before; 64 zeros for the first. */
  readonly previous: string;
  readonly hash: string;
  readonly root: string;
  /** How many entries there are, deleted ones included. */
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly writtenAt: number;
}

/** What a device knows of the last head that it trusted. */
export interface Remembered {
  readonly counter: number;
  readonly hash: string;
  readonly listing: Listing;
}

/** The hash before the first head. */
export const NOTHING = "00".repeat(Length.hash);

const SEALED = Length.hash + 4 + 8 + Length.tag;

/** The root over a listing. */
export async function rootOf(listing: Listing): Promise<string> {
  return hex(await sha256(joined(new Uint8Array([1]), ...(await bucketHashes(listing)))));
}

/** The 256 hashes of the buckets of a listing. */
export async function bucketHashes(listing: Listing): Promise<readonly Bytes[]> {
  const buckets = Array.from({ length: 256 }, (): Bytes[] => [new Uint8Array([0])]);
  for (const [id, hashes] of inOrder(listing)) buckets[Number.parseInt(id.slice(0, 2), 16)]?.push(leaf(id, hashes));
  const empty = await sha256(new Uint8Array([0]));
  return Promise.all(buckets.map((leaves) => (leaves.length > 1 ? sha256(joined(...leaves)) : empty)));
}

/** The leaves of a listing, one after the other. */
export function writeListing(listing: Listing): Bytes {
  return joined(...inOrder(listing).map(([id, hashes]) => leaf(id, hashes)));
}

/** Reads a listing. Throws MALFORMED. */
export function readListing(given: Uint8Array): Listing {
  const [reader, listing] = [new Reader(given), new Map<string, readonly string[]>()];
  let last = "";
  while (reader.left > 0) {
    const id = hex(reader.take(Length.id));
    const count = reader.number(1);
    const hashes = Array.from({ length: count }, () => hex(reader.take(Length.hash)));
    demand(id > last && count > 0 && hashes.every((hash, at) => at === 0 || (hashes[at - 1] ?? "") < hash), "MALFORMED");
    listing.set(id, hashes);
    last = id;
  }
  return listing;
}

/** Seals a head over a listing, on top of the one before. */
export async function sealHead(
  diary: Diary,
  listing: Listing,
  after: Pick<Head, "counter" | "hash"> | null,
  writtenAt: number,
  draw: Draw = drawn,
): Promise<Bytes> {
  const header = joined(begin(Kind.head), number((after?.counter ?? 0) + 1, 8), unhex(after?.hash ?? NOTHING));
  const nonce = draw(Length.nonce);
  const plain = joined(unhex(await rootOf(listing)), number(listing.size, 4), number(writtenAt, 8));
  return joined(header, nonce, await sealed(diary.headKey, nonce, plain, bound(diary, "head", header)));
}

/** Opens a head. Throws MALFORMED, DOES_NOT_OPEN. */
export async function openHead(diary: Diary, given: Uint8Array): Promise<Head> {
  const reader = new Reader(given);
  reader.begin(Kind.head);
  const counter = reader.number(8);
  const previous = hex(reader.take(Length.hash));
  demand(counter >= 1 && (counter === 1) === (previous === NOTHING), "MALFORMED");
  const header = reader.before;
  const nonce = reader.take(Length.nonce);
  demand(reader.left === SEALED, "MALFORMED");
  const plain = new Reader(await opened(diary.headKey, nonce, reader.rest(), bound(diary, "head", header)));
  const root = hex(plain.take(Length.hash));
  return {
    counter,
    previous,
    root,
    count: plain.number(4),
    writtenAt: plain.moment(),
    hash: hex(await sha256(given.slice())),
  };
}

/** What a device remembers, as it is sealed on the device under the name `remembered`. */
export function writeRemembered({ counter, hash, listing }: Remembered): Bytes {
  return joined(number(counter, 8), unhex(hash), writeListing(listing));
}

/** Reads what {@link writeRemembered} wrote. Throws MALFORMED. */
export function readRemembered(given: Uint8Array): Remembered {
  const reader = new Reader(given);
  return { counter: reader.number(8), hash: hex(reader.take(Length.hash)), listing: readListing(reader.rest()) };
}

function inOrder(listing: Listing): [string, readonly string[]][] {
  return [...listing].sort(([one], [other]) => (one < other ? -1 : 1));
}

function leaf(id: string, hashes: readonly string[]): Bytes {
  demand(hashes.length >= 1 && hashes.length <= 255, "MALFORMED");
  return joined(unhex(id), number(hashes.length, 1), ...[...hashes].sort().map((hash) => unhex(hash)));
}
