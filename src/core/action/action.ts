import type { Principal } from '../access/principal.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { FilePath } from '../file/file-path.ts';
import type { Guid } from '../file/guid.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Outcome, OutcomeReason } from '../outcome.ts';
import type { OutcomeDetails, VaultEffect } from '../outcome-details.ts';
import type { Milliseconds } from '../time.ts';
import type { ActionId, BatchNumber, TaskId } from './action-id.ts';
import type { TaskState } from './task-state.ts';
import type { TaskParameters, Verb } from './verb.ts';

export const dialectNames = ['cortex', 'cybereason', 'native'] as const;

export type DialectName = (typeof dialectNames)[number];

/** One order given by one principal. Its status is not stored: it follows from its tasks and the clock. */
export interface Action {
  readonly id: ActionId;
  readonly verb: Verb;
  readonly principal: Pick<Principal, 'kind' | 'id' | 'name'>;
  /** Who the request said had asked; shown beside the principal, and never authorises anything. */
  readonly claimedInitiator: string | null;
  /** Why, in the words of whoever asked; null where none were given. */
  readonly reason: string | null;
  readonly dialect: DialectName;
  /** As given; an id that no incident has is kept as an unresolved reference. */
  readonly incidentId: string | null;
  /** Set on fetch actions only. */
  readonly batchNumber: BatchNumber | null;
  readonly createdAt: Milliseconds;
  readonly deadline: Milliseconds;
  /** When the Cybereason client closed the batch; its rows are hidden from then on. */
  readonly closedAt: Milliseconds | null;
  readonly endpointsCount: number;
}

/** One attempt of one action on one endpoint. */
export interface Task {
  readonly id: TaskId;
  readonly actionId: ActionId;
  readonly endpointId: EndpointId;
  /** The endpoint's place in the request: action status lists endpoints in this order. */
  readonly ordinal: number;
  readonly parameters: TaskParameters;
  readonly state: TaskState;
  /**
   * The ring in which a wide order went out to this endpoint, from 1; `later`: it is approved and held until its ring goes; null: the
   * order does not go by rings, or nobody has approved it yet.
   */
  readonly ring: number | 'later' | null;
  readonly createdAt: Milliseconds;
  readonly deadline: Milliseconds;
  /** When an agent first said that it had the order safely; null while none has. */
  readonly acceptedAt: Milliseconds | null;
  readonly endedAt: Milliseconds | null;
  /** When it was first asked to stop it, while it was open. */
  readonly stopRequestedAt: Milliseconds | null;
  /** When it was first asked to stop it after it had ended, and nobody had asked before. */
  readonly lateStopAt: Milliseconds | null;
  /** The signed report as the agent sent it; null until it came. */
  readonly report: SignedBytes | null;
  /** 1 as the action was opened; each retry of the action has the next number. */
  readonly round: number;
  /** The task that tries again what this one did not do; null while none does. */
  readonly retriedBy: TaskId | null;
  /** When somebody last said that it may go out although it is old; null: nobody. */
  readonly confirmedAt: Milliseconds | null;
  /** Since when it is known to wait for that; null: it does not. */
  readonly confirmationAwaitedAt: Milliseconds | null;
}

/** Bytes with the signature over them, kept exactly as they were sent. */
export interface SignedBytes {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

/** How one file of one task ended, with the agent's facts. */
export interface FileOutcome {
  readonly taskId: TaskId;
  readonly ordinal: number;
  readonly outcome: Outcome;
  readonly reason: OutcomeReason | null;
  /** The agent's words, one line. */
  readonly message: string;
  readonly path: FilePath | null;
  readonly displayPath: string;
  readonly fileGuid: Guid | null;
  readonly sha256: Sha256 | null;
  readonly size: number | null;
  /** The vault object that it is about. */
  readonly vaultObject: string | null;
  /** What became of the vault object; null: nothing. */
  readonly effect: VaultEffect | null;
  /** What could not be brought back exactly, in words; empty when all was. */
  readonly losses: readonly string[];
  readonly details: OutcomeDetails;
  readonly endedAt: Milliseconds;
  /** When its bytes were last sent whole to a client of a fetch; null until then. */
  readonly deliveredAt: Milliseconds | null;
}
