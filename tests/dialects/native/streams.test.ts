import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { hour, minute } from '#core/time.ts';
import { changeRole } from '#core/verbs/change-role.ts';
import { changeUser } from '#core/verbs/change-user.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createRole } from '#core/verbs/create-role.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { deleteKeys } from '#core/verbs/delete-keys.ts';
import { logIn } from '#core/verbs/log-in.ts';
import { tagEndpoints } from '#core/verbs/tag-endpoints.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { startAgent } from '#kit/agent.ts';
import { testSeed } from '#kit/chance.ts';
import { EventStream } from '#kit/event-stream.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts, type TestPortsOptions } from '#kit/ports.ts';
import { until } from '#kit/until.ts';

const seed = testSeed();
const bytes = new TextEncoder().encode('some bytes');

type Headers = Readonly<Record<string, string>>;

/** Time passes a hundred times as fast for what waits. */
function hurried<Ports extends TestPorts>(ports: Ports): Ports {
  const { clock } = ports;
  const monotonic = () => clock.monotonic() * 100;
  return {
    ...ports,
    clock: { ...clock, monotonic, schedule: (delay: number, call: () => void) => clock.schedule(delay / 100, call) },
  };
}

async function open(options: TestPortsOptions = {}) {
  const ports = hurried(await openPorts(options));
  const dialect = createNativeDialect(ports);
  const ask = (path: string, headers?: Headers) => {
    const request = new Request(`https://custody.test/api/v1${path}`, { headers: headers ?? {} });
    return dialect.handle(request, { remoteAddress: '192.0.2.1', local: headers === undefined });
  };
  return { ports, ask, stream: async (path: string, headers?: Headers) => new EventStream(await ask(path, headers)) };
}

async function jsonOf(answer: Response): Promise<Readonly<Record<string, unknown>>> {
  return Object(await answer.json());
}

/** Commits so many events at once. */
async function append({ store, clock }: TestPorts, count: number): Promise<void> {
  const event = {
    type: 'logged_out',
    at: clock.now(),
    actor: { kind: 'server', id: 's', name: 's' },
    facts: {},
  } as const;
  await store.transact(({ events }) => events.append(Array.from({ length: count }, () => event)));
}

async function keyOf(ports: TestPorts, role: string, tags?: readonly string[]) {
  const scope = tags === undefined ? {} : { scope: { kind: 'tags', tags } as const };
  const request = { name: 'k', role, level: 'standard', expiresAt: null, ...scope } as const;
  const { key, secret } = await createKey(ports, administrator, request);
  return { id: key.id, headers: { authorization: `Custody-Key ${key.id}:${secret}` } };
}

async function sequences(stream: EventStream, count: number): Promise<readonly number[]> {
  const found: number[] = [];
  while (found.length < count) {
    found.push(Number((await stream.data())['id']));
  }
  return found;
}

