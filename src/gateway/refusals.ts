import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { SignerRefusal, SignerRule } from '#core/ports/order-signer.ts';
import { isDestructive } from '#wire/destructive.ts';
import type { Delivery } from './order-plan.ts';

/** What a signer refused in one round. Where a limit is reached the rest of those that it is about is not asked for any more. */
export class Refusals {
  readonly #refused = new Map<Delivery, SignerRefusal>();
  readonly #reached = new Map<SignerRule, SignerRefusal>();

  add(delivery: Delivery, refusal: SignerRefusal): void {
    this.#refused.set(delivery, refusal);
    if (refusal.rule === 'rate' || refusal.rule === 'destructive_rate') {
      this.#reached.set(refusal.rule, refusal);
    }
  }

  /** Whether a limit that was reached in this round is about this one, too. */
  concern(delivery: Delivery): boolean {
    return this.#concerning(delivery) !== undefined;
  }

  /** Of what is not asked for, because a limit was reached. */
  addIfUnasked(delivery: Delivery): void {
    const refusal = this.#concerning(delivery);
    if (refusal !== undefined) {
      this.#refused.set(delivery, refusal);
    }
  }

  get all(): Iterable<readonly [Delivery, SignerRefusal]> {
    return this.#refused;
  }

  /** Each rule once, with the endpoints that wait for it and the longest of what the signer said to wait. */
  byReason(): readonly (readonly [SignerRefusal, readonly EndpointId[]])[] {
    const groups = Map.groupBy(this.#refused, ([, { rule }]) => rule);
    return [...groups.values()].flatMap((group) => {
      const [first, ...others] = group.map(([, refusal]) => refusal);
      if (first === undefined) {
        return [];
      }
      const longest = others.reduce((one, other) => (other.retryAfter > one.retryAfter ? other : one), first);
      return [[longest, [...new Set(group.map(([{ endpointId }]) => endpointId))]] as const];
    });
  }

  #concerning({ verb, order }: Delivery): SignerRefusal | undefined {
    if (order === undefined) {
      return undefined;
    }
    return this.#reached.get('rate') ?? (isDestructive(verb) ? this.#reached.get('destructive_rate') : undefined);
  }
}
