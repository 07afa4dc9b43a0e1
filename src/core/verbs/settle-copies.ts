import type { Principal } from '../access/principal.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { MachineCopy } from '../endpoint/machine.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';

export interface SettledCopies {
  readonly endpointId: EndpointId;
  /** The copy that is the endpoint from now on; null: the machine that it was before. */
  readonly accept: string | null;
}

/**
 * Ends the question which of several machines with one key an endpoint is. The one that is accepted is let in when it comes
 * again, which it does within minutes, and what it was before is a copy from then on.
 * @throws Fault `not_found` when there is no such endpoint, or no such copy of it; nothing is changed.
 */
export async function settleCopies(
  ports: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  { endpointId, accept }: SettledCopies,
): Promise<void> {
  const at = ports.clock.now();
  await ports.store.transact(async ({ endpoints, machines, events }) => {
    if ((await endpoints.byId(endpointId)) === undefined) {
      throw new Fault('not_found', `There is no endpoint ${endpointId}.`, { details: { what: 'endpoint' } });
    }
    const copies = await machines.copiesOf([endpointId]);
    const accepted = accept === null ? undefined : demandCopy(copies, accept);
    if (accepted !== undefined) {
      const known = await machines.byEndpoint(endpointId);
      const { machine, generation: kept } = accepted.claim;
      const last = Math.max(known?.generation ?? 0, kept ?? 0);
      // A number that nobody was given, so that the former machine's last one is an older one.
      await machines.put({ endpointId, machine, generation: last + 1, kept });
    }
    await machines.forgetCopies(endpointId);
    const facts = { accepted: accept, hosts: copies.map(({ id, hostName }) => ({ copy: id, hostName })) };
    await events.append([{ type: 'endpoint_copies_settled', at, actor: by, endpointId, facts }]);
  });
  ports.doorbell.ring([endpointId]);
}

function demandCopy(copies: readonly MachineCopy[], id: string): MachineCopy {
  const copy = copies.find((each) => each.id === id);
  if (copy === undefined) {
    const known = copies.map((each) => each.id).join(', ');
    const hint = known === '' ? 'No other machine came with its key.' : `There are ${known}.`;
    throw new Fault('not_found', `No machine ${id} came with the key of this endpoint. ${hint}`, {
      details: { what: 'copy' },
    });
  }
  return copy;
}
