import { describe, expect, test } from 'bun:test';
import type { LogFacts } from '#core/ports/log.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import type { Connection } from '#dialects/dialect.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { openPorts } from '#kit/ports.ts';
import { answerTraced, requestFacts } from '#server/request-trace.ts';
import { route } from '#server/router.ts';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly facts: LogFacts;
}

/** A server's answers without its sockets, and what its log would say. */
async function openRoutes() {
  const base = await openPorts();
  const lines: Line[] = [];
  const at = (level: string) => (message: string, facts?: LogFacts) =>
    void lines.push({ level, message, facts: { ...requestFacts(), ...facts } });
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const ports = { ...base, log };
  const native = createNativeDialect(ports);
  const routes = {
    ...{ ports, fallback: native },
    answerers: [native, createCortexDialect(ports), createCybereasonDialect(ports)],
    agent: async () => new Response(null, { status: 404 }),
    metrics: { count: ({ answer }: { readonly answer: () => Promise<Response> }) => answer() },
    readiness: { answer: async () => new Response('ready\n') },
  };
  const ask = (path: string, init: RequestInit = {}, connection: Partial<Connection> = {}) =>
    route(routes, new Request(`https://custody.test:8443${path}`, init), {
      ...{ remoteAddress: '192.0.2.1', local: false },
      ...connection,
    });
  return { lines, ask, base, [Symbol.asyncDispose]: () => base[Symbol.asyncDispose]() };
}

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

describe('A request', () => {
  test('has one line in the log, with the pattern of its route and never its path', async () => {
    await using world = await openRoutes();
    for (const path of ['/public_api/v1/download/secret-token', '/public_api/v1/download/secret-token?secret-token']) {
      await world.ask(path);
    }
    await world.ask('/api/v1/actions/secret-token', {}, { local: true });
    await world.ask('/rest/fetchfile/getfiles/secret-token');
    await world.ask('/secret-token');
    const answered = world.lines.filter(({ message }) => message === 'A request was answered.');
    const told: readonly LogFacts[] = answered.map(({ facts: { requestId: _, duration: __, ...facts } }) => facts);
    expect(told).toEqual([
      { method: 'GET', route: 'GET /public_api/v1/download/:token', status: 401 },
      { method: 'GET', route: 'GET /public_api/v1/download/:token', status: 401 },
      { method: 'GET', route: 'GET /api/v1/actions/:actionId', status: 400, principal: 'local:local' },
      { method: 'GET', route: 'GET /rest/fetchfile/getfiles/:batchID', status: 302 },
      { method: 'GET', status: 404 },
    ]);
    expect(new Set(answered.map(({ level }) => level))).toEqual(new Set(['info']));
    expect(JSON.stringify(world.lines)).not.toMatch(/secret-token/i);
  });

  test('has an id in the answer, in the fault and in each of its lines', async () => {
    await using world = await openRoutes();
    const answer = await world.ask('/api/v1/endpoints');
    const id = answer.headers.get('x-request-id') ?? '';
    expect(id).toMatch(uuid);
    expect(await answer.json()).toMatchObject({ code: 'unauthenticated', requestId: id });
    expect(world.lines.length).toBe(2);
    expect(world.lines.map(({ facts }) => facts['requestId'])).toEqual([id, id]);
  });

  test('keeps the id that it came with, where that is a sane one', async () => {
    await using world = await openRoutes();
    const idOf = async (given: string) =>
      (await world.ask('/healthz', { headers: { 'x-request-id': given } })).headers.get('x-request-id');
    for (const sane of ['0af7651916cd43dd8448eb211c80319c', 'trace_7-of-9', 'a'.repeat(64)]) {
      expect(await idOf(sane)).toBe(sane);
    }
    for (const strange of ['', 'short', 'a'.repeat(65), 'with space in it', '{"json": "injected"}', 'a/../../etc']) {
      expect(await idOf(strange)).toMatch(uuid);
    }
  });

  test('of a probe is told at level debug only', async () => {
    await using world = await openRoutes();
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      await world.ask(path);
    }
    expect(new Set(world.lines.map(({ level }) => level))).toEqual(new Set(['debug']));
  });
});

test('requests that run at once do not take one another’s ids', async () => {
  await using ports = await openPorts();
  const seen = await Promise.all(
    Array.from({ length: 50 }, async (_, number) => {
      const headers = { 'x-request-id': `request-${number}` };
      let within: unknown;
      await answerTraced(ports, {
        request: new Request('https://custody.test/', { headers }),
        isProbe: false,
        async answer() {
          await ports.store.read(({ events }) => events.list({}, 0, 1));
          within = requestFacts().requestId;
          return new Response();
        },
      });
      return within;
    }),
  );
  expect(seen).toEqual(Array.from({ length: 50 }, (_, number) => `request-${number}`));
  expect(requestFacts()).toEqual({});
});
