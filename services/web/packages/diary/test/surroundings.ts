/** What older versions of Node lack of a browser: WebCrypto as a global, and IndexedDB. */
import { webcrypto } from "node:crypto";
import "fake-indexeddb/auto";

if (!("crypto" in globalThis)) Object.defineProperty(globalThis, "crypto", { value: webcrypto });
