import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readAction } from '#dialects/native/schemas/action.ts';
import { startAgent } from '#kit/agent.ts';
import { damageEvidence } from '#kit/damage.ts';
import { enrolMachine, sha256Of } from '#kit/fleet.ts';
import { unzip } from '#kit/unzip.ts';
import { openNative } from './world.ts';

async function openFetched() {
  const world = await openNative();
  const endpoint = await enrolMachine(world.ports);
  const disk = { '/srv/a': new Uint8Array(randomBytes(300_000)), '/srv/b': new Uint8Array(randomBytes(300_000)) };
  const body = { endpointIds: [endpoint.id], paths: Object.keys(disk) };
  const started = await world.ask('/actions/retrieve', { method: 'POST', body });
  const { id } = (await started.json()) as { readonly id: string };
  await startAgent(world.ports, endpoint, disk).work();
  const files = async () => {
    const { tasks } = readAction.reply.parse(await (await world.ask(`/actions/${id}`)).json());
    return { taskId: tasks[0]?.id ?? '', evidence: tasks[0]?.files.map(({ evidence }) => evidence) };
  };
  const [a, b] = [sha256Of(disk['/srv/a']), sha256Of(disk['/srv/b'])];
  const one = async (ordinal: number) => {
    const { taskId } = await files();
    return world.ask(`/actions/${id}/tasks/${taskId}/evidence/${ordinal}`);
  };
  return { ...{ world, id, a, b, one, files }, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

test('Deleted bytes are 410 with when and by which rule; the archive has the rest, and says what is missing.', async () => {
  await using fetched = await openFetched();
  const { world, id, a, one, files } = fetched;
  const body = { reason: 'Private.' };
  const deleted = await world.ask(`/evidence/${a}/deletion`, { method: 'POST', body });
  expect([deleted.status, await deleted.json()]).toMatchObject([
    200,
    { state: 'deleted', deletion: { reason: 'Private.' } },
  ]);
  const gone = await one(0);
  expect(gone.status).toBe(410);
  expect(await gone.json()).toMatchObject({ code: 'evidence_deleted', details: { rule: 'person', sha256: a } });
  expect((await files()).evidence).toMatchObject([
    { state: 'deleted', deletion: { rule: 'person' } },
    { state: 'kept' },
  ]);
  const archive = await unzip(await (await world.ask(`/actions/${id}/evidence`)).bytes());
  expect(Object.keys(archive)).toHaveLength(2);
  expect(Buffer.from(archive['not-included.txt'] ?? '').toString()).toContain(`${a}: The bytes were deleted at`);
  await world.ask(`/evidence/${fetched.b}/deletion`, { method: 'POST', body });
  expect((await world.ask(`/actions/${id}/evidence`)).status).toBe(410);
  expect((await world.ask(`/evidence/${a}/deletion`, { method: 'POST', body })).status).toBe(410);
});

test('A flipped bit breaks the download off before it, is told of, and then the file is refused from the start.', async () => {
  await using fetched = await openFetched();
  const { world, a, one, files } = fetched;
  damageEvidence(join(world.ports.directory, 'evidence'), a);
  const broken = await one(0);
  await expect(broken.bytes()).rejects.toMatchObject({ code: 'evidence_damaged' });
  const delivered = await world.ports.store.read(({ events }) => events.list({ types: ['evidence_delivered'] }, 0, 9));
  expect(delivered).toEqual([]);
  expect((await files()).evidence).toMatchObject([{ state: 'damaged' }, { state: 'kept' }]);
  const refused = await one(0);
  expect([refused.status, await refused.json()]).toMatchObject([500, { code: 'evidence_damaged' }]);
  const listed = await (await world.ask('/evidence?state=damaged')).json();
  expect(listed).toMatchObject({ total: 1, items: [{ sha256: a, state: 'damaged' }] });
  const archive = await unzip(await (await world.ask(`/actions/${fetched.id}/evidence`)).bytes());
  expect(Buffer.from(archive['not-included.txt'] ?? '').toString()).toContain(`${a}: The stored bytes are damaged`);
});

test('To delete and to release take a privileged role, to hold takes a working one, and the age an administrator.', async () => {
  await using world = await openNative();
  const created = await world.ask('/incidents', { method: 'POST', body: { name: 'x' } });
  const { incident } = (await created.json()) as { readonly incident: { readonly id: string } };
  const calls = [
    [`/evidence/${'a'.repeat(64)}/deletion`, { reason: 'x' }],
    [`/incidents/${incident.id}/hold`, { reason: 'x' }],
    [`/incidents/${incident.id}/release`, { reason: 'x' }],
    ['/evidence/retention', { days: 9 }],
  ] as const;
  const statuses = async (role: Parameters<typeof world.authorizationOf>[0]) => {
    const headers = { authorization: await world.authorizationOf(role) };
    const answers: number[] = [];
    for (const [path, body] of calls) {
      answers.push((await world.ask(path, { method: 'POST', body, headers, local: false })).status);
    }
    return answers;
  };
  expect(await statuses('Instance Administrator')).toEqual([404, 200, 204, 200]);
  expect(await statuses('Privileged Responder')).toEqual([404, 200, 204, 403]);
  expect(await statuses('Responder')).toEqual([403, 200, 403, 403]);
  expect(await statuses('Viewer')).toEqual([403, 403, 403, 403]);
});
