import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import type { Principal } from '#core/access/principal.ts';
import { builtInRole } from '#core/access/role.ts';
import { Fault } from '#core/fault.ts';
import { parsePath } from '#core/file/file-path.ts';
import { type ListHashes, listHashes } from '#core/verbs/list-hashes.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { recordInventory } from '#core/verbs/record-inventory.ts';
import { recordOrderRefused } from '#core/verbs/record-order-refused.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { unlistHashes } from '#core/verbs/unlist-hashes.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const evil = new TextEncoder().encode('evil');
const good = new TextEncoder().encode('good');
const origin = { principal: administrator, dialect: 'native' } as const;
const md5 = createHash('md5').update(evil).digest('hex');

function block(ports: TestPorts, hashes: readonly string[], more: Partial<ListHashes> = {}) {
  return listHashes(ports, { origin, hashes, list: 'block', prevent: true, ...more });
}

async function ordersOf(ports: TestPorts) {
  const { items } = await ports.store.read(({ actions }) =>
    actions.list({ verbs: ['quarantine'] }, { offset: 0, limit: 99 }),
  );
  const tasks = await ports.store.read(({ tasks }) => tasks.byActions(items.map(({ id }) => id)));
  return tasks.map(({ parameters }) => parameters);
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  return thrown instanceof Fault ? thrown.code : undefined;
}

test('a new file with a blocked hash is ordered into the vault, once; the copies that were there are told of and left', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  await inventory(ports, endpoint, [fileFacts('/srv/old', evil), fileFacts('/srv/good', good)]);
  const done = await block(ports, [md5.toUpperCase()]);
  expect(done.copies.map(({ displayPath }) => displayPath)).toEqual(['/srv/old']);
  expect(done.actions).toEqual([]);
  expect(await ordersOf(ports)).toEqual([]);
  ports.rung.length = 0;
  await inventory(ports, endpoint, [
    fileFacts('/srv/old', evil),
    fileFacts('/srv/new', evil),
    fileFacts('/srv/b', good),
  ]);
  const order = {
    verb: 'quarantine' as const,
    path: parsePath('/srv/new'),
    sha256: sha256Of(evil),
    overrideProtection: false,
  };
  expect(await ordersOf(ports)).toEqual([order]);
  expect(ports.rung).toEqual([endpoint.id]);
  await inventory(ports, endpoint, [fileFacts('/srv/new', evil), fileFacts('/srv/old', evil)]);
  expect(await ordersOf(ports)).toHaveLength(1);
  const agent = startAgent(ports, endpoint, { '/srv/new': evil });
  await agent.work();
  expect(agent.disk.has('/srv/new')).toBe(false);
  const [started] = await ports.store.read(({ events }) => events.list({ types: ['action_started'] }, 0, 9));
  expect(started?.facts).toMatchObject({ because: 'block_list', hash: md5 });
  expect(started?.actor.id).toBe(administrator.id);
});

test('a known file whose bytes become blocked ones is new, and so are the files of a machine that enrols', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  await inventory(ports, endpoint, [fileFacts('/srv/a', good)]);
  await block(ports, [sha256Of(evil)]);
  await inventory(ports, endpoint, [fileFacts('/srv/a', evil)]);
  expect(await ordersOf(ports)).toHaveLength(1);
  const late = await enrolMachine(ports, { hostName: 'late' });
  await inventory(ports, late, [fileFacts('/srv/a', evil)]);
  expect(await ordersOf(ports)).toHaveLength(2);
});

test('prevent:false, an expired entry, one that is allowed by another hash and one that was taken off touch nothing', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  const appear = async (name: string) => {
    await inventory(ports, endpoint, [fileFacts(name, evil)]);
    return (await ordersOf(ports)).length;
  };
  await block(ports, [md5], { prevent: false });
  expect(await appear('/srv/1')).toBe(0);
  await block(ports, [md5], { expiresAt: ports.clock.now() + 1_000 });
  ports.clock.advance(1_000);
  expect(await appear('/srv/2')).toBe(0);
  await block(ports, [md5]);
  await listHashes(ports, { origin, hashes: [sha256Of(evil)], list: 'allow', prevent: false });
  expect(await appear('/srv/3')).toBe(0);
  expect(await unlistHashes(ports, administrator, [sha256Of(evil)])).toEqual([sha256Of(evil)]);
  expect(await appear('/srv/4')).toBe(1);
  await unlistHashes(ports, administrator, [md5]);
  expect(await appear('/srv/5')).toBe(1);
});

