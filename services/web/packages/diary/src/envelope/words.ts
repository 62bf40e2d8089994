import { type Bytes, fields, hex, Length, unhex } from "./bytes.js";
import { sha256 } from "./ciphers.js";
import { demand } from "./errors.js";

const LEFT_OUT = new Set(
  `bite boba bobo fata fesa fisa fiso fita foka foko kaka kaki kako kike kiki
  lesi loli lolo rata rola sase seko tete teta tita tite titi tito tosa`.split(/\s+/),
);
const SYLLABLES = [..."bfklmrst"].flatMap((consonant) => [..."aeio"].map((vowel) => consonant + vowel));
const ENTROPY = 16;
const CHECK = 1024n;
const COUNT = 14;
const LETTERS = 4;

/** Every word there is, in order. */
export const WORDS: readonly string[] = SYLLABLES.flatMap((first) => SYLLABLES.map((second) => first + second)).filter(
  (word) => !LEFT_OUT.has(word),
);

/** The fourteen words that say the 16 bytes of a recovery lock. */
export async function recoveryWords(entropy: Bytes): Promise<string> {
  demand(entropy.length === ENTROPY, "MALFORMED");
  return said(BigInt(`0x${hex(entropy)}`) * CHECK + (await check(entropy)), COUNT);
}

/** The 16 bytes that recovery words say, however they are typed. Throws RECOVERY_WORDS_WRONG. */
export async function readRecoveryWords(typed: string): Promise<Bytes> {
  const letters = typed
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\p{C}\p{P}\p{Z}]/gu, "");
  demand(letters.length === COUNT * LETTERS, "RECOVERY_WORDS_WRONG");
  let value = 0n;
  for (let at = COUNT - 1; at >= 0; at -= 1) {
    const place = WORDS.indexOf(letters.slice(at * LETTERS, (at + 1) * LETTERS));
    demand(place >= 0, "RECOVERY_WORDS_WRONG");
    value = value * BigInt(WORDS.length) + BigInt(place);
  }
  demand(value >> 138n === 0n, "RECOVERY_WORDS_WRONG");
  const entropy = unhex((value / CHECK).toString(16).padStart(ENTROPY * 2, "0"));
  demand(value % CHECK === (await check(entropy)), "RECOVERY_WORDS_WRONG");
  return entropy;
}

/** The seven words of a leader's key, for two who sit together to compare. */
export function keyWords(keyId: string): string {
  demand(keyId.length === Length.hash * 2, "MALFORMED");
  return said(BigInt(`0x${keyId.slice(0, 32)}`), 7);
}

function said(value: bigint, count: number): string {
  const words: string[] = [];
  let rest = value;
  for (let at = 0; at < count; at += 1) {
    words.push(WORDS[Number(rest % BigInt(WORDS.length))] ?? "");
    rest /= BigInt(WORDS.length);
  }
  return words.join("-");
}

async function check(entropy: Bytes): Promise<bigint> {
  const [first = 0, second = 0] = await sha256(fields("recovery words", entropy));
  return BigInt(first * 4 + Math.floor(second / 64));
}
