import type { z } from 'zod';
import { cancelAction, closeAction, listActions, readAction } from '#dialects/native/schemas/action.ts';
import type { Contract } from '#dialects/native/schemas/contract.ts';
import {
  archiveEndpoints,
  listEndpoints,
  readEndpoint,
  renameEndpoints,
  settleCopies,
  tagEndpoints,
  unarchiveEndpoints,
} from '#dialects/native/schemas/endpoint.ts';
import {
  createEnrolmentToken,
  listEnrolmentTokens,
  revokeEnrolmentToken,
} from '#dialects/native/schemas/enrolment-token.ts';
import { listEvents } from '#dialects/native/schemas/event.ts';
import { downloadAction, downloadFile } from '#dialects/native/schemas/evidence.ts';
import { findFiles, readFile } from '#dialects/native/schemas/file.ts';
import { findListedHashes, forgetHashes, listHashes } from '#dialects/native/schemas/hash-list.ts';
import {
  changeIncident,
  commentOnIncident,
  createIncident,
  listIncidents,
  observeIncident,
  readIncident,
  readTimeline,
} from '#dialects/native/schemas/incident.ts';
import { createKey, deleteKey, listKeys } from '#dialects/native/schemas/key.ts';
import { proveEvent, readLedger } from '#dialects/native/schemas/ledger.ts';
import {
  purgeVault,
  quarantineFile,
  restoreFile,
  retrieveFiles,
  startFetch,
  startScan,
  startSearch,
} from '#dialects/native/schemas/order.ts';
import { whoAmI } from '#dialects/native/schemas/principal.ts';
import { listQuarantine } from '#dialects/native/schemas/quarantine.ts';
import {
  changePassword,
  confirmSecondFactor,
  expirePassword,
  prepareSecondFactor,
  resetSecondFactor,
} from '#dialects/native/schemas/second-factor.ts';
import { describeApi, readMetrics, readServer } from '#dialects/native/schemas/server.ts';
import { logIn, logOut } from '#dialects/native/schemas/session.ts';
import { createUser, listUsers } from '#dialects/native/schemas/user.ts';
import { type CallInput, call, request } from './call.ts';
import { authorizationOf, type Credential } from './credential.ts';
import { download } from './download.ts';
import { withResending } from './resend.ts';
import type { Send } from './send.ts';
import { type Pause, systemPause } from './timer.ts';
import { type Waiting, waitForAction } from './wait-for-action.ts';

export interface ClientOptions {
  readonly send: Send;
  /** Not needed on a server's own Unix socket, and not for logging in. */
  readonly credential?: Credential | undefined;
  /** How `waitForAction` passes the time; default: the runtime's timers. */
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
    ...actionCalls(send),
    ...incidentCalls(send),
    ...readingCalls(send),
    ...endpointCalls(send),
    waitForAction: (actionId: string, waiting: Waiting = {}) => waitForAction({ send, pause }, actionId, waiting),
  };
}

const none = { parameters: {}, query: {}, body: undefined } as const;

function readingCalls(send: Send) {
  return {
    readServer: () => call(send, readServer, none),
    readMetrics: async () => new Response((await request(send, readMetrics, none)).body).text(),
    describeApi: () => call(send, describeApi, none),
    listEndpoints: (query: Query<typeof listEndpoints> = {}) => call(send, listEndpoints, { ...none, query }),
    readEndpoint: (endpointId: string) => call(send, readEndpoint, { ...none, parameters: { endpointId } }),
    findFiles: (body: Body<typeof findFiles>) => call(send, findFiles, { ...none, body }),
    readFile: (guid: string) => call(send, readFile, { ...none, parameters: { guid } }),
    listQuarantine: (query: Query<typeof listQuarantine> = {}) => call(send, listQuarantine, { ...none, query }),
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
  };
}