test('existing copies are quarantined where that is asked for, by who may do that', async () => {
  await using ports = await openPorts();
  const [first, second] = [await enrolMachine(ports), await enrolMachine(ports, { hostName: 'b' })];
  await inventory(ports, first, [fileFacts('/srv/1', evil), fileFacts('/srv/2', evil)]);
  await inventory(ports, second, [fileFacts('/srv/3', evil)]);
  const { actions, copiesCount } = await block(ports, [md5], { quarantineExisting: true });
  expect(copiesCount).toBe(3);
  expect(actions.map(({ endpointsCount }) => endpointsCount)).toEqual([2]);
  expect(ports.rung.toSorted()).toEqual([first.id, second.id].toSorted());
  const principal: Principal = { ...administrator, role: builtInRole('Viewer') };
  const asked = block(ports, [md5], { quarantineExisting: true, origin: { principal, dialect: 'native' } });
  expect(await codeOf(asked)).toBe('permission_denied');
});

test('a list is no second door to quarantine: who may not quarantine blocks nothing that would be (P47)', async () => {
  await using ports = await openPorts();
  const listing = { name: 'Lister', permissions: ['lists.read', 'lists.manage'] } as const;
  const as = { ...origin, principal: { ...administrator, role: listing } };
  expect(await codeOf(block(ports, [md5], { origin: as }))).toBe('permission_denied');
  expect(await ports.store.read(({ hashLists }) => hashLists.byHashes([md5]))).toEqual([]);
  expect((await block(ports, [md5], { origin: as, prevent: false })).listed).toHaveLength(1);
  expect(await codeOf(block(ports, [md5], { origin: as }))).toBe('permission_denied');
  expect((await block(ports, [md5], { origin: as, list: 'allow' })).listed).toHaveLength(1);
});

test('the empty file and what a package manager vouches for are never blocked, by any of their hashes', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  await inventory(ports, endpoint, [fileFacts('/usr/bin/tool', good, { package: 'tools' })]);
  const empty = ['sha256', 'sha1', 'md5'].map((algorithm) => createHash(algorithm).digest('hex'));
  const vouched = [sha256Of(good), createHash('sha1').update(good).digest('hex')];
  const done = await block(ports, [...empty, ...vouched, md5]);
  expect(done.refused.map(({ reason }) => reason)).toEqual([
    'empty_file',
    'empty_file',
    'empty_file',
    'packaged',
    'packaged',
  ]);
  expect(done.refused[3]?.message).toContain('tools');
  expect(done.listed.map(({ hash }) => hash)).toEqual([md5]);
  const whole = block(ports, [sha256Of(evil), ...empty], { allOrNone: true });
  expect(await codeOf(whole)).toBe('conflict');
  expect((await ports.store.read(({ hashLists }) => hashLists.list({}, { offset: 0, limit: 0 }))).total).toBe(1);
  expect((await listHashes(ports, { origin, hashes: vouched, list: 'allow', prevent: false })).listed).toHaveLength(2);
});

test('what is said again is no event, and nonsense lists nothing', async () => {
  await using ports = await openPorts();
  await block(ports, [md5]);
  expect(await block(ports, [md5])).toMatchObject({ listed: [], unchanged: [md5] });
  const events = await ports.store.read((reader) => reader.events.list({ types: ['list_changed'] }, 0, 9));
  expect(events).toHaveLength(1);
  expect(await codeOf(block(ports, ['abc']))).toBe('invalid_request');
  expect(await codeOf(block(ports, Array(10_001).fill(md5)))).toBe('limit_exceeded');
});

test('a blocked file is not restored before its hash is allowed, which a restore may do itself', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  const agent = startAgent(ports, endpoint, { '/srv/evil': evil });
  await inventory(ports, endpoint, [fileFacts('/srv/evil', evil)]);
  const sha256 = sha256Of(evil);
  await quarantineFiles(ports, { origin, endpointIds: [endpoint.id], path: parsePath('/srv/evil'), sha256 });
  await agent.work();
  await block(ports, [md5]);
  expect(await codeOf(restoreFiles(ports, { origin, sha256 }))).toBe('conflict');
  const responder = { principal: { ...administrator, role: builtInRole('Investigator') }, dialect: 'native' } as const;
  expect(await codeOf(restoreFiles(ports, { origin: responder, sha256, allow: true }))).toBe('permission_denied');
  await restoreFiles(ports, { origin, sha256, allow: true });
  await agent.work();
  expect(agent.disk.has('/srv/evil')).toBe(true);
  await inventory(ports, endpoint, [fileFacts('/srv/evil', evil)]);
  expect(await ordersOf(ports)).toHaveLength(1);
});

test('the last word on a path counts: bytes that are not blocked are never ordered for those that were', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  await block(ports, [sha256Of(evil)]);
  await inventory(ports, endpoint, [fileFacts('/srv/a', evil), fileFacts('/srv/a', good)]);
  expect(await ordersOf(ports)).toEqual([]);
});

