import type { ActionRow, Schema, TableName } from '../schema.ts';

/**
 * What is seen of a table by whoever is limited to some endpoints. In `where`, `every_x` is the whole of the table x and x what is
 * seen of it, for each table that is narrowed; `limits` is one row with the kind and id of whom it is.
 */
type View<Table extends TableName> =
  | { readonly isWhole: string }
  | { readonly where: string; readonly columns?: Readonly<Record<keyof Schema[Table], string>> };

const seen = (endpointId: string) => `exists (select 1 from endpoints where endpoints.id = ${endpointId})`;

const ofEndpoint = (table: TableName) => ({ where: seen(`every_${table}.endpoint_id`) });

const own = (kind: string, id: string) =>
  `exists (select 1 from limits where limits.kind = ${kind} and limits.id = ${id})`;

/** Every endpoint that the action was ordered for is seen, and there is one. */
const isWholeAction = (actionId: string) => `(
  exists (select 1 from every_tasks where every_tasks.action_id = ${actionId})
  and not exists (
    select 1 from every_tasks
    where every_tasks.action_id = ${actionId} and not ${seen('every_tasks.endpoint_id')}
  )
)`;

/** The same of an incident. */
const isWholeIncident = (incidentId: string) => `(
  exists (select 1 from every_incident_endpoints where every_incident_endpoints.incident_id = ${incidentId})
  and not exists (
    select 1 from every_incident_endpoints
    where every_incident_endpoints.incident_id = ${incidentId}
      and not ${seen('every_incident_endpoints.endpoint_id')}
  )
)`;

const actionColumns: Readonly<Record<keyof ActionRow, string>> = {
  id: 'every_actions.id',
  verb: 'every_actions.verb',
  principal_kind: 'every_actions.principal_kind',
  principal_id: 'every_actions.principal_id',
  principal_name: 'every_actions.principal_name',
  claimed_initiator: 'every_actions.claimed_initiator',
  reason: 'every_actions.reason',
  dialect: 'every_actions.dialect',
  incident_id: 'every_actions.incident_id',
  batch_number: 'every_actions.batch_number',
  created_at: 'every_actions.created_at',
  deadline: 'every_actions.deadline',
  closed_at: 'every_actions.closed_at',
  endpoints_count: '(select count(*) from tasks where tasks.action_id = every_actions.id and tasks.retried_by is null)',
  rounds: 'every_actions.rounds',
};

/**
 * How each table is narrowed. A table added to the schema does not compile until somebody has said what a limited principal sees of
 * it. `endpoints` is not here: its own view is the limit itself.
 */
