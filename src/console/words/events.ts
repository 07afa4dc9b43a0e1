import type { CustodyEvent } from '#sdk/follow-events.ts';

export type EventType = CustodyEvent['type'];

/** What an event is about, so that whoever looks for some need not know every type, and what it is called. Total. */
const worded: Readonly<Record<EventType, readonly [kind: EventKind, label: string]>> = {
  action_started: ['orders', 'Ordered'],
  tasks_sent: ['orders', 'Order sent'],
  restore_token_issued: ['orders', 'Restore token given out'],
  task_finished: ['orders', 'Outcome reported'],
  tasks_expired: ['orders', 'Order expired'],
  tasks_cancelled: ['orders', 'Order withdrawn'],
  batch_closed: ['orders', 'Fetch closed'],
  action_cancelled: ['orders', 'Action cancelled'],
  action_retried: ['orders', 'Failed files tried again'],
  confirmation_awaited: ['orders', 'Old order waits'],
  action_confirmed: ['orders', 'Old order confirmed'],
  remediation_started: ['orders', 'Remediation started'],
  remediation_aborted: ['orders', 'Remediation stopped'],
  remediation_undone: ['orders', 'Remediation taken back'],
  fleet_action_refused: ['orders', 'Order refused'],
  approval_requested: ['approvals', 'Waits for a second person'],
  approval_given: ['approvals', 'Approved'],
  approval_refused: ['approvals', 'Approval refused'],
  approval_expired: ['approvals', 'Nobody approved in time'],
  approval_bypassed: ['approvals', 'Let out by one person alone'],
  ring_released: ['approvals', 'Next ring let out'],
  rings_halted: ['approvals', 'Rings halted'],
  rings_resumed: ['approvals', 'Rings resumed'],
  evidence_stored: ['evidence', 'File stored'],
  evidence_opened: ['evidence', 'Download begun'],
  evidence_delivered: ['evidence', 'Downloaded'],
  evidence_viewed: ['evidence', 'Bytes looked at'],
  evidence_deleted: ['evidence', 'Stored bytes deleted'],
  evidence_damaged: ['evidence', 'Stored bytes found damaged'],
  evidence_key_rotated: ['evidence', 'Evidence locked to a new key'],
  bundle_exported: ['evidence', 'Bundle exported'],
  vault_object_found: ['vaults', 'Unknown object found in a vault'],
  vault_object_lost: ['vaults', 'Object gone from a vault'],
  vault_object_damaged: ['vaults', 'Object in a vault damaged'],
  incident_created: ['incidents', 'Incident opened'],
  incident_changed: ['incidents', 'Incident changed'],
  incident_commented: ['incidents', 'Comment'],
  incident_held: ['incidents', 'Legal hold set'],
  incident_released: ['incidents', 'Legal hold ended'],
  alert_reported: ['incidents', 'Alert reported'],
  endpoint_enrolled: ['endpoints', 'Endpoint enrolled'],
  endpoint_connected: ['endpoints', 'Endpoint connected'],
  endpoint_archived: ['endpoints', 'Endpoint archived'],
  endpoint_unarchived: ['endpoints', 'Endpoint brought back'],
  endpoint_revoked: ['endpoints', 'Endpoint removed'],
  endpoint_renamed: ['endpoints', 'Endpoint renamed'],
  endpoint_tagged: ['endpoints', 'Tags changed'],
  endpoint_cloned: ['endpoints', 'Copy turned away'],
  endpoint_copies_settled: ['endpoints', 'Copies of an endpoint settled'],
  agent_shut_out: ['endpoints', 'Agent shut out for a while'],
  enrolment_token_created: ['endpoints', 'Enrolment token created'],
  enrolment_token_revoked: ['endpoints', 'Enrolment token withdrawn'],
  enrolment_guessed: ['endpoints', 'Enrolment tokens guessed at'],
  list_changed: ['lists', 'Hash list changed'],
  logged_in: ['people', 'Logged in'],
  log_in_begun: ['people', 'Log-in begun'],
  log_in_failed: ['people', 'Log-in failed'],
  logged_out: ['people', 'Logged out'],
  sessions_ended: ['people', 'Sessions ended'],
  user_created: ['people', 'User created'],
  user_changed: ['people', 'User changed'],
  user_disabled: ['people', 'User disabled'],
  user_enabled: ['people', 'User enabled'],
  user_deleted: ['people', 'User deleted'],
  user_linked: ['people', 'User linked'],
  role_created: ['people', 'Role created'],
  role_changed: ['people', 'Role changed'],
  role_deleted: ['people', 'Role deleted'],
  key_created: ['people', 'API key created'],
  key_deleted: ['people', 'API key deleted'],
  password_changed: ['people', 'Password changed'],
  password_expired: ['people', 'Password made to expire'],
  password_reset: ['people', 'Password reset'],
  second_factor_enabled: ['people', 'Second factor set up'],
  second_factor_reset: ['people', 'Second factor taken away'],
  recovery_code_used: ['people', 'Recovery code used'],
  recovery_codes_renewed: ['people', 'Recovery codes renewed'],
  permission_refused: ['people', 'Permission refused'],
  server_initialised: ['server', 'Server set up'],
  settings_changed: ['server', 'Settings changed'],
  emergency_stop_engaged: ['server', 'Emergency stop engaged'],
  emergency_stop_released: ['server', 'Emergency stop released'],
  webhook_created: ['server', 'Webhook created'],
  webhook_changed: ['server', 'Webhook changed'],
  webhook_deleted: ['server', 'Webhook deleted'],
  webhook_letters_dropped: ['server', 'Undelivered events dropped'],
  ledger_disputed: ['server', 'Record disputed by an agent'],
  order_key_changed: ['server', 'Order key changed'],
  order_key_refused: ['server', 'Order key refused by an agent'],
  clock_accepted: ['server', 'Clock accepted as right'],
  backup_made: ['server', 'Backup made'],
  backup_restored: ['server', 'Backup restored'],
};

/** In the order in which people look for them. */
export const eventKindWords = {
  orders: 'Orders and how they ended',
  approvals: 'Approvals and rings',
  evidence: 'Fetched files',
  vaults: 'Vaults',
  incidents: 'Incidents and alerts',
  endpoints: 'Endpoints and agents',
  lists: 'Blocked and allowed hashes',
  people: 'People, keys and access',
  server: 'Server and record',
} as const;

export type EventKind = keyof typeof eventKindWords;

export const eventKinds = Object.keys(eventKindWords).filter((kind): kind is EventKind => kind in eventKindWords);

export const eventTypes = Object.keys(worded).filter((type): type is EventType => type in worded);

export function eventWords(type: EventType): string {
  return worded[type][1];
}

function kindOf(type: EventType): EventKind {
  return worded[type][0];
}

export function typesOf(kind: EventKind): readonly EventType[] {
  return eventTypes.filter((type) => kindOf(type) === kind);
}
