import { expect, test } from 'bun:test';
import { hour } from '#core/time.ts';
import { advancedSignature, authenticateKey, type KeyProof } from '#core/verbs/authenticate-key.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createRole } from '#core/verbs/create-role.ts';
import { administrator } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const made = { name: '', expiresAt: null } as const;

/** What a refusal had the server do: how often it asked the store, which secrets it opened, and for how long it waited. */
async function workOf(ports: TestPorts, proof: Omit<KeyProof, 'remoteAddress'>) {
  const work = { reads: 0, opened: [] as number[], pauses: [] as number[] };
  const counted = {
    ...ports,
    store: {
      ...ports.store,
      reach: ports.store.reach,
      demandWritable: () => ports.store.demandWritable(),
      transact: () => expect.unreachable('A refusal writes nothing.'),
      read: ((...given) => {
        work.reads += 1;
        return ports.store.read(...given);
      }) as TestPorts['store']['read'],
    },
    secrets: {
      seal: ports.secrets.seal,
      open(sealed: Uint8Array) {
        work.opened.push(sealed.length);
        return ports.secrets.open(sealed);
      },
    },
    clock: {
      ...ports.clock,
      schedule(delay: number, call: () => void) {
        work.pauses.push(delay);
        queueMicrotask(call);
        return () => undefined;
      },
    },
  };
  const remoteAddress = `192.0.2.1 ${JSON.stringify(proof)}`;
  const refused: unknown = await authenticateKey(counted, { ...proof, remoteAddress }).catch((fault: unknown) => fault);
  expect(refused).toMatchObject({ code: 'unauthenticated' });
  return work;
}

test('an unknown key, a wrong one, one that has expired and one of a custom role cost the same work', async () => {
  await using ports = await openPorts();
  await createRole(ports, administrator, { name: 'Desk', permissions: [] });
  const key = (role: string, level: 'standard' | 'advanced', expiresAt: number | null = null) =>
    createKey(ports, administrator, { ...made, role, level, expiresAt });
  const standard = await key('Viewer', 'standard');
  const desk = await key('Desk', 'standard');
  const expired = await key('Viewer', 'standard', ports.clock.now() + hour);
  const advanced = await key('Viewer', 'advanced');
  ports.clock.advance(2 * hour);
  const timestamp = String(ports.clock.now());
  const bare = { nonce: undefined, timestamp: undefined };
  const signed = { nonce: 'nonce', timestamp };
  const wrong = { authorization: 'x'.repeat(128) };
  const proofs: Readonly<Record<string, Omit<KeyProof, 'remoteAddress'>>> = {
    unknown: { keyId: '99999', ...wrong, ...bare },
    wrong: { keyId: String(standard.key.id), ...wrong, ...bare },
    'of a custom role': { keyId: String(desk.key.id), ...wrong, ...bare },
    'right, but expired': { keyId: String(expired.key.id), authorization: expired.secret, ...bare },
    'unknown, signed': { keyId: '99999', authorization: advancedSignature('x', 'nonce', timestamp), ...signed },
    'signed wrongly': {
      keyId: String(advanced.key.id),
      authorization: advancedSignature('x', 'nonce', timestamp),
      ...signed,
    },
    'with another nonce': {
      keyId: String(advanced.key.id),
      authorization: advancedSignature(advanced.secret, 'other', timestamp),
      ...signed,
    },
  };
  const sealed = standard.key.sealedSecret.length;
  for (const [what, proof] of Object.entries(proofs)) {
    expect([what, await workOf(ports, proof)]).toEqual([what, { reads: 1, opened: [sealed], pauses: [100] }]);
  }
});

test('a key is refused with the right secret once it has expired', async () => {
  await using ports = await openPorts();
  const expiresAt = ports.clock.now() + hour;
  const { key, secret } = await createKey(ports, administrator, {
    ...made,
    role: 'Viewer',
    level: 'standard',
    expiresAt,
  });
  const proof = {
    ...{ keyId: String(key.id), authorization: secret, nonce: undefined, timestamp: undefined },
    remoteAddress: '192.0.2.1',
  };
  expect(await authenticateKey(ports, proof)).toMatchObject({ kind: 'key', role: { name: 'Viewer' } });
  ports.clock.advance(2 * hour);
  await workOf(ports, proof);
});
