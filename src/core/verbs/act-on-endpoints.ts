import type { Principal } from '../access/principal.ts';
import type { BatchNumber } from '../action/action-id.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { SensorAction, SensorActionTarget } from '../endpoint/sensor-action.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { archiveIn } from './archive-endpoints.ts';
import { freeBatchNumber } from './open-action.ts';
import { revokeIn } from './revoke-endpoints.ts';

/** What is done with endpoints, by the server alone. */
export type EndpointAct =
  | { readonly act: 'archive' | 'unarchive' | 'remove'; readonly reason: string }
  /** Asked for, and not supported: kept as having failed on every endpoint, so that nobody waits for it. */
  | { readonly act: 'refuse'; readonly message: string };

export interface ActOnEndpoints {
  readonly principal: Principal;
  /** The client's name of it. */
  readonly kind: string;
  readonly argumentsJson: string;
  /** Not empty. */
  readonly endpointIds: readonly EndpointId[];
  readonly what: EndpointAct;
}

/**
 * Carries out an act on endpoints under one batch number, and keeps how it ended on each; all in one transaction.
 * @throws Fault `no_target` for no endpoint, `timeout`
 */
export async function actOnEndpoints(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'doorbell'>,
  request: ActOnEndpoints,
): Promise<SensorAction> {
  if (request.endpointIds.length === 0) {
    throw new Fault('no_target', 'No endpoint was named.');
  }
  const now = ports.clock.now();
  const done = await ports.store.transact(async (transaction) => {
    const ends = await carryOut(transaction, request, now);
    const batchNumber = await freeBatchNumber(transaction, ports.random);
    const action = sensorAction({ ...request, batchNumber, createdAt: now });
    const targets = request.endpointIds.map((endpointId, ordinal) => {
      const end = ends(endpointId);
      return { batchNumber, endpointId, ordinal, ...end };
    });
    await transaction.sensorActions.insert(action, targets);
    return { action, removed: request.what.act === 'remove' };
  });
  if (done.removed) {
    ports.doorbell.ring(request.endpointIds);
  }
  return done.action;
}

/** A sensor action as it begins. */
export function sensorAction(
  facts: Pick<SensorAction, 'kind' | 'principal' | 'argumentsJson' | 'batchNumber' | 'createdAt'> &
    Partial<Pick<SensorAction, 'actionId'>>,
): SensorAction {
  const { kind, principal, argumentsJson, batchNumber, createdAt, actionId = null } = facts;
  const { kind: principalKind, id, name } = principal;
  return {
    ...{ batchNumber: batchNumber satisfies BatchNumber, kind, argumentsJson, createdAt, actionId },
    principal: { kind: principalKind, id, name },
    abortedAt: null,
    abortedBy: null,
  };
}

type End = Pick<SensorActionTarget, 'end' | 'message'>;

async function carryOut(
  transaction: Transaction,
  { principal: by, endpointIds, what }: ActOnEndpoints,
  now: Milliseconds,
): Promise<(endpointId: EndpointId) => End> {
  switch (what.act) {
    case 'refuse':
      return () => ({ end: 'not_supported', message: what.message });
    case 'archive':
    case 'unarchive': {
      const archived = what.act === 'archive';
      await archiveIn(transaction, { by, endpointIds, archived, reason: what.reason }, now);
      return () => ({ end: 'succeeded', message: '' });
    }
    case 'remove': {
      const { revoked, holding } = await revokeIn(transaction, { by, endpointIds, reason: what.reason }, now);
      const gone = new Set(revoked);
      return (id) => (gone.has(id) ? { end: 'succeeded', message: '' } : notRemoved(holding.get(id)));
    }
  }
}

function notRemoved(held: number | undefined): End {
  const message =
    held === undefined
      ? 'It is removed already, or the vaults hold too many files to tell.'
      : `Its vault holds ${held} files: restore or purge them first.`;
  return { end: 'failed', message };
}
