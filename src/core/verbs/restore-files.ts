import type { Action } from '../action/action.ts';
import type { OccupiedPolicy } from '../action/verb.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { demandNotBlocked } from './demand-not-blocked.ts';
import { type Origin, openAction } from './open-action.ts';
import { demandOnePlace, type RestoreSubject, relatedEndpoints, unsettledQuarantines } from './restore-targets.ts';
import { supersedeQuarantines } from './supersede-quarantines.ts';

export interface RestoreFiles extends RestoreSubject {
  readonly origin: Origin;
  /** Default: `fail`. */
  readonly ifOccupied?: OccupiedPolicy | undefined;
  /** Puts a blocked hash on the allow list first; needs a permission of its own. */
  readonly allow?: boolean | undefined;
}

/**
 * Orders every copy of a quarantined file, or one of them, back to where it was or to another place, on one endpoint or
 * on all that hold the hash. Those that gave theirs back before are asked again only when none holds one: a repeated
 * restore ends `already_done`. Quarantines of the hash that have not begun are superseded, wherever the restore goes, and those
 * endpoints are asked too: only an agent knows that it holds nothing.
 * @throws Fault `no_target` when no endpoint (or not the named one) ever quarantined this hash; `invalid_request` when
 * several copies would have to go to one place, or the named object has another hash; `conflict` for a hash that is blocked: the
 * file would be taken again as soon as it is back; `permission_denied` for an `allow` by who may not; `timeout`
 */
export async function restoreFiles(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: RestoreFiles,
): Promise<Action> {
  const { origin, sha256, vaultObject = null, to = null, ifOccupied = 'fail', allow = false } = request;
  const parameters = { verb: 'restore', sha256, vaultObject, to, ifOccupied } as const;
  const fleetWide = request.endpointId === undefined;
  const order = async (transaction: Transaction) => {
    await demandNotBlocked(ports, transaction, { origin, hashes: [sha256], allow });
    const unsettled = vaultObject === null ? await unsettledQuarantines(transaction, request) : [];
    const related = await relatedEndpoints(transaction, request, unsettled);
    await demandOnePlace(transaction, request, related);
    const targets = related.map((endpointId) => ({ endpointId, parameters }));
    const action = await openAction(ports, transaction, { origin, targets });
    await supersedeQuarantines(transaction, action, unsettled);
    return { action, endpointIds: related };
  };
  const { action, endpointIds } = await ports.store.transact(order, { fleetWide });
  ports.doorbell.ring(endpointIds);
  return action;
}
