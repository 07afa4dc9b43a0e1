import { describe, expect, test } from 'bun:test';
import type { User } from '#core/access/credential.ts';
import type { CustomRole } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import type { BatchNumber } from '#core/action/action-id.ts';
import { Fault } from '#core/fault.ts';
import { fileGuid, incidentGuid } from '#core/file/guid.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { Limit, Reader, Store, Transaction } from '#core/ports/store/store.ts';
import type { RemediationId } from '#core/remediation/remediation.ts';
import { alertOf } from './alerts.ts';
import { approvalOf } from './approvals.ts';
import { dumpOf } from './dumps.ts';
import { cursorOf, letterOf, webhookOf } from './feeds.ts';
import { fleetActionOf } from './fleet-actions.ts';
import { listedOf } from './hash-lists.ts';
import { incidentOf, observedFileOf, processOf } from './incidents.ts';
import { claimOf, copyOf, machineOf } from './machines.ts';
import { type MakePlace, type StorePlace, withStore } from './place.ts';
import {
  actionId,
  actionOf,
  endpointId,
  endpointNumber,
  endpointOf,
  eventOf,
  fileOf,
  outcomeOf,
  pathOf,
  quarantineOf,
  sha256Of,
  taskId,
  taskOf,
  vaultObject,
} from './records.ts';
import { remediationOf } from './remediations.ts';
import { haltedOf, ringsOf, rolloutOf } from './rollouts.ts';

const me = { kind: 'key', id: '7', name: 'seven' } as const;
const limit: Limit = { tags: ['absent', 'web "ü" \'; --'], by: me };
const all = { offset: 0, limit: 100 };
const incidentId = (number: number) => String(number) as IncidentId;
const incidentIds = [1, 2, 3, 4, 5].map(incidentId);
const actionIds = [1, 2, 3].map(actionId);
const taskIds = [1, 2, 3, 4].map(taskId);
const endpointIds = [endpointId(1), endpointId(2)];
const batch = (number: number) => number as BatchNumber;
const remediationId = (number: number) => remediationOf(number).id;

const evil = sha256Of('evil');
const hidden = {
  ...{ displayPath: '/hidden', path: pathOf('/hidden'), sha256: sha256Of('hidden') },
  endpointId: endpointId(2),
  fileGuid: fileGuid(endpointNumber(2), pathOf('/hidden')),
};
const guids = [fileOf(1, '/bin/evil').guid, hidden.fileGuid];
const hiddenTask = { ...taskOf(9), endpointId: endpointId(2) };

const someRole: CustomRole = {
  ...{ name: 'Night desk', permissions: ['files.read'] },
  ...{ createdAt: 1, createdBy: 'u', changedAt: 1 },
};

function userOf(id: string): User {
  return {
    ...{ id, email: id, passwordHash: 'p', role: 'Viewer', scope: wholeFleet, createdAt: 1 },
    ...{ disabledAt: null, passwordChangedAt: 1, mustChangePassword: false, secondFactor: null, identity: null },
  };
}

/** What is to be seen; with `everything`, what is not, too. */
async function fill(store: Store, everything: boolean): Promise<void> {
  await store.transact(async (transaction) => {
    await fillSeen(transaction, everything);
    if (everything) {
      await fillHidden(transaction);
    }
  });
}

