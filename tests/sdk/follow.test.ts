import { expect, test } from 'bun:test';
import { createNativeDialect } from '#dialects/native/index.ts';
import { startAgent } from '#kit/agent.ts';
import { seeded, testSeed } from '#kit/chance.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';
import { until } from '#kit/until.ts';
import { ApiError } from '#sdk/api-error.ts';
import { createClient } from '#sdk/client.ts';
import type { ApiReply, Send } from '#sdk/send.ts';
import { type Pause, systemPause } from '#sdk/timer.ts';

const bytes = new TextEncoder().encode('some bytes');
const path = '/srv/a.txt';

/** A pause between two connections is short; what watches over silence waits as it does. */
const hurried = (length: number, signal?: AbortSignal) => systemPause(length > 40_000 ? length : length / 100, signal);

async function open() {
  const ports = await openPorts();
  const dialect = createNativeDialect(ports);
  const local: Send = ({ method, path: target, headers, body }) =>
    dialect.handle(
      new Request(`https://custody.test${target}`, { method, headers, ...(body !== undefined && { body }) }),
      { remoteAddress: '192.0.2.1', local: true },
    );
  return { ports, local };
}

async function append({ store, clock }: TestPorts, count: number): Promise<void> {
  const actor = { kind: 'server', id: 's', name: 's' } as const;
  const event = { type: 'logged_out', at: clock.now(), actor, facts: {} } as const;
  await store.transact(({ events }) => events.append(Array.from({ length: count }, () => event)));
}

/** The same reply, whose connection breaks after so many bytes. */
function breaking({ status, headers, body }: ApiReply, after: number): ApiReply {
  let left = after;
  const cut = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) {
        controller.error(new Error('the connection broke'));
      }
    },
  });
  return { status, headers, body: body?.pipeThrough(cut) ?? null };
}

test('Events are followed over connections that break at any byte: none is lost, and none comes twice.', async () => {
  const { ports, local } = await open();
  await using _ = ports;
  const chance = seeded(testSeed());
  let connections = 0;
  const shaky: Send = async (request) => {
    connections += 1;
    if (connections % 5 === 4) {
      throw new Error('nobody there');
    }
    const reply = await local(request);
    return breaking(reply, 60 + chance.whole(4_000));
  };
  const client = createClient({ send: shaky, pause: hurried });
  const stop = new AbortController();
  const total = 200;
  const appending = (async () => {
    for (let count = 0; count < total; count += 10) {
      await append(ports, 10);
      await Bun.sleep(chance.whole(30));
    }
  })();
  const heard: number[] = [];
  for await (const { sequence } of client.followEvents({ after: 0, signal: stop.signal })) {
    heard.push(sequence);
    if (heard.length === total) {
      stop.abort();
    }
  }
  await appending;
  expect(heard).toEqual(Array.from({ length: total }, (_, index) => index + 1));
  expect(connections).toBeGreaterThan(5);
  await until('nothing is left open', () => ports.openStreams.count === 0);
});

test('Whoever begins with what comes loses nothing when the first connection breaks before anything came.', async () => {
  const { ports, local } = await open();
  await using _ = ports;
  await append(ports, 3);
  let connections = 0;
  const once: Send = async (request) => {
    connections += 1;
    const reply = await local(request);
    if (connections > 1) {
      return reply;
    }
    // The number from which it goes on comes, and then nothing more; meanwhile there is news.
    await append(ports, 2);
    return breaking(reply, 40);
  };
  const client = createClient({ send: once, pause: hurried });
  const heard: number[] = [];
  for await (const { sequence } of client.followEvents()) {
    heard.push(sequence);
    if (heard.length === 2) {
      break;
    }
  }
  expect([heard, connections]).toEqual([[4, 5], 2]);
});

test('An event that comes twice all the same is told once.', async () => {
  const { ports, local } = await open();
  await using _ = ports;
  await append(ports, 6);
  const heard: number[] = [];
  let connections = 0;
  const repeating: Send = async (request) => {
    connections += 1;
    const reply = await local({ ...request, path: request.path.replace(/after=\d+/, 'after=0') });
    return connections > 3 ? reply : breaking(reply, 400 * connections);
  };
  for await (const { sequence } of createClient({ send: repeating, pause: hurried }).followEvents({ after: 1 })) {
    heard.push(sequence);
    if (heard.length === 5) {
      break;
    }
  }
  expect(heard).toEqual([2, 3, 4, 5, 6]);
});

