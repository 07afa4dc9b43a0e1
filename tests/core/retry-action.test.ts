import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { builtInRole } from '#core/access/role.ts';
import type { Action, Task } from '#core/action/action.ts';
import { newActionId } from '#core/action/action-id.ts';
import type { ActionStatus } from '#core/action/action-status.ts';
import { parsePath } from '#core/file/file-path.ts';
import { day, hour } from '#core/time.ts';
import { closeBatch } from '#core/verbs/close-batch.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import { describeRestorePlan } from '#core/verbs/describe-restore-plan.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { fetchedFiles } from '#core/verbs/fetched-files.ts';
import { countActions, listActions } from '#core/verbs/list-actions.ts';
import { listHashes } from '#core/verbs/list-hashes.ts';
import { planRestore } from '#core/verbs/plan-restore.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import type { FileReport } from '#core/verbs/received-report.ts';
import { recordReports } from '#core/verbs/record-reports.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { type RetryAction, retryAction } from '#core/verbs/retry-action.ts';
import { revokeEndpoints } from '#core/verbs/revoke-endpoints.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { undoAction } from '#core/verbs/undo-action.ts';
import { verifyHistory } from '#core/verbs/verify-history.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const [one, two, three] = ['/srv/one', '/srv/two', '/srv/three'];
const evil = bytesOf('evil');
const origin = { principal: administrator, dialect: 'native', reason: 'why' } as const;

async function openWorld() {
  const ports = await openPorts();
  const agents: TestAgent[] = [];
  for (const hostName of ['web', 'mail']) {
    const disk = { [one]: bytesOf('1'), [three]: bytesOf('3') };
    agents.push(startAgent(ports, await enrolMachine(ports, { hostName }), disk));
  }
  const [web = expect.unreachable(), mail = expect.unreachable()] = agents;
  return { ports, web, mail, [Symbol.asyncDispose]: () => ports[Symbol.asyncDispose]() };
}

function fetchAll(ports: TestPorts, ...agents: readonly TestAgent[]): Promise<Action> {
  const paths = { linux: [one, two, three].map((path) => parsePath(path)) };
  return retrieveFiles(ports, { origin, endpointIds: agents.map(({ endpoint }) => endpoint.id), paths });
}

function retry(ports: TestPorts, { id }: Action, more: Partial<RetryAction> = {}) {
  return retryAction(ports, { origin, actionId: id, ...more });
}

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (fault) {
    return fault;
  }
  return expect.unreachable();
}

async function rowsOf(ports: TestPorts, action: Action) {
  const rows = await fetchedFiles(ports, [action]);
  return rows.map(({ name, status, outcome }) => [name, outcome?.outcome ?? status]);
}

const eventsOf = (ports: TestPorts) =>
  ports.store.read(({ events }) => events.list({ types: ['action_retried'] }, 0, 9));

