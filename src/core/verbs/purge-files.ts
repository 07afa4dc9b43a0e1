import type { Action } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Sha256 } from '../file/hash.ts';
import type { VaultObjectId } from '../file/vault-object-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';
import { heldObjects, ownersOfObject } from './named-object.ts';
import { type Origin, openAction, type Target } from './open-action.ts';

export interface PurgeFiles {
  readonly origin: Origin;
  readonly sha256: Sha256;
  /** Always named: what is purged cannot be brought back. */
  readonly endpointIds: readonly EndpointId[];
  /** Undefined: every copy. */
  readonly vaultObject?: VaultObjectId | undefined;
  /** Just these copies, in place of `vaultObject`: what somebody has counted. */
  readonly vaultObjects?: readonly VaultObjectId[] | undefined;
}

/**
 * Orders what the named endpoints' vaults hold with this hash deleted for good (promise P28: nothing else ever drops a
 * vault object). Endpoints that hold none are left out.
 * @throws Fault `no_target` when none of them holds it; `invalid_request` when a named object has another hash, or one of several is of an
 * endpoint that is not named; `conflict` when one of several has left its vault; `limit_exceeded`; `timeout`
 */
export async function purgeFiles(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: PurgeFiles,
): Promise<Action> {
  const { origin, sha256, vaultObject = null } = request;
  const { action, endpointIds } = await ports.store.transact(async (transaction) => {
    const targets = await targetsOf(transaction, request);
    const facts = { sha256, vaultObject };
    const opened = await openAction(ports, transaction, { origin, targets, facts });
    return { action: opened, endpointIds: targets.map(({ endpointId }) => endpointId) };
  });
  ports.doorbell.ring(endpointIds);
  return action;
}

async function targetsOf(reader: Reader, request: PurgeFiles): Promise<readonly Target[]> {
  const { sha256, vaultObject = null, vaultObjects } = request;
  if (vaultObjects === undefined) {
    const holding = await holdersAmong(reader, request);
    return holding.map((endpointId) => ({ endpointId, parameters: { verb: 'purge', sha256, vaultObject } }));
  }
  const byEndpoint = await heldObjects(reader, { vaultObjects, sha256, endpointIds: request.endpointIds });
  return [...byEndpoint].map(([endpointId, [first, ...others]]) => {
    const named = others.length === 0 ? first : [first, ...others];
    return { endpointId, parameters: { verb: 'purge', sha256, vaultObject: named } };
  });
}

/** In the order in which they were named. What is thought to be lost may be purged: it may be there after all. */
async function holdersAmong(reader: Reader, request: PurgeFiles): Promise<readonly EndpointId[]> {
  const { sha256, vaultObject } = request;
  const asked = [...new Set(request.endpointIds)];
  if (vaultObject !== undefined) {
    const owners = await ownersOfObject(reader, { vaultObject, sha256 });
    return asked.filter((id) => owners.includes(id));
  }
  const held = await reader.quarantine.endpointsWith(sha256, 'held');
  const lost = await reader.quarantine.endpointsWith(sha256, 'lost');
  const holding = new Set([...held, ...lost]);
  return asked.filter((id) => holding.has(id));
}
