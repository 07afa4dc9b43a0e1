import { type IncidentStatus, resolvedStatuses } from '#core/incident/incident.ts';

/** How the vendor calls what is known of a MalOp's progress. */
export const malopStatuses: Record<IncidentStatus, string> = {
  new: 'UNREAD',
  under_investigation: 'OPEN',
  on_hold: 'TODO',
  reopened: 'REOPEN',
  resolved_true_positive: 'CLOSED',
  resolved_false_positive: 'FP',
  resolved_known_issue: 'CLOSED',
  resolved_duplicate: 'CLOSED',
  resolved_security_testing: 'CLOSED',
  resolved_other: 'CLOSED',
};

/** How the newer calls for MalOps call the same; they do not tell what a closed one was. */
export const investigationStatuses: Record<IncidentStatus, string> = {
  new: 'Pending',
  under_investigation: 'UnderInvestigation',
  on_hold: 'OnHold',
  reopened: 'Reopened',
  resolved_true_positive: 'Closed',
  resolved_false_positive: 'Closed',
  resolved_known_issue: 'Closed',
  resolved_duplicate: 'Closed',
  resolved_security_testing: 'Closed',
  resolved_other: 'Closed',
};

const read: Readonly<Record<string, IncidentStatus>> = {
  UNREAD: 'new',
  OPEN: 'under_investigation',
  TODO: 'on_hold',
  REOPEN: 'reopened',
  CLOSED: 'resolved_true_positive',
  FP: 'resolved_false_positive',
  // One client sends it so.
  CLOSE: 'resolved_true_positive',
  RESOLVED: 'resolved_true_positive',
  PENDING: 'new',
  UNDERINVESTIGATION: 'under_investigation',
  ONHOLD: 'on_hold',
  REOPENED: 'reopened',
};

/** The statuses that clients may set. */
export const settableStatuses: readonly string[] = Object.keys(read);

export function readMalopStatus(text: string): IncidentStatus | undefined {
  const status = text.toUpperCase().replaceAll(/[\s_-]/g, '');
  return Object.hasOwn(read, status) ? read[status] : undefined;
}

/** Which incidents a client means that asks for one of these: "closed" is whatever is resolved. */
export function statusesMeant(text: string): readonly IncidentStatus[] {
  const status = readMalopStatus(text);
  if (status === undefined) {
    return [];
  }
  return status === 'resolved_true_positive' ? resolvedStatuses : [status];
}
