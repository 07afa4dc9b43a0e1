import { describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { builtInRole } from '#core/access/role.ts';
import type { Fault } from '#core/fault.ts';
import type { Policy } from '#core/ports/policy.ts';
import { day, hour, minute } from '#core/time.ts';
import { advancedSignature } from '#core/verbs/authenticate-key.ts';
import { type CreatedKey, createKey } from '#core/verbs/create-key.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { deleteKeys } from '#core/verbs/delete-keys.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import { administrator } from '#kit/fleet.ts';
import { type Answer, type CortexWorld, openWorld, standard } from './world.ts';

const retrieval = { mostFiles: 20, mostEndpoints: 10, archiveForm: 'plain', linkLifetime: null } as const;
const strict: Partial<Policy> = { cortex: { idForm: 'text', signatures: 'strict', retrieval } };
const lenient: Partial<Policy> = { cortex: { idForm: 'text', signatures: 'lenient', retrieval } };

interface Signing {
  readonly nonce?: string;
  readonly timestamp?: number | string;
}

function signed({ key, secret }: CreatedKey, { nonce = 'n'.repeat(64), timestamp = '' }: Signing) {
  return {
    'x-xdr-auth-id': String(key.id),
    'x-xdr-nonce': nonce,
    'x-xdr-timestamp': String(timestamp),
    authorization: advancedSignature(secret, nonce, String(timestamp)),
  };
}

async function statusWith(
  world: CortexWorld,
  headers: Readonly<Record<string, string>>,
  from = '192.0.2.99',
): Promise<number> {
  return (await world.send({ path: '/api_keys/validate/', headers, body: '{}', from })).status;
}

describe('the strict rule', () => {
  test('takes each nonce of a key once, and another key its own', async () => {
    await using world = await openWorld({ policy: strict });
    const [one, other] = [await world.newKey('Viewer', 'advanced'), await world.newKey('Viewer', 'advanced')];
    const timestamp = world.ports.clock.now();
    expect(await statusWith(world, signed(one, { timestamp }))).toBe(200);
    expect(await statusWith(world, signed(one, { timestamp }))).toBe(401);
    expect(await statusWith(world, signed(one, { timestamp: timestamp + 1 }))).toBe(401);
    expect(await statusWith(world, signed(other, { timestamp }))).toBe(200);
    expect(await statusWith(world, signed(one, { nonce: 'another', timestamp }))).toBe(200);
  });

  test('remembers nonces in the store: neither a restart nor a second server takes one again', async () => {
    await using world = await openWorld({ policy: strict });
    const headers = signed(await world.newKey('Viewer', 'advanced'), { timestamp: world.ports.clock.now() });
    expect(await statusWith(world, headers)).toBe(200);
    const second = createCortexDialect({ ...world.ports });
    const request = new Request('https://custody.test/api_keys/validate', { method: 'POST', headers });
    expect((await second.handle(request, { remoteAddress: '192.0.2.1', local: false })).status).toBe(401);
  });

  test('lets one of many that come at once in', async () => {
    await using world = await openWorld({ policy: strict });
    const headers = signed(await world.newKey('Viewer', 'advanced'), { timestamp: world.ports.clock.now() });
    const statuses = await Promise.all(Array.from({ length: 10 }, () => statusWith(world, headers)));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });

  test('keeps no more nonces than came while they could be used, and none of a wrong signature', async () => {
    await using world = await openWorld({ policy: strict });
    const key = await world.newKey('Viewer', 'advanced');
    for (const nonce of ['a', 'b', 'c']) {
      await statusWith(world, signed(key, { nonce, timestamp: world.ports.clock.now() }));
    }
    await statusWith(world, { ...signed(key, { nonce: 'd', timestamp: world.ports.clock.now() }), authorization: 'x' });
    expect(await noncesOf(world)).toBe(3);
    world.ports.clock.advance(11 * minute);
    await statusWith(world, signed(key, { nonce: 'e', timestamp: world.ports.clock.now() }));
    expect(await noncesOf(world)).toBe(1);
  });

  test('does not let a signature come again with a zero moved from the nonce to the timestamp', async () => {
    await using world = await openWorld({ policy: strict });
    const key = await world.newKey('Viewer', 'advanced');
    const headers = signed(key, { nonce: 'abc0', timestamp: world.ports.clock.now() });
    expect(await statusWith(world, headers)).toBe(200);
    const moved = { 'x-xdr-nonce': 'abc', 'x-xdr-timestamp': `0${headers['x-xdr-timestamp']}` };
    expect(await statusWith(world, { ...headers, ...moved })).toBe(401);
  });

  test('leaves standard keys as they are', async () => {
    await using world = await openWorld({ policy: strict });
    const headers = standard(await world.newKey('Viewer', 'standard'));
    expect([await statusWith(world, headers), await statusWith(world, headers)]).toEqual([200, 200]);
  });
});

describe('the clock', () => {
  for (const [name, policy, window] of [
    ['lenient', lenient, 24 * hour],
    ['strict', strict, 5 * minute],
  ] as const) {
    test(`may be off by ${window / minute} minutes under the ${name} rule, in either direction`, async () => {
      await using world = await openWorld({ policy });
      const key = await world.newKey('Viewer', 'advanced');
      const now = world.ports.clock.now();
      const at = (timestamp: number) => statusWith(world, signed(key, { nonce: `n${timestamp}`, timestamp }));
      expect([await at(now - window), await at(now + window)]).toEqual([200, 200]);
      expect([await at(now - window - 1), await at(now + window + 1)]).toEqual([401, 401]);
    });
  }

  test('ends a key', async () => {
    await using world = await openWorld();
    const expiresAt = world.ports.clock.now() + hour;
    const request = { name: '', role: 'Viewer', level: 'standard', expiresAt } as const;
    const headers = standard(await createKey(world.ports, administrator, request));
    expect(await statusWith(world, headers)).toBe(200);
    world.ports.clock.advance(hour);
    expect(await statusWith(world, headers)).toBe(401);
  });
});

describe('a refused key', () => {
  test('is always the same answer, takes its time, and leaves the true reason in the log', async () => {
    const said: unknown[] = [];
    await using world = await openWorld({ policy: strict });
    const { ports } = world;
    const log = { ...ports.log, info: (_: string, facts?: object) => void said.push(facts) };
    const dialect = createCortexDialect({ ...ports, log });
    const plain = await world.newKey('Viewer', 'standard');
    const signing = await world.newKey('Viewer', 'advanced');
    const now = ports.clock.now();
    const good = signed(signing, { nonce: 'once', timestamp: now });
    await statusWith(world, good);
    const gone = await world.newKey('Viewer', 'standard');
    await deleteKeys(ports, administrator, [gone.key.id]);
    const attempts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      'unknown key id': { 'x-xdr-auth-id': '77', authorization: 'x' },
      'unknown key id ': standard(gone),
      'unknown key id  ': { 'x-xdr-auth-id': "1' or 1=1--", authorization: 'x' },
      'wrong key, or an advanced signature for a standard key': { ...standard(plain), authorization: 'x' },
      'wrong signature, or a standard key sent as it is for an advanced one': { ...good, authorization: 'x' },
      'the nonce was used before': good,
      "the timestamp is more than 5 minutes from this server's time": signed(signing, { timestamp: now - hour }),
      'an advanced key needs x-xdr-nonce (1 to 256 characters) and x-xdr-timestamp (milliseconds)': standard(signing),
    };
    for (const [why, headers] of Object.entries(attempts)) {
      const request = new Request('https://custody.test/api_keys/validate', { method: 'POST', headers });
      const began = performance.now();
      const answer = await dialect.handle(request, { remoteAddress: '192.0.2.1', local: false });
      expect(performance.now() - began).toBeGreaterThan(90);
      expect([answer.status, (await answer.text()).length]).toEqual([401, 93]);
      expect(said.pop()).toMatchObject({ why: why.trim() });
    }
  });

  test('is refused whatever its headers hold', async () => {
    await using world = await openWorld();
    const key = await world.newKey('Viewer', 'advanced');
    const right = signed(key, { timestamp: world.ports.clock.now() });
    const odd: readonly Readonly<Record<string, string>>[] = [
      { 'x-xdr-auth-id': '0' },
      { 'x-xdr-auth-id': '-1' },
      { 'x-xdr-auth-id': '1e0' },
      { 'x-xdr-auth-id': `${key.key.id}, ${key.key.id}` },
      { 'x-xdr-auth-id': '9'.repeat(5_000) },
      { 'x-xdr-nonce': '' },
      { 'x-xdr-nonce': 'n'.repeat(257) },
      { 'x-xdr-timestamp': '' },
      { 'x-xdr-timestamp': '-1' },
      { 'x-xdr-timestamp': '1e400' },
      { 'x-xdr-timestamp': 'NaN' },
      { 'x-xdr-timestamp': '9'.repeat(400) },
      { 'x-xdr-timestamp': `${right['x-xdr-timestamp']}.5` },
      { authorization: '' },
      { authorization: 'a'.repeat(10_000) },
      { authorization: 'é'.repeat(64) },
    ];
    const statuses = await Promise.all(
      odd.map((headers, index) => statusWith(world, { ...right, ...headers }, `192.0.2.${index}`)),
    );
    expect(new Set(statuses)).toEqual(new Set([401]));
    const timestamp = world.ports.clock.now();
    const longer = (length: number) => statusWith(world, signed(key, { nonce: 'n'.repeat(length), timestamp }));
    expect([await longer(1), await longer(256), await longer(257)]).toEqual([200, 200, 401]);
    expect(await statusWith(world, { ...right, authorization: right.authorization.toUpperCase() })).toBe(200);
  });
});

