/** Lets a bounded number of holders in, in the order in which they came. */
export class FairQueue {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /** @returns the call that gives the place back; calling it again does nothing. */
  async enter(): Promise<() => void> {
    if (this.#free > 0) {
      this.#free -= 1;
    } else {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    let held = true;
    return () => {
      if (held) {
        held = false;
        this.#leave();
      }
    };
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free += 1;
    } else {
      next();
    }
  }
}
