import { same } from "../envelope/bytes.js";
import {
  type Fault,
  type Handed,
  type Listing,
  type OpenedDiary,
  openDiary,
  openHead,
  parseVersion,
  type Remembered,
  sealHead,
  sealLocal,
  writeRemembered,
} from "../envelope/index.js";
import { changing, DiaryForgotten, type DiaryRow, type VersionRow } from "./database.js";
import { sendLocks } from "./joining.js";
import { type KeptDiary, REMEMBERED } from "./kept-diary.js";
import { type DiaryClient, reasonOf, requestId } from "./service.js";

/** What came of a sync. */
export interface Synced {
  /** What is wrong with what the service handed over. Whatever else there is was taken in. */
  readonly faults: readonly Fault[];
  readonly taken: number;
  readonly sent: number;
}

/** What came of an adoption. */
export type Adoption = { readonly adopted: true } | { readonly adopted: false; readonly inUse: string };

const AT_ONCE = { versions: 200, bytes: 900_000, ids: 200 };
const ATTEMPTS = 8;

/**
 * Links a diary with the account that is signed in, and puts its locks there, but that of this device. If the account has another one
 * already, nothing changes: open that one and give it this one's entries ({@link KeptDiary.take}), or ask again with `beside`.
 */
export async function adoptDiary(kept: KeptDiary, client: DiaryClient, beside = false): Promise<Adoption> {
  const { id: diaryId } = kept.diary;
  const { adopted, diary } = await client.adoptDiary({ requestId: requestId(), diaryId, beside });
  if (!adopted) return { adopted: false, inUse: diary?.diaryId ?? "" };
  await link(kept);
  await sendLocks(kept.database, diaryId, client);
  return { adopted: true };
}

/**
 * Takes in what other devices have put, and puts what waits here. Nothing is written over on either side: two changes of the same
 * version are both kept. Where what is handed over cannot be trusted, nothing is put on top of it, and what waits goes on waiting.
 * Throws what the connection throws; then everything is as it was, or further.
 */
export function syncDiary(kept: KeptDiary, client: DiaryClient): Promise<Synced> {
  const one = () => exchange(kept, client);
  return globalThis.navigator?.locks ? navigator.locks.request(`mewe-diary/${kept.diary.id}`, one) : one();
}

async function exchange(kept: KeptDiary, client: DiaryClient): Promise<Synced> {
  let [taken, sent] = [0, 0];
  for (let attempt = 1; ; attempt += 1) {
    const came = await take(kept, client);
    taken += came.taken;
    if (!came.trusted) return { faults: came.faults, taken, sent };
    await link(kept);
    try {
      sent += await put(kept, client);
      return { faults: came.faults, taken, sent };
    } catch (refused) {
      if (reasonOf(refused) !== "DIARY_HEAD_MOVED" || attempt === ATTEMPTS) throw refused;
    }
  }
}

async function take(
  kept: KeptDiary,
  client: DiaryClient,
): Promise<{ faults: readonly Fault[]; taken: number; trusted: boolean }> {
  const { diary } = kept;
  const remembered = await kept.remembered();
  let came = await changes(kept, client, remembered === null);
  if (came.head === null && came.handed.length === 0 && remembered === null) return { faults: [], taken: 0, trusted: true };
  let opened = await openDiary(diary, { ...came, remembered });
  for (let attempt = 1; opened.faults.length > 0; attempt += 1) {
    const { listing, head } = await client.getListing({ diaryId: diary.id });
    came = await changes(kept, client, remembered === null);
    opened = await openDiary(diary, { ...came, head: head.length > 0 ? head : null, listing, remembered });
    if (attempt === ATTEMPTS || same(head, came.head ?? new Uint8Array())) break;
  }
  const now = opened.remembered;
  const trusted = now !== null && opened.head?.hash === now.hash;
  if (!trusted) {
    await keepAside(kept, opened);
    return { faults: opened.faults, taken: 0, trusted };
  }
  const taken = await settle(kept, opened, now, came);
  return { faults: [...opened.faults, ...(await fetchLacking(kept, client, now.listing, opened.faults))], taken, trusted };
}

