import type { Principal } from '../access/principal.ts';
import type { Action } from '../action/action.ts';
import type { Json } from '../custody/event.ts';
import type { FleetAction, FleetActionKind, FleetActionRow } from '../endpoint/fleet-action.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { freeBatchNumber } from './free-batch-number.ts';

/** Who asked for what, in the words of the call. */
export interface FleetRequest {
  readonly principal: Principal;
  readonly name: string;
  readonly facts: Json;
}

/** What the server did by itself has rows; what agents must do has an action. */
export type FleetWork =
  | { readonly kind: FleetActionKind; readonly rows: readonly FleetActionRow[] }
  | { readonly kind: FleetActionKind; readonly action: Action };

/** Writes down, inside the caller's transaction, what one call asked of a number of endpoints. */
export async function recordFleetAction(
  ports: Pick<Ports, 'clock' | 'random'>,
  transaction: Transaction,
  { request, work }: { readonly request: FleetRequest; readonly work: FleetWork },
): Promise<FleetAction> {
  const { id, kind, name } = request.principal;
  const rows = 'rows' in work ? work.rows : [];
  const action = 'action' in work ? work.action : undefined;
  const recorded: FleetAction = {
    batchNumber: await freeBatchNumber(transaction, ports.random),
    kind: work.kind,
    name: request.name,
    facts: request.facts,
    actionId: action?.id ?? null,
    principal: { kind, id, name },
    createdAt: action?.createdAt ?? ports.clock.now(),
    endpointsCount: action?.endpointsCount ?? rows.length,
    cancelledAt: null,
    cancelledBy: null,
  };
  await transaction.fleetActions.insert(recorded, rows);
  return recorded;
}
