import { expect, test } from 'bun:test';
import { Fault } from '#core/fault.ts';
import { minute, second } from '#core/time.ts';
import { authenticateKey } from '#core/verbs/authenticate-key.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { administrator } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const viewer = { name: 'k', role: 'Viewer', level: 'standard', expiresAt: null } as const;

async function openKey(ports: TestPorts, addresses: readonly string[]) {
  const { key, secret } = await createKey(ports, administrator, { ...viewer, addresses });
  const proof = { keyId: String(key.id), authorization: secret, nonce: undefined, timestamp: undefined };
  return {
    async from(remoteAddress: string): Promise<string> {
      const asked = authenticateKey(ports, { ...proof, remoteAddress });
      // A refusal takes a while, by the test's clock.
      const passing = setInterval(() => ports.clock.advance(second / 10), 1);
      try {
        return (await asked).name;
      } catch (thrown) {
        return thrown instanceof Fault ? thrown.code : 'other';
      } finally {
        clearInterval(passing);
      }
    },
    lastUsed: async () => (await ports.store.read(({ credentials }) => credentials.keyById(key.id)))?.lastUsedAt,
  };
}

test('a key counts from its addresses alone, and elsewhere looks like a wrong one (P43)', async () => {
  await using ports = await openPorts();
  const key = await openKey(ports, ['192.0.2.0/24', '2001:db8::7']);
  for (const address of ['192.0.2.9', '2001:db8::7', '::ffff:192.0.2.1']) {
    expect([address, await key.from(address)]).toEqual([address, 'k']);
  }
  for (const address of ['192.0.3.1', '2001:db8::8', 'local', '']) {
    expect([address, await key.from(address)]).toEqual([address, 'unauthenticated']);
  }
  const everywhere = await openKey(ports, []);
  expect(await everywhere.from('203.0.113.5')).toBe('k');
  const wrong = await createKey(ports, administrator, { ...viewer, addresses: ['192.0.2.0/33'] }).catch(
    (thrown: unknown) => thrown,
  );
  expect(wrong).toMatchObject({ code: 'invalid_request', details: { field: 'addresses' } });
});

test('when a key was used last is known to the minute, and no refused use is one', async () => {
  await using ports = await openPorts();
  const key = await openKey(ports, ['192.0.2.0/24']);
  await key.from('203.0.113.5');
  expect(await key.lastUsed()).toBeNull();
  await key.from('192.0.2.1');
  const first = await key.lastUsed();
  expect(first).toBeGreaterThan(0);
  ports.clock.advance(20 * second);
  await key.from('192.0.2.1');
  expect(await key.lastUsed()).toBe(first ?? null);
  ports.clock.advance(minute);
  const now = ports.clock.now();
  await key.from('192.0.2.1');
  expect(await key.lastUsed()).toBeGreaterThanOrEqual(now);
});
