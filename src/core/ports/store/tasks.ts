import type { Principal } from '../../access/principal.ts';
import type { SignedBytes, Task } from '../../action/action.ts';
import type { ActionId, TaskId } from '../../action/action-id.ts';
import type { TaskStanding } from '../../action/task-standing.ts';
import type { TaskEvent, TaskState } from '../../action/task-state.ts';
import type { Verb } from '../../action/verb.ts';
import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { Sha256 } from '../../file/hash.ts';
import type { RolloutKey } from '../../guard/rings.ts';
import type { Milliseconds } from '../../time.ts';

/** Whose a task is, and what it asks for. */
export interface TaskPlace extends Pick<Task, 'id' | 'actionId' | 'endpointId'> {
  readonly verb: Verb;
  /** The restore because of which the agent was asked not to begin. */
  readonly supersededBy: ActionId | null;
}

export interface OpenQuarantines {
  readonly endpointId: EndpointId;
  readonly sha256: readonly Sha256[];
  readonly now: Milliseconds;
}

/** Tasks of one action that stand alike, those that were retried left out. */
export interface TaskTally {
  readonly actionId: ActionId;
  readonly standing: TaskStanding;
  readonly count: number;
}

/** What is one endpoint's, or, without it, everybody's. */
export interface OfEndpoint {
  readonly endpointId?: EndpointId | undefined;
}

export interface TaskReader {
  byId(id: TaskId): Promise<Task | undefined>;
  byIds(ids: readonly TaskId[]): Promise<readonly Task[]>;
  /** As `byIds`, without what each task says: for many tasks at once. */
  placesOf(ids: readonly TaskId[]): Promise<readonly TaskPlace[]>;
  /** Every attempt, by the endpoints' order in the request, and of one endpoint the first one first. */
  byAction(id: ActionId): Promise<readonly Task[]>;
  /** As `byAction`, without what was retried: one task for each endpoint. */
  standingOf(id: ActionId): Promise<readonly Task[]>;
  /** Of many actions at once: every attempt, or those on one endpoint, by action and then as `byAction`. */
  byActions(ids: readonly ActionId[], of?: OfEndpoint): Promise<readonly Task[]>;
  /** Whether every task of the action is `held`. */
  areHeld(id: ActionId): Promise<boolean>;
  /** The first of the action's tasks that are `pending`, by the endpoints' order. */
  onePending(id: ActionId): Promise<Task | undefined>;
  /** How many endpoints of these actions stand how, each by its last attempt, judged at `now`; in no particular order. */
  tally(ids: readonly ActionId[], now: Milliseconds): Promise<readonly TaskTally[]>;
  /**
   * Those of these endpoints whose agents have an order about their vaults of which nobody has heard yet how it ended: what
   * the vault holds is then not known. Expired ones that an agent took count, too.
   */
  vaultWorkOf(endpoints: readonly EndpointId[]): Promise<readonly EndpointId[]>;
  /** What has not ended of these endpoints' tasks, oldest action first; of these verbs only, where some are given. */
  openOf(endpoints: readonly EndpointId[], verbs?: readonly Verb[]): Promise<readonly Task[]>;
  /** The newest scan of each of these endpoints; those that never had one are left out. */
  latestScans(endpoints: readonly EndpointId[]): Promise<readonly Task[]>;
  /** How many tasks of each of these endpoints have not ended; those without any are left out. */
  openCounts(endpoints: readonly EndpointId[]): Promise<ReadonlyMap<EndpointId, number>>;
  /** How many files the fetches of these principals since then have named, but for those that ended before an agent had them. */
  filesFetchedBy(principals: readonly Pick<Principal, 'kind' | 'id'>[], since: Milliseconds): Promise<number>;
  /** What belongs in these agents' hands (`deliverableStates`, not overdue), oldest action first. */
  deliverable(endpoints: readonly EndpointId[], now: Milliseconds): Promise<readonly Task[]>;
  /** Open tasks whose deadline has passed, at most `limit`. */
  overdue(now: Milliseconds, limit: number): Promise<readonly Task[]>;
  /** Quarantines of this hash that may still take the file: open, or expired after an agent took them. */
  unsettledQuarantines(sha256: Sha256): Promise<readonly Task[]>;
  /** On how many endpoints there are such quarantines. */
  countUnsettledQuarantines(sha256: Sha256): Promise<number>;
  /** Quarantines of these hashes on one endpoint that are open and not overdue. Any number of hashes. */
  openQuarantines(place: OpenQuarantines): Promise<readonly Task[]>;
}

export interface TransitionPatch {
  /** Of tasks that are released: until then they wait for their endpoints. */
  readonly deadline?: Milliseconds;
  readonly acceptedAt?: Milliseconds;
  readonly endedAt?: Milliseconds;
  readonly supersededBy?: ActionId;
  /** Set only where it is null. */
  readonly stopRequestedAt?: Milliseconds;
  /** Of tasks that are released: the ring in which they go out. */
  readonly ring?: number;
  /** When the order counts as issued. */
  readonly createdAt?: Milliseconds;
}

/** Which task tries again what another one did not do. */
export interface RetriedTask {
  readonly id: TaskId;
  readonly retriedBy: TaskId;
}

export interface FinishedTask {
  readonly id: TaskId;
  readonly report: SignedBytes;
  readonly acceptedAt: Milliseconds;
  readonly endedAt: Milliseconds;
}

export interface TaskWriter extends TaskReader {
  /** Any number of tasks, in few statements. */
  insert(tasks: readonly Task[]): Promise<void>;
  /**
   * A guarded write: moves just those of the tasks that `taskLifeCycle` lets this event move, each to its own next state.
   * `acceptedAt` is set only where it is null, `endedAt` only where the new state is one of `endedStates`.
   * @returns the tasks that moved, with the state that each is in now.
   */
  transition(
    ids: readonly TaskId[],
    event: TaskEvent,
    patch?: TransitionPatch,
  ): Promise<readonly { readonly id: TaskId; readonly state: TaskState }[]>;
  /** It was asked to stop these after they had ended. Set only where nobody asked before, in time or late. */
  noteLateStop(ids: readonly TaskId[], at: Milliseconds): Promise<void>;
  /** What the action has `held` of this round waits for its ring from now on, until this deadline. @returns the tasks */
  holdForRings(key: RolloutKey, deadline: Milliseconds): Promise<readonly TaskId[]>;
  /**
   * A guarded write: of those tasks that have ended and were not retried. Any number, in few statements.
   * @returns the ids of the tasks that are retried now.
   */
  markRetried(retried: readonly RetriedTask[]): Promise<readonly TaskId[]>;
  /** Sets `confirmedAt` of those that no agent has said to have. @returns their ids. */
  confirm(ids: readonly TaskId[], at: Milliseconds): Promise<readonly TaskId[]>;
  /**
   * Notes that a confirmation is waited for, once for each until it comes: a guarded write.
   * @returns the ids of those of which it was not noted yet.
   */
  awaitConfirmation(ids: readonly TaskId[], at: Milliseconds): Promise<readonly TaskId[]>;
  /**
   * The event `report` for many tasks at once, in few statements, guarded by `taskLifeCycle` as `transition` is.
   * `acceptedAt` is set only where it is null.
   * @returns the ids that moved to `finished`.
   */
  finish(tasks: readonly FinishedTask[]): Promise<readonly TaskId[]>;
}
