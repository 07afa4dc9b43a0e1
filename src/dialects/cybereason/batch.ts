import type { Principal } from '#core/access/principal.ts';
import { allows } from '#core/access/role.ts';
import type { Action } from '#core/action/action.ts';
import { isBatchNumber } from '#core/action/action-id.ts';
import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { Milliseconds } from '#core/time.ts';

/** Batches that were started before this moment have expired. */
export function oldestStart({ clock, policy }: Pick<Ports, 'clock' | 'policy'>): Milliseconds {
  return clock.now() - policy.retrievalLifetime + 1;
}

/**
 * The open fetch batch that a path names.
 * @throws Fault `not_found`, with one message for a batch that never was, was closed, has expired or is another
 * user's: only who may manage the server reaches the batches of others.
 */
export async function openBatch(
  ports: Pick<Ports, 'store' | 'clock' | 'policy'>,
  principal: Principal,
  text: string,
): Promise<Action> {
  const action = await batchOf(ports, text);
  if (action === undefined || !isOpen(ports, action) || !mayReach(principal, action)) {
    throw new Fault('not_found', `There is no open batch ${text.slice(0, 20)}: it is unknown, closed or expired.`, {
      details: { what: 'batch' },
    });
  }
  return action;
}

async function batchOf(ports: Pick<Ports, 'store'>, text: string): Promise<Action | undefined> {
  const number = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return isBatchNumber(number) ? ports.store.read(({ actions }) => actions.byBatchNumber(number)) : undefined;
}

function isOpen(ports: Pick<Ports, 'clock' | 'policy'>, action: Action): boolean {
  return action.closedAt === null && action.createdAt >= oldestStart(ports);
}

function mayReach(principal: Principal, action: Action): boolean {
  const own = principal.kind === action.principal.kind && principal.id === action.principal.id;
  return own || allows(principal.role, 'server.manage');
}
