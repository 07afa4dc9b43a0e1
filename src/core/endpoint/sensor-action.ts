import type { Principal } from '../access/principal.ts';
import type { ActionId, BatchNumber } from '../action/action-id.ts';
import type { Milliseconds } from '../time.ts';
import type { EndpointId } from './endpoint-id.ts';

/** What clients of Cybereason call an action on sensors: something asked of several endpoints under one batch number. */
export interface SensorAction {
  /** Of the same numbers as those of fetch batches, and never one of them. */
  readonly batchNumber: BatchNumber;
  /** The vendor's name of it. */
  readonly kind: string;
  readonly principal: Pick<Principal, 'kind' | 'id' | 'name'>;
  /** What the client said beside the endpoints: a reason, a mode, the filters of a search. JSON. */
  readonly argumentsJson: string;
  readonly createdAt: Milliseconds;
  /** The orders to the agents; null where the server alone carried it out, or refused. */
  readonly actionId: ActionId | null;
  readonly abortedAt: Milliseconds | null;
  readonly abortedBy: string | null;
}

/** How a sensor action ended on one endpoint without an order to its agent. */
export const sensorEnds = ['succeeded', 'failed', 'not_supported'] as const;

export interface SensorActionTarget {
  readonly batchNumber: BatchNumber;
  readonly endpointId: EndpointId;
  /** The endpoint's place in the request. */
  readonly ordinal: number;
  /** Null where the agent's task tells. */
  readonly end: (typeof sensorEnds)[number] | null;
  /** Why, in one sentence; empty where it succeeded. */
  readonly message: string;
}
