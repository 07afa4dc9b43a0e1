import { createHash } from 'node:crypto';
import type { Log, LogFacts } from '#core/ports/log.ts';
import type { Timeline } from './timeline.ts';

/** All that happened, as one hash: two runs that differ in anything have another one. */
export class Trace {
  readonly #timeline: Timeline;
  readonly #hash = createHash('sha256');
  readonly #last: string[] = [];
  readonly #lines: number;
  /** Hashed many at once: each is only some bytes long. */
  readonly #waiting = new Uint8Array(64 * 1_024);
  #waits = 0;

  /** @param lines how many of the last are kept, to be read when something went wrong. */
  constructor(timeline: Timeline, lines = 400) {
    this.#timeline = timeline;
    this.#lines = lines;
  }

  note(words: string, bytes?: Uint8Array): void {
    const line = `${this.#timeline.now.toFixed(3)} ${words}`;
    this.#hashSoon(Buffer.from(line));
    if (bytes !== undefined) {
      this.#hashSoon(bytes);
    }
    this.#last.push(line);
    if (this.#last.length > 2 * this.#lines) {
      this.#last.splice(0, this.#lines);
    }
  }

  get digest(): string {
    this.#hashNow();
    return this.#hash.copy().digest('hex');
  }

  /** The last lines. */
  get tail(): readonly string[] {
    return this.#last.slice(-this.#lines);
  }

  #hashSoon(bytes: Uint8Array): void {
    if (this.#waits + bytes.length > this.#waiting.length) {
      this.#hashNow();
    }
    if (bytes.length > this.#waiting.length) {
      this.#hash.update(bytes);
      return;
    }
    this.#waiting.set(bytes, this.#waits);
    this.#waits += bytes.length;
  }

  #hashNow(): void {
    this.#hash.update(this.#waiting.subarray(0, this.#waits));
    this.#waits = 0;
  }

  /** A program's log, as part of what happened. */
  logOf(who: string): Log {
    const write =
      (level: string) =>
      (message: string, facts: LogFacts = {}) =>
        this.note(`${who} ${level}: ${message} ${wordsOf(facts)}`);
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }
}

function wordsOf(facts: LogFacts): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name}=${value instanceof Error ? reasonsOf(value) : String(value)}`)
    .join(' ');
}

function reasonsOf(thrown: Error): string {
  const { message, cause } = thrown;
  return cause instanceof Error ? `${message} (${reasonsOf(cause)})` : message;
}
