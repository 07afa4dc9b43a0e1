import type { Action } from '../../action/action.ts';
import type { ActionId, BatchNumber } from '../../action/action-id.ts';
import type { ActionStatus } from '../../action/action-status.ts';
import type { Verb } from '../../action/verb.ts';
import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

export interface ActionFilter {
  readonly verbs?: readonly Verb[];
  readonly incidentId?: string;
  readonly principalId?: string;
  /** Only fetch actions with a batch number that nobody closed. */
  readonly openBatches?: boolean;
  /**
   * Only actions of which some file was not delivered to a client: it is still coming, has arrived, or has failed. Where an
   * endpoint reported on fewer files than were asked, those count. Of what was retried, only what had succeeded counts.
   */
  readonly undelivered?: boolean;
  readonly createdFrom?: Milliseconds;
  /** Not then any more. */
  readonly createdTo?: Milliseconds;
  /** Only what was ordered of this endpoint, among others or alone. */
  readonly endpointId?: EndpointId;
  /** Only what has orders that wait for a confirmation at `now` because nobody has wanted them since `wantedBefore`. */
  readonly unconfirmed?: { readonly wantedBefore: Milliseconds; readonly now: Milliseconds };
  /** Digits that the id has in a row, anywhere. */
  readonly idContains?: string;
}

/** How an action stands. Null: some of it was retried, and what stands then is made of every attempt. */
export interface ActionStanding {
  readonly id: ActionId;
  readonly status: ActionStatus | null;
}

export interface ActionReader {
  byId(id: ActionId): Promise<Action | undefined>;
  /** In no particular order; unknown ids are left out. Any number of ids. */
  byIds(ids: readonly ActionId[]): Promise<readonly Action[]>;
  byBatchNumber(number: BatchNumber): Promise<Action | undefined>;
  /** Newest first. */
  list(filter: ActionFilter, page: Page): Promise<Listing<Action>>;
  /** Every action of the filter as `list` orders them, with its status at `now` by the rules of `actionStatus`. */
  standings(filter: ActionFilter, now: Milliseconds): Promise<readonly ActionStanding[]>;
}

export interface ActionWriter extends ActionReader {
  /** @throws Fault `conflict` when the id or the batch number is taken. */
  insert(action: Action): Promise<void>;
  /** Any number of actions, in few statements. @throws Fault `conflict` when an id or a batch number is taken. */
  insertAll(actions: readonly Action[]): Promise<void>;
  /**
   * Another round of tasks begins, which waits for its endpoints until `deadline`; the action's own deadline is the later one.
   * @returns the number of the round.
   */
  beginRound(id: ActionId, deadline: Milliseconds): Promise<number>;
  /** Of an action that was held: it waits for its endpoints from now on. */
  postpone(id: ActionId, deadline: Milliseconds): Promise<void>;
  /** @returns false when the batch was closed before. */
  close(id: ActionId, at: Milliseconds): Promise<boolean>;
}
