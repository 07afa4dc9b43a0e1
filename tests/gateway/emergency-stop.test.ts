import { expect, test } from 'bun:test';
import type { Action } from '#core/action/action.ts';
import { parsePath } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { cancelAction } from '#core/verbs/cancel-action.ts';
import { dispatchObstacle, whatTasksWaitFor } from '#core/verbs/dispatch-obstacle.ts';
import { engageEmergencyStop } from '#core/verbs/engage-emergency-stop.ts';
import { releaseEmergencyStop } from '#core/verbs/release-emergency-stop.ts';
import { markSent } from '#core/verbs/take-deliverable.ts';
import { AgentGateway } from '#gateway/agent-gateway.ts';
import { administrator } from '#kit/fleet.ts';
import { fetchOf, quarantineOf } from '#kit/parameters.ts';
import { firstWithHalt } from '#wire/limits.ts';
import type { Device } from './device.ts';
import { Fleet } from './fleet.ts';
import { TestAgent } from './test-agent.ts';
import { until } from './until.ts';

const sha256 = sha256Schema.parse('ab'.repeat(32));
const quarantine = quarantineOf('/srv/evil', sha256);
const restore = { verb: 'restore', sha256, vaultObject: null, to: null, ifOccupied: 'fail' } as const;
const purge = { verb: 'purge', sha256, vaultObject: null } as const;
/** So that nothing but what a test does makes a gateway look. */
const neverLooks = { watchInterval: 1_000_000 };

function portsOf(fleet: Fleet) {
  return { ...fleet.ports, doorbell: fleet.gateway.doorbell };
}

function engage(fleet: Fleet) {
  return engageEmergencyStop(portsOf(fleet), administrator, 'the wrong hash');
}

function release(fleet: Fleet) {
  return releaseEmergencyStop(portsOf(fleet), administrator, 'it was put right');
}

async function joinAt(gateway: AgentGateway, device: Device, version: number = firstWithHalt): Promise<TestAgent> {
  const agent = new TestAgent(gateway, device);
  const orderKey = orderKeys.get(gateway);
  agent.hello({ version, ...(orderKey !== undefined && { orderKey }) });
  await agent.next('welcome');
  return agent;
}

/** The order key that agents of a gateway say they trust. */
const orderKeys = new WeakMap<AgentGateway, string>();

function trustKey(fleet: Fleet, gateway = fleet.gateway): AgentGateway {
  orderKeys.set(gateway, Buffer.from(fleet.signer.publicKey).toString('base64'));
  return gateway;
}

test('While it is engaged what takes and deletes waits, and what gives back leaves; all of it leaves on release.', async () => {
  await using fleet = await Fleet.open(neverLooks);
  const device = await fleet.enrol();
  const agent = await joinAt(trustKey(fleet), device);
  expect((await agent.next('halt')).verbs).toEqual([]);
  await engage(fleet);
  expect((await agent.next('halt')).verbs).toEqual(['fetch', 'quarantine', 'purge']);
  const halted: Action[] = [];
  for (const parameters of [quarantine, fetchOf(parsePath('/srv/a')), purge]) {
    halted.push(await fleet.order([device], parameters));
  }
  const back = await fleet.order([device], restore);
  fleet.ring([device]);
  expect((await agent.nextOrder()).actionId).toBe(back.id);
  fleet.ring([device]);
  await until(() => fleet.signer.calls.length > 0);
  expect([agent.all('order').length, fleet.signer.calls.reduce((sum, orders) => sum + orders, 0)]).toEqual([1, 1]);
  for (const action of halted) {
    const tasks = await fleet.tasksOf(action);
    expect(tasks.map(({ state }) => state)).toEqual(['pending']);
    expect(await dispatchObstacle(fleet.ports, action)).toBe('emergency_stop');
    expect([...(await whatTasksWaitFor(fleet.ports, tasks)).values()]).toEqual(['emergency_stop']);
  }
  await release(fleet);
  expect((await agent.next('halt')).verbs).toEqual([]);
  const sent = [await agent.nextOrder(), await agent.nextOrder(), await agent.nextOrder()];
  expect(sent.map(({ actionId }) => actionId)).toEqual(halted.map(({ id }) => id));
});

test('What was signed but not sent when it was engaged stays here, and so does what a connection lost.', async () => {
  await using fleet = await Fleet.open(neverLooks);
  const device = await fleet.enrol();
  const first = await joinAt(trustKey(fleet), device);
  const action = await fleet.order([device], quarantine);
  fleet.ring([device]);
  await first.nextOrder();
  await engage(fleet);
  const other = await fleet.order([device], quarantine);
  const [task] = await fleet.tasksOf(other);
  // As a round does that had read its tasks before.
  expect(task && (await markSent(fleet.ports, [task])).has(task.id)).toBe(true);
  expect((await fleet.tasksOf(other))[0]?.state).toBe('pending');
  first.vanish();
  const again = await joinAt(fleet.gateway, device);
  const back = await fleet.order([device], restore);
  fleet.ring([device]);
  expect((await again.nextOrder()).actionId).toBe(back.id);
  expect(again.all('order')).toHaveLength(1);
  // An order that is to be cancelled goes out with that, so that its agent ends it.
  await cancelAction(portsOf(fleet), administrator, action.id);
  expect((await again.nextOrder()).actionId).toBe(action.id);
  await again.next('cancel');
});

