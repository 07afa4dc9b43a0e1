import { rmSync } from 'node:fs';
import { open, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asFault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import type { Random } from '#core/ports/random.ts';

export interface StoreReserveOptions {
  /** A file on the database's disk. */
  readonly path: string;
  /** 0: there is none. */
  readonly bytes: number;
  readonly log: Log;
  readonly random: Pick<Random, 'bytes'>;
}

/** `none`: there shall be none. `given`: given back, or never had. */
export type ReserveState = 'held' | 'given' | 'none';

const pieceBytes = 65_536;
/** It is taken again only where as much as this many times its size is free, so that it is no burden to a disk that is nearly full. */
const roomToTake = 2;

/**
 * A file that does nothing but fill room on the database's disk, and is removed when that is full: so that orders, reports and the
 * record of them go on until somebody has made room, and nothing need be removed by hand first.
 */
export class StoreReserve {
  readonly #path: string;
  readonly #bytes: number;
  readonly #log: Log;
  readonly #random: Pick<Random, 'bytes'>;
  #isHeld = false;
  /** Raised by each giving back, so that a taking under way ends. */
  #given = 0;

  constructor({ path, bytes, log, random }: StoreReserveOptions) {
    this.#path = path;
    this.#bytes = bytes;
    this.#log = log;
    this.#random = random;
  }

  get state(): ReserveState {
    if (this.#bytes === 0) {
      return 'none';
    }
    return this.#isHeld ? 'held' : 'given';
  }

  /** At once, because a transaction waits for it. @returns whether the disk has room again. */
  giveBack(): boolean {
    if (!this.#isHeld) {
      return false;
    }
    this.#forget();
    this.#log.error('The disk of the database is full. Its reserve was given back: make room before that is used up.', {
      reserve: this.#bytes,
    });
    return true;
  }

  /** Takes it, or takes it again, where there is room for it. To be called now and then. Never rejects. */
  async tend(): Promise<void> {
    try {
      await (this.#bytes === 0 ? this.#removeOlder() : this.#tend());
    } catch (cause) {
      this.#forget();
      this.#log.warn('The reserve on the disk of the database could not be taken.', { cause: asFault(cause) });
    }
  }

  async #tend(): Promise<void> {
    if (this.#isHeld || (await this.#sizeOnDisk()) === this.#bytes) {
      this.#isHeld = true;
      return;
    }
    const { bavail, bsize } = await statfs(dirname(this.#path));
    if (bavail * bsize >= roomToTake * this.#bytes) {
      await this.#take();
    }
  }

  async #take(): Promise<void> {
    const given = this.#given;
    // No zeros: some file systems keep those without room for them.
    const piece = this.#random.bytes(pieceBytes);
    const handle = await open(this.#path, 'w', 0o600);
    try {
      for (let written = 0; written < this.#bytes && given === this.#given; written += piece.length) {
        await handle.write(piece, 0, Math.min(piece.length, this.#bytes - written));
      }
    } finally {
      await handle.close();
    }
    this.#isHeld = given === this.#given;
  }

  async #sizeOnDisk(): Promise<number | undefined> {
    const found = await stat(this.#path).catch(() => undefined);
    return found?.size;
  }

  /** One that was wanted once. */
  async #removeOlder(): Promise<void> {
    if ((await this.#sizeOnDisk()) !== undefined) {
      this.#forget();
    }
  }

  #forget(): void {
    this.#given += 1;
    this.#isHeld = false;
    rmSync(this.#path, { force: true });
  }
}
