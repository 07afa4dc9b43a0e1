import { expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '#kit/disk.ts';
import { openWorld, type World } from '#kit/world.ts';

const bytes = 'bytes that come back as planned\n';
const hash = sha256(bytes);
const names = ['free.bin', 'same.bin', 'other.bin', 'gone/missing.bin', 'changed/parent.bin', 'broken.bin'];

/** A machine that holds one file of each kind, and what has become of their places since. */
async function prepare(world: World) {
  const agent = world.agent(0);
  const at = (name: string) => join(agent.root, name);
  for (const name of names) {
    await world.known(agent, agent.put(name, bytes));
  }
  const taken = await world.client.quarantineFile({ endpointIds: [agent.id], path: null, sha256: hash });
  expect((await world.client.waitForAction(taken.id)).status).toBe('completed_successfully');
  writeFileSync(at('same.bin'), bytes);
  writeFileSync(at('other.bin'), 'an occupant');
  rmSync(at('gone'), { recursive: true });
  renameSync(at('changed'), at('was-changed'));
  mkdirSync(at('changed'));
  chmodSync(at('changed'), 0o777);
  const { items } = await world.client.listQuarantine({ state: ['held'] });
  const broken = items.find(({ path }) => path === at('broken.bin'))?.vaultObject ?? '';
  const object = join(agent.data, 'vault', `${broken}.age`);
  const sealed = readFileSync(object);
  sealed.writeUInt8(sealed.readUInt8(sealed.length - 1) ^ 1, sealed.length - 1);
  writeFileSync(object, sealed);
  return { agent, at };
}

async function planned({ client }: World) {
  const { id } = await client.planRestore({ sha256: hash });
  expect((await client.waitForAction(id)).status).toBe('completed_successfully');
  return client.readRestorePlan(id);
}

test('a restore is planned on a real machine, and each policy does what it says', async () => {
  await using world = await openWorld({ agents: 1 });
  const { client } = world;
  const { at } = await prepare(world);
  const before = readdirSync(world.agent(0).root, { recursive: true }).toSorted();
  const plan = await planned(world);
  expect(plan.counts).toMatchObject({
    ...{ free: 1, occupied_same: 1, occupied_other: 1, parent_missing: 1, parent_changed: 1, damaged: 1 },
  });
  expect(readdirSync(world.agent(0).root, { recursive: true }).toSorted()).toEqual(before);
  expect([plan.waiting, plan.failed, plan.blockedBy]).toEqual([[], [], null]);

  // Where nothing may be in the way, what can come back does, and the rest says why not.
  const { action, objects, skipped } = await client.runRestorePlan(plan.actionId, { digest: plan.digest });
  expect([objects, skipped]).toEqual([6, 0]);
  const ended = await client.waitForAction(action.id);
  expect(ended.status).toBe('completed_partial');
  const ends = new Map(ended.tasks.flatMap(({ files }) => files.map(({ path, outcome }) => [path ?? '', outcome])));
  const expected = ['done', 'already_done', 'conflict', 'parent_missing', 'conflict', 'agent_error'];
  expect(names.map((name): string | undefined => ends.get(at(name)))).toEqual(expected);
  expect([readFileSync(at('free.bin'), 'utf8'), readFileSync(at('other.bin'), 'utf8')]).toEqual([bytes, 'an occupant']);

  // What is left, skipped but for what can be put elsewhere.
  const second = await planned(world);
  expect(second.counts).toMatchObject({
    free: 0,
    occupied_same: 0,
    occupied_other: 1,
    parent_missing: 1,
    parent_changed: 1,
  });
  const back = join(world.agent(0).root, 'back');
  mkdirSync(back);
  const elsewhere = await client.runRestorePlan(second.actionId, {
    ...{ digest: second.digest, ifOccupied: 'skip', ifParentMissing: 'other_path', otherPath: back },
  });
  expect(elsewhere).toMatchObject({ objects: 3, skipped: 1 });
  await client.waitForAction(elsewhere.action.id);
  expect(readdirSync(back).toSorted()).toEqual(['missing.bin', 'parent.bin']);

  const third = await planned(world);
  expect(third.counts).toMatchObject({ occupied_other: 1, damaged: 1, parent_missing: 0 });
  const beside = await client.runRestorePlan(third.actionId, { digest: third.digest, ifOccupied: 'keep_both' });
  await client.waitForAction(beside.action.id);
  const kept = readdirSync(world.agent(0).root).filter((name) => name.startsWith('other'));
  expect(kept).toHaveLength(2);
  expect(kept.map((name) => readFileSync(at(name), 'utf8')).toSorted()).toEqual(['an occupant', bytes]);
});

test('a plan of a machine that is away waits for it; a swap takes what stands there; and an old digest restores nothing', async () => {
  await using world = await openWorld({ agents: 1 });
  const { client } = world;
  const agent = world.agent(0);
  const path = agent.put('a.bin', bytes);
  await world.known(agent, path);
  const taken = await client.quarantineFile({ endpointIds: [agent.id], path, sha256: hash });
  await client.waitForAction(taken.id);
  writeFileSync(path, 'an occupant');
  await agent.end('SIGTERM');
  const { id } = await client.planRestore({ sha256: hash });
  const early = await client.readRestorePlan(id);
  expect([early.total, early.waiting]).toMatchObject([0, [{ endpointId: agent.id, status: 'pending' }]]);
  await agent.connect();
  await client.waitForAction(id);
  const { digest, items } = await client.readRestorePlan(id);
  expect(items).toMatchObject([{ finding: 'occupied_other', path, details: { occupant: { kind: 'file', size: 11 } } }]);
  const refused = await client.runRestorePlan(id, { digest: early.digest }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'conflict' });
  const { action } = await client.runRestorePlan(id, { digest, ifOccupied: 'swap' });
  expect((await client.waitForAction(action.id)).status).toBe('completed_successfully');
  expect([existsSync(path), readFileSync(path, 'utf8')]).toEqual([true, bytes]);
  const { items: held } = await client.listQuarantine({ state: ['held'] });
  expect(held).toMatchObject([{ path, sha256: sha256('an occupant') }]);
});