describe('A fetch of which a file is missing', () => {
  test('is whole after a retry that asked for just that file, and keeps what was before', async () => {
    await using world = await openWorld();
    const { ports, web } = world;
    const action = await fetchAll(ports, web);
    await web.work();
    web.disk.set(two, bytesOf('2'));
    ports.rung.length = 0;
    ports.clock.advance(hour);
    expect(await retry(ports, action)).toMatchObject({
      ...{ endpoints: 1, files: 1, isHeld: false, left: { open: [], succeeded: [], removed: [] } },
    });
    expect(ports.rung).toEqual([web.endpoint.id]);
    expect(await rowsOf(ports, action)).toEqual([
      ['one', 'done'],
      ['two', 'pending'],
      ['three', 'done'],
    ]);
    expect((await describeAction(ports, action.id)).status).toBe('pending');
    const listed = async (status: ActionStatus) =>
      (await listActions(ports, { statuses: [status] }, { offset: 0, limit: 9 })).items.map((each) => each.action.id);
    expect(await listed('pending')).toEqual([action.id]);
    await web.work();
    expect([await listed('pending'), await listed('completed_successfully')]).toEqual([[], [action.id]]);
    expect(await countActions(ports, {})).toEqual({ completed_successfully: 1 });

    const { status, tasks, action: after } = await describeAction(ports, action.id);
    expect(status).toBe('completed_successfully');
    expect(after.deadline).toBe(ports.clock.now() + 4 * day);
    expect(tasks).toHaveLength(1);
    const [{ task, outcomes, earlier } = expect.unreachable()] = tasks;
    expect(outcomes.map(({ displayPath, outcome }) => [displayPath, outcome])).toEqual([
      [one, 'done'],
      [two, 'done'],
      [three, 'done'],
    ]);
    expect(earlier).toMatchObject([
      {
        status: 'completed_partial',
        task: { round: 1, retriedBy: task.id },
        outcomes: [{}, { outcome: 'not_found' }, {}],
      },
    ]);
    expect(earlier[0]?.task.report).not.toBeNull();
    expect(await eventsOf(ports)).toMatchObject([
      {
        ...{ actionId: action.id, actor: { id: administrator.id } },
        facts: {
          verb: 'fetch',
          round: 2,
          reason: 'why',
          endpointIds: [web.endpoint.id],
          filesCount: 1,
          files: [{ path: two }],
        },
      },
    ]);
    expect(await verifyHistory(ports)).toBeUndefined();
    expect(await refusal(retry(ports, action))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('nothing failed on 1'),
    });
  });

  test('is retried on the named endpoints only, and what is open or whole is left', async () => {
    await using world = await openWorld();
    const { ports, web, mail } = world;
    const action = await fetchAll(ports, web, mail);
    await web.work();
    expect(await retry(ports, action)).toMatchObject({ endpoints: 1, left: { open: [mail.endpoint.id] } });
    await mail.work();
    expect(await refusal(retry(ports, action, { endpointIds: [web.endpoint.id] }))).toMatchObject({
      ...{ code: 'conflict', message: expect.stringContaining('1 of its endpoints have not ended yet') },
    });
    web.disk.set(two, bytesOf('2'));
    await web.work();
    expect(await retry(ports, action)).toMatchObject({
      endpoints: 1,
      left: { open: [], succeeded: [web.endpoint.id] },
    });
    const stranger = (await enrolMachine(ports)).id;
    expect(await refusal(retry(ports, action, { endpointIds: [stranger] }))).toMatchObject({ code: 'no_target' });
    expect(await verifyHistory(ports)).toBeUndefined();
  });
});

describe('A fetch', () => {
  test('is retried as often as it takes, each time what is still missing', async () => {
    await using world = await openWorld();
    const { ports, web } = world;
    const action = await fetchAll(ports, web);
    web.disk.clear();
    for (const path of [one, two, three]) {
      await web.work();
      web.disk.set(path, bytesOf(path));
      await retry(ports, action);
    }
    await web.work();
    expect(await rowsOf(ports, action)).toEqual([
      ['one', 'done'],
      ['two', 'done'],
      ['three', 'done'],
    ]);
    const [place] = (await describeAction(ports, action.id)).tasks;
    expect(place?.earlier.map(({ task, outcomes }) => [task.round, outcomes.length])).toEqual([
      [1, 3],
      [2, 3],
      [3, 2],
    ]);
    expect(place?.task).toMatchObject({ round: 4, parameters: { files: { length: 1 } } });
    expect(await verifyHistory(ports)).toBeUndefined();
  });

  test('of two retries at once, one tries it again', async () => {
    await using world = await openWorld();
    const { ports, web } = world;
    const action = await fetchAll(ports, web);
    await web.work();
    const both = await Promise.allSettled([retry(ports, action), retry(ports, action)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect((await ports.store.read(({ tasks }) => tasks.byAction(action.id))).length).toBe(2);
  });

  test('is not retried once it is closed, for its files are shown no more', async () => {
    await using world = await openWorld();
    const { ports, web } = world;
    const action = await fetchAll(ports, web);
    await web.work();
    await closeBatch(ports, administrator, action);
    expect(await refusal(retry(ports, action))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('closed'),
    });
  });
});

test('A report that comes late, after a retry began, counts, and no file twice.', async () => {
  await using world = await openWorld();
  const { ports, web } = world;
  const action = await fetchAll(ports, web);
  const [old = expect.unreachable()] = await takeDeliverable(ports, { endpointIds: [web.endpoint.id] });
  ports.clock.advance(5 * day);
  await expireOverdue(ports);
  await retry(ports, action);
  for (const text of ['1', '2', '3']) {
    await ports.store.transact(({ evidence }) =>
      evidence.insert({ sha256: sha256Of(bytesOf(text)), size: 1, storedAt: 1 }),
    );
  }
  await reportLate(ports, web, old);
  const standing = async () => {
    const { status, tasks } = await describeAction(ports, action.id);
    return [status, tasks.flatMap(({ outcomes }) => outcomes.map(({ outcome }) => outcome))];
  };
  expect(await standing()).toEqual(['pending', ['done', 'done', 'done']]);
  expect(await rowsOf(ports, action)).toEqual([
    ['one', 'done'],
    ['two', 'done'],
    ['three', 'done'],
  ]);
  web.disk.clear();
  await web.work();
  expect(await standing()).toEqual(['completed_successfully', ['done', 'done', 'done']]);
  expect(await verifyHistory(ports)).toBeUndefined();
});

async function reportLate(ports: TestPorts, { endpoint }: TestAgent, task: Task): Promise<void> {
  const files = [one, two, three].map((path, ordinal): FileReport => {
    const sha256 = sha256Of(bytesOf(String(ordinal + 1)));
    const facts = { outcome: 'done', reason: null, message: '', sha256, size: 1, vaultObject: null } as const;
    return { ordinal, path: parsePath(path), ...facts, effect: null, losses: [], details: {} };
  });
  const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };
  await recordReports(ports, [{ endpoint, actionId: task.actionId, taskId: task.id, finishedAt: 1, files, signed }]);
}

