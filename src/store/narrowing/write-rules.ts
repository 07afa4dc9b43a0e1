import type { ActionId, BatchNumber, TaskId } from '#core/action/action-id.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { Reader, Transaction } from '#core/ports/store/store.ts';
import type { RemediationId } from '#core/remediation/remediation.ts';

/** What a write is about; all of it must be seen. */
export interface Concern {
  readonly endpoints?: readonly EndpointId[];
  readonly tasks?: readonly TaskId[];
  readonly incidents?: readonly IncidentId[];
  /** These change for all endpoints that they were ordered for, so all of those must be seen. */
  readonly wholeAction?: ActionId;
  readonly fleetAction?: BatchNumber;
  readonly wholeRemediation?: RemediationId;
}

export type WriteRule<Arguments extends readonly unknown[]> =
  /** It touches no endpoint: the text says why not. */
  | { readonly isFree: string }
  /** It is for whoever has no limit, or for agents and the server itself: what it is, as the end of a sentence. */
  | { readonly isRefused: string }
  | { readonly about: (...given: Arguments) => Concern };

type Call = (...given: never) => Promise<unknown>;

export type WriteName<Room extends keyof Transaction> = Exclude<keyof Transaction[Room], keyof Reader[Room]>;

type Rules = {
  readonly [Room in keyof Transaction]: {
    readonly [Name in WriteName<Room>]: WriteRule<
      Transaction[Room][Name] extends Call ? Parameters<Transaction[Room][Name]> : never
    >;
  };
};

const byAgents = { isRefused: 'what agents report' } as const;
const byPermission = { isFree: 'It touches no endpoint; permissions and sessions say who may.' } as const;
const access = { isRefused: 'who may log in and use the API' } as const;

const feeds = { isRefused: 'where events of any endpoint are sent to' } as const;

const distinct = <Id>(ids: readonly Id[]): readonly Id[] => [...new Set(ids)];

const theseEndpoints = { about: (endpoints: readonly EndpointId[]): Concern => ({ endpoints }) };

