import { demand, EnvelopeError } from "./errors.js";

/** Bytes that own their memory, as WebCrypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Makes so many bytes that nobody can foresee. */
export type Draw = (count: number) => Bytes;

/** The kinds of sealed things, as their second byte says. */
export const Kind = { entry: 1, tombstone: 2, head: 3, lock: 4, share: 5, handOver: 6, local: 7 } as const;

/** The lengths that the protocol fixes. */
export const Length = { id: 16, hash: 32, key: 32, nonce: 12, tag: 16, salt: 16 } as const;

const FORMAT = 1;
const LAST_MILLISECOND = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const LABEL = "MEWE diary 1";
const ENCODER = new TextEncoder();

/** Bytes of the browser's generator. */
export const drawn: Draw = (count) => crypto.getRandomValues(new Uint8Array(count));

/** UTF-8 of a text. */
export function utf8(text: string): Bytes {
  return ENCODER.encode(text) as Bytes;
}

/** One after the other. */
export function joined(...parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A number as big-endian bytes; at most 2^53 - 1. */
export function number(value: number, count: number): Bytes {
  const bytes = new Uint8Array(count);
  let rest = value;
  for (let at = count - 1; at >= 0; at -= 1) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** LABEL and each part behind it, every one with its length in front. */
export function fields(...parts: readonly (string | Uint8Array)[]): Bytes {
  return joined(
    ...[LABEL, ...parts].flatMap((part) => {
      const bytes = typeof part === "string" ? utf8(part) : part;
      return [number(bytes.length, 2), bytes];
    }),
  );
}

/** The two bytes that everything sealed begins with. */
export function begin(kind: number): Bytes {
  return new Uint8Array([FORMAT, kind]);
}

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hexadecimal digits: how ids and hashes are written. */
export function hex(bytes: Uint8Array): string {
  let digits = "";
  for (const byte of bytes) digits += DIGITS[byte];
  return digits;
}

/** The bytes that lower-case hexadecimal digits say. Throws MALFORMED. */
export function unhex(digits: string): Bytes {
  demand(/^(?:[0-9a-f]{2})*$/.test(digits), "MALFORMED");
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16));
}

/** Whether a text is an id: 32 lower-case hexadecimal digits. */
export function isId(text: unknown): text is string {
  return typeof text === "string" && /^[0-9a-f]{32}$/.test(text);
}

/** base64url without padding. */
export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** The bytes of base64url without padding. */
export function unbase64url(text: string): Bytes {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

/** Whether two are the same, byte by byte. For what is no secret. */
export function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** Reads bytes from front to back; whatever does not fit is MALFORMED. */
export class Reader {
  readonly #bytes: Bytes;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes.slice();
  }

  /** The next so many. */
  take(count: number): Bytes {
    demand(this.left >= count, "MALFORMED");
    this.#at += count;
    return this.#bytes.slice(this.#at - count, this.#at);
  }

  /** The next so many as a number. */
  number(count: number): number {
    const value = this.take(count).reduce((sum, byte) => sum * 256 + byte, 0);
    demand(Number.isSafeInteger(value), "MALFORMED");
    return value;
  }

  /** The next eight as milliseconds since 1970; behind the year 9999 is MALFORMED. */
  moment(): number {
    const milliseconds = this.number(8);
    demand(milliseconds <= LAST_MILLISECOND, "MALFORMED");
    return milliseconds;
  }

  /** Reads format and kind; gives the kind if it is one of these. */
  begin(...kinds: readonly number[]): number {
    const [format, kind] = [this.number(1), this.number(1)];
    if (format !== FORMAT || !kinds.includes(kind)) throw new EnvelopeError("MALFORMED");
    return kind;
  }

  /** What was read so far. */
  get before(): Bytes {
    return this.#bytes.slice(0, this.#at);
  }

  /** How many are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The rest. */
  rest(): Bytes {
    return this.take(this.left);
  }

  /** Nothing may be left. */
  end(): void {
    demand(this.left === 0, "MALFORMED");
  }
}
