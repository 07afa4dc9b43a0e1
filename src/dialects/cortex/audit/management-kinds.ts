import { type Verb, verbs } from '#core/action/verb.ts';
import { type CustodyEvent, type EventType, eventTypes } from '#core/custody/event.ts';
import type { EventKind } from '#core/ports/store/events.ts';

type Severity = 'SEV_010_INFO' | 'SEV_020_LOW' | 'SEV_030_MEDIUM' | 'SEV_040_HIGH';
type Result = 'SUCCESS' | 'FAIL';

/** How the vendor's management log calls what people, and the server in their name, did. */
export interface ManagementWords {
  readonly entity: string;
  readonly subType: string;
  readonly severity: Severity;
  readonly result: Result;
  /** One sentence for people; what it was done to, the facts tell. */
  readonly description: string;
}

export interface ManagementKind extends ManagementWords {
  readonly kind: EventKind;
}

/** Null: nothing that a person did, but an agent, or the server while it carried out what somebody had ordered. */
type Row = ManagementWords | null | 'by_verb';

type Place = readonly [entity: string, subType: string];

function row([entity, subType]: Place, description: string, more: Partial<ManagementWords> = {}): Row {
  return { entity, subType, severity: 'SEV_010_INFO', result: 'SUCCESS', description, ...more };
}

const low = { severity: 'SEV_020_LOW' } as const;
const medium = { severity: 'SEV_030_MEDIUM' } as const;
const high = { severity: 'SEV_040_HIGH' } as const;
const failed = { result: 'FAIL' } as const;

