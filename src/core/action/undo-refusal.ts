/** Why an action is not undone. */
export const undoRefusals = [
  /** Another verb: the words say what to do instead. */
  'not_a_quarantine',
  /** A hash of what it took is on the block list. */
  'blocked',
  /** No agent took a file by it, or may have. */
  'nothing_taken',
  /** Every endpoint that took something was removed since. */
  'removed',
] as const;

export type UndoRefusal = (typeof undoRefusals)[number];
