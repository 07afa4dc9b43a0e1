import path from 'node:path';
import type { Fs } from '#core/ports/fs.ts';
import { type Milliseconds, minute } from '#core/time.ts';
import type { Life } from './life.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';
import type { Weather } from './weather.ts';

/** What one write does to one name; null: the name is gone. */
interface Write {
  readonly file: string;
  readonly bytes: Uint8Array | null;
  /** Called once, when it cannot be lost any more. */
  readonly durable: () => void;
}

export interface WriteOptions {
  readonly durable?: () => void;
}

/** How a program ends: what it wrote is in the system's memory, or that is gone too. */
export type CrashKind = 'killed' | 'lost_power';

const longestStep: Milliseconds = 20;
/** When a system writes by itself what nobody has synced. */
const writeBack: Milliseconds = 5 * minute;

export interface DiskSettings {
  readonly name: string;
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly trace: Trace;
  /** Whether a sync of this file answers before it has synced. */
  readonly isUnsynced: (file: string) => boolean;
  /** Looks at the disk after each change of it: of one file, or of any. */
  readonly changed: (file?: string) => void;
}

/**
 * A disk that forgets what was not synced. A write is seen by programs first and durable later; in between, a loss of power
 * keeps any part of such writes, in any order of names. Every file is replaced whole, as the `Fs` port does it.
 */
export class SimulatedDisk {
  readonly #settings: DiskSettings;
  readonly #durable = new Map<string, Uint8Array>();
  readonly #seen = new Map<string, Uint8Array>();
  #unsynced: Write[] = [];

  constructor(settings: DiskSettings) {
    this.#settings = settings;
  }

  /** As programs see it now. */
  get(file: string): Uint8Array | undefined {
    return this.#seen.get(file);
  }

  has(file: string): boolean {
    return this.#seen.has(file);
  }

  /** Names in a directory, sorted. */
  names(directory: string): readonly string[] {
    const head = `${directory}/`;
    return [...this.#seen.keys()]
      .filter((file) => file.startsWith(head) && !file.slice(head.length).includes('/'))
      .map((file) => path.basename(file))
      .toSorted();
  }

  /** What is there whatever happens next: no unsynced write can take it away. */
  *certain(): Generator<readonly [string, Uint8Array]> {
    const changing = new Set(this.#unsynced.map(({ file }) => file));
    for (const [file, bytes] of this.#durable) {
      if (!changing.has(file)) {
        yield [file, bytes];
      }
    }
  }

  /** At once and for good, as a machine is set up. */
  put(file: string, bytes: Uint8Array): void {
    this.#seen.set(file, bytes);
    this.#durable.set(file, bytes);
  }

  /** Durable when it resolves. */
  async write(life: Life, { file, bytes }: Pick<Write, 'file' | 'bytes'>, options: WriteOptions = {}): Promise<void> {
    await this.#step(life);
    this.#refuseSometimes(file);
    this.#settings.trace.note(`${this.#settings.name} writes ${file} ${bytes === null ? 'away' : bytes.length}`);
    const write: Write = { file, bytes, durable: options.durable ?? (() => undefined) };
    this.#show(write);
    this.#unsynced.push(write);
    this.#settings.changed(file);
    if (this.#settings.isUnsynced(file)) {
      this.#settings.timeline.at(writeBack, () => this.#sync(write));
      return;
    }
    await this.#step(life);
    this.#sync(write);
  }

  /** What becomes of unsynced writes when a program, or the whole machine, ends without a word. */
  crash(kind: CrashKind): void {
    const { weather } = this.#settings;
    const lost = new Set(this.#unsynced.filter(() => kind === 'lost_power' && weather.chance.whole(1) === 0));
    const left = this.#unsynced.filter((write) => !lost.has(write));
    this.#unsynced = [];
    for (const write of left) {
      this.#keep(write);
    }
    this.#seen.clear();
    for (const [file, bytes] of this.#durable) {
      this.#seen.set(file, bytes);
    }
    this.#settings.changed();
  }

  /** The `Fs` port of one run of a program. */
  fsOf(life: Life): Fs {
    const { timeline } = this.#settings;
    return {
      read: async (file) => {
        await this.#step(life);
        return this.#seen.get(file);
      },
      list: async (directory) => {
        await this.#step(life);
        return this.names(directory);
      },
      replace: (file, bytes) => this.write(life, { file, bytes: bytes.slice() }),
      remove: (file) => this.write(life, { file, bytes: null }),
      makeDirectory: () => timeline.pass(0),
    };
  }

  /** Work of a program that ends before its turn comes is never done. */
  #step(life: Life): Promise<void> {
    const { timeline, weather } = this.#settings;
    return new Promise((resolve) => {
      timeline.at(weather.delay(longestStep), () => {
        if (!life.isOver) {
          resolve();
        }
      });
    });
  }

  #refuseSometimes(file: string): void {
    const { weather, trace, name } = this.#settings;
    if (weather.strikes('disk_refused')) {
      trace.note(`${name} refuses ${file}`);
      throw Object.assign(new Error(`ENOSPC: no space left on device, write '${file}'`), { code: 'ENOSPC' });
    }
  }

  #show({ file, bytes }: Write): void {
    if (bytes === null) {
      this.#seen.delete(file);
    } else {
      this.#seen.set(file, bytes);
    }
  }

  /** What was written to the same name before is durable, or overwritten, as well. */
  #sync(write: Write): void {
    const place = this.#unsynced.indexOf(write);
    if (place === -1) {
      return;
    }
    const before = this.#unsynced.filter((each, index) => index <= place && each.file === write.file);
    this.#unsynced = this.#unsynced.filter((each) => !before.includes(each));
    for (const each of before) {
      this.#keep(each);
    }
    this.#settings.changed(write.file);
  }

  #keep({ file, bytes, durable }: Write): void {
    if (bytes === null) {
      this.#durable.delete(file);
    } else {
      this.#durable.set(file, bytes);
    }
    durable();
  }
}
