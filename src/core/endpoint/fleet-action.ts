import type { Principal } from '../access/principal.ts';
import type { ActionId, BatchNumber } from '../action/action-id.ts';
import type { Json } from '../custody/event.ts';
import type { Milliseconds } from '../time.ts';
import type { EndpointId } from './endpoint-id.ts';

export const fleetActionKinds = ['archive', 'unarchive', 'delete', 'logs', 'search', 'unsupported'] as const;

export type FleetActionKind = (typeof fleetActionKinds)[number];

/**
 * What one call asked of a number of endpoints, under a number of the same space as fetch batches have. What agents must do
 * is an action of its own, whose tasks say how far it is; what the server does by itself, or does not do, is over at once.
 */
export interface FleetAction {
  readonly batchNumber: BatchNumber;
  readonly kind: FleetActionKind;
  /** The word that was used: of what is not supported there are many. */
  readonly name: string;
  /** What was asked, for those who list it. */
  readonly facts: Json;
  /** Null: its rows say how it ended. */
  readonly actionId: ActionId | null;
  readonly principal: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly createdAt: Milliseconds;
  readonly endpointsCount: number;
  readonly cancelledAt: Milliseconds | null;
  readonly cancelledBy: string | null;
}

/** How one endpoint fared with what the server did by itself. */
export interface FleetActionRow {
  readonly endpointId: EndpointId;
  readonly done: boolean;
  /** One line for people; empty where there is nothing to say. */
  readonly message: string;
}
