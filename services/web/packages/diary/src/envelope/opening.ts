import type { Bytes } from "./bytes.js";
import type { Content } from "./content.js";
import { demand, EnvelopeError } from "./errors.js";
import { type Head, type Listing, openHead, type Remembered, readListing, rootOf } from "./heads.js";
import type { Diary } from "./keys.js";
import { parseVersion, type Said, saidBy, unsealed, type Version } from "./versions.js";

/** What can be wrong with what a server hands over. */
export type FaultKind =
  | "malformed"
  | "altered"
  | "unreadable"
  | "swapped"
  | "rolled_back"
  | "replayed"
  | "missing"
  | "forked"
  | "incomplete";

/** A fault of an entry, or of the diary (`entryId` null). */
export interface Fault {
  readonly kind: FaultKind;
  readonly entryId: string | null;
}

/** Bytes, and the entry that the server says they are of. */
export interface Handed {
  readonly entryId: string;
  readonly given: Uint8Array;
}

/** A version that opened. */
export type OpenedVersion = Version & Said;

/** What a device gives to opening. */
export interface Given {
  readonly head: Uint8Array | null;
  readonly handed: readonly Handed[];
  readonly listing?: Uint8Array | null;
  readonly remembered?: Remembered | null;
}

/** What opening found. */
export interface OpenedDiary {
  /** The current versions of each entry that is not deleted; more than one: a conflict. */
  readonly entries: ReadonlyMap<string, readonly (Version & { readonly content: Content })[]>;
  /** Entries whose current versions are all tombstones. */
  readonly deleted: ReadonlySet<string>;
  /** Genuine versions that are not current: shown to nobody unasked. */
  readonly aside: readonly OpenedVersion[];
  /** Genuine versions that are current, tombstones included. */
  readonly current: readonly OpenedVersion[];
  readonly faults: readonly Fault[];
  readonly head: Head | null;
  /** What to remember from now on. */
  readonly remembered: Remembered | null;
}

interface Sorted {
  /** By entry id, then by hash. */
  readonly genuine: Map<string, Map<string, OpenedVersion>>;
  readonly unreadable: Map<string, Map<string, Version>>;
  readonly parents: Map<string, readonly string[]>;
  readonly faults: Faults;
}

/** Opens what a server hands over: whatever opens is there, and whatever is wrong is named. Throws nothing for what was given. */
export async function openDiary(diary: Diary, given: Given): Promise<OpenedDiary> {
  const faults = new Faults();
  const remembered = given.remembered ?? null;
  const { head, trusted } = await headOf(diary, given, faults);
  const sorted = await sort(diary, given.handed, faults);
  const before: Listing = remembered?.listing ?? new Map();
  let state: Listing = stateOf(sorted, before);
  const listing = listingOf(given.listing ?? null, faults);
  const listed = listing !== null && head !== null && (await vouches(head, listing));
  if (listing !== null && head !== null && !listed) faults.add("altered", null);
  let matches = head !== null && (await vouches(head, state));
  if (matches || head === null) {
    for (const version of superseded(sorted, state)) faults.add("replayed", version.entryId);
  } else if (listed && listing !== null) {
    compare(sorted, listing, before);
    state = listing;
    matches = true;
  } else faults.add("incomplete", null);
  const lost = listing !== null && remembered !== null && namesLost(sorted, listing, before);
  const held = head !== null && trusted && matches && !lost;
  return {
    ...shown(sorted, state),
    faults: faults.all,
    head,
    remembered: held ? { counter: head.counter, hash: head.hash, listing: state } : remembered,
  };
}

/** Faults, each named once. */
class Faults {
  readonly #named = new Map<string, Fault>();
  readonly #given = new Set<string>();

  add(kind: FaultKind, entryId: string | null): void {
    this.#named.set(`${kind} ${entryId}`, { kind, entryId });
  }

  /** Of something handed over for an entry, which then gets no second one. */
  ofGiven(kind: FaultKind, entryId: string): void {
    this.add(kind, entryId);
    this.#given.add(entryId);
  }

