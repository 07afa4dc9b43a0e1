import { expect, test } from 'bun:test';
import { Fault } from '#core/fault.ts';
import { day } from '#core/time.ts';
import { advancedSignature, authenticateKey } from '#core/verbs/authenticate-key.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { believed, openTestClock } from '#kit/clock.ts';
import { administrator } from '#kit/fleet.ts';
import { openPorts, policy } from '#kit/ports.ts';

test('a nonce that was used is not good again because the clock was a day ahead meanwhile, and was set right', async () => {
  await using ports = await openPorts({ policy: { cortex: { ...policy.cortex, signatures: 'strict' } } });
  const made = { name: 'k', role: 'Viewer', level: 'advanced', expiresAt: null } as const;
  const { key, secret } = await createKey(ports, administrator, made);
  const right = ports.clock.now();
  const doubting = { ...ports, clockGuard: believed(openTestClock(right)) };
  const ask = async (nonce: string): Promise<string> => {
    const timestamp = String(ports.clock.now());
    const proof = {
      keyId: String(key.id),
      authorization: advancedSignature(secret, nonce, timestamp),
      nonce,
      timestamp,
    };
    try {
      return (await authenticateKey(doubting, { ...proof, remoteAddress: '192.0.2.1' })).name;
    } catch (thrown) {
      return thrown instanceof Fault ? thrown.code : 'other';
    }
  };
  expect(await ask('first')).toBe('k');
  ports.clock.advance(day);
  expect(await ask('second')).toBe('k');
  ports.clock.advance(-day);
  const refused = ask('first');
  const passing = setInterval(() => ports.clock.advance(100), 1);
  expect(await refused).toBe('unauthenticated');
  clearInterval(passing);
});
