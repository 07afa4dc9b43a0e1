import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mostAnswers } from '#core/idempotency/answered-request.ts';
import { RunningRequests } from '#core/idempotency/running-requests.ts';
import type { ClockDoubt, ClockGuard } from '#core/ports/clock-guard.ts';
import type { WholePorts } from '#core/ports/ports.ts';
import type { Store } from '#core/ports/store/store.ts';
import { hour, second } from '#core/time.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { operations } from '#dialects/native/operations.ts';
import { takesIdempotencyKey } from '#dialects/native/schemas/contract.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openSqliteStore } from '#store/open-sqlite-store.ts';
import { openNative } from './world.ts';

const bytes = new TextEncoder().encode('evil bytes');
const key = '"8e03978e-40d5-43e8-bc93-6894a57f9324"';

interface Posting {
  readonly ports?: Partial<WholePorts>;
  readonly authorization?: string;
  readonly key?: string | null;
  readonly method?: string;
}

/** One machine with two files, and a way to post to it as any server of its store would be asked. */
async function openOne() {
  const world = await openNative();
  const endpoint = await enrolMachine(world.ports);
  await inventory(world.ports, endpoint, [fileFacts('/srv/a', bytes), fileFacts('/srv/b', bytes)]);
  const quarantine = (path: string) => ({ endpointIds: [endpoint.id], path, sha256: sha256Of(bytes) });
  return {
    ...{ world, endpoint, quarantine },
    post(path: string, body: unknown, { ports = {}, authorization, key: sent = key, method = 'POST' }: Posting = {}) {
      const dialect = createNativeDialect({ ...world.ports, ...ports });
      const headers = { ...(authorization && { authorization }), ...(sent !== null && { 'idempotency-key': sent }) };
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const init = { method, headers, ...(body !== undefined && { body: text }) };
      const request = new Request(`https://custody.test/api/v1${path}`, init);
      return dialect.handle(request, { remoteAddress: '192.0.2.1', local: authorization === undefined });
    },
    async actions() {
      const { total } = (await (await world.ask('/actions')).json()) as { total: number };
      return total;
    },
  };
}

async function told(response: Response): Promise<Record<string, unknown>> {
  return { http: response.status, ...((await response.json()) as object) };
}

test('the same request under one key is carried out once and answered alike', async () => {
  const { world, post, quarantine, actions } = await openOne();
  await using _ = world;
  const first = await post('/actions/quarantine', quarantine('/srv/a'));
  expect(first.headers.get('idempotent-replayed')).toBeNull();
  const answer = await told(first);
  expect(answer).toMatchObject({ http: 201 });
  const rung = world.ports.rung.length;
  expect(rung).toBe(1);
  for (const sent of [key, key.slice(1, -1)]) {
    const again = await post('/actions/quarantine', quarantine('/srv/a'), { key: sent });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('cache-control')).toBe('no-store');
    expect(await told(again)).toEqual(answer);
  }
  const { endpointIds, path, sha256 } = quarantine('/srv/a');
  const otherOrder = JSON.stringify({ sha256, path, endpointIds }, null, 2);
  expect(await told(await post('/actions/quarantine', otherOrder))).toEqual(answer);
  expect(await actions()).toBe(1);
  expect(world.ports.rung).toHaveLength(rung);
});

test('another body, path or operation under a key is refused, and another principal’s key is another key', async () => {
  const { world, post, quarantine, actions } = await openOne();
  await using _ = world;
  await post('/actions/quarantine', quarantine('/srv/a'));
  for (const [path, body] of [
    ['/actions/quarantine', quarantine('/srv/b')],
    ['/users', { email: 'a@custody.test', password: 'correct horse battery', role: 'Viewer' }],
  ] as const) {
    const refused = await post(path, body);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(await told(refused)).toMatchObject({ http: 422, code: 'key_reused' });
  }
  expect(await actions()).toBe(1);
  const authorization = await world.authorizationOf('Instance Administrator');
  const other = await post('/actions/quarantine', quarantine('/srv/b'), { authorization });
  expect(other.status).toBe(201);
  expect(await actions()).toBe(2);
});

test('a key that is no text of 1 to 255 printable characters is refused', async () => {
  const { world, post, quarantine, actions } = await openOne();
  await using _ = world;
  for (const wrong of ['', '""', '"a', 'a"b', 'x'.repeat(256), 'é', 'a b', '"a","b"']) {
    const refused = await told(await post('/actions/quarantine', quarantine('/srv/a'), { key: wrong }));
    expect(refused).toMatchObject({ http: 400, code: 'invalid_request' });
  }
  expect(await actions()).toBe(0);
});

