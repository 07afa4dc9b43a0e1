import type { Action } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { FilePath } from '../file/file-path.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Ports } from '../ports/ports.ts';
import { type Origin, openAction } from './open-action.ts';

export interface QuarantineFiles {
  readonly origin: Origin;
  readonly endpointIds: readonly EndpointId[];
  readonly path: FilePath;
  readonly sha256: Sha256;
}

/**
 * Orders one file, by path and hash, into the vault of each named endpoint. Unknown endpoints are left out.
 * @throws Fault `no_target` when no named endpoint is known, `limit_exceeded` for too many, `timeout`
 */
export async function quarantineFiles(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: QuarantineFiles,
): Promise<Action> {
  const asked = [...new Set(request.endpointIds)];
  const limit = ports.policy.quarantineEndpointLimit;
  if (asked.length > limit) {
    throw new Fault('limit_exceeded', `One quarantine names at most ${limit} endpoints; ${asked.length} were named.`, {
      details: { limit, asked: asked.length },
    });
  }
  const parameters = { verb: 'quarantine', path: request.path, sha256: request.sha256 } as const;
  const { action, endpointIds } = await ports.store.transact(async (transaction) => {
    const found = await transaction.endpoints.targetsAmong(asked);
    const known = new Set(found.map((endpoint) => endpoint.id));
    const chosen = asked.filter((id) => known.has(id));
    const targets = chosen.map((endpointId) => ({ endpointId, parameters }));
    return { action: await openAction(ports, transaction, { origin: request.origin, targets }), endpointIds: chosen };
  });
  ports.doorbell.ring(endpointIds);
  return action;
}
