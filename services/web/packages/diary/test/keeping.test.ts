import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../src/envelope/bytes.js";
import {
  adoptDiary,
  DiaryForgotten,
  type DiarySecret,
  drawn,
  dropLock,
  fetchLocks,
  forgetDiary,
  type KeptDiary,
  keepDiary,
  keepLock,
  keptLocks,
  LANGUAGES,
  lockWithRecovery,
  newDiary,
  openDatabase,
  openWithoutAsking,
  sealEntry,
  sendLocks,
  syncDiary,
  words,
} from "../src/index.js";
import { sealedAs } from "./odd.js";
import { keepingService, lost } from "./service.js";
import { of } from "./vectors.js";

const says = (text: string) => {
  return { text, mood: null, prompt: null, tags: [], written_at: "2026-11-22T21:00:00Z", zone: "UTC" };
};
const AT = "2026-11-22T22:00:00Z";
let databases = 0;

async function device(secret: DiarySecret): Promise<KeptDiary> {
  databases += 1;
  return keepDiary(await openDatabase(`device ${databases}`), secret);
}

async function texts(kept: KeptDiary): Promise<string[]> {
  return [...(await kept.shown()).entries.values()].flatMap((all) => all.map(({ content }) => content.text)).sort();
}

async function two() {
  const [secret, service] = [newDiary("SE"), keepingService()];
  const [one, other] = [await device(secret), await device(secret)];
  const id = await one.add(says("before"));
  for (const each of [one, other]) assert.deepEqual((await syncDiary(each, service.client)).faults, []);
  return { ...service, one, other, id };
}

const over = async (kept: KeptDiary, id: string) => of((await kept.shown()).entries.get(id));

test("what is changed on a device that joined later is changed, and no conflict with what it was", async () => {
  const { client, one, other, id } = await two();
  await other.change(id, says("after"), await over(other, id));
  for (const each of [other, one]) assert.deepEqual((await syncDiary(each, client)).faults, []);
  assert.deepEqual([await texts(one), await texts(other)], [["after"], ["after"]]);
});

test("what is deleted on a device that joined later is deleted on all", async () => {
  const { client, one, other, id } = await two();
  await other.remove(id, await over(other, id), AT);
  for (const each of [other, one, other]) assert.deepEqual((await syncDiary(each, client)).faults, []);
  assert.deepEqual([await texts(one), await texts(other)], [[], []]);
});

test("words that wait are not lost by a service that hands them over as if they were old", async () => {
  const { client, says: service, kept, hidden, one } = await two();
  const head = kept.head;
  await one.add(says("waits"));
  service.afterPut = lost;
  await assert.rejects(syncDiary(one, client));
  service.afterPut = async () => {};
  service.head = () => head;
  hidden.add(of(kept.rows[1]).version.hash);
  service.afterPut = lost;
  await assert.rejects(syncDiary(one, client));
  assert.deepEqual(await texts(one), ["before", "waits"]);
  assert.equal((await one.shown()).waiting, 1);
});

test("a diary that is taken from the browser while it syncs stays away, and so do words that come too late", async () => {
  const { client, says: service, one } = await two();
  await one.add(says("more"));
  service.afterPut = () => forgetDiary(one.database, one.diary.id);
  await assert.rejects(syncDiary(one, client), DiaryForgotten);
  await assert.rejects(one.add(says("too late")), DiaryForgotten);
  await assert.rejects(one.saveLocal("draft/x", utf8("too late")), DiaryForgotten);
  for (const store of one.database.objectStoreNames) assert.deepEqual(await one.database.getAll(store), []);
});

test("a diary that is kept already remembers what it knew, whatever is handed over", async () => {
  const { client, one } = await two();
  const secret = { ...one.diary, key: drawn(32) };
  const before = of((await one.remembered()) ?? undefined);
  assert.equal(before.counter, 1);
  await one.add(says("more"));
  await syncDiary(one, client);
  const rows = await one.database.getAll("locals");
  await keepDiary(one.database, secret, { ...before, listing: new Map() });
  assert.deepEqual(await one.database.getAll("locals"), rows);
});