async function fillSeen(transaction: Transaction, everything: boolean): Promise<void> {
  const tags = ['blue', limit.tags[1] ?? expect.unreachable()];
  await transaction.endpoints.insert(endpointOf(1, { tags }));
  await transaction.files.upsert([fileOf(1, '/bin/evil', { sha256: evil })]);
  await transaction.actions.insertAll([
    actionOf(1, { batchNumber: batch(11), verb: 'fetch' }),
    actionOf(3, { batchNumber: batch(13), endpointsCount: everything ? 2 : 1, incidentId: '3' }),
  ]);
  await transaction.tasks.insert([
    taskOf(1, { ordinal: 0 }),
    taskOf(3, { actionId: actionId(3), ordinal: 0, ring: 1 }),
  ]);
  await transaction.approvals.insert([approvalOf(1)]);
  await transaction.rollouts.insert([rolloutOf(1, { at: haltedOf(1) })]);
  if (everything) {
    await transaction.approvals.insert([approvalOf(3, { digest: 'hidden' })]);
    await transaction.rollouts.insert([rolloutOf(3, { at: { stage: 'clear', ring: 1 } })]);
  }
  await transaction.outcomes.put([outcomeOf(1, 0, { outcome: 'access_denied' }), outcomeOf(3, 0, running)]);
  await transaction.quarantine.insert([quarantineOf(1, { fileGuid: fileOf(1, '/bin/evil').guid })]);
  await transaction.evidence.insert({ sha256: evil, size: 1, storedAt: 2 });
  await transaction.machines.put(machineOf(1));
  await transaction.machines.putCopy(copyOf(1));
  await transaction.uploadClaims.put(claimOf(1));
  await transaction.evidence.claim({ sha256: evil, taskId: taskId(3), ordinal: 0, at: 2 });
  await transaction.incidents.insert(incidentOf(1), [endpointId(1)]);
  await transaction.incidents.insert(incidentOf(3), [endpointId(1)]);
  await transaction.incidents.hold({ incidentId: incidentId(3), reason: 'seen', at: 1, by: me });
  await transaction.settings.put('action_lifetimes', {});
  await transaction.hashLists.put([listedOf('aa')]);
  await transaction.feeds.insertWebhook(webhookOf(1));
  await transaction.feeds.openCursor(cursorOf('f'));
  await transaction.feeds.putDeadLetter(letterOf(1, { isWanted: true }), 10);
  await transaction.credentials.insertUser(userOf('u'));
  await transaction.credentials.insertRole(someRole);
  await transaction.incidents.insert(incidentOf(4, { createdBy: me }), []);
  await transaction.incidents.addFiles([observedFileOf(3, 'a')]);
  await transaction.incidents.addProcesses([{ ...processOf(3, 1), sha256: evil, endedAt: null }]);
  const author = { kind: 'user', id: 'u', name: 'ana' } as const;
  await transaction.incidents.addComment({ id: 'c3', incidentId: incidentId(3), at: 1, author, text: 'seen' });
  const seenAlert = { endpointId: endpointId(1), likeness: 'l1', sha256: evil };
  await transaction.alerts.insert([alertOf(1, { ...seenAlert, incidentId: incidentId(3) })]);
  const [ordered, , failed] = remediationOf(1).rows;
  const rows = [ordered ?? expect.unreachable()];
  const hiddenRow = { ...(failed ?? expect.unreachable()), machine: 'hidden' };
  const ofHidden = { ...hiddenRow, result: { kind: 'ordered', actionId: actionId(2) } } as const;
  if (everything) {
    await transaction.actions.insert(actionOf(2, { incidentId: 'hidden', batchNumber: batch(12) }));
  }
  await transaction.remediations.insert(remediationOf(1, { rows: everything ? [...rows, hiddenRow, ofHidden] : rows }));
  await transaction.remediations.insert(
    remediationOf(2, { principal: me, rows: [failed ?? expect.unreachable()], incident: null }),
  );
  await transaction.fleetActions.insert(fleetActionOf(21), [{ endpointId: endpointId(1), done: true, message: '' }]);
  await transaction.fleetActions.insert(fleetActionOf(24, { actionId: actionId(1) }), []);
  await transaction.events.append([
    eventOf('of the endpoint', { type: 'endpoint_enrolled', endpointId: endpointId(1) }),
    eventOf('of the action', { actionId: actionId(1) }),
    eventOf('of the incident', { type: 'incident_created', incidentId: incidentId(1) }),
    eventOf('of its own part', { type: 'task_finished', actionId: actionId(3), endpointId: endpointId(1) }),
  ]);
}

async function fillHidden(transaction: Transaction): Promise<void> {
  await transaction.endpoints.insert(endpointOf(2, { tags: ['web', 'web "ü"', 'hidden'], hostName: 'hidden' }));
  await transaction.files.upsert([fileOf(2, '/hidden', { sha256: evil, package: 'hidden' })]);
  const ofHidden = { endpointId: endpointId(2), parameters: { ...taskOf(2).parameters, path: hidden.path } } as const;
  await transaction.tasks.insert([
    taskOf(2, { ...ofHidden, actionId: actionId(2) } as never),
    taskOf(4, { ...ofHidden, actionId: actionId(3), ordinal: 1, ring: 1 } as never),
  ]);
  const { displayPath } = hidden;
  await transaction.outcomes.put([outcomeOf(2, 0, { displayPath }), outcomeOf(4, 0, { ...running, displayPath })]);
  const { fileGuid: ofFile, ...place } = hidden;
  await transaction.quarantine.insert([
    quarantineOf(2, { ...place, sha256: evil, fileGuid: ofFile, guid: fileGuid(endpointNumber(2), pathOf('/v')) }),
  ]);
  await transaction.machines.put(machineOf(2));
  await transaction.machines.putCopy(copyOf(2));
  await transaction.uploadClaims.put({ ...claimOf(2), actionId: actionId(2) });
  await transaction.incidents.insert(incidentOf(2, { name: 'hidden', externalId: 'hidden' }), [endpointId(2)]);
  await transaction.incidents.insert(incidentOf(5, { name: 'hidden' }), []);
  await transaction.incidents.addEndpoints(incidentId(3), [endpointId(2)]);
  await transaction.incidents.hold({ incidentId: incidentId(2), reason: 'hidden', at: 1, by: me });
  await transaction.incidents.addFiles([
    { ...observedFileOf(2, 'e'), ...hidden, incidentId: incidentId(2), sha256: evil },
  ]);
  await transaction.evidence.claim({ sha256: evil, taskId: taskId(2), ordinal: 0, at: 2 });
  await transaction.incidents.addFiles([{ ...observedFileOf(3, 'b'), ...hidden }]);
  await transaction.incidents.addProcesses([
    {
      ...{ ...processOf(3, 2), sha256: evil, endedAt: null },
      ...{ endpointId: endpointId(2), displayPath, path: hidden.path, name: 'hidden' },
    },
  ]);
  const author = { kind: 'user', id: 'u', name: 'hidden' } as const;
  await transaction.incidents.addComment({ id: 'c2', incidentId: incidentId(2), at: 1, author, text: 'hidden' });
  await transaction.alerts.insert([
    alertOf(2, { incidentId: incidentId(3), endpointId: endpointId(2), source: 'hidden', likeness: 'l2' }),
    alertOf(3, { incidentId: incidentId(3), hostName: 'hidden', likeness: 'l3', sha256: sha256Of('hidden') }),
  ]);
  await transaction.remediations.insert(
    remediationOf(3, { rows: [{ ...(remediationOf(3).rows[2] ?? expect.unreachable()), machine: 'hidden' }] }),
  );
  const rows = endpointIds.map((each) => ({ endpointId: each, done: true, message: 'hidden' }));
  await transaction.fleetActions.insert(fleetActionOf(22, { facts: 'hidden' }), rows.slice(1));
  await transaction.fleetActions.insert(fleetActionOf(23, { facts: 'hidden' }), rows);
  await transaction.fleetActions.insert(fleetActionOf(25, { facts: 'hidden', actionId: actionId(3) }), []);
  await transaction.events.append([
    eventOf('hidden', { endpointId: endpointId(2) }),
    eventOf('hidden', { actionId: actionId(2) }),
    eventOf('hidden', { actionId: actionId(3) }),
    eventOf('hidden', { type: 'incident_created', incidentId: incidentId(3) }),
    eventOf('hidden', { type: 'remediation_started', incidentId: incidentId(1) }),
    eventOf('hidden', { type: 'list_changed' }),
    eventOf('hidden', { type: 'incident_created', incidentId: incidentId(5) }),
  ]);
}

