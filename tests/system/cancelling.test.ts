import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

const copies = 120;
const content = 'the same bytes in many places\n';
const sha256 = createHash('sha256').update(content).digest('hex');

/** A machine with many copies of one file, all known to the server, and a quarantine of them that has just begun. */
async function quarantining(world: World) {
  const { client } = world;
  const agent = world.agent(0);
  const here = () => readdirSync(agent.root).length;
  for (let index = 0; index < copies; index += 1) {
    agent.put(`bad-${index}`, content);
  }
  await until('the server knows all copies', async () => {
    const conditions = [{ field: 'sha256' as const, values: [sha256] }];
    return (await client.findFiles({ conditions, states: ['present'], limit: 1 })).total === copies;
  });
  const { id } = await client.quarantineFile({ endpointIds: [agent.id], path: null, sha256 });
  await until('the first copy has gone', () => here() < copies);
  return { client, id, here };
}

test('a quarantine of many files that is cancelled in the middle stops there, says what it had done, and what it names takes all of it back', async () => {
  await using world = await openWorld({ agents: 1 });
  const { client, id, here } = await quarantining(world);
  const cancelled = await client.cancelAction(id);
  expect(cancelled).toMatchObject({ withdrawn: 0, asked: 1, endpoints: [{ stop: { standing: 'requested' } }] });
  const stopped = await client.waitForAction(id);
  expect(stopped).toMatchObject({ status: 'completed_partial', tasks: [{ stop: { standing: 'partly' } }] });
  const { filesDone, filesSpared } = stopped.tasks[0]?.stop ?? expect.unreachable();
  expect([filesDone + filesSpared, filesSpared]).toEqual([copies, here()]);
  expect(stopped.tasks[0]?.files.map(({ outcome }) => outcome).toSorted()).toEqual([
    ...Array.from({ length: filesSpared }, () => 'cancelled' as const),
    ...Array.from({ length: filesDone }, () => 'done' as const),
  ]);
  expect(stopped.inverse?.calls.map(({ operation }) => operation)).toEqual(['undoAction']);
  const { undo } = await client.undoAction(id, {});
  expect((await client.waitForAction(undo?.id ?? expect.unreachable())).status).toBe('completed_successfully');
  expect(here()).toBe(copies);
}, 120_000);

test('an undo gives all of it back while the emergency stop holds the quarantine in its middle, and nothing is taken on release', async () => {
  await using world = await openWorld({ agents: 1 });
  const { client, id, here } = await quarantining(world);
  await client.engageEmergencyStop({ reason: 'the wrong hash' });
  const { undo } = await client.undoAction(id, {});
  expect((await client.waitForAction(undo?.id ?? expect.unreachable())).status).toBe('completed_successfully');
  const undone = await client.waitForAction(id);
  expect(here()).toBe(copies);
  const outcomes = undone.tasks.flatMap(({ files }) => files.map(({ outcome }) => outcome));
  expect(outcomes).toHaveLength(copies);
  expect(new Set(outcomes)).toEqual(new Set(['done', 'cancelled']));
  expect((await client.listQuarantine({ state: ['held'] })).items).toEqual([]);
  await client.releaseEmergencyStop({ reason: 'it was taken back' });
  await until('the agent has confirmed it', async () => (await client.readEmergencyStop()).agents.confirmed === 1);
  expect(here()).toBe(copies);
}, 120_000);
