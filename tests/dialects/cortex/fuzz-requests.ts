import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { sha256Of } from '#kit/fleet.ts';
import { badHash, badPath, type CortexWorld, goodPath, quarantineFields, retrievalFields } from './world.ts';

/** What requests for one call are made from. */
export interface Pattern {
  /** What clients send as `request_data`, from which others are made; absent where no body says anything. */
  readonly data?: readonly unknown[];
  /** What clients put for each parameter of the path. */
  readonly parameters?: Readonly<Record<string, readonly string[]>>;
  /** What it refuses it refuses on record. */
  readonly recordsRefusals?: boolean;
  /** It may be called a few times a minute only. */
  readonly isRated?: boolean;
}

/** What the requests name, beside what every world has. */
export interface Named {
  /** Enrolled, for calls that endpoints do not outlive. */
  readonly spare: readonly EndpointId[];
  /** Of actions of every kind, open and over. */
  readonly actions: readonly string[];
  /** Of links of a retrieval. */
  readonly tokens: readonly string[];
  readonly incident: string;
}

type Patterns = Readonly<Record<string, Pattern>>;

/** By the method and any path of a call. A call without an entry is sent what any other call is sent. */
export function fuzzPatterns(world: CortexWorld, named: Named): Patterns {
  const { actions, tokens } = named;
  const patterns: Patterns = {
    ...filePatterns(world, actions),
    ...endpointPatterns(world, named),
    ...scriptPatterns(world, actions),
    ...keyPatterns,
    ...hashPatterns,
    ...auditPatterns(world),
    ...incidentPatterns(world, named.incident),
    'POST download/:token': { data: [{}], parameters: { token: tokens } },
    'GET download/:token': { parameters: { token: tokens } },
    'GET healthcheck': {},
    'GET configurations/agent/action_center_expiration': {},
    'POST configurations/agent/action_center_expiration': { data: [{}] },
    'POST configurations/agent/action_center_expiration/set': {
      data: [{ quarantine: 72, scan: '24' }, { restore: 1 }],
    },
    'POST system/get_tenant_info': { data: [{}] },
    'POST distributions/get_versions': { data: [{}] },
    'POST rbac/get_users': { data: [{}] },
    'POST rbac/get_roles': { data: [{ role_names: ['Viewer', 'instance administrator'] }] },
    'POST rbac/get_user_group': { data: [{ group_names: ['admins'] }, { group_names: [] }] },
  };
  return Object.fromEntries(
    Object.entries(patterns).map(([call, pattern]) => [call.replace(' ', ' /public_api/v1/'), pattern]),
  );
}

const operators = ['in', 'IN', 'eq', 'neq', 'gte', 'lte', 'contains'] as const;

/** One `request_data` for each field with each operator, and some with all that a list call takes. */
function everyFilter(
  values: Readonly<Record<string, unknown>>,
  sortFields: readonly string[] = [],
): readonly { readonly filters: readonly unknown[] }[] {
  const conditions = Object.entries(values).map(([field, value]) => ({ field, operator: 'in', value }));
  const single = conditions.flatMap((condition) =>
    operators.map((operator) => ({ filters: [{ ...condition, operator }], search_from: 0, search_to: 5 })),
  );
  const sorted = sortFields.map((field, index) => ({
    ...{ filters: conditions.slice(0, index + 1), search_from: index, search_to: 100 },
    sort: { field, keyword: index % 2 === 0 ? 'asc' : 'DESC' },
  }));
  return [...single, ...sorted, { filters: conditions }, { filters: [] }];
}

const now = 1_780_000_000_000;

function filePatterns(world: CortexWorld, actions: readonly string[]): Patterns {
  const { web, mac } = world;
  const file = { endpoint_id: web.endpoint.id, file_path: badPath, file_hash: badHash };
  const references = actions.flatMap((id) => [{ group_action_id: id }, { group_action_id: Number(id) }]);
  return {
    'POST endpoints/quarantine': { data: [quarantineFields(web, mac), { ...quarantineFields(web), incident_id: 302 }] },
    'POST quarantine/status': { data: [{ files: [file, { ...file, endpoint_id: 'web-1' }] }, { files: file }] },
    'POST endpoints/restore': {
      data: [
        { file_hash: badHash, incident_id: '302' },
        { file_hash: badHash.toUpperCase(), endpoint_id: web.endpoint.id },
      ],
    },
    'POST actions/get_action_status': { data: references },
    'POST endpoints/file_retrieval': {
      data: [
        retrievalFields({ linux: [goodPath, badPath], macos: [badPath], windows: ['C:\\a\\b.txt'] }, web, mac),
        { ...retrievalFields({ linux: goodPath }, web), incident_id: 'INC-7' },
        { filters: quarantineFields(web)['filters'], linux: [goodPath] },
      ],
    },
    'POST actions/file_retrieval_details': { data: references },
  };
}

