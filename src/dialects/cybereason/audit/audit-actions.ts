import type { Verb } from '#core/action/verb.ts';
import { type CustodyEvent, type EventType, eventTypes } from '#core/custody/event.ts';

/** What the vendor's audit log calls an event: its area and what was done there. Null: nothing that a person did, but a machine, or the server by itself. */
export const auditActions: Record<EventType, string | null> = {
  server_initialised: 'General/Initialize',
  user_created: 'Users/Create',
  user_changed: 'Users/Update',
  user_disabled: 'Users/Disable',
  user_enabled: 'Users/Enable',
  user_deleted: 'Users/Delete',
  role_created: 'Users/CreateRole',
  role_changed: 'Users/UpdateRole',
  role_deleted: 'Users/DeleteRole',
  key_created: 'Users/CreateApiKey',
  key_deleted: 'Users/DeleteApiKey',
  enrolment_token_created: 'Sensors/CreateEnrolmentToken',
  enrolment_token_revoked: 'Sensors/RevokeEnrolmentToken',
  enrolment_guessed: null,
  logged_in: 'General/Login',
  log_in_begun: 'General/LoginFirstStep',
  log_in_failed: 'General/Login',
  logged_out: 'General/Logout',
  sessions_ended: 'Users/EndSessions',
  user_linked: 'Users/LinkIdentity',
  endpoint_enrolled: null,
  endpoint_connected: null,
  endpoint_refused: null,
  action_started: 'Actions/Start',
  tasks_sent: null,
  restore_token_issued: 'Actions/IssueRestoreToken',
  task_accepted: null,
  task_finished: null,
  tasks_expired: null,
  tasks_cancelled: 'Actions/Withdraw',
  batch_closed: 'Investigation/AbortFileDownload',
  action_cancelled: 'Actions/Cancel',
  approval_requested: 'Actions/RequestApproval',
  approval_given: 'Actions/Approve',
  approval_refused: 'Actions/RefuseApproval',
  approval_expired: null,
  approval_bypassed: 'Actions/BypassApproval',
  remediation_started: 'Remediation/Start',
  remediation_aborted: 'Remediation/Abort',
  incident_created: 'Malops/Create',
  incident_changed: 'Malops/Update',
  incident_commented: 'Malops/Comment',
  alert_reported: 'Malops/ReportAlert',
  list_changed: 'Reputations/Update',
  password_changed: 'Users/ChangePassword',
  password_expired: 'Users/ExpirePassword',
  password_reset: 'Users/ResetPassword',
  second_factor_enabled: 'Users/EnableTwoFactorAuthentication',
  second_factor_reset: 'Users/ResetTwoFactorAuthentication',
  recovery_code_used: 'Users/UseRecoveryCode',
  recovery_codes_renewed: 'Users/RenewRecoveryCodes',
  fleet_action_refused: 'Sensors/UnsupportedAction',
  permission_refused: 'General/PermissionRefused',
  endpoint_archived: 'Sensors/Archive',
  endpoint_unarchived: 'Sensors/Unarchive',
  endpoint_revoked: 'Sensors/Delete',
  endpoint_renamed: 'Sensors/Rename',
  endpoint_tagged: 'Sensors/Tag',
  endpoint_cloned: null,
  endpoint_copies_settled: 'Sensors/SettleCopies',
  agent_shut_out: null,
  evidence_stored: null,
  evidence_opened: null,
  evidence_delivered: 'Investigation/DownloadFile',
  evidence_viewed: 'Investigation/ViewFile',
  bundle_exported: 'Investigation/ExportEvidence',
  evidence_deleted: 'Investigation/DeleteDownloadedFile',
  evidence_damaged: null,
  evidence_key_rotated: 'System/ChangeEvidenceKey',
  incident_held: 'Malops/Hold',
  incident_released: 'Malops/Release',
  vault_object_found: null,
  vault_object_lost: null,
  vault_object_damaged: null,
  ledger_disputed: null,
  order_key_changed: 'System/ChangeOrderKey',
  order_key_refused: null,
  emergency_stop_engaged: 'System/EngageEmergencyStop',
  emergency_stop_released: 'System/ReleaseEmergencyStop',
  settings_changed: 'System/ChangeSettings',
  backup_made: 'System/Backup',
  backup_restored: 'System/Restore',
};

/** What the vendor names more closely than by "an action was started". */
export const startedActions: Readonly<Record<Verb, string>> = {
  fetch: 'Investigation/StartFileDownload',
  quarantine: 'Remediation/QuarantineFile',
  restore: 'Remediation/UnquarantineFile',
  undo: 'Remediation/UnquarantineFile',
  purge: 'Remediation/DeleteQuarantinedFile',
  search: 'Investigation/FileSearch',
  logs: 'Sensors/FetchLogs',
  scan: 'Sensors/SchedulerScan',
};

/** Events of things that were tried, and did not succeed. */
const failures: readonly EventType[] = ['log_in_failed', 'fleet_action_refused', 'permission_refused'];

/** Whether anything was done: a remediation of which no row could be ordered did nothing. */
export function hasSucceeded({ type, facts }: Pick<CustodyEvent, 'type' | 'facts'>): boolean {
  const isEmpty = type === 'remediation_started' && facts['ordered'] === 0 && facts['listed'] === 0;
  return !failures.includes(type) && !isEmpty;
}

/** What the log has lines for. */
export const auditedTypes: readonly EventType[] = eventTypes.filter((type) => auditActions[type] !== null);