type Reads = {
  readonly [Room in keyof Reader]: { readonly [Name in keyof Reader[Room]]: (room: Reader[Room]) => Promise<unknown> };
};

const running = { sha256: evil, details: { running: [{ pid: 1, startedAt: 1 }] } };

const anyState = ['present', 'quarantined', 'gone'] as const;
const anyFile = { conditions: [], states: anyState } as const;

/** Every question that can be put to the store, about everything: a new one does not compile until it is here. */
const reads: Reads = {
  endpoints: {
    byId: async (room) => [await room.byId(endpointId(1)), await room.byId(endpointId(2))],
    byIds: (room) => room.byIds(endpointIds),
    targetsAmong: (room) => room.targetsAmong(endpointIds),
    allTargets: (room) => room.allTargets(),
    byNumbers: (room) => room.byNumbers([endpointNumber(1), endpointNumber(2)]),
    list: async (room) => [
      await room.list({}, { by: 'id', direction: 'ascending' }, all),
      await room.list({ userNameContains: ['user'] }, { by: 'enrolment', direction: 'descending' }, all),
      await room.list({ tags: ['hidden'] }, { by: 'id', direction: 'ascending' }, all),
    ],
    count: (room) => room.count({}, 5_000),
    revokedAmong: (room) => room.revokedAmong(endpointIds),
  },
  files: {
    byGuids: (room) => room.byGuids(guids),
    list: async (room) => [
      await room.list(anyFile, all),
      await room.list(
        { ...anyFile, conditions: [{ field: 'endpointName', operator: 'contains_ignore_case', values: ['h'] }] },
        all,
      ),
    ],
    scan: (room) => room.scan(anyFile, { after: undefined, limit: 10 }),
    endpointsWith: (room) => room.endpointsWith(anyFile),
    hashesOf: (room) => room.hashesOf([evil]),
    copiesOf: (room) => room.copiesOf({ sha256: [evil], sha1: [], md5: [] }),
    holdersOf: (room) => room.holdersOf([evil]),
    packagedAmong: (room) => room.packagedAmong([evil]),
    reachableHolders: (room) => room.reachableHolders(evil),
    spreadOf: (room) => room.spreadOf(evil, { now: 0, most: 10 }),
  },
  actions: {
    byId: async (room) => [await room.byId(actionId(1)), await room.byId(actionId(2)), await room.byId(actionId(3))],
    byIds: async (room) => (await room.byIds(actionIds)).toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    byBatchNumber: async (room) => [await room.byBatchNumber(batch(12)), await room.byBatchNumber(batch(13))],
    list: async (room) => [
      await room.list({}, all),
      await room.list({ undelivered: true, openBatches: true }, all),
      await room.list({ unconfirmed: { wantedBefore: 5_000, now: 0 } }, all),
    ],
    standings: async (room) => [
      await room.standings({}, 5_000),
      await room.standings({ endpointId: endpointId(2) }, 5_000),
    ],
  },
  tasks: {
    byId: async (room) => [await room.byId(taskId(1)), await room.byId(taskId(2))],
    byIds: async (room) => (await room.byIds(taskIds)).toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    placesOf: async (room) => (await room.placesOf(taskIds)).toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    byAction: async (room) => [await room.byAction(actionId(2)), await room.byAction(actionId(3))],
    standingOf: async (room) => [await room.standingOf(actionId(2)), await room.standingOf(actionId(3))],
    byActions: (room) => room.byActions(actionIds),
    areHeld: async (room) => [await room.areHeld(actionId(1)), await room.areHeld(actionId(2))],
    onePending: async (room) => [await room.onePending(actionId(1)), await room.onePending(actionId(2))],
    filesFetchedBy: (room) => room.filesFetchedBy([actionOf(1).principal], 0),
    tally: async (room) =>
      (await room.tally(actionIds, 0)).toSorted((one, other) => (one.actionId < other.actionId ? -1 : 1)),
    vaultWorkOf: (room) => room.vaultWorkOf(endpointIds),
    openOf: (room) => room.openOf(endpointIds),
    latestScans: (room) => room.latestScans(endpointIds),
    openCounts: (room) => room.openCounts(endpointIds),
    deliverable: (room) => room.deliverable(endpointIds, 0),
    overdue: (room) => room.overdue(99_999, 10),
    unsettledQuarantines: (room) => room.unsettledQuarantines(evil),
    countUnsettledQuarantines: (room) => room.countUnsettledQuarantines(evil),
    openQuarantines: async (room) => [
      await room.openQuarantines({ endpointId: endpointId(1), sha256: [evil], now: 0 }),
      await room.openQuarantines({ endpointId: endpointId(2), sha256: [evil], now: 0 }),
    ],
  },
  approvals: {
    byAction: async (room) => [await room.byAction(actionId(1)), await room.byAction(actionId(3))],
    byActions: (room) => room.byActions(actionIds),
    list: async (room) => [await room.list({}, all), await room.list({ waitingAt: 1 }, all)],
  },
  rollouts: {
    byAction: async (room) => [await room.byAction(actionId(1)), await room.byAction(actionId(3))],
    byRound: async (room) => [await room.byRound(ringsOf(1)), await room.byRound(ringsOf(3))],
    moving: (room) => room.moving(),
    halted: (room) => room.halted(),
    heldBack: async (room) => [
      await room.heldBack(ringsOf(2), { limit: 9 }),
      await room.heldBack(ringsOf(3), { limit: 9 }),
    ],
    countHeldBack: async (room) => [await room.countHeldBack(ringsOf(2)), await room.countHeldBack(ringsOf(3))],
    countOut: async (room) => [await room.countOut(ringsOf(2)), await room.countOut(ringsOf(3))],
    members: async (room) => [await room.members(ringsOf(2), 1), await room.members(ringsOf(3), 1)],
    outcomes: async (room) => [await room.outcomes(ringsOf(2), 1), await room.outcomes(ringsOf(3), 1)],
  },
  outcomes: {
    byTask: async (room) => [await room.byTask(taskId(1)), await room.byTask(taskId(2))],
    byTasks: (room) => room.byTasks(taskIds),
    firstOf: async (room) =>
      (await room.firstOf(taskIds)).toSorted((one, other) => (one.taskId < other.taskId ? -1 : 1)),
    failedAmong: (room) => room.failedAmong(taskIds),
    byActions: (room) => room.byActions(actionIds),
    runningIn: (room) => room.runningIn(actionId(3), evil, all),
    actionsOf: async (room) => [
      await room.actionsOf(guids[0] ?? hidden.fileGuid, 9),
      await room.actionsOf(hidden.fileGuid, 9),
    ],
  },
  quarantine: {
    list: (room) => room.list({}, all),
    contents: (room) => room.contents({}, all),
    endpointsWith: (room) => room.endpointsWith(evil, 'held'),
    countHeld: (room) => room.countHeld(evil),
    heldAt: (room) => room.heldAt(endpointIds.map((each) => ({ endpointId: each, sha256: evil }))),
    placesAmong: (room) => room.placesAmong({ endpointIds, sha256: [evil] }),
    takenBy: async (room) =>
      (await room.takenBy({ actionIds })).toSorted((one, other) => (one.vaultObject < other.vaultObject ? -1 : 1)),
    byObjects: (room) => room.byObjects([vaultObject(1), vaultObject(2)]),
    heldByGuids: (room) => room.heldByGuids(guids),
    holding: (room) => room.holding(endpointIds),
    heldBefore: async (room) => [
      await room.heldBefore(endpointId(1), 9_999),
      await room.heldBefore(endpointId(2), 9_999),
    ],
  },
  evidence: {
    byHashes: (room) => room.byHashes([evil]),
    list: (room) => room.list({}, all),
    claimsOf: (room) => room.claimsOf([evil]),
    sourcesOf: (room) => room.sourcesOf([evil], 10),
    actionsOf: (room) => room.actionsOf([evil], 10),
    claimedAmong: async (room) =>
      (
        await room.claimedAmong([1, 2, 3].map((number) => ({ sha256: evil, taskId: taskId(number), ordinal: 0 })))
      ).toSorted((one, other) => (one.taskId < other.taskId ? -1 : 1)),
    holdsOn: (room) => room.holdsOn([evil]),
    unwantedSince: (room) => room.unwantedSince(9, undefined, 10),
    unerased: (room) => room.unerased(10),
    totals: (room) => room.totals(),
  },
  credentials: {
    userById: (room) => room.userById('u'),
    userByEmail: (room) => room.userByEmail('u'),
    userByIdentity: (room) => room.userByIdentity({ issuer: 'https://id.test', subject: 's' }),
    users: (room) => room.users(),
    sessionByTokenHash: (room) => room.sessionByTokenHash('t'),
    sessionsOf: (room) => room.sessionsOf('u'),
    roleByName: (room) => room.roleByName('Night desk'),
    customRoles: (room) => room.customRoles(),
    keyById: (room) => room.keyById(1),
    ownerOfKey: (room) => room.ownerOfKey(1),
    keysOwnedBy: (room) => room.keysOwnedBy('u'),
    keys: (room) => room.keys(),
    tokens: (room) => room.tokens(),
    tokenByHash: (room) => room.tokenByHash('t'),
  },
  machines: {
    byEndpoint: (room) => Promise.all(endpointIds.map((id) => room.byEndpoint(id))),
    copiesOf: (room) => room.copiesOf(endpointIds),
  },
  uploadClaims: {
    byFile: (room) => Promise.all(taskIds.map((id) => room.byFile(id, 0))),
    sumOfEndpoint: (room) => Promise.all(endpointIds.map((id) => room.sumOfEndpoint(id, 0))),
    sumOfAction: (room) => Promise.all(actionIds.map((id) => room.sumOfAction(id))),
  },
  hashLists: {
    byHashes: (room) => room.byHashes(['aa']),
    anyPreventing: (room) => room.anyPreventing(0),
    list: (room) => room.list({}, all),
  },
  incidents: {
    byId: (room) => Promise.all(incidentIds.map((id) => room.byId(id))),
    byGuid: (room) => Promise.all(incidentIds.map((id) => room.byGuid(incidentGuid(id)))),
    list: async (room) => [
      await room.list({}, all),
      await room.list({ endpointIds: [endpointId(2)] }, all),
      await room.list({ alertSources: ['hidden'] }, all),
      await room.list({ externalIds: ['hidden'] }, all),
    ],
    endpointsOf: (room) => room.endpointsOf(incidentIds),
    processes: async (room) => [await room.processes({}, all), await room.processes({ sha256: [evil] }, all)],
    stillRunning: (room) => room.stillRunning(evil, all),
    files: (room) => room.files({ endpointIds }, all),
    firstProcesses: (room) => room.firstProcesses(incidentIds, 1),
    firstFiles: (room) => room.firstFiles(incidentIds, 1),
    lastComments: (room) => room.lastComments(incidentIds, 9),
    holdsOf: (room) => room.holdsOf(incidentIds),
  },
  alerts: {
    list: (room) => room.list({}, { by: 'detectedAt', direction: 'ascending' }, all),
    tally: (room) => room.tally(incidentIds),
    knownFingerprints: (room) => room.knownFingerprints(['f1']),
    homesOf: (room) =>
      room.homesOf({ hashes: [evil, sha256Of('hidden')], endpointIds, likenesses: ['l1', 'l2', 'l3'] }, 2),
  },
  remediations: {
    byId: (room) => Promise.all([1, 2, 3].map((number) => room.byId(remediationId(number)))),
    list: async (room) => [await room.list('11.7', all), await room.list(null, all)],
    anyNames: (room) => room.anyNames(['hidden']),
  },
  fleetActions: {
    byBatchNumber: (room) => Promise.all([21, 22, 23, 24, 25].map((number) => room.byBatchNumber(batch(number)))),
    list: (room) => room.list({}, all),
    rows: (room) => Promise.all([21, 22].map((number) => room.rows(batch(number), all))),
    counts: (room) => room.counts([21, 22].map(batch)),
  },
  idempotency: {
    byKey: (room) => room.byKey({ principalKind: 'key', principalId: '7', keyHash: 'a'.repeat(64) }),
    count: (room) => room.count({ principalKind: 'key', principalId: '7' }),
  },
  ledger: {
    frontier: async (room) => Object.keys(await room.frontier()),
    nodes: async (room) => (await room.nodes([{ level: 0, index: 0 }])).length,
    leaves: async (room) => {
      const leaves = await room.leaves(0, 100);
      return leaves.map(({ bytes }) => new TextDecoder().decode(bytes)).filter((text) => text.includes('hidden'));
    },
    leavesOf: async (room) => [
      (await room.leavesOf({}, 0, 100))
        .map(({ bytes }) => new TextDecoder().decode(bytes))
        .filter((text) => text.includes('hidden')),
      (await room.leavesOf({ actionIds }, 0, 100)).length,
      (await room.leavesOf({ actionIds, aboutEndpoint: endpointId(2) }, 0, 100)).length,
    ],
  },
  feeds: {
    webhooks: (room) => room.webhooks(),
    webhookById: (room) => room.webhookById(webhookOf(1).id),
    cursors: (room) => room.cursors(),
    deadLetters: (room) => room.deadLetters(webhookOf(1).id, all),
    wantedLetters: (room) => room.wantedLetters(webhookOf(1).id, 9),
    countDeadLetters: (room) => room.countDeadLetters(),
  },
  settings: { byName: (room) => room.byName('action_lifetimes') },
  events: {
    list: async (room) => [
      await room.list({}, 0, 100),
      await room.list({ incidentId: incidentId(3) }, 0, 100),
      await room.list({ actionId: actionId(3) }, 0, 100),
      await room.list({ endpointId: endpointId(2) }, 0, 100),
    ],
    latest: async (room) => [
      await room.latest({}, 0, 100),
      await room.latest({ incidentId: incidentId(3) }, 0, 100),
      await room.latest({ actionId: actionId(3) }, 0, 100),
    ],
    search: async (room) => {
      const kinds = [{ type: 'action_started' }, { type: 'task_finished', verb: 'quarantine' }] as const;
      return [
        await room.search({ kinds, causedBy: 'others' }, { by: 'domain', direction: 'ascending' }, all),
        await room.search({ kinds, causedBy: 'others', failed: false }, { by: 'at', direction: 'ascending' }, all),
      ];
    },
    first: (room) => room.first(),
    lastSequence: (room) => room.lastSequence(),
  },
};

