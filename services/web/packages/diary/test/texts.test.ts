import assert from "node:assert/strict";
import { test } from "node:test";
import { fields, utf8 } from "../src/envelope/bytes.js";
import { sha256 } from "../src/envelope/ciphers.js";
import {
  contentOf,
  padded,
  readContent,
  readTombstone,
  unpadded,
  writeContent,
  writeTombstone,
} from "../src/envelope/content.js";
import { WORDS } from "../src/envelope/words.js";
import {
  type Exported,
  hex,
  keyWords,
  readJson,
  readMarkdown,
  readRecoveryWords,
  recoveryWords,
  unhex,
  writeJson,
  writeMarkdown,
} from "../src/index.js";
import { of, refused, vectors } from "./vectors.js";

const texts = vectors("texts");
const words = vectors("words");
const exports = vectors("exports");

test("fields are told apart by their lengths", () => {
  for (const one of of(texts.fields)) assert.equal(hex(fields(...of(one.parts).slice(1))), one.bytes);
});

test("contents are written as canonical JSON, and read back equal", async () => {
  for (const one of of(texts.contents)) {
    const content = contentOf(one.members);
    assert.equal(hex(writeContent(content)), one.json, one.name);
    assert.deepEqual(readContent(unhex(of(one.json))), one.members);
    const plain = padded(writeContent(content));
    assert.deepEqual({ bytes: plain.length, sha256: hex(await sha256(plain)) }, one.padded);
    assert.equal(hex(unpadded(plain)), one.json);
  }
  const { deleted_at: at, json } = of(texts.tombstone);
  assert.equal(hex(writeTombstone(of(at))), json);
  assert.equal(readTombstone(unhex(of(json))), at);
});

test("what no entry can say is not read", async () => {
  for (const one of of(texts.unreadable)) {
    await refused("UNREADABLE", () => readContent(unhex(of(one.json))), of(one.name));
  }
  for (const one of of(texts.no_tombstones)) {
    await refused("UNREADABLE", () => readTombstone(unhex(of(one.json))), of(one.name));
  }
  for (const one of of(texts.badly_padded)) {
    await refused("UNREADABLE", () => unpadded(unhex(of(one.plain))), of(one.name));
  }
  await refused("UNREADABLE", () => writeContent({ ...contentOf(of(of(texts.contents)[1]).members), text: "\ud83d" }));
});

test("the buckets are as long as they are said to be, and the longest has its end", async () => {
  const plain = contentOf(of(of(texts.contents)[2]).members);
  for (const one of of(texts.buckets)) {
    const said = writeContent({ ...plain, text: "a".repeat(of(one.letters)) });
    assert.deepEqual([said.length, padded(said).length], [one.json_bytes, one.padded_bytes]);
  }
  await refused("ENTRY_TOO_LONG", () => writeContent({ ...plain, text: "a".repeat(of(of(texts.too_long).letters)) }));
});

test("the words are the ones that were agreed", async () => {
  assert.equal(WORDS.length, words.count);
  assert.equal(hex(await sha256(utf8(WORDS.join(" ")))), words.sha256_of_all_joined_by_spaces);
});

test("recovery words are read however they are typed, and a slip of the pen is found", async () => {
  for (const one of of(words.recovery)) {
    assert.equal(await recoveryWords(unhex(of(one.entropy))), one.words);
    assert.equal(hex(await readRecoveryWords(of(one.words))), one.entropy);
  }
  for (const one of of(words.typed)) assert.equal(hex(await readRecoveryWords(of(one.typed))), one.entropy);
  for (const one of of(words.wrong)) {
    await refused("RECOVERY_WORDS_WRONG", () => readRecoveryWords(of(one.typed)), of(one.name));
  }
});

test("the words of a leader's key are the same for both who compare them", () => {
  for (const one of of(words.keys)) assert.equal(keyWords(of(one.key_id)), one.words);
});

test("an export is written byte for byte, and both files say the same", () => {
  const given = of(exports.given) as unknown as Exported[];
  assert.equal(new TextDecoder().decode(writeJson(of(exports.country), given)), exports.json);
  assert.equal(writeMarkdown(given), exports.markdown);
  const read = readJson(utf8(of(exports.json)));
  assert.deepEqual(readMarkdown(of(exports.markdown)), read);
  assert.deepEqual(readJson(utf8(of(exports.json_spaced_otherwise))), read);
  assert.equal(writeMarkdown(read), exports.markdown);
  assert.deepEqual(new Set(read.map((one) => JSON.stringify(one))).size, given.length);
});

test("a file that is no export is refused", async () => {
  for (const one of of(exports.bad_json)) await refused("IMPORT_MALFORMED", () => readJson(utf8(of(one.file))), of(one.name));
  for (const one of of(exports.bad_markdown)) {
    await refused("IMPORT_MALFORMED", () => readMarkdown(of(one.file)), of(one.name));
  }
});