interface Came {
  readonly head: Uint8Array | null;
  readonly handed: readonly Handed[];
  readonly cursor: number;
}

async function changes(kept: KeptDiary, client: DiaryClient, withoutStubs: boolean): Promise<Came> {
  const handed: Handed[] = [];
  let cursor = (await rowOf(kept)).cursor;
  for (;;) {
    const page = await client.listChanges({ diaryId: kept.diary.id, afterCursor: BigInt(cursor), withoutStubs });
    handed.push(...page.versions.map(({ entryId, sealed }) => ({ entryId, given: sealed })));
    const goesOn = page.more && Number(page.nextCursor) > cursor;
    cursor = Math.max(cursor, Number(page.nextCursor));
    if (!goesOn) return { handed, cursor, head: page.head.length > 0 ? page.head : null };
  }
}

/**
 * Keeps what is current now, lets go of what is not, and remembers, all at once. What waits here goes on waiting unless it is current,
 * or something that is current follows it: that a service hands it over says nothing.
 */
async function settle(kept: KeptDiary, opened: OpenedDiary, now: Remembered, came: Came): Promise<number> {
  const { database, diary } = kept;
  const there = new Map((await kept.rows()).map((row) => [row.hash, row]));
  const current = new Set([...now.listing.values()].flat());
  const followed = await ancestors(current, came.handed);
  const rows = [
    ...opened.current.map((version) => rowFor(diary.id, version, "kept")),
    ...opened.aside.map((version) => rowFor(diary.id, version, "aside")),
  ].filter(({ hash }) => !there.has(hash));
  const sealed = await sealLocal(diary, REMEMBERED, writeRemembered(now));
  const { row: before, writing } = await changing(database, diary.id);
  const versions = writing.objectStore("versions");
  for (const row of rows) await versions.put(row);
  for (const row of there.values()) {
    if (current.has(row.hash)) await versions.put({ ...row, state: "kept" });
    else if (row.state === "kept" || followed.has(row.hash)) await versions.delete([diary.id, row.hash]);
  }
  await writing.objectStore("locals").put({ diaryId: diary.id, name: REMEMBERED, sealed });
  await writing.objectStore("diaries").put({ ...before, linked: true, cursor: came.cursor });
  await writing.done;
  return rows.length;
}

/** What the current versions follow, as far as what was handed over says: hashes stand for all that they name. */
async function ancestors(current: ReadonlySet<string>, handed: readonly Handed[]): Promise<ReadonlySet<string>> {
  const parents = new Map<string, readonly string[]>();
  for (const { given } of handed) {
    const version = await parseVersion(given).catch(() => null);
    if (version) parents.set(version.hash, version.parents);
  }
  const [found, open] = [new Set<string>(), [...current]];
  for (let hash = open.pop(); hash !== undefined; hash = open.pop()) {
    for (const parent of parents.get(hash) ?? []) {
      if (!found.has(parent)) open.push(parent);
      found.add(parent);
    }
  }
  return found;
}

/** What opened and nothing vouches for is kept beside the diary, so that it can be read. */
async function keepAside(kept: KeptDiary, opened: OpenedDiary): Promise<void> {
  const { writing } = await changing(kept.database, kept.diary.id);
  const versions = writing.objectStore("versions");
  for (const version of [...opened.current, ...opened.aside]) {
    if (!(await versions.getKey([kept.diary.id, version.hash]))) await versions.put(rowFor(kept.diary.id, version, "aside"));
  }
  await writing.done;
}

