import type { SignedBytes } from '../action/action.ts';
import type { ActionId, TaskId } from '../action/action-id.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { FilePath } from '../file/file-path.ts';
import type { Sha256 } from '../file/hash.ts';
import type { VaultObjectId } from '../file/vault-object-id.ts';
import type { Outcome, OutcomeReason } from '../outcome.ts';
import type { OutcomeDetails, VaultEffect } from '../outcome-details.ts';
import type { Milliseconds } from '../time.ts';

/** One file of a report, as the agent's signed words have it. */
export interface FileReport {
  readonly ordinal: number;
  readonly outcome: Outcome;
  readonly reason: OutcomeReason | null;
  readonly message: string;
  readonly path: FilePath | null;
  readonly sha256: Sha256 | null;
  readonly size: number | null;
  readonly vaultObject: VaultObjectId | null;
  readonly effect: VaultEffect | null;
  readonly losses: readonly string[];
  readonly details: OutcomeDetails;
}

/** A report whose signature and speaker the gateway has checked. */
export interface ReceivedReport {
  readonly endpoint: Pick<Endpoint, 'id' | 'number'>;
  readonly actionId: ActionId;
  readonly taskId: TaskId;
  /** By the endpoint's clock. */
  readonly finishedAt: Milliseconds;
  readonly files: readonly FileReport[];
  readonly signed: SignedBytes;
}