describe('The stream of events', () => {
  test('has each as the list has it, under its number and type, from now on or from where one asks', async () => {
    const { ports, ask, stream } = await open();
    await using _ = ports;
    await append(ports, 3);
    const answer = await ask('/events/stream');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      ...{ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    });
    await using live = new EventStream(answer);
    expect(await live.next()).toMatchObject({ retry: '3000', id: '3' });
    await createUser(ports, administrator, { email: 'a@example.org', password: 'a long password', role: 'Viewer' });
    const heard = await live.data();
    const listed = await jsonOf(await ask('/events?after=3'));
    expect([heard['id'], heard['event']]).toEqual(['4', 'user_created']);
    expect(listed).toEqual({ items: [JSON.parse(heard.data)] });
    await using before = await stream('/events/stream?after=1');
    expect(await sequences(before, 3)).toEqual([2, 3, 4]);
    await using again = new EventStream(
      await ask('/events/stream?after=0', {
        ...(await keyOf(ports, 'Instance Administrator')).headers,
        'last-event-id': '3',
      }),
    );
    expect(await sequences(again, 1)).toEqual([4]);
  });

  test('moves on over what its filter leaves out, and says how far at its signs of life', async () => {
    const { ports, stream } = await open();
    await using _ = ports;
    await using live = await stream('/events/stream?type=user_created&actor=test');
    expect(await live.next()).toMatchObject({ id: '0' });
    await append(ports, 250);
    expect(
      await until('a sign of life tells the newest number', async () => (await live.next())?.['id'] === '250'),
    ).toBe(true);
    await createUser(ports, administrator, { email: 'a@example.org', password: 'a long password', role: 'Viewer' });
    expect(await sequences(live, 1)).toEqual([251]);
  });

  test('loses and doubles nothing, wherever its reader breaks off and comes again', async () => {
    const { ports, ask } = await open();
    await using _ = ports;
    const { headers } = await keyOf(ports, 'Instance Administrator');
    const runs = fc.array(
      fc.record({ appended: fc.integer({ min: 0, max: 120 }), read: fc.integer({ min: 0, max: 150 }) }),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    await fc.assert(
      fc.asyncProperty(runs, async (steps) => {
        const start = await ports.store.read(({ events }) => events.lastSequence());
        let last = String(start);
        const heard: number[] = [];
        let appended = 0;
        const listen = async (count: number) => {
          await using stream = new EventStream(await ask('/events/stream', { ...headers, 'last-event-id': last }));
          for (const sequence of await sequences(stream, count)) {
            heard.push(sequence);
            last = String(sequence);
          }
        };
        for (const step of steps) {
          appended += step.appended;
          // While they are committed it is read, as far as it goes.
          await Promise.all([append(ports, step.appended), listen(Math.min(step.read, appended - heard.length))]);
        }
        await listen(appended - heard.length);
        expect(heard).toEqual(Array.from({ length: appended }, (_, index) => start + index + 1));
      }),
      { numRuns: 15, seed },
    );
    await until('nobody reads any more', () => ports.openStreams.count === 0);
  }, 60_000);
});

describe('Of the events, a stream', () => {
  test('tells whoever is limited to some endpoints of those alone', async () => {
    const { ports, stream } = await open();
    await using _ = ports;
    const [mine, other] = [await enrolMachine(ports), await enrolMachine(ports, { hostName: 'db-1' })];
    await tagEndpoints(ports, { by: administrator, endpointIds: [mine.id], add: ['web'], remove: [] });
    const { headers } = await keyOf(ports, 'Instance Administrator', ['web']);
    const listed = await ports.store
      .narrowedTo({ tags: ['web'], by: { kind: 'key', id: '1' } })
      .read(({ events }) => events.list({}, 0, 100));
    await using live = await stream('/events/stream?after=0', headers);
    expect(await sequences(live, listed.length)).toEqual(listed.map(({ sequence }) => sequence));
    await tagEndpoints(ports, { by: administrator, endpointIds: [other.id], add: ['x'], remove: [] });
    await tagEndpoints(ports, { by: administrator, endpointIds: [mine.id], add: ['y'], remove: [] });
    const next = JSON.parse((await live.data()).data);
    expect(next).toMatchObject({ type: 'endpoint_tagged', endpointId: mine.id });
  });

  test('refuses a number that the record does not have, or that is none, in words', async () => {
    const { ports, ask } = await open();
    await using _ = ports;
    await append(ports, 2);
    const { headers } = await keyOf(ports, 'Instance Administrator');
    const answers = [
      await ask('/events/stream?after=9'),
      await ask('/events/stream', { ...headers, 'last-event-id': '-1' }),
    ];
    expect(await Promise.all(answers.map(jsonOf))).toMatchObject([
      { status: 400, detail: expect.stringContaining('no event 9 yet; the newest is 3'), details: { newest: 3 } },
      { status: 400, detail: 'Last-Event-ID: must be the number of an event.' },
    ]);
    expect(ports.openStreams.count).toBe(0);
  });
});

