import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import type { TaskId } from '#core/action/action-id.ts';
import type { EventType } from '#core/custody/event.ts';
import { asFault } from '#core/fault.ts';
import { parsePath } from '#core/file/file-path.ts';
import { md5Schema, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import type { Policy } from '#core/ports/policy.ts';
import { demandUpload } from '#core/verbs/demand-upload.ts';
import { recordInventory } from '#core/verbs/record-inventory.ts';
import type { FrameSink } from '#gateway/frame-sink.ts';
import { fetchOf } from '#kit/parameters.ts';
import { encode } from '#wire/codec.ts';
import type { InventoriedFile } from '#wire/messages.ts';
import { Fleet } from './fleet.ts';
import type { TestAgent } from './test-agent.ts';
import { until } from './until.ts';

const slow = 1e-6;

async function countOf(fleet: Fleet, type: EventType): Promise<number> {
  return (await fleet.store.read(({ events }) => events.list({ types: [type] }, 0, 1_000))).length;
}

test.each([
  ['too often', { frames: { burst: 5, perSecond: slow }, bytes: { burst: 1e6, perSecond: slow } }],
  ['too much', { frames: { burst: 1e6, perSecond: slow }, bytes: { burst: 2_000, perSecond: slow } }],
])(
  'An agent that speaks %s is cut off at once, stays out for a while, and is one event; others are served.',
  async (_, rates) => {
    await using fleet = await Fleet.open({ rates });
    const [device, other] = [await fleet.enrol('rogue'), await fleet.enrol('other')];
    const [agent, honest] = [await fleet.join(device), await fleet.join(other)];
    const junk = { type: 'order_refused', taskId: 'e'.repeat(32) as TaskId, why: 'x'.repeat(400) } as const;
    for (let count = 0; count < 10; count += 1) {
      agent.say(junk);
    }
    expect(agent.all('refused')).toMatchObject([{ final: false, retryAfter: 60_000 }]);
    expect(agent.closedWith).toBeDefined();
    for (let count = 0; count < 3; count += 1) {
      const again = fleet.connect(device);
      again.hello();
      expect((await again.next('refused')).retryAfter).toBeGreaterThan(30_000);
    }
    await until(async () => (await countOf(fleet, 'agent_shut_out')) === 1);
    expect(await countOf(fleet, 'endpoint_connected')).toBe(2);
    honest.say({ type: 'heartbeat' });
    expect(await honest.next('heartbeat')).toBeDefined();
    expect(fleet.gateway.counts).toMatchObject({ connected: 1, strangers: 0 });
  },
);

test('An agent that comes too often is told to stay away, and writes no more events; a forged hello counts against nobody.', async () => {
  await using fleet = await Fleet.open({ arrivals: { burst: 3, perSecond: 0.01 } });
  const device = await fleet.enrol();
  const stranger = await fleet.enrol('stranger');
  const forged = { key: stranger.key, endpoint: device.endpoint };
  for (let count = 0; count < 10; count += 1) {
    const agent = fleet.connect(forged);
    agent.hello();
    expect((await agent.next('refused')).final).toBe(true);
  }
  for (let count = 0; count < 3; count += 1) {
    (await fleet.join(device)).vanish();
  }
  const late = fleet.connect(device);
  late.hello();
  expect(await late.next('refused')).toMatchObject({ final: false, retryAfter: 100_000 });
  expect(await countOf(fleet, 'endpoint_connected')).toBe(3);
});

test('Breaking the protocol uses up arrivals.', async () => {
  await using fleet = await Fleet.open({ arrivals: { burst: 41, perSecond: slow } });
  const device = await fleet.enrol();
  for (let count = 0; count < 2; count += 1) {
    const agent = await fleet.join(device);
    agent.session.frame(encode({ type: 'drop_tables' }));
  }
  const agent = fleet.connect(device);
  agent.hello();
  expect(await agent.next('refused')).toMatchObject({ final: false });
});

test('Connections of one address that say nothing are bounded; other addresses get in.', async () => {
  await using fleet = await Fleet.open({ strangersOfAddress: 3 });
  const device = await fleet.enrol();
  const open = (address: string) => {
    const told: string[] = [];
    const sink: FrameSink = { send: () => 'sent', ping: () => true, close: (why) => void told.push(why) };
    return { session: fleet.gateway.open(sink, address), told };
  };
  const silent = [1, 2, 3].map(() => open('192.0.2.1'));
  expect(open('192.0.2.1').told).toHaveLength(1);
  expect(open('192.0.2.2').told).toEqual([]);
  silent[0]?.session.closed();
  expect(open('192.0.2.1').told).toEqual([]);
  expect((await fleet.join(device)).closedWith).toBeUndefined();
});

function file(number: number): InventoriedFile {
  return {
    ...{ path: parsePath(`/srv/${number}`), size: 3, modifiedNs: '1', changedNs: '1', createdNs: null, package: null },
    ...{ sha256: sha256Schema.parse('ab'.repeat(32)), sha1: sha1Schema.parse('ab'.repeat(20)) },
    ...{ md5: md5Schema.parse('ab'.repeat(16)), mode: 0o644, uid: 0, gid: 0, owner: 'root', kind: 'other' },
  };
}

const files = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => file(from + index));

