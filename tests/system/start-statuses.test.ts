import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CybereasonClient, newUser, type Started } from '#kit/cybereason.ts';
import type { Settings } from '#kit/real-server.ts';
import { openWorld, type World } from '#kit/world.ts';

const unknownGuid = '2111376845.-3637657128836262604';
const storeDeadline = 1_000;

let world: World;
let ana: CybereasonClient;
let guids: readonly string[];

beforeAll(async () => {
  world = await openWorld({ agents: 1 });
  const paths = ['a.txt', 'b.txt', 'c.txt'].map((name) => world.agent(0).put(name, `this is ${name}`));
  guids = await Promise.all(paths.map((path) => world.known(world.agent(0), path)));
  ana = await newUser(world.server, 'ana@example.com', 'Investigator');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** The agent too: one that was sent away by a server that stops comes back only after a while. */
async function restart(settings: Settings): Promise<void> {
  await world.agent(0).end('SIGTERM');
  expect((await world.server.end('SIGTERM')).code).toBe(0);
  await world.server.start(settings);
  await world.agent(0).connect();
}

async function actionIds(): Promise<readonly string[]> {
  const { items } = await world.client.listActions({ verb: ['fetch'], limit: 1000 });
  return items.map(({ id }) => id);
}

/** Starts a download that must be refused, and sees that no action has come of it. */
async function refused(elementGuids: readonly string[] = guids): Promise<Started> {
  const before = await actionIds();
  const answer = await ana.start(elementGuids);
  expect(answer.data).toBe(false);
  expect(answer.message).not.toBe('');
  expect(await actionIds()).toEqual(before);
  return answer;
}

/** The paths that the newest fetch has brought. */
async function fetched(): Promise<readonly (string | null)[]> {
  const [newest = ''] = await actionIds();
  const { tasks } = await world.client.waitForAction(newest, { timeout: 20_000 });
  return tasks.flatMap(({ files }) => files.filter(({ outcome }) => outcome === 'done').map(({ path }) => path));
}

test('SUCCESS: every file is known, and all of them come', async () => {
  expect(await ana.start(guids)).toMatchObject({ data: true, status: 'SUCCESS', message: '' });
  expect(await fetched()).toHaveLength(guids.length);
});

test('PARTIAL_SUCCESS: one GUID is unknown and named, and the others come', async () => {
  const answer = await ana.start([unknownGuid, ...guids.slice(0, 1)]);
  expect(answer).toMatchObject({ data: true, status: 'PARTIAL_SUCCESS' });
  expect(answer.message).toContain(unknownGuid);
  expect(await fetched()).toEqual([world.agent(0).path('a.txt')]);
});

test('FAILURE: no GUID is known', async () => {
  expect(await refused([unknownGuid])).toMatchObject({ status: 'FAILURE' });
});

const malformed: readonly (readonly [string, unknown])[] = [
  ['no fields', {}],
  ['no list of GUIDs', { initiatorUserName: 'ana@example.com' }],
  ['an empty list', { elementGuids: [], initiatorUserName: 'ana@example.com' }],
  ['a text for the list', { elementGuids: 'x', initiatorUserName: 'ana@example.com' }],
  ['a number for a GUID', { elementGuids: [1], initiatorUserName: 'ana@example.com' }],
  ['a number for the user', { elementGuids: ['1.2'], initiatorUserName: 7 }],
  ['a list for the body', []],
];

test.each(malformed)('FAILURE, inside 200 and with what is wrong: a request with %s', async (_, body) => {
  const before = await actionIds();
  const answer = await ana.post('/rest/fetchfile/start', body);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    data: false,
    status: 'FAILURE',
    message: expect.stringMatching(/elementGuids|initiatorUserName|object/),
  });
  expect(await actionIds()).toEqual(before);
});

test('QUERY_LIMIT_CROSSED: more files than CUSTODY_BATCH_LIMIT', async () => {
  await restart({ CUSTODY_BATCH_LIMIT: '2' });
  expect(await refused()).toMatchObject({ status: 'QUERY_LIMIT_CROSSED' });
  expect(await ana.start(guids.slice(0, 2))).toMatchObject({ status: 'SUCCESS' });
});

test('NO_SERVERS_CONFIGURED: CUSTODY_EVIDENCE is off', async () => {
  await restart({ CUSTODY_EVIDENCE: 'off' });
  expect(await refused()).toMatchObject({ status: 'NO_SERVERS_CONFIGURED' });
});

test('NO_SERVERS_CONFIGURED: the evidence directory went away while the server ran', async () => {
  await restart({});
  const evidence = join(world.server.data, 'evidence');
  renameSync(evidence, `${evidence}-unmounted`);
  writeFileSync(evidence, 'no directory');
  expect(await refused()).toMatchObject({ status: 'NO_SERVERS_CONFIGURED' });
  rmSync(evidence);
  renameSync(`${evidence}-unmounted`, evidence);
  expect(await ana.start(guids)).toMatchObject({ status: 'SUCCESS' });
  expect(await fetched()).toHaveLength(guids.length);
});

test('TIMEOUT_ERROR: the store does not answer in time, and nothing runs afterwards', async () => {
  await restart({ CUSTODY_STORE_DEADLINE_MS: String(storeDeadline) });
  await world.agent(0).end('SIGTERM');
  const before = await actionIds();
  const other = new Database(join(world.server.data, 'custody.sqlite'));
  // The server may be in the middle of a write of its own, which is not what is tried here.
  other.run('PRAGMA busy_timeout = 10000');
  other.run('BEGIN IMMEDIATE');
  const started = performance.now();
  const answer = await ana.start(guids);
  const took = performance.now() - started;
  other.run('ROLLBACK');
  other.close();
  expect(answer).toMatchObject({ data: false, status: 'TIMEOUT_ERROR' });
  expect(took).toBeGreaterThanOrEqual(storeDeadline - 50);
  expect(took).toBeLessThan(5 * storeDeadline);
  await world.agent(0).connect();
  await Bun.sleep(storeDeadline);
  expect(await actionIds()).toEqual(before);
  expect(await ana.start(guids)).toMatchObject({ status: 'SUCCESS' });
  expect(await fetched()).toHaveLength(guids.length);
  expect(await actionIds()).toHaveLength(before.length + 1);
});
