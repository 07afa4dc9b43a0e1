import { expect, test } from 'bun:test';
import { z } from 'zod';
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
  expect(await world.json(['action', 'cancel', action])).toEqual({ id: action, withdrawn: 0, asked: 0 });
});
