import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Bytes } from "../envelope/index.js";

/** A diary that this browser keeps. */
export interface DiaryRow {
  readonly id: string;
  readonly country: string;
  /** Whether an account has adopted it. */
  readonly linked: boolean;
  /** Up to where this device has what other devices put. */
  readonly cursor: number;
}

/** A lock of a diary; `held` is what opens that of this device, and scripts cannot read it. */
export interface LockRow {
  readonly diaryId: string;
  readonly id: string;
  readonly bytes: Bytes;
  readonly held: CryptoKey | null;
}

/** A sealed version. `waiting`: not sent yet; `kept`: the service has it; `aside`: genuine, but not what the diary says now. */
export interface VersionRow {
  readonly diaryId: string;
  readonly hash: string;
  readonly entryId: string;
  readonly number: number;
  readonly bytes: Bytes;
  readonly state: "waiting" | "kept" | "aside";
}

/** Something sealed that stays here: drafts, what is remembered, a PIN. */
export interface LocalRow {
  readonly diaryId: string;
  readonly name: string;
  readonly sealed: Bytes;
}

/** What one leader opens shares of a group with; scripts cannot read the private half. */
export interface RecipientRow {
  readonly leaderId: string;
  readonly groupId: string;
  readonly pair: CryptoKeyPair;
}

/** What is kept in this browser. Nothing in it is readable without a lock. */
export interface Kept extends DBSchema {
  diaries: { key: string; value: DiaryRow };
  locks: { key: [string, string]; value: LockRow; indexes: { diary: string } };
  versions: { key: [string, string]; value: VersionRow; indexes: { diary: string } };
  locals: { key: [string, string]; value: LocalRow; indexes: { diary: string } };
  recipients: { key: [string, string]; value: RecipientRow; indexes: { leader: string } };
}

/** The open database of this browser. */
export type Database = IDBPDatabase<Kept>;

/** Opens the database of this origin. */
export function openDatabase(name = "mewe-diary"): Promise<Database> {
  return openDB<Kept>(name, 1, {
    upgrade(database) {
      database.createObjectStore("diaries", { keyPath: "id" });
      database.createObjectStore("locks", { keyPath: ["diaryId", "id"] }).createIndex("diary", "diaryId");
      database.createObjectStore("versions", { keyPath: ["diaryId", "hash"] }).createIndex("diary", "diaryId");
      database.createObjectStore("locals", { keyPath: ["diaryId", "name"] }).createIndex("diary", "diaryId");
      database.createObjectStore("recipients", { keyPath: ["leaderId", "groupId"] }).createIndex("leader", "leaderId");
    },
  });
}

/** This browser does not keep the diary any more: nothing that was under way may bring it back. */
export class DiaryForgotten extends Error {
  constructor() {
    super("the diary was taken from this browser");
    this.name = "DiaryForgotten";
  }
}

/** A transaction over what is kept of a diary, durable once it is done, with the diary's row. Throws DiaryForgotten. */
export async function changing(database: Database, diaryId: string) {
  const writing = database.transaction(["diaries", "versions", "locals"], "readwrite", { durability: "strict" });
  const row = await writing.objectStore("diaries").get(diaryId);
  if (row) return { row, writing };
  await writing.done;
  throw new DiaryForgotten();
}

/** Takes a diary and everything of it from this browser. What a service or another device keeps stays there. */
export async function forgetDiary(database: Database, diaryId: string): Promise<void> {
  const stores = ["locks", "versions", "locals"] as const;
  const writing = database.transaction(["diaries", ...stores], "readwrite");
  await writing.objectStore("diaries").delete(diaryId);
  for (const store of stores) {
    for (const key of await writing.objectStore(store).index("diary").getAllKeys(diaryId)) {
      await writing.objectStore(store).delete(key);
    }
  }
  await writing.done;
}

/** Takes a leader's keys from this browser, as whoever signs out of a shared one does. What was shared with them opens no more. */
export async function forgetLeader(database: Database, leaderId: string): Promise<void> {
  const writing = database.transaction("recipients", "readwrite", { durability: "strict" });
  for (const key of await writing.store.index("leader").getAllKeys(leaderId)) await writing.store.delete(key);
  await writing.done;
}
