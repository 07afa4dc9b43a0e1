import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { readdir, readlink } from 'node:fs/promises';
import { readAction } from '#dialects/native/schemas/action.ts';
import { viewFile } from '#dialects/native/schemas/evidence.ts';
import { startAgent } from '#kit/agent.ts';
import { enrolMachine } from '#kit/fleet.ts';
import { openNative } from './world.ts';

const size = 2_000_000;

async function openFetched() {
  const world = await openNative();
  const endpoint = await enrolMachine(world.ports);
  const disk = { '/srv/a': new Uint8Array(randomBytes(size)), '/srv/b': new Uint8Array(randomBytes(size)) };
  const body = { endpointIds: [endpoint.id], paths: Object.keys(disk) };
  const started = await world.ask('/actions/retrieve', { method: 'POST', body });
  const { id } = (await started.json()) as { readonly id: string };
  await startAgent(world.ports, endpoint, disk).work();
  const response = await world.ask(`/actions/${id}`);
  const { tasks } = readAction.reply.parse(await response.json());
  return { world, id, taskId: tasks[0]?.id ?? '' };
}

/** Evidence files that this process holds open (Linux). */
async function openEvidenceFiles(): Promise<readonly string[]> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
  return (await Promise.all(links)).filter((target) => target.includes('/evidence/objects/'));
}

async function untilNoneIsOpen(): Promise<readonly string[]> {
  for (let left = 100; left > 0 && (await openEvidenceFiles()).length > 0; left -= 1) {
    await Bun.sleep(10);
  }
  return openEvidenceFiles();
}

test('a client that goes away, at whatever point, leaves no evidence file open', async () => {
  const { world, id, taskId } = await openFetched();
  await using _ = world;
  for (const path of [`/actions/${id}/evidence`, `/actions/${id}/tasks/${taskId}/evidence/0`]) {
    for (const reads of [0, 1, 3, 10]) {
      const response = await world.ask(path);
      const reader = response.body?.getReader();
      for (let read = 0; read < reads; read += 1) {
        await reader?.read();
      }
      await reader?.cancel();
      expect(await untilNoneIsOpen()).toEqual([]);
    }
  }
});

test('a reader that goes away while its file is being opened leaves it closed', async () => {
  const { world, id } = await openFetched();
  await using _ = world;
  const response = await world.ask(`/actions/${id}`);
  const { tasks } = readAction.reply.parse(await response.json());
  const sha256 = tasks[0]?.files[0]?.sha256;
  for (let attempt = 0; attempt < 20 && sha256; attempt += 1) {
    const reader = (await world.ports.blobs?.read(sha256))?.getReader();
    const read = reader?.read();
    await reader?.cancel();
    await read;
  }
  expect(sha256).toBeDefined();
  expect(await untilNoneIsOpen()).toEqual([]);
});

test('a few bytes are looked at, from wherever one likes, and that is on the record with who and why', async () => {
  const { world, id, taskId } = await openFetched();
  await using _ = world;
  const whole = new Uint8Array(await (await world.ask(`/actions/${id}/tasks/${taskId}/evidence/0`)).arrayBuffer());
  const places = [
    { offset: 0, length: 4_096 },
    { offset: 65_530, length: 20 },
    { offset: size - 5, length: 100 },
    { offset: size, length: 1 },
    { offset: 1_000_000, length: 65_536 },
  ];
  for (const { offset, length } of places) {
    const query = `offset=${offset}&length=${length}&reason=triage`;
    const answer = await world.ask(`/actions/${id}/tasks/${taskId}/evidence/0/view?${query}`);
    const shown = viewFile.reply.parse(await answer.json());
    expect(shown).toMatchObject({ name: 'a', size, offset });
    expect(Buffer.from(shown.bytes, 'base64').equals(whole.subarray(offset, offset + length))).toBe(true);
  }
  expect(await untilNoneIsOpen()).toEqual([]);
  const views = await world.ports.store.read(({ events }) => events.list({ types: ['evidence_viewed'] }, 0, 99));
  expect(views.map(({ facts }) => facts['offset'])).toEqual(places.map(({ offset }) => offset));
  expect(views[0]).toMatchObject({
    actionId: id,
    actor: { name: 'local administrator' },
    facts: { reason: 'triage', remoteAddress: '192.0.2.1', files: [{ name: 'a', size }], length: 4_096 },
  });
});

test('HEAD tells of a download what GET would, and delivers, opens and records nothing; of anything else it is refused', async () => {
  const { world, id, taskId } = await openFetched();
  await using _ = world;
  const known = async () => (await world.ports.store.read(({ events }) => events.list({}, 0, 1_000))).length;
  const before = await known();
  for (const path of [`/actions/${id}/evidence`, `/actions/${id}/tasks/${taskId}/evidence/0`]) {
    const head = await world.ask(path, { method: 'HEAD' });
    const get = await world.ask(path);
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(get.headers));
    expect(head.headers.get('content-disposition')).toStartWith('attachment;');
    await get.body?.cancel();
    expect(await openEvidenceFiles()).toEqual([]);
  }
  expect((await world.ask(`/actions/${id}/tasks/${taskId}/evidence/9`, { method: 'HEAD' })).status).toBe(404);
  expect((await world.ask(`/actions/${id}/evidence`, { method: 'HEAD', local: false })).status).toBe(401);
  for (const path of [`/actions/${id}`, `/actions/${id}/tasks/${taskId}/evidence/0/view`, '/events/stream']) {
    expect((await world.ask(path, { method: 'HEAD' })).status).toBe(405);
  }
  expect(await known()).toBe(before);
});
