import { demandPermission } from '../access/principal.ts';
import type { Action } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Sha256 } from '../file/hash.ts';
import { hashesOf, isInForce } from '../list/judge.ts';
import type { Ports } from '../ports/ports.ts';
import type { FileCopies } from '../ports/store/files.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { type NewOrder, type Origin, openActions } from './open-action.ts';

export interface CopiesToTake {
  readonly origin: Origin;
  readonly contents: readonly FileCopies[];
}

export interface TakenCopies {
  /** One for each content. */
  readonly actions: readonly Action[];
  /** Whom to ring for after the commit. */
  readonly endpoints: readonly EndpointId[];
}

/**
 * Orders the present copies of each content into the vaults of the endpoints that reported one, but for contents that the
 * allow list names by any of their hashes. Inside the caller's transaction; the caller rings.
 * @throws Fault `limit_exceeded` when a content is on more endpoints than one quarantine may name, `permission_denied`
 */
export async function quarantineCopies(
  ports: Pick<Ports, 'clock' | 'random' | 'policy'>,
  transaction: Transaction,
  { origin, contents }: CopiesToTake,
): Promise<TakenCopies> {
  const present = await notAllowed(transaction, contents, ports.clock.now());
  if (present.length === 0) {
    return { actions: [], endpoints: [] };
  }
  demandPermission(origin.principal, 'files.quarantine');
  const holders = await transaction.files.holdersOf(present);
  const known = await transaction.endpoints.targetsAmong([...new Set(holders.map(({ endpointId }) => endpointId))]);
  const enrolled = new Set(known.map(({ id }) => id));
  const reachable = holders.filter(({ endpointId }) => enrolled.has(endpointId));
  const orders = [...Map.groupBy(reachable, (holder) => holder.sha256)].map(([sha256, held]): NewOrder => {
    demandFewEndpoints(held.length, ports.policy.quarantineEndpointLimit);
    const parameters = { verb: 'quarantine', path: null, sha256, overrideProtection: false } as const;
    const targets = held.map(({ endpointId }) => ({ endpointId, parameters }));
    return { origin, targets, facts: { because: 'block_list' } };
  });
  const actions = await openActions(ports, transaction, orders);
  return { actions, endpoints: [...new Set(reachable.map(({ endpointId }) => endpointId))] };
}

async function notAllowed(
  { hashLists }: Pick<Transaction, 'hashLists'>,
  contents: readonly FileCopies[],
  now: Milliseconds,
): Promise<readonly Sha256[]> {
  const entries = await hashLists.byHashes(contents.flatMap(hashesOf));
  const inForce = entries.filter((entry) => entry.list === 'allow' && isInForce(entry, now));
  const allowed = new Set(inForce.map(({ hash }) => hash));
  const taken = contents.filter((content) => !hashesOf(content).some((hash) => allowed.has(hash)));
  return [...new Set(taken.map(({ sha256 }) => sha256))];
}

function demandFewEndpoints(asked: number, limit: number): void {
  if (asked > limit) {
    const message = `Copies are on ${asked} endpoints, and one quarantine names at most ${limit}: block the hash without the existing copies, and quarantine those in steps.`;
    throw new Fault('limit_exceeded', message, { details: { limit, asked } });
  }
}
