import { expect, test } from 'bun:test';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { type CommandWorld, openCommands } from './command-world.ts';

const bytes = new TextEncoder().encode('bad bytes');
const sha256 = sha256Of(bytes);
const path = '/srv/bad.bin';
const nobody = '0'.repeat(32);

async function openFleet() {
  const world = await openCommands();
  const agents: TestAgent[] = [];
  for (const hostName of ['web-1', 'web-2']) {
    const endpoint = await enrolMachine(world.ports, { hostName });
    await inventory(world.ports, endpoint, [fileFacts(path, bytes)]);
    agents.push(startAgent(world.ports, endpoint, { [path]: bytes }));
  }
  const work = async () => {
    for (const agent of agents) {
      await agent.work();
    }
  };
  const [one = '', other = ''] = agents.map(({ endpoint }) => String(endpoint.id));
  return { world, work, one, other, data: ['--data', world.directory] };
}

test('endpoints are removed, and those that stay are told of with the exit code 1', async () => {
  const { world, work, one, other, data } = await openFleet();
  await using _ = world;
  await world.json(['quarantine', '--path', path, '--endpoint', one]);
  await work();
  const { code, out, err } = await world.run(['endpoints', 'revoke', one, other, nobody, '--reason', 'sold', ...data]);
  expect({ code, out }).toEqual({ code: 1, out: `${other}\n` });
  expect(err).toContain(`${one} is kept: Its vault holds quarantined files`);
  expect(err).toContain(`left out: ${nobody}`);
  expect(await world.json(['endpoints', 'list', '--removed'])).toMatchObject({ items: [{ id: other }] });
  expect(await world.json(['endpoints', 'count'])).toMatchObject({ connected: 1 });
  const history = await world.json(['endpoints', 'history']);
  expect(history).toMatchObject({ items: [{ kind: 'delete', done: 1, failed: 1 }] });
  const number = String((history as { items: { batchNumber: number }[] }).items[0]?.batchNumber);
  const shown = await world.run(['endpoints', 'history', ...data, '--', number]);
  expect(shown).toMatchObject({ code: 0 });
  expect(shown.out).toContain(one);
});

test('logs are saved, and scans ordered and stopped', async () => {
  const { world, work, data } = await openFleet();
  await using _ = world;
  const { id } = (await world.json(['endpoints', 'logs', 'all'])) as { readonly id: string };
  await work();
  expect(await world.json(['actions', 'show', id, '--wait'])).toMatchObject({ verb: 'logs', endpointsCount: 2 });
  const output = join(await mkdtemp(join(world.directory, 'logs-')), 'logs.zip');
  expect((await world.run(['evidence', 'get', id, '--output', output, ...data])).code).toBe(0);
  expect((await readFile(output)).subarray(0, 2).toString()).toBe('PK');
  await world.json(['scan', '--endpoint', 'all']);
  expect(await world.json(['scan', '--endpoint', 'all', '--abort'])).toMatchObject({ endpointsCount: 2 });
  expect((await world.run(['scan', '--endpoint', 'all', '--abort', ...data])).code).toBe(1);
});

test('lifetimes are shown and set as people write durations', async () => {
  const { world, data } = await openFleet();
  await using _ = world;
  expect((await world.run(['lifetimes', 'set', 'fetch=2d', 'scan=90m', ...data])).out).toMatch(
    /fetch +2d\n[^]*scan +90m\n/,
  );
  expect(await world.json(['lifetimes', 'show'])).toMatchObject({ fetch: 172_800, scan: 5_400 });
  for (const [wrong, hint] of [
    ['walk=2d', 'fetch, quarantine'],
    ['fetch=soon', '24h'],
    ['fetch=5m', '1 hour to 30 days'],
  ] as const) {
    const { code, err } = await world.run(['lifetimes', 'set', wrong, ...data]);
    expect({ wrong, code }).toEqual({ wrong, code: 2 });
    expect(err).toContain(hint);
  }
});

