import { expect, test } from 'bun:test';
import { createUser } from '#core/verbs/create-user.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { guard } from '#kit/ports.ts';
import { type CommandWorld, openCommands } from './command-world.ts';

const sha256 = sha256Of(new Uint8Array(1));

/** Two machines, where one person may order for one. */
async function openFleet() {
  const world = await openCommands({ policy: { guard: { ...guard, mostEndpoints: 1 } } });
  const ids: string[] = [];
  for (const hostName of ['web-1', 'web-2']) {
    ids.push((await enrolMachine(world.ports, { hostName })).id);
  }
  const order = ['quarantine', '--path', '/srv/evil', '--sha256', sha256, '--endpoint', ...ids];
  return { world, order };
}

async function person({ ports }: CommandWorld, name: string): Promise<void> {
  const email = `${name}@example.test`;
  await createUser(ports, administrator, { email, password: 'a long password', role: 'Privileged Responder' });
}

async function waiting(world: CommandWorld): Promise<{ readonly actionId: string; readonly digest: string }> {
  const { items } = (await world.json(['approvals', 'list'])) as { items: { actionId: string; digest: string }[] };
  return items[0] ?? expect.unreachable();
}

test('a person at a terminal is asked for the numbers where nobody else could approve, and the right ones let it out', async () => {
  const { world, order } = await openFleet();
  await using _ = world;
  const inDirectory = [...order, '--data', world.directory];
  const wrong = await world.run(inDirectory, { typed: '2 3' });
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Type both numbers')]);
  expect(wrong.err).toContain('it is not about 2 endpoints and 3 files');
  const nothing = await world.run(inDirectory, { typed: '' });
  expect(nothing.err).toContain('It stays held until');
  expect(await world.json(['approvals', 'list'])).toMatchObject({ total: 2 });
  world.ports.clock.advance(1_000);
  const right = await world.run(inDirectory, { typed: ' 2 2 ' });
  expect([right.code, right.err]).toEqual([0, expect.stringContaining('is let out.')]);
  expect(right.out).toMatch(/status +pending/);
  expect(await world.json(['approvals', 'list', '--all'])).toMatchObject({
    ...{ total: 3, items: [{ state: 'confirmed' }, { state: 'waiting' }, { state: 'waiting' }] },
  });
});

test('where nobody sits at a terminal it says how to let it out, and that very command does', async () => {
  const { world, order } = await openFleet();
  await using _ = world;
  const held = await world.run([...order, '--data', world.directory]);
  expect(held.code).toBe(0);
  expect(held.out).toMatch(/status +held/);
  expect(held.err).toContain('2 endpoints, of which one person may order 1');
  const [, command = ''] = /custody (approvals approve .+)$/m.exec(held.err) ?? [];
  expect(await world.json(command.split(' '))).toMatchObject({ state: 'confirmed', needed: null });
  const again = await world.run([...command.split(' '), '--data', world.directory]);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('does not wait for an approval any more')]);
});

test('what waits is shown whole, refused with a reason, and let out by breaking the glass', async () => {
  const { world, order } = await openFleet();
  await using _ = world;
  await person(world, 'ana');
  await person(world, 'bob');
  const run = (...words: string[]) => world.run([...words, '--data', world.directory]);
  const held = await run(...order);
  expect(held.err).toContain('Another person has until');
  const first = await waiting(world);
  const shown = await run('approvals', 'show', first.actionId);
  for (const part of ['web-1', 'web-2', '/srv/evil', first.digest, 'a second person']) {
    expect(shown.out).toContain(part);
  }
  const own = await run('approvals', 'approve', first.actionId, '--digest', first.digest);
  expect([own.code, own.err]).toEqual([1, expect.stringContaining('You are no second person')]);
  expect((await run('approvals', 'refuse', first.actionId)).code).toBe(2);
  const refused = await world.json(['approvals', 'refuse', first.actionId, '--reason', 'wrong hash']);
  expect(refused).toMatchObject({ state: 'refused', reason: 'wrong hash' });
  world.ports.clock.advance(1_000);
  await run(...order);
  const { actionId, digest } = await waiting(world);
  const breaking = ['approvals', 'approve', actionId, '--digest', digest, '--break-glass'];
  expect((await run(...breaking)).code).toBe(2);
  expect(await world.json([...breaking, '--reason', 'it spreads'])).toMatchObject({ state: 'bypassed' });
  const listed = await run('approvals', 'list', '--all');
  expect(listed.out).toMatch(/bypassed.*\n.*refused/);
  expect((await run('approvals', 'approve', actionId, '--digest', digest, '--files', '1')).code).toBe(2);
});

test('a remediation says which of its rows are held, and has each let out as any other order', async () => {
  const world = await openCommands({ policy: { guard: { ...guard, mostEndpoints: 1 } } });
  await using _ = world;
  const content = new TextEncoder().encode('bad');
  const path = '/srv/bad';
  const ids: string[] = [];
  for (const hostName of ['web-1', 'web-2']) {
    const endpoint = await enrolMachine(world.ports, { hostName });
    await inventory(world.ports, endpoint, [fileFacts(path, content)]);
    ids.push(endpoint.id);
  }
  const named = ids.flatMap((id) => ['--file', `${id}:${path}`]);
  const { incident } = (await world.json(['incidents', 'create', '--name', 'bad', ...named])) as {
    readonly incident: { readonly id: string };
  };
  const rows = ['--incident', incident.id, '--everything', 'quarantine'];
  const start = ['remediations', 'start', ...rows, '--data', world.directory];
  const held = await world.run(start);
  expect(held.code).toBe(0);
  expect(held.out.match(/quarantine +held/g)).toHaveLength(2);
  expect(held.err.match(/is held, and no endpoint is told of it: 2 endpoints/g)).toHaveLength(2);
  const { items } = (await world.json(['remediations', 'list', '--incident', incident.id])) as { items: unknown[] };
  const waits = { approval: { state: 'waiting', rules: [{ rule: 'endpoints', count: 2, limit: 1 }] } };
  expect(items).toMatchObject([{ rows: [waits, waits] }]);
  const letOut = await world.run([...start, '--yes'], { typed: '1 1' });
  expect(letOut.err.match(/is let out/g)).toHaveLength(2);
  expect(letOut.out.match(/quarantine +pending/g)).toHaveLength(2);
});
