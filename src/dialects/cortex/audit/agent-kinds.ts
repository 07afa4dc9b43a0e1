import { type Verb, verbs } from '#core/action/verb.ts';
import { type EventType, eventTypes } from '#core/custody/event.ts';
import type { EventKind } from '#core/ports/store/events.ts';

const agentCategories = ['status', 'monitoring', 'audit'] as const;

type Category = (typeof agentCategories)[number];

/** Null: as the files of the task ended. */
type Result = 'Success' | 'Fail' | 'N/A' | null;

/** How the vendor's log of agents calls what an agent told. */
export interface AgentKind {
  readonly kind: EventKind;
  readonly category: Category;
  readonly type: string;
  readonly subType: string;
  readonly result: Result;
  readonly description: string;
}

/** Null: nothing that an agent tells. */
type Row = Omit<AgentKind, 'kind'> | null | 'by_verb';

const installation = { category: 'status', type: 'Installation' } as const;
const status = { category: 'status', type: 'Agent Status' } as const;
const vault = { category: 'monitoring', type: 'Quarantine' } as const;
const action = { category: 'audit', type: 'Action' } as const;

const rows: Readonly<Record<EventType, Row>> = {
  server_initialised: null,
  user_created: null,
  user_changed: null,
  user_disabled: null,
  user_enabled: null,
  user_deleted: null,
  role_created: null,
  role_changed: null,
  role_deleted: null,
  sessions_ended: null,
  password_reset: null,
  recovery_code_used: null,
  recovery_codes_renewed: null,
  key_created: null,
  key_deleted: null,
  permission_refused: null,
  emergency_stop_engaged: null,
  emergency_stop_released: null,
  webhook_created: null,
  webhook_changed: null,
  webhook_deleted: null,
  webhook_letters_dropped: null,
  settings_changed: null,
  enrolment_token_created: null,
  enrolment_token_revoked: null,
  enrolment_guessed: null,
  logged_in: null,
  log_in_begun: null,
  log_in_failed: null,
  logged_out: null,
  user_linked: null,
  endpoint_enrolled: { ...installation, subType: 'Install', result: 'Success', description: 'The agent enrolled.' },
  endpoint_connected: { ...status, subType: 'Connected', result: 'N/A', description: 'The agent connected.' },
  endpoint_cloned: {
    ...status,
    subType: 'Refused',
    result: 'Fail',
    description: 'Another machine came with the key of this agent, and was refused.',
  },
  agent_shut_out: {
    ...status,
    subType: 'Refused',
    result: 'Fail',
    description: 'The agent said more than it may, and was shut out for a while.',
  },
  endpoint_copies_settled: null,
  action_started: null,
  tasks_sent: null,
  restore_token_issued: null,
  task_finished: 'by_verb',
  tasks_expired: null,
  tasks_cancelled: null,
  batch_closed: null,
  action_cancelled: null,
  action_retried: null,
  confirmation_awaited: null,
  action_confirmed: null,
  approval_requested: null,
  approval_given: null,
  approval_refused: null,
  approval_expired: null,
  approval_bypassed: null,
  ring_released: null,
  rings_halted: null,
  rings_resumed: null,
  remediation_started: null,
  remediation_aborted: null,
  remediation_undone: null,
  incident_created: null,
  incident_changed: null,
  incident_commented: null,
  alert_reported: null,
  list_changed: null,
  password_changed: null,
  password_expired: null,
  second_factor_enabled: null,
  second_factor_reset: null,
  endpoint_archived: null,
  endpoint_renamed: null,
  endpoint_tagged: null,
  endpoint_unarchived: {
    ...status,
    subType: 'Returned',
    result: 'N/A',
    description: 'An archived endpoint came back when its agent connected.',
  },
  endpoint_revoked: null,
  fleet_action_refused: null,
  evidence_stored: {
    ...action,
    subType: 'File Upload',
    result: 'Success',
    description: 'The agent sent a file whole.',
  },
  evidence_opened: null,
  evidence_delivered: null,
  evidence_viewed: null,
  bundle_exported: null,
  evidence_deleted: null,
  evidence_damaged: null,
  evidence_key_rotated: null,
  incident_held: null,
  incident_released: null,
  vault_object_found: {
    ...vault,
    subType: 'Quarantined File Found',
    result: 'Success',
    description: 'The vault holds a file that the server knew nothing of.',
  },
  vault_object_lost: {
    ...vault,
    subType: 'Quarantined File Lost',
    result: 'Fail',
    description: 'The vault no longer holds a file that nobody ordered away.',
  },
  vault_object_damaged: {
    ...vault,
    subType: 'Quarantined File Damaged',
    result: 'Fail',
    description: 'A quarantined file can no longer be read whole.',
  },
  ledger_disputed: {
    category: 'monitoring',
    type: 'Audit Log',
    subType: 'Record Disputed',
    result: 'Fail',
    description: 'The agent has seen another record of events than the one that it is told of now.',
  },
  order_key_changed: null,
  order_key_refused: {
    category: 'monitoring',
    type: 'Audit Log',
    subType: 'Order Key Refused',
    result: 'Fail',
    description: 'The agent does not follow a change of the key that signs orders.',
  },
  clock_accepted: null,
  backup_made: null,
  backup_restored: null,
};

const finished: Readonly<Record<Verb, string>> = {
  fetch: 'File Retrieval',
  quarantine: 'Quarantine File',
  restore: 'Restore File',
  restore_objects: 'Restore File',
  undo: 'Restore File',
  plan: 'Plan Restore',
  purge: 'Delete Quarantined File',
  search: 'File Search',
  logs: 'Retrieve Support File',
  scan: 'Scan',
};

/** Every kind of event that the log has lines for. */
export const agentKinds: readonly AgentKind[] = eventTypes.flatMap((type) => {
  const row = rows[type];
  if (row === 'by_verb') {
    return verbs.map((verb): AgentKind => {
      const subType = finished[verb];
      return { kind: { type, verb }, ...action, subType, result: null, description: `${subType} ended.` };
    });
  }
  return row === null ? [] : [{ kind: { type }, ...row }];
});
