import { demandPermission } from '../access/principal.ts';
import type { Action } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { FilePath } from '../file/file-path.ts';
import type { Sha256 } from '../file/hash.ts';
import { targetDigest } from '../guard/target-digest.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { type Origin, openAction } from './open-action.ts';

export interface QuarantineFiles {
  readonly origin: Origin;
  /** `holders`: with a hash alone, every endpoint that reported a copy which is there now. */
  readonly endpointIds: readonly EndpointId[] | 'holders';
  /** Null: every copy with this hash under the roots that the agents inventory. */
  readonly path: FilePath | null;
  /** Null, with a path only: whichever file stands there when the agent begins. */
  readonly sha256: Sha256 | null;
  /** Takes files that agents protect, too (promise P14); needs a permission of its own. */
  readonly overrideProtection?: boolean | undefined;
  /** Of `holders`: what the preview said of the endpoints. Where those are others now, nothing is ordered (promise P78). */
  readonly targetDigest?: string | undefined;
}

/**
 * Orders one file, by path and hash or by its hash alone, into the vault of each named endpoint. Unknown endpoints are
 * left out.
 * @throws Fault `no_target` when no named endpoint is known, or none has a copy; `limit_exceeded` for too many; `conflict` for a digest
 * of other endpoints; `invalid_request` for `holders` with a path or without a hash; `permission_denied` for an override by who may
 * not; `timeout`
 */
export async function quarantineFiles(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: QuarantineFiles,
): Promise<Action> {
  const { origin, path, sha256, overrideProtection = false } = request;
  if (overrideProtection) {
    demandPermission(origin.principal, 'files.override');
  }
  const parameters = { verb: 'quarantine', path, sha256, overrideProtection } as const;
  const facts = overrideProtection ? { overrideProtection } : {};
  const choose = targetsOf(ports, request);
  const order = async (transaction: Transaction) => {
    const chosen = await choose(transaction);
    const targets = chosen.map((endpointId) => ({ endpointId, parameters }));
    return { action: await openAction(ports, transaction, { origin, targets, facts }), endpointIds: chosen };
  };
  const { action, endpointIds } = await ports.store.transact(order, {
    fleetWide: request.endpointIds === 'holders',
  });
  ports.doorbell.ring(endpointIds);
  return action;
}

type Choose = (transaction: Pick<Transaction, 'endpoints' | 'files'>) => Promise<readonly EndpointId[]>;

/** What is wrong with the request is said before anything is asked of the store. */
function targetsOf({ policy }: Pick<Ports, 'policy'>, request: QuarantineFiles): Choose {
  const { endpointIds, path, sha256, targetDigest: seen } = request;
  const limit = policy.quarantineEndpointLimit;
  if (endpointIds === 'holders') {
    if (path !== null || sha256 === null) {
      throw wrongField('endpointIds', 'holders goes with a sha256 and without a path.');
    }
    return (transaction) => demandedHolders(transaction, { sha256, seen, limit });
  }
  if (seen !== undefined) {
    throw wrongField('targetDigest', 'it goes with the endpoints `holders`; named ones need none.');
  }
  const asked = [...new Set(endpointIds)];
  if (asked.length > limit) {
    throw tooMany(`One quarantine names at most ${limit} endpoints; ${asked.length} were named.`, limit, asked.length);
  }
  return async (transaction) => {
    const known = new Set((await transaction.endpoints.targetsAmong(asked)).map(({ id }) => id));
    return asked.filter((id) => known.has(id));
  };
}

async function demandedHolders(
  transaction: Pick<Transaction, 'files'>,
  { sha256, seen, limit }: { readonly sha256: Sha256; readonly seen: string | undefined; readonly limit: number },
): Promise<readonly EndpointId[]> {
  const holders = await transaction.files.reachableHolders(sha256);
  if (holders.length === 0) {
    throw new Fault('no_target', `No endpoint has reported a file with the SHA-256 ${sha256} that is there now.`);
  }
  if (seen === undefined && holders.length > limit) {
    const message = `Copies are on ${holders.length} endpoints, more than ${limit}: look at the preview, and give its digest.`;
    throw tooMany(message, limit, holders.length);
  }
  const digest = targetDigest(sha256, holders);
  if (seen !== undefined && seen.toLowerCase() !== digest) {
    throw new Fault(
      'conflict',
      `The copies are on other endpoints than the preview showed, ${holders.length} by now: look at it again.`,
      { details: { digest } },
    );
  }
  return holders;
}

function wrongField(field: string, why: string): Fault {
  return new Fault('invalid_request', `${field}: ${why}`, { details: { in: 'body', field } });
}

function tooMany(message: string, limit: number, asked: number): Fault {
  return new Fault('limit_exceeded', message, { details: { limit, asked } });
}