function endpointPatterns(world: CortexWorld, { spare }: Named): Patterns {
  const ids = [world.web, world.mac].map(({ endpoint }) => endpoint.id);
  const filters = everyFilter(
    {
      ...{ endpoint_id_list: ids, endpoint_status: ['connected', 'LOST', 'uninstalled'], dist_name: ['a'] },
      ...{ first_seen: now, last_seen: [String(now)], ip_list: '192.0.2.10', group_name: ['a'], platform: 'linux' },
      ...{ alias: ['x'], alias_name: 'x', isolate: ['unisolated'], hostname: ['web-1'], username: ['ana'] },
      ...{ scan_status: ['none', 'SCAN_STATUS_PENDING'], public_ip_list: ['192.0.2.1'], cloud_provider: ['AWS'] },
      ...{ cloud_id: ['a'], cloud_region: 'a', cloud_instance_id: ['a'], cloud_provider_account_id: ['a'] },
      ...{ tags: ['a'], operational_status: ['PROTECTED'], agent_version: ['0.1.0'] },
    },
    ['endpoint_id', 'first_seen', 'last_seen'],
  );
  const those = [{ field: 'endpoint_id_list', operator: 'in', value: ids }];
  const fromSpare = spare.map((id) => [{ field: 'endpoint_id_list', operator: 'in', value: [id] }]);
  return {
    'POST endpoints/get_endpoints': { data: [{}] },
    'POST endpoints/get_endpoint': { data: [...filters, { filters: 'all' }, { limit: 1 }] },
    'POST endpoints/scan': { data: [...filters, { filters: 'all', incident_id: 3 }, { filters: those }] },
    'POST endpoints/abort_scan': { data: [...filters, { filters: 'all' }, { filters: those }] },
    ...Object.fromEntries(
      ['isolate', 'unisolate', 'terminate_process', 'terminate_causality'].map((name) => [
        `POST endpoints/${name}`,
        {
          recordsRefusals: true,
          data: [{ endpoint_id: ids[0], incident_id: 3 }, { filters: those }, { agent_id: ids[1], instance_id: 'AQ' }],
        },
      ]),
    ),
    'POST endpoints/delete': { data: fromSpare.map((each) => ({ filters: each })) },
    'POST endpoints/update_agent_name': {
      data: [
        { filters: those, alias: 'x' },
        { filters: those, alias: '' },
      ],
    },
    'POST endpoints/get_policy': { data: [{ endpoint_id: ids[0] }] },
    'POST tags/agents/assign': {
      data: [
        { filters: those, tag: 'x' },
        { context: {}, filters: those, tag: ['x'] },
      ],
    },
    'POST tags/agents/remove': { data: [{ filters: those, tag: 'x' }] },
  };
}

function scriptPatterns({ web, mac }: CortexWorld, actions: readonly string[]): Patterns {
  const { filters } = quarantineFields(web, mac);
  const uid = '414763381b5bfb7b05796c9fe690df46';
  const run = { script_uid: uid, timeout: 600, filters, parameters_values: { path: goodPath }, incident_id: 3 };
  const remove = { script_uid: '548023b6e4a01ec51a495ba6e5d2a15d', parameters_values: { file_path: badPath } };
  const references = { data: actions.flatMap((id) => [{ action_id: id }, { action_id: Number(id) }]) };
  const listed = everyFilter({
    ...{ name: ['file_exists'], description: 'vault', created_by: ['Custody'], script_uid: [uid] },
    ...{ windows_supported: true, linux_supported: ['true'], macos_supported: false, is_high_risk: [true] },
    ...{ modification_date: now, script_type: ['a'] },
  });
  return {
    'POST scripts/run_script': { data: [run, { ...run, filters: 'all' }, { ...run, ...remove }] },
    'POST scripts/get_script_execution_status': references,
    'POST scripts/get_script_execution_results': references,
    'POST scripts/get_scripts': { data: [...listed, { filters: ['all'] }, {}] },
    'POST scripts/get_script_metadata': { data: [{ script_uid: uid }] },
    'POST scripts/run_snippet_code_script': { data: [{ snippet_code: 'import os', filters }] },
    'POST scripts/get_script_code': { data: [{ script_uid: uid }] },
    'POST scripts/get_script_execution_results_files': { data: [{ action_id: 1, endpoint_id: web.endpoint.id }] },
    'POST scripts/get_script_execution_result_files': { data: [{ action_id: 1, endpoint_id: web.endpoint.id }] },
  };
}

