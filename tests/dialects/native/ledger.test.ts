import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { hashLeaf } from '#core/ledger/tree-hash.ts';
import { provesConsistency, provesInclusion } from '#core/ledger/verify-proof.ts';
import { proveEvent, readLedger } from '#dialects/native/schemas/ledger.ts';
import { enrolMachine } from '#kit/fleet.ts';
import { readCheckpoint } from '#wire/checkpoint.ts';
import { openNote, readNoteKey } from '#wire/signed-note.ts';
import { type NativeWorld, openNative } from './world.ts';

const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

async function ledger(world: NativeWorld, query = '') {
  return readLedger.reply.parse(await (await world.ask(`/ledger${query}`)).json());
}

test('the record is signed, and proves that it goes on from what it was', async () => {
  await using world = await openNative();
  await enrolMachine(world.ports, { hostName: 'first' });
  const before = await ledger(world);
  expect(before).toMatchObject({ origin: 'custody/test', consistency: null });
  await enrolMachine(world.ports, { hostName: 'second' });
  const after = await ledger(world, `?from=${before.size}`);
  expect(after.size).toBeGreaterThan(before.size);
  const open = (note: string) => readCheckpoint(openNote(note, readNoteKey(after.verifierKey)));
  const [older, newer] = [open(before.checkpoint), open(after.checkpoint)];
  expect([older.size, newer.size]).toEqual([before.size, after.size]);
  expect(provesConsistency((after.consistency ?? []).map(fromBase64), { older, newer })).toBe(true);
  expect(provesConsistency([], { older, newer })).toBe(false);
});

test('one event is proved to stand in the record, with everything that the list of events says of it', async () => {
  await using world = await openNative();
  const { id } = await enrolMachine(world.ports, { hostName: 'web-1' });
  const [event] = await world.ports.store.read(({ events }) => events.list({ types: ['endpoint_enrolled'] }, 0, 1));
  const sequence = event?.sequence ?? expect.unreachable();
  const proof = proveEvent.reply.parse(await (await world.ask(`/ledger/events/${sequence}`)).json());
  expect(JSON.parse(proof.leaf)).toEqual([
    ...['custody-event-1', sequence, 'endpoint_enrolled', event?.at],
    ...[event?.actor.kind, event?.actor.id, event?.actor.name],
    ...[null, id, null, expect.any(String)],
  ]);
  const { verifierKey } = await ledger(world);
  const { root, size } = readCheckpoint(openNote(proof.checkpoint, readNoteKey(verifierKey)));
  const leaf = hashLeaf(new TextEncoder().encode(proof.leaf));
  const inclusion = proof.inclusion.map(fromBase64);
  expect(provesInclusion(inclusion, { leaf, index: sequence - 1, size, root })).toBe(true);
  expect(provesInclusion(inclusion, { leaf: hashLeaf(new Uint8Array(1)), index: sequence - 1, size, root })).toBe(
    false,
  );
});

test('what the record never had is not proved', async () => {
  await using world = await openNative();
  await enrolMachine(world.ports);
  const { size } = await ledger(world);
  const missing = await world.ask(`/ledger/events/${size + 100}`);
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({
    code: 'not_found',
    detail: expect.stringContaining('There is no event'),
  });
  const ahead = await world.ask(`/ledger?from=${size + 100}`);
  expect(ahead.status).toBe(400);
  expect(await ahead.json()).toMatchObject({ detail: expect.stringContaining('never had') });
  expect((await world.ask('/ledger/events/0')).status).toBe(400);
});

test('an event that is gone is not passed over', async () => {
  await using world = await openNative();
  await enrolMachine(world.ports);
  const database = new Database(`${world.ports.directory}/store.sqlite`);
  database.run('delete from events where sequence = 1');
  database.close();
  const answer = await world.ask('/ledger/events/1');
  expect(answer.status).toBe(500);
});
