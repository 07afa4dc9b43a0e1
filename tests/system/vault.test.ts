import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '#kit/disk.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

setDefaultTimeout(120_000);

const content = 'the same bytes twice';
const hash = sha256(content);
const patience = { timeout: 60_000 };

let world: World;
let paths: readonly string[];

beforeAll(async () => {
  world = await openWorld({ agents: 1 });
  paths = ['one.txt', 'deep/two.txt'].map((name) => world.agent(0).put(name, content));
  for (const path of paths) {
    await world.known(world.agent(0), path);
  }
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** Waits for the end of an action that was just started. */
async function ended(started: Promise<{ readonly id: string }>) {
  return world.client.waitForAction((await started).id, patience);
}

async function held() {
  return (await world.client.listQuarantine({ state: ['held'] })).items;
}

test('A search finds every copy, in the index and on the disk.', async () => {
  const { id: endpointId, root } = world.agent(0);
  for (const order of [{}, { live: true }, { live: true, under: root }]) {
    const action = await ended(
      world.client.startSearch({ endpointIds: [endpointId], pattern: { by: 'sha256', sha256: hash }, ...order }),
    );
    expect(action.status).toBe('completed_successfully');
    expect(action.tasks[0]?.files.map((file) => file.path).toSorted()).toEqual([...paths].toSorted());
  }
  const glob = { by: 'glob', glob: `${root}/**/tw?.txt` } as const;
  const action = await ended(world.client.startSearch({ endpointIds: 'all', pattern: glob }));
  expect(action.tasks[0]?.files.map((file) => file.path)).toEqual([paths[1] ?? '']);
});

test('A quarantine by hash takes every copy; each is fetched out of the vault by either GUID and stays there.', async () => {
  const endpointIds = [world.agent(0).id];
  const taken = await ended(world.client.quarantineFile({ endpointIds, path: null, sha256: hash }));
  expect(taken).toMatchObject({ status: 'completed_successfully' });
  expect(paths.filter((path) => existsSync(path))).toEqual([]);
  const records = await held();
  expect(records.map((record) => record.path).toSorted()).toEqual([...paths].toSorted());
  for (const guid of [records[0]?.guid ?? '', records[0]?.quarantineGuid ?? '']) {
    const { action } = await world.client.startFetch({ guids: [guid] });
    const fetched = await world.client.waitForAction(action.id, patience);
    expect(fetched.tasks[0]?.files).toMatchObject([
      { outcome: 'done', sha256: hash, details: { fromVault: records[0]?.vaultObject } },
    ]);
    const taskId = fetched.tasks[0]?.id ?? '';
    const { body } = await world.client.downloadFile({ actionId: action.id, taskId, ordinal: 0 });
    expect(await new Response(body).text()).toBe(content);
  }
  expect(await held()).toHaveLength(2);
});

test('One object goes to another place; what stands there goes into the vault.', async () => {
  const agent = world.agent(0);
  const to = agent.put('occupied.txt', 'an occupant');
  const object = (await held()).find((record) => record.path === paths[0]);
  const order = { sha256: hash, vaultObject: object?.vaultObject, to };
  const refused = await ended(world.client.restoreFile(order));
  expect(refused.tasks[0]?.files).toMatchObject([{ outcome: 'conflict', reason: 'occupied' }]);
  const swapped = await ended(world.client.restoreFile({ ...order, ifOccupied: 'swap' }));
  expect(swapped).toMatchObject({ status: 'completed_successfully' });
  expect(readFileSync(to, 'utf8')).toBe(content);
  expect((await held()).map((record) => record.path).toSorted()).toEqual([to, paths[1] ?? ''].toSorted());
});

test('What is purged is in no vault any more.', async () => {
  const endpointIds = [world.agent(0).id];
  for (const record of await held()) {
    const purged = await ended(world.client.purgeVault({ endpointIds, sha256: record.sha256 }));
    expect(purged.tasks[0]?.files).toMatchObject([{ outcome: 'done', effect: 'purged' }]);
  }
  expect(await held()).toEqual([]);
});

test('An object that vanishes from a vault is told to be lost.', async () => {
  const agent = world.agent(0);
  const path = agent.put('vanishing.txt', 'soon nowhere');
  await world.known(agent, path);
  const endpointIds = [agent.id];
  await ended(world.client.quarantineFile({ endpointIds, path, sha256: sha256('soon nowhere') }));
  const [record] = await held();
  await agent.end('SIGTERM');
  const vault = join(agent.data, 'vault');
  for (const name of readdirSync(vault).filter((each) => each.startsWith(record?.vaultObject ?? 'none'))) {
    rmSync(join(vault, name));
  }
  await agent.connect();
  await until('the loss is known', async () => (await held()).length === 0);
  const { items } = await world.client.listEvents({ type: ['vault_object_lost'] });
  expect(items).toMatchObject([{ endpointId: agent.id, facts: { vaultObject: record?.vaultObject, path } }]);
});
