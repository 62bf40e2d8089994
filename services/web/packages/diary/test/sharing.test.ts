import assert from "node:assert/strict";
import { test } from "node:test";
import { CURVE } from "../src/envelope/hpke.js";
import {
  handOver,
  hex,
  keyIdOf,
  keyWords,
  newRecipient,
  openShare,
  parseVersion,
  readShare,
  readShown,
  recipientPoint,
  shareEntry,
  takeOver,
  unhex,
} from "../src/index.js";
import { type Case, Drawn, diaryOf, of, refused, vectors } from "./vectors.js";

const shares = vectors("shares");
const handOvers = vectors("hand_overs");
const versions = vectors("versions");

/** A pair from its private number: WebCrypto makes the public half. */
async function pairOf(scalar: string): Promise<CryptoKeyPair> {
  const wrapped = unhex(`3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420${scalar}`);
  const whole = await crypto.subtle.importKey("pkcs8", wrapped, CURVE, true, ["deriveBits"]);
  const { d: _, key_ops: __, ...open } = await crypto.subtle.exportKey("jwk", whole);
  const publicKey = await crypto.subtle.importKey("jwk", open, CURVE, true, []);
  return { publicKey, privateKey: await crypto.subtle.importKey("pkcs8", wrapped, CURVE, false, ["deriveBits"]) };
}

const leader = (name: string | undefined): Case => of(of(shares.leaders).find((one) => one.name === name));

test("a leader's key has the id and the words that were agreed", async () => {
  for (const one of of(shares.leaders)) {
    const pair = await pairOf(of(one.private));
    assert.equal(hex(await recipientPoint(pair)), one.point);
    assert.equal(await keyIdOf(of(of(shares.diary).country), unhex(of(one.point))), one.key_id);
    assert.equal(keyWords(of(one.key_id)), one.words);
  }
});

test("a share is sealed byte for byte, and opens for whom it is", async () => {
  const diary = await diaryOf(versions);
  const sealed = of(of(versions.versions).find((one) => one.hash === shares.version) ?? of(versions.versions)[0]);
  for (const one of of(shares.shares)) {
    const share = readShare(diary.country, unhex(of(one.share)));
    assert.equal(share.id, one.share_id);
    for (const each of of(shares.leaders).filter(({ key_id: keyId }) => share.keyIds.includes(of(keyId)))) {
      assert.deepEqual(
        await openShare(share, of(one.share_id), await pairOf(of(each.private)), of(one.until) - 1),
        shares.says,
      );
      await refused("EXPIRED", async () => openShare(share, share.id, await pairOf(of(each.private)), of(one.until)));
    }
    if (sealed.hash !== shares.version) continue;
    const random = of(one.random);
    const drawn = new Drawn([...random.slice(0, 2), of(random.at(-1))]);
    const scalars = [...random.slice(2, -1)];
    const version = await parseVersion(unhex(of(sealed.version)));
    const again = await shareEntry(diary, version, of(one.recipients).map(unhex), of(one.until), drawn.draw, () =>
      pairOf(of(scalars.shift())),
    );
    assert.equal(hex(again.bytes), one.share);
  }
});

test("a share is refused to others, later, and once it was changed", async () => {
  for (const one of of(shares.refused)) {
    const opening = async () => {
      const share = readShare(of(of(shares.diary).country), unhex(of(one.share)));
      return openShare(share, of(one.share_id), await pairOf(of(leader(one.leader).private)), of(one.now));
    };
    await refused(of(one.reason) as "EXPIRED", opening, of(one.name));
  }
});

test("what was sealed to a fresh key opens with that key alone", async () => {
  const diary = await diaryOf(versions);
  const version = await parseVersion(unhex(of(of(of(versions.versions)[0]).version)));
  const [lena, stranger] = [await newRecipient(), await newRecipient()];
  const share = await shareEntry(diary, version, [await recipientPoint(lena)], 2_000);
  assert.equal((await openShare(share, share.id, lena, 1_999)).mood, 4);
  await refused("DOES_NOT_OPEN", () => openShare(share, share.id, stranger, 1_999));
  await assert.rejects(crypto.subtle.exportKey("pkcs8", lena.privateKey));
});

test("a diary is handed over byte for byte, and taken over", async () => {
  const { id, country, key } = of(handOvers.diary);
  const secret = { id: of(id), country: of(country), key: unhex(of(key)) };
  for (const one of of(handOvers.hand_overs)) {
    const drawn = new Drawn(one.random);
    const last = one.counter === 0 ? null : { counter: of(one.counter), hash: of(one.head) };
    const { shown, parcel } = await handOver(secret, last, of(one.now), drawn.draw);
    drawn.end();
    assert.deepEqual([shown, hex(parcel)], [one.shown, one.parcel]);
    const taken = await takeOver(readShown(shown), parcel, of(one.now));
    assert.deepEqual(taken, { secret, remembered: last && { ...last, listing: new Map() } });
  }
  for (const one of of(handOvers.refused)) {
    const taking = () => takeOver(readShown(of(one.shown)), unhex(of(one.parcel)), of(one.now));
    await refused(of(one.reason) as "EXPIRED", taking, of(one.name));
  }
  for (const one of of(handOvers.malformed_codes)) await refused("MALFORMED", () => readShown(of(one.shown)));
});
