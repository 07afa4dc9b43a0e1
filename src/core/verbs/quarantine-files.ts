import { demandPermission } from '../access/principal.ts';
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
  /** Null: every copy with this hash under the roots that the agents inventory. */
  readonly path: FilePath | null;
  /** Null, with a path only: whichever file stands there when the agent begins. */
  readonly sha256: Sha256 | null;
  /** Takes files that agents protect, too (promise P14); needs a permission of its own. */
  readonly overrideProtection?: boolean | undefined;
}

/**
 * Orders one file, by path and hash or by its hash alone, into the vault of each named endpoint. Unknown endpoints are
 * left out.
 * @throws Fault `no_target` when no named endpoint is known, `limit_exceeded` for too many, `permission_denied` for an
 * override by who may not, `timeout`
 */
export async function quarantineFiles(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: QuarantineFiles,
): Promise<Action> {
  const { origin, path, sha256, overrideProtection = false } = request;
  if (overrideProtection) {
    demandPermission(origin.principal, 'files.override');
  }
  const asked = [...new Set(request.endpointIds)];
  demandFewEndpoints(asked.length, ports.policy.quarantineEndpointLimit);
  const parameters = { verb: 'quarantine', path, sha256, overrideProtection } as const;
  const facts = overrideProtection ? { overrideProtection } : {};
  const { action, endpointIds } = await ports.store.transact(async (transaction) => {
    const found = await transaction.endpoints.targetsAmong(asked);
    const known = new Set(found.map((endpoint) => endpoint.id));
    const chosen = asked.filter((id) => known.has(id));
    const targets = chosen.map((endpointId) => ({ endpointId, parameters }));
    return { action: await openAction(ports, transaction, { origin, targets, facts }), endpointIds: chosen };
  });
  ports.doorbell.ring(endpointIds);
  return action;
}

function demandFewEndpoints(asked: number, limit: number): void {
  if (asked > limit) {
    throw new Fault('limit_exceeded', `One quarantine names at most ${limit} endpoints; ${asked} were named.`, {
      details: { limit, asked },
    });
  }
}
