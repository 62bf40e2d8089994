import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "../src/envelope/ciphers.js";
import { contentOf } from "../src/envelope/content.js";
import {
  hex,
  type Lock,
  lockWithDevice,
  lockWithPasskey,
  lockWithPassphrase,
  lockWithRecovery,
  openLocal,
  openVersion,
  parseVersion,
  passkeyMaterial,
  passkeyRequest,
  passphraseMaterial,
  readLock,
  recoveryMaterial,
  recoveryWords,
  sealEntry,
  sealLocal,
  sealTombstone,
  stubOf,
  unhex,
  unlock,
  unlockSecret,
  type Version,
} from "../src/index.js";
import { type Case, Drawn, diaryOf, of, refused, vectors } from "./vectors.js";

const locks = vectors("locks");
const versions = vectors("versions");
const locals = vectors("locals");
const { id, country, key } = of(locks.diary);
const SECRET = { id: of(id), country: of(country), key: unhex(of(key)) };

async function madeAgain(one: Case): Promise<{ lock: Lock; material: CryptoKey }> {
  const said = one.material ?? "";
  const drawn = new Drawn([
    ...(one.way === "passkey" ? [of(one.lock_id), of(one.salt)] : said ? [said] : []),
    ...of(one.random),
  ]);
  const ways = {
    passphrase: async () => {
      const cost = { memory: of(one.memory), passes: of(one.passes), lanes: of(one.lanes) };
      const lock = await lockWithPassphrase(SECRET, of(one.passphrase), cost, drawn.draw);
      return { lock, material: await passphraseMaterial(lock, of(one.passphrase)) };
    },
    passkey: async () => {
      const asked = passkeyRequest(SECRET, drawn.draw);
      assert.equal(hex(asked.input), one.input);
      const lock = await lockWithPasskey(SECRET, unhex(of(one.credential_id)), asked, unhex(said), drawn.draw);
      assert.equal(hex(of(lock.credentialId ?? undefined)), one.credential_id);
      return { lock, material: await passkeyMaterial(unhex(said)) };
    },
    device: async () => {
      const { lock, held } = await lockWithDevice(SECRET, drawn.draw);
      assert.equal(held.extractable, false);
      return { lock, material: held };
    },
    recovery: async () => {
      const { lock, words } = await lockWithRecovery(SECRET, drawn.draw);
      assert.equal(words, await recoveryWords(unhex(said)));
      return { lock, material: await recoveryMaterial(words.toUpperCase().replaceAll("-", " ")) };
    },
  };
  const made = await ways[of(one.way) as Lock["way"]]();
  drawn.end();
  return made;
}

for (const one of of(locks.locks)) {
  test(`a lock is made byte for byte, and opens: ${one.name}`, async () => {
    const { lock, material } = await madeAgain(one);
    assert.equal(hex(lock.bytes), one.lock);
    const read = readLock(unhex(of(one.lock)));
    assert.deepEqual(read, lock);
    assert.equal(hex((await unlockSecret(SECRET, read, material)).key), key);
    const diary = await unlock(SECRET, read, material);
    assert.deepEqual(
      [diary.entryKey, diary.headKey, diary.localKey].map(({ extractable }) => extractable),
      [false, false, false],
    );
    const local = of(of(locals.locals)[0]);
    assert.equal(hex(await openLocal(diary, of(local.name), unhex(of(local.sealed)))), local.says);
  });
}

for (const one of of(locks.do_not_open)) {
  test(`a lock does not open, and nothing says why: ${one.name}`, async () => {
    const lock = readLock(unhex(of(one.lock)));
    const material = await passphraseMaterial(lock, of(one.passphrase));
    await refused("DOES_NOT_OPEN", () => unlock(SECRET, lock, material));
    await refused("DOES_NOT_OPEN", () => unlockSecret(SECRET, lock, material));
  });
}

