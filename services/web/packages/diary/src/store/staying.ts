import type { Key } from "./words.js";

/** Whether this browser keeps what is written here. */
export interface Staying {
  /** Whether it has promised to delete nothing by itself. */
  readonly promised: boolean;
  /** How many bytes are used and may be used; null where the browser does not say. */
  readonly used: number | null;
  readonly most: number | null;
}

/** What of the browser is asked. */
export type Storage = Pick<StorageManager, "persisted" | "persist" | "estimate">;

/** Asks the browser to keep what is written here. Ask once something was written: browsers refuse those whom nobody uses. */
export async function askToStay(storage: Storage | undefined = globalThis.navigator?.storage): Promise<Staying> {
  const promised = storage !== undefined && ((await storage.persisted()) || (await storage.persist()));
  return { promised, ...(await room(storage)) };
}

/** The same without asking. */
export async function isStaying(storage: Storage | undefined = globalThis.navigator?.storage): Promise<Staying> {
  return { promised: (await storage?.persisted()) ?? false, ...(await room(storage)) };
}

/** Which words an app shows about it: whether a browser may delete the diary, and whether that would lose anything. */
export function stayingWords({ promised, used, most }: Staying, linked: boolean): Key {
  if (used !== null && most !== null && most > 0 && used / most > 0.9) return "nearly-full";
  if (promised) return linked ? "kept-here-and-there" : "kept-here";
  return linked ? "may-be-deleted-here" : "may-be-deleted";
}

async function room(storage: Storage | undefined): Promise<Pick<Staying, "used" | "most">> {
  const { usage, quota } = (await storage?.estimate()) ?? {};
  return { used: usage ?? null, most: quota ?? null };
}
