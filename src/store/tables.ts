import type { Schema, TableName } from './schema.ts';

type DataTable = Exclude<TableName, 'schema_version'>;

/**
 * Every table that a dump holds, with the columns of its key, so ordered that a row's references come before it. A
 * table added to the schema does not compile until it is here.
 */
const keys = {
  endpoints: ['id'],
  endpoint_names: ['endpoint_id', 'kind', 'ordinal'],
  files: ['guid'],
  actions: ['id'],
  tasks: ['id'],
  approvals: ['action_id', 'round'],
  rollouts: ['action_id', 'round'],
  outcomes: ['task_id', 'ordinal'],
  quarantine: ['vault_object'],
  evidence: ['sha256'],
  evidence_claims: ['sha256', 'task_id', 'ordinal'],
  users: ['id'],
  sessions: ['token_hash'],
  api_keys: ['id'],
  custom_roles: ['name_key'],
  spent_log_ins: ['hash'],
  key_nonces: ['key_id', 'nonce_hash'],
  enrolment_tokens: ['id'],
  endpoint_machines: ['endpoint_id'],
  machine_copies: ['endpoint_id', 'id'],
  upload_claims: ['task_id', 'ordinal'],
  hash_lists: ['hash'],
  incidents: ['id'],
  incident_endpoints: ['incident_id', 'endpoint_id'],
  incident_processes: ['incident_id', 'guid'],
  incident_files: ['incident_id', 'file_guid'],
  incident_comments: ['id'],
  incident_holds: ['incident_id'],
  alerts: ['id'],
  remediations: ['id'],
  remediation_rows: ['remediation_id', 'ordinal'],
  fleet_actions: ['batch_number'],
  fleet_action_rows: ['batch_number', 'ordinal'],
  settings: ['name'],
  answered_requests: ['principal_kind', 'principal_id', 'key_hash'],
  webhooks: ['id'],
  feed_cursors: ['feed'],
  dead_letters: ['webhook_id', 'sequence'],
  events: ['sequence'],
  ledger: ['name'],
  ledger_nodes: ['level', 'ordinal'],
} as const satisfies { readonly [Table in DataTable]: readonly (keyof Schema[Table])[] };

export interface DumpedTable {
  readonly name: DataTable;
  readonly key: readonly string[];
}

export const dumpedTables: readonly DumpedTable[] = Object.entries(keys).map(([name, key]) => ({
  name: name as DataTable,
  key,
}));
