import type { Task } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { FilePath } from '../file/file-path.ts';
import type { Sha256 } from '../file/hash.ts';
import type { VaultObjectId } from '../file/vault-object-id.ts';
import type { Reader } from '../ports/store/store.ts';
import { ownersOfObject } from './named-object.ts';

/** What is to be restored, and where to. */
export interface RestoreSubject {
  readonly sha256: Sha256;
  /** Undefined: every endpoint that the quarantined file relates to. */
  readonly endpointId?: EndpointId | undefined;
  /** Undefined: every copy. */
  readonly vaultObject?: VaultObjectId | undefined;
  /** Undefined: where each copy was. */
  readonly to?: FilePath | undefined;
}

/** Quarantines of the hash that may still take a file there. */
export async function unsettledQuarantines(
  { tasks }: Pick<Reader, 'tasks'>,
  { sha256, endpointId }: RestoreSubject,
): Promise<readonly Task[]> {
  const everywhere = await tasks.unsettledQuarantines(sha256);
  return endpointId === undefined ? everywhere : everywhere.filter((task) => task.endpointId === endpointId);
}

/** Those that an order can reach, sorted, so that the order of endpoints in an action's status is stable. */
export async function relatedEndpoints(
  reader: Reader,
  request: RestoreSubject,
  unsettled: readonly Task[],
): Promise<readonly EndpointId[]> {
  const related = await everyRelated(reader, request, unsettled);
  const revoked = new Set(await reader.endpoints.revokedAmong(related));
  return related.filter((id) => !revoked.has(id)).sort();
}

async function everyRelated(
  reader: Reader,
  { sha256, endpointId, vaultObject }: RestoreSubject,
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

/** One path takes one file. @throws Fault `invalid_request` */
export async function demandOnePlace(
  reader: Reader,
  request: RestoreSubject,
  endpoints: readonly EndpointId[],
): Promise<void> {
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
