import {
  type Bytes,
  type DiaryName,
  type DiarySecret,
  handOver,
  type Lock,
  type Remembered,
  readLock,
  readShown,
  takeOver,
} from "../envelope/index.js";
import type { Database } from "./database.js";
import { type KeptDiary, keptLocks } from "./kept-diary.js";
import { type DiaryClient, requestId } from "./service.js";

/** The locks that the service keeps of a diary. One that cannot be read is left out. */
export async function fetchLocks(client: DiaryClient, name: DiaryName): Promise<readonly Lock[]> {
  const { locks } = await client.listLocks({ diaryId: name.id });
  return locks.flatMap(({ sealed }) => {
    try {
      return [readLock(sealed)];
    } catch {
      return [];
    }
  });
}

/** Puts the locks that this browser keeps, but that of the device, with the service: after each new one of an adopted diary. */
export async function sendLocks(database: Database, diaryId: string, client: DiaryClient): Promise<void> {
  for (const { lock } of await keptLocks(database, diaryId)) {
    if (lock.way !== "device") await client.putLock({ requestId: requestId(), diaryId, sealed: lock.bytes });
  }
}

/**
 * Takes a lock away, with the service first (null: there is no account yet), then here. The diary's key stays the same: whoever has an
 * old copy of the lock, and what opens it, still opens the diary.
 */
export async function dropLock(database: Database, diaryId: string, lockId: string, client: DiaryClient | null): Promise<void> {
  await client?.removeLock({ requestId: requestId(), diaryId, lockId });
  await database.delete("locks", [diaryId, lockId]);
}

/** On the old device: uploads a parcel, and gives what the QR code is to say for ten minutes. */
export async function showToNewDevice(kept: KeptDiary, secret: DiarySecret, client: DiaryClient): Promise<string> {
  const { shown, parcel } = await handOver(secret, await kept.remembered(), Date.now());
  await client.putParcel({ requestId: requestId(), diaryId: secret.id, sealed: parcel });
  return shown;
}

/**
 * On the new device, signed in as the same person: fetches and opens the parcel. If the service has none (NOT_FOUND), it is over, or
 * somebody else took it: then the diary should move house.
 */
export async function takeFromOldDevice(
  client: DiaryClient,
  scanned: string,
): Promise<{ secret: DiarySecret; remembered: Remembered | null }> {
  const shown = readShown(scanned);
  const { sealed } = await client.takeParcel({ requestId: requestId(), parcelId: shown.parcelId });
  return takeOver(shown, sealed as Bytes, Date.now());
}
