import { expect, test } from 'bun:test';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { sha256 } from '#kit/disk.ts';
import { unzip } from '#kit/unzip.ts';
import { openWorld } from '#kit/world.ts';

test('a fetch of three files of which one is missing is whole once that one appears and the fetch is retried', async () => {
  await using world = await openWorld({ agents: 1 });
  const { client } = world;
  const agent = world.agent(0);
  const [first, second, third] = [agent.put('one.txt', '1'), agent.path('two.txt'), agent.put('three.txt', '3')];
  const { id } = await client.retrieveFiles({ endpointIds: [agent.id], paths: [first, second, third] });
  expect((await client.waitForAction(id)).status).toBe('completed_partial');

  writeFileSync(second, '2');
  expect(await client.retryAction(id, { reason: 'it is there now' })).toMatchObject({ endpoints: 1, files: 1 });
  const action = await client.waitForAction(id);
  expect(action.status).toBe('completed_successfully');
  const [task = expect.unreachable()] = action.tasks;
  expect(task.files.map(({ path, outcome }) => [path, outcome])).toEqual([
    [first, 'done'],
    [second, 'done'],
    [third, 'done'],
  ]);
  expect([task.attempt, task.earlier.map(({ attempt, retriedBy, status }) => [attempt, retriedBy, status])]).toEqual([
    2,
    [[1, task.id, 'completed_partial']],
  ]);
  const files = await unzip(await new Response((await client.downloadAction(id)).body).bytes());
  expect(Object.values(files).toSorted()).toEqual(['1', '2', '3']);
});

test('a quarantine that failed over a changed file touches nothing on return, and is retried once the file is as it was', async () => {
  await using world = await openWorld({ agents: 1 });
  const { client } = world;
  const agent = world.agent(0);
  const path = agent.put('evil.bin', 'evil');
  await world.known(agent, path);
  await agent.end('SIGTERM');
  const { id } = await client.quarantineFile({ endpointIds: [agent.id], path, sha256: sha256('evil') });
  writeFileSync(path, 'something else by now');
  await agent.connect();
  const ended = await client.waitForAction(id);
  expect(ended.tasks[0]?.files).toMatchObject([{ outcome: 'hash_mismatch' }]);
  expect(readFileSync(path, 'utf8')).toBe('something else by now');

  writeFileSync(path, 'evil');
  await client.retryAction(id);
  expect((await client.waitForAction(id)).status).toBe('completed_successfully');
  expect(existsSync(path)).toBe(false);
});
