import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';

export interface RefusedKeyChange {
  readonly endpointId: EndpointId;
  /** The agent's words. */
  readonly why: string;
}

/** An agent was told of a change of the order key and does not follow it: it was forged, replayed, or is not for this agent (P30). */
export async function recordKeyRefused(
  { store, clock, log }: Pick<Ports, 'store' | 'clock' | 'log'>,
  { endpointId, why }: RefusedKeyChange,
): Promise<void> {
  log.error('An agent refused a change of the order key: orders for it wait.', { endpointId, why });
  const actor = { kind: 'agent', id: endpointId, name: endpointId } as const;
  await store.transact(({ events }) =>
    events.append([{ type: 'order_key_refused', at: clock.now(), actor, endpointId, facts: { why } }]),
  );
}
