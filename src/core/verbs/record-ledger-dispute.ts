import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';

export interface LedgerDispute {
  readonly endpointId: EndpointId;
  /** The agent's words. */
  readonly why: string;
  /** The checkpoint that the agent holds, signed. */
  readonly held: string;
  /** The one that it was told. */
  readonly offered: string;
}

/** An agent has seen another record of events than the one that it is told of now: it was changed, or taken back (promise P57). */
export async function recordLedgerDispute(
  ports: Pick<Ports, 'store' | 'clock' | 'log'>,
  { endpointId, why, held, offered }: LedgerDispute,
): Promise<void> {
  ports.log.error('An agent has seen another record of events than this one: `custody verify` says more.', {
    endpointId,
    why,
  });
  const actor = { kind: 'agent', id: endpointId, name: endpointId } as const;
  const facts = { why, held, offered };
  await ports.store.transact(({ events }) =>
    events.append([{ type: 'ledger_disputed', at: ports.clock.now(), actor, endpointId, facts }]),
  );
}