/** All questions with their answers. */
async function answers(reader: Reader): Promise<Readonly<Record<string, unknown>>> {
  const told: Record<string, unknown> = {};
  for (const [name, questions] of Object.entries(reads)) {
    const room: unknown = Reflect.get(reader, name);
    for (const [question, ask] of Object.entries(questions as Record<string, (room: unknown) => Promise<unknown>>)) {
      told[`${name}.${question}`] = await ask(room);
    }
  }
  return told;
}

type WriteName<Room extends keyof Transaction> = Exclude<keyof Transaction[Room], keyof Reader[Room]>;
type Writes = {
  readonly [Room in keyof Transaction]: {
    readonly [Name in WriteName<Room>]: ((room: Transaction[Room]) => Promise<unknown>) | 'touches no endpoint';
  };
};

const free = 'touches no endpoint';
const untouched = { endpointId: endpointId(2), vaultObjects: [vaultObject(2)] };

/** Every write that there is, about what is hidden or only half to be seen. */
const writes: Writes = {
  endpoints: {
    insert: (room) => room.insert(endpointOf(3)),
    updateFacts: (room) => room.updateFacts(endpointId(1), endpointOf(1), 1),
    updateKeys: (room) => room.updateKeys(endpointId(1), 'x'),
    markSeen: (room) => room.markSeen([endpointId(1)], 1, 1),
    archive: (room) => room.archive(endpointIds, 1, 'x'),
    unarchive: (room) => room.unarchive(endpointIds, 'x'),
    revoke: (room) => room.revoke([endpointId(2)], 1),
    rename: (room) => room.rename([endpointId(2)], 'x'),
    setTags: (room) => room.setTags([{ id: endpointId(1), tags: [] }]),
    clearPresence: (room) => room.clearPresence(),
  },
  files: {
    upsert: (room) => room.upsert([fileOf(1, '/x')]),
    markGone: (room) => room.markGone(guids),
    setState: (room) => room.setState(guids, 'gone'),
    releaseQuarantined: (room) => room.releaseQuarantined(guids),
    retainOnly: (room) => room.retainOnly(endpointId(1), []),
  },
  actions: {
    insert: free,
    insertAll: free,
    beginRound: free,
    postpone: (room) => room.postpone(actionId(3), 1),
    close: (room) => room.close(actionId(3), 1),
  },
  approvals: {
    insert: free,
    decide: (room) => room.decide(actionId(3), { verdict: 'approved', at: 1, by: me, reason: '' }),
    expire: (room) => room.expire([actionId(1)], { at: 99_999, by: me, reason: '' }),
  },
  rollouts: {
    insert: free,
    move: (room) => room.move({ ...ringsOf(3), revision: 0 }, { stage: 'out', ring: 1 }),
  },
  tasks: {
    insert: (room) => room.insert([hiddenTask]),
    transition: (room) => room.transition([taskId(3), taskId(4)], 'cancel'),
    noteLateStop: (room) => room.noteLateStop([taskId(3), taskId(4)], 1),
    markRetried: (room) => room.markRetried([{ id: taskId(4), retriedBy: taskId(1) }]),
    confirm: (room) => room.confirm([taskId(3), taskId(4)], 1),
    awaitConfirmation: (room) => room.awaitConfirmation([taskId(3)], 1),
    holdForRings: (room) => room.holdForRings(ringsOf(3), 1),
    finish: (room) =>
      room.finish([
        { id: taskId(4), report: { bytes: new Uint8Array(), signature: new Uint8Array() }, acceptedAt: 1, endedAt: 1 },
      ]),
  },
  outcomes: {
    put: (room) => room.put([outcomeOf(2, 0)]),
    markDelivered: (room) => room.markDelivered(taskId(4), [0], 1),
  },
  quarantine: {
    insert: (room) => room.insert([quarantineOf(9)]),
    markDeparted: (room) =>
      room.markDeparted([
        { vaultObject: vaultObject(2), endpointId: endpointId(2), state: 'purged', at: 1, by: actionId(1) },
      ]),
    markLost: (room) => room.markLost(untouched),
    markFound: (room) => room.markFound(untouched),
    markDamaged: (room) => room.markDamaged(untouched, 1),
  },
  evidence: {
    insert: (room) => room.insert({ sha256: sha256Of('x'), size: 1, storedAt: 1 }),
    claim: (room) => room.claim({ sha256: evil, taskId: taskId(1), ordinal: 0, at: 1 }),
    markDeleted: (room) => room.markDeleted(evil, { at: 1, rule: 'person', reason: '', by: me }),
    markErased: (room) => room.markErased(evil, 1),
    markDamaged: free,
  },
  credentials: {
    insertUser: (room) => room.insertUser(userOf('x')),
    updateUser: free,
    updateSession: free,
    deleteSessionsOf: free,
    insertSession: free,
    deleteSession: free,
    touchKey: free,
    touchSession: free,
    deleteUser: (room) => room.deleteUser('u'),
    insertRole: (room) => room.insertRole(someRole),
    updateRole: (room) => room.updateRole('Night desk', someRole),
    deleteRole: (room) => room.deleteRole('Night desk'),
    deleteSessionsExpiredBefore: free,
    insertKey: (room) =>
      room.insertKey({
        ...{ name: '', role: 'Viewer', scope: wholeFleet, level: 'standard', sealedSecret: new Uint8Array() },
        ...{ createdAt: 1, createdBy: '', owner: null, expiresAt: null, comment: '' },
        ...{ addresses: [], lastUsedAt: null },
      }),
    deleteKey: (room) => room.deleteKey(1, 1),
    spendNonce: free,
    spendLogIn: free,
    insertToken: (room) =>
      room.insertToken({
        id: 't',
        tokenHash: 't',
        usesLeft: 1,
        tags: [],
        createdAt: 1,
        createdBy: '',
        expiresAt: 9,
        addresses: [],
        revokedAt: null,
      }),
    revokeToken: (room) => room.revokeToken('t', 1),
    expireTokens: (room) => room.expireTokens(1),
    spendToken: (room) => room.spendToken('t', 1),
  },
  machines: {
    put: (room) => room.put(machineOf(2)),
    keepGenerations: (room) => room.keepGenerations([{ endpointId: endpointId(2), generation: 3 }]),
    putCopy: (room) => room.putCopy(copyOf(2)),
    forgetCopies: (room) => room.forgetCopies(endpointId(2)),
  },
  uploadClaims: { put: (room) => room.put(claimOf(2)), forgetBefore: (room) => room.forgetBefore(9) },
  hashLists: {
    put: (room) => room.put([listedOf('bb')]),
    remove: (room) => room.remove(['aa']),
    removeExpired: (room) => room.removeExpired(1),
  },
  incidents: {
    insert: (room) => room.insert(incidentOf(9), endpointIds),
    update: (room) => room.update(incidentOf(2)),
    addEndpoints: (room) => room.addEndpoints(incidentId(1), [endpointId(2)]),
    addProcesses: (room) => room.addProcesses([processOf(2, 9)]),
    addFiles: (room) => room.addFiles([{ ...observedFileOf(1, 'x'), endpointId: endpointId(2) }]),
    addComment: (room) => room.addComment({ id: 'c9', incidentId: incidentId(5), at: 1, author: me, text: 'x' }),
    hold: (room) => room.hold({ incidentId: incidentId(2), reason: '', at: 1, by: me }),
    release: (room) => room.release(incidentId(1)),
  },
  alerts: { insert: (room) => room.insert([alertOf(9, { incidentId: incidentId(2) })]) },
  remediations: { insert: free, abort: (room) => room.abort(remediationId(1), 1, me) },
  fleetActions: {
    insert: (room) => room.insert(fleetActionOf(99), [{ endpointId: endpointId(2), done: true, message: '' }]),
    cancel: (room) => room.cancel(batch(23), 1, 'x'),
  },
  idempotency: { insert: free, deleteExpired: free },
  ledger: { seal: (room) => room.seal(1) },
  feeds: {
    insertWebhook: (room) => room.insertWebhook(webhookOf(3)),
    updateWebhook: (room) => room.updateWebhook(webhookOf(1)),
    deleteWebhook: (room) => room.deleteWebhook(webhookOf(1).id),
    openCursor: (room) => room.openCursor(cursorOf('g')),
    takeLease: (room) => room.takeLease('f', { holder: 'h', now: 0, until: 1 }),
    keepCursor: (room) => room.keepCursor(cursorOf('f'), { holder: 'h', until: 1 }),
    hurry: (room) => room.hurry('f'),
    releaseLeases: (room) => room.releaseLeases(null),
    putDeadLetter: (room) => room.putDeadLetter(letterOf(2), 10),
    wantLetters: (room) => room.wantLetters({ webhookId: webhookOf(1).id }),
    deleteLetters: (room) => room.deleteLetters({ webhookId: webhookOf(1).id }),
  },
  settings: { put: (room) => room.put('action_lifetimes', { quarantine: 1 }) },
  events: { append: (room) => room.append([eventOf('x', { endpointId: endpointId(2) })]) },
};