test('an alert is reported and found by its incident', async () => {
  const { world } = await openFleet();
  await using _ = world;
  const words = ['--name', 'Ransomware', '--severity', 'high', '--source', 'Acme', '--host', 'web-1', '--path', path];
  await world.json(['alerts', 'report', ...words]);
  const { items } = (await world.json(['alerts', 'list'])) as { items: { incidentId: string; endpointId: string }[] };
  expect(await world.json(['alerts', 'list', '--incident', items[0]?.incidentId ?? ''])).toMatchObject({ total: 1 });
  expect(await world.json(['alerts', 'list', '--severity', 'low'])).toMatchObject({ total: 0 });
  expect(await world.json(['incidents', 'list', '--endpoint', items[0]?.endpointId ?? ''])).toMatchObject({ total: 1 });
});

async function undoneByCommand(world: CommandWorld, work: () => Promise<unknown>, id: string) {
  const undo = ['remediations', 'undo', id, '--data', world.directory];
  const shown = await world.run([...undo, '--reason', 'a false alarm']);
  expect(shown).toMatchObject({ code: 0, err: expect.stringContaining('custody actions show UNDO --wait') });
  expect(shown.out).toMatch(/REMEDY +RESULT +MACHINE +TARGET +ACTION +UNDO +WHY\nquarantine +undone/);
  const late = await world.run([...undo, '--wait', '--timeout', '0s', '--json']);
  const { rows, undos } = JSON.parse(late.out) as { rows: { undo: string }[]; undos: { id: string; status: string }[] };
  expect(undos).toMatchObject(rows.map((row) => ({ id: row.undo, status: 'pending' })));
  expect([late.code, late.err]).toEqual([
    1,
    `custody: ${rows.map((row) => `Action ${row.undo} is pending.`).join(' ')}\n`,
  ]);
  await work();
}

test('all that can be done about an incident is listed, ordered, shown and stopped', async () => {
  const { world, work, one, other, data } = await openFleet();
  await using _ = world;
  const files = ['--file', `${one}:${path}`, '--file', `${other}:${path}`];
  const { incident } = (await world.json(['incidents', 'create', '--name', 'bad', ...files])) as {
    readonly incident: { readonly id: string };
  };
  const about = ['--incident', incident.id];
  expect((await world.run(['remediations', 'options', incident.id, ...data])).out).toMatch(/quarantine +web-1/);
  const started = (await world.json(['remediations', 'start', ...about, '--everything', 'quarantine'])) as {
    readonly id: string;
    readonly rows: readonly unknown[];
  };
  expect(started.rows).toHaveLength(2);
  await work();
  expect((await world.run(['remediations', 'show', started.id, ...data])).out).toMatch(/quarantine +succeeded/);
  const restoring = (await world.json(['remediations', 'start', ...about, '--restore', one])) as {
    readonly id: string;
  };
  expect(await world.json(['remediations', 'abort', restoring.id])).toMatchObject({ rows: [{ status: 'aborted' }] });
  expect(await world.json(['remediations', 'list', ...about])).toMatchObject({ items: { length: 2 } });
  await undoneByCommand(world, work, started.id);
  const failed = await world.run(['remediations', 'start', '--quarantine', `${one}=1.1`, ...data]);
  expect(failed.code).toBe(1);
  expect(failed.err).toContain('1 of 1 rows could not be ordered');
  for (const wrong of [[], ['--everything', 'block'], ['--quarantine', 'x=y']]) {
    expect((await world.run(['remediations', 'start', ...wrong, ...data])).code).toBe(2);
  }
});

test('the undo of a remediation ends with 1 where a quarantine of it stays, and not over what was none', async () => {
  const { world, work, one, data } = await openFleet();
  await using _ = world;
  const other = await enrolMachine(world.ports, { hostName: 'web-3' });
  const others = new TextEncoder().encode('other bytes');
  await inventory(world.ports, other, [fileFacts(path, others)]);
  const third = startAgent(world.ports, other, { [path]: others });
  const files = ['--file', `${one}:${path}`, '--file', `${other.id}:${path}`];
  const { incident } = (await world.json(['incidents', 'create', '--name', 'bad', ...files])) as {
    readonly incident: { readonly id: string };
  };
  const start = ['remediations', 'start', '--incident', incident.id, '--everything', 'quarantine'];
  const { id } = (await world.json([...start, '--block', `${one}=${sha256}`])) as { readonly id: string };
  await work();
  await third.work();
  const partly = await world.run(['remediations', 'undo', id, ...data, '--quiet']);
  expect([partly.code, partly.err]).toEqual([
    1,
    'custody: 1 quarantine could not be undone: a hash of it is blocked (1); the result says more.\n',
  ]);
  expect(partly.out).toMatch(/quarantine +kept .* The hash .* is on the block list/);
  await world.json(['hashes', 'forget', sha256]);
  const wholly = await world.run(['remediations', 'undo', id, ...data, '--quiet']);
  expect([wholly.code, wholly.err]).toEqual([0, '']);
  expect(wholly.out).toMatch(/block +kept .* is not on the block list any more/);
  await work();
  await third.work();
  expect(third.disk.has(path)).toBe(true);
  const shown = await world.run(['remediations', 'show', id, ...data]);
  expect(shown.out.match(/1 restored/g)).toHaveLength(2);
});

