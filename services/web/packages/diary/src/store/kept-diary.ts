import { contentOf } from "../envelope/content.js";
import {
  type Bytes,
  type Content,
  type Diary,
  type DiaryName,
  type DiarySecret,
  type Exported,
  exported,
  type Lock,
  lockWithDevice,
  newEntryId,
  type OpenedVersion,
  openDiaryKey,
  openLocal,
  openVersion,
  parseVersion,
  type Remembered,
  readLock,
  readRemembered,
  sealEntry,
  sealLocal,
  sealTombstone,
  unlock,
  type Version,
  writeRemembered,
} from "../envelope/index.js";
import { changing, type Database, type DiaryRow, type VersionRow } from "./database.js";

/** Under which name lies what a device knows of the last head that it trusted. */
export const REMEMBERED = "remembered";

/** What a diary says on this device. */
export interface Shown {
  /** The current versions of each entry; more than one: a conflict, both are kept until somebody decides. */
  readonly entries: ReadonlyMap<string, readonly (OpenedVersion & { readonly content: Content })[]>;
  /** Entries that say nothing here, though the diary has them: not fetched yet, or damaged on this device. */
  readonly missing: ReadonlySet<string>;
  /** How many changes wait to be sent. */
  readonly waiting: number;
}

/** Which diaries this browser keeps. */
export function keptDiaries(database: Database): Promise<readonly DiaryRow[]> {
  return database.getAll("diaries");
}

/** The locks of a diary that this browser keeps. */
export async function keptLocks(
  database: Database,
  diaryId: string,
): Promise<readonly { lock: Lock; held: CryptoKey | null }[]> {
  const rows = await database.getAllFromIndex("locks", "diary", diaryId);
  return rows.map(({ bytes, held }) => ({ lock: readLock(bytes), held }));
}

/** Keeps a lock; `held` is what {@link lockWithDevice} gave, for that of this device. */
export async function keepLock(database: Database, diaryId: string, lock: Lock, held: CryptoKey | null = null): Promise<void> {
  await database.put("locks", { diaryId, id: lock.id, bytes: lock.bytes, held });
}

/**
 * Begins to keep a diary in this browser: a new one, or one that came from another device. What that one remembers counts where this
 * browser remembers nothing.
 */
export async function keepDiary(database: Database, secret: DiarySecret, from: Remembered | null = null): Promise<KeptDiary> {
  const kept = new KeptDiary(database, await openDiaryKey(secret));
  const { id, country } = secret;
  const sealed = from && (await sealLocal(kept.diary, REMEMBERED, writeRemembered(from)));
  const writing = database.transaction(["diaries", "locals"], "readwrite", { durability: "strict" });
  const [diaries, locals] = [writing.objectStore("diaries"), writing.objectStore("locals")];
  if (!(await diaries.getKey(id))) await diaries.put({ id, country, linked: from !== null, cursor: 0 });
  if (sealed && !(await locals.getKey([id, REMEMBERED]))) await locals.put({ diaryId: id, name: REMEMBERED, sealed });
  await writing.done;
  return kept;
}

/** Lets this browser open the diary without being asked for anything. Whoever holds the unlocked device reads it then. */
export async function openWithoutAsking(database: Database, secret: DiarySecret): Promise<void> {
  const { lock, held } = await lockWithDevice(secret);
  await keepLock(database, secret.id, lock, held);
}

/** Opens a kept diary by the lock of this device; null if it has none. */
export async function openByDevice(database: Database, name: DiaryName): Promise<KeptDiary | null> {
  const locks = await keptLocks(database, name.id);
  const own = locks.find(({ lock, held }) => lock.way === "device" && held);
  return own?.held ? new KeptDiary(database, await unlock(name, own.lock, own.held)) : null;
}

/** An open diary and where it is kept. Works without a connection and without an account. */
export class KeptDiary {
  readonly database: Database;
  readonly diary: Diary;

  constructor(database: Database, diary: Diary) {
    this.database = database;
    this.diary = diary;
  }

