import { argon2id } from "hash-wasm";
import {
  type Bytes,
  begin,
  type Draw,
  drawn,
  fields,
  hex,
  joined,
  Kind,
  Length,
  number,
  Reader,
  unhex,
  utf8,
} from "./bytes.js";
import { derived, opened, sealed, source } from "./ciphers.js";
import { demand, EnvelopeError } from "./errors.js";
import { type Diary, type DiaryName, type DiarySecret, diaryOf } from "./keys.js";
import { readRecoveryWords, recoveryWords } from "./words.js";

/** What Argon2id costs: memory in KiB, passes over it, lanes. */
export interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
}

/** By which way a lock opens. */
export type Way = "passphrase" | "passkey" | "device" | "recovery";

/** A lock: the diary key, wrapped under something that its owner knows or has. */
export interface Lock {
  readonly way: Way;
  readonly id: string;
  readonly salt: Bytes;
  /** Of a passphrase. */
  readonly cost: Cost | null;
  /** Of a passkey. */
  readonly credentialId: Bytes | null;
  /** As it is kept. That of a device never leaves it. */
  readonly bytes: Bytes;
}

/** What new passphrases cost: 64 MiB, three passes, one lane. */
export const COST: Cost = { memory: 65536, passes: 3, lanes: 1 };

const WAYS: readonly Way[] = ["passphrase", "passkey", "device", "recovery"];
const WRAPPED = Length.key + Length.tag;
const RECOVERY = 16;

/** A lock that a passphrase opens. Takes about half a second. Throws PASSPHRASE_TOO_SHORT, PASSPHRASE_TOO_LONG. */
export async function lockWithPassphrase(
  secret: DiarySecret,
  passphrase: string,
  cost: Cost = COST,
  draw: Draw = drawn,
): Promise<Lock> {
  const said = normalised(passphrase);
  demand([...said].length >= 12, "PASSPHRASE_TOO_SHORT");
  demand([...said].length <= 1024, "PASSPHRASE_TOO_LONG");
  demand(bearable(cost), "MALFORMED");
  const [id, salt] = [draw(Length.id), draw(Length.salt)];
  const parameters = joined(number(cost.memory, 4), number(cost.passes, 4), number(cost.lanes, 1));
  return made(secret, "passphrase", id, salt, parameters, await source(await stretched(said, salt, cost)), draw);
}

/** Where a passkey's lock begins: the salt says what the passkey is asked for. */
export interface PasskeyRequest {
  readonly lockId: Bytes;
  readonly salt: Bytes;
  /** The PRF's input. */
  readonly input: Bytes;
}

/** Draws what a new passkey's lock needs before the passkey is asked. */
export function passkeyRequest(name: DiaryName, draw: Draw = drawn): PasskeyRequest {
  const [lockId, salt] = [draw(Length.id), draw(Length.salt)];
  return { lockId, salt, input: passkeyInput(name, salt) };
}

/** What a passkey's PRF is asked for. */
export function passkeyInput({ id, country }: DiaryName, salt: Bytes): Bytes {
  return fields("passkey", country, unhex(id), salt);
}

/** A lock that a passkey opens; `output` is the first output of its PRF for the request's input. */
export async function lockWithPasskey(
  secret: DiarySecret,
  credentialId: Bytes,
  request: PasskeyRequest,
  output: Bytes,
  draw: Draw = drawn,
): Promise<Lock> {
  demand(credentialId.length >= 1 && credentialId.length <= 1023 && output.length === Length.key, "MALFORMED");
  const parameters = joined(number(credentialId.length, 2), credentialId);
  return made(secret, "passkey", request.lockId, request.salt, parameters, await source(output), draw);
}

/** A lock that this browser opens alone, with a key that scripts cannot read. Neither of both may ever be uploaded. */
export async function lockWithDevice(secret: DiarySecret, draw: Draw = drawn): Promise<{ lock: Lock; held: CryptoKey }> {
  const held = await source(draw(Length.key));
  const [id, salt] = [draw(Length.id), draw(Length.salt)];
  return { held, lock: await made(secret, "device", id, salt, new Uint8Array(), held, draw) };
}

/** A lock that fourteen words open. Show them once, with the question who could find the paper. */
export async function lockWithRecovery(secret: DiarySecret, draw: Draw = drawn): Promise<{ lock: Lock; words: string }> {
  const entropy = draw(RECOVERY);
  const [id, salt] = [draw(Length.id), draw(Length.salt)];
  const lock = await made(secret, "recovery", id, salt, new Uint8Array(), await source(entropy), draw);
  return { lock, words: await recoveryWords(entropy) };
}

