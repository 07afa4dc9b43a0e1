import { networkOf } from '#core/access/address-range.ts';

/**
 * How many requests one network has under way: an address of IPv4, or the 64 bits of IPv6 that whoever has one such address has. A
 * request is under way until the head of its answer is there; how long the rest takes to be sent is not counted. A connection of
 * HTTP/1.1 has one at most, and is closed with the refusal of another; agents' WebSockets are none, for a whole site may share an
 * address.
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
    const network = networkOf(address);
    const count = this.#underWay.get(network) ?? 0;
    if (this.#most > 0 && count >= this.#most) {
      return false;
    }
    this.#underWay.set(network, count + 1);
    return true;
  }

  end(address: string): void {
    const network = networkOf(address);
    const left = (this.#underWay.get(network) ?? 1) - 1;
    if (left === 0) {
      this.#underWay.delete(network);
    } else {
      this.#underWay.set(network, left);
    }
  }
}