function actionCalls(send: Send) {
  return {
    listActions: (query: Query<typeof listActions> = {}) => call(send, listActions, { ...none, query }),
    readAction: (actionId: string) => call(send, readAction, { ...none, parameters: { actionId } }),
    startFetch: (body: Body<typeof startFetch>) => call(send, startFetch, { ...none, body }),
    retrieveFiles: (body: Body<typeof retrieveFiles>) => call(send, retrieveFiles, { ...none, body }),
    quarantineFile: (body: Body<typeof quarantineFile>) => call(send, quarantineFile, { ...none, body }),
    restoreFile: (body: Body<typeof restoreFile>) => call(send, restoreFile, { ...none, body }),
    purgeVault: (body: Body<typeof purgeVault>) => call(send, purgeVault, { ...none, body }),
    startScan: (body: Body<typeof startScan>) => call(send, startScan, { ...none, body }),
    startSearch: (body: Body<typeof startSearch>) => call(send, startSearch, { ...none, body }),
    closeAction: (actionId: string) => call(send, closeAction, { ...none, parameters: { actionId } }),
    cancelAction: (actionId: string) => call(send, cancelAction, { ...none, parameters: { actionId } }),
    downloadAction: (actionId: string) => download(send, downloadAction, { ...none, parameters: { actionId } }),
    downloadFile: (file: CallInput<typeof downloadFile>['parameters']) =>
      download(send, downloadFile, { ...none, parameters: file }),
  };
}

function incidentCalls(send: Send) {
  return {
    listHashes: (body: Body<typeof listHashes>) => call(send, listHashes, { ...none, body }),
    forgetHashes: (body: Body<typeof forgetHashes>) => call(send, forgetHashes, { ...none, body }),
    findListedHashes: (query: Query<typeof findListedHashes> = {}) => call(send, findListedHashes, { ...none, query }),
    listIncidents: (query: Query<typeof listIncidents> = {}) => call(send, listIncidents, { ...none, query }),
    createIncident: (body: Body<typeof createIncident>) => call(send, createIncident, { ...none, body }),
    readIncident: (incident: string) => call(send, readIncident, { ...none, parameters: { incident } }),
    changeIncident: (incident: string, body: Body<typeof changeIncident>) =>
      call(send, changeIncident, { ...none, parameters: { incident }, body }),
    observeIncident: (incident: string, body: Body<typeof observeIncident>) =>
      call(send, observeIncident, { ...none, parameters: { incident }, body }),
    commentOnIncident: (incident: string, body: Body<typeof commentOnIncident>) =>
      call(send, commentOnIncident, { ...none, parameters: { incident }, body }),
    readTimeline: (incident: string, query: Query<typeof readTimeline> = {}) =>
      call(send, readTimeline, { ...none, parameters: { incident }, query }),
  };
}

function accessCalls(send: Send) {
  return {
    logIn: (body: Body<typeof logIn>) => call(send, logIn, { ...none, body }),
    logOut: () => call(send, logOut, none),
    whoAmI: () => call(send, whoAmI, none),
    expirePassword: (body: Body<typeof expirePassword>) => call(send, expirePassword, { ...none, body }),
    changePassword: (body: Body<typeof changePassword>) => call(send, changePassword, { ...none, body }),
    prepareSecondFactor: () => call(send, prepareSecondFactor, none),
    confirmSecondFactor: (body: Body<typeof confirmSecondFactor>) => call(send, confirmSecondFactor, { ...none, body }),
    resetSecondFactor: (body: Body<typeof resetSecondFactor>) => call(send, resetSecondFactor, { ...none, body }),
    listUsers: () => call(send, listUsers, none),
    createUser: (body: Body<typeof createUser>) => call(send, createUser, { ...none, body }),
    listKeys: () => call(send, listKeys, none),
    createKey: (body: Body<typeof createKey>) => call(send, createKey, { ...none, body }),
    deleteKey: (id: number) => call(send, deleteKey, { ...none, parameters: { id: String(id) } }),
    listEnrolmentTokens: () => call(send, listEnrolmentTokens, none),
    revokeEnrolmentToken: (id: string) => call(send, revokeEnrolmentToken, { ...none, parameters: { id } }),
    createEnrolmentToken: (body: Body<typeof createEnrolmentToken> = {}) =>
      call(send, createEnrolmentToken, { ...none, body }),
  };
}

function withCredential(send: Send, credential: Credential): Send {
  const authorization = authorizationOf(credential);
  return (request) => send({ ...request, headers: { ...request.headers, authorization } });
}