export const views: { readonly [Table in Exclude<TableName, 'endpoints'>]: View<Table> } = {
  schema_version: { isWhole: 'It tells of no endpoint.' },
  endpoint_names: ofEndpoint('endpoint_names'),
  files: ofEndpoint('files'),
  tasks: ofEndpoint('tasks'),
  actions: {
    where: 'exists (select 1 from tasks where tasks.action_id = every_actions.id)',
    columns: actionColumns,
  },
  /** Its counts and its digest are about all endpoints of the action. */
  approvals: { where: isWholeAction('every_approvals.action_id') },
  rollouts: { where: isWholeAction('every_rollouts.action_id') },
  outcomes: { where: 'exists (select 1 from tasks where tasks.id = every_outcomes.task_id)' },
  quarantine: ofEndpoint('quarantine'),
  evidence: { isWhole: 'Bytes are found by the hash in an outcome, and of outcomes only those are seen that may be.' },
  evidence_claims: { where: 'exists (select 1 from tasks where tasks.id = every_evidence_claims.task_id)' },
  users: { isWhole: 'It tells of no endpoint; the permission access.manage is for the whole fleet only.' },
  sessions: { isWhole: 'They are found by their tokens.' },
  api_keys: { isWhole: 'It tells of no endpoint; the permission access.manage is for the whole fleet only.' },
  custom_roles: {
    isWhole: 'What principals may do is found there; the permission access.manage is for the whole fleet only.',
  },
  spent_log_ins: { isWhole: 'It tells of no endpoint.' },
  key_nonces: { isWhole: 'It tells of no endpoint.' },
  enrolment_tokens: { isWhole: 'It tells of no endpoint; the permission endpoints.enrol is for the whole fleet only.' },
  endpoint_machines: ofEndpoint('endpoint_machines'),
  machine_copies: ofEndpoint('machine_copies'),
  upload_claims: ofEndpoint('upload_claims'),
  hash_lists: { isWhole: 'Orders are held against them; the permission lists.read is for the whole fleet only.' },
  remediations: {
    where: 'exists (select 1 from remediation_rows where remediation_rows.remediation_id = every_remediations.id)',
  },
  remediation_rows: {
    // A row without an action names machine and target in the words of whoever asked.
    where: `case
      when every_remediation_rows.action_id is not null
        then exists (select 1 from actions where actions.id = every_remediation_rows.action_id)
      else exists (
        select 1 from every_remediations
        where every_remediations.id = every_remediation_rows.remediation_id
          and ${own('every_remediations.principal_kind', 'every_remediations.principal_id')}
      )
    end`,
  },
  incidents: {
    where: `(
      exists (select 1 from incident_endpoints where incident_endpoints.incident_id = every_incidents.id)
      or ${own('every_incidents.created_by_kind', 'every_incidents.created_by_id')} and not exists (
        select 1 from every_incident_endpoints where every_incident_endpoints.incident_id = every_incidents.id
      )
    )`,
  },
  incident_endpoints: ofEndpoint('incident_endpoints'),
  incident_processes: ofEndpoint('incident_processes'),
  incident_files: ofEndpoint('incident_files'),
  incident_comments: {
    where: 'exists (select 1 from incidents where incidents.id = every_incident_comments.incident_id)',
  },
  incident_holds: {
    where: 'exists (select 1 from incidents where incidents.id = every_incident_holds.incident_id)',
  },
  /** One that names no endpoint beyond doubt may still name, in words, one that is not to be seen. */
  alerts: ofEndpoint('alerts'),
  /** What was asked is kept in the words of the call, which name endpoints. */
  fleet_actions: {
    where: `case
      when every_fleet_actions.action_id is not null then ${isWholeAction('every_fleet_actions.action_id')}
      else exists (
        select 1 from every_fleet_action_rows
        where every_fleet_action_rows.batch_number = every_fleet_actions.batch_number
      ) and not exists (
        select 1 from every_fleet_action_rows
        where every_fleet_action_rows.batch_number = every_fleet_actions.batch_number
          and not ${seen('every_fleet_action_rows.endpoint_id')}
      )
    end`,
  },
  fleet_action_rows: ofEndpoint('fleet_action_rows'),
  answered_requests: { isWhole: 'An answer is found by its own principal and key.' },
  webhooks: { isWhole: 'It tells of no endpoint; the permission server.manage is for the whole fleet only.' },
  feed_cursors: { isWhole: 'It tells how far receivers are, and of no endpoint.' },
  dead_letters: { isWhole: 'It is numbers of events; the permission server.manage is for the whole fleet only.' },
  ledger: { isWhole: 'It is hashes, and how many events there are.' },
  ledger_nodes: { isWhole: 'It is hashes.' },
  settings: { isWhole: 'Orders are judged by them; the permission server.manage is for the whole fleet only.' },
  /** What an event tells in its facts is not looked into, so it must be about nothing else than what is seen. */
  events: {
    where: `case
      when every_events.endpoint_id is not null then ${seen('every_events.endpoint_id')}
      when every_events.action_id is not null then ${isWholeAction('every_events.action_id')}
      else every_events.type in ('incident_created', 'incident_changed', 'incident_commented')
        and ${isWholeIncident('every_events.incident_id')}
    end`,
  },
};
