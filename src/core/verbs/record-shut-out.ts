import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';

/** An agent said more than any honest one has to say, and is not let in for a while (promise P70). */
export async function recordShutOut(ports: Pick<Ports, 'store' | 'clock'>, endpointId: EndpointId): Promise<void> {
  const at = ports.clock.now();
  const actor = { kind: 'agent', id: endpointId, name: endpointId } as const;
  await ports.store.transact(({ events }) =>
    events.append([{ type: 'agent_shut_out', at, actor, endpointId, facts: {} }]),
  );
}