test('A connection hears what is halted before any order, whichever server and whichever life of it was told.', async () => {
  await using fleet = await Fleet.open(neverLooks);
  const device = await fleet.enrol();
  await fleet.order([device], restore);
  await engage(fleet);
  const later = trustKey(fleet, new AgentGateway(fleet.ports, neverLooks));
  const agent = await joinAt(later, device);
  await agent.nextOrder();
  const heard = agent.heard.map(({ type }) => type);
  expect(heard.indexOf('halt')).toBeGreaterThan(heard.indexOf('welcome'));
  expect(heard.indexOf('halt')).toBeLessThan(heard.indexOf('order'));
  expect(agent.all('halt')[0]?.verbs).toEqual(['fetch', 'quarantine', 'purge']);
  await later.close();
});

test('Another server of the store finds it at its next look, and lets go at a later one.', async () => {
  await using fleet = await Fleet.open(neverLooks);
  const elsewhere = trustKey(fleet, new AgentGateway(fleet.ports, { watchInterval: 20, sharesStore: true }));
  const device = await fleet.enrol();
  const agent = await joinAt(elsewhere, device);
  expect((await agent.next('halt')).verbs).toEqual([]);
  await engage(fleet);
  expect((await agent.next('halt')).verbs).toEqual(['fetch', 'quarantine', 'purge']);
  const action = await fleet.order([device], quarantine);
  elsewhere.doorbell.ring([device.endpoint.id]);
  await release(fleet);
  expect((await agent.next('halt')).verbs).toEqual([]);
  expect((await agent.nextOrder()).actionId).toBe(action.id);
  await elsewhere.close();
});

test('A server that has not looked yet learns it with the next orders that it reads, and sends none that it halts.', async () => {
  await using fleet = await Fleet.open(neverLooks);
  const elsewhere = trustKey(fleet, new AgentGateway(fleet.ports, neverLooks));
  const device = await fleet.enrol();
  const first = await joinAt(elsewhere, device);
  await first.next('halt');
  const action = await fleet.order([device], quarantine);
  elsewhere.doorbell.ring([device.endpoint.id]);
  expect((await first.nextOrder()).actionId).toBe(action.id);
  first.vanish();
  await engage(fleet);
  const back = await fleet.order([device], restore);
  const agent = await joinAt(elsewhere, device);
  expect((await agent.nextOrder()).actionId).toBe(back.id);
  expect(agent.all('halt').at(-1)?.verbs).toEqual(['fetch', 'quarantine', 'purge']);
  expect(agent.heard.findLastIndex(({ type }) => type === 'halt')).toBeLessThan(
    agent.heard.findIndex(({ type }) => type === 'order'),
  );
  await elsewhere.close();
});

test('It is said how many agents keep to it and how many are too old; those are sent no halt, and no order even to be cancelled.', async () => {
  await using fleet = await Fleet.open(neverLooks);
  const [device, other] = [await fleet.enrol(), await fleet.enrol('older')];
  const agent = await joinAt(trustKey(fleet), device);
  const older = await joinAt(fleet.gateway, other, 3);
  const action = await fleet.order([other], quarantine);
  fleet.ring([other]);
  await older.nextOrder();
  older.vanish();
  await engage(fleet);
  await agent.next('halt');
  const { revision } = await agent.next('halt');
  agent.say({ type: 'halt_kept', revision: revision - 1 });
  const again = await joinAt(fleet.gateway, other, 3);
  expect(fleet.gateway.stopHearing).toEqual({ connected: 2, confirmed: 0, tooOld: 1 });
  agent.say({ type: 'halt_kept', revision });
  expect(fleet.gateway.stopHearing).toEqual({ connected: 2, confirmed: 1, tooOld: 1 });
  await cancelAction(portsOf(fleet), administrator, action.id);
  const back = await fleet.order([other], restore);
  fleet.ring([other]);
  expect((await again.nextOrder()).actionId).toBe(back.id);
  expect([again.all('halt'), again.all('order').length]).toEqual([[], 1]);
  await release(fleet);
  expect((await again.nextOrder()).actionId).toBe(action.id);
  await again.next('cancel');
});

test('Engaging and releasing are events with reasons, and happen once each however often they are asked for.', async () => {
  await using fleet = await Fleet.open(neverLooks);
  const { stop } = await engage(fleet);
  await until(() => fleet.logged.some(({ message }) => message.startsWith('The emergency stop is engaged')));
  const again = await engageEmergencyStop(portsOf(fleet), administrator, 'me too');
  expect(again.stop).toEqual(stop);
  expect(stop).toMatchObject({ reason: 'the wrong hash', by: { id: administrator.id } });
  await release(fleet);
  expect(await release(fleet)).toEqual({ revision: 2, stop: null });
  const types = ['emergency_stop_engaged', 'emergency_stop_released'] as const;
  const events = await fleet.store.read((reader) => reader.events.list({ types }, 0, 10));
  expect(events.map(({ type, facts }) => [type, facts['reason']])).toEqual([
    ['emergency_stop_engaged', 'the wrong hash'],
    ['emergency_stop_released', 'it was put right'],
  ]);
});
