import { expect, test } from 'bun:test';
import { openCommands } from './command-world.ts';

test('the switch is engaged with a reason, shown wherever the server’s state is, and released', async () => {
  await using world = await openCommands();
  const data = ['--data', world.directory];
  expect((await world.run(['emergency-stop', 'engage', ...data])).code).toBe(2);
  const engaged = await world.run(['emergency-stop', 'engage', '--reason', 'the wrong hash', ...data]);
  expect([engaged.code, engaged.out]).toEqual([0, expect.stringMatching(/emergency stop +ENGAGED/)]);
  expect(engaged.out).toContain('2 of the 3 connected here have confirmed it; 1 are too old to be halted');
  const again = await world.run(['emergency-stop', 'engage', '--reason', 'me too', ...data]);
  expect(again.err).toContain('It was engaged already');
  expect(again.out).toContain('the wrong hash');
  expect((await world.run(['status', ...data])).out).toMatch(/emergency stop +ENGAGED by .*: the wrong hash/);
  expect(await world.json(['emergency-stop', 'status'])).toMatchObject({ stop: { reason: 'the wrong hash' } });
  const released = await world.run(['emergency-stop', 'release', '--reason', 'cancelled', ...data]);
  expect(released.out).toMatch(/emergency stop +not engaged/);
  expect((await world.run(['status', ...data])).out).not.toContain('emergency');
});
