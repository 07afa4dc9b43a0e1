import type { KeyLevel, SessionStage } from '#core/access/credential.ts';
import type { PrincipalKind } from '#core/access/principal.ts';
import type { DialectName } from '#core/action/action.ts';
import type { ActionId, BatchNumber, TaskId } from '#core/action/action-id.ts';
import type { TaskState } from '#core/action/task-state.ts';
import type { Verb } from '#core/action/verb.ts';
import type { EventType, NewEvent } from '#core/custody/event.ts';
import type { EndpointId, EndpointNumber } from '#core/endpoint/endpoint-id.ts';
import type { FleetActionKind } from '#core/endpoint/fleet-action.ts';
import type { CopySign } from '#core/endpoint/machine.ts';
import type { Platform } from '#core/endpoint/platform.ts';
import type { WebhookFormat } from '#core/feed/webhook.ts';
import type { FileKind, FileState } from '#core/file/file.ts';
import type { Guid } from '#core/file/guid.ts';
import type { Md5, Sha1, Sha256 } from '#core/file/hash.ts';
import type { QuarantineState } from '#core/file/quarantine-record.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import type { Verdict } from '#core/guard/approval.ts';
import type { RolloutStage } from '#core/guard/rings.ts';
import type { AlertId, AlertSeverity } from '#core/incident/alert.ts';
import type { IncidentSeverity, IncidentStatus } from '#core/incident/incident.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { HashAlgorithm, ListKind } from '#core/list/listed-hash.ts';
import type { Outcome, OutcomeReason } from '#core/outcome.ts';
import type { VaultEffect } from '#core/outcome-details.ts';
import type { DeletionRule } from '#core/ports/store/evidence.ts';
import type { StoredSetting } from '#core/ports/store/settings.ts';
import type { RemediationId, RowFailure } from '#core/remediation/remediation.ts';
import type { Milliseconds } from '#core/time.ts';

/**
 * The columns as both databases hold them. Branded types are sound here: nothing but this floor writes these tables,
 * and it takes branded values only. `*_json` columns hold canonical JSON; `*_lower` columns are lowered by
 * JavaScript at the write, so that both databases agree on every letter of Unicode.
 */
export interface Schema {
  readonly schema_version: { readonly version: number };
  readonly endpoints: EndpointRow;
  readonly endpoint_names: EndpointNameRow;
  readonly files: FileRow;
  readonly actions: ActionRow;
  readonly tasks: TaskRow;
  readonly approvals: ApprovalRow;
  readonly rollouts: RolloutRow;
  readonly outcomes: OutcomeRow;
  readonly quarantine: QuarantineRow;
  readonly evidence: EvidenceRow;
  readonly evidence_claims: EvidenceClaimRow;
  readonly users: UserRow;
  readonly sessions: SessionRow;
  readonly api_keys: ApiKeyRow;
  readonly custom_roles: CustomRoleRow;
  readonly key_nonces: KeyNonceRow;
  readonly spent_log_ins: SpentLogInRow;
  readonly enrolment_tokens: EnrolmentTokenRow;
  readonly endpoint_machines: EndpointMachineRow;
  readonly machine_copies: MachineCopyRow;
  readonly upload_claims: UploadClaimRow;
  readonly hash_lists: HashListRow;
  readonly remediations: RemediationRecordRow;
  readonly remediation_rows: RemediationRowRow;
  readonly incidents: IncidentRow;
  readonly incident_endpoints: IncidentEndpointRow;
  readonly incident_processes: IncidentProcessRow;
  readonly incident_files: IncidentFileRow;
  readonly incident_comments: IncidentCommentRow;
  readonly incident_holds: IncidentHoldRow;
  readonly alerts: AlertRow;
  readonly fleet_actions: FleetActionTableRow;
  readonly fleet_action_rows: FleetActionItemRow;
  readonly settings: SettingRow;
  readonly answered_requests: AnsweredRequestRow;
  readonly webhooks: WebhookRow;
  readonly feed_cursors: FeedCursorRow;
  readonly dead_letters: DeadLetterRow;
  readonly events: EventRow;
  readonly ledger: LedgerRow;
  readonly ledger_nodes: LedgerNodeRow;
}

export type TableName = keyof Schema;

/** `table.column`, for every table. */
export type ColumnReference = { [Table in TableName]: `${Table}.${keyof Schema[Table] & string}` }[TableName];

