import type { Terminal } from './terminal.ts';

/** Where a command line reads and writes; tests supply their own. */
export interface CommandIo {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Results. Resolves when the reader has room for more. */
  out(chunk: string | Uint8Array): Promise<void>;
  /** Words for people. */
  err(text: string): void;
  /**
   * Puts a question on standard error and resolves with the line that a person types, empty where they end the input instead. There only
   * where somebody can type one, wherever results go.
   * @throws Error with the code `ABORT_ERR` when they interrupt it
   */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** Undefined in pipes and scripts: nothing is drawn there, or fitted to a width. */
  readonly terminal?: Terminal | undefined;
}
