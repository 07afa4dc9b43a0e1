import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { renewed } from '../endpoint/machine.ts';
import type { Ports } from '../ports/ports.ts';
import { recordCopy } from './record-copy.ts';

export interface HeldEndpoint {
  readonly endpointId: EndpointId;
  /** The last number that the connection here was given. */
  readonly generation: number;
}

/**
 * Of two machines with one key that are connected to two servers of one store, the first goes on: it gets another number, and the
 * other one is a copy from then on.
 * @returns the number; undefined where nobody has come since.
 */
export async function claimEndpointBack(
  ports: Pick<Ports, 'store' | 'clock'>,
  { endpointId, generation }: HeldEndpoint,
): Promise<number | undefined> {
  const at = ports.clock.now();
  return ports.store.transact(async (transaction) => {
    const known = await transaction.machines.byEndpoint(endpointId);
    const endpoint = await transaction.endpoints.byId(endpointId);
    if (known === undefined || endpoint === undefined || (known.generation ?? 0) <= generation) {
      return undefined;
    }
    const claim = { machine: known.machine, generation: known.kept };
    const seen = { endpointId, claim, hostName: endpoint.hostName, remoteAddress: '', isElsewhere: true } as const;
    await recordCopy(transaction, { ...seen, sign: 'both_at_once' }, at);
    const machine = renewed(known);
    await transaction.machines.put(machine);
    return machine.generation ?? undefined;
  });
}