export interface EndpointRow {
  readonly id: EndpointId;
  readonly number: EndpointNumber;
  readonly device_public_key: Uint8Array;
  readonly vault_recipient: string;
  readonly alias: string;
  readonly alias_lower: string;
  readonly tags_json: string;
  readonly host_name: string;
  readonly host_name_lower: string;
  readonly platform: Platform;
  readonly operating_system: string;
  readonly operating_system_version: string;
  readonly architecture: string;
  readonly addresses_json: string;
  readonly mac_addresses_json: string;
  readonly users_json: string;
  readonly domain: string;
  readonly agent_version: string;
  readonly roots_json: string;
  readonly limitations_json: string;
  readonly enrolled_at: Milliseconds;
  readonly last_seen: Milliseconds;
  readonly connected_until: Milliseconds | null;
  readonly revoked_at: Milliseconds | null;
  readonly archived_at: Milliseconds | null;
  readonly archive_reason: string;
  /** 1, 2, 3 ... as they enrolled. */
  readonly enrolment: number;
}

/** What an endpoint has several of and is searched by; rewritten whenever its facts change. */
export interface EndpointNameRow {
  readonly endpoint_id: EndpointId;
  readonly kind: 'address' | 'user';
  readonly ordinal: number;
  readonly value_lower: string;
}

export interface FileRow {
  readonly guid: Guid;
  readonly endpoint_id: EndpointId;
  readonly path: Uint8Array;
  readonly display_path: string;
  readonly display_path_lower: string;
  readonly name: string;
  readonly name_lower: string;
  readonly size: number;
  readonly sha256: Sha256;
  readonly sha1: Sha1;
  readonly md5: Md5;
  readonly modified_ns: string;
  readonly changed_ns: string;
  readonly created_ns: string | null;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly owner: string;
  readonly kind: FileKind;
  readonly state: FileState;
  readonly seen_at: Milliseconds;
  readonly first_seen_at: Milliseconds;
  readonly package: string | null;
}

export interface ActionRow {
  readonly id: ActionId;
  readonly verb: Verb;
  readonly principal_kind: PrincipalKind;
  readonly principal_id: string;
  readonly principal_name: string;
  readonly claimed_initiator: string | null;
  readonly reason: string | null;
  readonly dialect: DialectName;
  readonly incident_id: string | null;
  readonly batch_number: BatchNumber | null;
  readonly created_at: Milliseconds;
  readonly deadline: Milliseconds;
  readonly closed_at: Milliseconds | null;
  readonly endpoints_count: number;
  /** How often it was ordered: the first time, and every retry of some of it. */
  readonly rounds: number;
}

export interface TaskRow {
  readonly id: TaskId;
  readonly action_id: ActionId;
  readonly endpoint_id: EndpointId;
  readonly ordinal: number;
  /** `verb` and `sha256` repeat what the parameters say, to be searched by. */
  readonly verb: Verb;
  readonly sha256: Sha256 | null;
  readonly parameters_json: string;
  readonly state: TaskState;
  readonly created_at: Milliseconds;
  readonly deadline: Milliseconds;
  readonly accepted_at: Milliseconds | null;
  readonly ended_at: Milliseconds | null;
  readonly report: Uint8Array | null;
  readonly report_signature: Uint8Array | null;
  readonly superseded_by: ActionId | null;
  readonly stop_requested_at: Milliseconds | null;
  readonly late_stop_at: Milliseconds | null;
  readonly files_count: number;
  readonly round: number;
  readonly retried_by: TaskId | null;
  readonly confirmed_at: Milliseconds | null;
  /** Since when a fresh confirmation is waited for, once that was told. */
  readonly confirmation_awaited_at: Milliseconds | null;
  /** 0: held until its ring goes. */
  readonly ring: number | null;
}

/** Null columns of the decision are all null, or none is. */
export interface ApprovalRow {
  readonly action_id: ActionId;
  readonly round: number;
  readonly requested_at: Milliseconds;
  readonly requested_by_kind: PrincipalKind;
  readonly requested_by_id: string;
  readonly requested_by_name: string;
  readonly endpoints_count: number;
  readonly rules_json: string;
  readonly files_count: number;
  readonly digest: string;
  /** A user's id. */
  readonly requester: string | null;
  readonly expires_at: Milliseconds;
  readonly lifetime: Milliseconds;
  readonly verdict: Verdict | null;
  readonly decided_at: Milliseconds | null;
  readonly decided_by_kind: NewEvent['actor']['kind'] | null;
  readonly decided_by_id: string | null;
  readonly decided_by_name: string | null;
  readonly reason: string;
}

