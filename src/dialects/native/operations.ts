import type { NativeOperation } from './operation.ts';
import { abortScansOperation } from './operations/abort-scans.ts';
import { acceptClockOperation } from './operations/accept-clock.ts';
import { alertOperations } from './operations/alerts.ts';
import { approveActionOperation } from './operations/approve-action.ts';
import { cancelActionOperation } from './operations/cancel-action.ts';
import { changeEndpointOperations } from './operations/change-endpoints.ts';
import { changeIncidentOperation } from './operations/change-incident.ts';
import { changePasswordOperation } from './operations/change-password.ts';
import { closeActionOperation } from './operations/close-action.ts';
import { commentOnIncidentOperation } from './operations/comment-on-incident.ts';
import { confirmActionOperation } from './operations/confirm-action.ts';
import { countActionsOperation } from './operations/count-actions.ts';
import { countEndpointsOperation } from './operations/count-endpoints.ts';
import { createEnrolmentTokenOperation } from './operations/create-enrolment-token.ts';
import { createIncidentOperation } from './operations/create-incident.ts';
import { createKeyOperation } from './operations/create-key.ts';
import { createUserOperation } from './operations/create-user.ts';
import { deleteEvidenceOperation } from './operations/delete-evidence.ts';
import { deleteKeyOperation } from './operations/delete-key.ts';
import { describeApiOperation } from './operations/describe-api.ts';
import { downloadActionOperation } from './operations/download-action.ts';
import { downloadFileOperation } from './operations/download-file.ts';
import { emergencyStopOperations } from './operations/emergency-stop.ts';
import { retentionOperations } from './operations/evidence-retention.ts';
import { expirePasswordOperation } from './operations/expire-password.ts';
import { exportBundleOperation } from './operations/export-bundle.ts';
import { fetchLogsOperation } from './operations/fetch-logs.ts';
import { findFilesOperation } from './operations/find-files.ts';
import { findListedHashesOperation } from './operations/find-listed-hashes.ts';
import { fleetActionOperations } from './operations/fleet-actions.ts';
import { followActionOperation } from './operations/follow-action.ts';
import { followEventsOperation } from './operations/follow-events.ts';
import { forgetHashesOperation } from './operations/forget-hashes.ts';
import { holdOperations } from './operations/hold-incident.ts';
import { issueRestoreTokenOperation } from './operations/issue-restore-token.ts';
import { lifetimeOperations } from './operations/lifetimes.ts';
import { linkUserOperation } from './operations/link-user.ts';
import { listActionsOperation } from './operations/list-actions.ts';
import { listApprovalsOperation } from './operations/list-approvals.ts';
import { listEndpointsOperation } from './operations/list-endpoints.ts';
import { listEnrolmentTokensOperation } from './operations/list-enrolment-tokens.ts';
import { listEventsOperation } from './operations/list-events.ts';
import { listEvidenceOperation } from './operations/list-evidence.ts';
import { listHashesOperation } from './operations/list-hashes.ts';
import { listIncidentsOperation } from './operations/list-incidents.ts';
import { listKeysOperation } from './operations/list-keys.ts';
import { listQuarantineOperation } from './operations/list-quarantine.ts';
import { listQuarantinedHashesOperation } from './operations/list-quarantined-hashes.ts';
import { listUsersOperation } from './operations/list-users.ts';
import { logInOperation, openBrowserSessionOperation } from './operations/log-in.ts';
import { logOutOperation } from './operations/log-out.ts';
import { manageRoleOperations } from './operations/manage-roles.ts';
import { manageUserOperations } from './operations/manage-users.ts';
import { observeIncidentOperation } from './operations/observe-incident.ts';
import { ownSessionOperations } from './operations/own-sessions.ts';
import { previewQuarantineOperation } from './operations/preview-quarantine.ts';
import { proveEventOperation } from './operations/prove-event.ts';
import { providerLogInOperations } from './operations/provider-log-in.ts';
import { purgeVaultOperation } from './operations/purge-vault.ts';
import { quarantineFileOperation } from './operations/quarantine-file.ts';
import { readActionOperation } from './operations/read-action.ts';
import { readApprovalOperation } from './operations/read-approval.ts';
import { readEndpointOperation } from './operations/read-endpoint.ts';
import { readEnrolmentOperation } from './operations/read-enrolment.ts';
import { readFileOperation } from './operations/read-file.ts';
import { readIncidentOperation } from './operations/read-incident.ts';
import { readInstallationOperation } from './operations/read-installation.ts';
import { readLedgerOperation } from './operations/read-ledger.ts';
import { readMetricsOperation } from './operations/read-metrics.ts';
import { readQuarantineStatusOperation } from './operations/read-quarantine-status.ts';
import { readServerOperation } from './operations/read-server.ts';
import { readTimelineOperation } from './operations/read-timeline.ts';
import { refuseApprovalOperation } from './operations/refuse-approval.ts';
import { remediationOperations } from './operations/remediations.ts';
import { restoreFileOperation } from './operations/restore-file.ts';
import { restorePlanOperations } from './operations/restore-plans.ts';
import { resumeActionOperation } from './operations/resume-action.ts';
import { retrieveFilesOperation } from './operations/retrieve-files.ts';
import { retryActionOperation } from './operations/retry-action.ts';
import { revokeEndpointsOperation } from './operations/revoke-endpoints.ts';
import { revokeEnrolmentTokenOperation } from './operations/revoke-enrolment-token.ts';
import { secondFactorOperations } from './operations/second-factor.ts';
import { settleCopiesOperation } from './operations/settle-copies.ts';
import { startFetchOperation } from './operations/start-fetch.ts';
import { startScanOperation } from './operations/start-scan.ts';
import { startSearchOperation } from './operations/start-search.ts';
import { undoActionOperation } from './operations/undo-action.ts';
import { viewFileOperation } from './operations/view-file.ts';
import { webhookOperations } from './operations/webhooks.ts';
import { whoAmIOperation } from './operations/who-am-i.ts';

