import type { z } from 'zod';
import {
  cancelAction,
  closeAction,
  confirmAction,
  countActions,
  listActions,
  readAction,
  resumeAction,
  retryAction,
} from '#dialects/native/schemas/action.ts';
import { listAlerts, reportAlerts } from '#dialects/native/schemas/alert.ts';
import { approveAction, listApprovals, readApproval, refuseApproval } from '#dialects/native/schemas/approval.ts';
import { acceptClock } from '#dialects/native/schemas/clock.ts';
import type { Contract } from '#dialects/native/schemas/contract.ts';
import {
  engageEmergencyStop,
  readEmergencyStop,
  releaseEmergencyStop,
} from '#dialects/native/schemas/emergency-stop.ts';
import {
  archiveEndpoints,
  countEndpoints,
  listEndpoints,
  readEndpoint,
  renameEndpoints,
  revokeEndpoints,
  settleCopies,
  tagEndpoints,
  unarchiveEndpoints,
} from '#dialects/native/schemas/endpoint.ts';
import {
  createEnrolmentToken,
  listEnrolmentTokens,
  readEnrolment,
  revokeEnrolmentToken,
} from '#dialects/native/schemas/enrolment-token.ts';
import { listEvents } from '#dialects/native/schemas/event.ts';
import { downloadAction, downloadFile, exportBundle, viewFile } from '#dialects/native/schemas/evidence.ts';
import { findFiles, readFile } from '#dialects/native/schemas/file.ts';
import { listFleetActions, readFleetAction } from '#dialects/native/schemas/fleet-action.ts';
import { findListedHashes, forgetHashes, listHashes } from '#dialects/native/schemas/hash-list.ts';
import {
  changeIncident,
  commentOnIncident,
  createIncident,
  findProcesses,
  holdIncident,
  listIncidents,
  observeIncident,
  readIncident,
  readTimeline,
  releaseIncident,
} from '#dialects/native/schemas/incident.ts';
import { createKey, deleteKey, listKeys } from '#dialects/native/schemas/key.ts';
import { proveEvent, readLedger } from '#dialects/native/schemas/ledger.ts';
import { changeLifetimes, readLifetimes } from '#dialects/native/schemas/lifetimes.ts';
import {
  abortScans,
  fetchLogs,
  issueRestoreToken,
  purgeVault,
  quarantineFile,
  restoreFile,
  retrieveFiles,
  startFetch,
  startScan,
  startSearch,
  undoAction,
} from '#dialects/native/schemas/order.ts';
import { whoAmI } from '#dialects/native/schemas/principal.ts';
import { linkUser, readLogInWays, takeSession } from '#dialects/native/schemas/provider.ts';
import {
  listQuarantine,
  listQuarantinedHashes,
  previewQuarantine,
  readQuarantineStatus,
} from '#dialects/native/schemas/quarantine.ts';
import {
  abortRemediation,
  findRemedies,
  listRemediations,
  readRemediation,
  remediate,
  undoRemediation,
} from '#dialects/native/schemas/remediation.ts';
import { planRestore, readRestorePlan, runRestorePlan } from '#dialects/native/schemas/restore-plan.ts';
import { changeRole, createRole, deleteRole, listRoles } from '#dialects/native/schemas/role.ts';
import {
  changePassword,
  confirmSecondFactor,
  expirePassword,
  prepareSecondFactor,
  renewRecoveryCodes,
  resetSecondFactor,
} from '#dialects/native/schemas/second-factor.ts';
import { describeApi, readInstallation, readMetrics, readServer } from '#dialects/native/schemas/server.ts';
import { logIn, logOut } from '#dialects/native/schemas/session.ts';
import {
  changeRetention,
  deleteEvidence,
  listEvidence,
  readRetention,
} from '#dialects/native/schemas/stored-evidence.ts';
import {
  changeUser,
  createUser,
  deleteUser,
  endOwnSessions,
  endUserSessions,
  listOwnSessions,
  listUserSessions,
  listUsers,
  resetPassword,
} from '#dialects/native/schemas/user.ts';
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  dropLetters,
  listDeadLetters,
  listWebhooks,
  redeliverLetters,
  rotateWebhookSecret,
  testWebhook,
} from '#dialects/native/schemas/webhook.ts';
import { type CallInput, call, request, textOf } from './call.ts';
import { authorizationOf, type Credential } from './credential.ts';
import { download, offer } from './download.ts';
import { type FollowingAction, followAction } from './follow-action.ts';
import { type FollowingEvents, followEvents } from './follow-events.ts';
import { withResending } from './resend.ts';
import type { Send } from './send.ts';
import { type Pause, systemPause } from './timer.ts';
import { type Waiting, waitForAction } from './wait-for-action.ts';

