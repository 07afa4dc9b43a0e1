import { expect, test } from 'bun:test';
import { Fault } from '#core/fault.ts';
import { parsePath } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { quarantineOf, restoreOf } from '#kit/parameters.ts';
import { encode } from '#wire/codec.ts';
import type { Order } from '#wire/order.ts';
import { Fleet } from './fleet.ts';
import type { TestAgent } from './test-agent.ts';

const sha256 = sha256Schema.parse('cd'.repeat(32));
const restore = restoreOf(sha256);

/** A fleet with one connected agent that holds one order, and another agent. */
async function fleetWithOrder(): Promise<{ fleet: Fleet; agent: TestAgent; other: TestAgent; order: Order }> {
  const fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  const other = await fleet.join(await fleet.enrol('host-b'));
  await fleet.order([device], restore);
  fleet.ring([device]);
  return { fleet, agent, other, order: await agent.nextOrder() };
}

async function finishedEvents(fleet: Fleet): Promise<number> {
  const events = await fleet.store.read((reader) => reader.events.list({ types: ['task_finished'] }, 0, 100));
  return events.length;
}

async function stateOf(fleet: Fleet, order: Order): Promise<string | undefined> {
  return (await fleet.store.read(({ tasks }) => tasks.byId(order.taskId)))?.state;
}

test('A report is answered once it is durable, with the signed bytes kept.', async () => {
  const { fleet, agent, order } = await fleetWithOrder();
  await using _ = fleet;
  agent.report(order);
  expect((await agent.next('recorded')).taskId).toBe(order.taskId);
  const task = await fleet.store.read(({ tasks }) => tasks.byId(order.taskId));
  expect(task?.state).toBe('finished');
  expect(task?.report?.signature).toHaveLength(64);
});

test('A report that is delivered again is answered again and recorded once.', async () => {
  const { fleet, agent, order } = await fleetWithOrder();
  await using _ = fleet;
  agent.report(order);
  agent.report(order);
  await agent.next('recorded');
  await agent.next('recorded');
  agent.report(order);
  await agent.next('recorded');
  expect(await finishedEvents(fleet)).toBe(1);
});

test("An agent cannot report in another endpoint's name.", async () => {
  const { fleet, agent, other, order } = await fleetWithOrder();
  await using _ = fleet;
  other.report(order, { endpointId: agent.device.endpoint.id });
  expect(await other.next('report_refused')).toMatchObject({
    taskId: order.taskId,
    why: expect.stringContaining('own endpoint'),
  });
  agent.report(order, { endpointId: other.device.endpoint.id });
  expect(await agent.next('report_refused')).toMatchObject({ taskId: order.taskId });
  expect(await stateOf(fleet, order)).toBe('sent');
});

test("An agent cannot report on another endpoint's task in its own name.", async () => {
  const { fleet, other, order } = await fleetWithOrder();
  await using _ = fleet;
  other.report(order);
  expect((await other.next('report_refused')).taskId).toBe(order.taskId);
  expect(await stateOf(fleet, order)).toBe('sent');
});

test('A report with a forged signature is refused, logged, and changes nothing.', async () => {
  const { fleet, agent, other, order } = await fleetWithOrder();
  await using _ = fleet;
  agent.report(order, {}, other.device);
  expect((await agent.next('report_refused')).why).toContain('signature');
  expect(fleet.logged.some(({ message }) => message === 'A report was refused.')).toBe(true);
  expect(await stateOf(fleet, order)).toBe('sent');
  agent.report(order);
  await agent.next('recorded');
});

test('An acceptance and a report that come together are one record, of both.', async () => {
  const { fleet, agent, order } = await fleetWithOrder();
  await using _ = fleet;
  agent.accept(order.taskId);
  agent.report(order);
  await agent.next('recorded');
  const task = await fleet.store.read(({ tasks }) => tasks.byId(order.taskId));
  expect(task).toMatchObject({ state: 'finished', acceptedAt: expect.any(Number) });
});

