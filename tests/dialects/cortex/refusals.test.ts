import { describe, expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { wholeFleet } from '#core/access/scope.ts';
import { hour } from '#core/time.ts';
import { advanced, badHash, goodPath, openWorld, quarantineFields, retrievalFields } from './world.ts';

describe('what the server cannot do', () => {
  test('a retrieval with evidence storage switched off is refused, and nothing starts', async () => {
    await using world = await openWorld({ evidence: 'off' });
    const { status, reply } = await world.call(
      'endpoints/file_retrieval',
      retrievalFields({ linux: ['/a'] }, world.web),
    );
    expect([status, reply['err_extra']]).toEqual([
      500,
      'Evidence storage is switched off on this server (CUSTODY_EVIDENCE).',
    ]);
    const { total } = await world.ports.store.read(({ actions }) => actions.list({}, { offset: 0, limit: 1 }));
    expect(total).toBe(0);
  });

  test('a link whose bytes were lost is an error and not half an archive', async () => {
    await using world = await openWorld();
    const { reply } = await world.call('endpoints/file_retrieval', retrievalFields({ linux: [goodPath] }, world.web));
    await world.work();
    const details = await world.call('actions/file_retrieval_details', { group_action_id: String(reply['action_id']) });
    const link = new URL(Object.values(details.reply['data'] as Record<string, string>)[0] ?? '');
    await rm(join(world.ports.directory, 'evidence'), { recursive: true });
    const headers = await world.key('Responder');
    expect((await world.send({ method: 'GET', path: link.pathname, headers })).status).toBe(500);
  });

  test('an order that the store does not take in time is a 500, and nothing runs afterwards', async () => {
    await using world = await openWorld({ storeDeadline: 300 });
    const { store } = world.ports;
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const writing = store.transact(() => held, { deadline: 4_000 });
    const { text, status } = await world.call('endpoints/quarantine', quarantineFields(world.web));
    release();
    await writing;
    expect([status, text]).toEqual([
      500,
      '{"reply": {"err_code": 500, "err_msg": "An error occurred while processing XDR public API", "err_extra": "The server did not answer in time. Try again."}}',
    ]);
    const { total } = await store.read(({ actions }) => actions.list({}, { offset: 0, limit: 1 }));
    expect(total).toBe(0);
  });

  test('more endpoints than one quarantine takes start nothing', async () => {
    await using world = await openWorld({ policy: { quarantineEndpointLimit: 1 } });
    const { status, reply } = await world.call('endpoints/quarantine', quarantineFields(world.web, world.mac));
    expect([status, reply['err_extra']]).toEqual([500, 'One quarantine names at most 1 endpoints; 2 were named.']);
  });
});

describe('keys', () => {
  test('one nonce and timestamp serve for a session, but not for ever', async () => {
    await using world = await openWorld();
    const headers = advanced(await world.newKey('Viewer', 'advanced'), world.ports.clock.now());
    const statusNow = async () => (await world.call('endpoints/get_endpoints', {}, headers)).status;
    expect(await statusNow()).toBe(200);
    world.ports.clock.advance(23 * hour);
    expect(await statusNow()).toBe(200);
    world.ports.clock.advance(2 * hour);
    expect(await statusNow()).toBe(401);
  });

  test("the vendor's published test vector is let in", async () => {
    await using world = await openWorld({ now: 1_584_983_036_945 });
    const { ports } = world;
    const key = await ports.store.transact(({ credentials }) =>
      credentials.insertKey({
        name: 'vector',
        role: 'Viewer',
        scope: wholeFleet,
        level: 'advanced',
        sealedSecret: ports.secrets.seal(new TextEncoder().encode('testApiKey')),
        createdAt: 0,
        createdBy: 'test',
        owner: null,
        addresses: [],
        lastUsedAt: null,
        expiresAt: null,
        comment: '',
      }),
    );
    const { status } = await world.call(
      'endpoints/get_endpoints',
      {},
      {
        'x-xdr-auth-id': String(key.id),
        'x-xdr-nonce': 'b5834c137a825cc6c80111f237e1c5f8dedeef5df9dcd4c7f1dc73f180c89b47',
        'x-xdr-timestamp': '1584983036945',
        authorization: '8eb5e56a1656a35c9d187762d945339455b5382e11d779c458a63c652e1e79e9',
      },
    );
    expect(status).toBe(200);
  });

  test('a link is of no use without a key', async () => {
    await using world = await openWorld();
    const { reply } = await world.call('endpoints/file_retrieval', retrievalFields({ linux: [goodPath] }, world.web));
    await world.work();
    const details = await world.call('actions/file_retrieval_details', { group_action_id: String(reply['action_id']) });
    const { pathname: path } = new URL(Object.values(details.reply['data'] as Record<string, string>)[0] ?? '');
    expect((await world.send({ method: 'GET', path, headers: {} })).status).toBe(401);
    expect((await world.send({ method: 'GET', path, headers: await world.key('Viewer') })).status).toBe(403);
  });
});

test('an incident id that nobody knows is kept with the action, wherever the client puts it', async () => {
  await using world = await openWorld();
  await world.call('endpoints/quarantine', { ...quarantineFields(world.web), incident_id: 'INC-unknown' });
  await world.work();
  await world.call('endpoints/restore', { file_hash: badHash, incident_id: 302 });
  const body = JSON.stringify({ request_data: { file_hash: badHash }, incident_id: 303 });
  await world.send({ path: '/public_api/v1/endpoints/restore', headers: await world.key('Responder'), body });
  const { items } = await world.ports.store.read(({ actions }) => actions.list({}, { offset: 0, limit: 10 }));
  expect(items.map((action) => action.incidentId).toSorted()).toEqual(['302', '303', 'INC-unknown']);
});
