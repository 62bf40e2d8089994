import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Bytes,
  type Diary,
  type Handed,
  newDiary,
  newEntryId,
  openDiary,
  openDiaryKey,
  sealEntry,
  sealHead,
  type Version,
  writeListing,
} from "../src/index.js";
import { of } from "./vectors.js";

const COUNT = process.env["MEWE_PROVE"] ? 10_000 : 150;

/** The same numbers for the same seed, so that a failure can be looked at again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Served {
  readonly head: Bytes;
  readonly handed: readonly Handed[];
  readonly listing: Bytes;
}

/** Eight entries, half of them written anew, as an honest server has them; and what it had before. */
async function story(diary: Diary): Promise<{ now: Served; old: readonly Version[] }> {
  const [old, current]: [Version[], Version[]] = [[], []];
  for (let number = 0; number < 8; number += 1) {
    const content = {
      mood: null,
      prompt: null,
      tags: [],
      text: `entry ${number}`,
      written_at: "2026-11-22T21:00:00Z",
      zone: "UTC",
    };
    const first = await sealEntry(diary, newEntryId(), content);
    if (number % 2) old.push(first);
    current.push(number % 2 ? await sealEntry(diary, first.entryId, { ...content, text: "anew" }, [first]) : first);
  }
  const listing = new Map(current.map(({ entryId, hash }) => [entryId, [hash]]));
  const head = await sealHead(diary, listing, null, 1_800_000_000_000);
  const handed = current.map(({ entryId, bytes }) => ({ entryId, given: bytes }));
  return { now: { head, handed, listing: writeListing(listing) }, old };
}

function flipped(bytes: Uint8Array, below: (count: number) => number): Uint8Array {
  const other = bytes.slice();
  const at = below(other.length);
  other[at] = of(other[at]) ^ (1 << below(8));
  return other;
}

function without(handed: readonly Handed[], at: number): readonly Handed[] {
  return handed.filter((_, place) => place !== at);
}

test(`each of ${COUNT} random manipulations is found, and the rest of the diary opens`, async () => {
  const seed = Number(process.env["MEWE_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  const below = numbers(seed);
  const diary = await openDiaryKey(newDiary("SE"));
  const other = await story(await openDiaryKey(newDiary("SE")));
  const { now, old } = await story(diary);
  const honest = await openDiary(diary, now);
  assert.deepEqual([honest.faults, honest.entries.size], [[], 8]);
  const with_ = (at: number, one: Partial<Handed>) =>
    now.handed.map((handed, place) => (place === at ? { ...handed, ...one } : handed));
  const ways: readonly (() => { served: Served; whole: number })[] = [
    () => {
      const at = below(8);
      return { served: { ...now, handed: with_(at, { given: flipped(of(now.handed[at]).given, below) }) }, whole: 7 };
    },
    () => {
      const at = below(8);
      const { given } = of(now.handed[at]);
      return { served: { ...now, handed: with_(at, { given: given.slice(0, below(given.length)) }) }, whole: 7 };
    },
    () => ({ served: { ...now, handed: without(now.handed, below(8)) }, whole: 7 }),
    () => {
      const at = below(8);
      return { served: { ...now, handed: with_(at, { given: of(now.handed[(at + 1 + below(7)) % 8]).given }) }, whole: 7 };
    },
    () => {
      const back = of(old[below(old.length)]);
      const at = now.handed.findIndex(({ entryId }) => entryId === back.entryId);
      return { served: { ...now, handed: with_(at, { given: back.bytes }) }, whole: 7 };
    },
    () => {
      const back = of(old[below(old.length)]);
      return { served: { ...now, handed: [...now.handed, { entryId: back.entryId, given: back.bytes }] }, whole: 8 };
    },
    () => ({ served: { ...now, handed: with_(below(8), { given: of(other.now.handed[below(8)]).given }) }, whole: 7 }),
    () => ({ served: { ...now, head: flipped(now.head, below) as Bytes }, whole: 8 }),
    () => ({ served: { ...now, head: other.now.head }, whole: 8 }),
    () => ({ served: { ...now, listing: flipped(now.listing, below) as Bytes }, whole: 8 }),
  ];
  for (let number = 0; number < COUNT; number += 1) {
    const way = below(ways.length);
    const { served, whole } = of(ways[way])();
    const { faults, entries } = await openDiary(diary, served);
    assert.ok(faults.length > 0, `seed ${seed}, manipulation ${number}, way ${way}: not found`);
    assert.ok(entries.size >= whole, `seed ${seed}, manipulation ${number}, way ${way}: ${entries.size} of ${whole} open`);
  }
});
