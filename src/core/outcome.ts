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
  /** It waited for a second person, who refused, or did not come. */
  'not_approved',
  /** A newer order asks for the opposite: a restore, of a quarantine that no agent had begun. */
  'superseded',
  /** A rule of the endpoint's own policy, which no server can override. */
  'denied_by_policy',
  /** The vault's quota, not the disk's end. */
  'vault_full',
  /** The directory is not the one that the file was taken from, and somebody other than root could have made it. */
  'parent_changed',
  /** This operating system's agent does not do this. */
  'platform',
] as const;

export type OutcomeReason = (typeof outcomeReasons)[number];

/** The outcomes that count as success when an action's status is derived. */
export function isSuccess(outcome: Outcome): boolean {
  return outcome === 'done' || outcome === 'already_done';
}
