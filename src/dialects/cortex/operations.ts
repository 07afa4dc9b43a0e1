import type { Operation } from '../dialect.ts';
import { abortScan } from './operations/abort-scan.ts';
import { actionCenterExpiration } from './operations/action-center-expiration.ts';
import { agentsReports } from './operations/agents-reports.ts';
import { deleteApiKeys } from './operations/delete-api-keys.ts';
import { deleteEndpoints } from './operations/delete-endpoints.ts';
import { downloads } from './operations/download.ts';
import { fileRetrieval } from './operations/file-retrieval.ts';
import { fileRetrievalDetails } from './operations/file-retrieval-details.ts';
import { generateApiKey } from './operations/generate-api-key.ts';
import { getActionStatus } from './operations/get-action-status.ts';
import { getAlerts } from './operations/get-alerts.ts';
import { getApiKeys } from './operations/get-api-keys.ts';
import { getDistributionVersions } from './operations/get-distribution-versions.ts';
import { getEndpoint } from './operations/get-endpoint.ts';
import { getEndpoints } from './operations/get-endpoints.ts';
import { getIncidentExtraData } from './operations/get-incident-extra-data.ts';
import { getIncidents } from './operations/get-incidents.ts';
import { getPolicy } from './operations/get-policy.ts';
import { getRoles } from './operations/get-roles.ts';
import { getScriptMetadata } from './operations/get-script-metadata.ts';
import { getScripts } from './operations/get-scripts.ts';
import { getTenantInfo } from './operations/get-tenant-info.ts';
import { getUserGroup } from './operations/get-user-group.ts';
import { getUsers } from './operations/get-users.ts';
import { hashExceptions } from './operations/hash-exceptions.ts';
import { healthcheck } from './operations/healthcheck.ts';
import { insertCefAlerts } from './operations/insert-cef-alerts.ts';
import { insertParsedAlerts } from './operations/insert-parsed-alerts.ts';
import { managementLogs } from './operations/management-logs.ts';
import { quarantine } from './operations/quarantine.ts';
import { quarantineStatusOf } from './operations/quarantine-status.ts';
import { refusedScriptCalls } from './operations/refuse-script-code.ts';
import { refusedActions } from './operations/refused-actions.ts';
import { restore } from './operations/restore.ts';
import { runScript } from './operations/run-script.ts';
import { scan } from './operations/scan.ts';
import { scriptExecutionResults } from './operations/script-execution-results.ts';
import { scriptExecutionStatus } from './operations/script-execution-status.ts';
import { setActionCenterExpiration } from './operations/set-action-center-expiration.ts';
import { assignTag, removeTag } from './operations/tag-agents.ts';
import { updateAgentName } from './operations/update-agent-name.ts';
import { updateIncidentOperation } from './operations/update-incident.ts';
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
  deleteEndpoints,
  updateAgentName,
  getPolicy,
  assignTag,
  removeTag,
  scan,
  abortScan,
  ...refusedActions,
  runScript,
  scriptExecutionStatus,
  scriptExecutionResults,
  getScripts,
  getScriptMetadata,
  ...refusedScriptCalls,
  getIncidents,
  getIncidentExtraData,
  updateIncidentOperation,
  getAlerts,
  insertParsedAlerts,
  insertCefAlerts,
  managementLogs,
  agentsReports,
  ...actionCenterExpiration,
  setActionCenterExpiration,
  validateKey,
  getApiKeys,
  generateApiKey,
  deleteApiKeys,
  getTenantInfo,
  getDistributionVersions,
  getUsers,
  getRoles,
  getUserGroup,
  healthcheck,
];
