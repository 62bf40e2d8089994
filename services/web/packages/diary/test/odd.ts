import { type Bytes, drawn, joined } from "../src/envelope/bytes.js";
import { cipher, sealed } from "../src/envelope/ciphers.js";
import { bound, type Diary } from "../src/envelope/keys.js";
import { parseVersion, type Version } from "../src/envelope/versions.js";

/** A version like another one, that says whatever it is told to. */
export async function sealedAs(diary: Diary, like: Version, plain: Bytes): Promise<Version> {
  if (like.sealed === null) throw new TypeError("a stub");
  const { header } = like.sealed;
  const [key, wrapNonce, contentNonce] = [drawn(32), drawn(12), drawn(12)];
  const wrapped = await sealed(diary.entryKey, wrapNonce, key, bound(diary, "entry key", header));
  const content = await sealed(
    await cipher(key),
    contentNonce,
    plain,
    bound(diary, "entry", joined(header, wrapNonce, wrapped)),
  );
  return parseVersion(joined(header, wrapNonce, wrapped, contentNonce, content));
}
