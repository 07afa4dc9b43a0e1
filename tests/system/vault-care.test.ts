import { expect, setDefaultTimeout, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '#kit/disk.ts';
import { custody } from '#kit/program.ts';
import { until } from '#kit/until.ts';
import { openWorld } from '#kit/world.ts';

setDefaultTimeout(120_000);

test('A vault gets a new key, its scrub tells the server what is damaged, and the rest comes back.', async () => {
  await using world = await openWorld({ agents: 1 });
  const { client } = world;
  const agent = world.agent(0);
  const contents = new Map([
    [agent.put('good.txt', 'a good one'), 'a good one'],
    [agent.put('damaged.txt', 'a bad one'), 'a bad one'],
  ]);
  for (const [path, content] of contents) {
    await world.known(agent, path);
    const { id } = await client.quarantineFile({ endpointIds: [agent.id], path, sha256: sha256(content) });
    await client.waitForAction(id, { timeout: 60_000 });
  }
  const held = async () => (await client.listQuarantine({ state: ['held'] })).items;
  const objectOf = async (name: string) =>
    (await held()).find(({ path }) => path === agent.path(name))?.vaultObject ?? '';
  const [good, damaged] = [await objectOf('good.txt'), await objectOf('damaged.txt')];

  await agent.end('SIGTERM');
  const file = join(agent.data, 'vault', `${damaged}.age`);
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(file, bytes);
  const { status, stdout } = spawnSync(custody, ['agent', 'vault', 'rekey', '--data', agent.data, '--json'], {
    encoding: 'utf8',
  });
  expect(JSON.parse(stdout)).toMatchObject({ rewrapped: 1, left: [damaged] });
  expect(status).toBe(1);
  // The weekly scrub is due.
  writeFileSync(join(agent.data, 'scrubbed.json'), JSON.stringify({ next: 0 }));
  await agent.connect();

  await until('the damage is known', async () => (await held()).some(({ damagedAt }) => damagedAt !== null));
  const known = (await held()).map((item) => `${item.vaultObject} ${item.damagedAt === null ? 'good' : 'damaged'}`);
  expect(known.toSorted()).toEqual([`${good} good`, `${damaged} damaged`].toSorted());
  const { id } = await client.restoreFile({ sha256: sha256('a good one') });
  const restored = await client.waitForAction(id, { timeout: 60_000 });
  expect(restored).toMatchObject({ status: 'completed_successfully' });
  expect(readFileSync(agent.path('good.txt'), 'utf8')).toBe('a good one');
});

test('A restore that finds its object gone is a failure, and the server learns at once that the vault has lost it.', async () => {
  await using world = await openWorld({ agents: 1 });
  const { client } = world;
  const agent = world.agent(0);
  const path = agent.put('lost.txt', 'one that somebody takes out of the vault');
  const hash = sha256('one that somebody takes out of the vault');
  await world.known(agent, path);
  const { id } = await client.quarantineFile({ endpointIds: [agent.id], path, sha256: hash });
  await client.waitForAction(id, { timeout: 60_000 });
  const [record] = (await client.listQuarantine({ state: ['held'] })).items;
  rmSync(join(agent.data, 'vault', `${record?.vaultObject}.age`));
  const restored = await client.waitForAction((await client.restoreFile({ sha256: hash })).id, { timeout: 60_000 });
  expect(restored.tasks[0]?.files).toMatchObject([{ outcome: 'agent_error', reason: 'vault_damaged' }]);
  await until('the loss is known', async () => (await client.listQuarantine({ state: ['lost'] })).total === 1);
  expect((await client.listQuarantine({ state: ['held'] })).total).toBe(0);
});
