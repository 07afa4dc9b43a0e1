import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Milliseconds, second } from '#core/time.ts';

const libraries = '/usr/lib';
const library = 'faketime/libfaketimeMT.so.1';

/** The wall clock of one program: what asks the system for the time, by whichever call, gets this one. No file's times are changed. */
export class SettableClock {
  /** To be put before the program's command. */
  readonly under: readonly string[];
  readonly #file: string;

  /** @param file where the clock is kept. */
  constructor(file: string) {
    this.#file = file;
    this.set(0);
    this.under = [
      'env',
      `LD_PRELOAD=${findLibrary()}`,
      `FAKETIME_TIMESTAMP_FILE=${file}`,
      ...['FAKETIME_NO_CACHE=1', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'NO_FAKE_STAT=1'],
    ];
  }

  /** @param ahead of the machine's, from now on. */
  set(ahead: Milliseconds): void {
    const seconds = Math.round(ahead / second);
    writeFileSync(`${this.#file}.next`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    renameSync(`${this.#file}.next`, this.#file);
  }
}

function findLibrary(): string {
  const found = readdirSync(libraries)
    .map((name) => join(libraries, name, library))
    .find((path) => Bun.file(path).size > 0);
  if (found === undefined) {
    throw new Error('libfaketime is missing: apt-get install faketime');
  }
  return found;
}
