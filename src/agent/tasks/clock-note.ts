import { z } from 'zod';
import { asFault } from '#core/fault.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import { type Milliseconds, minute } from '#core/time.ts';

const noteSchema = z.object({ v: z.literal(1), ahead: z.number().int() });

/** Less than this is no reason to write to a disk. */
const tolerance: Milliseconds = minute;

/** Remembers on disk how far the server's clock is ahead of this machine's: the next life of the agent begins before a server is heard. */
export class ClockNote {
  readonly #fs: Fs;
  readonly #file: string;
  readonly #log: Log;
  #kept: Milliseconds | undefined;

  private constructor(fs: Fs, file: string, log: Log) {
    this.#fs = fs;
    this.#file = file;
    this.#log = log;
  }

  /** Never rejects: what cannot be read is told, and is as if no server had ever been heard. */
  static async open(fs: Fs, file: string, log: Log): Promise<ClockNote> {
    const note = new ClockNote(fs, file, log);
    try {
      const bytes = await fs.read(file);
      note.#kept = bytes && noteSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).ahead;
    } catch (thrown) {
      log.warn('How far the server’s clock was ahead cannot be read.', { cause: asFault(thrown) });
    }
    return note;
  }

  get former(): Milliseconds | undefined {
    return this.#kept;
  }

  keep(ahead: Milliseconds): void {
    if (this.#kept !== undefined && Math.abs(ahead - this.#kept) < tolerance) {
      return;
    }
    this.#kept = ahead;
    const text = `${JSON.stringify({ v: 1, ahead })}\n`;
    this.#fs.replace(this.#file, new TextEncoder().encode(text)).catch((thrown: unknown) => {
      this.#log.warn('How far the server’s clock is ahead could not be kept.', { cause: asFault(thrown) });
    });
  }
}