const refused = ['not_found', 'permission_denied'];

export function describeNarrowing(makePlace: MakePlace): void {
  describe('is narrowed to the endpoints with some tags', () => {
    testReads(makePlace);
    testWrites(makePlace);
    testChanges(makePlace);
  });
}

function testReads(makePlace: MakePlace): void {
  test(
    'Every read answers as a store would that never heard of the other endpoints, in a transaction too.',
    withStore(makePlace, async (small) => {
      await fill(small, false);
      const expected = await small.read(answers);
      await withStore(makePlace, async (store) => {
        await fill(store, true);
        expect(await store.narrowedTo(limit).read(answers)).toEqual(expected);
        expect(await store.narrowedTo(limit).read(answers, { search: true })).toEqual(expected);
        expect(await store.narrowedTo(limit).transact(answers)).toEqual(expected);
        expect(Bun.inspect(await store.read(answers), { depth: 20 })).toContain('hidden');
        const none = await store
          .narrowedTo({ ...limit, tags: ['blu'] })
          .read(({ endpoints, files, events }) =>
            Promise.all([endpoints.allTargets(), files.list(anyFile, all), events.list({}, 0, 9)]),
          );
        expect(none).toEqual([[], { items: [], total: 0 }, []]);
      })();
    }),
  );
}

