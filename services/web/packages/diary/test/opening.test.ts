import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bucketHashes,
  type Fault,
  hex,
  openDiary,
  openHead,
  readListing,
  readRemembered,
  rootOf,
  sealHead,
  unhex,
  writeListing,
  writeRemembered,
} from "../src/index.js";
import { Drawn, diaryOf, of, refused, vectors } from "./vectors.js";

const heads = vectors("heads");
const openings = vectors("openings");

test("a listing has the root and the buckets that were agreed", async () => {
  for (const one of of(heads.listings)) {
    const listing = readListing(unhex(of(one.listing)));
    assert.equal(listing.size, one.count);
    assert.equal(hex(writeListing(listing)), one.listing);
    const buckets = await bucketHashes(listing);
    assert.deepEqual([hex(of(buckets[0])), hex(of(buckets[247]))], [one.bucket_0, one.bucket_247]);
    assert.equal(await rootOf(listing), one.root);
  }
  for (const one of of(heads.malformed_listings)) {
    await refused("MALFORMED", () => readListing(unhex(of(one.listing))), of(one.name));
  }
});

test("heads are sealed byte for byte, and open", async () => {
  const diary = await diaryOf(heads);
  for (const one of of(heads.heads)) {
    const after = one.counter === 1 ? null : { counter: of(one.counter) - 1, hash: of(one.previous) };
    const drawn = new Drawn(one.random);
    const listing = readListing(unhex(of(one.listing)));
    assert.equal(hex(await sealHead(diary, listing, after, of(one.written_at), drawn.draw)), one.head);
    const { counter, previous, hash, root, count, writtenAt } = await openHead(diary, unhex(of(one.head)));
    assert.deepEqual([counter, previous, hash], [one.counter, one.previous, one.hash]);
    assert.deepEqual([root, count, writtenAt], [await rootOf(listing), listing.size, one.written_at]);
  }
  for (const one of of(heads.do_not_open)) {
    await refused("DOES_NOT_OPEN", () => openHead(diary, unhex(of(one.head))), of(one.name));
  }
  for (const one of of(heads.malformed)) {
    await refused("MALFORMED", () => openHead(diary, unhex(of(one.head))), of(one.name));
  }
});

const named = (faults: readonly { kind: string; entry_id?: string | null; entryId?: string | null }[]) =>
  faults.map((fault) => `${fault.kind} ${fault.entry_id ?? fault.entryId ?? "diary"}`).sort();

for (const one of of(openings.openings)) {
  test(`a diary opens, and what is wrong is named: ${one.name}`, async () => {
    const diary = await diaryOf(openings);
    const bytes = (said: string | null | undefined) => (said === null || said === undefined ? null : unhex(said));
    const remembered = bytes(one.remembered);
    const opened = await openDiary(diary, {
      head: bytes(one.head),
      handed: of(one.handed).map((handed) => ({ entryId: of(handed.entry_id), given: unhex(of(handed.given)) })),
      listing: bytes(one.listing),
      remembered: remembered && readRemembered(remembered),
    });
    assert.deepEqual(named(opened.faults), named(of(one.faults) as unknown as (Fault & { entry_id: string })[]));
    const hashes = [...opened.entries].map(([entryId, versions]) => [entryId, versions.map(({ hash }) => hash)]);
    assert.deepEqual(Object.fromEntries(hashes), one.entries);
    assert.deepEqual([...opened.deleted].sort(), one.deleted);
    assert.deepEqual(opened.aside.map(({ hash }) => hash).sort(), one.aside);
    assert.equal(opened.remembered && hex(writeRemembered(opened.remembered)), one.remembered_then);
  });
}