/** The sub-types of responses are nowhere documented; they follow the names of the calls. */
const rows: Readonly<Record<EventType, Row>> = {
  server_initialised: row(['SYSTEM', 'Initialize'], 'The server was set up.', low),
  user_created: row(['PERMISSIONS', 'Create User'], 'A user was created.', medium),
  user_changed: row(['PERMISSIONS', 'Edit User'], 'The role or the scope of a user was changed.', medium),
  user_disabled: row(['PERMISSIONS', 'Disable User'], 'A user was disabled.', medium),
  user_enabled: row(['PERMISSIONS', 'Enable User'], 'A user was enabled.', medium),
  user_deleted: row(['PERMISSIONS', 'Delete User'], 'A user was deleted.', medium),
  role_created: row(['PERMISSIONS', 'Create Role'], 'A role was created.', medium),
  role_changed: row(['PERMISSIONS', 'Edit Role'], 'A role was changed.', medium),
  role_deleted: row(['PERMISSIONS', 'Delete Role'], 'A role was deleted.', medium),
  key_created: row(['API_KEY', 'Create API Key'], 'An API key was created.', medium),
  key_deleted: row(['API_KEY', 'Delete API Key'], 'An API key was deleted.', medium),
  enrolment_token_created: row(['AGENT_INSTALLATION', 'Create Package'], 'An enrolment token was created.', low),
  enrolment_token_revoked: row(['AGENT_INSTALLATION', 'Delete Package'], 'An enrolment token was withdrawn.', low),
  enrolment_guessed: row(['AGENT_INSTALLATION', 'Enrol'], 'Wrong enrolment tokens were tried.', {
    ...medium,
    ...failed,
  }),
  endpoint_cloned: null,
  agent_shut_out: null,
  endpoint_copies_settled: row(
    ['ENDPOINT_ADMINISTRATION', 'Settle Copies'],
    'It was said which machine an endpoint is.',
    medium,
  ),
  logged_in: row(['AUTH', 'Login'], 'A user logged in.'),
  log_in_begun: row(['AUTH', 'Login First Step'], 'A user gave the password; another step is to come.'),
  log_in_failed: row(['AUTH', 'Login'], 'A log-in was refused.', { ...medium, ...failed }),
  logged_out: row(['AUTH', 'Logout'], 'A user logged out.'),
  sessions_ended: row(['PERMISSIONS', 'End Sessions'], 'Sessions of a user were ended.', low),
  user_linked: row(['PERMISSIONS', 'Link User'], 'A user was linked to the identity provider.', medium),
  endpoint_enrolled: null,
  endpoint_connected: null,
  action_started: 'by_verb',
  tasks_sent: null,
  restore_token_issued: row(
    ['RESPONSE', 'Issue Restore Token'],
    'A restore was given out to be carried to its endpoint.',
    low,
  ),
  task_finished: null,
  tasks_expired: row(['ACTION_CENTER', 'Expire Action'], 'An action expired on an endpoint.', { ...low, ...failed }),
  tasks_cancelled: row(['ACTION_CENTER', 'Cancel Action'], 'Orders were withdrawn.', low),
  batch_closed: row(['RESPONSE', 'Close File Retrieval'], 'A file retrieval was closed.'),
  action_cancelled: row(['ACTION_CENTER', 'Cancel Action'], 'An action was cancelled.', low),
  action_retried: row(['ACTION_CENTER', 'Retry Action'], 'What an action had not done was ordered again.', low),
  confirmation_awaited: row(['ACTION_CENTER', 'Request Confirmation'], 'An old order waits to be confirmed.', low),
  action_confirmed: row(['ACTION_CENTER', 'Confirm Action'], 'An old order was confirmed.', low),
  approval_requested: row(['ACTION_CENTER', 'Request Approval'], 'An action waits for a second person.', medium),
  approval_given: row(['ACTION_CENTER', 'Approve Action'], 'An action was approved.', medium),
  approval_refused: row(['ACTION_CENTER', 'Refuse Action'], 'An action was refused by a second person.', low),
  approval_expired: row(['ACTION_CENTER', 'Expire Approval'], 'Nobody approved an action in time.', {
    ...low,
    ...failed,
  }),
  approval_bypassed: row(
    ['ACTION_CENTER', 'Bypass Approval'],
    'One person let an action out without a second one.',
    high,
  ),
  ring_released: row(['ACTION_CENTER', 'Release Ring'], 'An approved action goes out to the next ring.', low),
  rings_halted: row(['ACTION_CENTER', 'Halt Rings'], 'An action that goes out by rings has halted.', {
    ...high,
    ...failed,
  }),
  rings_resumed: row(['ACTION_CENTER', 'Resume Rings'], 'An action that had halted goes on.', medium),
  remediation_started: row(['REMEDIATION', 'Start Remediation'], 'A remediation was started.', medium),
  remediation_aborted: row(['REMEDIATION', 'Abort Remediation'], 'A remediation was aborted.', low),
  remediation_undone: row(['REMEDIATION', 'Undo Remediation'], 'The quarantines of a remediation were undone.', medium),
  incident_created: row(['INCIDENT_MANAGEMENT', 'Create Incident'], 'An incident was opened.', low),
  incident_changed: row(['INCIDENT_MANAGEMENT', 'Update Incident'], 'An incident was changed.'),
  incident_commented: row(['INCIDENT_TIMELINE_EVENT', 'Add Comment'], 'An incident was commented on.'),
  alert_reported: row(['INCIDENT_MANAGEMENT', 'Insert Alert'], 'An alert was inserted.'),
  list_changed: row(['RESPONSE', 'Hash Exceptions'], 'The block and allow lists were changed.', medium),
  password_changed: row(['AUTH', 'Change Password'], 'A user changed the password.', low),
  password_expired: row(['PERMISSIONS', 'Expire Password'], 'A user was asked to choose another password.', low),
  password_reset: row(['PERMISSIONS', 'Reset Password'], 'A user was given another password.', medium),
  second_factor_enabled: row(['AUTH', 'Enable Two Factor Authentication'], 'A user enabled a second factor.', low),
  second_factor_reset: row(['PERMISSIONS', 'Reset Two Factor Authentication'], 'A second factor was reset.', medium),
  recovery_code_used: row(['AUTH', 'Use Recovery Code'], 'A user logged in with a recovery code.', medium),
  recovery_codes_renewed: row(['AUTH', 'Renew Recovery Codes'], 'A user made new recovery codes.', low),
  endpoint_renamed: row(['ENDPOINT_ADMINISTRATION', 'Change Alias'], 'An endpoint got another alias.', low),
  endpoint_tagged: row(['ENDPOINT_ADMINISTRATION', 'Change Tags'], 'The tags of an endpoint were changed.', low),
  endpoint_archived: row(['ENDPOINT_ADMINISTRATION', 'Archive Endpoint'], 'An endpoint was archived.', low),
  endpoint_unarchived: row(['ENDPOINT_ADMINISTRATION', 'Unarchive Endpoint'], 'An endpoint was brought back.', low),
  endpoint_revoked: row(['ENDPOINT_ADMINISTRATION', 'Delete Endpoint'], 'An endpoint was removed.', high),
  fleet_action_refused: row(['RESPONSE', 'Unsupported Action'], 'Something was asked that no agent here can do.', {
    ...low,
    ...failed,
  }),
  evidence_stored: null,
  evidence_opened: null,
  evidence_delivered: row(['RESPONSE', 'Download File'], 'A retrieved file was downloaded.', medium),
  evidence_viewed: row(['RESPONSE', 'View File'], 'A retrieved file was looked at.', low),
  bundle_exported: row(['RESPONSE', 'Export Evidence'], 'A bundle with evidence was exported.', medium),
  evidence_deleted: row(['RESPONSE', 'Delete Retrieved File'], 'The bytes of a retrieved file were deleted.', high),
  evidence_damaged: row(['RESPONSE', 'Retrieved File Damaged'], 'Stored bytes of a retrieved file are damaged.', {
    ...high,
    ...failed,
  }),
  evidence_key_rotated: row(['SYSTEM', 'Change Evidence Key'], 'Retrieved files were locked to a new key.', medium),
  incident_held: row(
    ['INCIDENT_MANAGEMENT', 'Hold Incident'],
    'What was retrieved for an incident was put on hold.',
    medium,
  ),
  incident_released: row(['INCIDENT_MANAGEMENT', 'Release Incident'], 'An incident was released from its hold.', high),
  vault_object_found: null,
  vault_object_lost: null,
  vault_object_damaged: null,
  ledger_disputed: null,
  order_key_changed: row(['SYSTEM', 'Change Order Key'], 'The key that signs orders was changed.', high),
  order_key_refused: null,
  permission_refused: row(['PERMISSIONS', 'Access Denied'], 'Somebody asked for what they may not do.', {
    ...medium,
    ...failed,
  }),
  emergency_stop_engaged: row(
    ['RESPONSE', 'Engage Emergency Stop'],
    'All that takes or deletes files was halted.',
    high,
  ),
  emergency_stop_released: row(['RESPONSE', 'Release Emergency Stop'], 'What was halted goes on.', high),
  webhook_created: row(['SYSTEM', 'Create Webhook'], 'A webhook was created.', medium),
  webhook_changed: row(['SYSTEM', 'Edit Webhook'], 'A webhook was changed.', medium),
  webhook_deleted: row(['SYSTEM', 'Delete Webhook'], 'A webhook was deleted.', medium),
  webhook_letters_dropped: row(
    ['SYSTEM', 'Drop Dead Letters'],
    'Undelivered events of a webhook were dropped.',
    medium,
  ),
  settings_changed: row(['SYSTEM', 'Change Settings'], 'Settings were changed.', medium),
  clock_accepted: row(['SYSTEM', 'Accept Clock'], 'The clock of a server was accepted.', high),
  backup_made: row(['SYSTEM', 'Backup'], 'A backup was made.', low),
  backup_restored: row(['SYSTEM', 'Restore'], 'A backup was restored.', high),
};

