import type { Operation } from '../dialect.ts';
import { abortScan } from './operations/abort-scan.ts';
import { downloads } from './operations/download.ts';
import { fileRetrieval } from './operations/file-retrieval.ts';
import { fileRetrievalDetails } from './operations/file-retrieval-details.ts';
import { getActionStatus } from './operations/get-action-status.ts';
import { getEndpoint } from './operations/get-endpoint.ts';
import { getEndpoints } from './operations/get-endpoints.ts';
import { getScriptMetadata } from './operations/get-script-metadata.ts';
import { getScripts } from './operations/get-scripts.ts';
import { hashExceptions } from './operations/hash-exceptions.ts';
import { healthcheck } from './operations/healthcheck.ts';
import { isolations } from './operations/isolate.ts';
import { quarantine } from './operations/quarantine.ts';
import { quarantineStatusOf } from './operations/quarantine-status.ts';
import { refusedScriptCalls } from './operations/refuse-script-code.ts';
import { restore } from './operations/restore.ts';
import { runScript } from './operations/run-script.ts';
import { scan } from './operations/scan.ts';
import { scriptExecutionResults } from './operations/script-execution-results.ts';
import { scriptExecutionStatus } from './operations/script-execution-status.ts';
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
  ...hashExceptions,
  scan,
  abortScan,
  ...isolations,
  runScript,
  scriptExecutionStatus,
  scriptExecutionResults,
  getScripts,
  getScriptMetadata,
  ...refusedScriptCalls,
  validateKey,
  healthcheck,
];
