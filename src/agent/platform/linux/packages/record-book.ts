import { hash } from 'node:crypto';

const smallest = 1_024;

/**
 * Which package recorded which bytes at which path: 128 bits of a digest of both for each record, and the number of the package.
 * As text, the records of one machine are tens of megabytes, and reading them for every file takes longer than hashing the file.
 */
export class RecordBook {
  readonly #packages: string[] = [];
  #high = new BigUint64Array(smallest);
  #low = new BigUint64Array(smallest);
  /** One more than the package's place; 0 where nothing is kept. */
  #owners = new Uint32Array(smallest);
  #size = 0;

  /** @returns the number under which records of this package are added. */
  addPackage(name: string): number {
    return this.#packages.push(name);
  }

  add(path: string, digest: string, owner: number): void {
    if (this.#size * 2 >= this.#owners.length) {
      this.#grow();
    }
    const [high, low] = keyOf(path, digest);
    if (this.#put(high, low, owner)) {
      this.#size += 1;
    }
  }

  ownerOf(path: string, digest: string): string | undefined {
    const [high, low] = keyOf(path, digest);
    const owner = this.#owners[this.#slotOf(high, low)] ?? 0;
    return owner === 0 ? undefined : this.#packages[owner - 1];
  }

  /** @returns false where these bytes at this path have an owner already: the first record counts. */
  #put(high: bigint, low: bigint, owner: number): boolean {
    const slot = this.#slotOf(high, low);
    if (this.#owners[slot] !== 0) {
      return false;
    }
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#owners[slot] = owner;
    return true;
  }

  /** Where a record is, or would be: half of all slots are empty, so that the walk is short. */
  #slotOf(high: bigint, low: bigint): number {
    const mask = this.#owners.length - 1;
    let slot = Number(low & BigInt(mask));
    while (this.#owners[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const [high, low, owners] = [this.#high, this.#low, this.#owners];
    this.#high = new BigUint64Array(owners.length * 2);
    this.#low = new BigUint64Array(owners.length * 2);
    this.#owners = new Uint32Array(owners.length * 2);
    for (const [slot, owner] of owners.entries()) {
      if (owner !== 0) {
        this.#put(high[slot] ?? 0n, low[slot] ?? 0n, owner);
      }
    }
  }
}

function keyOf(path: string, digest: string): readonly [bigint, bigint] {
  const bytes = hash('sha256', Buffer.from(`${digest} ${path}`, 'latin1'), 'buffer');
  return [bytes.readBigUInt64LE(0), bytes.readBigUInt64LE(8)];
}
