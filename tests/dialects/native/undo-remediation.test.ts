import { expect, test } from 'bun:test';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid } from '#core/file/guid.ts';
import { readAction } from '#dialects/native/schemas/action.ts';
import { readRemediation, undoRemediation } from '#dialects/native/schemas/remediation.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openNative } from './world.ts';

const path = '/srv/evil.bin';
const bytes = new TextEncoder().encode('evil bytes');
const sha256 = sha256Of(bytes);

/** A remediation that took one file from each of two machines, blocked a hash and could not restore. */
async function openRemediation() {
  const world = await openNative();
  const agents: TestAgent[] = [];
  for (const hostName of ['web-1', 'web-2']) {
    const endpoint = await enrolMachine(world.ports, { hostName });
    await inventory(world.ports, endpoint, [fileFacts(path, bytes)]);
    agents.push(startAgent(world.ports, endpoint, { [path]: bytes }));
  }
  const rows = agents.map(({ endpoint: { id, number } }) => ({
    ...{ remedy: 'quarantine', endpointId: id, target: fileGuid(number, parsePath(path)) },
  }));
  const [one, two] = [agents[0] ?? expect.unreachable(), agents[1] ?? expect.unreachable()];
  const other = sha256Of(new TextEncoder().encode('other bytes'));
  const post = (route: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    world.ask(route, { method: 'POST', body, headers, local: !('authorization' in headers) });
  const started = await post('/remediations', {
    rows: [
      ...rows,
      { remedy: 'block', endpointId: one.endpoint.id, target: other },
      { remedy: 'restore', endpointId: one.endpoint.id, target: '1.1' },
    ],
  });
  const { id } = (await started.json()) as { readonly id: string };
  await one.work();
  return { world, one, two, other, id, post, undo: `/remediations/${id}/undo` };
}

test('every quarantine of a remediation is undone by one call, and each row says what became of it', async () => {
  const { world, one, two, other, id, post, undo } = await openRemediation();
  await using _ = world;
  const answer = await post(undo, { reason: 'a false alarm' });
  expect(answer.status).toBe(201);
  const { remediationId, counts, rows } = undoRemediation.reply.parse(await answer.json());
  expect(remediationId).toBe(id);
  expect(rows.map(({ remedy, result, asked, kept }) => [remedy, result, asked, kept?.reason ?? null])).toEqual([
    ['quarantine', 'undone', false, null],
    ['quarantine', 'withdrawn', false, null],
    ['block', 'kept', false, 'listed'],
    ['restore', 'kept', false, 'not_ordered'],
  ]);
  expect(counts).toEqual({ undone: 1, withdrawn: 1, kept: 2, keptFor: { not_ordered: 1, listed: 1 }, removed: 0 });
  expect(rows.map(({ removed }) => removed)).toEqual([0, 0, 0, 0]);
  expect(rows.map(({ undo: action }) => action === null)).toEqual([false, true, true, true]);
  expect(rows[2]).toMatchObject({ actionId: null, target: other, kept: { message: expect.stringContaining(other) } });
  await one.work();
  await two.work();
  expect([one, two].map(({ disk }) => disk.has(path))).toEqual([true, true]);
  const action = readAction.reply.parse(await (await world.ask(`/actions/${rows[0]?.undo}`)).json());
  expect(action).toMatchObject({
    ...{ verb: 'undo', status: 'completed_successfully', reason: 'a false alarm', dialect: 'native' },
    tasks: [{ undoes: rows[0]?.actionId }],
  });
  const events = (await (await world.ask('/events?type=remediation_undone')).json()) as { items: unknown[] };
  expect(events.items).toMatchObject([
    { facts: { remediationId: id, reason: 'a false alarm', undone: 1, withdrawn: 1, kept: 2 } },
  ]);
});

test('a remediation tells where the files are that it took: restored by an undo, purged by somebody, or still held', async () => {
  const { world, one, two, id, post, undo } = await openRemediation();
  await using _ = world;
  await two.work();
  const taken = async () => {
    const answer = await world.ask(`/remediations/${id}`);
    return readRemediation.reply.parse(await answer.json()).rows.map((row) => row.taken);
  };
  const none = { held: 0, restored: 0, purged: 0, lost: 0 };
  expect(await taken()).toEqual([{ ...none, held: 1 }, { ...none, held: 1 }, null, null]);
  expect((await post('/actions/purge', { sha256, endpointIds: [two.endpoint.id], reason: 'done with' })).status).toBe(
    201,
  );
  await two.work();
  expect((await post(undo, {})).status).toBe(201);
  await one.work();
  expect(await taken()).toEqual([{ ...none, restored: 1 }, { ...none, purged: 1 }, null, null]);
});

test('it takes the permission to restore, and the lists’ where hashes are allowed; sent twice under one key it is done once', async () => {
  const { world, one, post, undo } = await openRemediation();
  await using _ = world;
  const as = async (role: string) => ({ authorization: await world.authorizationOf(role) });
  expect((await post(undo, {}, await as('Viewer'))).status).toBe(403);
  expect((await post('/hashes', { hashes: [sha256], list: 'block' })).status).toBe(200);
  const refused = await post(undo, {}, await as('Responder'));
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({
    code: 'conflict',
    detail: expect.stringMatching(
      /^Nothing of the remediation can be undone\. The hash [0-9a-f]{64} is on the block list.* first\.$/,
    ),
  });
  const narrow = { name: 'Restorer', permissions: ['files.restore', 'actions.read'] };
  expect((await post('/roles', narrow)).status).toBe(201);
  expect((await post(undo, { allow: true }, await as('Restorer'))).status).toBe(403);
  await one.work();
  expect(one.disk.has(path)).toBe(false);
  const headers = { ...(await as('Instance Administrator')), 'idempotency-key': 'undo-1' };
  const first = await post(undo, { allow: true }, headers);
  expect(first.status).toBe(201);
  expect(await (await post(undo, { allow: true }, headers)).json()).toEqual(await first.json());
  const listed = (await (await world.ask('/actions?verb=undo')).json()) as { items: unknown[] };
  expect(listed.items).toHaveLength(1);
  await one.work();
  expect(one.disk.has(path)).toBe(true);
});

test('what is no remediation, and a body that means nothing, are refused', async () => {
  const { world, post, undo } = await openRemediation();
  await using _ = world;
  expect((await post('/remediations/00000000-0000-4000-8000-000000000000/undo', {})).status).toBe(404);
  expect((await post('/remediations/x/undo', {})).status).toBe(404);
  for (const body of [{ ifOccupied: 'never' }, { allow: 'yes' }, { incidentId: '1' }]) {
    expect((await post(undo, body)).status).toBe(400);
  }
});
