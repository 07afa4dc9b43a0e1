import type { z } from 'zod';
import type { RemediationRow } from '#core/remediation/remediation.ts';
import type { LogEntry, LogError } from '#core/remediation/remediation-log.ts';
import type { FollowedRemediation } from '#core/verbs/follow-remediation.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import type { readRemediation } from './schemas/remediation.ts';

type Shown = z.input<typeof readRemediation.reply>;

export function showRemediation({ remediation, log }: FollowedRemediation): Shown {
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
    rows: remediation.rows.map((row) => showRow(row, standing.get(row), remediation.createdAt)),
  };
}

function showRow(row: RemediationRow, entry: LogEntry | undefined, createdAt: number): Shown['rows'][number] {
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