test('while an order for a new file is on its way there is no second one; once it has ended, the file that comes again is new', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  await block(ports, [sha256Of(evil)]);
  const appear = async (path: string) => {
    await recordInventory(ports, { endpoint, files: [], gone: [parsePath(path)] });
    await inventory(ports, endpoint, [fileFacts(path, evil)]);
    return (await ordersOf(ports)).length;
  };
  expect([await appear('/srv/a'), await appear('/srv/a'), await appear('/srv/b')]).toEqual([1, 1, 2]);
  ports.clock.advance(ports.policy.lifetime.quarantine);
  expect(await appear('/srv/a')).toBe(3);
});

test('an order for every copy that the agent has not begun stands for a new copy too', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  await inventory(ports, endpoint, [fileFacts('/srv/old', evil)]);
  await block(ports, [md5], { quarantineExisting: true });
  await inventory(ports, endpoint, [fileFacts('/srv/new', evil)]);
  expect(await ordersOf(ports)).toHaveLength(1);
  const [task] = await takeDeliverable(ports, { endpointIds: [endpoint.id] });
  await ports.store.transact(({ tasks }) =>
    tasks.transition([task?.id ?? expect.unreachable()], 'accept', { acceptedAt: 1 }),
  );
  await inventory(ports, endpoint, [fileFacts('/srv/newer', evil)]);
  expect(await ordersOf(ports)).toHaveLength(2);
});

test('what an agent refuses to take ends its order like any other, and is not ordered again', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  await block(ports, [md5]);
  await inventory(ports, endpoint, [fileFacts('/srv/a', evil)]);
  const [task] = await takeDeliverable(ports, { endpointIds: [endpoint.id] });
  await recordOrderRefused(ports, { endpointId: endpoint.id, taskId: task?.id ?? expect.unreachable(), why: 'no' });
  await inventory(ports, endpoint, [fileFacts('/srv/a', evil)]);
  expect(await ordersOf(ports)).toHaveLength(1);
});

test('copies on more endpoints than one quarantine may name: nothing is listed, nothing ordered', async () => {
  await using ports = await openPorts({ policy: { quarantineEndpointLimit: 1 } });
  for (const hostName of ['a', 'b']) {
    await inventory(ports, await enrolMachine(ports, { hostName }), [fileFacts('/srv/1', evil)]);
  }
  expect(await codeOf(block(ports, [md5], { quarantineExisting: true }))).toBe('limit_exceeded');
  expect(await ports.store.read(({ hashLists }) => hashLists.list({}, { offset: 0, limit: 9 }))).toMatchObject({
    total: 0,
  });
  expect(await ordersOf(ports)).toEqual([]);
});

test('an existing copy that is allowed by another of its hashes stays', async () => {
  await using ports = await openPorts();
  await inventory(ports, await enrolMachine(ports), [fileFacts('/srv/1', evil)]);
  await listHashes(ports, { origin, hashes: [sha256Of(evil)], list: 'allow', prevent: false });
  expect(await block(ports, [md5], { quarantineExisting: true })).toMatchObject({ copiesCount: 1, actions: [] });
});

test('a package that vouches for one of very many copies is not overlooked', async () => {
  await using ports = await openPorts({ storeDeadline: 60_000 });
  const endpoint = await enrolMachine(ports);
  const copies = Array.from({ length: 10_500 }, (_, number) => fileFacts(`/a/${number}`, evil));
  await inventory(ports, endpoint, [...copies, fileFacts('/usr/bin/zz', evil, { package: 'tools' })]);
  const { refused, copiesCount } = await block(ports, [md5]);
  expect(refused).toMatchObject([{ hash: md5, reason: 'packaged' }]);
  expect(copiesCount).toBe(0);
  await inventory(ports, endpoint, [fileFacts('/usr/bin/zz', good)]);
  expect((await block(ports, [md5])).copiesCount).toBe(10_500);
}, 30_000);

test('the lists have room for 100,000 hashes; what has expired makes room, and one more is refused whole', async () => {
  await using ports = await openPorts({ storeDeadline: 60_000 });
  const hashes = Array.from({ length: 100_000 }, (_, number) => sha256Of(new TextEncoder().encode(`${number}`)));
  const expiresAt = ports.clock.now() + 1_000;
  for (let from = 0; from < hashes.length; from += 10_000) {
    await block(ports, hashes.slice(from, from + 10_000), { expiresAt });
  }
  expect(await codeOf(block(ports, [md5]))).toBe('limit_exceeded');
  expect(await codeOf(block(ports, [md5], { expiresAt: ports.clock.now() }))).toBe('invalid_request');
  ports.clock.advance(1_000);
  expect((await block(ports, [md5, hashes[0] ?? ''], {})).listed).toHaveLength(2);
  const told = await ports.store.read((reader) => reader.events.list({ types: ['list_changed'] }, 0, 10_000));
  expect(told.every(({ facts }) => JSON.stringify(facts).length < 50_000)).toBe(true);
}, 60_000);
