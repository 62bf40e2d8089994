import {
  type Fault,
  type Handed,
  type Listing,
  type OpenedDiary,
  openDiary,
  openHead,
  openVersion,
  parseVersion,
  type Remembered,
  sealHead,
  sealLocal,
  writeRemembered,
} from "../envelope/index.js";
import type { DiaryRow, VersionRow } from "./database.js";
import { type KeptDiary, keptLocks } from "./kept-diary.js";
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
  await saveRow(kept, { linked: true });
  for (const { lock } of await keptLocks(kept.database, diaryId)) {
    if (lock.way !== "device") await client.putLock({ requestId: requestId(), diaryId, sealed: lock.bytes });
  }
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
  if (opened.faults.length > 0) {
    const { listing, head } = await client.getListing({ diaryId: diary.id });
    came = await changes(kept, client, remembered === null);
    opened = await openDiary(diary, { ...came, head: head.length > 0 ? head : null, listing, remembered });
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
    cursor = Number(page.nextCursor);
    if (!page.more) return { handed, cursor, head: page.head.length > 0 ? page.head : null };
  }
}

/** Keeps what is current now, lets go of what is not, and remembers, all at once. */
async function settle(kept: KeptDiary, opened: OpenedDiary, now: Remembered, came: Came): Promise<number> {
  const { database, diary } = kept;
  const there = new Map((await kept.rows()).map((row) => [row.hash, row]));
  const arrived = new Set<string>();
  for (const { given } of came.handed) {
    const version = await parseVersion(given).catch(() => null);
    if (version) arrived.add(version.hash);
  }
  const current = new Set([...now.listing.values()].flat());
  const rows = [
    ...opened.current.map((version) => rowFor(diary.id, version, "kept")),
    ...opened.aside.map((version) => rowFor(diary.id, version, "aside")),
  ];
  const sealed = await sealLocal(diary, "remembered", writeRemembered(now));
  const before = await rowOf(kept);
  const writing = database.transaction(["diaries", "versions", "locals"], "readwrite", { durability: "strict" });
  const versions = writing.objectStore("versions");
  for (const row of rows) await versions.put(row);
  for (const row of there.values()) {
    const sent = row.state === "kept" || (row.state === "waiting" && arrived.has(row.hash));
    if (sent && !current.has(row.hash)) await versions.delete([diary.id, row.hash]);
    else if (sent && row.state === "waiting") await versions.put({ ...row, state: "kept" });
  }
  await writing.objectStore("locals").put({ diaryId: diary.id, name: "remembered", sealed });
  await writing.objectStore("diaries").put({ ...before, cursor: came.cursor });
  await writing.done;
  return rows.filter(({ hash }) => !there.has(hash)).length;
}

/** What opened and nothing vouches for is kept beside the diary, so that it can be read. */
async function keepAside(kept: KeptDiary, opened: OpenedDiary): Promise<void> {
  const there = new Set((await kept.rows()).map(({ hash }) => hash));
  for (const version of [...opened.current, ...opened.aside]) {
    if (!there.has(version.hash)) await kept.database.put("versions", rowFor(kept.diary.id, version, "aside"));
  }
}

/** Asks again for each current version that this device remembers and does not hold. */
async function fetchLacking(
  kept: KeptDiary,
  client: DiaryClient,
  listing: Listing,
  named: readonly Fault[],
): Promise<readonly Fault[]> {
  const there = new Set((await kept.rows()).map(({ hash }) => hash));
  const lacking = new Map([...listing].flatMap(([entryId, hashes]) => hashes.map((hash) => [hash, entryId] as const)));
  for (const hash of there) lacking.delete(hash);
  const ids = [...lacking.keys()];
  for (let at = 0; at < ids.length; at += AT_ONCE.ids) {
    const versionIds = ids.slice(at, at + AT_ONCE.ids);
    const { versions } = await client.getVersions({ diaryId: kept.diary.id, versionIds });
    for (const { sealed } of versions) {
      const version = await parseVersion(sealed).catch(() => null);
      if (!version?.sealed || !lacking.has(version.hash)) continue;
      const opens = await openVersion(kept.diary, version).then(
        () => true,
        () => false,
      );
      if (!opens) continue;
      await kept.database.put("versions", rowFor(kept.diary.id, version, "kept"));
      lacking.delete(version.hash);
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
  const { id, country } = kept.diary;
  return (await kept.database.get("diaries", id)) ?? { id, country, linked: false, cursor: 0 };
}

async function saveRow(kept: KeptDiary, change: Partial<DiaryRow>): Promise<void> {
  await kept.database.put("diaries", { ...(await rowOf(kept)), ...change });
}
