import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Bytes, type Diary, EnvelopeError, openDiaryKey, type Reason, unhex } from "../src/index.js";

/** A case of a file of vectors, or a whole file. Which of the members it has, the README there says. */
export interface Case
  extends Readonly<
      Partial<
        Record<
          | "name"
          | "version"
          | "json"
          | "head"
          | "passphrase"
          | "lock"
          | "listing"
          | "hash"
          | "previous"
          | "words"
          | "sealed"
          | "private"
          | "country"
          | "way"
          | "stub"
          | "shown"
          | "share_id"
          | "share"
          | "markdown"
          | "key_id"
          | "entropy"
          | "reason"
          | "point"
          | "parcel"
          | "file"
          | "entry_id"
          | "credential_id"
          | "sha256_of_all_joined_by_spaces"
          | "salt"
          | "root"
          | "plain"
          | "material"
          | "lock_id"
          | "leader"
          | "kind"
          | "input"
          | "id"
          | "key"
          | "bucket_0"
          | "bucket_247"
          | "deleted_at"
          | "remembered"
          | "remembered_then",
          string
        >
      >
    >,
    Readonly<
      Partial<
        Record<
          | "counter"
          | "letters"
          | "until"
          | "now"
          | "written_at"
          | "count"
          | "passes"
          | "padded_bytes"
          | "number"
          | "memory"
          | "lanes"
          | "json_bytes",
          number
        >
      >
    >,
    Readonly<Partial<Record<"random" | "recipients" | "parts" | "parents" | "aside" | "deleted", readonly string[]>>> {
  readonly versions?: readonly Case[];
  readonly locals?: readonly Case[];
  readonly contents?: readonly Case[];
  readonly shares?: readonly Case[];
  readonly wrong?: readonly Case[];
  readonly unreadable?: readonly Case[];
  readonly recovery?: readonly Case[];
  readonly openings?: readonly Case[];
  readonly locks?: readonly Case[];
  readonly listings?: readonly Case[];
  readonly heads?: readonly Case[];
  readonly handed?: readonly Case[];
  readonly hand_overs?: readonly Case[];
  readonly fields?: readonly Case[];
  readonly faults?: readonly Case[];
  readonly keys?: readonly Case[];
  readonly badly_padded?: readonly Case[];
  readonly bad_markdown?: readonly Case[];
  readonly bad_json?: readonly Case[];
  readonly buckets?: readonly Case[];
  readonly do_not_open?: readonly Case[];
  readonly do_not_open_in?: readonly Case[];
  readonly malformed?: readonly Case[];
  readonly malformed_listings?: readonly Case[];
  readonly malformed_codes?: readonly Case[];
  readonly refused?: readonly Case[];
  readonly no_tombstones?: readonly Case[];
  readonly json_spaced_otherwise?: string;
  readonly leaders?: readonly Case[];
  readonly diary?: Case;
  readonly says?: Case & string;
  readonly members?: Case;
  readonly too_short?: Case;
  readonly too_long?: Case;
  readonly tombstone?: Case;
  readonly given?: string & readonly Case[];
  readonly typed?: string & readonly Case[];
  readonly padded?: Readonly<Record<string, string | number>>;
  readonly entries?: Readonly<Record<string, readonly string[]>>;
  readonly bytes?: string;
}

/** The vectors that both implementations are held to. */
export function vectors(name: string): Case {
  const folder = new URL("../../../../../../packages/mewe_diary/vectors/", import.meta.url);
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
}

/** A member that has to be there. */
export function of<T>(value: T | undefined): T {
  assert.notEqual(value, undefined);
  return value as T;
}

/** The diary of a file, open. */
export function diaryOf(file: Case): Promise<Diary> {
  const { id, country, key } = of(file.diary);
  return openDiaryKey({ id: of(id), country: of(country), key: unhex(of(key)) });
}

/** Gives what was drawn when the vector was made; it has to be asked for the same lengths, and to the end. */
export class Drawn {
  readonly #left: string[];

  constructor(random: readonly string[] | undefined) {
    this.#left = [...of(random)];
  }

  readonly draw = (count: number): Bytes => {
    const bytes = unhex(of(this.#left.shift()));
    assert.equal(bytes.length, count);
    return bytes;
  };

  /** Nothing may be left. */
  end(): void {
    assert.deepEqual(this.#left, []);
  }
}

/** It has to be refused with exactly this reason. */
export async function refused(reason: Reason, doing: () => unknown, name?: string): Promise<void> {
  await assert.rejects(
    async () => doing(),
    (error) => error instanceof EnvelopeError && error.reason === reason && error.message === reason,
    name,
  );
}