describe('generated keys', () => {
  const generate = (world: CortexWorld, headers: Readonly<Record<string, string>>, fields = {}): Promise<Answer> =>
    world.call('api_keys/generate', { roles: ['Viewer'], security_level: 'standard', ...fields }, headers);

  test('work at once, for a week, and are listed without their secret', async () => {
    await using world = await openWorld();
    const headers = await world.key('Instance Administrator');
    const { reply } = await generate(world, headers, { comment: 'for the SOAR – 1' });
    const own = { 'x-xdr-auth-id': String(reply['id']), authorization: String(reply['key']) };
    expect(await statusWith(world, own)).toBe(200);
    const { text, reply: listed } = await world.call('api_keys/get_api_keys', { filters: [] }, headers);
    expect(text).not.toContain(own.authorization);
    expect((listed['DATA'] as readonly unknown[]).at(-1)).toMatchObject({
      id: reply['id'],
      comment: 'for the SOAR – 1',
      created_by: 'a Instance Administrator',
      expiration: world.ports.clock.now() + 7 * day,
    });
    world.ports.clock.advance(7 * day);
    expect(await statusWith(world, own)).toBe(401);
  });

  test('last six months at most', async () => {
    await using world = await openWorld();
    const headers = await world.key('Instance Administrator');
    const now = world.ports.clock.now();
    const statusOf = async (expiration: unknown) => (await generate(world, headers, { expiration })).status;
    expect([await statusOf(now + 184 * day), await statusOf(String(now + hour)), await statusOf(null)]).toEqual([
      200, 200, 200,
    ]);
    expect([await statusOf(now + 184 * day + 1), await statusOf(now), await statusOf(-1)]).toEqual([500, 500, 500]);
  });

  test('sign as advanced ones when that is their level', async () => {
    await using world = await openWorld();
    const headers = await world.key('Instance Administrator');
    const { reply } = await generate(world, headers, { security_level: 'advanced' });
    const [id, timestamp] = [String(reply['id']), String(world.ports.clock.now())];
    const authorization = createHash('sha256').update(`${reply['key']}nonce${timestamp}`).digest('hex');
    const own = { 'x-xdr-auth-id': id, 'x-xdr-nonce': 'nonce', 'x-xdr-timestamp': timestamp, authorization };
    expect(await statusWith(world, own)).toBe(200);
    expect(await statusWith(world, { 'x-xdr-auth-id': id, authorization: String(reply['key']) })).toBe(401);
  });

  test('never may do more than whoever makes them', async () => {
    await using world = await openWorld();
    const permissions = [...builtInRole('Responder').permissions, 'access.manage'] as const;
    const by = { ...administrator, role: { name: 'Key desk', permissions } };
    const make = (role: 'Privileged Responder' | 'Privileged Investigator' | 'Investigator') =>
      createKey(world.ports, by, { name: '', role, level: 'standard', expiresAt: null });
    for (const role of ['Privileged Responder', 'Privileged Investigator'] as const) {
      const refused: unknown = await make(role).catch((fault: unknown) => fault);
      expect(refused).toMatchObject({ code: 'permission_denied' });
    }
    expect((await make('Investigator')).key.role).toBe('Investigator');
  });
});