function testWrites(makePlace: MakePlace): void {
  test(
    'No write touches the others, or what is shared with them, or the whole fleet.',
    withStore(makePlace, async (store) => {
      await fill(store, true);
      const before = await dumpOf(store);
      for (const [name, calls] of Object.entries(writes)) {
        for (const [call, write] of Object.entries(calls as Record<string, unknown>)) {
          if (typeof write === 'function') {
            const thrown: unknown = await store
              .narrowedTo(limit)
              .transact((transaction) => write(Reflect.get(transaction, name)))
              .catch((error: unknown) => error);
            expect(`${name}.${call} ${thrown instanceof Fault && refused.includes(thrown.code)}`).toBe(
              `${name}.${call} true`,
            );
          }
        }
      }
      expect(await dumpOf(store)).toEqual(before);
    }),
  );
}

function testChanges(makePlace: MakePlace): void {
  test(
    'What is seen can be changed, numbers go on behind what is not, and a changed tag counts at once.',
    withStore(makePlace, async (store: Store, _place: StorePlace) => {
      await fill(store, true);
      const mine = store.narrowedTo(limit);
      const last = await store.read(({ events }) => events.lastSequence());
      await mine.transact(async (transaction) => {
        await transaction.endpoints.rename([endpointId(1)], 'new name');
        await transaction.actions.insert(actionOf(9));
        await transaction.tasks.insert([taskOf(9, { actionId: actionId(9) })]);
        await transaction.tasks.transition([taskId(3)], 'cancel');
        await transaction.actions.close(actionId(1), 7);
        await transaction.incidents.update({ ...incidentOf(3), status: 'under_investigation' });
        await transaction.incidents.addEndpoints(incidentId(4), [endpointId(1)]);
        await transaction.incidents.addFiles([observedFileOf(3, 'c')]);
        await transaction.remediations.abort(remediationId(2), 7, me);
        await transaction.fleetActions.cancel(batch(21), 7, 'me');
        await transaction.events.append([eventOf('mine', { endpointId: endpointId(1) })]);
        expect((await transaction.actions.byId(actionId(9)))?.endpointsCount).toBe(1);
      });
      await store.read(async ({ endpoints, events, actions, incidents }) => {
        expect((await endpoints.byId(endpointId(1)))?.alias).toBe('new name');
        expect(await events.lastSequence()).toBe(last + 1);
        expect((await actions.byId(actionId(1)))?.closedAt).toBe(7);
        const files = await incidents.files({ incidentIds: [incidentId(3)] }, all);
        expect(files.items.map(({ displayPath }) => displayPath)).toEqual(['/srv/a', '/hidden', '/srv/c']);
      });
      await store.transact(({ endpoints }) => endpoints.setTags([{ id: endpointId(1), tags: ['web'] }]));
      expect(await mine.read(({ endpoints }) => endpoints.byIds(endpointIds))).toEqual([]);
      expect(await mine.read(({ remediations }) => remediations.byId('x' as RemediationId))).toBeUndefined();
    }),
  );
}