test('An acceptance stands even when the report that came with it is refused.', async () => {
  const { fleet, agent, other, order } = await fleetWithOrder();
  await using _ = fleet;
  agent.accept(order.taskId);
  agent.report(order, {}, other.device);
  await agent.next('report_refused');
  expect(await stateOf(fleet, order)).toBe('running');
});

test('A malformed report that names its task is refused by name; one that names none ends the session.', async () => {
  const { fleet, agent, order } = await fleetWithOrder();
  await using _ = fleet;
  const signature = new Uint8Array(64);
  agent.say({ type: 'report', report: encode({ taskId: order.taskId, v: 7 }), signature });
  expect((await agent.next('report_refused')).taskId).toBe(order.taskId);
  agent.say({ type: 'report', report: encode({ v: 7 }), signature });
  expect(await agent.next('refused')).toMatchObject({ final: false });
});

test('Reports of many sessions are recorded in few commits.', async () => {
  await using fleet = await Fleet.open();
  const devices = await Promise.all(Array.from({ length: 30 }, (_, index) => fleet.enrol(`host-${index}`)));
  const agents = await Promise.all(devices.map((device) => fleet.join(device)));
  await fleet.order(devices, restore);
  fleet.ring(devices);
  const orders = await Promise.all(agents.map((agent) => agent.nextOrder()));
  const transact = fleet.store.transact.bind(fleet.store);
  let commits = 0;
  fleet.store.transact = (work, options) => {
    commits += 1;
    return transact(work, options);
  };
  for (const [index, agent] of agents.entries()) {
    agent.report(orders[index] as Order);
  }
  await Promise.all(agents.map((agent) => agent.next('recorded')));
  expect(commits).toBeLessThanOrEqual(2);
  expect(await finishedEvents(fleet)).toBe(30);
});

test('When the store cannot record, the agent is not told that it did, and is asked to come again.', async () => {
  const { fleet, agent, order } = await fleetWithOrder();
  await using _ = fleet;
  const { transact } = fleet.store;
  fleet.store.transact = () => Promise.reject(new Fault('unavailable', 'The database does not answer.'));
  agent.report(order);
  expect(await agent.next('refused')).toMatchObject({ final: false });
  expect(agent.all('recorded')).toEqual([]);
  fleet.store.transact = transact;
  const again = await fleet.join(agent.device);
  again.report(order);
  await again.next('recorded');
});

test('A commit that fails as a whole is tried report by report, so that none keeps the others back.', async () => {
  const { fleet, agent, order } = await fleetWithOrder();
  await using _ = fleet;
  await fleet.order([agent.device], restore);
  fleet.ring([agent.device]);
  const second = await agent.nextOrder();
  const transact = fleet.store.transact.bind(fleet.store);
  let calls = 0;
  fleet.store.transact = (work, options) => {
    calls += 1;
    return calls === 1 ? Promise.reject(new Error('one of these is poison')) : transact(work, options);
  };
  agent.report(order);
  agent.report(second);
  await agent.next('recorded');
  await agent.next('recorded');
  expect(calls).toBe(3);
});

test('What a quarantine report says is what the records show.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  const path = parsePath('/srv/evil');
  await fleet.order([device], quarantineOf(path, sha256));
  fleet.ring([device]);
  const order = await agent.nextOrder();
  const facts = { ordinal: 0, outcome: 'done', reason: null, message: '', path, sha256, size: 3, losses: [] } as const;
  const vaultObject = '7d444840-9dc0-11d1-b245-5ffdce74fad2' as never;
  agent.report(order, { files: [{ ...facts, losses: [], vaultObject, effect: 'taken', details: {} }] });
  await agent.next('recorded');
  const held = await fleet.store.read(({ quarantine }) => quarantine.endpointsWith(sha256, 'held'));
  expect(held).toEqual([device.endpoint.id]);
});