const started: Readonly<Record<Verb, Row>> = {
  fetch: row(['RESPONSE', 'File Retrieval'], 'A file retrieval was ordered.', medium),
  quarantine: row(['RESPONSE', 'Quarantine File'], 'A quarantine was ordered.', medium),
  restore: row(['RESPONSE', 'Restore File'], 'A restore was ordered.', medium),
  restore_objects: row(['RESPONSE', 'Restore File'], 'A restore of named vault objects was ordered.', medium),
  undo: row(['RESPONSE', 'Restore File'], 'A restore of all that a quarantine took was ordered.', medium),
  plan: row(['RESPONSE', 'Plan Restore'], 'What a restore would meet was asked.', low),
  purge: row(['RESPONSE', 'Delete Quarantined File'], 'The deletion of quarantined files was ordered.', high),
  search: row(['RESPONSE', 'File Search'], 'A file search was ordered.', low),
  logs: row(['RESPONSE', 'Retrieve Support File'], "An agent's own logs were ordered.", low),
  scan: row(['RESPONSE', 'Scan'], 'A scan was ordered.', low),
};

/** Every kind of event that the log has lines for. */
export const managementKinds: readonly ManagementKind[] = eventTypes.flatMap((type) =>
  rows[type] === 'by_verb'
    ? verbs.flatMap((verb) => kindOf({ type, verb }, started[verb]))
    : kindOf({ type }, rows[type]),
);

function kindOf(kind: EventKind, words: Row): readonly ManagementKind[] {
  return words === null || words === 'by_verb' ? [] : [{ kind, ...words }];
}

/** @returns undefined for an event that the log has no line for. */
export function managementWords({ type, facts }: CustodyEvent): ManagementWords | undefined {
  const found = managementKinds.filter(({ kind }) => kind.type === type);
  return found.find(({ kind }) => kind.verb === undefined || kind.verb === facts['verb']);
}