test('An endpoint lists no more files than it may, in one list or in many small ones.', async () => {
  await using fleet = await Fleet.open({ filesOfEndpoint: 10 });
  const device = await fleet.enrol();
  const whole = await fleet.join(device);
  whole.say({ type: 'inventory', batch: 1, part: 'whole_begin', files: files(0, 6), gone: [] });
  await whole.next('inventory_recorded');
  whole.say({ type: 'inventory', batch: 2, part: 'whole', files: files(6, 12), gone: [] });
  expect((await whole.next('refused')).why).toContain('at most 10 files');
  for (let from = 6; from < 12; from += 3) {
    const agent = await fleet.join(device);
    agent.say({ type: 'inventory', batch: 1, part: 'delta', files: files(from, from + 3), gone: [] });
    await agent.next('inventory_recorded');
    agent.vanish();
  }
  const more = await fleet.join(device);
  more.say({ type: 'inventory', batch: 1, part: 'delta', files: files(20, 23), gone: [] });
  expect((await more.next('refused')).why).toContain('fewer directories with --roots');
  expect(await countPresent(fleet)).toBe(12);
});

async function countPresent(fleet: Fleet): Promise<number> {
  const page = { offset: 0, limit: 1 };
  const all = { conditions: [], states: ['present'] } as const;
  return (await fleet.store.read((reader) => reader.files.list(all, page))).total;
}

/** A whole list as agents send it, file by file. */
async function listWhole(agent: TestAgent, listed: readonly InventoriedFile[]): Promise<void> {
  const parts = [
    { part: 'whole_begin' as const, files: [] },
    ...listed.map((each) => ({ part: 'whole' as const, files: [each] })),
    { part: 'whole_end' as const, files: [] },
  ];
  for (const [index, part] of parts.entries()) {
    agent.say({ type: 'inventory', batch: index + 1, ...part, gone: [] });
    await agent.next('inventory_recorded');
  }
}

test.each([
  ['its directories are others now', 150],
  ['it may list far fewer files than it did', 40],
])('An agent whose list fits gets to its end although %s, and what it named no more is gone.', async (_, most) => {
  await using fleet = await Fleet.open({ filesOfEndpoint: most });
  const device = await fleet.enrol();
  const before = { endpoint: device.endpoint, files: files(0, 145), gone: [] };
  await recordInventory({ ...fleet.ports, doorbell: fleet.gateway.doorbell }, before);
  // The first way breaks off, and so it comes again.
  const first = await fleet.join(device);
  first.say({ type: 'inventory', batch: 1, part: 'whole_begin', files: files(200, 220), gone: [] });
  await first.next('inventory_recorded');
  first.vanish();
  const agent = await fleet.join(device);
  const listed = files(200, 200 + Math.min(most, 140));
  await listWhole(agent, listed);
  expect(await countPresent(fleet)).toBe(listed.length);
  expect(agent.all('refused')).toEqual([]);
});