describe('A quarantine', () => {
  const quarantine = (ports: TestPorts, agent: TestAgent) =>
    quarantineFiles(ports, { origin, endpointIds: [agent.endpoint.id], path: null, sha256: sha256Of(evil) });

  test('that expired while its endpoint was away is ordered again, and done once', async () => {
    await using world = await openWorld();
    const { ports, web } = world;
    web.disk.set(two, evil);
    const action = await quarantine(ports, web);
    ports.clock.advance(5 * day);
    await expireOverdue(ports);
    await retry(ports, action);
    await web.work();
    const { status, tasks } = await describeAction(ports, action.id);
    expect([status, tasks[0]?.outcomes.length]).toEqual(['completed_successfully', 1]);
    expect(web.disk.has(two)).toBe(false);
    const { total } = await ports.store.read((reader) =>
      reader.quarantine.list({ states: ['held'] }, { offset: 0, limit: 9 }),
    );
    expect(total).toBe(1);
    expect(await verifyHistory(ports)).toBeUndefined();
  });

  test('needs the permission of a quarantine, and for an override that one too', async () => {
    await using world = await openWorld();
    const { ports, web } = world;
    const action = await quarantineFiles(ports, {
      ...{
        origin: { ...origin, dialect: 'cortex' },
        endpointIds: [web.endpoint.id],
        path: parsePath(two),
        sha256: sha256Of(evil),
        overrideProtection: true,
      },
    });
    await web.work();
    const as = (role: Parameters<typeof builtInRole>[0]) =>
      retry(ports, action, { origin: { ...origin, principal: { ...administrator, role: builtInRole(role) } } });
    expect(await refusal(as('Viewer'))).toMatchObject({
      code: 'permission_denied',
      details: { permission: 'files.quarantine' },
    });
    expect(await refusal(as('Responder'))).toMatchObject({
      code: 'permission_denied',
      details: { permission: 'files.override' },
    });
    expect((await ports.store.read(({ tasks }) => tasks.byAction(action.id))).length).toBe(1);
  });

  test('on an endpoint that was removed is left', async () => {
    await using world = await openWorld();
    const { ports, web } = world;
    const action = await quarantine(ports, web);
    const request = { principal: administrator, name: 'revoke', facts: {} };
    await revokeEndpoints(ports, { request, endpointIds: [web.endpoint.id], reason: 'gone' });
    expect(await refusal(retry(ports, action))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('1 were removed'),
    });
  });
});