/** Everything that the native API answers. */
export const operations: readonly NativeOperation[] = [
  logInOperation,
  openBrowserSessionOperation,
  ...providerLogInOperations,
  logOutOperation,
  whoAmIOperation,
  changePasswordOperation,
  expirePasswordOperation,
  ...secondFactorOperations,
  listEndpointsOperation,
  readEndpointOperation,
  countEndpointsOperation,
  settleCopiesOperation,
  ...changeEndpointOperations,
  revokeEndpointsOperation,
  findFilesOperation,
  readFileOperation,
  listActionsOperation,
  countActionsOperation,
  readActionOperation,
  followActionOperation,
  startFetchOperation,
  retrieveFilesOperation,
  quarantineFileOperation,
  restoreFileOperation,
  issueRestoreTokenOperation,
  ...restorePlanOperations,
  purgeVaultOperation,
  startSearchOperation,
  startScanOperation,
  abortScansOperation,
  fetchLogsOperation,
  closeActionOperation,
  cancelActionOperation,
  undoActionOperation,
  retryActionOperation,
  confirmActionOperation,
  resumeActionOperation,
  ...fleetActionOperations,
  listApprovalsOperation,
  readApprovalOperation,
  approveActionOperation,
  refuseApprovalOperation,
  listQuarantineOperation,
  listQuarantinedHashesOperation,
  readQuarantineStatusOperation,
  previewQuarantineOperation,
  downloadFileOperation,
  downloadActionOperation,
  viewFileOperation,
  exportBundleOperation,
  listEvidenceOperation,
  deleteEvidenceOperation,
  ...retentionOperations,
  listKeysOperation,
  createKeyOperation,
  deleteKeyOperation,
  listUsersOperation,
  createUserOperation,
  ...manageUserOperations,
  ...manageRoleOperations,
  ...ownSessionOperations,
  linkUserOperation,
  listEnrolmentTokensOperation,
  createEnrolmentTokenOperation,
  revokeEnrolmentTokenOperation,
  readEnrolmentOperation,
  listHashesOperation,
  forgetHashesOperation,
  findListedHashesOperation,
  listIncidentsOperation,
  createIncidentOperation,
  readIncidentOperation,
  changeIncidentOperation,
  observeIncidentOperation,
  commentOnIncidentOperation,
  ...holdOperations,
  readTimelineOperation,
  ...alertOperations,
  ...remediationOperations,
  listEventsOperation,
  ...webhookOperations,
  followEventsOperation,
  readServerOperation,
  readInstallationOperation,
  acceptClockOperation,
  ...emergencyStopOperations,
  ...lifetimeOperations,
  readLedgerOperation,
  proveEventOperation,
  readMetricsOperation,
  describeApiOperation(() => operations),
];
