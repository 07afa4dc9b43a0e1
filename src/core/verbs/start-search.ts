import type { Action } from '../action/action.ts';
import { mostFound, type SearchPattern } from '../action/verb.ts';
import { Fault } from '../fault.ts';
import type { FilePath } from '../file/file-path.ts';
import { compileGlob } from '../file/glob.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { type Origin, openAction } from './open-action.ts';
import { type AskedEndpoints, orderTargets } from './order-targets.ts';

export interface StartSearch {
  readonly origin: Origin;
  readonly endpointIds: AskedEndpoints;
  readonly pattern: SearchPattern;
  /** Walks the file systems now, instead of asking the agents' indexes. */
  readonly live?: boolean | undefined;
  /** Where a live search begins; undefined: at the agents' roots. */
  readonly under?: FilePath | undefined;
  /** Most files that each endpoint tells of. */
  readonly limit?: number | undefined;
  /** How long it waits for endpoints that are away; default: the policy's. */
  readonly lifetime?: Milliseconds | undefined;
}

/**
 * Has endpoints search for files, in their own indexes or on their disks. Unknown endpoints are left out.
 * @param record writes what else belongs into the transaction.
 * @throws Fault `no_target` when no endpoint is known, `invalid_request` for a pattern that is none, `timeout`
 */
export async function startSearch(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: StartSearch,
  record: (transaction: Transaction, action: Action) => Promise<void> = async () => undefined,
): Promise<Action> {
  const { origin, lifetime, pattern, live = false, under = null, limit = mostFound } = request;
  demandPattern(pattern);
  if (under !== null && !live) {
    throw new Fault('invalid_request', 'Only a live search begins at a directory: the index is searched whole.', {
      details: { field: 'under' },
    });
  }
  const parameters = { verb: 'search', pattern, live, under, limit } as const;
  const { action, endpointIds } = await ports.store.transact(async (transaction) => {
    const chosen = await orderTargets(transaction, request.endpointIds);
    const targets = chosen.map((endpointId) => ({ endpointId, parameters }));
    const opened = await openAction(ports, transaction, { origin, targets, lifetime });
    await record(transaction, opened);
    return { action: opened, endpointIds: chosen };
  });
  ports.doorbell.ring(endpointIds);
  return action;
}

/** Better refused once here than by every endpoint. */
function demandPattern(pattern: SearchPattern): void {
  if (pattern.by === 'glob') {
    compileGlob(pattern.glob);
  }
  if (pattern.by === 'regex' && !isRegex(pattern.regex)) {
    throw new Fault('invalid_request', 'This is no regular expression.', { details: { field: 'regex' } });
  }
}

/** By the rules that agents match with. */
function isRegex(text: string): boolean {
  try {
    return new RegExp(text, 'u').unicode;
  } catch {
    return false;
  }
}
