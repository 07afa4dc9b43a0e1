import type { EventType } from '../custody/event.ts';

/** The allowed values of `event.category` that this program has a use for. */
export type EcsCategory =
  | 'authentication'
  | 'configuration'
  | 'database'
  | 'file'
  | 'host'
  | 'iam'
  | 'intrusion_detection'
  | 'malware'
  | 'session';

/** The allowed values of `event.type` that this program has a use for. */
export type EcsType =
  | 'access'
  | 'admin'
  | 'change'
  | 'creation'
  | 'deletion'
  | 'end'
  | 'group'
  | 'info'
  | 'start'
  | 'user';

/** As the facts of the event say; for everything else it is known beforehand. */
export type EcsOutcome = 'success' | 'failure' | 'unknown' | 'by_facts';

export interface EcsWords {
  readonly kind: 'event' | 'alert';
  readonly category: readonly EcsCategory[];
  readonly type: readonly EcsType[];
  readonly outcome: EcsOutcome;
}

type Place = readonly [category: EcsCategory | readonly EcsCategory[], ...types: EcsType[]];

function words([category, ...type]: Place, outcome: EcsOutcome = 'success'): EcsWords {
  return { kind: 'event', category: typeof category === 'string' ? [category] : category, type, outcome };
}

function alert(place: Place, outcome: EcsOutcome = 'unknown'): EcsWords {
  return { ...words(place, outcome), kind: 'alert' };
}

/** Of the Elastic Common Schema (its "categorization fields"): which kind of thing happened, and whether it went well. */
export const ecsWords: Readonly<Record<EventType, EcsWords>> = {
  server_initialised: words(['configuration', 'creation']),
  user_created: words(['iam', 'user', 'creation']),
  user_changed: words(['iam', 'user', 'change']),
  user_disabled: words(['iam', 'user', 'change']),
  user_enabled: words(['iam', 'user', 'change']),
  user_deleted: words(['iam', 'user', 'deletion']),
  role_created: words(['iam', 'group', 'creation']),
  role_changed: words(['iam', 'group', 'change']),
  role_deleted: words(['iam', 'group', 'deletion']),
  key_created: words(['iam', 'admin', 'creation']),
  key_deleted: words(['iam', 'admin', 'deletion']),
  enrolment_token_created: words(['iam', 'admin', 'creation']),
  enrolment_token_revoked: words(['iam', 'admin', 'deletion']),
  enrolment_guessed: words([['authentication', 'intrusion_detection'], 'info'], 'failure'),
  logged_in: words([['authentication', 'session'], 'start']),
  log_in_begun: words(['authentication', 'info']),
  log_in_failed: words(['authentication', 'start'], 'failure'),
  logged_out: words([['authentication', 'session'], 'end']),
  sessions_ended: words(['session', 'end']),
  user_linked: words(['iam', 'user', 'change']),
  endpoint_enrolled: words(['host', 'info']),
  endpoint_connected: words(['host', 'start']),
  action_started: words(['file', 'info'], 'unknown'),
  tasks_sent: words(['file', 'info'], 'unknown'),
  task_finished: words(['file', 'change'], 'by_facts'),
  tasks_expired: words(['file', 'info'], 'failure'),
  tasks_cancelled: words(['file', 'info'], 'unknown'),
  batch_closed: words(['file', 'info']),
  action_cancelled: words(['file', 'info'], 'unknown'),
  action_retried: words(['file', 'info'], 'unknown'),
  confirmation_awaited: words(['file', 'info'], 'unknown'),
  action_confirmed: words(['file', 'info'], 'unknown'),
  approval_requested: words(['configuration', 'info'], 'unknown'),
  approval_given: words(['configuration', 'info']),
  approval_refused: words(['configuration', 'info'], 'failure'),
  approval_expired: words(['configuration', 'info'], 'failure'),
  approval_bypassed: alert(['configuration', 'change'], 'success'),
  ring_released: words(['file', 'info'], 'unknown'),
  rings_halted: alert(['file', 'info'], 'failure'),
  rings_resumed: words(['file', 'info'], 'unknown'),
  restore_token_issued: words(['file', 'info'], 'unknown'),
  remediation_started: words(['file', 'info'], 'unknown'),
  remediation_aborted: words(['file', 'info'], 'unknown'),
  remediation_undone: words(['file', 'info'], 'unknown'),
  incident_created: words(['intrusion_detection', 'info']),
  incident_changed: words(['intrusion_detection', 'info']),
  incident_commented: words(['intrusion_detection', 'info']),
  alert_reported: words([['intrusion_detection', 'malware'], 'info']),
  list_changed: words(['configuration', 'change']),
  password_changed: words(['iam', 'user', 'change']),
  password_expired: words(['iam', 'user', 'change']),
  password_reset: words(['iam', 'user', 'change']),
  second_factor_enabled: words(['iam', 'user', 'change']),
  second_factor_reset: words(['iam', 'user', 'change']),
  recovery_code_used: words(['authentication', 'info']),
  recovery_codes_renewed: words(['iam', 'user', 'change']),
  endpoint_archived: words(['host', 'change']),
  endpoint_unarchived: words(['host', 'change']),
  endpoint_revoked: words(['host', 'end']),
  endpoint_renamed: words(['host', 'change']),
  endpoint_tagged: words(['host', 'change']),
  endpoint_cloned: alert([['host', 'intrusion_detection'], 'info'], 'failure'),
  endpoint_copies_settled: words(['host', 'change']),
  agent_shut_out: words([['host', 'intrusion_detection'], 'info'], 'failure'),
  fleet_action_refused: words(['host', 'info'], 'failure'),
  permission_refused: words(['iam', 'info'], 'failure'),
  evidence_stored: words(['file', 'creation']),
  evidence_opened: words(['file', 'access']),
  evidence_delivered: words(['file', 'access']),
  evidence_viewed: words(['file', 'access']),
  bundle_exported: words(['file', 'access']),
  evidence_deleted: words(['file', 'deletion']),
  evidence_damaged: alert(['file', 'info'], 'failure'),
  evidence_key_rotated: words(['configuration', 'change']),
  incident_held: words(['configuration', 'change']),
  incident_released: words(['configuration', 'change']),
  vault_object_found: words(['file', 'info'], 'unknown'),
  vault_object_lost: alert(['file', 'deletion'], 'unknown'),
  vault_object_damaged: alert(['file', 'info'], 'failure'),
  webhook_created: words(['configuration', 'creation']),
  webhook_changed: words(['configuration', 'change']),
  webhook_deleted: words(['configuration', 'deletion']),
  webhook_letters_dropped: words(['configuration', 'deletion']),
  emergency_stop_engaged: alert(['configuration', 'change'], 'success'),
  emergency_stop_released: alert(['configuration', 'change'], 'success'),
  settings_changed: words(['configuration', 'change']),
  ledger_disputed: alert([['database', 'intrusion_detection'], 'info'], 'failure'),
  order_key_changed: words(['configuration', 'change']),
  order_key_refused: alert(['configuration', 'info'], 'failure'),
  clock_accepted: words(['configuration', 'change']),
  backup_made: words(['database', 'info']),
  backup_restored: words(['database', 'change']),
};