  /** What it says now. */
  async shown(): Promise<Shown> {
    const rows = await this.rows();
    const versions = await Promise.all(rows.filter(({ state }) => state !== "aside").map((row) => this.#opened(row)));
    const remembered = await this.remembered();
    const [entries, missing] = [new Map<string, (OpenedVersion & { content: Content })[]>(), new Set<string>()];
    const followed = new Set(versions.flatMap(({ version }) => version?.parents ?? []));
    for (const { row, version } of versions) {
      if (followed.has(row.hash)) continue;
      if (version === null) missing.add(row.entryId);
      else if (version.content !== null) entries.set(row.entryId, [...(entries.get(row.entryId) ?? []), version]);
    }
    const there = new Set(rows.map(({ hash }) => hash));
    for (const [entryId, hashes] of remembered?.listing ?? []) {
      if (hashes.some((hash) => !there.has(hash) && !followed.has(hash))) missing.add(entryId);
    }
    return { entries, missing, waiting: rows.filter(({ state }) => state === "waiting").length };
  }

  /** Genuine versions that nothing vouches for, or that are not what the diary says now: to be looked at, never shown unasked. */
  async aside(): Promise<readonly OpenedVersion[]> {
    const rows = (await this.rows()).filter(({ state }) => state === "aside");
    return (await Promise.all(rows.map((row) => this.#opened(row)))).flatMap(({ version }) => version ?? []);
  }

  /** Writes a new entry; on disk when this returns. Gives its id. */
  async add(content: Content, entryId: string = newEntryId()): Promise<string> {
    await this.#keep([await sealEntry(this.diary, entryId, content)]);
    return entryId;
  }

  /** Writes an entry anew, over the versions that were shown: one, or all of a conflict that this decides. */
  change(entryId: string, content: Content, over: readonly Version[]): Promise<void> {
    return this.#follow(over, (parents) => sealEntry(this.diary, entryId, content, parents));
  }

  /** Deletes an entry, over the versions that were shown. Before an account has adopted the diary, it is gone without a trace. */
  remove(entryId: string, over: readonly Version[], deletedAt: string): Promise<void> {
    return this.#follow(over, (parents) =>
      parents.length > 0 ? sealTombstone(this.diary, entryId, deletedAt, parents) : Promise.resolve(null),
    );
  }

  /** Takes in what was exported, all or nothing; gives how many were new. Twice the same is once, and nothing is written over. */
  async take(entries: readonly Exported[]): Promise<number> {
    const said = ({ entry_id: id, ...content }: Exported) => JSON.stringify([id, contentOf(content)]);
    const there = new Set((await this.exported()).map(said));
    const fresh = [...new Map(entries.map((entry) => [said(entry), entry])).entries()].filter(([says]) => !there.has(says));
    const sealed = await Promise.all(fresh.map(([, { entry_id: id, ...content }]) => sealEntry(this.diary, id, content)));
    await this.#keep(sealed);
    return sealed.length;
  }

  /** What it says, ready for a file. */
  async exported(): Promise<Exported[]> {
    return exported(await this.shown());
  }

  /** What this device knows of the last head that it trusted. */
  async remembered(): Promise<Remembered | null> {
    const said = await this.local(REMEMBERED);
    return said && readRemembered(said);
  }

  /** Something that stays on this device, such as `draft/<entry id>`; null if there is none. */
  async local(name: string): Promise<Bytes | null> {
    const row = await this.database.get("locals", [this.diary.id, name]);
    return row ? openLocal(this.diary, name, row.sealed) : null;
  }

  /** Keeps something on this device alone. Throws DiaryForgotten. */
  async saveLocal(name: string, says: Bytes): Promise<void> {
    const sealed = await sealLocal(this.diary, name, says);
    const { writing } = await changing(this.database, this.diary.id);
    await writing.objectStore("locals").put({ diaryId: this.diary.id, name, sealed });
    await writing.done;
  }

  /** Lets go of it. */
  async dropLocal(name: string): Promise<void> {
    await this.database.delete("locals", [this.diary.id, name]);
  }

  /** What is kept of it, as it is kept. */
  rows(): Promise<VersionRow[]> {
    return this.database.getAllFromIndex("versions", "diary", this.diary.id);
  }

  async #opened(row: VersionRow): Promise<{ row: VersionRow; version: OpenedVersion | null }> {
    try {
      const version = await parseVersion(row.bytes);
      return { row, version: { ...version, ...(await openVersion(this.diary, version)) } };
    } catch {
      return { row, version: null };
    }
  }

  /**
   * Seals what follows some versions, two at a time. Before anybody has adopted the diary, what is written over has never been anywhere
   * else, and goes; if somebody adopts it meanwhile, it is sealed once more.
   */
  async #follow(over: readonly Version[], seal: (parents: readonly Version[]) => Promise<Version | null>): Promise<void> {
    for (;;) {
      const linked = (await this.database.get("diaries", this.diary.id))?.linked ?? false;
      let last = await seal(linked ? over.slice(0, 2) : []);
      const fresh = last ? [last] : [];
      for (const other of linked ? over.slice(2) : []) {
        last = await seal(last ? [last, other] : [other]);
        if (last) fresh.push(last);
      }
      if (await this.#keep(fresh, linked ? [] : over, linked)) return;
    }
  }

  /** Keeps all of it or nothing; false, and nothing is kept, if the diary is not `linked` as it was. Throws DiaryForgotten. */
  async #keep(fresh: readonly Version[], gone: readonly Version[] = [], linked?: boolean): Promise<boolean> {
    const { row, writing } = await changing(this.database, this.diary.id);
    const as = linked === undefined || row.linked === linked;
    const versions = writing.objectStore("versions");
    for (const { hash } of as ? gone : []) await versions.delete([this.diary.id, hash]);
    for (const { hash, entryId, number, bytes } of as ? fresh : []) {
      await versions.put({ diaryId: this.diary.id, hash, entryId, number, bytes, state: "waiting" });
    }
    await writing.done;
    return as;
  }
}
