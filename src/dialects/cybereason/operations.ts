import type { Operation } from '../dialect.ts';
import { abortRemediationOperation } from './operations/abort-remediation.ts';
import { abortSensorAction } from './operations/abort-sensor-action.ts';
import { changeMalop, changeMalopStatuses } from './operations/change-malops.ts';
import { changeOwnPassword } from './operations/change-own-password.ts';
import { changeReputation } from './operations/change-reputation.ts';
import { classify } from './operations/classify.ts';
import { closeBatchOperation } from './operations/close-batch.ts';
import { commentOnMalop, listMalopComments } from './operations/comment-on-malop.ts';
import { customRemediation } from './operations/custom-remediation.ts';
import { downloadAuditLog } from './operations/download-audit-log.ts';
import { downloadFiles } from './operations/download-files.ts';
import { downloadReputations } from './operations/download-reputations.ts';
import { downloadSensorLogs } from './operations/download-sensor-logs.ts';
import { fetchDirect } from './operations/fetch-direct.ts';
import { findReputationList } from './operations/find-reputation-list.ts';
import { isolateMachines } from './operations/isolate-machines.ts';
import { listDownloads } from './operations/list-downloads.ts';
import { listMalops, readMalopMetadata } from './operations/list-malops.ts';
import { emptyLists } from './operations/list-nothing.ts';
import { listReputations } from './operations/list-reputations.ts';
import { listFileSearches, listOwnFileSearches, listSensorActions } from './operations/list-sensor-actions.ts';
import { logInOperation } from './operations/log-in.ts';
import { logOutOperations } from './operations/log-out.ts';
import { queryMalops } from './operations/query-malops.ts';
import { queryMalware } from './operations/query-malware.ts';
import { querySensors } from './operations/query-sensors.ts';
import { querySensorsOfAction } from './operations/query-sensors-of-action.ts';
import { refuseUnknownPath } from './operations/refuse-unknown-path.ts';
import { remediateOperation } from './operations/remediate.ts';
import { remediateCustomActions } from './operations/remediate-custom-actions.ts';
import { remediationHistory } from './operations/remediation-history.ts';
import { remediationProgress } from './operations/remediation-progress.ts';
import { remediationStatus } from './operations/remediation-status.ts';
import { runQuery } from './operations/run-query.ts';
import { runSensorAction } from './operations/run-sensor-action.ts';
import { searchReputations } from './operations/search-reputations.ts';
import { exportFileSearchResults, showFileSearchResults } from './operations/show-file-search-results.ts';
import { healthOperations } from './operations/show-health.ts';
import { redirectToLandingPage, showLandingPage } from './operations/show-landing-page.ts';
import { showLogInPage } from './operations/show-log-in-page.ts';
import { malopDetails } from './operations/show-malop-details.ts';
import { showMalopInbox } from './operations/show-malop-inbox.ts';
import { showSensorsOverview } from './operations/show-sensors-overview.ts';
import { userOperations } from './operations/show-users.ts';
import { startFileDownload } from './operations/start-file-download.ts';
import { startFileSearch } from './operations/start-file-search.ts';
import { updateReputations } from './operations/update-reputations.ts';

/** The first that matches answers, so the one for everything else stands last. */
export const operations: readonly Operation[] = [
  logInOperation,
  showLogInPage,
  redirectToLandingPage,
  showLandingPage,
  ...logOutOperations,
  runQuery,
  startFileDownload,
  listDownloads,
  downloadFiles,
  closeBatchOperation,
  fetchDirect,
  updateReputations,
  downloadReputations,
  listReputations,
  classify,
  findReputationList,
  searchReputations,
  changeReputation,
  queryMalops,
  showMalopInbox,
  malopDetails,
  listMalops,
  readMalopMetadata,
  changeMalop,
  changeMalopStatuses,
  commentOnMalop,
  listMalopComments,
  queryMalware,
  remediateOperation,
  remediationProgress,
  remediationStatus,
  abortRemediationOperation,
  remediationHistory,
  customRemediation,
  remediateCustomActions,
  ...healthOperations,
  ...userOperations,
  changeOwnPassword,
  ...emptyLists,
  downloadAuditLog,
  querySensors,
  showSensorsOverview,
  querySensorsOfAction,
  downloadSensorLogs,
  startFileSearch,
  showFileSearchResults,
  exportFileSearchResults,
  runSensorAction,
  listSensorActions,
  listFileSearches,
  listOwnFileSearches,
  abortSensorAction,
  isolateMachines,
  ...refuseUnknownPath,
];
