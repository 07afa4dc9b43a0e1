import type { PrincipalKind } from '../access/principal.ts';
import type { ActionId } from '../action/action-id.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { IncidentId } from '../incident/incident-id.ts';
import type { Milliseconds } from '../time.ts';

/** What can happen to custody. Each is one row of an append-only table, written with what it records. */
export const eventTypes = [
  'server_initialised',
  'user_created',
  /** Another role, or other endpoints. */
  'user_changed',
  /** Nobody can log in as them until they are enabled. */
  'user_disabled',
  'user_enabled',
  'user_deleted',
  'role_created',
  'role_changed',
  'role_deleted',
  'key_created',
  'key_deleted',
  'enrolment_token_created',
  'enrolment_token_revoked',
  /** An address tried so many wrong enrolment tokens that none from it counts for a while. */
  'enrolment_guessed',
  'logged_in',
  /** The password was right; a code, or another password, is still to come. */
  'log_in_begun',
  'log_in_failed',
  'logged_out',
  /** Before their time, by whoever holds them or an administrator. */
  'sessions_ended',
  /** From now on somebody logs in through the identity provider. */
  'user_linked',
  'endpoint_enrolled',
  'endpoint_connected',
  'action_started',
  'tasks_sent',
  /** A restore was given out as text, to be carried to a machine that no network reaches. */
  'restore_token_issued',
  'task_finished',
  'tasks_expired',
  'tasks_cancelled',
  'batch_closed',
  'action_cancelled',
  'action_retried',
  'confirmation_awaited',
  'action_confirmed',
  /** An order is too wide to go out by itself, and waits for a second person. */
  'approval_requested',
  'approval_given',
  'approval_refused',
  'approval_expired',
  /** One person had it go out where a second one should have agreed. */
  'approval_bypassed',
  /** Of an approved wide order: so many endpoints have it from now on, and the others wait. */
  'ring_released',
  'rings_halted',
  'rings_resumed',
  'remediation_started',
  'remediation_aborted',
  'remediation_undone',
  'incident_created',
  'incident_changed',
  'incident_commented',
  /** Something was detected, and is told of within an incident. */
  'alert_reported',
  'list_changed',
  'password_changed',
  /** The user has to choose another one at the next log-in. */
  'password_expired',
  /** Somebody else gave the user another one, which has to be changed at the next log-in. */
  'password_reset',
  'second_factor_enabled',
  'second_factor_reset',
  /** Took the place of an application's code. */
  'recovery_code_used',
  'recovery_codes_renewed',
  'endpoint_archived',
  'endpoint_unarchived',
  'endpoint_revoked',
  'endpoint_renamed',
  'endpoint_tagged',
  /** Another machine came with an endpoint's key, and was turned away. */
  'endpoint_cloned',
  /** Somebody has looked at the machines that came with one key, and said which of them is the endpoint. */
  'endpoint_copies_settled',
  /** An agent said more than any honest one does, and was shut out for a while. */
  'agent_shut_out',
  /** Something was asked of endpoints that nothing here can do. */
  'fleet_action_refused',
  /** Somebody who is known asked for what their role, or the server's licence, does not include. */
  'permission_refused',
  'evidence_stored',
  /** Somebody began to take the bytes; that they have all of them is `evidence_delivered`. */
  'evidence_opened',
  'evidence_delivered',
  /** Somebody looked at some of a file's bytes. */
  'evidence_viewed',
  /** A bundle that proves what happened to something, for whoever is to check it elsewhere. */
  'bundle_exported',
  /** Bytes are gone, by a rule or by a person; what was known of them stays. */
  'evidence_deleted',
  /** Stored bytes are no longer those that were stored; they are not given out. */
  'evidence_damaged',
  /** Everything was locked to another key. */
  'evidence_key_rotated',
  /** What was fetched for an incident is not deleted until it is released. */
  'incident_held',
  'incident_released',
  /** An endpoint's vault holds an object that the server knew nothing of, or thought lost. */
  'vault_object_found',
  /** An endpoint listed its vault without an object that nobody ordered away. */
  'vault_object_lost',
  /** An object no longer decrypts to the file that it was made of. */
  'vault_object_damaged',
  /** What takes files and what deletes them was halted in the whole fleet. */
  'emergency_stop_engaged',
  'emergency_stop_released',
  /** From now on events are sent somewhere else as well. */
  'webhook_created',
  /** Another address, another choice of events, another secret, or a pause. */
  'webhook_changed',
  'webhook_deleted',
  /** What a webhook could not deliver was thrown away; the events themselves stay. */
  'webhook_letters_dropped',
  /** What an administrator sets while the server runs. */
  'settings_changed',
  /** An agent has seen another record of events than this one. */
  'ledger_disputed',
  /** Orders are signed with another key from now on; the former one has signed it. */
  'order_key_changed',
  /** An agent was told of a change of the order key that it does not follow. */
  'order_key_refused',
  /** Somebody said that the machine's clock is right, which had jumped. */
  'clock_accepted',
  'backup_made',
  'backup_restored',
] as const;

export type EventType = (typeof eventTypes)[number];

/** A plain JSON value; events and their digests are built from these only. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export function isJsonObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An event before the store gives it a sequence number. */
export interface NewEvent {
  readonly type: EventType;
  readonly at: Milliseconds;
  readonly actor: { readonly kind: PrincipalKind | 'agent' | 'server'; readonly id: string; readonly name: string };
  readonly actionId?: ActionId;
  readonly endpointId?: EndpointId;
  readonly incidentId?: IncidentId;
  readonly facts: { readonly [key: string]: Json };
}

export interface CustodyEvent extends NewEvent {
  /** 1, 2, 3 ... with no gap. */
  readonly sequence: number;
}

/** The server acting by itself: expiry, start-up. */
export const serverActor = { kind: 'server', id: 'server', name: 'custody' } as const;
