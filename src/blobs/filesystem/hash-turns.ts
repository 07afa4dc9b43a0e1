import type { Sha256 } from '#core/file/hash.ts';

/** One piece of work on a hash after the other, in the order in which it came. */
export class HashTurns {
  readonly #last = new Map<Sha256, Promise<unknown>>();

  async take<Result>(hash: Sha256, work: () => Promise<Result>): Promise<Result> {
    const earlier = this.#last.get(hash);
    const result = after(earlier, work);
    const settled = result.catch(() => undefined);
    this.#last.set(hash, settled);
    try {
      return await result;
    } finally {
      if (this.#last.get(hash) === settled) {
        this.#last.delete(hash);
      }
    }
  }
}

async function after<Result>(earlier: Promise<unknown> | undefined, work: () => Promise<Result>): Promise<Result> {
  await earlier;
  return work();
}
