import { expect, test } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { displayPath, parsePath } from '#core/file/file-path.ts';
import { fileGuid } from '#core/file/guid.ts';
import { startFetch } from '#core/verbs/start-fetch.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openCommands } from './command-world.ts';

const bytes = new TextEncoder().encode('evil bytes');
const path = '/srv/evil.bin';
const hostile = displayPath(parsePath('/srv/\\x1b[2J\\x0aevil'));

async function openFleet(machines = 1) {
  const world = await openCommands();
  const agents: TestAgent[] = [];
  for (let number = 1; number <= machines; number += 1) {
    const endpoint = await enrolMachine(world.ports, { hostName: `web-${number}\u001b[31m\u202e` });
    await inventory(world.ports, endpoint, [fileFacts(path, bytes)]);
    agents.push(startAgent(world.ports, endpoint, { [path]: bytes }));
  }
  const work = () => Promise.all(agents.map((agent) => agent.work()));
  return { world, agents, work, data: ['--data', world.directory] };
}

type Started = { readonly id: string };

test('what endpoints call themselves cannot act on a terminal, and survives as JSON', async () => {
  const { world, data } = await openFleet();
  await using _ = world;
  const { out } = await world.run(['endpoint', 'list', ...data]);
  expect(out).toContain('web-1\\u{1b}[31m\\u{202e}');
  const { out: json } = await world.run(['endpoint', 'list', ...data, '--json']);
  expect(out + json).not.toMatch(/[\u001b\u202e]/);
  expect(JSON.parse(json)).toMatchObject({ items: [{ hostName: 'web-1\u001b[31m\u202e' }] });
});

test('files are found by name, pattern, path and hash', async () => {
  const { world } = await openFleet();
  await using _ = world;
  const found = async (...words: string[]) => {
    const listing = (await world.json(['file', 'find', ...words])) as { readonly total: number };
    return listing.total;
  };
  expect(await found()).toBe(1);
  expect(await found('evil.bin')).toBe(1);
  expect(await found('evil')).toBe(0);
  expect(await found('ev*')).toBe(1);
  expect(await found('--path', '/srv/*')).toBe(1);
  expect(await found('--sha256', sha256Of(bytes).toUpperCase())).toBe(1);
  expect(await found('--md5', '0'.repeat(32))).toBe(0);
  expect(await found('--state', 'gone')).toBe(0);
});

test('who a request said had asked is shown beside who did, and cannot act on a terminal', async () => {
  const { world, agents, data } = await openFleet();
  await using _ = world;
  const number = agents[0]?.endpoint.number;
  const guid = number === undefined ? '' : fileGuid(number, parsePath(path));
  const origin = {
    principal: administrator,
    dialect: 'cybereason',
    claimedInitiator: 'ceo\u202e@example.com',
  } as const;
  const { action } = await startFetch(world.ports, { origin, guids: [guid] });
  for (const words of [
    ['action', 'list'],
    ['action', 'show', action.id],
  ]) {
    const { out } = await world.run([...words, ...data]);
    expect(out).toMatch(/claimed/i);
    expect(out).toContain('ceo\\u{202e}@example.com');
    expect(out).toContain(administrator.name);
  }
  expect(await world.json(['action', 'show', action.id])).toMatchObject({
    principal: { name: administrator.name },
    claimedInitiator: 'ceo\u202e@example.com',
  });
});

test('a list that is cut short says so', async () => {
  const { world, data } = await openFleet(3);
  await using _ = world;
  const { out, err } = await world.run(['endpoint', 'list', '--limit', '2', ...data]);
  expect(out.trimEnd().split('\n')).toHaveLength(3);
  expect(err).toContain('2 of 3 shown; --offset 2');
});

