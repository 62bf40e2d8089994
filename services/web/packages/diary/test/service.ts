import { ConnectError, createRouterTransport } from "@connectrpc/connect";
import { parseVersion, readLock, stubOf, type Version, writeListing } from "../src/envelope/index.js";
import { DiaryService } from "../src/generated/mewe/diary/v1/diary_service_pb.js";
import { diaryClientOn } from "../src/index.js";

type Row = { readonly version: Version; newest: boolean };

/** A service that keeps the sealed bytes of one diary in memory, as the contract says. A test changes what it says, as a fault would. */
export function keepingService() {
  const kept = { rows: [] as Row[], head: new Uint8Array() as Uint8Array, locks: new Map<string, Uint8Array>() };
  const says = {
    /** Before it answers to a put that it has kept. */
    afterPut: async (): Promise<void> => {},
    /** Where it says that one is, once all was given. */
    head: () => kept.head,
    more: false,
    /** The most versions that it gives by their hashes at once. */
    fits: 200,
    withholds: (_: Version) => false,
  };
  const given = async ({ version, newest }: Row, cursor: number) => {
    return { cursor: BigInt(cursor), entryId: version.entryId, sealed: newest ? version.bytes : await stubOf(version) };
  };
  const transport = createRouterTransport(({ service }) => {
    service(DiaryService, {
      adoptDiary: ({ diaryId }) => ({ adopted: true, diary: { diaryId } }),
      putLock({ sealed }) {
        const { id } = readLock(sealed);
        kept.locks.set(id, sealed);
        return { lockId: id, sealed };
      },
      listLocks: () => ({ locks: [...kept.locks.values()].map((sealed) => ({ sealed })) }),
      removeLock({ lockId }) {
        kept.locks.delete(lockId);
        return {};
      },
      async putVersions({ versions, head }) {
        for (const bytes of versions) {
          const version = await parseVersion(bytes);
          for (const row of kept.rows) row.newest &&= !version.parents.includes(row.version.hash);
          if (!kept.rows.some((row) => row.version.hash === version.hash)) kept.rows.push({ version, newest: true });
        }
        kept.head = head;
        await says.afterPut();
        return { lastCursor: BigInt(kept.rows.length) };
      },
      async listChanges({ afterCursor }) {
        const all = await Promise.all(kept.rows.map((row, at) => given(row, at + 1)));
        const behind = all.filter((one, at) => one.cursor > afterCursor && !says.withholds((kept.rows[at] as Row).version));
        return { versions: behind, nextCursor: BigInt(kept.rows.length), more: says.more, head: says.head() };
      },
      getListing: () => {
        const listing = new Map<string, string[]>();
        for (const { version, newest } of kept.rows.filter(({ version }) => !hidden.has(version.hash))) {
          if (newest) listing.set(version.entryId, [...(listing.get(version.entryId) ?? []), version.hash].sort());
        }
        return { listing: writeListing(listing), head: says.head() };
      },
      async getVersions({ versionIds }) {
        const found = kept.rows.filter(({ version, newest }) => newest && versionIds.includes(version.hash));
        return { versions: await Promise.all(found.slice(0, says.fits).map((row) => given(row, 1))) };
      },
    });
  });
  const hidden = new Set<string>();
  return { kept, says, hidden, client: diaryClientOn(transport) };
}

/** What a connection throws that broke. */
export const lost = () => Promise.reject(new ConnectError("lost"));
