import { createHash } from 'node:crypto';
import type { Log, LogFacts } from '#core/ports/log.ts';
import type { Timeline } from './timeline.ts';

/** All that happened, as one hash: two runs that differ in anything have another one. */
export class Trace {
  readonly #timeline: Timeline;
  readonly #hash = createHash('sha256');
  readonly #last: string[] = [];
  readonly #lines: number;

  /** @param lines how many of the last are kept, to be read when something went wrong. */
  constructor(timeline: Timeline, lines = 400) {
    this.#timeline = timeline;
    this.#lines = lines;
  }

  note(words: string, bytes?: Uint8Array): void {
    const line = `${this.#timeline.now.toFixed(3)} ${words}`;
    this.#hash.update(line);
    if (bytes !== undefined) {
      this.#hash.update(bytes);
    }
    this.#last.push(line);
    if (this.#last.length > 2 * this.#lines) {
      this.#last.splice(0, this.#lines);
    }
  }

  get digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** The last lines. */
  get tail(): readonly string[] {
    return this.#last.slice(-this.#lines);
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
