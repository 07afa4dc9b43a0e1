import { z } from 'zod';
import { type Verb, verbs } from '#core/action/verb.ts';
import { asFault } from '#core/fault.ts';
import { haltableVerbs } from '#core/guard/emergency-stop.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';

const noteSchema = z.object({ v: z.literal(1), verbs: z.array(z.enum(verbs)) });

/**
 * Which verbs a server has halted. It is kept on disk, so that an agent that starts anew keeps to it until a server says
 * otherwise.
 */
export class Halt {
  readonly #fs: Fs;
  readonly #file: string;
  readonly #log: Log;
  #verbs: readonly Verb[];
  /** What is on disk, where it is known. */
  #kept: readonly Verb[] | undefined;
  #changing = new AbortController();

  private constructor({ fs, file, log }: { readonly fs: Fs; readonly file: string; readonly log: Log }) {
    this.#fs = fs;
    this.#file = file;
    this.#log = log;
    this.#verbs = [];
  }

  /** Never rejects: where it cannot be read, what can be halted waits until a server has said how it is. */
  static async open(fs: Fs, file: string, log: Log): Promise<Halt> {
    const halt = new Halt({ fs, file, log });
    try {
      halt.#kept = await readHalt(fs, file);
      halt.#verbs = halt.#kept;
    } catch (thrown) {
      halt.#verbs = haltableVerbs;
      const words =
        'Whether a server has halted anything cannot be read; what it may have halted waits until one says.';
      log.error(words, { file, cause: asFault(thrown) });
    }
    return halt;
  }

  isHalted(verb: Verb): boolean {
    return this.#verbs.includes(verb);
  }

  get verbs(): readonly Verb[] {
    return this.#verbs;
  }

  /** Given at the next change of what is halted. */
  get changed(): AbortSignal {
    return this.#changing.signal;
  }

  /** At once, and then on disk. Never rejects. @returns whether it is on disk. */
  async take(halted: readonly Verb[]): Promise<boolean> {
    if (!isSame(halted, this.#verbs)) {
      this.#verbs = halted;
      this.#log.warn('A server said what is halted.', { verbs: halted });
      const changing = this.#changing;
      this.#changing = new AbortController();
      changing.abort();
    }
    if (this.#kept === undefined || !isSame(halted, this.#kept)) {
      this.#kept = undefined;
      return await this.#keep(halted);
    }
    return true;
  }

  async #keep(halted: readonly Verb[]): Promise<boolean> {
    try {
      const text = `${JSON.stringify({ v: 1, verbs: halted })}\n`;
      await this.#fs.replace(this.#file, new TextEncoder().encode(text));
      this.#kept = halted;
      return true;
    } catch (thrown) {
      this.#log.error('What a server has halted could not be kept on disk.', { cause: asFault(thrown) });
      return false;
    }
  }
}

/** What is halted, as the file says; nothing where there is none. @throws Error when it cannot be read. */
async function readHalt(fs: Pick<Fs, 'read'>, file: string): Promise<readonly Verb[]> {
  const bytes = await fs.read(file);
  return bytes === undefined ? [] : noteSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).verbs;
}

function isSame(some: readonly Verb[], others: readonly Verb[]): boolean {
  return some.length === others.length && some.every((verb) => others.includes(verb));
}
