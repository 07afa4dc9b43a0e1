/** How many there are of each name; names of which there are none take no room. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** @returns how many there are now. */
  add(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }

  remove(name: string): void {
    const count = (this.#counts.get(name) ?? 0) - 1;
    if (count > 0) {
      this.#counts.set(name, count);
    } else {
      this.#counts.delete(name);
    }
  }
}