export interface ClientOptions {
  readonly send: Send;
  /** Not needed on a server's own Unix socket, and not for logging in. */
  readonly credential?: Credential | undefined;
  /** How what waits and follows passes the time; default: the runtime's timers. */
  readonly pause?: Pause;
}

export type Client = ReturnType<typeof createClient>;

type Query<Of extends Contract> = z.input<Of['query']>;
type Body<Of extends Contract> = CallInput<Of>['body'];

/**
 * The native API as functions, one per operation, named and typed by the contracts that the server checks requests
 * against. All reject with an `ApiError`, and with nothing else.
 */
export function createClient({ send: bare, credential, pause = systemPause }: ClientOptions) {
  const authorized = credential === undefined ? bare : withCredential(bare, credential);
  const send = withResending(authorized, pause);
  return {
    ...accessCalls(send),
    ...peopleCalls(send),
    ...actionCalls(send),
    ...approvalCalls(send),
    ...incidentCalls(send),
    ...remediationCalls(send),
    ...readingCalls(send),
    ...endpointCalls(send),
    ...evidenceCalls(send),
    ...webhookCalls(send),
    waitForAction: (actionId: string, waiting: Waiting = {}) => waitForAction({ send, pause }, actionId, waiting),
    followAction: (actionId: string, following: FollowingAction = {}) =>
      followAction({ send, pause }, actionId, following),
    followEvents: (following: FollowingEvents = {}) => followEvents({ send, pause }, following),
  };
}

const none = { parameters: {}, query: {}, body: undefined } as const;

function readingCalls(send: Send) {
  return {
    acceptClock: (body: Body<typeof acceptClock>) => call(send, acceptClock, { ...none, body }),
    readServer: () => call(send, readServer, none),
    readInstallation: () => call(send, readInstallation, none),
    readMetrics: async () => textOf(await request(send, readMetrics, none)),
    describeApi: () => call(send, describeApi, none),
    listEndpoints: (query: Query<typeof listEndpoints> = {}) => call(send, listEndpoints, { ...none, query }),
    countEndpoints: () => call(send, countEndpoints, none),
    readEndpoint: (endpointId: string) => call(send, readEndpoint, { ...none, parameters: { endpointId } }),
    findFiles: (body: Body<typeof findFiles>) => call(send, findFiles, { ...none, body }),
    readFile: (guid: string) => call(send, readFile, { ...none, parameters: { guid } }),
    listQuarantine: (query: Query<typeof listQuarantine> = {}) => call(send, listQuarantine, { ...none, query }),
    listQuarantinedHashes: (query: Query<typeof listQuarantinedHashes> = {}) =>
      call(send, listQuarantinedHashes, { ...none, query }),
    previewQuarantine: (body: Body<typeof previewQuarantine>) => call(send, previewQuarantine, { ...none, body }),
    readQuarantineStatus: (body: Body<typeof readQuarantineStatus>) =>
      call(send, readQuarantineStatus, { ...none, body }),
    readEmergencyStop: () => call(send, readEmergencyStop, none),
    engageEmergencyStop: (body: Body<typeof engageEmergencyStop>) => call(send, engageEmergencyStop, { ...none, body }),
    releaseEmergencyStop: (body: Body<typeof releaseEmergencyStop>) =>
      call(send, releaseEmergencyStop, { ...none, body }),
    readLifetimes: () => call(send, readLifetimes, none),
    changeLifetimes: (body: Body<typeof changeLifetimes>) => call(send, changeLifetimes, { ...none, body }),
    readLedger: (query: Query<typeof readLedger> = {}) => call(send, readLedger, { ...none, query }),
    proveEvent: (sequence: number) => call(send, proveEvent, { ...none, parameters: { sequence } }),
    listEvents: (query: Query<typeof listEvents> = {}) => call(send, listEvents, { ...none, query }),
  };
}

