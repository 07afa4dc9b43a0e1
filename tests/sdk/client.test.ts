import { expect, test } from 'bun:test';
import type { Dialect } from '#dialects/dialect.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { startAgent } from '#kit/agent.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';
import { ApiError } from '#sdk/api-error.ts';
import { createClient } from '#sdk/client.ts';
import { parseCredential } from '#sdk/credential.ts';
import { fetchTransport } from '#sdk/fetch-transport.ts';
import type { Send } from '#sdk/send.ts';

const bytes = new TextEncoder().encode('some bytes');

function sendTo(dialect: Dialect, connection: { readonly local: boolean }): Send {
  return ({ method, path, headers, body }) =>
    dialect.handle(
      new Request(`https://custody.test${path}`, { method, headers, ...(body !== undefined && { body }) }),
      {
        remoteAddress: '192.0.2.1',
        ...connection,
      },
    );
}

async function openWorld() {
  const ports = await openPorts();
  const dialect = createNativeDialect(ports);
  const endpoint = await enrolMachine(ports);
  await inventory(ports, endpoint, [fileFacts('/srv/a.txt', bytes)]);
  const agent = startAgent(ports, endpoint, { '/srv/a.txt': bytes });
  return { ports, dialect, endpoint, agent, local: sendTo(dialect, { local: true }) };
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiError) {
      return error;
    }
    throw error;
  }
  throw new Error('It did not fail.');
}

test('a whole day’s work goes through the client', async () => {
  const { ports, agent, endpoint, local } = await openWorld();
  await using _ = ports;
  const client = createClient({ send: local, pause: () => agent.work() });
  const { items } = await client.findFiles({ conditions: [{ field: 'name', values: ['a.txt'] }] });
  const guid = items[0]?.guid ?? '';
  expect(await client.readMetrics()).toBe('custody_test 1\n');
  expect(await client.readFile(guid)).toMatchObject({ path: '/srv/a.txt' });
  const { action, unknown } = await client.startFetch({ guids: [guid] });
  expect(unknown).toEqual([]);
  const done = await client.waitForAction(action.id);
  expect(done.status).toBe('completed_successfully');
  const download = await client.downloadFile({ actionId: action.id, taskId: done.tasks[0]?.id ?? '', ordinal: 0 });
  expect(download).toMatchObject({ suggestedName: 'a.txt', size: bytes.length });
  expect(await new Response(download.body).bytes()).toEqual(bytes);
  const archive = await client.downloadAction(action.id);
  expect((await new Response(archive.body).bytes()).length).toBeGreaterThan(bytes.length);
  const sha256 = sha256Of(bytes);
  const quarantine = await client.quarantineFile({ endpointIds: [endpoint.id], path: '/srv/a.txt', sha256 });
  expect((await client.waitForAction(quarantine.id)).status).toBe('completed_successfully');
  expect((await client.listQuarantine({ state: ['held'] })).total).toBe(1);
  const restore = await client.restoreFile({ sha256, endpointId: endpoint.id });
  expect((await client.waitForAction(restore.id)).status).toBe('completed_successfully');
  expect((await client.listActions({ verb: ['restore'] })).items.map((item) => item.id)).toEqual([restore.id]);
  const history = await client.listEvents({ file: guid, type: ['action_started'] });
  expect(history.items.map(({ actionId }) => actionId)).toEqual([action.id, quarantine.id, restore.id]);
  const { items: succeeded } = await client.listActions({
    status: ['completed_successfully'],
    endpointId: endpoint.id,
  });
  expect(new Set(succeeded.map(({ id }) => id))).toEqual(new Set([action.id, quarantine.id, restore.id]));
  expect(succeeded.find(({ id }) => id === quarantine.id)).toMatchObject({
    ...{ endedCount: 1, counts: { completed_successfully: 1 }, about: { path: '/srv/a.txt', pathsCount: 1, sha256 } },
  });
  expect((await client.listActions({ status: ['failed'] })).total).toBe(0);
  expect(await client.countActions({ idContains: restore.id })).toEqual({
    ...{ counts: { completed_successfully: 1 }, total: 1 },
  });
  expect((await client.readEndpoint(endpoint.id)).presence).toBe('connected');
  expect((await client.listEndpoints({ hostName: ['web-1'] })).total).toBe(1);
});

