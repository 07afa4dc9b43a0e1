import { expect, test } from 'bun:test';
import { chmodSync, existsSync, lstatSync, readFileSync, utimesSync } from 'node:fs';
import { sha256 } from '#kit/disk.ts';
import { openWorld } from '#kit/world.ts';

const bytes = 'bytes that a fleet has\n'.repeat(1_000);

/** All that must be as it was. */
function factsOf(path: string) {
  const { mode, uid, gid, mtimeMs, size } = lstatSync(path);
  return { mode, uid, gid, mtimeMs, size, bytes: readFileSync(path, 'utf8') };
}

test('a quarantine of a fleet is undone in one call: files come back as they were, on a stopped machine when it returns', async () => {
  await using world = await openWorld({ agents: 2 });
  const { client } = world;
  const agents = [world.agent(0), world.agent(1)];
  const files = agents.flatMap((agent) => ['one.bin', 'deep/two.bin'].map((name) => agent.put(name, bytes)));
  const other = world.agent(0).put('other.bin', bytes);
  for (const [index, path] of [...files, other].entries()) {
    chmodSync(path, index % 2 === 0 ? 0o640 : 0o755);
    utimesSync(path, 1_600_000_000 + index, 1_500_000_000.25 + index);
  }
  const before = new Map(files.map((path) => [path, factsOf(path)]));
  for (const [index, path] of files.entries()) {
    await world.known(world.agent(index < 2 ? 0 : 1), path);
  }
  const endpointIds = agents.map(({ id }) => id);
  const mine = { endpointIds: endpointIds.slice(0, 1), path: other, sha256: sha256(bytes) };
  await client.waitForAction((await client.quarantineFile(mine)).id);
  const taking = await client.quarantineFile({ endpointIds, path: null, sha256: sha256(bytes) });
  expect((await client.waitForAction(taking.id)).status).toBe('completed_successfully');
  expect(files.filter((path) => existsSync(path))).toEqual([]);

  await world.agent(1).end('SIGTERM');
  const { undo, ...counts } = await client.undoAction(taking.id, { reason: 'a false alarm' });
  expect([undo?.verb, counts]).toEqual(['undo', { withdrawn: 0, asked: 0, removed: 0 }]);
  const id = undo?.id ?? '';
  while ((await client.readAction(id)).tasks[0]?.endedAt === null) {
    await Bun.sleep(50);
  }
  expect((await client.readAction(id)).tasks.map(({ status, undoes }) => [status, undoes])).toEqual([
    ['completed_successfully', taking.id],
    ['pending', taking.id],
  ]);
  expect(files.map((path) => existsSync(path))).toEqual([true, true, false, false]);
  await world.agent(1).connect();
  expect((await client.waitForAction(id)).status).toBe('completed_successfully');
  expect(new Map(files.map((path) => [path, factsOf(path)]))).toEqual(before);
  expect(existsSync(other)).toBe(false);

  const again = await client.undoAction(taking.id, {});
  const repeated = await client.waitForAction(again.undo?.id ?? '');
  expect(repeated.status).toBe('completed_successfully');
  expect(repeated.tasks.flatMap((task) => task.files.map(({ outcome }) => outcome))).toEqual(
    Array(4).fill('already_done'),
  );
});

test('a quarantine that a stopped machine never had is withdrawn by its undo, and nothing is taken when it returns', async () => {
  await using world = await openWorld({ agents: 1 });
  const { client } = world;
  const agent = world.agent(0);
  const path = agent.put('one.bin', bytes);
  await world.known(agent, path);
  await agent.end('SIGTERM');
  const taking = await client.quarantineFile({ endpointIds: [agent.id], path, sha256: sha256(bytes) });
  expect(await client.undoAction(taking.id, {})).toEqual({ undo: null, withdrawn: 1, asked: 0, removed: 0 });
  await agent.connect();
  const later = agent.put('later.bin', 'later');
  await world.known(agent, later);
  const next = await client.quarantineFile({ endpointIds: [agent.id], path: later, sha256: sha256('later') });
  expect((await client.waitForAction(next.id)).status).toBe('completed_successfully');
  expect(existsSync(path)).toBe(true);
});

test('a remediation is undone in one call: what each of its quarantines took comes back, on a stopped machine when it returns', async () => {
  await using world = await openWorld({ agents: 2 });
  const { client } = world;
  const agents = [world.agent(0), world.agent(1)];
  const files = agents.flatMap((agent, index) =>
    ['one.bin', 'deep/two.bin'].map((name) => agent.put(name, `${name} of ${index}`)),
  );
  const blocked = world.agent(0).put('blocked.bin', bytes);
  for (const [index, path] of files.entries()) {
    chmodSync(path, index % 2 === 0 ? 0o640 : 0o755);
    utimesSync(path, 1_600_000_000 + index, 1_500_000_000.25 + index);
  }
  const before = new Map(files.map((path) => [path, factsOf(path)]));
  const rows: { readonly remedy: 'quarantine'; readonly endpointId: string; readonly target: string }[] = [];
  for (const [index, path] of [...files, blocked].entries()) {
    const agent = world.agent(index === 2 || index === 3 ? 1 : 0);
    rows.push({ remedy: 'quarantine', endpointId: agent.id, target: await world.known(agent, path) });
  }
  const hash = { remedy: 'block', endpointId: world.agent(0).id, target: sha256(bytes) } as const;
  const started = await client.remediate({ rows: [...rows, hash] });
  for (const { actionId } of started.rows.slice(0, 5)) {
    expect((await client.waitForAction(actionId ?? '')).status).toBe('completed_successfully');
  }
  expect([...files, blocked].filter((path) => existsSync(path))).toEqual([]);

  await world.agent(1).end('SIGTERM');
  const { remediationId, rows: undone } = await client.undoRemediation(started.id, { reason: 'a false alarm' });
  expect(remediationId).toBe(started.id);
  expect(undone.map(({ result, kept }) => kept?.reason ?? result)).toEqual([
    ...Array(4).fill('undone'),
    ...['blocked', 'listed'],
  ]);
  const undos = undone.flatMap(({ undo }) => undo ?? []);
  for (const id of undos.slice(0, 2)) {
    expect((await client.waitForAction(id)).status).toBe('completed_successfully');
  }
  expect(files.map((path) => existsSync(path))).toEqual([true, true, false, false]);
  expect((await client.readAction(undos[3] ?? '')).status).toBe('pending');
  await world.agent(1).connect();
  for (const id of undos.slice(2)) {
    expect((await client.waitForAction(id)).status).toBe('completed_successfully');
  }
  expect(new Map(files.map((path) => [path, factsOf(path)]))).toEqual(before);
  expect(existsSync(blocked)).toBe(false);

  const again = await client.undoRemediation(started.id, { allow: true });
  const ends = await Promise.all(
    again.rows.map(async ({ undo }) => (undo === null ? [] : (await client.waitForAction(undo)).tasks)),
  );
  expect(ends.flat().flatMap((task) => task.files.map(({ outcome }) => outcome))).toEqual([
    ...Array(4).fill('already_done'),
    'done',
  ]);
  expect(readFileSync(blocked, 'utf8')).toBe(bytes);
  const { items } = await client.listEvents({ type: ['remediation_undone'] });
  expect(items.map(({ facts }) => [facts['reason'], facts['undone'], facts['kept']])).toEqual([
    ['a false alarm', 4, 2],
    [null, 5, 1],
  ]);
});
