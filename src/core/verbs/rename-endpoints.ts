import type { Principal } from '../access/principal.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { readAlias } from '../endpoint/label.ts';
import type { Ports } from '../ports/ports.ts';
import { orderTargets } from './order-targets.ts';

export interface RenameEndpoints {
  readonly by: Principal;
  readonly endpointIds: readonly EndpointId[];
  /** The empty one takes the alias away. */
  readonly alias: string;
}

/**
 * Gives endpoints an alias beside the host name, which stays. Unknown and removed endpoints are left out.
 * @returns those that have the alias now.
 * @throws Fault `invalid_request` for an alias that is no line of text.
 */
export async function renameEndpoints(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  { by, endpointIds, alias: asked }: RenameEndpoints,
): Promise<readonly EndpointId[]> {
  const alias = readAlias(asked);
  const actor = { kind: by.kind, id: by.id, name: by.name };
  return store.transact(async (transaction) => {
    const { endpoints, events } = transaction;
    const known = await orderTargets(transaction, endpointIds);
    const renamed = await endpoints.rename(known, alias);
    const at = clock.now();
    await events.append(
      renamed.map((endpointId) => ({ type: 'endpoint_renamed', at, actor, endpointId, facts: { alias } })),
    );
    return known;
  });
}
