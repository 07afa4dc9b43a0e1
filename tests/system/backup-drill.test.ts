import { expect, test } from 'bun:test';
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { newUser } from '#kit/cybereason.ts';
import { sha256 } from '#kit/disk.ts';
import { custody, runProgram } from '#kit/program.ts';
import type { RealAgent } from '#kit/real-agent.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

/** SHA-256 of what was put where. */
const contents = new Map<string, string>();

function put(agent: RealAgent, name: string, text: string): string {
  const path = agent.put(name, text);
  contents.set(path, sha256(text));
  return path;
}

async function order(world: World, started: Promise<{ readonly id: string }>): Promise<readonly string[]> {
  const { tasks } = await world.client.waitForAction((await started).id, { timeout: 30_000 });
  return tasks.flatMap(({ files }) => files.map(({ outcome }) => outcome));
}

function quarantine({ client }: World, agent: RealAgent, path: string) {
  return client.quarantineFile({ endpointIds: [agent.id], path, sha256: contents.get(path) ?? '' });
}

async function runCustody(...words: readonly string[]): Promise<string> {
  const { code, out, err } = await runProgram([custody, ...words]);
  expect([code, err]).toEqual([0, words.includes('restore') ? expect.stringContaining('Sessions') : '']);
  return out;
}

test('a destroyed server comes back from its backup: agents return, restores work, nothing runs twice', async () => {
  await using world = await openWorld({ agents: 2 });
  const { client, server } = world;
  const [one, two] = [world.agent(0), world.agent(1)];
  const before = put(one, 'before.txt', 'taken before the backup');
  expect(await order(world, quarantine(world, one, before))).toEqual(['done']);
  const guid = await world.known(one, one.put('wanted.txt', 'fetched before the backup'));
  const { action: fetch } = await client.startFetch({ guids: [guid] });
  expect((await client.waitForAction(fetch.id)).status).toBe('completed_successfully');
  const ana = await newUser(server, 'ana@example.com', 'Investigator');

  const twice = put(two, 'twice.txt', 'must not be taken twice');
  await two.end('SIGTERM');
  const pending = await quarantine(world, two, twice);
  const file = join(world.directory, 'custody.backup');
  await runCustody('backup', file, '--data', server.data);
  expect(lstatSync(file).mode & 0o777).toBe(0o600);

  await two.connect();
  expect(await order(world, Promise.resolve(pending))).toEqual(['done']);
  expect(await order(world, client.restoreFile({ sha256: sha256('must not be taken twice') }))).toEqual(['done']);
  const after = put(one, 'after.txt', 'taken after the backup');
  expect(await order(world, quarantine(world, one, after))).toEqual(['done']);

  await server.end('SIGKILL');
  rmSync(server.data, { recursive: true });
  await runCustody('backup', 'restore', file, '--data', server.data);
  await server.start();
  await until('both agents have returned by themselves', async () => {
    const { items } = await client.listEndpoints({ presence: ['connected'] });
    return items.length === 2 && items.every(({ id }) => id === one.id || id === two.id);
  });

  expect(await order(world, Promise.resolve(pending))).toEqual(['done']);
  expect(readFileSync(twice, 'utf8')).toBe('must not be taken twice');
  expect(readdirSync(join(two.data, 'vault')).filter((name) => name.endsWith('.age'))).toEqual([]);
  expect(await order(world, client.restoreFile({ sha256: sha256('taken before the backup') }))).toEqual(['done']);
  expect(readFileSync(before, 'utf8')).toBe('taken before the backup');

  // What was taken while no backup knew is learnt by asking again.
  expect(existsSync(after)).toBe(false);
  expect(await order(world, quarantine(world, one, after))).toEqual(['already_done']);
  expect(await order(world, client.restoreFile({ sha256: sha256('taken after the backup') }))).toEqual(['done']);
  expect(readFileSync(after, 'utf8')).toBe('taken after the backup');

  const { tasks } = await client.readAction(fetch.id);
  const { body } = await client.downloadFile({ actionId: fetch.id, taskId: tasks[0]?.id ?? '', ordinal: 0 });
  expect(await new Response(body).text()).toBe('fetched before the backup');
  // A session may have been ended since; whoever has one logs in again.
  expect((await ana.get('/rest/fetchfile/downloads/progress')).status).toBe(302);
}, 90_000);

test('what was taken from people since the backup does not come back unsaid', async () => {
  await using world = await openWorld({ agents: 0 });
  const { server } = world;
  const made = await server.client.createKey({ role: 'Responder', level: 'standard', name: 'stolen' });
  const { token } = await server.client.createEnrolmentToken({});
  const file = join(world.directory, 'custody.backup');
  await runCustody('backup', file, '--data', server.data);
  await server.client.deleteKey(made.id);
  await server.end('SIGTERM');
  const opens = async () => {
    const authorization = `Custody-Key ${made.id}:${made.secret}`;
    return (await server.fetch('/api/v1/me', { headers: { authorization } })).status;
  };

  rmSync(server.data, { recursive: true });
  const listed = JSON.parse(await runCustody('backup', 'restore', file, '--data', server.data, '--json'));
  expect(listed).toMatchObject({ keysRevoked: 0, tokensExpired: 1, keys: [{ id: made.id, name: 'stolen' }] });
  expect(listed.users).toMatchObject([{ email: 'admin@custody.local', hasSecondFactor: false }]);
  await server.start();
  // Told, and still good.
  expect(await opens()).toBe(200);
  const enrol = ['agent', 'enroll', '--server', server.url, '--ca', server.caFile, '--token', '-'] as const;
  const stranger = await runProgram([custody, ...enrol, '--data', join(world.directory, 'stranger')], { input: token });
  expect([stranger.code, stranger.err]).toEqual([1, expect.stringContaining('refused the enrolment token')]);
  await server.end('SIGTERM');

  rmSync(server.data, { recursive: true });
  const revoked = await runCustody('backup', 'restore', file, '--data', server.data, '--revoke-keys', '--json');
  expect(JSON.parse(revoked)).toMatchObject({ keysRevoked: 1, keys: [] });
  await server.start();
  expect(await opens()).toBe(401);
  const { items } = await server.client.listEvents({ type: ['backup_restored', 'key_deleted'] });
  expect(items.map(({ type }) => type)).toEqual(['backup_restored', 'key_deleted']);
}, 90_000);