function endpointCalls(send: Send) {
  return {
    settleCopies: (endpointId: string, accept: string | null) =>
      call(send, settleCopies, { ...none, parameters: { endpointId }, body: { accept } }),
    renameEndpoints: (body: Body<typeof renameEndpoints>) => call(send, renameEndpoints, { ...none, body }),
    tagEndpoints: (body: Body<typeof tagEndpoints>) => call(send, tagEndpoints, { ...none, body }),
    archiveEndpoints: (body: Body<typeof archiveEndpoints>) => call(send, archiveEndpoints, { ...none, body }),
    unarchiveEndpoints: (body: Body<typeof unarchiveEndpoints>) => call(send, unarchiveEndpoints, { ...none, body }),
    revokeEndpoints: (body: Body<typeof revokeEndpoints>) => call(send, revokeEndpoints, { ...none, body }),
    listFleetActions: (query: Query<typeof listFleetActions> = {}) => call(send, listFleetActions, { ...none, query }),
    readFleetAction: (batchNumber: number, query: Query<typeof readFleetAction> = {}) =>
      call(send, readFleetAction, { ...none, parameters: { batchNumber: String(batchNumber) }, query }),
  };
}

function actionCalls(send: Send) {
  return {
    listActions: (query: Query<typeof listActions> = {}) => call(send, listActions, { ...none, query }),
    countActions: (query: Query<typeof countActions> = {}) => call(send, countActions, { ...none, query }),
    readAction: (actionId: string) => call(send, readAction, { ...none, parameters: { actionId } }),
    startFetch: (body: Body<typeof startFetch>) => call(send, startFetch, { ...none, body }),
    retrieveFiles: (body: Body<typeof retrieveFiles>) => call(send, retrieveFiles, { ...none, body }),
    quarantineFile: (body: Body<typeof quarantineFile>) => call(send, quarantineFile, { ...none, body }),
    restoreFile: (body: Body<typeof restoreFile>) => call(send, restoreFile, { ...none, body }),
    issueRestoreToken: (body: Body<typeof issueRestoreToken>) => call(send, issueRestoreToken, { ...none, body }),
    planRestore: (body: Body<typeof planRestore>) => call(send, planRestore, { ...none, body }),
    readRestorePlan: (actionId: string, query: Query<typeof readRestorePlan> = {}) =>
      call(send, readRestorePlan, { ...none, parameters: { actionId }, query }),
    runRestorePlan: (actionId: string, body: Body<typeof runRestorePlan>) =>
      call(send, runRestorePlan, { ...none, parameters: { actionId }, body }),
    purgeVault: (body: Body<typeof purgeVault>) => call(send, purgeVault, { ...none, body }),
    startScan: (body: Body<typeof startScan>) => call(send, startScan, { ...none, body }),
    abortScans: (body: Body<typeof abortScans>) => call(send, abortScans, { ...none, body }),
    fetchLogs: (body: Body<typeof fetchLogs>) => call(send, fetchLogs, { ...none, body }),
    startSearch: (body: Body<typeof startSearch>) => call(send, startSearch, { ...none, body }),
    closeAction: (actionId: string) => call(send, closeAction, { ...none, parameters: { actionId } }),
    cancelAction: (actionId: string) => call(send, cancelAction, { ...none, parameters: { actionId } }),
    undoAction: (actionId: string, body: Body<typeof undoAction>) =>
      call(send, undoAction, { ...none, parameters: { actionId }, body }),
    retryAction: (actionId: string, body: Body<typeof retryAction> = {}) =>
      call(send, retryAction, { ...none, parameters: { actionId }, body }),
    confirmAction: (actionId: string, body: Body<typeof confirmAction> = {}) =>
      call(send, confirmAction, { ...none, parameters: { actionId }, body }),
    resumeAction: (actionId: string, body: Body<typeof resumeAction>) =>
      call(send, resumeAction, { ...none, parameters: { actionId }, body }),
    downloadAction: (actionId: string, query: Query<typeof downloadAction> = {}) =>
      download(send, downloadAction, { ...none, parameters: { actionId }, query }),
    downloadFile: (file: CallInput<typeof downloadFile>['parameters'], query: Query<typeof downloadFile> = {}) =>
      download(send, downloadFile, { ...none, parameters: file, query }),
    offerAction: (actionId: string, query: Query<typeof downloadAction> = {}) =>
      offer(send, downloadAction, { ...none, parameters: { actionId }, query }),
    offerFile: (file: CallInput<typeof downloadFile>['parameters'], query: Query<typeof downloadFile> = {}) =>
      offer(send, downloadFile, { ...none, parameters: file, query }),
    viewFile: (file: CallInput<typeof viewFile>['parameters'], query: Query<typeof viewFile> = {}) =>
      call(send, viewFile, { ...none, parameters: file, query }),
    exportBundle: (body: Body<typeof exportBundle>) => download(send, exportBundle, { ...none, body }),
  };
}

