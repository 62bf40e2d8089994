import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouterTransport } from "@connectrpc/connect";
import { DiaryService } from "../src/generated/mewe/diary/v1/diary_service_pb.js";
import {
  confirmLeaderKey,
  diaryClientOn,
  forgetLeader,
  keepDiary,
  leaderKeys,
  newDiary,
  newRecipient,
  openDatabase,
  openShared,
  publishLeaderKey,
  readShare,
  recipientPoint,
  shareWithLeaders,
} from "../src/index.js";
import { of, refused } from "./vectors.js";

const GROUP = "group";
const LENA = { country: "SE", leaderId: "lena", groupId: GROUP };
const CONTENT = { text: "for Lena", mood: null, prompt: null, tags: [], written_at: "2026-11-22T21:00:00Z", zone: "UTC" };

/** A service that keeps one key and one share, as the contract says; `point` can be made another one, as a lying service would. */
function service() {
  const kept: Record<"point" | "sealed", Uint8Array> = { point: new Uint8Array(), sealed: new Uint8Array() };
  const transport = createRouterTransport(({ service }) => {
    service(DiaryService, {
      putSharingKey({ publicKey }) {
        kept.point = publicKey;
        return { leaderId: "lena", publicKey };
      },
      listSharingKeys: () => ({ keys: [{ leaderId: "lena", publicKey: kept.point }] }),
      shareEntry({ sealed, acknowledged }) {
        assert.equal(acknowledged, true);
        kept.sealed = sealed;
        return {};
      },
      openShared: () => ({ sealed: kept.sealed }),
    });
  });
  return { kept, client: diaryClientOn(transport) };
}

test("an entry is shared with a leader whose words were seen, and opened by their browser alone", async () => {
  const { kept, client } = service();
  const [mine, lenas, another] = [await openDatabase("mine"), await openDatabase("lenas"), await openDatabase("another")];
  const words = await publishLeaderKey(lenas, client, LENA);
  assert.equal(await publishLeaderKey(lenas, client, LENA), words);
  const diary = await keepDiary(mine, newDiary("SE"));
  const entryId = await diary.add(CONTENT);
  const [version] = of((await diary.shown()).entries.get(entryId));
  const what = { groupId: GROUP, version: of(version), until: Date.now() + 60_000, wordsVersion: "1" };
  const [first] = await leaderKeys(diary, client, GROUP);
  assert.deepEqual([of(first).state, of(first).words], ["new", words]);
  await assert.rejects(shareWithLeaders(diary, client, what, [of(first)]), TypeError);
  assert.equal(kept.sealed.length, 0);
  await confirmLeaderKey(diary, of(first));
  const [confirmed] = await leaderKeys(diary, client, GROUP);
  assert.equal(of(confirmed).state, "confirmed");
  const id = await shareWithLeaders(diary, client, what, [of(confirmed)]);
  const { until } = readShare("SE", kept.sealed);
  assert.deepEqual([until % 3_600_000, until >= what.until && until < what.until + 3_600_000], [0, true]);
  assert.equal((await openShared(lenas, client, LENA, id)).text, "for Lena");
  await assert.rejects(openShared(another, client, LENA, id), TypeError);
  await refused("DOES_NOT_OPEN", () => openShared(lenas, client, LENA, "00".repeat(16)));
});

test("a key that is another than the one that was confirmed is named, and nothing is sealed to it", async () => {
  const { kept, client } = service();
  const diary = await keepDiary(await openDatabase("mine"), newDiary("SE"));
  await publishLeaderKey(await openDatabase("lenas"), client, LENA);
  const [first] = await leaderKeys(diary, client, GROUP);
  await confirmLeaderKey(diary, of(first));
  kept.point = await recipientPoint(await newRecipient());
  const [swapped] = await leaderKeys(diary, client, GROUP);
  assert.equal(of(swapped).state, "changed");
  const entryId = await diary.add(CONTENT);
  const [version] = of((await diary.shown()).entries.get(entryId));
  const what = { groupId: GROUP, version: of(version), until: Date.now() + 60_000, wordsVersion: "1" };
  await assert.rejects(shareWithLeaders(diary, client, what, [of(swapped)]), TypeError);
  assert.equal(kept.sealed.length, 0);
});

test("two leaders of one browser have keys of their own, and who signs out takes theirs along", async () => {
  const { kept, client } = service();
  const shared = await openDatabase("shared");
  const words = await publishLeaderKey(shared, client, LENA);
  const lenas = kept.point;
  assert.notEqual(await publishLeaderKey(shared, client, { ...LENA, leaderId: "omar" }), words);
  assert.notDeepEqual(kept.point, lenas);
  await forgetLeader(shared, "lena");
  assert.equal(await shared.count("recipients"), 1);
  await assert.rejects(openShared(shared, client, LENA, "00".repeat(16)), TypeError);
});