test('of many at once one is carried out, and the others are told that it runs', async () => {
  const { world, post, quarantine, actions } = await openOne();
  await using _ = world;
  const sent = Array.from({ length: 8 }, () => post('/actions/quarantine', quarantine('/srv/a')));
  const answers = await Promise.all(sent);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
  const running = answers.find(({ status }) => status === 409);
  expect(running?.headers.get('retry-after')).toBe('1');
  expect(running?.headers.get('content-type')).toBe('application/problem+json');
  expect(await actions()).toBe(1);
});

test('servers that share a store carry it out once between them', async () => {
  const { world, post, quarantine, actions } = await openOne();
  await using _ = world;
  const posted = Array.from({ length: 6 }, () =>
    post('/actions/quarantine', quarantine('/srv/a'), { ports: { runningRequests: new RunningRequests() } }),
  );
  const answers = await Promise.all((await Promise.all(posted)).map(told));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(answers.every(({ http }) => http === 201)).toBe(true);
  expect(await actions()).toBe(1);
});

test('it holds after a restart, for 24 hours', async () => {
  const { world, post, quarantine, actions } = await openOne();
  await using _ = world;
  const { clock, directory, store: before } = world.ports;
  const answer = await told(await post('/actions/quarantine', quarantine('/srv/a')));
  const store = await openSqliteStore({ path: join(directory, 'store.sqlite'), deadline: 5 * second, clock });
  const restarted = { store, runningRequests: new RunningRequests() };
  clock.advance(24 * hour - 1);
  const ports = restarted;
  expect(await told(await post('/actions/quarantine', quarantine('/srv/a'), { ports }))).toEqual(answer);
  await store.close();
  clock.advance(1);
  expect((await told(await post('/actions/quarantine', quarantine('/srv/b'))))['id']).not.toBe(answer['id']);
  expect(await actions()).toBe(2);
  const kept = await before.read(({ idempotency }) =>
    idempotency.count({ principalKind: 'local', principalId: 'local' }),
  );
  expect(kept).toBe(1);
});

/** What a crash leaves: of a transaction that ended before its commit nothing, and of one that ended after it all. */
function crashing(store: Store, moment: 'before' | 'after'): Store {
  return {
    ...{
      reach: store.reach,
      demandWritable: () => store.demandWritable(),
      narrowedTo: (limit) => store.narrowedTo(limit),
      dump: () => store.dump(),
      load: (rows) => store.load(rows),
      close: () => store.close(),
      onEvents: (listener) => store.onEvents(listener),
    },
    read: (work, options) => store.read(work, options),
    async transact(work, options) {
      await store.transact(async (transaction) => {
        await work(transaction);
        if (moment === 'before') {
          throw new Error('crashed before the commit');
        }
      }, options);
      throw new Error('crashed after the commit');
    },
  };
}

test('no crash parts an effect from its answer', async () => {
  const { world, post, quarantine, actions } = await openOne();
  await using _ = world;
  const crashed = (moment: 'before' | 'after') => ({ ports: { store: crashing(world.ports.store, moment) } });
  expect((await post('/actions/quarantine', quarantine('/srv/a'), crashed('before'))).status).toBe(500);
  expect(await actions()).toBe(0);
  expect((await post('/actions/quarantine', quarantine('/srv/a'), crashed('after'))).status).toBe(500);
  expect(await actions()).toBe(1);
  const again = await post('/actions/quarantine', quarantine('/srv/a'));
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  const { id } = (await told(again)) as { id: string };
  expect((await world.ask(`/actions/${id}`)).status).toBe(200);
  expect(await actions()).toBe(1);
});

test('a key has no clock accepted before that is recorded, and no later doubt answered with an earlier one', async () => {
  const { world, post } = await openOne();
  await using _ = world;
  const doubt: ClockDoubt = { kind: 'jumped', ahead: hour, believedIn: null };
  let accepted = 0;
  const clockGuard: ClockGuard = {
    surely: world.ports.clock,
    doubt: () => doubt,
    accept: async () => {
      accepted += 1;
      return doubt;
    },
  };
  const accept = async (ports: Partial<WholePorts>) =>
    (await post('/server/clock/accept', { reason: 'paused' }, { ports: { clockGuard, ...ports } })).status;
  expect(await accept({ store: crashing(world.ports.store, 'before') })).toBe(500);
  expect(accepted).toBe(0);
  expect([await accept({}), await accept({})]).toEqual([200, 200]);
  expect(accepted).toBe(2);
});

