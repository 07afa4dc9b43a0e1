import type { Action } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';
import { type Origin, openAction } from './open-action.ts';

export interface RestoreFiles {
  readonly origin: Origin;
  readonly sha256: Sha256;
  /** Undefined: every endpoint that the quarantined file relates to. */
  readonly endpointId?: EndpointId | undefined;
}

/**
 * Orders every copy of a quarantined file back to where it was, on one endpoint or on all that hold the hash. Those
 * that gave theirs back before are asked again only when none holds one: a repeated restore ends `already_done`.
 * @throws Fault `no_target` when no endpoint (or not the named one) ever quarantined this hash; `timeout`
 */
export async function restoreFiles(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: RestoreFiles,
): Promise<Action> {
  const parameters = { verb: 'restore', sha256: request.sha256 } as const;
  const { action, endpointIds } = await ports.store.transact(async (transaction) => {
    const related = await relatedEndpoints(transaction, request);
    const targets = related.map((endpointId) => ({ endpointId, parameters }));
    return { action: await openAction(ports, transaction, { origin: request.origin, targets }), endpointIds: related };
  });
  ports.doorbell.ring(endpointIds);
  return action;
}

/** Sorted, so that the order of endpoints in an action's status is stable. */
async function relatedEndpoints(reader: Reader, request: RestoreFiles): Promise<readonly EndpointId[]> {
  const { sha256, endpointId } = request;
  const held = await reader.quarantine.endpointsWith(sha256, 'held');
  const unsettled = await reader.tasks.unsettledQuarantines(sha256);
  const holding = new Set([...held, ...unsettled.map((task) => task.endpointId)]);
  const restored = await reader.quarantine.endpointsWith(sha256, 'restored');
  if (endpointId !== undefined) {
    return holding.has(endpointId) || restored.includes(endpointId) ? [endpointId] : [];
  }
  return holding.size > 0 ? [...holding].sort() : restored.toSorted();
}
