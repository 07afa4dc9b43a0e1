import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { FeedEvent, FeedFormat } from '#core/feed/feed-event.ts';
import { tell } from '#core/feed/tell.ts';
import type { FeedStream } from '#core/ports/feeds.ts';

export interface FileSettings {
  readonly feed: string;
  readonly from: FeedStream['from'];
  readonly path: string;
  readonly format: FeedFormat;
}

const { O_APPEND, O_CREAT, O_RDWR, O_NOFOLLOW } = constants;
const ownerOnly = 0o600;
const lineEnd = 0x0a;

/** Lines at the end of a file, which only this server's user may read. One that was moved away, to be rotated, is opened anew. */
export class FileStream implements FeedStream {
  readonly feed: string;
  readonly from: FeedStream['from'];
  readonly #settings: FileSettings;
  #file: FileHandle | undefined;

  constructor(settings: FileSettings) {
    this.feed = settings.feed;
    this.from = settings.from;
    this.#settings = settings;
  }

  async deliver(events: readonly FeedEvent[]): Promise<void> {
    const lines = events.map((told) => `${tell(this.#settings.format, told)}\n`).join('');
    const file = await this.#opened();
    try {
      await file.appendFile(lines);
      await file.datasync();
    } catch (thrown) {
      // Some of it may be there: the next line begins on a line of its own.
      await this.close();
      throw thrown;
    }
  }

  async settle(): Promise<void> {
    // What was delivered is on the disk.
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #opened(): Promise<FileHandle> {
    if (this.#file !== undefined && (await isStill(this.#settings.path, this.#file))) {
      return this.#file;
    }
    await this.close();
    const file = await open(this.#settings.path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, ownerOnly);
    this.#file = file;
    await endLastLine(file);
    return file;
  }
}

async function isStill(path: string, file: FileHandle): Promise<boolean> {
  const [there, here] = await Promise.all([stat(path).catch(() => undefined), file.stat()]);
  return there !== undefined && there.dev === here.dev && there.ino === here.ino;
}

/** A server that was killed while it wrote has left a part of a line, which is told again as a whole. */
async function endLastLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  if (size > 0) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    if (bytesRead === 1 && buffer[0] !== lineEnd) {
      await file.appendFile('\n');
    }
  }
}