  /** Unless the entry is named already, for whatever. */
  addUnnamed(kind: FaultKind, entryId: string): void {
    if (![...this.#named.values()].some((fault) => fault.entryId === entryId)) this.add(kind, entryId);
  }

  /** Unless what was handed over for the entry has a fault already. */
  addFirst(kind: FaultKind, entryId: string): void {
    if (!this.#given.has(entryId)) this.add(kind, entryId);
  }

  get all(): readonly Fault[] {
    return [...this.#named.values()];
  }
}

async function headOf(diary: Diary, given: Given, faults: Faults): Promise<{ head: Head | null; trusted: boolean }> {
  const remembered = given.remembered ?? null;
  if (given.head === null) {
    if (given.handed.length > 0 || (given.listing?.length ?? 0) > 0 || remembered !== null) faults.add("missing", null);
    return { head: null, trusted: false };
  }
  let head: Head;
  try {
    head = await openHead(diary, given.head);
  } catch (refused) {
    faults.add(kindOf(refused), null);
    return { head: null, trusted: false };
  }
  if (remembered === null) return { head, trusted: true };
  const older = head.counter < remembered.counter;
  const other = head.counter === remembered.counter && head.hash !== remembered.hash;
  const beside = head.counter === remembered.counter + 1 && head.previous !== remembered.hash;
  if (older) faults.add("rolled_back", null);
  if (other || beside) faults.add("forked", null);
  return { head, trusted: !(older || other || beside) };
}

async function sort(diary: Diary, handed: readonly Handed[], faults: Faults): Promise<Sorted> {
  const sorted: Sorted = { genuine: new Map(), unreadable: new Map(), parents: new Map(), faults };
  for (let at = 0; at < handed.length; at += AT_ONCE) {
    const some = handed.slice(at, at + AT_ONCE);
    const looked = await Promise.all(some.map(({ given }) => look(diary, given)));
    for (const [index, { entryId }] of some.entries()) {
      const one = looked[index];
      if (one) take(sorted, entryId, one);
    }
  }
  return sorted;
}

type Looked =
  | { readonly fault: FaultKind; readonly version: null }
  | { readonly fault: FaultKind | null; readonly version: Version; readonly said: Said | null };

const AT_ONCE = 128;

async function look(diary: Diary, given: Uint8Array): Promise<Looked> {
  try {
    const version = await parseVersion(given);
    if (version.sealed === null) return { fault: null, version, said: null };
    const plain = await unsealed(diary, version);
    return { version, ...read(version, plain) };
  } catch (refused) {
    return { fault: kindOf(refused), version: null };
  }
}

function read(version: Version, plain: Bytes): { fault: FaultKind | null; said: Said | null } {
  try {
    return { fault: null, said: saidBy(version.kind, plain) };
  } catch (refused) {
    return { fault: kindOf(refused), said: null };
  }
}

function take(sorted: Sorted, entryId: string, { version, ...looked }: Looked): void {
  if (version === null) {
    sorted.faults.ofGiven(looked.fault ?? "malformed", entryId);
    return;
  }
  if (version.sealed !== null && version.entryId !== entryId) {
    sorted.faults.ofGiven("swapped", entryId);
    return;
  }
  sorted.parents.set(version.hash, version.parents);
  if (looked.fault !== null) {
    sorted.faults.ofGiven(looked.fault, entryId);
    inside(sorted.unreadable, entryId).set(version.hash, version);
  } else if ("said" in looked && looked.said !== null) {
    inside(sorted.genuine, entryId).set(version.hash, { ...version, ...looked.said });
  }
}

function ancestors(sorted: Sorted, version: Version): Set<string> {
  const found = new Set<string>();
  const open = [...version.parents];
  for (let hash = open.pop(); hash !== undefined; hash = open.pop()) {
    if (found.has(hash)) continue;
    found.add(hash);
    open.push(...(sorted.parents.get(hash) ?? []));
  }
  return found;
}

function stateOf(sorted: Sorted, before: Listing): Map<string, readonly string[]> {
  const state = new Map(before);
  for (const entryId of new Set([...sorted.genuine.keys(), ...sorted.unreadable.keys()])) {
    const versions = [...(sorted.genuine.get(entryId)?.values() ?? []), ...(sorted.unreadable.get(entryId)?.values() ?? [])];
    versions.sort((one, other) => one.number - other.number || (one.hash < other.hash ? -1 : 1));
    const of = new Map(versions.map((version) => [version.hash, ancestors(sorted, version)]));
    const leaf = new Set(before.get(entryId));
    for (const { hash } of versions) {
      if (versions.some((other) => other.hash !== hash && of.get(other.hash)?.has(hash))) continue;
      for (const ancestor of of.get(hash) ?? []) leaf.delete(ancestor);
      leaf.add(hash);
    }
    state.set(entryId, [...leaf].sort());
  }
  return state;
}

function listingOf(given: Uint8Array | null, faults: Faults): Listing | null {
  if (given === null) return null;
  try {
    return readListing(given);
  } catch {
    faults.add("malformed", null);
    return null;
  }
}

async function vouches(head: Head, listing: Listing): Promise<boolean> {
  if (head.count !== listing.size || [...listing.values()].some((leaf) => leaf.length > 255)) return false;
  return head.root === (await rootOf(listing));
}

function superseded(sorted: Sorted, state: Listing): OpenedVersion[] {
  return [...sorted.genuine].flatMap(([entryId, versions]) =>
    [...versions.values()].filter(({ hash }) => !state.get(entryId)?.includes(hash)),
  );
}

function compare(sorted: Sorted, listing: Listing, before: Listing): void {
  const isThere = (entryId: string, hash: string) =>
    sorted.genuine.get(entryId)?.has(hash) || sorted.unreadable.get(entryId)?.has(hash) || before.get(entryId)?.includes(hash);
  const besides = new Set(superseded(sorted, listing).map(({ entryId }) => entryId));
  for (const [entryId, hashes] of listing) {
    if (hashes.every((hash) => isThere(entryId, hash))) continue;
    sorted.faults.addFirst(besides.has(entryId) ? "rolled_back" : "missing", entryId);
    besides.delete(entryId);
  }
  for (const entryId of besides) sorted.faults.addFirst("replayed", entryId);
}

function namesLost(sorted: Sorted, listing: Listing, before: Listing): boolean {
  let lost = false;
  for (const [entryId, hashes] of before) {
    const now = listing.get(entryId);
    const follows = new Set(now);
    for (const hash of now ?? []) {
      const version = sorted.genuine.get(entryId)?.get(hash) ?? sorted.unreadable.get(entryId)?.get(hash);
      if (version) for (const ancestor of ancestors(sorted, version)) follows.add(ancestor);
    }
    if (hashes.every((hash) => follows.has(hash))) continue;
    sorted.faults.addUnnamed(now === undefined ? "missing" : "rolled_back", entryId);
    lost = true;
  }
  return lost;
}

function shown(sorted: Sorted, state: Listing): Pick<OpenedDiary, "entries" | "deleted" | "aside" | "current"> {
  const entries = new Map<string, readonly (Version & { content: Content })[]>();
  const deleted = new Set<string>();
  const everything: OpenedVersion[] = [];
  for (const [entryId, versions] of sorted.genuine) {
    const current = [...versions.values()].filter(({ hash }) => state.get(entryId)?.includes(hash));
    current.sort((one, other) => (one.hash < other.hash ? -1 : 1));
    everything.push(...current);
    const says = current.filter(
      (version): version is Version & { content: Content; deletedAt: null } => version.content !== null,
    );
    if (says.length > 0) entries.set(entryId, says);
    else if (current.length > 0) deleted.add(entryId);
  }
  return { entries, deleted, aside: superseded(sorted, state), current: everything };
}

function kindOf(refused: unknown): FaultKind {
  demand(refused instanceof EnvelopeError, "MALFORMED");
  if (refused.reason === "MALFORMED") return "malformed";
  return refused.reason === "UNREADABLE" ? "unreadable" : "altered";
}

function inside<T>(outer: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const inner = outer.get(key) ?? new Map<string, T>();
  outer.set(key, inner);
  return inner;
}
