import { type Bytes, joined, number, utf8 } from "./bytes.js";
import { cipher, opened, sealed } from "./ciphers.js";
import { EnvelopeError } from "./errors.js";

/** Makes a pair of keys that is used once. */
export type Ephemeral = () => Promise<CryptoKeyPair>;

/** The curve of recipients' keys. */
export const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;

/** A P-256 point, uncompressed: how long it is. */
export const POINT = 65;

const KEM = joined(utf8("KEM"), number(0x0010, 2));
const SUITE = joined(utf8("HPKE"), number(0x0010, 2), number(0x0001, 2), number(0x0002, 2));
const NONE: Bytes = new Uint8Array();

/** A fresh pair whose private half nobody can read. */
export const ephemeral: Ephemeral = () => crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);

/** The public half as a point. */
export async function pointOf(key: CryptoKey): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.exportKey("raw", key));
}

/** A point as a key. Throws MALFORMED if it is not on the curve. */
export async function keyOf(point: Bytes): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey("raw", point, CURVE, true, []);
  } catch {
    throw new EnvelopeError("MALFORMED");
  }
}

/** HPKE (RFC 9180), base mode, single shot: the encapsulated point, then what is sealed. */
export async function sealTo(recipient: Bytes, plain: Bytes, info: Bytes, pair: Ephemeral = ephemeral): Promise<Bytes> {
  const { privateKey, publicKey } = await pair();
  const point = await pointOf(publicKey);
  const shared = await agreed(privateKey, await keyOf(recipient), joined(point, recipient));
  const { key, nonce } = await scheduled(shared, info);
  return joined(point, await sealed(key, nonce, plain, NONE));
}

/** Opens what {@link sealTo} made. Throws DOES_NOT_OPEN. */
export async function openWith(own: CryptoKeyPair, given: Bytes, info: Bytes): Promise<Bytes> {
  const point = given.slice(0, POINT);
  let shared: Bytes;
  try {
    shared = await agreed(own.privateKey, await keyOf(point), joined(point, await pointOf(own.publicKey)));
  } catch {
    throw new EnvelopeError("DOES_NOT_OPEN");
  }
  const { key, nonce } = await scheduled(shared, info);
  return opened(key, nonce, given.slice(POINT), NONE);
}

async function agreed(own: CryptoKey, other: CryptoKey, context: Bytes): Promise<Bytes> {
  const bits = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: other }, own, 256));
  return expand(KEM, await extract(KEM, NONE, "eae_prk", bits), "shared_secret", context, 32);
}

async function scheduled(shared: Bytes, info: Bytes): Promise<{ key: CryptoKey; nonce: Bytes }> {
  const [nobody, about] = [await extract(SUITE, NONE, "psk_id_hash", NONE), await extract(SUITE, NONE, "info_hash", info)];
  const context = joined(new Uint8Array([0]), nobody, about);
  const secret = await extract(SUITE, shared, "secret", NONE);
  const key = await expand(SUITE, secret, "key", context, 32);
  return { key: await cipher(key), nonce: await expand(SUITE, secret, "base_nonce", context, 12) };
}

function extract(suite: Bytes, salt: Bytes, label: string, material: Bytes): Promise<Bytes> {
  return mac(salt.length === 0 ? new Uint8Array(32) : salt, joined(utf8("HPKE-v1"), suite, utf8(label), material));
}

async function expand(suite: Bytes, secret: Bytes, label: string, info: Bytes, length: number): Promise<Bytes> {
  const labelled = joined(number(length, 2), utf8("HPKE-v1"), suite, utf8(label), info);
  return (await mac(secret, joined(labelled, new Uint8Array([1])))).slice(0, length);
}

async function mac(secret: Bytes, said: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, said));
}