test('Whole lists that are begun and never ended add up to no more than one of them.', async () => {
  await using fleet = await Fleet.open({ filesOfEndpoint: 10 });
  const device = await fleet.enrol();
  let refused = 0;
  for (let from = 0; from < 100; from += 10) {
    const agent = await fleet.join(device);
    agent.say({ type: 'inventory', batch: 1, part: 'whole_begin', files: files(from, from + 10), gone: [] });
    await until(() => agent.all('inventory_recorded').length + agent.all('refused').length > 0);
    refused += agent.all('refused').length;
    agent.vanish();
  }
  expect(refused).toBe(8);
  expect(await countPresent(fleet)).toBe(20);
});

test('Of what waits to be recorded one agent has a part only: its own connection ends, and no other is told to come later.', async () => {
  await using fleet = await Fleet.open();
  const [rogue, other] = [await fleet.enrol('rogue'), await fleet.enrol('other')];
  const [agent, honest] = [await fleet.join(rogue), await fleet.join(other)];
  const actions = await Promise.all([1, 2, 3, 4, 5, 6].map(() => fleet.order([rogue], fetchOf('/srv/a'))));
  fleet.ring([rogue]);
  const orders = await Promise.all(actions.map(() => agent.nextOrder()));
  const mine = await fleet.order([other], fetchOf('/srv/a'));
  fleet.ring([other]);
  const honestOrder = await honest.nextOrder();
  const long = Array.from({ length: 1_600 }, (_, ordinal) => ({
    ...({
      ordinal,
      outcome: 'access_denied',
      reason: null,
      message: 'x'.repeat(2_000),
      path: null,
      sha256: null,
    } as const),
    ...{ size: null, vaultObject: null, effect: null, losses: [], details: {} },
  }));
  for (const order of orders) {
    agent.report(order, { files: long });
  }
  honest.report(honestOrder);
  expect((await agent.next('refused')).why).toBe('The report cannot be recorded just now.');
  expect((await honest.next('recorded')).taskId).toBe(honestOrder.taskId);
  expect(honest.closedWith).toBeUndefined();
  expect((await fleet.tasksOf(mine))[0]?.state).toBe('finished');
});

interface Offer {
  readonly taskId: TaskId | undefined;
  readonly content: string;
  readonly ordinal?: number;
  /** Default: the content's own. */
  readonly size?: number;
  readonly uploads?: Partial<Policy['uploads']>;
}

/** What became of one offer. */
async function offer(fleet: Fleet, { taskId, content, ordinal = 0, size = content.length, uploads = {} }: Offer) {
  const { policy } = fleet.ports;
  const ports = { ...fleet.ports, policy: { ...policy, uploads: { ...policy.uploads, ...uploads } } };
  const known = taskId ?? expect.unreachable();
  const task = await fleet.store.read(({ tasks }) => tasks.byId(known));
  const endpointId = task?.endpointId ?? expect.unreachable();
  const sha256 = sha256Schema.parse(createHash('sha256').update(content).digest('hex'));
  const asked = demandUpload(ports, { endpointId, taskId: known, ordinal, sha256, size });
  return asked.catch((thrown: unknown) => asFault(thrown).code);
}

