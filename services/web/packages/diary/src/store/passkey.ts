import { type Bytes, type DiaryName, type Lock, passkeyInput } from "../envelope/index.js";

/** Makes a passkey of the site for the diary alone; null where the browser or the authenticator knows no PRF. Asks its holder. */
export async function newDiaryPasskey(site: string, called: string): Promise<Bytes | null> {
  const made = await navigator.credentials.create({
    publicKey: {
      rp: { id: site, name: site },
      user: { id: random(), name: called, displayName: called },
      challenge: random(),
      pubKeyCredParams: [
        { type: "public-key", alg: -7 },
        { type: "public-key", alg: -257 },
      ],
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      extensions: { prf: {} },
    },
  });
  if (!(made instanceof PublicKeyCredential) || !made.getClientExtensionResults().prf?.enabled) return null;
  return new Uint8Array(made.rawId);
}

/** What a passkey answers to an input: 32 bytes, or null where it knows no PRF. Asks its holder. */
export async function askPasskey(site: string, credentialId: Bytes, input: Bytes): Promise<Bytes | null> {
  const answered = await navigator.credentials.get({
    publicKey: {
      rpId: site,
      challenge: random(),
      allowCredentials: [{ type: "public-key", id: credentialId }],
      userVerification: "required",
      extensions: { prf: { eval: { first: input } } },
    },
  });
  if (!(answered instanceof PublicKeyCredential)) return null;
  const first = answered.getClientExtensionResults().prf?.results?.first;
  if (first === undefined) return null;
  return ArrayBuffer.isView(first)
    ? new Uint8Array(first.buffer as ArrayBuffer, first.byteOffset, first.byteLength)
    : new Uint8Array(first);
}

/** What the passkey of a lock answers. Throws if the lock is none of a passkey. */
export function askPasskeyOf(site: string, name: DiaryName, lock: Lock): Promise<Bytes | null> {
  if (lock.credentialId === null) throw new TypeError("no lock of a passkey");
  return askPasskey(site, lock.credentialId, passkeyInput(name, lock.salt));
}

function random(): Bytes {
  return crypto.getRandomValues(new Uint8Array(32));
}
