import { expect, test } from 'bun:test';
import { z } from 'zod';
import { startAgent } from '#kit/agent.ts';
import { enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openCommands } from './command-world.ts';

test('an action is cancelled, and the command says how far', async () => {
  await using world = await openCommands();
  const { id } = await enrolMachine(world.ports);
  const hash = sha256Of(new TextEncoder().encode('evil'));
  const words = ['quarantine', '--endpoint', id, '--sha256', hash, '--path', '/srv/evil'];
  const { id: action } = z.looseObject({ id: z.string() }).parse(await world.json(words));
  const cancelled = await world.run(['action', 'cancel', action, '--data', world.directory]);
  expect([cancelled.code, cancelled.err]).toEqual([
    0,
    expect.stringContaining('withdrawn from 1 endpoints; 0 have it'),
  ]);
  expect(await world.json(['action', 'cancel', action])).toMatchObject({
    ...{ id: action, withdrawn: 0, asked: 0, tooLate: 0, inverse: null },
    endpoints: [{ endpointId: id, stop: { standing: 'before_effect' } }],
  });
});

test('a quarantine that no agent has taken up is undone by being withdrawn, and a taken one by an action of its own', async () => {
  await using world = await openCommands();
  const bytes = new TextEncoder().encode('evil');
  const endpoint = await enrolMachine(world.ports);
  const agent = startAgent(world.ports, endpoint, { '/srv/evil': bytes });
  const words = ['quarantine', '--endpoint', endpoint.id, '--sha256', sha256Of(bytes), '--path', '/srv/evil'];
  const start = async () => z.looseObject({ id: z.string() }).parse(await world.json(words)).id;
  const waiting = await start();
  const withdrawn = await world.run(['actions', 'undo', waiting, '--data', world.directory]);
  expect([withdrawn.code, withdrawn.out]).toEqual([0, '']);
  expect(withdrawn.err).toContain('withdrawn from 1 endpoints');
  expect(withdrawn.err).toContain('No agent has taken a file');

  const taken = await start();
  await agent.work();
  expect(agent.disk.has('/srv/evil')).toBe(false);
  const undo = await world.json(['actions', 'undo', taken, '--if-occupied', 'keep-both', '--reason', 'a false alarm']);
  expect(undo).toMatchObject({ verb: 'undo', reason: 'a false alarm', tasks: [{ undoes: taken }] });
  await agent.work();
  expect(agent.disk.get('/srv/evil')).toEqual(bytes);
  const { id } = z.looseObject({ id: z.string() }).parse(undo);
  expect((await world.run(['actions', 'show', id, '--data', world.directory])).out).toContain(`undoes    ${taken}`);
  const twice = await world.run(['actions', 'undo', id, '--data', world.directory]);
  expect([twice.code, twice.err]).toEqual([2, expect.stringContaining('quarantine the files once more')]);
});