/** Reads a lock, before anything is derived. Throws MALFORMED, also for costs that are too weak or that no device bears. */
export function readLock(given: Uint8Array): Lock {
  const reader = new Reader(given);
  reader.begin(Kind.lock);
  const way = WAYS[reader.number(1) - 1];
  demand(way !== undefined, "MALFORMED");
  const [id, salt] = [hex(reader.take(Length.id)), reader.take(Length.salt)];
  const cost = way === "passphrase" ? { memory: reader.number(4), passes: reader.number(4), lanes: reader.number(1) } : null;
  demand(cost === null || bearable(cost), "MALFORMED");
  const credentialId = way === "passkey" ? reader.take(reader.number(2)) : null;
  demand(credentialId === null || (credentialId.length >= 1 && credentialId.length <= 1023), "MALFORMED");
  demand(reader.left === Length.nonce + WRAPPED, "MALFORMED");
  return { way, id, salt, cost, credentialId, bytes: given.slice() };
}

/** What a passphrase says to a lock: the whole derivation is done, whatever was typed. */
export async function passphraseMaterial(lock: Lock, passphrase: string): Promise<CryptoKey> {
  demand(lock.cost !== null, "MALFORMED");
  return source(await stretched(normalised(passphrase), lock.salt, lock.cost));
}

/** What recovery words say to a lock. Throws RECOVERY_WORDS_WRONG, which says nothing about any diary. */
export async function recoveryMaterial(typed: string): Promise<CryptoKey> {
  return source(await readRecoveryWords(typed));
}

/** What the first output of a passkey's PRF says to a lock. Throws MALFORMED. */
export function passkeyMaterial(output: Bytes): Promise<CryptoKey> {
  demand(output.length === Length.key, "MALFORMED");
  return source(output);
}

/** Opens a lock for use: the diary key stays where scripts cannot read it. Throws DOES_NOT_OPEN, with nothing about why. */
export async function unlock(name: DiaryName, lock: Lock, material: CryptoKey): Promise<Diary> {
  const { key, nonce, wrapped, additional } = await opening(name, lock, material);
  const way = { name: "AES-GCM", iv: nonce, additionalData: additional };
  try {
    return await diaryOf(name, await crypto.subtle.unwrapKey("raw", wrapped, key, way, "HKDF", false, ["deriveKey"]));
  } catch {
    throw new EnvelopeError("DOES_NOT_OPEN");
  }
}

/** Opens a lock for another lock or for a hand-over: gives the diary key itself. Throws DOES_NOT_OPEN. */
export async function unlockSecret(name: DiaryName, lock: Lock, material: CryptoKey): Promise<DiarySecret> {
  const { key, nonce, wrapped, additional } = await opening(name, lock, material);
  return { id: name.id, country: name.country, key: await opened(key, nonce, wrapped, additional) };
}

async function made(
  secret: DiarySecret,
  way: Way,
  id: Bytes,
  salt: Bytes,
  parameters: Bytes,
  material: CryptoKey,
  draw: Draw,
): Promise<Lock> {
  const before = joined(begin(Kind.lock), number(WAYS.indexOf(way) + 1, 1), id, salt, parameters);
  const key = await lockKey(secret, way, id, salt, material);
  const nonce = draw(Length.nonce);
  return readLock(joined(before, nonce, await sealed(key, nonce, secret.key, lockBound(secret, before))));
}

async function opening(name: DiaryName, lock: Lock, material: CryptoKey) {
  const end = lock.bytes.length - WRAPPED;
  const before = lock.bytes.slice(0, end - Length.nonce);
  return {
    key: await lockKey(name, lock.way, unhex(lock.id), lock.salt, material),
    nonce: lock.bytes.slice(end - Length.nonce, end),
    wrapped: lock.bytes.slice(end),
    additional: lockBound(name, before),
  };
}

function lockKey({ id, country }: DiaryName, way: Way, lockId: Bytes, salt: Bytes, material: CryptoKey): Promise<CryptoKey> {
  return derived(material, salt, fields("lock", way, country, unhex(id), lockId));
}

function lockBound({ id, country }: DiaryName, before: Bytes): Bytes {
  return fields("lock", country, unhex(id), before);
}

function normalised(passphrase: string): string {
  return passphrase.normalize("NFKC").replace(/^ +| +$/g, "");
}

function bearable({ memory, passes, lanes }: Cost): boolean {
  return memory >= 65536 && memory <= 262144 && passes >= 3 && passes <= 10 && lanes >= 1 && lanes <= 4;
}

/** No lock has an empty passphrase, which hash-wasm does not take: it costs the same, and opens nothing. */
async function stretched(said: string, salt: Bytes, { memory, passes, lanes }: Cost): Promise<Bytes> {
  const material = await argon2id({
    password: said === "" ? drawn(Length.key) : utf8(said),
    salt,
    memorySize: memory,
    iterations: passes,
    parallelism: lanes,
    hashLength: Length.key,
    outputType: "binary",
  });
  return material.slice();
}
