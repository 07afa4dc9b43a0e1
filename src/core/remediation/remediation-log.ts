import type { FileOutcome, Task } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { type ActionStatus, taskStatus } from '../action/action-status.ts';
import { isSuccess, type Outcome, type OutcomeReason } from '../outcome.ts';
import type { Milliseconds } from '../time.ts';
import type { Remediation, RemediationRow, RowFailure } from './remediation.ts';

export const logStatuses = ['pending', 'in_progress', 'succeeded', 'failed', 'aborted'] as const;

export type LogStatus = (typeof logStatuses)[number];

/** Why a row failed or was aborted. */
export type LogError =
  | { readonly kind: 'row'; readonly failure: RowFailure; readonly message: string }
  | {
      readonly kind: 'file';
      readonly outcome: Exclude<Outcome, 'done' | 'already_done'>;
      readonly reason: OutcomeReason | null;
      /** The agent's words, or the server's; may be empty. */
      readonly message: string;
    };

/** One step of one row. */
export interface LogEntry {
  readonly row: RemediationRow;
  readonly status: LogStatus;
  readonly at: Milliseconds;
  /** Of `failed` and `aborted`, never null; of others, always. */
  readonly error: LogError | null;
}

export interface RemediationLog {
  /** Never empty. The last one tells how the whole stands: what is open, or else what failed. */
  readonly entries: readonly LogEntry[];
  /** When the last row ended; null while one has not. */
  readonly endedAt: Milliseconds | null;
}

/** The task of one action, with the outcomes of its files. */
export interface FollowedTask {
  readonly task: Pick<Task, 'state' | 'ring' | 'acceptedAt' | 'endedAt' | 'deadline'>;
  readonly outcomes: readonly Pick<FileOutcome, 'outcome' | 'reason' | 'message'>[];
}

const statusOf: Record<ActionStatus, LogStatus> = {
  held: 'pending',
  pending: 'pending',
  in_progress: 'in_progress',
  cancelling: 'in_progress',
  completed_successfully: 'succeeded',
  completed_partial: 'failed',
  failed: 'failed',
  cancelled: 'aborted',
  aborted: 'aborted',
  expired: 'failed',
  timeout: 'failed',
};

/** What has happened to each row up to now, from its task, the outcomes and the clock. Pure. */
export function remediationLog(
  { rows, createdAt }: Pick<Remediation, 'rows' | 'createdAt'>,
  tasks: ReadonlyMap<ActionId, FollowedTask>,
  now: Milliseconds,
): RemediationLog {
  const steps = rows.map((row) => stepsOf(row, { createdAt, tasks, now }));
  const last = steps.flatMap((each) => each.slice(-1));
  const ended = last.every(hasEnded);
  return {
    entries: ended ? failuresLast(steps) : openLast(steps),
    endedAt: ended ? Math.max(...last.map(({ at }) => at)) : null,
  };
}

function hasEnded({ status }: LogEntry): boolean {
  return status !== 'pending' && status !== 'in_progress';
}

/** By time; of one moment, the steps of what has ended before those of what has not. The steps of a row stay in their order. */
function openLast(steps: readonly (readonly LogEntry[])[]): readonly LogEntry[] {
  const isOver = (row: readonly LogEntry[]) => row.slice(-1).every(hasEnded);
  return byTime([...steps.filter(isOver), ...steps.filter((row) => !isOver(row))]);
}

/**
 * By time, but what went wrong stands last: clients look at the last entry only, and one success among failures is not a
 * success.
 */
function failuresLast(steps: readonly (readonly LogEntry[])[]): readonly LogEntry[] {
  const all = byTime(steps);
  return [...all.filter(({ error }) => error === null), ...all.filter(({ error }) => error !== null)];
}

function byTime(steps: readonly (readonly LogEntry[])[]): readonly LogEntry[] {
  return steps.flat().toSorted((one, other) => one.at - other.at);
}

interface Moment {
  readonly createdAt: Milliseconds;
  readonly tasks: ReadonlyMap<ActionId, FollowedTask>;
  readonly now: Milliseconds;
}

function stepsOf(row: RemediationRow, { createdAt, tasks, now }: Moment): readonly LogEntry[] {
  const { result } = row;
  switch (result.kind) {
    case 'failed': {
      const { failure, message } = result;
      return [{ row, status: 'failed', at: createdAt, error: { kind: 'row', failure, message } }];
    }
    case 'listed':
      return [{ row, status: 'succeeded', at: createdAt, error: null }];
    case 'ordered': {
      const followed = tasks.get(result.actionId);
      const pending: LogEntry = { row, status: 'pending', at: createdAt, error: null };
      return [pending, ...(followed === undefined ? [] : laterSteps(pending, followed, now))];
    }
  }
}

/** What an agent tells late, and a clock that was set back, must not put a step before the one that it follows. */
function laterSteps(pending: LogEntry, { task, outcomes }: FollowedTask, now: Milliseconds): readonly LogEntry[] {
  const ends = outcomes.map(({ outcome }) => outcome);
  const status = statusOf[taskStatus(task, ends, now)];
  const steps: LogEntry[] = [];
  const takenAt = Math.max(pending.at, task.acceptedAt ?? pending.at);
  if (task.acceptedAt !== null) {
    steps.push({ ...pending, status: 'in_progress', at: takenAt });
  }
  if (hasEnded({ ...pending, status })) {
    const at = Math.max(takenAt, task.endedAt ?? task.deadline);
    steps.push({ ...pending, status, at, error: status === 'succeeded' ? null : errorOf(status, { task, outcomes }) });
  }
  return steps;
}

function errorOf(status: LogStatus, { task, outcomes }: FollowedTask): LogError {
  for (const { outcome, reason, message } of outcomes) {
    if (isFailure(outcome)) {
      return { kind: 'file', outcome, reason, message };
    }
  }
  if (status === 'aborted') {
    return { kind: 'file', outcome: 'cancelled', reason: 'withdrawn', message: '' };
  }
  return task.state === 'finished'
    ? { kind: 'file', outcome: 'agent_error', reason: null, message: 'The agent reported on no file.' }
    : { kind: 'file', outcome: 'expired', reason: 'deadline_passed', message: '' };
}

function isFailure(outcome: Outcome): outcome is Exclude<Outcome, 'done' | 'already_done'> {
  return !isSuccess(outcome);
}