test("of three versions side by side one is made, and all can be deleted", async () => {
  const { client, one, other, id } = await two();
  const first = await over(one, id);
  for (const text of ["a", "b", "c"]) await one.change(id, says(text), first);
  assert.deepEqual(await texts(one), ["a", "b", "c"]);
  await one.change(id, says("abc"), await over(one, id));
  assert.deepEqual(await texts(one), ["abc"]);
  const now = await over(one, id);
  for (const text of ["d", "e", "f"]) await one.change(id, says(text), now);
  for (const each of [one, other]) assert.deepEqual((await syncDiary(each, client)).faults, []);
  await other.remove(id, await over(other, id), AT);
  for (const each of [other, one]) assert.deepEqual((await syncDiary(each, client)).faults, []);
  assert.deepEqual([await texts(one), await texts(other)], [[], []]);
});

test("an entry that this app cannot read stands in the way of nothing else", async () => {
  const { client, kept, one, other, id } = await two();
  const [before] = await over(other, id);
  const like = await sealEntry(other.diary, id, says("x"), [of(before)]);
  const { hash, number, bytes } = await sealedAs(other.diary, like, new Uint8Array(1024));
  await other.database.put("versions", { diaryId: other.diary.id, entryId: id, hash, number, bytes, state: "waiting" });
  await syncDiary(other, client);
  assert.equal(kept.rows.length, 2);
  const first = await syncDiary(one, client);
  assert.deepEqual(first.faults, [{ kind: "unreadable", entryId: id }]);
  await one.add(says("goes on"));
  assert.deepEqual(await syncDiary(one, client), { faults: [], taken: 0, sent: 1 });
  assert.deepEqual([...(await one.shown()).missing], [id]);
});

test("a service that never comes to an end is left", async () => {
  const { client, says: service, one } = await two();
  service.more = true;
  assert.deepEqual((await syncDiary(one, client)).faults, []);
});

test("what a service did not hand over is asked for until all of it is there", async () => {
  const { client, says: service, one, other } = await two();
  for (let count = 0; count < 5; count += 1) await one.add(says(`${count}`));
  await syncDiary(one, client);
  [service.withholds, service.fits] = [() => true, 2];
  await syncDiary(other, client);
  assert.deepEqual((await other.shown()).missing.size, 0);
  assert.equal((await texts(other)).length, 6);
});

test("a new passphrase takes the place of the old one, here and with the service; the device's own lock never leaves", async () => {
  const [secret, { client, kept: there }] = [newDiary("SE"), keepingService()];
  const kept = await device(secret);
  const [old, fresh] = [(await lockWithRecovery(secret)).lock, (await lockWithRecovery(secret)).lock];
  await keepLock(kept.database, secret.id, old);
  await openWithoutAsking(kept.database, secret);
  await adoptDiary(kept, client);
  assert.deepEqual([...there.locks.keys()], [old.id]);
  await keepLock(kept.database, secret.id, fresh);
  await sendLocks(kept.database, secret.id, client);
  await dropLock(kept.database, secret.id, old.id, client);
  assert.deepEqual([...there.locks.keys()], [fresh.id]);
  assert.deepEqual(
    (await fetchLocks(client, secret)).map(({ id }) => id),
    [fresh.id],
  );
  const here = (await keptLocks(kept.database, secret.id)).map(({ lock }) => lock);
  assert.deepEqual(here.map(({ way }) => way).sort(), ["device", "recovery"]);
  assert.ok(here.every(({ id }) => id !== old.id));
});

test("nobody is told that they alone can open it, since whoever holds their device can; or that a way back exists that may not", () => {
  for (const language of LANGUAGES) {
    assert.doesNotMatch(words("kept-here-and-there", language), /nobody but you|ingen utom du/i);
    assert.match(words("may-be-deleted-here", language), /if you have none|har du inget/i);
  }
});
