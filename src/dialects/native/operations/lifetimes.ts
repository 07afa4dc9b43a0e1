import { second } from '#core/time.ts';
import { changeLifetimes } from '#core/verbs/change-lifetimes.ts';
import { readLifetimes } from '#core/verbs/read-lifetimes.ts';
import type { GuardedCall } from '../../dialect.ts';
import { guarded, type NativeOperation } from '../operation.ts';
import { changeLifetimes as changeContract, readLifetimes as readContract } from '../schemas/lifetimes.ts';

/** How long orders wait for their endpoints: read, and set. */
export const lifetimeOperations: readonly NativeOperation[] = [
  guarded(readContract, { permission: 'actions.read', licence: [], reach: 'fleet' }, (_, { ports }) => shown(ports)),
  guarded(changeContract, { permission: 'server.manage', licence: [] }, async ({ body }, { ports, principal }) => {
    const changes = Object.entries(body).map(([verb, seconds]) => [verb, seconds * second] as const);
    await changeLifetimes(ports, principal, Object.fromEntries(changes));
    return shown(ports);
  }),
];

/** In seconds. */
async function shown(ports: GuardedCall['ports']) {
  const { fetch, quarantine, restore, restore_objects, undo, plan, purge, search, logs, scan } =
    await readLifetimes(ports);
  return {
    fetch: fetch / second,
    quarantine: quarantine / second,
    restore: restore / second,
    restore_objects: restore_objects / second,
    undo: undo / second,
    plan: plan / second,
    purge: purge / second,
    search: search / second,
    logs: logs / second,
    scan: scan / second,
  };
}