test.each([
  ['the first connection fails', () => Promise.reject(new Error('refused')), 'unreachable'],
  ['it may not', async () => problem(403, 'permission_denied'), 'permission_denied'],
  ['there is no room', async () => problem(429, 'rate_limited'), 'rate_limited'],
] as const)('Following throws at once where %s.', async (_what, send, code) => {
  const client = createClient({ send, pause: hurried });
  expect(await codeOf(client.followEvents().next())).toBe(code);
  expect(await codeOf(client.followAction('1').next())).toBe(code);
});

test('Following ends with the fault where it was let in, and is no longer.', async () => {
  const { ports, local } = await open();
  await using _ = ports;
  await append(ports, 1);
  let connections = 0;
  const revoked: Send = async (request) => {
    connections += 1;
    if (connections > 1) {
      return problem(401, 'unauthenticated');
    }
    const reply = await local(request);
    return breaking(reply, 600);
  };
  const events = createClient({ send: revoked, pause: hurried }).followEvents({ after: 0 });
  await events.next();
  await append(ports, 5);
  const rest = (async () => {
    for await (const _event of events) {
      // Until it ends.
    }
  })();
  expect(await codeOf(rest)).toBe('unauthenticated');
});

function problem(status: number, code: string): Response {
  const body = { type: 'about:blank', title: 'x', status, detail: 'x', code, details: {} };
  return Response.json(body, { status });
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return error instanceof ApiError ? error.code : error;
  }
}

async function openAction(wrapped: (send: Send) => Send = (send) => send, pause: Pause = systemPause) {
  const { ports, local } = await open();
  const endpoint = await enrolMachine(ports);
  await inventory(ports, endpoint, [fileFacts(path, bytes)]);
  const agent = startAgent(ports, endpoint, { [path]: bytes });
  const asked: string[] = [];
  const counted: Send = (request) => {
    asked.push(request.path);
    return local(request);
  };
  const client = createClient({ send: wrapped(counted), pause });
  const { id } = await client.quarantineFile({ endpointIds: [endpoint.id], path, sha256: sha256Of(bytes) });
  return { ports, agent, client, id, looks: () => asked.filter((each) => each.endsWith(`/actions/${id}`)).length };
}

test('An action is followed until it has ended.', async () => {
  const { ports, agent, client, id } = await openAction();
  await using _ = ports;
  const seen: string[] = [];
  for await (const { status, counts } of client.followAction(id)) {
    seen.push(`${status} ${JSON.stringify(counts)}`);
    if (seen.length === 1) {
      await agent.work();
    }
  }
  expect(seen).toEqual(['pending {"pending":1}', 'completed_successfully {"completed_successfully":1}']);
});

test('Waiting is woken by the server, and by nothing else where no time passes.', async () => {
  const pauses: number[] = [];
  const endless: Pause = (length, signal) => {
    pauses.push(length);
    return systemPause(2 ** 30, signal);
  };
  const { ports, agent, client, id, looks } = await openAction((send) => send, endless);
  await using _ = ports;
  const told: number[] = [];
  const onLook = ({ endedCount }: { readonly endedCount: number }) => void told.push(endedCount);
  const waiting = client.waitForAction(id, { onLook });
  await until('the stream is heard', () => told.length > 1);
  await agent.work();
  expect((await waiting).tasks[0]?.files[0]?.outcome).toBe('done');
  expect([looks(), told.at(-1), pauses.filter((length) => length === 100)]).toEqual([2, 1, [100]]);
  await until('nothing is left open', () => ports.openStreams.count === 0);
});

test('Whoever waits no longer leaves no stream behind.', async () => {
  const { ports, client, id } = await openAction();
  await using _ = ports;
  expect(await codeOf(client.waitForAction(id, { timeout: 700 }))).toBe('timeout');
  await until('nothing is left open', () => ports.openStreams.count === 0);
});

const withoutStreams: Readonly<Record<string, (send: Send) => Send>> = {
  'an older server has none': (send) => async (request) =>
    request.path.endsWith('/stream') ? problem(404, 'not_found') : send(request),
  'a proxy keeps answers back': (send) => (request) =>
    request.path.endsWith('/stream') ? Promise.withResolvers<never>().promise : send(request),
  'the connection breaks': (send) => async (request) => {
    const reply = await send(request);
    return request.path.endsWith('/stream') ? breaking(reply, 10) : reply;
  },
};

test.each(Object.entries(withoutStreams))('Waiting asks again and again where %s.', async (_what, wrapped) => {
  const { ports, agent, client, id, looks } = await openAction(wrapped);
  await using _ = ports;
  const waiting = client.waitForAction(id, { longestPause: 20 });
  await until('it has looked often', () => looks() > 10);
  await agent.work();
  expect((await waiting).status).toBe('completed_successfully');
});