/** Which columns are null follows from the stage. */
export interface RolloutRow {
  readonly action_id: ActionId;
  readonly round: number;
  readonly sizes_json: string;
  readonly revision: number;
  readonly stage: RolloutStage['stage'];
  readonly ring: number;
  readonly released_at: Milliseconds | null;
  readonly left_at: Milliseconds | null;
  readonly halt_json: string | null;
}

export interface OutcomeRow {
  readonly task_id: TaskId;
  readonly ordinal: number;
  readonly outcome: Outcome;
  readonly reason: OutcomeReason | null;
  readonly message: string;
  readonly path: Uint8Array | null;
  readonly display_path: string;
  readonly file_guid: Guid | null;
  readonly sha256: Sha256 | null;
  readonly size: number | null;
  readonly vault_object: string | null;
  readonly effect: VaultEffect | null;
  readonly losses_json: string;
  readonly details_json: string;
  readonly ended_at: Milliseconds;
  readonly delivered_at: Milliseconds | null;
}

export interface QuarantineRow {
  readonly vault_object: VaultObjectId;
  readonly guid: Guid;
  readonly file_guid: Guid;
  readonly endpoint_id: EndpointId;
  readonly path: Uint8Array;
  readonly display_path: string;
  readonly sha256: Sha256;
  readonly size: number;
  readonly action_id: ActionId | null;
  readonly quarantined_at: Milliseconds;
  readonly taken_at: Milliseconds;
  readonly state: QuarantineState;
  readonly restored_at: Milliseconds | null;
  readonly restored_by: ActionId | null;
  readonly damaged_at: Milliseconds | null;
}

export interface EvidenceRow {
  readonly sha256: Sha256;
  readonly size: number;
  readonly stored_at: Milliseconds;
  readonly wanted_at: Milliseconds;
  readonly damaged_at: Milliseconds | null;
  readonly deleted_at: Milliseconds | null;
  readonly deletion_rule: DeletionRule | null;
  readonly deletion_reason: string | null;
  readonly deleted_by_kind: PrincipalKind | 'server' | null;
  readonly deleted_by_id: string | null;
  readonly deleted_by_name: string | null;
  readonly erased_at: Milliseconds | null;
}

export interface EvidenceClaimRow {
  readonly sha256: Sha256;
  readonly task_id: TaskId;
  readonly ordinal: number;
  readonly claimed_at: Milliseconds;
}

export interface IncidentHoldRow {
  readonly incident_id: IncidentId;
  readonly reason: string;
  readonly held_at: Milliseconds;
  readonly held_by_kind: PrincipalKind;
  readonly held_by_id: string;
  readonly held_by_name: string;
}

export interface UserRow {
  readonly id: string;
  readonly email: string;
  /** Empty for none. */
  readonly password_hash: string;
  readonly role: string;
  readonly scope_tags_json: string | null;
  readonly created_at: Milliseconds;
  readonly totp_secret: Uint8Array | null;
  readonly totp_active: 0 | 1;
  readonly totp_step: number;
  readonly totp_failures: number;
  readonly totp_failed_at: Milliseconds | null;
  readonly recovery_codes_json: string;
  readonly password_changed_at: Milliseconds;
  readonly must_change_password: 0 | 1;
  readonly disabled_at: Milliseconds | null;
  readonly identity_issuer: string | null;
  readonly identity_subject: string | null;
}

export interface SessionRow {
  readonly token_hash: string;
  readonly user_id: string;
  readonly created_at: Milliseconds;
  readonly expires_at: Milliseconds;
  readonly stage: SessionStage;
  readonly failures: number;
  readonly new_password_hash: string | null;
  readonly dialect: DialectName;
  readonly remote_address: string;
  readonly last_used_at: Milliseconds;
}

export interface CustomRoleRow {
  /** What names compare by. */
  readonly name_key: string;
  readonly name: string;
  readonly permissions_json: string;
  readonly created_at: Milliseconds;
  readonly created_by: string;
  readonly changed_at: Milliseconds;
}

export interface ApiKeyRow {
  readonly id: number;
  readonly name: string;
  readonly role: string;
  readonly scope_tags_json: string | null;
  readonly level: KeyLevel;
  readonly sealed_secret: Uint8Array;
  readonly created_at: Milliseconds;
  readonly created_by: string;
  readonly owner: string | null;
  readonly expires_at: Milliseconds | null;
  readonly comment: string;
  readonly addresses_json: string;
  readonly last_used_at: Milliseconds | null;
  /** The row stays, without its secret, so that no later key has the same id. */
  readonly deleted_at: Milliseconds | null;
}