test('a transaction that the database wants again carries the request out once', async () => {
  const { world, post, quarantine, actions } = await openOne();
  await using _ = world;
  const { store } = world.ports;
  const twice: Store = {
    ...crashing(store, 'before'),
    async transact(work, options) {
      const undone = crashing(store, 'before').transact(work, options);
      await undone.catch(() => undefined);
      return store.transact(work, options);
    },
  };
  const answer = await told(await post('/actions/quarantine', quarantine('/srv/a'), { ports: { store: twice } }));
  expect(answer).toMatchObject({ http: 201 });
  expect(await actions()).toBe(1);
  expect(world.ports.rung).toHaveLength(1);
  expect(await told(await post('/actions/quarantine', quarantine('/srv/a')))).toEqual(answer);
});

test('what was refused changed nothing and may be asked again under its key', async () => {
  const { world, post, quarantine, actions } = await openOne();
  await using _ = world;
  const missing = { guids: ['-1.1'] };
  expect((await post('/actions/fetch', missing)).status).toBe(422);
  const gone = { ...quarantine('/srv/a'), endpointIds: ['0'.repeat(32)] };
  const refused = await post('/actions/quarantine', gone);
  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect(await actions()).toBe(0);
  expect((await post('/actions/quarantine', quarantine('/srv/a'))).status).toBe(201);
});

test('a secret that is shown once is shown again to the same request, and the store has no plain one', async () => {
  const { world, post } = await openOne();
  await using _ = world;
  const body = { name: 'canary', role: 'Viewer', level: 'standard', expiresAt: null };
  const first = await told(await post('/keys', body));
  expect(first).toMatchObject({ http: 201, secret: expect.any(String) });
  expect(await told(await post('/keys', body))).toEqual(first);
  const user = { email: 'new@custody.test', password: 'canary horse battery staple', role: 'Viewer' };
  expect((await post('/users', user, { key: 'users' })).status).toBe(201);
  const { directory } = world.ports;
  for (const file of ['store.sqlite', 'store.sqlite-wal']) {
    const text = readFileSync(join(directory, file), 'latin1');
    expect(text.includes(String(first['secret']))).toBe(false);
    expect(text.includes('canary horse')).toBe(false);
  }
});

test('a principal has many keys, not any number of them, and is told when there are too many', async () => {
  const { world, post, quarantine, actions } = await openOne();
  await using _ = world;
  const { store, clock } = world.ports;
  const mine = { principalKind: 'local', principalId: 'local', sealed: new Uint8Array(1) } as const;
  await store.transact(
    async ({ idempotency }) => {
      for (let index = 0; index < mostAnswers; index += 1) {
        await idempotency.insert({ ...mine, keyHash: String(index), expiresAt: clock.now() + hour });
      }
    },
    { deadline: 60 * second },
  );
  const refused = await post('/actions/quarantine', quarantine('/srv/a'));
  expect(refused.headers.get('retry-after')).toBe('3600');
  expect(await told(refused)).toMatchObject({ http: 429, code: 'rate_limited' });
  expect(await actions()).toBe(0);
  expect((await post('/actions/quarantine', quarantine('/srv/a'), { key: null })).status).toBe(201);
  clock.advance(hour);
  expect((await post('/actions/quarantine', quarantine('/srv/b'))).status).toBe(201);
});

test('every operation that changes something takes a key, but those that say why not', () => {
  const contracts = operations.map(({ contract }) => contract);
  const without = contracts.filter((contract) => contract.method !== 'GET' && !takesIdempotencyKey(contract));
  expect(without.map(({ name }) => name).toSorted()).toEqual([
    'acceptClock',
    'changePassword',
    'confirmSecondFactor',
    'deleteEvidence',
    'endOwnSessions',
    'exportBundle',
    'findFiles',
    'logIn',
    'logOut',
    'openBrowserSession',
    'prepareSecondFactor',
    'previewQuarantine',
    'readQuarantineStatus',
    'renewRecoveryCodes',
    'takeSession',
    'testWebhook',
  ]);
  for (const { access, contract } of operations) {
    // Only what knows its principal from the start can know whose key it is.
    expect(takesIdempotencyKey(contract) && 'open' in access).toBe(false);
  }
});
