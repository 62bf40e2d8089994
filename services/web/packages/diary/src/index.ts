/**
 * A diary that nobody but its writer can open. What the bytes are: docs/diary-protocol.md.
 *
 * @packageDocumentation
 */
export * from "./envelope/index.js";
export * from "./store/index.js";