function approvalCalls(send: Send) {
  return {
    listApprovals: (query: Query<typeof listApprovals> = {}) => call(send, listApprovals, { ...none, query }),
    readApproval: (actionId: string) => call(send, readApproval, { ...none, parameters: { actionId } }),
    approveAction: (actionId: string, body: Body<typeof approveAction>) =>
      call(send, approveAction, { ...none, parameters: { actionId }, body }),
    refuseApproval: (actionId: string, body: Body<typeof refuseApproval>) =>
      call(send, refuseApproval, { ...none, parameters: { actionId }, body }),
  };
}

function incidentCalls(send: Send) {
  return {
    listHashes: (body: Body<typeof listHashes>) => call(send, listHashes, { ...none, body }),
    forgetHashes: (body: Body<typeof forgetHashes>) => call(send, forgetHashes, { ...none, body }),
    findListedHashes: (query: Query<typeof findListedHashes> = {}) => call(send, findListedHashes, { ...none, query }),
    listIncidents: (query: Query<typeof listIncidents> = {}) => call(send, listIncidents, { ...none, query }),
    createIncident: (body: Body<typeof createIncident>) => call(send, createIncident, { ...none, body }),
    findProcesses: (query: Query<typeof findProcesses> = {}) => call(send, findProcesses, { ...none, query }),
    readIncident: (incident: string) => call(send, readIncident, { ...none, parameters: { incident } }),
    changeIncident: (incident: string, body: Body<typeof changeIncident>) =>
      call(send, changeIncident, { ...none, parameters: { incident }, body }),
    observeIncident: (incident: string, body: Body<typeof observeIncident>) =>
      call(send, observeIncident, { ...none, parameters: { incident }, body }),
    commentOnIncident: (incident: string, body: Body<typeof commentOnIncident>) =>
      call(send, commentOnIncident, { ...none, parameters: { incident }, body }),
    holdIncident: (incident: string, body: Body<typeof holdIncident>) =>
      call(send, holdIncident, { ...none, parameters: { incident }, body }),
    releaseIncident: (incident: string, body: Body<typeof releaseIncident>) =>
      call(send, releaseIncident, { ...none, parameters: { incident }, body }),
    readTimeline: (incident: string, query: Query<typeof readTimeline> = {}) =>
      call(send, readTimeline, { ...none, parameters: { incident }, query }),
  };
}

function remediationCalls(send: Send) {
  return {
    reportAlerts: (body: Body<typeof reportAlerts>) => call(send, reportAlerts, { ...none, body }),
    listAlerts: (query: Query<typeof listAlerts> = {}) => call(send, listAlerts, { ...none, query }),
    findRemedies: (incident: string) => call(send, findRemedies, { ...none, parameters: { incident } }),
    remediate: (body: Body<typeof remediate>) => call(send, remediate, { ...none, body }),
    listRemediations: (query: Query<typeof listRemediations> = {}) => call(send, listRemediations, { ...none, query }),
    readRemediation: (remediationId: string) => call(send, readRemediation, { ...none, parameters: { remediationId } }),
    abortRemediation: (remediationId: string) =>
      call(send, abortRemediation, { ...none, parameters: { remediationId } }),
    undoRemediation: (remediationId: string, body: Body<typeof undoRemediation>) =>
      call(send, undoRemediation, { ...none, parameters: { remediationId }, body }),
  };
}

function evidenceCalls(send: Send) {
  return {
    listEvidence: (query: Query<typeof listEvidence> = {}) => call(send, listEvidence, { ...none, query }),
    deleteEvidence: (sha256: string, body: Body<typeof deleteEvidence>) =>
      call(send, deleteEvidence, { ...none, parameters: { sha256 }, body }),
    readRetention: () => call(send, readRetention, none),
    changeRetention: (body: Body<typeof changeRetention>) => call(send, changeRetention, { ...none, body }),
  };
}

