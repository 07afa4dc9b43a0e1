import { expect, test } from 'bun:test';
import { z } from 'zod';
import { startAgent } from '#kit/agent.ts';
import { enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openCommands } from './command-world.ts';

const bytes = new TextEncoder().encode('evil');
const sha256 = sha256Of(bytes);
const idSchema = z.looseObject({ id: z.string() });
const planSchema = z.looseObject({ actionId: z.string(), digest: z.string(), total: z.number() });

test('a restore is planned, reviewed and run, and says what stays behind', async () => {
  await using world = await openCommands();
  const { id: endpointId, ...rest } = await enrolMachine(world.ports, { hostName: 'web-1' });
  const agent = startAgent(world.ports, { id: endpointId, ...rest }, { '/srv/a': bytes, '/srv/b': bytes });
  const at = ['--data', world.directory];
  await world.json(['quarantine', '--endpoint', endpointId, '--sha256', sha256]);
  await agent.work();
  agent.disk.set('/srv/b', new TextEncoder().encode('something else'));

  const begun = planSchema.parse(await world.json(['restore', 'plan', '--sha256', sha256]));
  expect(begun.total).toBe(0);
  await agent.work();
  const shown = await world.run(['restore', 'review', begun.actionId, ...at]);
  expect(shown.code).toBe(0);
  expect(shown.out).toMatch(/occupied_other +\/srv\/b/);
  expect(shown.out).toMatch(/free +\/srv\/a/);
  const found = planSchema.parse(await world.json(['restore', 'review', begun.actionId, '--finding', 'free']));
  expect(found.total).toBe(1);

  const stale = await world.run(['restore', 'run', begun.actionId, '--digest', begun.digest, ...at]);
  expect([stale.code, stale.err]).toEqual([1, expect.stringContaining('Read it anew')]);
  const words = ['restore', 'run', begun.actionId, '--digest', found.digest, '--if-occupied', 'skip'];
  const ran = await world.run([...words, '--json', ...at]);
  expect(ran.err).toContain('1 objects are ordered back; 1 stay in their vaults.');
  expect(idSchema.parse(JSON.parse(ran.out))).toMatchObject({ verb: 'restore_objects' });
  await agent.work();
  expect(agent.disk.get('/srv/a')).toEqual(bytes);
  const neither = await world.run(['restore', 'plan', ...at]);
  expect([neither.code, neither.err]).toEqual([2, expect.stringContaining('--sha256 or --object')]);
  // The command above is what it was.
  const plain = await world.json(['restore', '--sha256', sha256, '--if-occupied', 'swap']);
  expect(plain).toMatchObject({ verb: 'restore' });
});