/** A write that is added to the store's ports does not compile until somebody has said what it is about. */
export const writeRules: Rules = {
  endpoints: {
    insert: byAgents,
    updateFacts: byAgents,
    updateKeys: byAgents,
    markSeen: byAgents,
    clearPresence: byAgents,
    archive: theseEndpoints,
    unarchive: theseEndpoints,
    revoke: theseEndpoints,
    rename: theseEndpoints,
    setTags: { isRefused: 'which tags endpoints bear, and so who may reach them' },
  },
  files: {
    upsert: byAgents,
    markGone: byAgents,
    setState: byAgents,
    releaseQuarantined: byAgents,
    retainOnly: byAgents,
  },
  actions: {
    insert: { isFree: 'It names no endpoint: its tasks do.' },
    insertAll: { isFree: 'They name no endpoint: their tasks do.' },
    beginRound: { isFree: 'It counts, and names no endpoint: the tasks of the round do.' },
    postpone: { about: (wholeAction) => ({ wholeAction }) },
    close: { about: (wholeAction) => ({ wholeAction }) },
  },
  tasks: {
    insert: { about: (tasks) => ({ endpoints: distinct(tasks.map(({ endpointId }) => endpointId)) }) },
    transition: { about: (tasks) => ({ tasks }) },
    noteLateStop: { about: (tasks) => ({ tasks }) },
    markRetried: { about: (retried) => ({ tasks: retried.map(({ id }) => id) }) },
    confirm: { about: (tasks) => ({ tasks }) },
    awaitConfirmation: { isRefused: 'what the server tells by itself' },
    holdForRings: { about: ({ actionId }) => ({ wholeAction: actionId }) },
    finish: byAgents,
  },
  approvals: {
    insert: { isFree: 'They name no endpoint: the tasks of their actions do.' },
    decide: { about: (wholeAction) => ({ wholeAction }) },
    expire: { isRefused: 'what the server ends by itself' },
  },
  rollouts: {
    insert: { isFree: 'They name no endpoint: the tasks of their actions do.' },
    move: { about: ({ actionId }) => ({ wholeAction: actionId }) },
  },
  outcomes: {
    put: { about: (outcomes) => ({ tasks: distinct(outcomes.map(({ taskId }) => taskId)) }) },
    markDelivered: { about: (task) => ({ tasks: [task] }) },
  },
  quarantine: {
    insert: byAgents,
    markDeparted: byAgents,
    markLost: byAgents,
    markFound: byAgents,
    markDamaged: byAgents,
  },
  evidence: {
    insert: byAgents,
    claim: byAgents,
    markDeleted: { isRefused: 'bytes that files of any endpoint may be' },
    markErased: { isRefused: 'bytes that files of any endpoint may be' },
    markDamaged: { isFree: 'It says what storage holds, and whoever reads it may find it out.' },
  },
  credentials: {
    insertUser: access,
    updateUser: byPermission,
    deleteUser: access,
    updateSession: byPermission,
    deleteSessionsOf: byPermission,
    insertSession: byPermission,
    deleteSession: byPermission,
    touchKey: byPermission,
    touchSession: byPermission,
    deleteSessionsExpiredBefore: byPermission,
    insertKey: access,
    deleteKey: access,
    insertRole: access,
    updateRole: access,
    deleteRole: access,
    spendNonce: byPermission,
    spendLogIn: byPermission,
    insertToken: { isRefused: 'which machines may enrol' },
    expireTokens: { isRefused: 'which machines may enrol' },
    revokeToken: { isRefused: 'which machines may enrol' },
    spendToken: byAgents,
  },
  machines: {
    put: { isRefused: 'on which machines endpoints are' },
    keepGenerations: byAgents,
    putCopy: byAgents,
    forgetCopies: { isRefused: 'on which machines endpoints are' },
  },
  uploadClaims: { put: byAgents, forgetBefore: byAgents },
  hashLists: {
    put: { isRefused: 'the lists of hashes' },
    remove: { isRefused: 'the lists of hashes' },
    removeExpired: { isRefused: 'the lists of hashes' },
  },
  incidents: {
    insert: { about: (_incident, endpoints) => ({ endpoints }) },
    update: { about: ({ id }) => ({ incidents: [id] }) },
    addEndpoints: { about: (id, endpoints) => ({ incidents: [id], endpoints }) },
    addProcesses: { about: (processes) => observed(processes) },
    addFiles: { about: (files) => observed(files) },
    addComment: { about: ({ incidentId }) => ({ incidents: [incidentId] }) },
    hold: { about: ({ incidentId }) => ({ incidents: [incidentId] }) },
    release: { isRefused: 'what keeps bytes of any endpoint from being deleted' },
  },
  alerts: {
    insert: {
      about: (alerts) => ({
        endpoints: distinct(alerts.flatMap(({ endpointId }) => endpointId ?? [])),
        incidents: distinct(alerts.map(({ incidentId }) => incidentId)),
      }),
    },
  },
  remediations: {
    insert: { isFree: 'Its rows name in words what was asked; what was ordered are actions.' },
    abort: { about: (wholeRemediation) => ({ wholeRemediation }) },
  },
  fleetActions: {
    insert: { about: (_action, rows) => ({ endpoints: distinct(rows.map(({ endpointId }) => endpointId)) }) },
    cancel: { about: (fleetAction) => ({ fleetAction }) },
  },
  settings: { put: { isRefused: 'the settings of the server' } },
  idempotency: {
    insert: { isFree: 'It touches no endpoint: it is an answer.' },
    deleteExpired: { isFree: 'It touches no endpoint.' },
  },
  feeds: {
    insertWebhook: feeds,
    updateWebhook: feeds,
    deleteWebhook: feeds,
    openCursor: feeds,
    takeLease: feeds,
    keepCursor: feeds,
    hurry: feeds,
    releaseLeases: feeds,
    putDeadLetter: feeds,
    wantLetters: feeds,
    deleteLetters: feeds,
  },
  ledger: { seal: { isRefused: 'the record as a whole' } },
  events: {
    append: { about: (events) => ({ endpoints: distinct(events.flatMap(({ endpointId }) => endpointId ?? [])) }) },
  },
};

function observed(
  observations: readonly { readonly incidentId: IncidentId; readonly endpointId: EndpointId }[],
): Concern {
  return {
    incidents: distinct(observations.map(({ incidentId }) => incidentId)),
    endpoints: distinct(observations.map(({ endpointId }) => endpointId)),
  };
}