/** Keys with such low ids are there for this alone. */
const keyPatterns: Patterns = {
  'POST api_keys/validate': { data: [{}] },
  'POST api_keys/get_api_keys': {
    data: everyFilter({ id: [1, '2'], roles: ['Viewer'], expiration: now }, ['id', 'creation_time', 'expiration']),
  },
  'POST api_keys/generate': {
    data: [
      { roles: ['Viewer', 'Responder'], security_level: 'advanced', comment: 'x', expiration: now },
      { roles: ['Viewer'], security_level: 'standard' },
    ],
  },
  'POST api_keys/delete': {
    data: [2, '3', 4, 5].map((id) => ({ filters: [{ field: 'id', operator: 'in', value: [id] }] })),
  },
};

const otherHashes = ['an unwanted file', 'another one'].map((text) => sha256Of(new TextEncoder().encode(text)));

const hashPatterns: Patterns = Object.fromEntries(
  ['blocklist', 'allowlist'].flatMap((list) =>
    [list, `${list}/remove`].map((call) => [
      `POST hash_exceptions/${call}`,
      {
        data: [
          { hash_list: otherHashes, comment: 'x', incident_id: 3, detailed_response: true },
          { hash_list: otherHashes.slice(0, 1), detailed_response: 'false' },
        ],
      },
    ]),
  ),
);

function auditPatterns({ web }: CortexWorld): Patterns {
  const own = { type: ['ACTION_CENTER'], sub_type: ['Quarantine'], result: ['SUCCESS'], timestamp: now };
  const ofAgents = {
    ...{ endpoint_id: [web.endpoint.id], endpoint_name: ['web-1'], domain: [''], xdr_version: ['0.1.0'] },
    ...{ trapsversion: ['0.1.0'], category: ['status', 'monitoring', 'audit'] },
  };
  return {
    'POST audits/management_logs': {
      data: everyFilter({ email: ['ana@example.com'], ...own }, ['type', 'sub_type', 'result', 'timestamp']),
    },
    'POST audits/agents_reports': {
      data: everyFilter({ ...own, ...ofAgents }, ['type', 'category', 'trapsversion', 'timestamp', 'domain']),
    },
  };
}

function incidentPatterns({ web }: CortexWorld, incident: string): Patterns {
  const times = { modification_time: now, creation_time: now };
  const words = { description: ['calc'], alert_sources: ['Custody'], status: 'new', starred: true };
  const change = {
    ...{ assigned_user_mail: 'ana@example.com', assigned_user_pretty_name: 'Ana', manual_severity: 'high' },
    ...{ status: 'resolved_other', resolve_comment: 'x', comment: { comment_action: 'add', value: 'x' } },
  };
  const alerts = everyFilter(
    {
      alert_id_list: [1],
      alert_source: ['Custody'],
      severity: ['high'],
      creation_time: now,
      server_creation_time: now,
    },
    ['severity', 'creation_time'],
  );
  return {
    'POST incidents/get_incidents': {
      data: everyFilter({ ...times, ...words, incident_id_list: [incident], incident_id: Number(incident) }, [
        'creation_time',
        'modification_time',
      ]),
    },
    'POST incidents/get_incident_extra_data': {
      isRated: true,
      data: [{ incident_id: incident, alerts_limit: 1_000 }, { incident_id: Number(incident) }],
    },
    'POST incidents/update_incident': {
      data: [
        { incident_id: incident, update_data: change },
        { incident_id: incident, update_data: { status: 'NEW', assigned_user_mail: 'none', manual_severity: '' } },
      ],
    },
    'POST alerts/get_alerts': { data: alerts },
    'POST alerts/get_alerts_multi_events': { data: alerts },
    'POST alerts/insert_parsed_alerts': { isRated: true, data: [{ alerts: [parsedAlert(web.endpoint.hostName)] }] },
    'POST alerts/insert_cef_alerts': { isRated: true, data: [{ alerts: [cefAlert] }] },
  };
}

const cefAlert =
  'CEF:0|Vendor|Product|1.0|1|Bad file|8|end=1780000000000 src=192.0.2.10 spt=1 dst=198.51.100.1 dpt=2 msg=a\\=b act=blocked';

function parsedAlert(hostName: string): unknown {
  return {
    ...{ product: 'Product', vendor: 'Vendor', severity: 'High', alert_name: 'Bad file', alert_description: hostName },
    ...{ local_ip: '192.0.2.10', local_port: 1, remote_ip: '198.51.100.1', remote_port: '2', event_timestamp: now },
    action_status: 'Reported',
  };
}
