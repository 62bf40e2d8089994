import { utf8 } from "../envelope/bytes.js";
import type { KeptDiary } from "./kept-diary.js";

/**
 * A PIN hides the open diary from a glance, and no more: it derives no key, and whoever can run this browser gets past it. Apps say so
 * when it is set ({@link words}, `pin`).
 */
const NAME = "glance";

/** Sets the PIN, four to twelve digits. Throws RangeError. */
export async function setPin(kept: KeptDiary, digits: string): Promise<void> {
  if (!/^\d{4,12}$/.test(digits)) throw new RangeError("four to twelve digits");
  await kept.saveLocal(NAME, utf8(digits));
}

/** Whether there is one. */
export async function hasPin(kept: KeptDiary): Promise<boolean> {
  return (await kept.local(NAME)) !== null;
}

/** Whether these are its digits. */
export async function isPin(kept: KeptDiary, digits: string): Promise<boolean> {
  const set = await kept.local(NAME);
  return set !== null && new TextDecoder().decode(set) === digits;
}

/** Takes it away. */
export function dropPin(kept: KeptDiary): Promise<void> {
  return kept.dropLocal(NAME);
}