test('administration goes through the client, and what it makes works', async () => {
  const { ports, dialect, local } = await openWorld();
  await using _ = ports;
  const client = createClient({ send: local });
  const remote = sendTo(dialect, { local: false });
  await client.createUser({ email: 'ana@example.org', password: 'long enough now', role: 'Viewer' });
  const { token } = await createClient({ send: remote }).logIn({
    email: 'ana@example.org',
    password: 'long enough now',
  });
  const ana = createClient({ send: remote, credential: parseCredential(token) });
  expect(await ana.whoAmI()).toMatchObject({ kind: 'user', role: 'Viewer' });
  expect((await failure(ana.listKeys())).code).toBe('permission_denied');
  await ana.logOut();
  expect((await failure(ana.whoAmI())).code).toBe('unauthenticated');
  const key = await client.createKey({ role: 'Investigator', level: 'standard', name: 'soar' });
  const soar = createClient({ send: remote, credential: parseCredential(`${key.id}:${key.secret}`) });
  expect(await soar.whoAmI()).toMatchObject({ kind: 'key', name: 'soar' });
  await client.createEnrolmentToken({ uses: 2 });
  expect((await client.listEnrolmentTokens()).items.map((item) => item.usesLeft)).toContain(2);
  expect((await client.listUsers()).items).toHaveLength(1);
  expect((await client.listKeys()).items).toHaveLength(1);
  await client.deleteKey(key.id);
  expect((await failure(soar.whoAmI())).code).toBe('unauthenticated');
  expect((await failure(client.deleteKey(key.id))).code).toBe('not_found');
  const { items } = await client.listEvents({ type: ['key_created'] });
  expect(items).toMatchObject([{ actor: { kind: 'local' }, facts: { role: 'Investigator' } }]);
  expect(await client.readServer()).toMatchObject({ evidence: { state: 'ready' } });
  expect(await client.describeApi()).toMatchObject({ openapi: '3.1.0' });
});

test('waiting looks ever more rarely and ends at its time, while the action goes on', async () => {
  const { ports, endpoint, local } = await openWorld();
  await using _ = ports;
  const pauses: number[] = [];
  const pause = async (milliseconds: number) => void pauses.push(milliseconds);
  const client = createClient({ send: local, pause });
  const { id } = await client.retrieveFiles({ endpointIds: [endpoint.id], paths: ['/srv/a.txt'] });
  const error = await failure(client.waitForAction(id, { timeout: 2_000, longestPause: 500 }));
  expect(error).toMatchObject({ code: 'timeout', details: { status: 'pending' } });
  // What watches over the stream is no pause between two looks.
  expect(pauses.filter((length) => length !== 45_000)).toEqual([100, 200, 400, 500, 500, 300]);
  await client.closeAction(id);
  expect((await client.waitForAction(id)).status).toBe('cancelled');
});

test('a fault of the server arrives with its code, status and details', async () => {
  const { ports, local } = await openWorld();
  await using _ = ports;
  const client = createClient({ send: local });
  expect(await failure(client.readAction('1'))).toMatchObject({ code: 'not_found', status: 404 });
  const error = await failure(client.restoreFile({ sha256: 'zz' }));
  expect(error).toMatchObject({ code: 'invalid_request', status: 400, details: { field: 'sha256' } });
});

const replies: readonly (readonly [what: string, send: Send, code: string])[] = [
  ['no connection', () => Promise.reject(new Error('refused')), 'unreachable'],
  ['a page of a proxy', async () => new Response('<html>', { status: 502 }), 'unexpected_reply'],
  ['a success that is no JSON', async () => new Response('ok'), 'unexpected_reply'],
  ['a success of another form', async () => Response.json({ items: 3 }), 'unexpected_reply'],
];

test.each(replies)('%s is an ApiError too', async (_what, send, code) => {
  expect((await failure(createClient({ send }).listUsers())).code).toBe(code as ApiError['code']);
});

