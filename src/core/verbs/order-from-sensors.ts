import type { Principal } from '../access/principal.ts';
import type { SearchPattern } from '../action/verb.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { SensorAction } from '../endpoint/sensor-action.ts';
import type { Ports } from '../ports/ports.ts';
import { sensorAction } from './act-on-endpoints.ts';
import { demandEvidenceStorage } from './demand-evidence-storage.ts';
import { freeBatchNumber, openAction } from './open-action.ts';
import { searchIn } from './start-search.ts';

/** What agents are ordered to do under one batch number. */
export type SensorOrder =
  | { readonly verb: 'logs' }
  | { readonly verb: 'search'; readonly pattern: SearchPattern; readonly limit: number };

export interface OrderFromSensors {
  readonly principal: Principal;
  /** The client's name of it. */
  readonly kind: string;
  readonly argumentsJson: string;
  readonly endpointIds: readonly EndpointId[];
  readonly order: SensorOrder;
}

/**
 * Orders the agents of endpoints to send their logs, or to search their disks now. Unknown and removed endpoints are left out.
 * @throws Fault `no_target` when none is left, `evidence_unavailable` when logs would have nowhere to go, `timeout`
 */
export async function orderFromSensors(
  ports: Pick<Ports, 'store' | 'blobs' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: OrderFromSensors,
): Promise<SensorAction> {
  if (request.order.verb === 'logs') {
    await demandEvidenceStorage(ports);
  }
  const { principal, kind, argumentsJson, order } = request;
  const origin = { principal, dialect: 'cybereason' } as const;
  const { action, endpointIds } = await ports.store.transact(async (transaction) => {
    const found = await transaction.endpoints.targetsAmong(request.endpointIds);
    const known = new Set(found.map(({ id }) => id));
    const chosen = request.endpointIds.filter((id) => known.has(id));
    const opened =
      order.verb === 'search'
        ? (await searchIn(ports, transaction, { origin, endpointIds: chosen, live: true, ...order })).action
        : await openAction(ports, transaction, {
            origin,
            targets: chosen.map((endpointId) => ({ endpointId, parameters: { verb: 'logs' } })),
          });
    const batchNumber = await freeBatchNumber(transaction, ports.random);
    const createdAt = opened.createdAt;
    const begun = sensorAction({ kind, principal, argumentsJson, batchNumber, createdAt, actionId: opened.id });
    const targets = chosen.map((endpointId, ordinal) => ({ batchNumber, endpointId, ordinal, end: null, message: '' }));
    await transaction.sensorActions.insert(begun, targets);
    return { action: begun, endpointIds: chosen };
  });
  ports.doorbell.ring(endpointIds);
  return action;
}
