import type { IncidentStatus } from '#core/incident/incident.ts';

/** How the vendor calls what is known of a MalOp's progress. */
export const malopStatuses: Record<IncidentStatus, string> = {
  new: 'UNREAD',
  under_investigation: 'OPEN',
  on_hold: 'TODO',
  reopened: 'REOPEN',
  resolved_true_positive: 'CLOSED',
  resolved_false_positive: 'FP',
};

const read: Readonly<Record<string, IncidentStatus>> = {
  ...Object.fromEntries(Object.entries(malopStatuses).map(([ours, theirs]) => [theirs, ours as IncidentStatus])),
  // One client sends it so.
  CLOSE: 'resolved_true_positive',
  // What the newer call for MalOps says.
  PENDING: 'new',
  UNDERINVESTIGATION: 'under_investigation',
  ONHOLD: 'on_hold',
  REOPENED: 'reopened',
  RESOLVED: 'resolved_true_positive',
};

/** The statuses that clients may set. */
export const settableStatuses: readonly string[] = Object.keys(read);

export function readMalopStatus(text: string): IncidentStatus | undefined {
  const status = text.toUpperCase().replaceAll(/[\s_-]/g, '');
  return Object.hasOwn(read, status) ? read[status] : undefined;
}
