import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { type CopySign, copyIdOf, type MachineClaim, type MachineCopy } from '../endpoint/machine.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';

export interface SeenCopy {
  readonly endpointId: EndpointId;
  readonly sign: CopySign;
  readonly claim: MachineClaim;
  readonly hostName: string;
  readonly remoteAddress: string;
  /** It is connected to another server, which looks among the events for it. */
  readonly isElsewhere?: boolean;
}

/** Of one endpoint: somebody who has a key must not fill the store with names. */
const mostCopies = 8;

/**
 * Remembers a machine that came with an endpoint's key and was turned away. The first time that it comes is an event; later ones
 * change when it was last seen, and no more. Of one that is elsewhere each time is an event, remembered or not: without it nobody
 * would part from it there.
 */
export async function recordCopy(
  { machines, events }: Pick<Transaction, 'machines' | 'events'>,
  seen: SeenCopy,
  at: Milliseconds,
): Promise<void> {
  const { endpointId, sign, claim, hostName, remoteAddress, isElsewhere = false } = seen;
  const id = copyIdOf(claim, hostName);
  const copies = await machines.copiesOf([endpointId]);
  const before = copies.find((copy) => copy.id === id);
  const isNew = before === undefined && copies.length < mostCopies;
  if (isNew || before !== undefined) {
    const copy: MachineCopy = {
      ...{ endpointId, id, sign, hostName, remoteAddress, claim },
      firstSeen: before?.firstSeen ?? at,
      lastSeen: at,
    };
    await machines.putCopy(copy);
  }
  if (isNew || isElsewhere) {
    const actor = { kind: 'agent', id: endpointId, name: hostName } as const;
    const facts = { copy: id, sign, hostName, remoteAddress };
    await events.append([{ type: 'endpoint_cloned', at, actor, endpointId, facts }]);
  }
}
