import {
  type Bytes,
  type Content,
  hex,
  keyIdOf,
  keyWords,
  newRecipient,
  openShare,
  readShare,
  recipientPoint,
  shareEntry,
  unhex,
  type Version,
} from "../envelope/index.js";
import type { Database } from "./database.js";
import type { KeptDiary } from "./kept-diary.js";
import { type DiaryClient, requestId } from "./service.js";

const HOUR = 3_600_000;

/** A leader's key as the service gives it; whose it is, one has from the service alone, unless its words were compared in person. */
export interface LeaderKey {
  readonly leaderId: string;
  /** Made here from the point, whatever the service says. */
  readonly keyId: string;
  readonly point: Bytes;
  /** Seven words, which the leader's own device shows as well. */
  readonly words: string;
  /** `new`: show the words before the first share. `changed`: another than the one that was confirmed, so say so. */
  readonly state: "new" | "confirmed" | "changed";
}

/** The keys of those who lead a group now. */
export async function leaderKeys(kept: KeptDiary, client: DiaryClient, groupId: string): Promise<readonly LeaderKey[]> {
  const { keys } = await client.listSharingKeys({ groupId });
  return Promise.all(
    keys.map(async ({ leaderId, publicKey }) => {
      const point = publicKey as Bytes;
      const keyId = await keyIdOf(kept.diary.country, point);
      const before = await kept.local(nameOf(leaderId));
      const state = before === null ? "new" : hex(before) === keyId ? "confirmed" : "changed";
      return { leaderId, keyId, point, words: keyWords(keyId), state };
    }),
  );
}

/** The writer has seen the words of this key, and takes it for the leader's. */
export async function confirmLeaderKey(kept: KeptDiary, { leaderId, keyId }: LeaderKey): Promise<void> {
  await kept.saveLocal(nameOf(leaderId), unhex(keyId));
}

/**
 * Shares one version with leaders until the whole hour at or after a moment (milliseconds), so that the service does not learn from it
 * at which minute it was shared; once its writer has read what leaders may have to do; `wordsVersion` is
 * that of GetSharingWords. Gives the share's id. Throws TypeError where a key was not confirmed: nothing has left the device then.
 */
export async function shareWithLeaders(
  kept: KeptDiary,
  client: DiaryClient,
  what: { readonly groupId: string; readonly version: Version; readonly until: number; readonly wordsVersion: string },
  keys: readonly LeaderKey[],
): Promise<string> {
  for (const { leaderId, keyId } of keys) {
    const confirmed = await kept.local(nameOf(leaderId));
    if (confirmed === null || hex(confirmed) !== keyId) throw new TypeError("a key that nobody has confirmed");
  }
  const points = keys.map(({ point }) => point);
  const until = Math.ceil(what.until / HOUR) * HOUR;
  const { id, bytes: sealed } = await shareEntry(kept.diary, what.version, points, until);
  const { groupId, wordsVersion } = what;
  await client.shareEntry({ requestId: requestId(), groupId, sealed, acknowledged: true, wordsVersion });
  return id;
}

/** Who leads which group, and where: each leader of a browser has keys of their own. */
export interface Leading {
  readonly country: string;
  readonly leaderId: string;
  readonly groupId: string;
}

/** As a leader: publishes their key of this browser for a group, and gives its words, to be compared in person. */
export async function publishLeaderKey(
  database: Database,
  client: DiaryClient,
  { country, leaderId, groupId }: Leading,
): Promise<string> {
  const fresh = await newRecipient();
  const writing = database.transaction("recipients", "readwrite", { durability: "strict" });
  const pair = (await writing.store.get([leaderId, groupId]))?.pair ?? fresh;
  await writing.store.put({ leaderId, groupId, pair });
  await writing.done;
  const publicKey = await recipientPoint(pair);
  await client.putSharingKey({ requestId: requestId(), groupId, publicKey });
  return keyWords(await keyIdOf(country, publicKey));
}

/** As a leader: opens what was shared with one's key in this browser. Throws EXPIRED, DOES_NOT_OPEN, and TypeError without a key. */
export async function openShared(
  database: Database,
  client: DiaryClient,
  { country, leaderId, groupId }: Leading,
  shareId: string,
): Promise<Content> {
  const own = await database.get("recipients", [leaderId, groupId]);
  if (!own) throw new TypeError("no key for this group in this browser");
  const { sealed } = await client.openShared({ requestId: requestId(), shareId });
  return openShare(readShare(country, sealed), shareId, own.pair, Date.now());
}

function nameOf(leaderId: string): string {
  return `leader/${leaderId}`;
}
