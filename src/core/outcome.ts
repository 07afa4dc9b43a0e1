/** How one file of one task ended: one of these, always, by the task's deadline. "Sent" is never an outcome. */
export const outcomes = [
  'done',
  'already_done',
  'not_found',
  'hash_mismatch',
  'in_use',
  'conflict',
  'parent_missing',
  'no_space',
  'access_denied',
  'unsupported',
  'too_large',
  'refused',
  'expired',
  'cancelled',
  'interrupted',
  'agent_error',
] as const;

export type Outcome = (typeof outcomes)[number];

/** Narrower causes that stand beside an outcome; a closed list too. */
export const outcomeReasons = [
  'immutable',
  'read_only',
  'unsafe_path',
  'not_permitted',
  'special_file',
  'mount_dead',
  'changed_during_capture',
  'protected_file',
  'occupied',
  'vault_damaged',
  'upload_failed',
  'deadline_passed',
  'agent_restarted',
  'order_rejected',
  'withdrawn',
] as const;

export type OutcomeReason = (typeof outcomeReasons)[number];

/** The outcomes that count as success when an action's status is derived. */
export function isSuccess(outcome: Outcome): boolean {
  return outcome === 'done' || outcome === 'already_done';
}
