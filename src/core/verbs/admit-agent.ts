import type { Endpoint } from '../endpoint/endpoint.ts';
import {
  type CopySign,
  type KnownMachine,
  type MachineClaim,
  machineAfter,
  renewed,
  signOfCopy,
} from '../endpoint/machine.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { type Connecting, connectIn } from './connect-endpoint.ts';
import { recordCopy } from './record-copy.ts';

export interface Arrival extends Connecting {
  readonly claim: MachineClaim;
  readonly remoteAddress: string;
  /** Another connection of this endpoint answered while this one was asking to be let in. */
  readonly isSecond: boolean;
}

export type Admission =
  /** `generation` is for the agent to keep; null: this agent keeps none. */
  | { readonly endpoint: Endpoint; readonly generation: number | null }
  | /** `renewed`: the number that the first one has to keep from now on; null: none. */ {
      readonly copy: CopySign;
      readonly renewed: number | null;
    };

/**
 * Lets an agent in that has proved itself, unless it is on another machine than the endpoint is known to be on, its data are older
 * than what the server has seen, or the first one is still there (promise P39). Such a copy changes nothing, and is remembered.
 * @throws Fault `unauthenticated` when the endpoint is unknown or revoked.
 */
export async function admitAgent(ports: Pick<Ports, 'store' | 'clock'>, arrival: Arrival): Promise<Admission> {
  const { endpointId, claim, facts, remoteAddress, isSecond } = arrival;
  const now = ports.clock.now();
  return ports.store.transact(async (transaction) => {
    const known = await transaction.machines.byEndpoint(endpointId);
    const sign = signOfCopy(known, claim) ?? (isSecond ? 'both_at_once' : undefined);
    if (sign !== undefined) {
      const { hostName } = facts;
      await recordCopy(transaction, { endpointId, sign, claim, hostName, remoteAddress }, now);
      return { copy: sign, renewed: sign === 'both_at_once' ? await renewFirst(transaction, known) : null };
    }
    const { welcome, ...machine } = machineAfter(endpointId, known, claim);
    const endpoint = await connectIn(transaction, { ...arrival, generation: welcome }, now);
    await transaction.machines.put(machine);
    return { endpoint, generation: welcome };
  });
}

async function renewFirst(
  { machines }: Pick<Transaction, 'machines'>,
  known: KnownMachine | undefined,
): Promise<number | null> {
  if (known === undefined) {
    return null;
  }
  const machine = renewed(known);
  await machines.put(machine);
  return machine.generation;
}
