import type { Action } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Sha256 } from '../file/hash.ts';
import type { VaultObjectId } from '../file/vault-object-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';
import { ownersOfObject } from './named-object.ts';
import { type Origin, openAction } from './open-action.ts';

export interface PurgeFiles {
  readonly origin: Origin;
  readonly sha256: Sha256;
  /** Always named: what is purged cannot be brought back. */
  readonly endpointIds: readonly EndpointId[];
  /** Undefined: every copy. */
  readonly vaultObject?: VaultObjectId | undefined;
}

/**
 * Orders what the named endpoints' vaults hold with this hash deleted for good (promise P28: nothing else ever drops a
 * vault object). Endpoints that hold none are left out.
 * @throws Fault `no_target` when none of them holds it; `invalid_request` when the named object has another hash; `timeout`
 */
export async function purgeFiles(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: PurgeFiles,
): Promise<Action> {
  const { origin, sha256, vaultObject = null } = request;
  const parameters = { verb: 'purge', sha256, vaultObject } as const;
  const { action, endpointIds } = await ports.store.transact(async (transaction) => {
    const holding = await holdersAmong(transaction, request);
    const targets = holding.map((endpointId) => ({ endpointId, parameters }));
    const facts = { sha256, vaultObject };
    return { action: await openAction(ports, transaction, { origin, targets, facts }), endpointIds: holding };
  });
  ports.doorbell.ring(endpointIds);
  return action;
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
