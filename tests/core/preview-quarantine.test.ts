import { describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import type { ActionId } from '#core/action/action-id.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import { parsePath } from '#core/file/file-path.ts';
import { targetDigest } from '#core/guard/target-digest.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { listHashes } from '#core/verbs/list-hashes.ts';
import { previewQuarantine } from '#core/verbs/preview-quarantine.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { revokeEndpoints } from '#core/verbs/revoke-endpoints.ts';
import { startSearch } from '#core/verbs/start-search.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, fileFacts, inventory } from '#kit/fleet.ts';
import { guard, openPorts, type TestPorts } from '#kit/ports.ts';
import { bytes, openWorld, sha256, type World } from './approval-world.ts';

const origin = { principal: administrator, dialect: 'native' } as const;

async function report({ ports, machines }: World): Promise<void> {
  for (const machine of machines) {
    await inventory(ports, machine, [fileFacts('/srv/evil', bytes), fileFacts('/srv/twin', bytes)]);
  }
}

const preview = (ports: TestPorts, more: { readonly searchId?: ActionId } = {}) =>
  previewQuarantine(ports, { ...origin, sha256, ...more });

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof Fault) {
      return thrown;
    }
  }
  return expect.unreachable('There was no fault.');
}

describe('the preview of a quarantine', () => {
  test('says where the file is, how much of the fleet that is, and why it would wait', async () => {
    await using world = await openWorld();
    const { ports, machines } = world;
    const [first = expect.unreachable()] = machines;
    const since = ports.clock.now();
    await report(world);
    ports.clock.advance(60_000);
    await inventory(ports, first, [
      fileFacts('/srv/evil', bytes, { package: 'evil-utils' }),
      fileFacts('/srv/twin', bytes),
    ]);
    await enrolMachine(ports, { hostName: 'clean' });
    expect(await preview(ports)).toMatchObject({
      spread: {
        ...{ files: 6, endpoints: 3, firstSeenAt: since, pathsCount: 2 },
        packages: [{ package: 'evil-utils', files: 1 }],
      },
      ...{ fleet: 4, held: { objects: 0, endpoints: 0 }, underWay: 0, listed: null, searched: null },
      targets: {
        endpoints: 3,
        digest: targetDigest(
          sha256,
          machines.map(({ id }) => id),
        ),
      },
      rules: [
        { rule: 'endpoints', count: 3, limit: 2 },
        { rule: 'packaged', count: 1, limit: 0 },
      ],
    });
  });

  test('counts what is in vaults or on its way there, the list, and programs that incidents tell of', async () => {
    await using world = await openWorld({ reach: 'off' });
    const { ports, machines } = world;
    const [first = expect.unreachable(), second = expect.unreachable()] = machines;
    await report(world);
    const agent = startAgent(ports, first, { '/srv/evil': bytes, '/srv/twin': bytes });
    const endpointIds = [first.id, second.id];
    await quarantineFiles(ports, { origin, endpointIds, path: null, sha256 });
    await agent.work();
    await listHashes(ports, { ...{ origin, list: 'block', prevent: false, comment: '' }, hashes: [sha256] });
    const process = { endpointId: second.id, path: parsePath('/srv/evil'), sha256, pid: 7 };
    await createIncident(ports, {
      ...{ origin, name: 'evil', description: '', severity: 'high', endpointIds: [], files: [] },
      processes: [process, { ...process, pid: 8, endedAt: 1 }],
    });
    expect(await preview(ports)).toMatchObject({
      ...{ held: { objects: 2, endpoints: 1 }, underWay: 1, listed: 'block' },
      observed: { total: 1, items: [{ pid: 7, endpointId: second.id }] },
      ...{ targets: { endpoints: 2 }, rules: [] },
    });
  });

  test('tells how far a search has come, and refuses what is none', async () => {
    await using world = await openWorld();
    const { ports, machines } = world;
    const pattern = { by: 'sha256', sha256 } as const;
    const endpointIds = machines.map(({ id }) => id);
    const search = await startSearch(ports, { origin, endpointIds, pattern, live: true });
    const agent = startAgent(ports, machines[0] ?? expect.unreachable(), { '/srv/evil': bytes });
    await agent.work();
    const { searched } = await preview(ports, { searchId: search.id });
    expect(searched).toEqual({ endpoints: 3, answered: 1, items: [], total: 0 });
    const paths = { linux: [parsePath('/srv/evil')] };
    const fetch = await retrieveFiles(ports, { origin, endpointIds: endpointIds.slice(0, 1), paths });
    expect(await faultOf(preview(ports, { searchId: fetch.id }))).toMatchObject({ code: 'invalid_request' });
    expect(await faultOf(preview(ports, { searchId: '999' as ActionId }))).toMatchObject({ code: 'not_found' });
  });
});

