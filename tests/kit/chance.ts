/** Choices that a seed decides. */
export interface Chance {
  /** From 0 up to, but not including, 1. */
  fraction(): number;
  /** From 0 to `most`, both included. */
  whole(most: number): number;
  one<Item>(items: readonly Item[]): Item;
}

/** Mulberry32: small, and the same everywhere. */
export function seeded(seed: number): Chance {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (most: number) => Math.floor(fraction() * (most + 1));
  return {
    fraction,
    whole,
    one(items) {
      const item = items[whole(items.length - 1)];
      if (item === undefined) {
        throw new Error('There is nothing to choose from.');
      }
      return item;
    },
  };
}

/** The seed that `CUSTODY_TEST_SEED` names, to replay a run; else a new one. It is printed either way. */
export function testSeed(): number {
  const given = process.env['CUSTODY_TEST_SEED'];
  const seed = given === undefined || given === '' ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  process.stderr.write(`CUSTODY_TEST_SEED=${seed}\n`);
  return seed;
}