/** What ends a stream, and what is committed after it is never told. */
const endings: Readonly<Record<string, (world: EndingWorld) => Promise<void>>> = {
  'its key is deleted': async ({ ports, id }) => void (await deleteKeys(ports, administrator, [id])),
  'its key expires': async ({ ports }) => ports.clock.advance(hour),
  'its role allows less': async ({ ports }) => {
    await changeRole(ports, administrator, { role: 'Night desk', changes: { permissions: ['files.read'] } });
  },
  'its role allows more': async ({ ports }) => {
    await changeRole(ports, administrator, {
      role: 'Night desk',
      changes: { permissions: ['events.read', 'files.read'] },
    });
  },
};

const userEndings: Readonly<Record<string, (ports: TestPorts) => Promise<void>>> = {
  'its session lies idle': async ({ clock }) => clock.advance(30 * minute),
  'its user is disabled': async (ports) => {
    await changeUser(ports, administrator, { user: 'ana@example.org', changes: { disabled: true } });
  },
  'its user may see other endpoints': async (ports) => {
    const scope = { kind: 'tags', tags: ['a'] } as const;
    await changeUser(ports, administrator, { user: 'ana@example.org', changes: { scope } });
  },
};

interface EndingWorld {
  readonly ports: TestPorts;
  readonly id: number;
}

describe('A stream ends with a reason', () => {
  test.each(Object.entries(endings))('when %s', async (_what, act) => {
    const { ports, ask } = await open();
    await using _ = ports;
    await createRole(ports, administrator, { name: 'Night desk', permissions: ['events.read'] });
    const { key, secret } = await createKey(ports, administrator, {
      ...{ name: 'k', role: 'Night desk', level: 'standard' },
      expiresAt: ports.clock.now() + hour,
    });
    const headers = { authorization: `Custody-Key ${key.id}:${secret}` };
    await using live = new EventStream(await ask('/events/stream?type=logged_out', headers));
    await live.next();
    await act({ ports, id: key.id });
    await append(ports, 1);
    const rest = (await live.rest()).filter(({ data }) => data !== undefined);
    expect(rest.map(({ event }) => event)).toEqual(['stream_ended']);
    expect(JSON.parse(rest[0]?.['data'] ?? '').code).toMatch(/^(unauthenticated|permission_denied)$/);
    expect(ports.openStreams.count).toBe(0);
  });

  test.each(Object.entries(userEndings))('when %s', async (_what, act) => {
    const { ports, ask } = await open();
    await using _ = ports;
    await createUser(ports, administrator, {
      email: 'ana@example.org',
      password: 'a long password',
      role: 'Instance Administrator',
    });
    await createUser(ports, administrator, {
      email: 'ben@example.org',
      password: 'a long password',
      role: 'Instance Administrator',
    });
    const { token } = await logIn(ports, {
      email: 'ana@example.org',
      password: 'a long password',
      remoteAddress: '',
      dialect: 'native',
    });
    await using live = new EventStream(
      await ask('/events/stream?type=logged_out', { authorization: `Bearer ${token}` }),
    );
    await live.next();
    await act(ports);
    await append(ports, 1);
    const rest = (await live.rest()).filter(({ data }) => data !== undefined);
    expect(rest.map(({ event }) => event)).toEqual(['stream_ended']);
  });
});

