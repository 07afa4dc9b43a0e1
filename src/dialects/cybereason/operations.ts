import type { Operation } from '../dialect.ts';
import { changeReputation } from './operations/change-reputation.ts';
import { classify } from './operations/classify.ts';
import { closeBatchOperation } from './operations/close-batch.ts';
import { downloadFiles } from './operations/download-files.ts';
import { downloadReputations } from './operations/download-reputations.ts';
import { fetchDirect } from './operations/fetch-direct.ts';
import { findReputationList } from './operations/find-reputation-list.ts';
import { listDownloads } from './operations/list-downloads.ts';
import { listReputations } from './operations/list-reputations.ts';
import { logInOperation } from './operations/log-in.ts';
import { logOutOperations } from './operations/log-out.ts';
import { refuseUnknownPath } from './operations/refuse-unknown-path.ts';
import { runQuery } from './operations/run-query.ts';
import { searchReputations } from './operations/search-reputations.ts';
import { redirectToLandingPage, showLandingPage } from './operations/show-landing-page.ts';
import { showLogInPage } from './operations/show-log-in-page.ts';
import { startFileDownload } from './operations/start-file-download.ts';
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
  ...refuseUnknownPath,
];