export interface KeyNonceRow {
  readonly key_id: number;
  readonly nonce_hash: string;
  readonly expires_at: Milliseconds;
}

export interface SpentLogInRow {
  readonly hash: string;
  readonly expires_at: Milliseconds;
}

export interface EnrolmentTokenRow {
  readonly id: string;
  readonly token_hash: string;
  readonly uses_left: number;
  readonly tags_json: string;
  readonly created_at: Milliseconds;
  readonly created_by: string;
  readonly expires_at: Milliseconds;
  readonly addresses_json: string;
  readonly revoked_at: Milliseconds | null;
}

export interface EndpointMachineRow {
  readonly endpoint_id: EndpointId;
  readonly system_mark: string | null;
  readonly hardware_mark: string | null;
  readonly generation: number | null;
  readonly kept_generation: number | null;
}

export interface MachineCopyRow {
  readonly endpoint_id: EndpointId;
  readonly id: string;
  readonly sign: CopySign;
  readonly host_name: string;
  readonly remote_address: string;
  readonly system_mark: string | null;
  readonly hardware_mark: string | null;
  readonly generation: number | null;
  readonly first_seen: Milliseconds;
  readonly last_seen: Milliseconds;
}

export interface UploadClaimRow {
  readonly task_id: TaskId;
  readonly ordinal: number;
  readonly endpoint_id: EndpointId;
  readonly action_id: ActionId;
  readonly sha256: Sha256;
  readonly named_size: number | null;
  readonly size: number;
  readonly at: Milliseconds;
}

export interface HashListRow {
  readonly hash: string;
  readonly algorithm: HashAlgorithm;
  readonly list: ListKind;
  readonly prevent: 0 | 1;
  readonly comment: string;
  readonly incident_id: string | null;
  readonly listed_by_kind: PrincipalKind;
  readonly listed_by_id: string;
  readonly listed_by_name: string;
  readonly listed_by_role: string;
  readonly dialect: DialectName;
  readonly listed_at: Milliseconds;
  readonly expires_at: Milliseconds | null;
}

export interface IncidentRow {
  readonly id: IncidentId;
  readonly guid: Guid;
  readonly name: string;
  readonly description: string;
  readonly severity: IncidentSeverity;
  readonly status: IncidentStatus;
  readonly assigned_to: string | null;
  readonly created_by_kind: PrincipalKind;
  readonly created_by_id: string;
  readonly created_by_name: string;
  readonly dialect: DialectName;
  readonly created_at: Milliseconds;
  readonly updated_at: Milliseconds;
  readonly resolved_at: Milliseconds | null;
  readonly external_id: string | null;
  readonly manual_severity: IncidentSeverity | null;
  readonly starred: 0 | 1;
  readonly resolve_comment: string;
}

export interface IncidentEndpointRow {
  readonly incident_id: IncidentId;
  readonly endpoint_id: EndpointId;
  readonly ordinal: number;
}

export interface IncidentProcessRow {
  readonly incident_id: IncidentId;
  readonly guid: Guid;
  readonly ordinal: number;
  readonly endpoint_id: EndpointId;
  readonly path: Uint8Array;
  readonly display_path: string;
  readonly name: string;
  readonly sha256: Sha256 | null;
  readonly pid: number | null;
  readonly command_line: string | null;
  readonly user_name: string | null;
  readonly started_at: Milliseconds | null;
  readonly ended_at: Milliseconds | null;
}

export interface IncidentFileRow {
  readonly incident_id: IncidentId;
  readonly file_guid: Guid;
  readonly ordinal: number;
  readonly endpoint_id: EndpointId;
  readonly path: Uint8Array;
  readonly display_path: string;
  readonly sha256: Sha256 | null;
}

export interface IncidentCommentRow {
  readonly id: string;
  readonly incident_id: IncidentId;
  readonly at: Milliseconds;
  readonly author_kind: PrincipalKind;
  readonly author_id: string;
  readonly author_name: string;
  readonly body: string;
}

