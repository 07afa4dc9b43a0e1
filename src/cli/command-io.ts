import type { Terminal } from './terminal.ts';

/** Where a command line reads and writes; tests supply their own. */
export interface CommandIo {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Results. Resolves when the reader has room for more. */
  out(chunk: string | Uint8Array): Promise<void>;
  /** Words for people. */
  err(text: string): void;
  /** The line that a person at a terminal types; there only where one sits there. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** Undefined in pipes and scripts: nothing is drawn there, asked, or fitted to a width. */
  readonly terminal?: Terminal | undefined;
}
