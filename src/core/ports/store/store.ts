import type { Principal } from '../../access/principal.ts';
import type { Milliseconds } from '../../time.ts';
import type { ActionReader, ActionWriter } from './actions.ts';
import type { AlertReader, AlertWriter } from './alerts.ts';
import type { ApprovalReader, ApprovalWriter } from './approvals.ts';
import type { CredentialReader, CredentialWriter } from './credentials.ts';
import type { EndpointReader, EndpointWriter } from './endpoints.ts';
import type { EventReader, EventWriter } from './events.ts';
import type { EvidenceReader, EvidenceWriter } from './evidence.ts';
import type { FeedReader, FeedWriter } from './feeds.ts';
import type { FileReader, FileWriter } from './files.ts';
import type { FleetActionReader, FleetActionWriter } from './fleet-actions.ts';
import type { HashListReader, HashListWriter } from './hash-lists.ts';
import type { IdempotencyReader, IdempotencyWriter } from './idempotency.ts';
import type { IncidentReader, IncidentWriter } from './incidents.ts';
import type { LedgerReader, LedgerWriter } from './ledger.ts';
import type { MachineReader, MachineWriter } from './machines.ts';
import type { OutcomeReader, OutcomeWriter } from './outcomes.ts';
import type { QuarantineReader, QuarantineWriter } from './quarantine.ts';
import type { RemediationReader, RemediationWriter } from './remediations.ts';
import type { RolloutReader, RolloutWriter } from './rollouts.ts';
import type { SettingReader, SettingWriter } from './settings.ts';
import type { TaskReader, TaskWriter } from './tasks.ts';
import type { UploadClaimReader, UploadClaimWriter } from './upload-claims.ts';

export interface Reader {
  readonly endpoints: EndpointReader;
  readonly files: FileReader;
  readonly actions: ActionReader;
  readonly tasks: TaskReader;
  readonly approvals: ApprovalReader;
  readonly rollouts: RolloutReader;
  readonly outcomes: OutcomeReader;
  readonly quarantine: QuarantineReader;
  readonly evidence: EvidenceReader;
  readonly credentials: CredentialReader;
  readonly machines: MachineReader;
  readonly uploadClaims: UploadClaimReader;
  readonly hashLists: HashListReader;
  readonly incidents: IncidentReader;
  readonly alerts: AlertReader;
  readonly idempotency: IdempotencyReader;
  readonly remediations: RemediationReader;
  readonly fleetActions: FleetActionReader;
  readonly settings: SettingReader;
  readonly feeds: FeedReader;
  readonly events: EventReader;
  readonly ledger: LedgerReader;
}

export interface Transaction {
  readonly endpoints: EndpointWriter;
  readonly files: FileWriter;
  readonly actions: ActionWriter;
  readonly tasks: TaskWriter;
  readonly approvals: ApprovalWriter;
  readonly rollouts: RolloutWriter;
  readonly outcomes: OutcomeWriter;
  readonly quarantine: QuarantineWriter;
  readonly evidence: EvidenceWriter;
  readonly credentials: CredentialWriter;
  readonly machines: MachineWriter;
  readonly uploadClaims: UploadClaimWriter;
  readonly hashLists: HashListWriter;
  readonly incidents: IncidentWriter;
  readonly alerts: AlertWriter;
  readonly idempotency: IdempotencyWriter;
  readonly remediations: RemediationWriter;
  readonly fleetActions: FleetActionWriter;
  readonly settings: SettingWriter;
  readonly feeds: FeedWriter;
  readonly events: EventWriter;
  readonly ledger: LedgerWriter;
}

export interface StoreOptions {
  /** How long the whole call may take before it is rolled back. Default: the store's configured deadline. */
  readonly deadline?: Milliseconds;
  /** It may concern every endpoint at once, and must not be refused for that: six times the configured deadline. */
  readonly fleetWide?: boolean;
  /**
   * Of a read: it may look at every row, and must not keep others, log-ins among them, waiting meanwhile. So does whatever lists or
   * counts without naming what is meant.
   */
  readonly search?: boolean;
}

/** One table's rows of a dump, in an order that can be loaded again. */
export interface DumpedRow {
  readonly table: string;
  readonly row: Readonly<Record<string, string | number | boolean | null | { readonly base64: string }>>;
}

/**
 * Whoever is limited to the endpoints with one of these tags; there is at least one. What they opened themselves and names no
 * endpoint yet is theirs to see, too.
 */
export interface Limit {
  readonly tags: readonly string[];
  readonly by: Pick<Principal, 'kind' | 'id'>;
}

/**
 * The records. Every implementation:
 * - runs `work` of `read` on one consistent snapshot, and of `transact` in one serialisable transaction that is
 *   committed, durably, before the promise resolves, and rolled back when `work` throws;
 * - throws Fault `timeout` once the deadline passes; the transaction is then rolled back, whole, even when the
 *   database answers later;
 * - throws Fault `unavailable` (with the cause) when the database cannot be reached, and Fault `conflict` when a
 *   unique name or id is taken;
 * - keeps every integer and every byte exactly;
 * - never lets a caller's text become part of a statement;
 * - lets a failed call of a Transaction doom it: the whole is rolled back even when `work` catches the fault.
 * `work` may be run again when the database asks for that, so it changes nothing outside the transaction.
 * `work` must not be given a Reader or Transaction after it has settled.
 */
export interface Records {
  readonly reach: 'process' | 'cluster';
  read<Result>(work: (reader: Reader) => Promise<Result>, options?: StoreOptions): Promise<Result>;
  transact<Result>(work: (transaction: Transaction) => Promise<Result>, options?: StoreOptions): Promise<Result>;
  /** Proves that something can be written now, and made durable. @throws Fault `timeout`, `unavailable` */
  demandWritable(): Promise<void>;
}

/** All records of an installation. */
export interface Store extends Records {
  /**
   * The records as if the endpoints beyond the limit had never been there: nothing that is read tells of them, their files, tasks,
   * outcomes, events or places in an incident, counts among them, and a write that would touch one of them is refused and rolled
   * back. What is no endpoint's (credentials, settings, lists of hashes) can be read, for use cases need it; who may be told of it is
   * a matter of permissions. Which endpoints bear a tag is judged anew in each transaction.
   */
  narrowedTo(limit: Limit): Records;
  /**
   * Calls `listener` after each commit of this process that appended events; it must not throw.
   * @returns what withdraws it
   */
  onEvents(listener: () => void): () => void;
  /** Every row of every table, on one snapshot: what `custody backup` keeps. */
  dump(): AsyncIterable<DumpedRow>;
  /** Fills an empty store. @throws Fault `conflict` when it is not empty. */
  load(rows: AsyncIterable<DumpedRow>): Promise<void>;
  close(): Promise<void>;
}