export interface AlertRow {
  readonly id: AlertId;
  readonly incident_id: IncidentId;
  readonly fingerprint: string;
  readonly likeness: string | null;
  readonly name: string;
  readonly description: string;
  readonly severity: AlertSeverity;
  readonly severity_rank: number;
  readonly source: string;
  readonly category: string;
  readonly action: string;
  readonly external_id: string | null;
  readonly detected_at: Milliseconds;
  readonly received_at: Milliseconds;
  readonly endpoint_id: EndpointId | null;
  readonly host_name: string;
  readonly user_name: string;
  readonly local_address: string;
  readonly local_port: number | null;
  readonly remote_address: string;
  readonly remote_port: number | null;
  readonly file_path: string;
  readonly sha256: Sha256 | null;
}

export interface RemediationRecordRow {
  readonly id: RemediationId;
  readonly incident: string | null;
  readonly incident_id: IncidentId | null;
  readonly principal_kind: PrincipalKind;
  readonly principal_id: string;
  readonly principal_name: string;
  readonly claimed_initiator: string | null;
  readonly dialect: DialectName;
  readonly created_at: Milliseconds;
  readonly aborted_at: Milliseconds | null;
  readonly aborted_by_kind: PrincipalKind | null;
  readonly aborted_by_id: string | null;
  readonly aborted_by_name: string | null;
}

/** Of `action_id`, `listed_hash` and `failure`, just one is not null. */
export interface RemediationRowRow {
  readonly remediation_id: RemediationId;
  readonly ordinal: number;
  readonly machine: string;
  readonly target: string;
  readonly action_type: string;
  readonly action_id: ActionId | null;
  readonly listed_hash: string | null;
  readonly failure: RowFailure | null;
  readonly message: string;
}

export interface FleetActionTableRow {
  readonly batch_number: BatchNumber;
  readonly kind: FleetActionKind;
  readonly name: string;
  readonly facts_json: string;
  readonly action_id: ActionId | null;
  readonly principal_kind: PrincipalKind;
  readonly principal_id: string;
  readonly principal_name: string;
  readonly created_at: Milliseconds;
  readonly endpoints_count: number;
  readonly cancelled_at: Milliseconds | null;
  readonly cancelled_by: string | null;
}

export interface FleetActionItemRow {
  readonly batch_number: BatchNumber;
  readonly ordinal: number;
  readonly endpoint_id: EndpointId;
  readonly done: 0 | 1;
  readonly message: string;
}

export interface SettingRow {
  readonly name: StoredSetting;
  readonly value_json: string;
}

export interface AnsweredRequestRow {
  readonly principal_kind: PrincipalKind;
  readonly principal_id: string;
  readonly key_hash: string;
  readonly sealed: Uint8Array;
  readonly expires_at: Milliseconds;
}

export interface WebhookRow {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly format: WebhookFormat;
  readonly groups_json: string;
  readonly types_json: string;
  readonly attempts: number;
  readonly paused: 0 | 1;
  readonly sealed_secret: Uint8Array;
  /** Both are null, or neither is. */
  readonly sealed_former_secret: Uint8Array | null;
  readonly former_until: Milliseconds | null;
  readonly created_at: Milliseconds;
  readonly created_by: string;
}

export interface FeedCursorRow {
  /** The id of a webhook, or where a stream goes. */
  readonly feed: string;
  readonly sequence: number;
  readonly failures: number;
  readonly first_failed_at: Milliseconds | null;
  readonly not_before: Milliseconds;
  readonly failing_since: Milliseconds | null;
  readonly last_error: string;
  readonly delivered_at: Milliseconds | null;
  readonly holder: string | null;
  readonly held_until: Milliseconds;
}

export interface DeadLetterRow {
  readonly webhook_id: string;
  readonly sequence: number;
  readonly given_up_at: Milliseconds;
  readonly attempts: number;
  readonly error: string;
  readonly wanted: 0 | 1;
}

export interface EventRow {
  readonly sequence: number;
  readonly type: EventType;
  readonly at: Milliseconds;
  readonly actor_kind: PrincipalKind | 'agent' | 'server';
  readonly actor_id: string;
  readonly actor_name: string;
  readonly action_id: ActionId | null;
  readonly endpoint_id: EndpointId | null;
  readonly facts_json: string;
  readonly incident_id: IncidentId | null;
}

export interface LedgerRow {
  readonly name: string;
  readonly size: number;
  /** Hashes of 32 bytes, one after the other. */
  readonly peaks: Uint8Array;
}

export interface LedgerNodeRow {
  readonly level: number;
  readonly ordinal: number;
  readonly hash: Uint8Array;
}