function webhookCalls(send: Send) {
  return {
    listWebhooks: () => call(send, listWebhooks, none),
    createWebhook: (body: Body<typeof createWebhook>) => call(send, createWebhook, { ...none, body }),
    changeWebhook: (webhookId: string, body: Body<typeof changeWebhook>) =>
      call(send, changeWebhook, { ...none, parameters: { webhookId }, body }),
    rotateWebhookSecret: (webhookId: string, body: Body<typeof rotateWebhookSecret> = {}) =>
      call(send, rotateWebhookSecret, { ...none, parameters: { webhookId }, body }),
    deleteWebhook: (webhookId: string) => call(send, deleteWebhook, { ...none, parameters: { webhookId } }),
    testWebhook: (webhookId: string) => call(send, testWebhook, { ...none, parameters: { webhookId } }),
    listDeadLetters: (webhookId: string, query: Query<typeof listDeadLetters> = {}) =>
      call(send, listDeadLetters, { ...none, parameters: { webhookId }, query }),
    redeliverLetters: (webhookId: string, body: Body<typeof redeliverLetters> = {}) =>
      call(send, redeliverLetters, { ...none, parameters: { webhookId }, body }),
    dropLetters: (webhookId: string, body: Body<typeof dropLetters> = {}) =>
      call(send, dropLetters, { ...none, parameters: { webhookId }, body }),
  };
}

function accessCalls(send: Send) {
  return {
    logIn: (body: Body<typeof logIn>) => call(send, logIn, { ...none, body }),
    readLogInWays: () => call(send, readLogInWays, none),
    takeSession: (body: Body<typeof takeSession>) => call(send, takeSession, { ...none, body }),
    linkUser: (body: Body<typeof linkUser>) => call(send, linkUser, { ...none, body }),
    logOut: () => call(send, logOut, none),
    whoAmI: () => call(send, whoAmI, none),
    expirePassword: (body: Body<typeof expirePassword>) => call(send, expirePassword, { ...none, body }),
    changePassword: (body: Body<typeof changePassword>) => call(send, changePassword, { ...none, body }),
    prepareSecondFactor: () => call(send, prepareSecondFactor, none),
    confirmSecondFactor: (body: Body<typeof confirmSecondFactor>) => call(send, confirmSecondFactor, { ...none, body }),
    renewRecoveryCodes: (body: Body<typeof renewRecoveryCodes>) => call(send, renewRecoveryCodes, { ...none, body }),
    resetSecondFactor: (body: Body<typeof resetSecondFactor>) => call(send, resetSecondFactor, { ...none, body }),
    listKeys: () => call(send, listKeys, none),
    createKey: (body: Body<typeof createKey>) => call(send, createKey, { ...none, body }),
    deleteKey: (id: number) => call(send, deleteKey, { ...none, parameters: { id: String(id) } }),
    readEnrolment: () => call(send, readEnrolment, none),
    listEnrolmentTokens: () => call(send, listEnrolmentTokens, none),
    revokeEnrolmentToken: (id: string) => call(send, revokeEnrolmentToken, { ...none, parameters: { id } }),
    createEnrolmentToken: (body: Body<typeof createEnrolmentToken> = {}) =>
      call(send, createEnrolmentToken, { ...none, body }),
  };
}

function peopleCalls(send: Send) {
  return {
    listUsers: () => call(send, listUsers, none),
    createUser: (body: Body<typeof createUser>) => call(send, createUser, { ...none, body }),
    changeUser: (user: string, body: Body<typeof changeUser>) =>
      call(send, changeUser, { ...none, parameters: { user }, body }),
    deleteUser: (user: string) => call(send, deleteUser, { ...none, parameters: { user } }),
    resetPassword: (user: string, body: Body<typeof resetPassword>) =>
      call(send, resetPassword, { ...none, parameters: { user }, body }),
    listUserSessions: (user: string) => call(send, listUserSessions, { ...none, parameters: { user } }),
    endUserSessions: (user: string, query: Query<typeof endUserSessions> = {}) =>
      call(send, endUserSessions, { ...none, parameters: { user }, query }),
    listOwnSessions: () => call(send, listOwnSessions, none),
    endOwnSessions: (query: Query<typeof endOwnSessions> = {}) => call(send, endOwnSessions, { ...none, query }),
    listRoles: () => call(send, listRoles, none),
    createRole: (body: Body<typeof createRole>) => call(send, createRole, { ...none, body }),
    changeRole: (role: string, body: Body<typeof changeRole>) =>
      call(send, changeRole, { ...none, parameters: { role }, body }),
    deleteRole: (role: string) => call(send, deleteRole, { ...none, parameters: { role } }),
  };
}

function withCredential(send: Send, credential: Credential): Send {
  const authorization = authorizationOf(credential);
  return (request) => send({ ...request, headers: { ...request.headers, authorization } });
}
