/** A person looks on: both output streams are a terminal. */
export interface Terminal {
  /** Characters in a line. */
  readonly columns: number;
  /** Puts text on standard error as it is, control sequences among it. */
  draw(text: string): void;
  /** Puts a question and resolves with the answer, a line without its end. Undefined where nobody can type one. */
  readonly ask?: (question: string) => Promise<string>;
  /** @param undo runs when Ctrl-C ends this process, before it does. @returns what takes that back. */
  onInterrupt(undo: () => void): () => void;
}