describe('A stream ends', () => {
  test('when the server stops, and no other begins', async () => {
    const { ports, ask, stream } = await open();
    await using _ = ports;
    await using live = await stream('/events/stream');
    await live.next();
    await using untouched = await stream('/events/stream');
    const last = live.rest();
    await ports.openStreams.close();
    expect((await last).at(-1)).toMatchObject({
      event: 'stream_ended',
      data: expect.stringContaining('The server stops'),
    });
    expect(await untouched.rest()).toEqual([]);
    const refused = await ask('/events/stream');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
  });

  test('when its reader takes nothing for half a minute, with no more than one event held for it', async () => {
    const { ports, ask } = await open();
    await using _ = ports;
    await append(ports, 300);
    const { body } = await ask('/events/stream?after=0');
    const reader = body?.getReader();
    await reader?.read();
    await until('the stream is given up', () => ports.openStreams.count === 0);
    const late = await reader?.read().then(
      () => 'more',
      () => 'an error',
    );
    expect(late).toBe('an error');
  });

  test('in words where too many are open, for one principal and for all', async () => {
    const { ports, ask } = await open({ streams: { most: 2, mostOfPrincipal: 1 } });
    await using _ = ports;
    const keys = await Promise.all([1, 2, 3].map(() => keyOf(ports, 'Instance Administrator')));
    const [one, two, three] = keys.map(({ headers }) => headers);
    const first = await ask('/events/stream', one);
    const own = await ask('/events/stream', one);
    expect([own.status, own.headers.get('retry-after')]).toEqual([429, '10']);
    expect((await jsonOf(own))['detail']).toContain('may have 1 (CUSTODY_STREAMS_PER_PRINCIPAL)');
    await using _second = new EventStream(await ask('/events/stream', two));
    const full = await ask('/events/stream', three);
    expect([full.status, (await jsonOf(full))['detail']]).toEqual([503, expect.stringContaining('(CUSTODY_STREAMS)')]);
    await first.body?.cancel();
    await using third = new EventStream(await ask('/events/stream', three));
    expect(await third.next()).toBeDefined();
  });
});

describe('The stream of an action', () => {
  test('tells how far it is at once, at each change, and ends with how it ended', async () => {
    const { ports, ask, stream } = await open();
    await using _ = ports;
    const machines = [await enrolMachine(ports), await enrolMachine(ports, { hostName: 'db-1' })];
    const agents = await Promise.all(
      machines.map(async (machine) => {
        await inventory(ports, machine, [fileFacts('/srv/a.txt', bytes)]);
        return startAgent(ports, machine, { '/srv/a.txt': bytes });
      }),
    );
    const request = new Request('https://custody.test/api/v1/actions/quarantine', {
      method: 'POST',
      body: JSON.stringify({ endpointIds: machines.map(({ id }) => id), path: '/srv/a.txt', sha256: sha256Of(bytes) }),
    });
    const { id } = await jsonOf(await createNativeDialect(ports).handle(request, { remoteAddress: '', local: true }));
    await using live = await stream(`/actions/${id}/stream`);
    const told = async () => {
      const { event, data } = await live.data();
      const { status, counts, endedCount } = JSON.parse(data);
      return { event, status, counts, endedCount };
    };
    const progress = { event: 'progress' };
    expect(await told()).toEqual({ ...progress, status: 'pending', counts: { pending: 2 }, endedCount: 0 });
    await agents[0]?.accept();
    expect(await told()).toEqual({
      ...{ ...progress, status: 'in_progress', counts: { in_progress: 1, pending: 1 }, endedCount: 0 },
    });
    await agents[0]?.work();
    expect(await told()).toMatchObject({ status: 'in_progress', endedCount: 1 });
    await agents[1]?.work();
    const counts = { completed_successfully: 2 };
    expect(await told()).toEqual({ ...progress, status: 'completed_successfully', counts, endedCount: 2 });
    expect(await live.rest()).toEqual([]);
    const none = await ask('/actions/12345/stream');
    expect([none.status, ports.openStreams.count]).toEqual([404, 0]);
  });

  test('is for whoever may read actions', async () => {
    const { ports, ask } = await open();
    await using _ = ports;
    await createRole(ports, administrator, { name: 'Files only', permissions: ['files.read'] });
    const { headers } = await keyOf(ports, 'Files only');
    expect((await ask('/actions/12345/stream', headers)).status).toBe(403);
  });
});
