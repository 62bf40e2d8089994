/** What keeps a diary in a browser, and what moves it sealed among devices. */
export { type Database, DiaryForgotten, type DiaryRow, forgetDiary, forgetLeader, openDatabase } from "./database.js";
export { dropPin, hasPin, isPin, setPin } from "./glance.js";
export { dropLock, fetchLocks, sendLocks, showToNewDevice, takeFromOldDevice } from "./joining.js";
export {
  KeptDiary,
  keepDiary,
  keepLock,
  keptDiaries,
  keptLocks,
  openByDevice,
  openWithoutAsking,
  type Shown as ShownDiary,
} from "./kept-diary.js";
export { askPasskey, askPasskeyOf, newDiaryPasskey } from "./passkey.js";
export { type DiaryClient, diaryClient, diaryClientOn, reasonOf, requestId } from "./service.js";
export {
  confirmLeaderKey,
  type LeaderKey,
  type Leading,
  leaderKeys,
  openShared,
  publishLeaderKey,
  shareWithLeaders,
} from "./sharing.js";
export { askToStay, isStaying, type Staying, stayingWords } from "./staying.js";
export { type Adoption, adoptDiary, type Synced, syncDiary } from "./syncing.js";
export { type Key as WordsKey, LANGUAGES, words } from "./words.js";
