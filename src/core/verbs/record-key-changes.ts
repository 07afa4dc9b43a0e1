import { serverActor } from '../custody/event.ts';
import type { OrderKeyChange } from '../ports/order-signer.ts';
import type { Ports } from '../ports/ports.ts';

/**
 * The order key was changed, once or several times. What is in the record already, by another server of the cluster or before a
 * crash, is not written again.
 */
export async function recordKeyChanges(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  changes: readonly OrderKeyChange[],
): Promise<void> {
  await store.transact(async ({ events }) => {
    const known = await events.list({ types: ['order_key_changed'] }, 0, Number.MAX_SAFE_INTEGER);
    const recorded = new Set(known.map(({ facts }) => facts['next']));
    const at = clock.now();
    const fresh = changes.map(factsOf).filter(({ next }) => !recorded.has(next));
    await events.append(fresh.map((facts) => ({ type: 'order_key_changed', at, actor: serverActor, facts })));
  });
}

/** Keys are public; base64. */
function factsOf({ sequence, former, next, issuedAt }: OrderKeyChange) {
  return { sequence, former: toText(former), next: toText(next), issuedAt };
}

function toText(key: Uint8Array): string {
  return Buffer.from(key).toString('base64');
}
