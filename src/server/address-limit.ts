/**
 * How many requests one address has under way. A connection of HTTP/1.1 has one at most, and is closed with the refusal of
 * another; agents' WebSockets are none, for a whole site may share an address.
 */
export class AddressLimit {
  readonly #most: number;
  readonly #underWay = new Map<string, number>();

  /** @param most 0: no limit, as behind a proxy, whose address all clients have. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether a request may begin; if so, `end` must be called when it has ended. */
  begin(address: string): boolean {
    const count = this.#underWay.get(address) ?? 0;
    if (this.#most > 0 && count >= this.#most) {
      return false;
    }
    this.#underWay.set(address, count + 1);
    return true;
  }

  end(address: string): void {
    const left = (this.#underWay.get(address) ?? 1) - 1;
    if (left === 0) {
      this.#underWay.delete(address);
    } else {
      this.#underWay.set(address, left);
    }
  }
}
