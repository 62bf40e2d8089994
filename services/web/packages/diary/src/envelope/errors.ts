/** Why something of the envelope was refused; an app has words for each. */
export type Reason =
  | "MALFORMED"
  | "DOES_NOT_OPEN"
  | "UNREADABLE"
  | "EXPIRED"
  | "ENTRY_TOO_LONG"
  | "PASSPHRASE_TOO_SHORT"
  | "PASSPHRASE_TOO_LONG"
  | "RECOVERY_WORDS_WRONG"
  | "IMPORT_MALFORMED";

/** Something of the envelope is refused. Its message is the reason alone and repeats nothing of what was given. */
export class EnvelopeError extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.name = "EnvelopeError";
    this.reason = reason;
  }
}

/** Refuses with the reason where the condition does not hold. */
export function demand(holds: boolean, reason: Reason): asserts holds {
  if (!holds) throw new EnvelopeError(reason);
}