test('A restore that is tried again is the newer word as at first: a blocked hash stops it, and waiting quarantines give way.', async () => {
  await using world = await openWorld();
  const { ports, web } = world;
  web.disk.set(two, evil);
  const sha256 = sha256Of(evil);
  const order = { origin, endpointIds: [web.endpoint.id], path: parsePath(two), sha256 };
  await quarantineFiles(ports, order);
  await web.work();
  const restore = await restoreFiles(ports, { origin, sha256 });
  ports.clock.advance(5 * day);
  await expireOverdue(ports);
  await listHashes(ports, { origin, hashes: [sha256], list: 'block', prevent: true });
  expect(await refusal(retry(ports, restore))).toMatchObject({ code: 'conflict', details: { hash: sha256 } });
  await listHashes(ports, { origin, hashes: [sha256], list: 'allow', prevent: false });
  const waiting = await quarantineFiles(ports, order);
  await retry(ports, restore);
  expect((await describeAction(ports, waiting.id)).tasks[0]?.outcomes).toMatchObject([
    { outcome: 'cancelled', reason: 'superseded' },
  ]);
  await web.work();
  expect(web.disk.get(two)).toEqual(evil);
  expect((await describeAction(ports, restore.id)).status).toBe('completed_successfully');
});

test('An undo of what was retried asks an endpoint once for each attempt, and can be retried as well.', async () => {
  await using world = await openWorld();
  const { ports, web } = world;
  web.disk.set(two, evil);
  const order = { origin, endpointIds: [web.endpoint.id], path: parsePath(two), sha256: sha256Of(evil) };
  const quarantine = await quarantineFiles(ports, order);
  await takeDeliverable(ports, { endpointIds: order.endpointIds });
  ports.clock.advance(5 * day);
  await expireOverdue(ports);
  await retry(ports, quarantine);
  await web.work();
  const { undo } = await undoAction(ports, { origin, actionId: quarantine.id });
  if (undo === null) {
    expect.unreachable();
  }
  ports.clock.advance(5 * day);
  await expireOverdue(ports);
  expect(await retry(ports, undo)).toMatchObject({ endpoints: 1 });
  expect(await verifyHistory(ports)).toBeUndefined();
  await web.work();
  expect(web.disk.get(two)).toEqual(evil);
  expect(await verifyHistory(ports)).toBeUndefined();
});

test('An unknown action is not found.', async () => {
  await using world = await openWorld();
  const { ports } = world;
  const actionId = newActionId(ports.clock.now(), ports.random);
  expect(await refusal(retryAction(ports, { origin, actionId }))).toMatchObject({ code: 'not_found' });
});

test.each([
  ['a retry that is gone', 'delete from tasks where round = 2'],
  ['a retry of which the first attempt knows nothing', 'update tasks set retried_by = null'],
  ['another round', 'update tasks set round = 3 where round = 2'],
])('The record of retries is held against the events: %s is found.', async (_, statement) => {
  await using world = await openWorld();
  const { ports, web } = world;
  const action = await fetchAll(ports, web);
  await web.work();
  await retry(ports, action);
  expect(await verifyHistory(ports)).toBeUndefined();
  const tools = new Database(join(ports.directory, 'store.sqlite'));
  tools.run(statement);
  tools.close();
  expect(await verifyHistory(ports)).toMatchObject({ kind: 'altered_history' });
});

test('A plan of a restore whose endpoint did not answer in time is asked again there, and told of once.', async () => {
  await using world = await openWorld();
  const { ports, web } = world;
  web.disk.set(two, evil);
  const sha256 = sha256Of(evil);
  await quarantineFiles(ports, { origin, endpointIds: [web.endpoint.id], path: parsePath(two), sha256 });
  await web.work();
  const { id } = await planRestore(ports, { origin, sha256 });
  ports.clock.advance(31 * day);
  await expireOverdue(ports);
  const counts = async () => {
    const { plan } = await describeRestorePlan(ports, id);
    return [plan.objects.length, plan.waiting.length, plan.failed.length];
  };
  expect(await counts()).toEqual([0, 0, 1]);
  await retryAction(ports, { origin, actionId: id });
  expect(await counts()).toEqual([0, 1, 0]);
  await web.work();
  expect(await counts()).toEqual([1, 0, 0]);
});