test('An agent sends no more within a day, and an action brings no more, than the server was set to take.', async () => {
  await using fleet = await Fleet.open();
  const [one, two] = [await fleet.enrol('one'), await fleet.enrol('two')];
  const shared = await fleet.tasksOf(await fleet.order([one, two], fetchOf('/srv/a', '/srv/b')));
  const [first, second] = [one, two].map(
    ({ endpoint }) => shared.find(({ endpointId }) => endpointId === endpoint.id)?.id,
  );
  const [later] = await fleet.tasksOf(await fleet.order([one], fetchOf('/srv/c')));
  const ofEndpoint = { bytesOfEndpoint: 100 };
  expect(await offer(fleet, { taskId: first, content: 'a'.repeat(60), uploads: ofEndpoint })).toBe('needed');
  // Asking again about the same file counts once.
  expect(await offer(fleet, { taskId: first, content: 'a'.repeat(60), uploads: ofEndpoint })).toBe('needed');
  expect(await offer(fleet, { taskId: first, content: 'b'.repeat(41), ordinal: 1, uploads: ofEndpoint })).toBe(
    'too_large',
  );
  expect(await offer(fleet, { taskId: later?.id, content: 'b'.repeat(41), uploads: ofEndpoint })).toBe('too_large');
  // The same file with ever other bytes would fill the disk as well.
  expect(await offer(fleet, { taskId: first, content: 'c'.repeat(41), uploads: ofEndpoint })).toBe('too_large');
  expect(await offer(fleet, { taskId: later?.id, content: 'b'.repeat(40), uploads: ofEndpoint })).toBe('needed');
  expect(await offer(fleet, { taskId: second, content: 'd'.repeat(40), uploads: { bytesOfAction: 99 } })).toBe(
    'too_large',
  );
  expect(await offer(fleet, { taskId: second, content: 'd'.repeat(40), uploads: { bytesOfAction: 100 } })).toBe(
    'needed',
  );
  // Each content of one file may have been stored.
  expect(await offer(fleet, { taskId: second, content: 'e'.repeat(40), uploads: ofEndpoint })).toBe('needed');
  const rest = { taskId: second, ordinal: 1, uploads: ofEndpoint };
  expect(await offer(fleet, { ...rest, content: 'f'.repeat(21) })).toBe('too_large');
  expect(await offer(fleet, { ...rest, content: 'f'.repeat(20) })).toBe('needed');
});

test('A hash that is offered as one byte first, and then with the size that it has, counts with that size.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const [fetch] = await fleet.tasksOf(await fleet.order([device], fetchOf('/srv/a')));
  const same = { taskId: fetch?.id, content: 'x', uploads: { bytesOfEndpoint: 100, bytesOfAction: 1_000 } };
  expect(await offer(fleet, { ...same, size: 1 })).toBe('needed');
  expect(await offer(fleet, { ...same, size: 100 })).toBe('too_large');
  expect(await offer(fleet, { ...same, size: 99 })).toBe('needed');
  expect(await offer(fleet, { ...same, size: 99 })).toBe('needed');
  expect(await offer(fleet, { ...same, size: 1 })).toBe('too_large');
});

test('What nobody ordered is not taken: a verb that sends nothing, a file beyond the list, a log of any size.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const [scan] = await fleet.tasksOf(await fleet.order([device], { verb: 'scan' }));
  const [logs] = await fleet.tasksOf(await fleet.order([device], { verb: 'logs' }));
  const [fetch] = await fleet.tasksOf(await fleet.order([device], fetchOf('/srv/a')));
  expect(await offer(fleet, { taskId: scan?.id, content: 'x' })).toBe('permission_denied');
  expect(await offer(fleet, { taskId: fetch?.id, content: 'x', ordinal: 1 })).toBe('permission_denied');
  expect(await offer(fleet, { taskId: logs?.id, content: 'x', ordinal: 2 })).toBe('permission_denied');
  expect(await offer(fleet, { taskId: logs?.id, content: 'x', ordinal: 1 })).toBe('needed');
  const roomy = { ...fleet.ports.policy, evidenceSizeLimit: 2 ** 40 };
  Object.assign(fleet.ports, { policy: roomy });
  const uploads = { bytesOfEndpoint: 2 ** 40, bytesOfAction: 2 ** 40 };
  expect(await offer(fleet, { taskId: logs?.id, content: 'y', size: 2 ** 27, uploads })).toBe('too_large');
  expect(await offer(fleet, { taskId: fetch?.id, content: 'y', size: 2 ** 27, uploads })).toBe('needed');
});