test('fetch, wait and evidence get bring the very bytes', async () => {
  const { world, agents, work, data } = await openFleet();
  await using _ = world;
  const id = agents[0]?.endpoint.id ?? '';
  const started = (await world.json(['fetch', '--endpoint', id, '--path', path, '--incident', 'INC-1'])) as Started;
  await work();
  const shown = await world.run(['action', 'show', started.id, '--wait', ...data]);
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toContain('completed_successfully');
  const one = await world.run(['evidence', 'get', started.id, '--file', '0', '--output', '-', ...data]);
  expect(one.bytes).toEqual(bytes);
  const target = join(world.directory, 'evidence.zip');
  expect((await world.run(['evidence', 'get', started.id, '--output', target, ...data])).out).toBe(`${target}\n`);
  expect((await readFile(target)).subarray(0, 2).toString()).toBe('PK');
  const again = await world.run(['evidence', 'get', started.id, '--output', target, ...data]);
  expect(again).toMatchObject({ code: 2, out: '' });
  expect(again.err).toContain('exists already');
  expect(await world.json(['action', 'list', '--incident', 'INC-1'])).toMatchObject({ items: [{ id: started.id }] });
});

test('evidence is listed, held, deleted with a reason, and then told to be deleted wherever it is asked for', async () => {
  const { world, agents, work, data } = await openFleet();
  await using _ = world;
  const id = agents[0]?.endpoint.id ?? '';
  const { incident } = (await world.json(['incident', 'create', '--name', 'court'])) as {
    readonly incident: { readonly id: string };
  };
  const started = (await world.json(['fetch', '--endpoint', id, '--path', path, '--incident', incident.id])) as Started;
  await work();
  const sha256 = sha256Of(bytes);
  const held = await world.run(['incident', 'hold', incident.id, '--reason', 'court order', ...data]);
  expect(held).toMatchObject({ code: 0, out: expect.stringContaining('court order') });
  expect((await world.run(['incident', 'show', incident.id, ...data])).out).toContain('court order');
  expect(await world.json(['evidence', 'list'])).toMatchObject({
    items: [{ sha256, state: 'kept', actionIds: [started.id], heldBy: [incident.id] }],
  });
  const remove = () => world.run(['evidence', 'delete', sha256.toUpperCase(), '--reason', 'private', ...data]);
  expect(await remove()).toMatchObject({ code: 1, err: expect.stringContaining(`incident ${incident.id}`) });
  await world.json(['incident', 'release', incident.id, '--reason', 'settled']);
  expect(await remove()).toMatchObject({ code: 0, out: expect.stringContaining('deleted') });
  const list = await world.run(['evidence', 'list', '--state', 'deleted', ...data]);
  expect(list.out).toContain(': private');
  const get = await world.run(['evidence', 'get', started.id, '--output', '-', ...data]);
  expect(get).toMatchObject({ code: 1, out: '', err: expect.stringContaining('The bytes were deleted at') });
  expect(await world.json(['action', 'show', started.id])).toMatchObject({
    tasks: [{ files: [{ outcome: 'done', sha256, evidence: { state: 'deleted', deletion: { rule: 'person' } } }] }],
  });
});

test('how long evidence is kept is shown and set', async () => {
  const { world, data } = await openFleet();
  await using _ = world;
  expect(await world.json(['evidence', 'retention'])).toEqual({ days: null });
  expect((await world.run(['evidence', 'retention', '--days', '90', ...data])).out).toContain('90 days');
  expect(await world.json(['evidence', 'retention'])).toEqual({ days: 90 });
  expect(await world.json(['evidence', 'retention', '--forever'])).toEqual({ days: null });
  expect((await world.run(['evidence', 'retention', '--days', '1', '--forever', ...data])).code).toBe(2);
});

test('a fetch of unknown GUIDs names them and does not end with 0', async () => {
  const { world, data } = await openFleet();
  await using _ = world;
  const { items } = (await world.json(['file', 'find'])) as { readonly items: readonly { readonly guid: string }[] };
  const { code, out, err } = await world.run(['fetch', items[0]?.guid ?? '', '1.1', ...data]);
  expect(code).toBe(1);
  expect(out).toContain('pending');
  expect(err).toContain('1.1');
});

