/** Seals or opens what Python hands over in a file: `node across.js seal|open FROM TO`. */
import "./surroundings.js";
import { readFileSync, writeFileSync } from "node:fs";
import {
  type Content,
  exported,
  handOver,
  hex,
  lockWithPassphrase,
  openDiary,
  openDiaryKey,
  passphraseMaterial,
  readJson,
  readLock,
  readMarkdown,
  readShown,
  sealEntry,
  sealHead,
  takeOver,
  unhex,
  unlockSecret,
  type Version,
  writeJson,
  writeListing,
  writeMarkdown,
} from "../src/index.js";

interface Plain {
  readonly diary: { readonly id: string; readonly country: string; readonly key: string };
  readonly passphrase: string;
  readonly now: number;
  readonly entries: readonly { readonly entry_id: string; readonly contents: readonly Content[] }[];
}

interface Across {
  readonly versions: readonly { readonly entry_id: string; readonly version: string }[];
  readonly head: string;
  readonly listing: string;
  readonly lock: string;
  readonly shown: string;
  readonly parcel: string;
  readonly json: string;
  readonly markdown: string;
}

/** Each entry written anew as often as it has contents; the last is current. */
async function seal({ diary: named, passphrase, now, entries }: Plain): Promise<Across> {
  const secret = { ...named, key: unhex(named.key) };
  const diary = await openDiaryKey(secret);
  const current: Version[] = [];
  for (const { entry_id: id, contents } of entries) {
    let last: Version | undefined;
    for (const content of contents) last = await sealEntry(diary, id, content, last ? [last] : []);
    if (last) current.push(last);
  }
  const listing = new Map(current.map(({ entryId, hash }) => [entryId, [hash]]));
  const head = await sealHead(diary, listing, null, now);
  const { shown, parcel } = await handOver(secret, null, now);
  const handed = current.map(({ entryId, bytes }) => ({ entryId, given: bytes }));
  const says = exported(await openDiary(diary, { head, handed }));
  return {
    versions: current.map(({ entryId, bytes }) => ({ entry_id: entryId, version: hex(bytes) })),
    head: hex(head),
    listing: hex(writeListing(listing)),
    lock: hex((await lockWithPassphrase(secret, passphrase)).bytes),
    shown,
    parcel: hex(parcel),
    json: new TextDecoder().decode(writeJson(diary.country, says)),
    markdown: writeMarkdown(says),
  };
}

/** What the other has sealed, as it is said here. */
async function open({ plain, sealed }: { plain: Plain; sealed: Across }): Promise<unknown> {
  const name = { id: plain.diary.id, country: plain.diary.country };
  const lock = readLock(unhex(sealed.lock));
  const secret = await unlockSecret(name, lock, await passphraseMaterial(lock, plain.passphrase));
  const taken = await takeOver(readShown(sealed.shown), unhex(sealed.parcel), plain.now);
  const opened = await openDiary(await openDiaryKey(secret), {
    head: unhex(sealed.head),
    handed: sealed.versions.map(({ entry_id: entryId, version }) => ({ entryId, given: unhex(version) })),
    listing: unhex(sealed.listing),
  });
  return {
    keys: [hex(secret.key), hex(taken.secret.key)],
    faults: opened.faults,
    entries: Object.fromEntries([...opened.entries].map(([id, versions]) => [id, versions.map(({ content }) => content)])),
    json: readJson(new TextEncoder().encode(sealed.json)),
    markdown: readMarkdown(sealed.markdown),
  };
}

const [does, from = "", to = ""] = process.argv.slice(2);
const given = JSON.parse(readFileSync(from, "utf8"));
writeFileSync(to, JSON.stringify(does === "seal" ? await seal(given) : await open(given)));
