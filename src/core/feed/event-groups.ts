import { type EventType, eventTypes } from '../custody/event.ts';

/** What a receiver may ask for by one word. */
export const eventGroups = [
  'actions',
  'approvals',
  'evidence',
  'vault',
  'incidents',
  'lists',
  'endpoints',
  'access',
  'server',
  'ledger',
] as const;

export type EventGroup = (typeof eventGroups)[number];

/** Each event is in one group. */
const groupOf: Readonly<Record<EventType, EventGroup>> = {
  server_initialised: 'server',
  user_created: 'access',
  user_changed: 'access',
  user_disabled: 'access',
  user_enabled: 'access',
  user_deleted: 'access',
  role_created: 'access',
  role_changed: 'access',
  role_deleted: 'access',
  key_created: 'access',
  key_deleted: 'access',
  enrolment_token_created: 'endpoints',
  enrolment_token_revoked: 'endpoints',
  enrolment_guessed: 'endpoints',
  logged_in: 'access',
  log_in_begun: 'access',
  log_in_failed: 'access',
  logged_out: 'access',
  sessions_ended: 'access',
  user_linked: 'access',
  endpoint_enrolled: 'endpoints',
  endpoint_connected: 'endpoints',
  endpoint_refused: 'endpoints',
  action_started: 'actions',
  tasks_sent: 'actions',
  task_accepted: 'actions',
  task_finished: 'actions',
  tasks_expired: 'actions',
  tasks_cancelled: 'actions',
  batch_closed: 'actions',
  action_cancelled: 'actions',
  approval_requested: 'approvals',
  approval_given: 'approvals',
  approval_refused: 'approvals',
  approval_expired: 'approvals',
  approval_bypassed: 'approvals',
  ring_released: 'actions',
  rings_halted: 'actions',
  rings_resumed: 'actions',
  restore_token_issued: 'actions',
  remediation_started: 'actions',
  remediation_aborted: 'actions',
  incident_created: 'incidents',
  incident_changed: 'incidents',
  incident_commented: 'incidents',
  alert_reported: 'incidents',
  list_changed: 'lists',
  password_changed: 'access',
  password_expired: 'access',
  password_reset: 'access',
  second_factor_enabled: 'access',
  second_factor_reset: 'access',
  recovery_code_used: 'access',
  recovery_codes_renewed: 'access',
  endpoint_archived: 'endpoints',
  endpoint_unarchived: 'endpoints',
  endpoint_revoked: 'endpoints',
  endpoint_renamed: 'endpoints',
  endpoint_tagged: 'endpoints',
  endpoint_cloned: 'endpoints',
  endpoint_copies_settled: 'endpoints',
  agent_shut_out: 'endpoints',
  fleet_action_refused: 'endpoints',
  permission_refused: 'access',
  evidence_stored: 'evidence',
  evidence_opened: 'evidence',
  evidence_delivered: 'evidence',
  evidence_viewed: 'evidence',
  bundle_exported: 'evidence',
  evidence_deleted: 'evidence',
  evidence_damaged: 'evidence',
  evidence_key_rotated: 'evidence',
  incident_held: 'incidents',
  incident_released: 'incidents',
  vault_object_found: 'vault',
  vault_object_lost: 'vault',
  vault_object_damaged: 'vault',
  webhook_created: 'server',
  webhook_changed: 'server',
  webhook_deleted: 'server',
  webhook_letters_dropped: 'server',
  emergency_stop_engaged: 'actions',
  emergency_stop_released: 'actions',
  settings_changed: 'server',
  ledger_disputed: 'ledger',
  order_key_changed: 'ledger',
  order_key_refused: 'ledger',
  backup_made: 'server',
  backup_restored: 'server',
};

export interface EventChoice {
  readonly groups: readonly EventGroup[];
  readonly types: readonly EventType[];
}

/** @returns undefined for all events: that nothing is named means that nothing is left out. */
export function chosenTypes({ groups, types }: EventChoice): readonly EventType[] | undefined {
  if (groups.length === 0 && types.length === 0) {
    return undefined;
  }
  return eventTypes.filter((type) => types.includes(type) || groups.includes(groupOf[type]));
}
