import type { Action, Task } from '../action/action.ts';
import type { OccupiedPolicy } from '../action/verb.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { FilePath } from '../file/file-path.ts';
import type { Sha256 } from '../file/hash.ts';
import type { VaultObjectId } from '../file/vault-object-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import { demandNotBlocked } from './demand-not-blocked.ts';
import { ownersOfObject } from './named-object.ts';
import { type Origin, openAction } from './open-action.ts';
import { supersedeQuarantines } from './supersede-quarantines.ts';

export interface RestoreFiles {
  readonly origin: Origin;
  readonly sha256: Sha256;
  /** Undefined: every endpoint that the quarantined file relates to. */
  readonly endpointId?: EndpointId | undefined;
  /** Undefined: every copy. */
  readonly vaultObject?: VaultObjectId | undefined;
  /** Undefined: where each copy was. */
  readonly to?: FilePath | undefined;
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

async function unsettledQuarantines(
  { tasks }: Pick<Reader, 'tasks'>,
  { sha256, endpointId }: RestoreFiles,
): Promise<readonly Task[]> {
  const everywhere = await tasks.unsettledQuarantines(sha256);
  return endpointId === undefined ? everywhere : everywhere.filter((task) => task.endpointId === endpointId);
}

/** Those that an order can reach, sorted, so that the order of endpoints in an action's status is stable. */
async function relatedEndpoints(
  reader: Reader,
  request: RestoreFiles,
  unsettled: readonly Task[],
): Promise<readonly EndpointId[]> {
  const related = await everyRelated(reader, request, unsettled);
  const revoked = new Set(await reader.endpoints.revokedAmong(related));
  return related.filter((id) => !revoked.has(id)).sort();
}

async function everyRelated(
  reader: Reader,
  { sha256, endpointId, vaultObject }: RestoreFiles,
  unsettled: readonly Task[],
): Promise<readonly EndpointId[]> {
  if (vaultObject !== undefined) {
    return ownersOfObject(reader, { vaultObject, sha256, endpointId });
  }
  const held = await reader.quarantine.endpointsWith(sha256, 'held');
  const holding = new Set([...held, ...unsettled.map((task) => task.endpointId)]);
  const restored = await reader.quarantine.endpointsWith(sha256, 'restored');
  const lost = await reader.quarantine.endpointsWith(sha256, 'lost');
  const formerly = new Set([...restored, ...lost]);
  if (endpointId !== undefined) {
    return holding.has(endpointId) || formerly.has(endpointId) ? [endpointId] : [];
  }
  return [...(holding.size > 0 ? holding : formerly)];
}

/** One path takes one file. */
async function demandOnePlace(reader: Reader, request: RestoreFiles, endpoints: readonly EndpointId[]): Promise<void> {
  if (request.to === undefined || endpoints.length === 0) {
    return;
  }
  const details = { field: 'to' };
  if (endpoints.length > 1) {
    const message = `Files of ${endpoints.length} endpoints would be restored to one path: name one endpoint.`;
    throw new Fault('invalid_request', message, { details });
  }
  const filter = { endpointIds: endpoints, sha256: [request.sha256], states: ['held'] } as const;
  const { total } = await reader.quarantine.list(filter, { offset: 0, limit: 0 });
  if (total > 1 && request.vaultObject === undefined) {
    const message = `The endpoint holds ${total} copies with this hash, and one path takes one: name one vault object.`;
    throw new Fault('invalid_request', message, { details });
  }
}