describe('a quarantine wherever the file is', () => {
  test('acts on just the endpoints of the preview, and on nothing where they are others', async () => {
    await using world = await openWorld({ reach: 'off' });
    const { ports, machines } = world;
    await report(world);
    const seen = (await preview(ports)).targets;
    const order = { origin, endpointIds: 'holders', path: null, sha256, targetDigest: seen.digest } as const;
    const later = await enrolMachine(ports, { hostName: 'later' });
    await inventory(ports, later, [fileFacts('/srv/evil', bytes)]);
    const changed = await faultOf(quarantineFiles(ports, order));
    expect(changed).toMatchObject({ code: 'conflict', details: { digest: (await preview(ports)).targets.digest } });
    await revokeEndpoints(ports, {
      request: { principal: administrator, name: 'revoke', facts: null },
      ...{ endpointIds: [later.id], reason: '' },
    });
    expect((await preview(ports)).targets).toEqual(seen);
    const action = await quarantineFiles(ports, { ...order, targetDigest: seen.digest.toUpperCase() });
    const tasks = await ports.store.read((reader) => reader.tasks.byAction(action.id));
    expect(new Set(tasks.map(({ endpointId }) => endpointId))).toEqual(new Set(machines.map(({ id }) => id)));
  });

  test('needs a preview beyond the limit, a file that is somewhere, and a hash alone', async () => {
    await using ports = await openPorts({ policy: { quarantineEndpointLimit: 1, guard: { ...guard, reach: 'off' } } });
    const order = { origin, endpointIds: 'holders', path: null, sha256 } as const;
    expect(await faultOf(quarantineFiles(ports, order))).toMatchObject({ code: 'no_target' });
    for (const hostName of ['a', 'b']) {
      await inventory(ports, await enrolMachine(ports, { hostName }), [fileFacts('/srv/evil', bytes)]);
    }
    expect(await faultOf(quarantineFiles(ports, order))).toMatchObject({ code: 'limit_exceeded' });
    const wrong = [
      { ...order, path: parsePath('/srv/evil') },
      { ...order, sha256: null },
      { ...order, endpointIds: [], targetDigest: '0'.repeat(64) },
    ];
    for (const each of wrong) {
      expect(await faultOf(quarantineFiles(ports, each))).toMatchObject({ code: 'invalid_request' });
    }
    const { digest } = (await preview(ports)).targets;
    expect((await quarantineFiles(ports, { ...order, targetDigest: digest })).endpointsCount).toBe(2);
  });
});

describe('bytes that a system package has', () => {
  test('wait for a second person wherever they are, under any name; others under a name of a package do not', async () => {
    await using world = await openWorld();
    const { ports, machines } = world;
    const [first = expect.unreachable(), second = expect.unreachable()] = machines;
    await inventory(ports, first, [fileFacts('/bin/true', bytes, { package: 'coreutils' })]);
    await inventory(ports, second, [fileFacts('/bin/true', new TextEncoder().encode('trojan'))]);
    const ana = await world.person('ana');
    const order = { endpointIds: [second.id], path: parsePath('/home/ana/copy') };
    const held = await world.quarantine(ana, order);
    expect(await world.statesOf(held)).toEqual(['held']);
    const trojan = createHash('sha256').update('trojan').digest('hex') as typeof sha256;
    const out = await world.quarantine(ana, { ...order, path: parsePath('/bin/true'), sha256: trojan });
    expect(await world.statesOf(out)).toEqual(['pending']);
  });
});

test('the digest of targets is over these lines, whatever their order', () => {
  const ids = ['b', 'a'].map((digit) => digit.repeat(32) as EndpointId);
  const lines = [`["custody-quarantine-targets-1","${sha256}"]`, `"${'a'.repeat(32)}"`, `"${'b'.repeat(32)}"`];
  const expected = createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest('hex');
  expect(targetDigest(sha256, ids)).toBe(expected);
  expect(targetDigest(sha256, ids.slice(1))).not.toBe(expected);
});
