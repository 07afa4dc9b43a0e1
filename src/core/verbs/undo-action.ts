import type { Action } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import type { UndoRefusal } from '../action/undo-refusal.ts';
import type { OccupiedPolicy } from '../action/verb.ts';
import type { NewEvent } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault, type FaultCode } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { unreachable } from '../unreachable.ts';
import { cancelWithin } from './cancel-action.ts';
import { allowBlocked } from './demand-not-blocked.ts';
import { judgeUndos, type PossibleUndo } from './judge-undo.ts';
import { type NewOrder, type Origin, openActions } from './open-action.ts';
import { supersede } from './supersede-quarantines.ts';

const notUndone = 'A quarantine was undone and no undo opened.';

export interface UndoAction {
  readonly origin: Origin;
  /** The quarantine. */
  readonly actionId: ActionId;
  /** Default: `fail`. */
  readonly ifOccupied?: OccupiedPolicy | undefined;
  /** Puts blocked hashes of what it took on the allow list first; needs a permission of its own. */
  readonly allow?: boolean | undefined;
}

export interface UndoneAction {
  /** What gives the files back; null where no agent that is left took one, or may have: then the order was merely withdrawn. */
  readonly undo: Action | null;
  /** Endpoints that never had the order, and never will. */
  readonly withdrawn: number;
  /** Endpoints that have the order and were asked not to begin; each gives back what it took nevertheless. */
  readonly asked: number;
  /** Endpoints that were removed since: no order reaches their vaults. */
  readonly removed: number;
}

/**
 * Takes a whole quarantine back: what of it is open is withdrawn, and every endpoint that took something, or may have, puts
 * everything that this very order took back to where it was; those that are away when they return. All in one transaction, so that
 * nothing of the quarantine can begin after it. What others quarantined stays where it is. It is never held for an approval. Repeated, it ends `already_done`.
 * @throws Fault `not_found`; `invalid_request` for an action that is no quarantine; `no_target` for one that took nothing; `conflict`
 * for a hash that is blocked; `permission_denied` for an `allow` by who may not; `timeout`
 */
export async function undoAction(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: UndoAction,
): Promise<UndoneAction> {
  const order = (transaction: Transaction) => undoWithin(ports, transaction, request);
  const { ring, ...undone } = await ports.store.transact(order, { fleetWide: true });
  ports.doorbell.ring(ring);
  return undone;
}

type UndoPorts = Pick<Ports, 'clock' | 'random' | 'policy'>;

async function undoWithin(
  ports: UndoPorts,
  transaction: Transaction,
  { actionId, allow = false, ...asked }: UndoAction,
): Promise<UndoneWithin> {
  const actions = await transaction.actions.byIds([actionId]);
  const [judged] = await judgeUndos(transaction, { actions, allow, now: ports.clock.now() });
  if (judged === undefined) {
    throw new Fault('not_found', `There is no action ${actionId}.`, { details: { what: 'action' } });
  }
  if (judged.kind === 'refused') {
    const { why, message, details } = judged;
    throw new Fault(refusalCodes[why], message, { details });
  }
  const [undone] = await carryOutUndos(ports, transaction, { ...asked, possible: [judged] });
  return undone ?? unreachable(notUndone);
}

const refusalCodes: Readonly<Record<UndoRefusal, FaultCode>> = {
  not_a_quarantine: 'invalid_request',
  blocked: 'conflict',
  nothing_taken: 'no_target',
  removed: 'no_target',
};

/** What was judged to be possible, and how. */
export interface CarryOutUndos extends Pick<UndoAction, 'origin' | 'ifOccupied'> {
  readonly possible: readonly PossibleUndo[];
  /** What the events of the undos say beside which quarantine each undoes. */
  readonly facts?: NewEvent['facts'];
}

export interface UndoneWithin extends UndoneAction {
  /** Whom to ring for after the commit. */
  readonly ring: readonly EndpointId[];
}

/**
 * Undoes many quarantines inside the caller's transaction, in which they were judged; each by an action of its own.
 * @returns what became of each, in their order
 * @throws Fault `permission_denied` where a hash must be allowed by who may not
 */
export async function carryOutUndos(
  ports: UndoPorts,
  transaction: Transaction,
  { origin, ifOccupied = 'fail', possible, facts = {} }: CarryOutUndos,
): Promise<readonly UndoneWithin[]> {
  await allowBlocked(ports, transaction, { origin, hashes: [...new Set(possible.flatMap(({ blocked }) => blocked))] });
  const giving = possible.filter(({ reached }) => reached.length > 0);
  const orders = giving.map((each) => orderOf(each, { origin, ifOccupied, facts }));
  const opened = await openActions(ports, transaction, orders);
  const undos = new Map(giving.map(({ actionId }, index) => [actionId, opened[index] ?? unreachable(notUndone)]));
  const done: UndoneWithin[] = [];
  for (const each of possible) {
    const { actionId, tasks, reached, removed } = each;
    const undo = undos.get(actionId) ?? null;
    const { withdrawn, asked } =
      undo === null
        ? await cancelWithin(transaction, { by: origin.principal, id: actionId, at: ports.clock.now() })
        : await supersede(transaction, undo, tasks);
    done.push({ undo, withdrawn, asked: asked.length, removed, ring: reached.map(({ endpointId }) => endpointId) });
  }
  return done;
}

function orderOf(
  { actionId, reached }: PossibleUndo,
  { origin, ifOccupied, facts }: Pick<CarryOutUndos, 'origin' | 'facts'> & { readonly ifOccupied: OccupiedPolicy },
): NewOrder {
  const targets = reached.map(
    ({ endpointId, id: taskId }) =>
      ({ endpointId, parameters: { verb: 'undo', actionId, taskId, ifOccupied } }) as const,
  );
  return { origin, targets, facts: { undoes: actionId, ...facts } };
}
