import type { FileOutcome } from '../../action/action.ts';
import type { ActionId, TaskId } from '../../action/action-id.ts';
import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { Guid } from '../../file/guid.ts';
import type { Sha256 } from '../../file/hash.ts';
import type { RunningProcess } from '../../outcome-details.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';
import type { OfEndpoint } from './tasks.ts';

/** A file that was a running program when an agent looked. */
export interface RunningFile {
  readonly endpointId: EndpointId;
  readonly displayPath: string;
  readonly processes: readonly RunningProcess[];
}

export interface OutcomeReader {
  byTask(id: TaskId): Promise<readonly FileOutcome[]>;
  /** Of many tasks at once: by task and ordinal. */
  byTasks(ids: readonly TaskId[]): Promise<readonly FileOutcome[]>;
  /** The first of each of these tasks, the one with ordinal 0; in no particular order. */
  firstOf(ids: readonly TaskId[]): Promise<readonly FileOutcome[]>;
  /** Those of these tasks of which a file did not end as it should have. */
  failedAmong(ids: readonly TaskId[]): Promise<readonly TaskId[]>;
  /** Of every attempt of these actions, or those on one endpoint: by task and ordinal. */
  byActions(ids: readonly ActionId[], of?: OfEndpoint): Promise<readonly FileOutcome[]>;
  /** Files with this content that the action's last attempts met while processes ran them, by endpoint and path. */
  runningIn(action: ActionId, sha256: Sha256, page: Page): Promise<Listing<RunningFile>>;
  /** The actions in which a file ended some way, the oldest first, at most `limit`. */
  actionsOf(file: Guid, limit: number): Promise<readonly ActionId[]>;
}

export interface OutcomeWriter extends OutcomeReader {
  /** Replaces what the tasks had: a late report takes the place of `expired`. */
  put(outcomes: readonly FileOutcome[]): Promise<void>;
  /** Sets `deliveredAt` of these files where it is null. */
  markDelivered(taskId: TaskId, ordinals: readonly number[], at: Milliseconds): Promise<void>;
}
