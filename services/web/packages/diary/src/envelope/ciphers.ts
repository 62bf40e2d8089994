import type { Bytes } from "./bytes.js";
import { EnvelopeError } from "./errors.js";

/** SHA-256. */
export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** A key of AES-256-GCM for one purpose, which scripts cannot read. */
export function cipher(key: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** Key material that others are derived from, and that scripts cannot read. */
export function source(material: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", material, "HKDF", false, ["deriveKey"]);
}

/** HKDF-SHA-256 to a key of AES-256-GCM. */
export function derived(from: CryptoKey, salt: Bytes, info: Bytes): Promise<CryptoKey> {
  const uses: KeyUsage[] = ["encrypt", "decrypt", "unwrapKey"];
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt, info },
    from,
    { name: "AES-GCM", length: 256 },
    false,
    uses,
  );
}

/** AES-256-GCM; the tag follows. */
export async function sealed(key: CryptoKey, nonce: Bytes, plain: Bytes, bound: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: bound }, key, plain));
}

/** Opens what {@link sealed} made. Throws DOES_NOT_OPEN, whatever the cause. */
export async function opened(key: CryptoKey, nonce: Bytes, given: Bytes, bound: Bytes): Promise<Bytes> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce, additionalData: bound }, key, given));
  } catch {
    throw new EnvelopeError("DOES_NOT_OPEN");
  }
}
