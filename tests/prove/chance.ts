/** Chance from a seed (mulberry32), so that whatever was tried can be tried again. */
export class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to, but not including, `limit`. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

/** Everything, or for a sample every `step`-th from a start that the seed chooses. */
export function sampled<Item>(items: readonly Item[], step: number, seed: number): readonly Item[] {
  const start = new Chance(seed).below(step);
  return items.filter((_, index) => index % step === start % step);
}
