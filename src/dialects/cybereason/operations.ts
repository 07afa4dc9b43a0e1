import type { Operation } from '../dialect.ts';
import { abortSensorAction } from './operations/abort-sensor-action.ts';
import { closeBatchOperation } from './operations/close-batch.ts';
import { downloadFiles } from './operations/download-files.ts';
import { downloadSensorLogs } from './operations/download-sensor-logs.ts';
import { isolateMachines } from './operations/isolate-machines.ts';
import { listDownloads } from './operations/list-downloads.ts';
import { listFileSearches, listOwnFileSearches, listSensorActions } from './operations/list-sensor-actions.ts';
import { logInOperation } from './operations/log-in.ts';
import { logOutOperations } from './operations/log-out.ts';
import { querySensors } from './operations/query-sensors.ts';
import { querySensorsOfAction } from './operations/query-sensors-of-action.ts';
import { refuseUnknownPath } from './operations/refuse-unknown-path.ts';
import { runQuery } from './operations/run-query.ts';
import { runSensorAction } from './operations/run-sensor-action.ts';
import { exportFileSearchResults, showFileSearchResults } from './operations/show-file-search-results.ts';
import { redirectToLandingPage, showLandingPage } from './operations/show-landing-page.ts';
import { showLogInPage } from './operations/show-log-in-page.ts';
import { showSensorsOverview } from './operations/show-sensors-overview.ts';
import { startFileDownload } from './operations/start-file-download.ts';
import { startFileSearch } from './operations/start-file-search.ts';

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