describe('deleted keys', () => {
  const remove = (world: CortexWorld, headers: Readonly<Record<string, string>>, ...ids: readonly unknown[]) =>
    world.call('api_keys/delete', { filters: [{ field: 'id', operator: 'in', value: ids as string[] }] }, headers);

  test('let nobody in from then on, are recorded, and their id is never given again', async () => {
    await using world = await openWorld();
    const headers = await world.key('Instance Administrator');
    const viewer = await world.newKey('Viewer', 'standard');
    const { reply } = await remove(world, headers, viewer.key.id, String(viewer.key.id), 999);
    expect(reply).toEqual({ update_count: 1 });
    expect(await statusWith(world, standard(viewer))).toBe(401);
    expect((await world.newKey('Viewer', 'standard')).key.id).toBe(viewer.key.id + 1);
    const recorded = await world.ports.store.read(({ events }) => events.list({ types: ['key_deleted'] }, 0, 10));
    expect(recorded).toMatchObject([{ actor: { kind: 'key' }, facts: { keyId: viewer.key.id, role: 'Viewer' } }]);
  });

  test('are not the last way in of an administrator', async () => {
    await using world = await openWorld();
    const first = await world.newKey('Instance Administrator', 'standard');
    const viewer = await world.newKey('Viewer', 'standard');
    const refused = await remove(world, standard(first), first.key.id, viewer.key.id);
    expect([refused.status, refused.reply['err_extra']]).toEqual([
      500,
      'This is the last way in for an administrator. Make another key of an Instance Administrator, or such a user, first.',
    ]);
    expect([await statusWith(world, standard(first)), await statusWith(world, standard(viewer))]).toEqual([200, 200]);
    await world.newKey('Instance Administrator', 'advanced');
    expect((await remove(world, standard(first), first.key.id)).reply).toEqual({ update_count: 1 });
  });

  test('may be the last of their kind where a user can still administer, or where they had expired', async () => {
    await using world = await openWorld();
    const expiresAt = world.ports.clock.now() + hour;
    const request = { name: '', role: 'Instance Administrator', level: 'standard', expiresAt } as const;
    const passing = await createKey(world.ports, administrator, request);
    const outcome = () =>
      deleteKeys(world.ports, administrator, [passing.key.id]).then(
        (deleted) => deleted.length,
        (fault: Fault) => fault.code,
      );
    expect(await outcome()).toBe('conflict');
    world.ports.clock.advance(2 * hour);
    expect(await outcome()).toBe(1);
    const last = await world.newKey('Instance Administrator', 'standard');
    const user = { email: 'root@example.test', password: 'a long password', role: 'Instance Administrator' } as const;
    await createUser(world.ports, administrator, user);
    expect(await deleteKeys(world.ports, administrator, [last.key.id])).toHaveLength(1);
  });
});

async function noncesOf(world: CortexWorld): Promise<number> {
  let count = 0;
  for await (const { table } of world.ports.store.dump()) {
    count += table === 'key_nonces' ? 1 : 0;
  }
  return count;
}
