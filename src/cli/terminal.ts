/** A person looks on: both output streams are a terminal. */
export interface Terminal {
  /** Characters in a line. */
  readonly columns: number;
  /** Puts text on standard error as it is, control sequences among it. */
  draw(text: string): void;
  /** @param undo runs when Ctrl-C ends this process, before it does. @returns what takes that back. */
  onInterrupt(undo: () => void): () => void;
}
