/** The protocol: sealing, opening, locks, sharing, handing over, export. Nothing here keeps or sends anything. */
export { type Bytes, type Draw, drawn, hex, unhex } from "./bytes.js";
export { type Content, type Mood, moment, type Tag } from "./content.js";
export { EnvelopeError, type Reason } from "./errors.js";
export { type Exported, exported, readJson, readMarkdown, writeJson, writeMarkdown } from "./export.js";
export { handOver, LIFE, readShown, type Shown, takeOver } from "./handing-over.js";
export {
  bucketHashes,
  type Head,
  type Listing,
  NOTHING,
  openHead,
  type Remembered,
  readListing,
  readRemembered,
  rootOf,
  sealHead,
  writeListing,
  writeRemembered,
} from "./heads.js";
export { type Diary, type DiaryName, type DiarySecret, newDiary, openDiaryKey, openLocal, sealLocal } from "./keys.js";
export {
  COST,
  type Cost,
  type Lock,
  lockWithDevice,
  lockWithPasskey,
  lockWithPassphrase,
  lockWithRecovery,
  type PasskeyRequest,
  passkeyInput,
  passkeyMaterial,
  passkeyRequest,
  passphraseMaterial,
  readLock,
  recoveryMaterial,
  unlock,
  unlockSecret,
  type Way,
} from "./locks.js";
export {
  type Fault,
  type FaultKind,
  type Given,
  type Handed,
  type OpenedDiary,
  type OpenedVersion,
  openDiary,
} from "./opening.js";
export { keyIdOf, newRecipient, openShare, readShare, recipientPoint, type Share, shareEntry } from "./sharing.js";
export {
  type Header,
  newEntryId,
  openVersion,
  parseVersion,
  type Said,
  sealEntry,
  sealTombstone,
  stubOf,
  type Version,
} from "./versions.js";
export { keyWords, readRecoveryWords, recoveryWords } from "./words.js";
