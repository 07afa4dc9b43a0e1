import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

const copies = 150;
const content = 'the same bytes in many places\n';
const sha256 = sha256Of(content);

function sha256Of(bytes: string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A file of its own bytes in the vault, so that there is something to restore. */
async function hold(world: World, name: string): Promise<string> {
  const agent = world.agent(0);
  const hash = sha256Of(name);
  const { id } = await world.client.quarantineFile({
    ...{ endpointIds: [agent.id], path: agent.put(name, name), sha256: hash, overrideProtection: false },
  });
  expect((await world.client.waitForAction(id)).status).toBe('completed_successfully');
  return hash;
}

/** Whatever was under way on the vault when it was ordered has left it by then. */
async function restore(world: World, hash: string): Promise<void> {
  const { id } = await world.client.restoreFile({ sha256: hash, ifOccupied: 'fail', allow: false });
  expect((await world.client.waitForAction(id)).status).toBe('completed_successfully');
}

/** Every connected agent keeps to the switch as it stands now. */
async function agentsConfirm(world: World): Promise<void> {
  await until('the agent has confirmed the switch', async () => {
    const { agents } = await world.client.readEmergencyStop();
    return agents.connected === 1 && agents.confirmed === 1;
  });
}

function left(world: World): readonly string[] {
  return readdirSync(world.agent(0).root)
    .filter((name) => name.startsWith('bad-'))
    .toSorted();
}

test('engaged in the middle of a quarantine of many files it keeps every further file in its place, over restarts of agent and server, until it is released', async () => {
  await using world = await openWorld({ agents: 1 });
  const { client } = world;
  const agent = world.agent(0);
  const held = [await hold(world, 'one'), await hold(world, 'two'), await hold(world, 'three')] as const;
  for (let index = 0; index < copies; index += 1) {
    agent.put(`bad-${index}`, content);
  }
  await until('the server knows all copies', async () => {
    const conditions = [{ field: 'sha256' as const, values: [sha256] }];
    const { total } = await client.findFiles({ conditions, states: ['present'], limit: 1 });
    return total === copies;
  });
  const many = await client.quarantineFile({
    ...{ endpointIds: [agent.id], path: null, sha256, overrideProtection: false },
  });
  const single = { endpointIds: [agent.id], path: agent.put('single', 'single'), sha256: sha256Of('single') };
  const queued = await client.quarantineFile({ ...single, overrideProtection: false });
  const unwanted = await client.retrieveFiles({ endpointIds: [agent.id], paths: [agent.path('single')] });
  await until('the first copy has gone', async () => left(world).length < copies);
  await client.engageEmergencyStop({ reason: 'the wrong hash' });
  await agentsConfirm(world);
  await restore(world, held[0]);
  const kept = left(world);
  expect(kept.length).toBeGreaterThan(0);
  expect(await client.readAction(many.id)).toMatchObject({ status: 'in_progress' });

  // Without a server: it has nothing but its own note of the halt.
  await world.server.end('SIGKILL');
  await agent.end('SIGKILL');
  agent.start();
  await until(
    'the agent has looked for its server again and again',
    () => agent.program.err().split('it is tried again').length > 3,
  );
  expect(left(world)).toEqual(kept);
  await world.server.start();
  expect((await client.readEmergencyStop()).stop).toMatchObject({ reason: 'the wrong hash' });
  await agent.connect();
  await agentsConfirm(world);
  await restore(world, held[1]);
  expect(left(world)).toEqual(kept);
  const later = await client.retrieveFiles({ endpointIds: [agent.id], paths: [agent.path('single')] });
  await restore(world, held[2]);
  expect(left(world)).toEqual(kept);
  expect((await client.readAction(queued.id)).tasks[0]?.files).toEqual([]);
  const { tasks } = await client.readAction(later.id);
  expect(tasks).toMatchObject([{ state: 'pending', waitsFor: { reason: 'emergency_stop' } }]);

  if ((await client.readAction(unwanted.id)).tasks[0]?.endedAt === null) {
    await client.cancelAction(unwanted.id);
    expect(['cancelled', 'aborted']).toContain((await client.waitForAction(unwanted.id)).status);
  }
  await client.releaseEmergencyStop({ reason: 'it was the right one' });
  for (const { id } of [many, queued]) {
    expect((await client.waitForAction(id)).status).toBe('completed_successfully');
  }
  expect((await client.readAction(many.id)).tasks[0]?.files).toHaveLength(copies);
  expect(left(world)).toEqual([]);
  // By then the file is in the vault, from where it is fetched.
  expect((await client.waitForAction(later.id)).status).toBe('completed_successfully');
}, 240_000);
