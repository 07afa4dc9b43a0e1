import type { NativeOperation } from './operation.ts';
import { cancelActionOperation } from './operations/cancel-action.ts';
import { changeEndpointOperations } from './operations/change-endpoints.ts';
import { changeIncidentOperation } from './operations/change-incident.ts';
import { changePasswordOperation } from './operations/change-password.ts';
import { closeActionOperation } from './operations/close-action.ts';
import { commentOnIncidentOperation } from './operations/comment-on-incident.ts';
import { createEnrolmentTokenOperation } from './operations/create-enrolment-token.ts';
import { createIncidentOperation } from './operations/create-incident.ts';
import { createKeyOperation } from './operations/create-key.ts';
import { createUserOperation } from './operations/create-user.ts';
import { deleteKeyOperation } from './operations/delete-key.ts';
import { describeApiOperation } from './operations/describe-api.ts';
import { downloadActionOperation } from './operations/download-action.ts';
import { downloadFileOperation } from './operations/download-file.ts';
import { expirePasswordOperation } from './operations/expire-password.ts';
import { findFilesOperation } from './operations/find-files.ts';
import { findListedHashesOperation } from './operations/find-listed-hashes.ts';
import { forgetHashesOperation } from './operations/forget-hashes.ts';
import { listActionsOperation } from './operations/list-actions.ts';
import { listEndpointsOperation } from './operations/list-endpoints.ts';
import { listEnrolmentTokensOperation } from './operations/list-enrolment-tokens.ts';
import { listEventsOperation } from './operations/list-events.ts';
import { listHashesOperation } from './operations/list-hashes.ts';
import { listIncidentsOperation } from './operations/list-incidents.ts';
import { listKeysOperation } from './operations/list-keys.ts';
import { listQuarantineOperation } from './operations/list-quarantine.ts';
import { listUsersOperation } from './operations/list-users.ts';
import { logInOperation } from './operations/log-in.ts';
import { logOutOperation } from './operations/log-out.ts';
import { observeIncidentOperation } from './operations/observe-incident.ts';
import { proveEventOperation } from './operations/prove-event.ts';
import { purgeVaultOperation } from './operations/purge-vault.ts';
import { quarantineFileOperation } from './operations/quarantine-file.ts';
import { readActionOperation } from './operations/read-action.ts';
import { readEndpointOperation } from './operations/read-endpoint.ts';
import { readFileOperation } from './operations/read-file.ts';
import { readIncidentOperation } from './operations/read-incident.ts';
import { readLedgerOperation } from './operations/read-ledger.ts';
import { readMetricsOperation } from './operations/read-metrics.ts';
import { readServerOperation } from './operations/read-server.ts';
import { readTimelineOperation } from './operations/read-timeline.ts';
import { restoreFileOperation } from './operations/restore-file.ts';
import { retrieveFilesOperation } from './operations/retrieve-files.ts';
import { revokeEnrolmentTokenOperation } from './operations/revoke-enrolment-token.ts';
import { secondFactorOperations } from './operations/second-factor.ts';
import { settleCopiesOperation } from './operations/settle-copies.ts';
import { startFetchOperation } from './operations/start-fetch.ts';
import { startScanOperation } from './operations/start-scan.ts';
import { startSearchOperation } from './operations/start-search.ts';
import { whoAmIOperation } from './operations/who-am-i.ts';

/** Everything that the native API answers. */
export const operations: readonly NativeOperation[] = [
  logInOperation,
  logOutOperation,
  whoAmIOperation,
  changePasswordOperation,
  expirePasswordOperation,
  ...secondFactorOperations,
  listEndpointsOperation,
  readEndpointOperation,
  settleCopiesOperation,
  ...changeEndpointOperations,
  findFilesOperation,
  readFileOperation,
  listActionsOperation,
  readActionOperation,
  startFetchOperation,
  retrieveFilesOperation,
  quarantineFileOperation,
  restoreFileOperation,
  purgeVaultOperation,
  startSearchOperation,
  startScanOperation,
  closeActionOperation,
  cancelActionOperation,
  listQuarantineOperation,
  downloadFileOperation,
  downloadActionOperation,
  listKeysOperation,
  createKeyOperation,
  deleteKeyOperation,
  listUsersOperation,
  createUserOperation,
  listEnrolmentTokensOperation,
  createEnrolmentTokenOperation,
  revokeEnrolmentTokenOperation,
  listHashesOperation,
  forgetHashesOperation,
  findListedHashesOperation,
  listIncidentsOperation,
  createIncidentOperation,
  readIncidentOperation,
  changeIncidentOperation,
  observeIncidentOperation,
  commentOnIncidentOperation,
  readTimelineOperation,
  listEventsOperation,
  readServerOperation,
  readLedgerOperation,
  proveEventOperation,
  readMetricsOperation,
  describeApiOperation(() => operations),
];
