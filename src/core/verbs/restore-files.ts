import type { Action, Task } from '../action/action.ts';
import type { OccupiedPolicy } from '../action/verb.ts';
import type { VaultObjectId } from '../file/vault-object-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import { demandNotBlocked } from './demand-not-blocked.ts';
import { heldObjects } from './named-object.ts';
import { type Origin, openAction, type Target } from './open-action.ts';
import { demandOnePlace, type RestoreSubject, relatedEndpoints, unsettledQuarantines } from './restore-targets.ts';
import { supersedeQuarantines } from './supersede-quarantines.ts';

export interface RestoreFiles extends RestoreSubject {
  readonly origin: Origin;
  /** Default: `fail`. */
  readonly ifOccupied?: OccupiedPolicy | undefined;
  /** Puts a blocked hash on the allow list first; needs a permission of its own. */
  readonly allow?: boolean | undefined;
  /** Just these copies, in place of `vaultObject` and without `to`: what somebody has counted. */
  readonly vaultObjects?: readonly VaultObjectId[] | undefined;
}

/**
 * Orders every copy of a quarantined file, or one of them, back to where it was or to another place, on one endpoint or
 * on all that hold the hash. Those that gave theirs back before are asked again only when none holds one: a repeated
 * restore ends `already_done`. Quarantines of the hash that have not begun are superseded, wherever the restore goes, and those
 * endpoints are asked too: only an agent knows that it holds nothing. Where the request names its objects, just these go back, and nothing
 * else is touched.
 * @throws Fault `no_target` when no endpoint (or not the named one) ever quarantined this hash; `invalid_request` when
 * several copies would have to go to one place, or a named object has another hash; `conflict` for a hash that is blocked: the
 * file would be taken again as soon as it is back, and where one of several named objects has left its vault; `limit_exceeded`;
 * `permission_denied` for an `allow` by who may not; `timeout`
 */
export async function restoreFiles(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: RestoreFiles,
): Promise<Action> {
  const { origin, sha256, vaultObject, vaultObjects, allow = false } = request;
  const fleetWide = request.endpointId === undefined;
  const isNamed = vaultObject !== undefined || vaultObjects !== undefined;
  const order = async (transaction: Transaction) => {
    await demandNotBlocked(ports, transaction, { origin, hashes: [sha256], allow });
    const unsettled = isNamed ? [] : await unsettledQuarantines(transaction, request);
    const targets =
      vaultObjects === undefined
        ? await targetsByHash(transaction, request, unsettled)
        : await targetsByObject(transaction, { ...request, vaultObjects });
    const action = await openAction(ports, transaction, { origin, targets });
    await supersedeQuarantines(transaction, action, unsettled);
    return { action, endpointIds: targets.map(({ endpointId }) => endpointId) };
  };
  const { action, endpointIds } = await ports.store.transact(order, { fleetWide });
  ports.doorbell.ring(endpointIds);
  return action;
}

async function targetsByHash(
  transaction: Transaction,
  request: RestoreFiles,
  unsettled: readonly Task[],
): Promise<readonly Target[]> {
  const { sha256, vaultObject = null, to = null, ifOccupied = 'fail' } = request;
  const related = await relatedEndpoints(transaction, request, unsettled);
  await demandOnePlace(transaction, request, related);
  const parameters = { verb: 'restore', sha256, vaultObject, to, ifOccupied } as const;
  return related.map((endpointId) => ({ endpointId, parameters }));
}

/** One copy alone goes back by the verb that says so; several, object by object. */
async function targetsByObject(
  reader: Reader,
  request: RestoreFiles & { readonly vaultObjects: readonly VaultObjectId[] },
): Promise<readonly Target[]> {
  const { sha256, endpointId, vaultObjects, ifOccupied = 'fail' } = request;
  const endpointIds = endpointId === undefined ? undefined : [endpointId];
  const byEndpoint = await heldObjects(reader, { vaultObjects, sha256, endpointIds });
  const revoked = new Set(await reader.endpoints.revokedAmong([...byEndpoint.keys()]));
  const isOne = new Set(vaultObjects).size === 1;
  return [...byEndpoint]
    .filter(([id]) => !revoked.has(id))
    .map(([id, objects]) => ({
      endpointId: id,
      parameters: isOne
        ? { verb: 'restore', sha256, vaultObject: objects[0], to: null, ifOccupied }
        : {
            verb: 'restore_objects',
            sha256,
            objects: objects.map((each) => ({ vaultObject: each, to: null, ifOccupied })),
          },
    }));
}
