import { expect, test } from 'bun:test';
import { operations as cortexOperations } from '#dialects/cortex/operations.ts';
import { operations as cybereasonOperations } from '#dialects/cybereason/operations.ts';
import type { Operation } from '#dialects/dialect.ts';
import { operations as nativeOperations } from '#dialects/native/operations.ts';

/** By which native operations the same can be done, or why there is no need. */
type Covered = readonly [string, ...string[]] | { readonly needless: string };

const base = '/public_api/v1/';

const cortex: Readonly<Record<string, Covered>> = {
  'POST endpoints/quarantine': ['quarantineFile'],
  'POST quarantine/status': ['readQuarantineStatus', 'listQuarantine'],
  'POST endpoints/restore': ['restoreFile'],
  'POST actions/get_action_status': ['readAction', 'listActions'],
  'POST endpoints/get_endpoints': ['listEndpoints'],
  'POST endpoints/get_endpoint': ['listEndpoints', 'readEndpoint', 'countEndpoints'],
  'POST endpoints/file_retrieval': ['retrieveFiles', 'startFetch'],
  'POST actions/file_retrieval_details': ['readAction', 'downloadAction', 'downloadFile'],
  'GET download/:token': ['downloadAction', 'downloadFile'],
  'POST download/:token': ['downloadAction', 'downloadFile'],
  'POST hash_exceptions/blocklist': ['listHashes'],
  'POST hash_exceptions/blocklist/remove': ['forgetHashes'],
  'POST hash_exceptions/allowlist': ['listHashes'],
  'POST hash_exceptions/allowlist/remove': ['forgetHashes'],
  'POST endpoints/delete': ['archiveEndpoints', 'unarchiveEndpoints', 'revokeEndpoints'],
  'POST endpoints/update_agent_name': ['renameEndpoints'],
  'POST endpoints/get_policy': { needless: 'It always answers the same: Custody has no policies by endpoint.' },
  'POST tags/agents/assign': ['tagEndpoints'],
  'POST tags/agents/remove': ['tagEndpoints'],
  'POST endpoints/scan': ['startScan'],
  'POST endpoints/abort_scan': ['abortScans', 'cancelAction'],
  'POST endpoints/isolate': { needless: 'It is refused: no agent isolates its endpoint.' },
  'POST endpoints/unisolate': { needless: 'It is refused: no agent isolates its endpoint.' },
  'POST endpoints/terminate_process': { needless: 'It is refused: no agent ends processes.' },
  'POST endpoints/terminate_causality': { needless: 'It is refused: no agent ends processes.' },
  // Whether a file exists is a search for its path; to delete one is to quarantine whatever stands at its path.
  'POST scripts/run_script': ['startSearch', 'quarantineFile'],
  'POST scripts/get_script_execution_status': ['readAction'],
  'POST scripts/get_script_execution_results': ['readAction'],
  'POST scripts/get_scripts': { needless: 'It describes the two scripts, which are operations of their own here.' },
  'POST scripts/get_script_metadata': {
    needless: 'It describes the two scripts, which are operations of their own here.',
  },
  'POST scripts/run_snippet_code_script': { needless: 'It is refused: Custody runs no code that somebody sends.' },
  'POST scripts/get_script_code': { needless: 'It is refused: the scripts have no code.' },
  'POST scripts/get_script_execution_results_files': { needless: 'It is refused: the scripts bring no files.' },
  'POST scripts/get_script_execution_result_files': { needless: 'It is refused: the scripts bring no files.' },
  'POST incidents/get_incidents': ['listIncidents'],
  'POST incidents/get_incident_extra_data': ['readIncident', 'listAlerts', 'readTimeline'],
  'POST incidents/update_incident': ['changeIncident', 'commentOnIncident'],
  'POST alerts/get_alerts_multi_events': ['listAlerts'],
  'POST alerts/insert_parsed_alerts': ['reportAlerts'],
  'POST alerts/insert_cef_alerts': ['reportAlerts'],
  'POST audits/management_logs': ['listEvents', 'followEvents'],
  'POST audits/agents_reports': ['listEvents'],
  'GET configurations/agent/action_center_expiration': ['readLifetimes'],
  'POST configurations/agent/action_center_expiration': ['readLifetimes'],
  'POST configurations/agent/action_center_expiration/set': ['changeLifetimes'],
  'POST /api_keys/validate': ['whoAmI'],
  'POST api_keys/get_api_keys': ['listKeys'],
  'POST api_keys/generate': ['createKey'],
  'POST api_keys/delete': ['deleteKey'],
  'POST system/get_tenant_info': ['readServer', 'countEndpoints'],
  'POST distributions/get_versions': ['readServer'],
  'POST rbac/get_users': ['listUsers'],
  'POST rbac/get_roles': ['listUsers', 'whoAmI'],
  'POST rbac/get_user_group': { needless: 'It always answers that there are none: Custody has no groups of users.' },
  'GET healthcheck': ['readServer'],
};

