import type { Operation } from '../dialect.ts';
import { actionCenterExpiration } from './operations/action-center-expiration.ts';
import { downloads } from './operations/download.ts';
import { fileRetrieval } from './operations/file-retrieval.ts';
import { fileRetrievalDetails } from './operations/file-retrieval-details.ts';
import { getActionStatus } from './operations/get-action-status.ts';
import { getEndpoint } from './operations/get-endpoint.ts';
import { getEndpoints } from './operations/get-endpoints.ts';
import { healthcheck } from './operations/healthcheck.ts';
import { quarantine } from './operations/quarantine.ts';
import { quarantineStatusOf } from './operations/quarantine-status.ts';
import { restore } from './operations/restore.ts';
import { setActionCenterExpiration } from './operations/set-action-center-expiration.ts';
import { validateKey } from './operations/validate-key.ts';

export const operations: readonly Operation[] = [
  quarantine,
  quarantineStatusOf,
  restore,
  getActionStatus,
  getEndpoints,
  getEndpoint,
  fileRetrieval,
  fileRetrievalDetails,
  ...downloads,
  ...actionCenterExpiration,
  setActionCenterExpiration,
  validateKey,
  healthcheck,
];