for (const one of of(locks.do_not_open_in)) {
  test(`a lock opens no other diary: ${one.name}`, async () => {
    const lock = readLock(unhex(of(one.lock)));
    const material = await passphraseMaterial(lock, of(one.passphrase));
    await refused("DOES_NOT_OPEN", () => unlock({ id: of(one.id), country: of(one.country) }, lock, material));
  });
}

test("a malformed lock is refused before anything is derived", async () => {
  for (const one of of(locks.malformed)) await refused("MALFORMED", () => readLock(unhex(of(one.lock))), of(one.name));
});

test("a passphrase is neither too short nor too long", async () => {
  await refused("PASSPHRASE_TOO_SHORT", () => lockWithPassphrase(SECRET, of(of(locks.too_short).passphrase)));
  await refused("PASSPHRASE_TOO_LONG", () => lockWithPassphrase(SECRET, "a".repeat(of(of(locks.too_long).letters))));
});

test("a device's key is read by no script, and opens no lock but its own", async () => {
  const [{ held }, { lock }] = [await lockWithDevice(SECRET), await lockWithDevice(SECRET)];
  await assert.rejects(crypto.subtle.exportKey("raw", held));
  await refused("DOES_NOT_OPEN", () => unlock(SECRET, lock, held));
  await refused("DOES_NOT_OPEN", async () => unlock(SECRET, lock, await source(new Uint8Array(32))));
});

test("versions are sealed byte for byte, and open", async () => {
  const diary = await diaryOf(versions);
  const known = new Map<string, Version>();
  for (const one of of(versions.versions)) {
    const parents = of(one.parents).map((hash) => of(known.get(hash)));
    const drawn = new Drawn(one.random);
    const [entryId, says] = [of(one.entry_id), of(one.says)];
    const version =
      one.kind === "entry"
        ? await sealEntry(diary, entryId, contentOf(says), parents, drawn.draw)
        : await sealTombstone(diary, entryId, of(says.deleted_at), parents, drawn.draw);
    drawn.end();
    known.set(version.hash, version);
    assert.equal(hex(version.bytes), one.version, one.name);
    assert.deepEqual([version.hash, version.number, hex(await stubOf(version))], [one.hash, one.number, one.stub]);
    const read = await parseVersion(unhex(of(one.version)));
    assert.deepEqual(read, version);
    const { content, deletedAt } = await openVersion(diary, read);
    assert.deepEqual(content ?? { deleted_at: deletedAt }, says);
    const stub = await parseVersion(unhex(of(one.stub)));
    assert.deepEqual([stub.hash, stub.sealed, hex(await stubOf(stub))], [one.hash, null, one.stub]);
    await refused("MALFORMED", () => openVersion(diary, stub));
  }
});

test("a version that was changed does not open", async () => {
  const diary = await diaryOf(versions);
  for (const one of of(versions.do_not_open)) {
    const version = await parseVersion(unhex(of(one.version)));
    await refused("DOES_NOT_OPEN", () => openVersion(diary, version), of(one.name));
  }
  for (const one of of(versions.malformed)) {
    await refused("MALFORMED", () => parseVersion(unhex(of(one.version))), of(one.name));
  }
});

test("what stays on the device is sealed byte for byte, and under its name", async () => {
  const diary = await diaryOf(locals);
  for (const one of of(locals.locals)) {
    const drawn = new Drawn(one.random);
    const sealed = await sealLocal(diary, of(one.name), unhex(of(one.says)), drawn.draw);
    assert.equal(hex(sealed), one.sealed);
    assert.equal(hex(await openLocal(diary, of(one.name), sealed)), one.says);
  }
  for (const one of of(locals.do_not_open)) {
    await refused("DOES_NOT_OPEN", () => openLocal(diary, of(one.name), unhex(of(one.sealed))));
  }
  for (const one of of(locals.malformed)) {
    await refused("MALFORMED", () => openLocal(diary, of(one.name), unhex(of(one.sealed))));
  }
});
