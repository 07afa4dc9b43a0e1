import { expect, test } from 'bun:test';
import { addToList } from '#core/verbs/add-to-list.ts';
import { listHashes } from '#core/verbs/list-hashes.ts';
import { administrator, fileFacts, inventory } from '#kit/fleet.ts';
import { badBytes, badHash, badPath, type CortexWorld, goodBytes, openWorld } from './world.ts';

const listed = ({ ports }: CortexWorld) =>
  ports.store.read(({ hashLists }) => hashLists.list({}, { offset: 0, limit: 100 }));

const other = 'f'.repeat(64);

test('A blocked file is taken when it appears, refused a restore until it is allowed, and then stays', async () => {
  await using world = await openWorld();
  const appear = (path: string) => inventory(world.ports, world.web.endpoint, [fileFacts(path, badBytes)]);
  const block = { hash_list: [badHash.toUpperCase()], comment: 'bad', incident_id: '302' };
  expect(await world.call('hash_exceptions/blocklist/', block)).toMatchObject({ status: 200, reply: true });
  expect((await listed(world)).items).toMatchObject([
    { hash: badHash, list: 'block', prevent: true, comment: 'bad', incidentId: '302', dialect: 'cortex' },
  ]);
  await appear(badPath);
  await world.work();
  expect(world.web.disk.has(badPath)).toBe(false);
  const restore = () => world.call('endpoints/restore', { file_hash: badHash });
  expect(await restore()).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining('block list') } });
  const allow = () => world.call('hash_exceptions/allowlist/', { hash_list: [badHash] });
  expect(await allow()).toMatchObject({ status: 500 });
  expect((await world.call('hash_exceptions/blocklist/remove/', { hash_list: [badHash] })).status).toBe(200);
  expect(await allow()).toMatchObject({ status: 200, reply: true });
  expect((await restore()).status).toBe(200);
  await world.work();
  await appear(badPath);
  await world.work();
  expect(world.web.disk.has(badPath)).toBe(true);
});

test('Bytes that a package vouches for are not blocked, and nothing beside them is', async () => {
  await using world = await openWorld();
  await inventory(world.ports, world.web.endpoint, [fileFacts('/srv/tool', goodBytes, { package: 'coreutils' })]);
  const { sha256 } = fileFacts('/srv/tool', goodBytes);
  const answer = await world.call('hash_exceptions/blocklist', { hash_list: [badHash, sha256] });
  expect(answer).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining('package coreutils') } });
  expect((await listed(world)).items).toEqual([]);
  expect((await world.call('hash_exceptions/allowlist', { hash_list: [badHash, sha256] })).status).toBe(200);
});

test('What others decided is not turned over; what was only known to be bad becomes blocked', async () => {
  await using world = await openWorld();
  const origin = { principal: administrator, dialect: 'native' } as const;
  await listHashes(world.ports, { origin, hashes: [badHash], list: 'block', prevent: false });
  const expiresAt = world.ports.clock.now() + 1_000;
  await listHashes(world.ports, { origin, hashes: [other], list: 'allow', prevent: false, expiresAt });
  const ask = { hash_list: [badHash, other], detailed_response: 'true' };
  const reply = { added_hashes: [badHash], excluded_hashes: [other] };
  expect((await world.call('hash_exceptions/blocklist', ask)).reply).toEqual(reply);
  expect((await listed(world)).items.find(({ hash }) => hash === badHash)).toMatchObject({ prevent: true });
  world.ports.clock.advance(1_000);
  const later = await addToList(world.ports, { origin, hashes: [other], list: 'block', comment: '' });
  expect(later.added).toEqual([other]);
});

test('Each change is an event, with the comment and the incident that were given, and a change of nothing is none', async () => {
  await using world = await openWorld();
  await world.call('hash_exceptions/blocklist', { hash_list: [badHash], comment: 'why', incident_id: 7 });
  await world.call('hash_exceptions/blocklist', { hash_list: [badHash] });
  await world.call('hash_exceptions/allowlist/remove', { hash_list: [badHash] });
  await world.call('hash_exceptions/blocklist/remove', { hash_list: [badHash], comment: 'so', incident_id: 8 });
  const events = await world.ports.store.read((reader) => reader.events.list({ types: ['list_changed'] }, 0, 9));
  expect(events.map(({ facts }) => facts)).toEqual([
    expect.objectContaining({ list: 'block', hashes: [badHash], comment: 'why', incidentId: '7' }),
    { list: null, hashes: [badHash], comment: 'so', incidentId: '8' },
  ]);
});

test('More hashes than one call may name are refused, and so is a comment without end', async () => {
  await using world = await openWorld();
  const many = Array.from({ length: 10_001 }, (_, index) => index.toString(16).padStart(64, '0'));
  const tooMany = await world.call('hash_exceptions/blocklist', { hash_list: many });
  expect(tooMany).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining('at most 10000') } });
  const tooLong = { hash_list: [badHash], comment: 'x'.repeat(4_097) };
  for (const call of ['blocklist', 'blocklist/remove']) {
    expect((await world.call(`hash_exceptions/${call}`, tooLong)).status).toBe(500);
  }
  expect((await listed(world)).items).toEqual([]);
});
