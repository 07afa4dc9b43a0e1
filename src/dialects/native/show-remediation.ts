import type { z } from 'zod';
import { approvalState } from '#core/guard/approval.ts';
import type { RemediationRow } from '#core/remediation/remediation.ts';
import type { LogEntry, LogError } from '#core/remediation/remediation-log.ts';
import type { Milliseconds } from '#core/time.ts';
import type { FollowedRemediation } from '#core/verbs/follow-remediation.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import type { readRemediation } from './schemas/remediation.ts';
import { showApproval } from './show-approval.ts';

type Shown = z.input<typeof readRemediation.reply>;

export function showRemediation({ remediation, log, approvals, taken }: FollowedRemediation, now: Milliseconds): Shown {
  const { id, incident, incidentId, principal, claimedInitiator, dialect, abortedBy } = remediation;
  // The entries of a row stand in its order of time: the last one is how it stands.
  const standing = new Map(log.entries.map((entry) => [entry.row, entry]));
  return {
    ...{ id, incident, incidentId, claimedInitiator, dialect },
    principal: { kind: principal.kind, id: principal.id, name: principal.name },
    createdAt: instantOf(remediation.createdAt),
    endedAt: nullableInstantOf(log.endedAt),
    abortedAt: nullableInstantOf(remediation.abortedAt),
    abortedBy: abortedBy === null ? null : { kind: abortedBy.kind, id: abortedBy.id, name: abortedBy.name },
    rows: remediation.rows.map((row) => {
      const { actionId } = row.result.kind === 'ordered' ? row.result : { actionId: undefined };
      const approval = actionId === undefined ? undefined : approvals.get(actionId);
      return {
        ...showRow(row, standing.get(row), remediation.createdAt),
        approval: approval === undefined ? null : showApproval(approval, approvalState(approval, now)),
        taken: (actionId === undefined ? undefined : taken.get(actionId)) ?? null,
      };
    }),
  };
}

function showRow(
  row: RemediationRow,
  entry: LogEntry | undefined,
  createdAt: number,
): Omit<Shown['rows'][number], 'approval' | 'taken'> {
  const { machine, target, actionType: remedy, result } = row;
  return {
    ...{ machine, target, remedy },
    status: entry?.status ?? 'pending',
    at: instantOf(entry?.at ?? createdAt),
    actionId: result.kind === 'ordered' ? result.actionId : null,
    error: entry === undefined || entry.error === null ? null : showError(entry.error),
  };
}

function showError(error: LogError): NonNullable<Shown['rows'][number]['error']> {
  return error.kind === 'row'
    ? { failure: error.failure, outcome: null, reason: null, message: error.message }
    : { failure: null, outcome: error.outcome, reason: error.reason, message: error.message };
}
