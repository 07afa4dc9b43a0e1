import type { Milliseconds } from '../time.ts';

export interface ArchiveEntry {
  /** A relative name with `/` between its parts; the archiver is given safe, unique ones. */
  readonly name: string;
  readonly modifiedAt: Milliseconds;
  /**
   * In bytes, exactly; a stream of another length breaks the archive. Without it the entry has to be written in the
   * zip64 form, which old tools do not open.
   */
  readonly size?: number;
  /** Called when the entry's turn comes, so that one file at a time is open. */
  open(): Promise<ReadableStream<Uint8Array>>;
}

export interface ArchiveOptions {
  /** Encrypts every entry's bytes, not its name, with AES-256 in WinZip's AE-2 form. */
  readonly password?: string;
}

/**
 * Makes archives that stock tools open. Every implementation streams: its memory does not grow with the files, and
 * it reads no faster than its reader takes.
 */
export interface Archiver {
  /**
   * A ZIP, with zip64 where sizes demand it and UTF-8 names. An error of an entry's stream breaks the archive's
   * stream, so that no client takes half a file for a whole one.
   */
  zip(entries: readonly ArchiveEntry[], options?: ArchiveOptions): ReadableStream<Uint8Array>;
}