/** Asks again for each current version that this device remembers and does not hold; what has the right hash is kept, whatever it says. */
async function fetchLacking(
  kept: KeptDiary,
  client: DiaryClient,
  listing: Listing,
  named: readonly Fault[],
): Promise<readonly Fault[]> {
  const { id: diaryId } = kept.diary;
  const lacking = new Map([...listing].flatMap(([entryId, hashes]) => hashes.map((hash) => [hash, entryId] as const)));
  for (const { hash } of await kept.rows()) lacking.delete(hash);
  const all = [...lacking.keys()];
  for (let at = 0; at < all.length; at += AT_ONCE.ids) {
    let versionIds = all.slice(at, at + AT_ONCE.ids);
    for (let before = -1; versionIds.length > 0 && versionIds.length !== before; ) {
      before = versionIds.length;
      const { versions } = await client.getVersions({ diaryId, versionIds });
      for (const { sealed } of versions) {
        const version = await parseVersion(sealed).catch(() => null);
        if (!version?.sealed || !lacking.delete(version.hash)) continue;
        const { writing } = await changing(kept.database, diaryId);
        await writing.objectStore("versions").put(rowFor(diaryId, version, "kept"));
        await writing.done;
      }
      versionIds = versionIds.filter((hash) => lacking.has(hash));
    }
  }
  const already = new Set(named.map(({ entryId }) => entryId));
  return [...new Set(lacking.values())].filter((id) => !already.has(id)).map((entryId) => ({ kind: "missing", entryId }));
}

async function put(kept: KeptDiary, client: DiaryClient): Promise<number> {
  const { diary } = kept;
  const waiting = (await kept.rows()).filter(({ state }) => state === "waiting");
  waiting.sort((one, other) => one.number - other.number);
  let sent = 0;
  while (sent < waiting.length) {
    const some = batch(waiting.slice(sent));
    const last = await kept.remembered();
    const listing = new Map(last?.listing);
    for (const { hash, entryId, bytes } of some) {
      const { parents } = await parseVersion(bytes);
      const leaf = (listing.get(entryId) ?? []).filter((one) => !parents.includes(one));
      listing.set(entryId, [...new Set([...leaf, hash])].sort());
    }
    const head = await sealHead(diary, listing, last, Date.now());
    const request = { requestId: requestId(), diaryId: diary.id, versions: some.map(({ bytes }) => bytes), head };
    const { lastCursor } = await client.putVersions(request);
    const { counter, hash } = await openHead(diary, head);
    const came = { head, handed: some.map(({ entryId, bytes }) => ({ entryId, given: bytes })), cursor: Number(lastCursor) };
    await settle(kept, NOTHING_NEW, { counter, hash, listing }, came);
    sent += some.length;
  }
  return sent;
}

const NOTHING_NEW: OpenedDiary = {
  entries: new Map(),
  deleted: new Set(),
  aside: [],
  current: [],
  faults: [],
  head: null,
  remembered: null,
};

function batch(waiting: readonly VersionRow[]): readonly VersionRow[] {
  let [count, bytes] = [0, 0];
  for (const row of waiting) {
    bytes += row.bytes.length;
    if (count > 0 && (count === AT_ONCE.versions || bytes > AT_ONCE.bytes)) break;
    count += 1;
  }
  return waiting.slice(0, count);
}

function rowFor(
  diaryId: string,
  { hash, entryId, number, bytes }: Pick<VersionRow, "hash" | "entryId" | "number" | "bytes">,
  state: VersionRow["state"],
): VersionRow {
  return { diaryId, hash, entryId, number, bytes, state };
}

async function rowOf(kept: KeptDiary): Promise<DiaryRow> {
  const row = await kept.database.get("diaries", kept.diary.id);
  if (!row) throw new DiaryForgotten();
  return row;
}

/** From now on what is written over has perhaps been elsewhere. */
async function link(kept: KeptDiary): Promise<void> {
  const { row, writing } = await changing(kept.database, kept.diary.id);
  await writing.objectStore("diaries").put({ ...row, linked: true });
  await writing.done;
}