test('whichever file stands at a path is taken, and its quarantine told', async () => {
  const { world, work, one, data } = await openFleet();
  await using _ = world;
  await world.json(['quarantine', '--path', path, '--endpoint', one, '--any-content']);
  await work();
  const about = ['vault', 'status', '--endpoint', one, '--path', path, '--sha256'];
  expect((await world.run([...about, sha256, ...data])).out).toBe('quarantined\n');
  expect((await world.run([...about, 'f'.repeat(64), ...data])).out).toBe('not quarantined\n');
  for (const wrong of [
    ['--path', path],
    ['--sha256', sha256],
    ['--path', path, '--endpoint', one, '--sha256', sha256],
  ]) {
    const { code, err } = await world.run(['quarantine', '--any-content', ...wrong, ...data]);
    expect(code).toBe(2);
    expect(err).toContain('--any-content goes with --path and --endpoint');
  }
});

test('a file is shown by its GUID, hashes and events are listed by more than before', async () => {
  const { world, data } = await openFleet();
  await using _ = world;
  const { items } = (await world.json(['files', 'find'])) as { readonly items: readonly { readonly guid: string }[] };
  expect(await world.json(['files', 'show', items[0]?.guid ?? ''])).toMatchObject({ sha256 });
  expect((await world.run(['files', 'show', '1.1', ...data])).code).toBe(1);
  await world.json(['hashes', 'block', 'f'.repeat(64), '--comment', 'seen in INC-7', '--no-prevent']);
  const found = ['hashes', 'list', '--comment', 'inc-7', '--no-prevent', '--sort', 'hash', '--ascending'];
  expect(await world.json(found)).toMatchObject({ total: 1 });
  expect(await world.json(['hashes', 'list', '--prevent'])).toMatchObject({ total: 0 });
  expect(await world.json(['events', 'list', '--by', 'nobody'])).toEqual({ items: [] });
  const newest = ['events', 'list', '--newest', '--limit', '2'];
  expect(await world.json(newest)).toMatchObject({ items: [{ type: 'list_changed' }, expect.anything()] });
  expect(await world.json([...newest, '--before', '3'])).toMatchObject({ items: [{ sequence: 2 }, { sequence: 1 }] });
  expect(
    await world.json(['events', 'list', '--from', '2020-01-01T00:00:00Z', '--to', '2020-01-02T00:00:00Z']),
  ).toEqual({
    items: [],
  });
  expect((await world.run(['metrics', ...data])).out).toContain('custody_test 1');
  expect(await world.json(['metrics'])).toContain('custody_test 1');
  expect(await world.json(['openapi'])).toMatchObject({ openapi: '3.1.0' });
  const sequence = ['ledger', 'prove', '1'];
  expect((await world.run([...sequence, ...data])).out).toStartWith('["custody-event');
});

test('a reader that has enough ends a command without a word', async () => {
  const { world, data } = await openFleet();
  await using _ = world;
  const closed = Object.assign(new Error('broken pipe, write'), { code: 'EPIPE' });
  const { code, err } = await world.run(['endpoints', 'list', ...data], { broken: closed });
  expect({ code, err }).toEqual({ code: 141, err: '' });
  for (const words of [['--help'], ['up', '--help'], ['help', 'endpoints', 'list'], ['remediations', 'help']]) {
    const help = await world.run(words, { broken: closed });
    expect({ words, code: help.code, err: help.err }).toEqual({ words, code: 141, err: '' });
  }
  const full = Object.assign(new Error('no space left on device, write'), { code: 'ENOSPC' });
  const unwritten = await world.run(['up', '--help'], { broken: full });
  expect([unwritten.code, unwritten.err]).toEqual([1, 'custody: no space left on device, write\n']);
});