test('a download that breaks off is never taken for a whole one', async () => {
  const headers = { 'content-length': '10', 'content-disposition': `attachment; filename*=UTF-8''%C3%BC` };
  const client = createClient({ send: async () => new Response(new Blob(['12345']).stream(), { headers }) });
  const { body, suggestedName } = await client.downloadAction('1');
  expect(suggestedName).toBe('ü');
  expect((await failure(new Response(body).text())).code).toBe('unreachable');
});

test('the fetch transport carries calls to a real server', async () => {
  const { ports, dialect } = await openWorld();
  await using _ = ports;
  const connection = { remoteAddress: '127.0.0.1', local: true };
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (request) => dialect.handle(request, connection) });
  try {
    const client = createClient({ send: fetchTransport(`http://127.0.0.1:${server.port}/`) });
    expect((await client.listEndpoints()).total).toBe(1);
    await client.createUser({ email: 'ben@example.org', password: 'long enough now', role: 'Viewer' });
    expect((await client.listUsers()).items[0]?.email).toBe('ben@example.org');
  } finally {
    await server.stop(true);
  }
});

test('a request whose answer is lost is sent again, the same to the byte, and carried out once', async () => {
  const { ports, endpoint, local } = await openWorld();
  await using _ = ports;
  const keys: (string | undefined)[] = [];
  const pauses: number[] = [];
  let lost = 0;
  const shaky: Send = async (request) => {
    keys.push(request.headers['idempotency-key']);
    const reply = await local(request);
    lost += 1;
    if (lost === 1) {
      throw new Error('the connection broke before the answer');
    }
    return lost === 2 ? { ...reply, body: broken() } : reply;
  };
  const client = createClient({ send: shaky, pause: async (length) => void pauses.push(length) });
  const order = { endpointIds: [endpoint.id], path: '/srv/a.txt', sha256: sha256Of(bytes) };
  const action = await client.quarantineFile(order);
  expect(keys).toHaveLength(3);
  expect(keys[0]).toMatch(/^"[0-9a-f-]{36}"$/);
  expect(new Set(keys).size).toBe(1);
  expect(pauses).toEqual([200, 1_000]);
  expect((await client.listActions()).items.map(({ id }) => id)).toEqual([action.id]);
  expect(keys.at(-1)).toBeUndefined();
  await client.quarantineFile(order);
  expect(new Set(keys).size).toBe(3);
});

test('a request that is still carried out elsewhere is asked for again; an answer, good or bad, ends the sending', async () => {
  const { ports, endpoint, local } = await openWorld();
  await using _ = ports;
  let sent = 0;
  const busy: Send = (request) => {
    sent += 1;
    return sent === 1
      ? Promise.resolve(new Response('{}', { status: 409, headers: { 'retry-after': '1' } }))
      : local(request);
  };
  const client = createClient({ send: busy, pause: async () => undefined });
  await client.quarantineFile({ endpointIds: [endpoint.id], path: '/srv/a.txt', sha256: sha256Of(bytes) });
  expect(sent).toBe(2);
  expect(await failure(client.cancelAction('12345'))).toMatchObject({ code: 'not_found' });
  expect(sent).toBe(3);
});

test('a server that cannot be reached is given up after four tries of an order, and one of a question', async () => {
  let sent = 0;
  const nowhere: Send = () => {
    sent += 1;
    return Promise.reject(new Error('nobody there'));
  };
  const client = createClient({ send: nowhere, pause: async () => undefined });
  expect(await failure(client.cancelAction('1'))).toMatchObject({ code: 'unreachable' });
  expect(sent).toBe(4);
  expect(await failure(client.listActions())).toMatchObject({ code: 'unreachable' });
  expect(sent).toBe(5);
});

test('a reply that breaks off is said to be one, whatever it is a reply to', async () => {
  const client = createClient({ send: async () => new Response(broken()) });
  for (const call of [client.readServer(), client.readMetrics()]) {
    expect(await failure(call)).toMatchObject({
      ...{ code: 'unreachable', status: 200, message: 'The connection broke during a reply.' },
    });
  }
});

/** A body that ends in the middle. */
function broken(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"id":'));
      controller.error(new Error('cut'));
    },
  });
}
