import { z } from 'zod';
import { asFault } from '#core/fault.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import { hour, type Milliseconds, minute } from '#core/time.ts';
import type { LastHeard } from './server-clock.ts';

const noteSchema = z.object({ v: z.literal(1), ahead: z.number().int(), heardAt: z.number().int().optional() });

/** Less than this is no reason to write to a disk. */
const tolerance: Milliseconds = minute;
const longestUnwritten: Milliseconds = hour;

/** Remembers on disk when a server was heard last, and how far its clock was ahead: the next life of the agent begins before one is heard. */
export class ClockNote {
  readonly #fs: Fs;
  readonly #file: string;
  readonly #log: Log;
  #kept: LastHeard | undefined;

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
      note.#kept = bytes && readNote(bytes);
    } catch (thrown) {
      log.warn('How far the server’s clock was ahead cannot be read.', { cause: asFault(thrown) });
    }
    return note;
  }

  get former(): LastHeard | undefined {
    return this.#kept;
  }

  keep(heard: LastHeard): void {
    if (this.#kept !== undefined && isNear(this.#kept, heard)) {
      return;
    }
    this.#kept = heard;
    const text = `${JSON.stringify({ v: 1, ...heard })}\n`;
    this.#fs.replace(this.#file, new TextEncoder().encode(text)).catch((thrown: unknown) => {
      this.#log.warn('How far the server’s clock is ahead could not be kept.', { cause: asFault(thrown) });
    });
  }
}

function readNote(bytes: Uint8Array): LastHeard {
  const { ahead, heardAt } = noteSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  return { ahead, heardAt };
}

function isNear(kept: LastHeard, { ahead, heardAt = 0 }: LastHeard): boolean {
  const since = heardAt - (kept.heardAt ?? Number.NEGATIVE_INFINITY);
  return Math.abs(ahead - kept.ahead) < tolerance && since >= 0 && since < longestUnwritten;
}
