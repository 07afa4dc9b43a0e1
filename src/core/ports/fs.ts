/**
 * The few durable file operations that the agent's journal and spool and a server's own key files need. Paths are
 * inside a directory that belongs to Custody; files of others are reached through the agent's platform room only.
 */
export interface Fs {
  /** Undefined when there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Whole or not at all, and durable when the promise resolves: temporary file, fsync, rename, fsync of the directory. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  /** Durable; a missing file is fine. */
  remove(path: string): Promise<void>;
  /** Names in a directory, sorted; none when it does not exist. */
  list(path: string): Promise<readonly string[]>;
  /** Creates it and its parents with mode 0700; an existing one is fine. */
  makeDirectory(path: string): Promise<void>;
}