test('an action that fails is shown and does not end with 0', async () => {
  const { world, agents, work, data } = await openFleet();
  await using _ = world;
  const id = agents[0]?.endpoint.id ?? '';
  const started = (await world.json(['fetch', '--endpoint', id, '--path', hostile])) as Started;
  await work();
  const { code, out, err } = await world.run(['action', 'show', started.id, '--wait', ...data]);
  expect(code).toBe(1);
  expect(out).toContain('not_found');
  expect(out).toContain(hostile);
  expect(err).toContain('failed');
});

test('quarantine by path takes the file where it was reported, and restore by path brings it back', async () => {
  const { world, agents, work, data } = await openFleet();
  await using _ = world;
  const started = (await world.json(['quarantine', '--path', path])) as Started;
  await work();
  expect(agents[0]?.disk.has(path)).toBe(false);
  expect((await world.run(['action', 'show', started.id, '--wait', ...data])).code).toBe(0);
  expect(await world.json(['vault', 'list'])).toMatchObject({ total: 1, items: [{ path, state: 'held' }] });
  expect((await world.run(['restore', '--path', path, ...data])).code).toBe(0);
  await work();
  expect(agents[0]?.disk.get(path)).toEqual(bytes);
  expect(await world.json(['vault', 'list'])).toMatchObject({ total: 0 });
  expect(await world.json(['vault', 'list', '--all'])).toMatchObject({ items: [{ state: 'restored' }] });
});

test('quarantine on several endpoints needs to be told so', async () => {
  const { world, agents, work, data } = await openFleet(2);
  await using _ = world;
  const refused = await world.run(['quarantine', '--path', path, ...data]);
  expect(refused.code).toBe(2);
  expect(refused.err).toContain('--all');
  const id = agents[1]?.endpoint.id ?? '';
  expect(await world.json(['quarantine', '--path', path, '--endpoint', id])).toMatchObject({ endpointsCount: 1 });
  await work();
  expect(agents.map((agent) => agent.disk.has(path))).toEqual([true, false]);
  expect((await world.run(['quarantine', '--path', '/srv/none', ...data])).code).toBe(1);
  expect(await world.json(['restore', '--path', path])).toMatchObject({ endpointsCount: 1 });
  await work();
  expect(await world.json(['quarantine', '--path', path, '--all'])).toMatchObject({ endpointsCount: 2 });
  await work();
  expect(agents.map((agent) => agent.disk.has(path))).toEqual([false, false]);
  expect(await world.json(['restore', '--sha256', sha256Of(bytes)])).toMatchObject({ endpointsCount: 2 });
});

test('a fetch is closed, and events tell the story in order', async () => {
  const { world, agents, data } = await openFleet();
  await using _ = world;
  const id = agents[0]?.endpoint.id ?? '';
  const started = (await world.json(['fetch', '--endpoint', id, '--path', path])) as Started;
  expect((await world.run(['action', 'close', started.id, ...data])).code).toBe(0);
  const events = (await world.json(['event', 'list', '--action', started.id])) as {
    readonly items: readonly { readonly type: string }[];
  };
  expect(events.items.map((event) => event.type)).toEqual(['action_started', 'batch_closed']);
});

test('an incident is about the file that lies there, or about the one whose hash is given, one for each', async () => {
  const { world, agents, data } = await openFleet();
  await using _ = world;
  const id = agents[0]?.endpoint.id ?? '';
  const told = 'AB'.repeat(32);
  const create = (...more: readonly string[]) => [
    'incident',
    'create',
    '--name',
    'n',
    '--file',
    `${id}:${path}`,
    ...more,
  ];
  const hashOf = async (args: readonly string[]) => {
    const { incident } = (await world.json(args)) as { incident: { id: string } };
    const shown = (await world.json(['incident', 'show', incident.id])) as { files: readonly { sha256: string }[] };
    return shown.files.map(({ sha256 }) => sha256);
  };
  expect(await hashOf(create())).toEqual([sha256Of(bytes)]);
  expect(await hashOf(create('--sha256', told))).toEqual([told.toLowerCase()]);
  const refused = await world.run([...create('--sha256', told, told), ...data]);
  expect(refused.code).toBe(2);
  expect(refused.err).toContain('one hash for each');
});
