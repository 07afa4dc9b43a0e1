/**
 * Tells that there may be events which nobody here has read yet. Every ring may be lost, and one may come for nothing: the record is the
 * truth, and is read by number.
 */
export interface EventBell {
  /**
   * Calls `ring` after commits that appended events, by this server or another one on the same store; within a second or two for those.
   * @returns what withdraws the call
   */
  listen(ring: () => void): () => void;
}
