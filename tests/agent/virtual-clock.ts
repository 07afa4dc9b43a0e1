import type { Clock } from '#core/ports/clock.ts';
import type { Milliseconds } from '#core/time.ts';

/** Time that passes only when the test says so; what falls due is called in order. */
export class VirtualClock implements Clock {
  private time: Milliseconds = 1_000_000;
  private readonly due: { readonly at: Milliseconds; readonly call: () => void }[] = [];

  now(): Milliseconds {
    return this.time;
  }

  monotonic(): Milliseconds {
    return this.time;
  }

  /** How many calls are still to come. */
  get waiting(): number {
    return this.due.length;
  }

  schedule(delay: Milliseconds, call: () => void): () => void {
    const entry = { at: this.time + delay, call };
    this.due.push(entry);
    return () => {
      const index = this.due.indexOf(entry);
      if (index !== -1) {
        this.due.splice(index, 1);
      }
    };
  }

  async pass(by: Milliseconds): Promise<void> {
    await Bun.sleep(0);
    const end = this.time + by;
    for (let next = this.next(end); next !== undefined; next = this.next(end)) {
      this.time = Math.max(this.time, next.at);
      this.due.splice(this.due.indexOf(next), 1);
      next.call();
      await Bun.sleep(0);
    }
    this.time = end;
    await Bun.sleep(0);
  }

  private next(end: Milliseconds) {
    return this.due.filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0];
  }
}