const cybereason: Readonly<Record<string, Covered>> = {
  'POST /login.html': ['logIn'],
  'GET /login.html': { needless: 'It is a page for browsers.' },
  'GET /': { needless: 'It is a page for browsers.' },
  'GET /app.html': { needless: 'It is a page for browsers.' },
  'GET /logout': ['logOut'],
  'POST /logout': ['logOut'],
  'POST /rest/visualsearch/query/simple': [
    'listEndpoints',
    'findFiles',
    'listQuarantine',
    'listIncidents',
    'readIncident',
  ],
  'POST /rest/fetchfile/start': ['startFetch'],
  'GET /rest/fetchfile/downloads/progress': ['listActions', 'readAction'],
  'GET /rest/fetchfile/getfiles/:batchID': ['downloadAction'],
  'GET /rest/fetchfile/close/:batchID': ['closeAction'],
  'POST /rest/file-search/fetch-direct': ['retrieveFiles', 'downloadFile'],
  'POST /rest/classification/update': ['listHashes', 'forgetHashes'],
  'GET /rest/classification/download': ['findListedHashes'],
  'POST /rest/classification/reputations/list': ['findListedHashes'],
  'GET /rest/classification/classify/:key': ['findListedHashes'],
  'GET /rest/dynamic/v1/ti-reputation/api/v1/entity/lists/default': {
    needless: 'It names the list that the next two calls are about: there is but one.',
  },
  'POST /rest/dynamic/v1/ti-reputation/api/v1/lists/:list/reputations/search': ['findListedHashes'],
  'PUT /rest/dynamic/v1/ti-reputation/api/v1/lists/:list/reputations/:id': ['listHashes'],
  'POST /rest/crimes/unified': ['listIncidents'],
  'POST /rest/detection/inbox': ['listIncidents'],
  'POST /rest/detection/details': ['readIncident'],
  'POST /rest/mmng/v2/malops': ['listIncidents'],
  'GET /rest/mmng/v2/malops/metadata/:guid': ['readIncident'],
  'PUT /rest/mmng/v2/malops/:guid': ['changeIncident'],
  'POST /rest/crimes/status': ['changeIncident'],
  'POST /rest/crimes/comment/:guid': ['commentOnIncident'],
  'POST /rest/crimes/get-comments': ['readIncident'],
  'POST /rest/malware/query': ['listQuarantine'],
  'POST /rest/remediate': ['remediate'],
  'GET /rest/remediate/progress/:username/:malopId/:remediationId': ['readRemediation'],
  'GET /rest/remediate/status/:malopId': ['listRemediations'],
  'POST /rest/remediate/abort/:malopId/:remediationId': ['abortRemediation'],
  'POST /rest/remediate/has-history': ['listRemediations'],
  'POST /rest/detection/custom-remediation': ['findRemedies'],
  'POST /rest/detection/remediate-custom-actions': ['remediate'],
  'GET /rest/monitor/global/reg-server/status': ['readServer'],
  'GET /rest/monitor/global/server/version/all': ['readServer'],
  'GET /rest/settings/configurations': {
    needless: 'Settings are the server’s own: its file and environment have them.',
  },
  'GET /rest/settings/get-detection-servers': ['readServer'],
  'GET /rest/groups': { needless: 'It always answers the same: Custody has tags instead of groups.' },
  'GET /rest/ping': ['readServer'],
  'GET /rest/translate/features/all': { needless: 'It translates the words of the vendor’s own pages.' },
  'GET /rest/users/current': ['whoAmI'],
  'GET /rest/users': ['listUsers'],
  'GET /rest/users/:username': ['listUsers'],
  'PUT /rest/users/reset': ['changePassword'],
  'GET /rest/policies': { needless: 'It always answers that there are none.' },
  'POST /rest/detection/labels': { needless: 'It always answers that there are none.' },
  'GET /rest/monitor/global/userAuditLog': ['listEvents'],
  'POST /rest/sensors/query': ['listEndpoints'],
  'GET /rest/sensors/overview': ['countEndpoints'],
  'POST /rest/sensors/query/sensorsOfAction/:batchId': ['readFleetAction', 'readAction'],
  'GET /rest/sensors/action/download-logs/:batchId': ['downloadAction'],
  'POST /rest/sensors/action/fileSearch': ['startSearch'],
  'GET /rest/sensors/action/fileSearch/results/:batchId': ['readAction'],
  'GET /rest/sensors/action/fileSearch/results/:batchId/csv': ['readAction'],
  'POST /rest/sensors/action/:name': ['archiveEndpoints', 'unarchiveEndpoints', 'revokeEndpoints', 'fetchLogs'],
  'GET /rest/sensors/allActions': ['listFleetActions'],
  'GET /rest/sensors/actions/fileSearchRequestsAll': ['listActions'],
  'GET /rest/sensors/actions/fileSearchRequests': ['listActions'],
  'GET /rest/sensors/abort/:batchID': ['cancelAction'],
  'POST /rest/monitor/global/commands/isolate': { needless: 'It is refused: no agent isolates its endpoint.' },
};

/** What answers all other paths with the vendor's own words for an unknown one. */
const catchAll = '/rest/*';

function callOf({ method, paths: [path = ''] }: Pick<Operation, 'method' | 'paths'>): string {
  return `${method} ${path.startsWith(base) ? path.slice(base.length) : path}`;
}

test.each([
  ['Cortex XDR', cortexOperations, cortex],
  ['Cybereason', cybereasonOperations.filter(({ paths }) => paths[0] !== catchAll), cybereason],
] as const)('all that the %s API can do has its native operations', (_name, operations, table) => {
  expect(Object.keys(table).toSorted()).toEqual(operations.map(callOf).toSorted());
  const known = nativeOperations.map(({ contract }) => contract.name);
  for (const [call, covered] of Object.entries(table)) {
    const named = 'needless' in covered ? [] : covered;
    expect({ call, unknown: named.filter((name) => !known.includes(name)) }).toEqual({ call, unknown: [] });
  }
});
