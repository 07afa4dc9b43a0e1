import { expect, test } from 'bun:test';
import type { MachineCopy, MachineMark } from '#core/endpoint/machine.ts';
import { settleCopies } from '#core/verbs/settle-copies.ts';
import { AgentGateway } from '#gateway/agent-gateway.ts';
import { administrator } from '#kit/fleet.ts';
import { fetchOf } from '#kit/parameters.ts';
import type { Device } from './device.ts';
import { Fleet } from './fleet.ts';
import { TestAgent } from './test-agent.ts';
import { until } from './until.ts';

const here: MachineMark = { system: 'a'.repeat(64), hardware: 'b'.repeat(64) };
const there: MachineMark = { system: 'a'.repeat(64), hardware: 'c'.repeat(64) };

/** Whoever is cut is given up soon, because no test waits for one that is there. */
const patience = { answerPatience: 50 };

async function copiesOf(fleet: Fleet, { endpoint }: Device): Promise<readonly MachineCopy[]> {
  return fleet.store.read(({ machines }) => machines.copiesOf([endpoint.id]));
}

async function eventsOf(fleet: Fleet, { endpoint }: Device, type: 'endpoint_cloned' | 'endpoint_connected') {
  return fleet.store.read(({ events }) => events.list({ types: [type], endpointId: endpoint.id }, 0, 100));
}

/** As an agent does that keeps what it is told. */
async function arrive(fleet: Fleet, device: Device, { machine = here, generation = 0 } = {}) {
  const agent = fleet.connect(device);
  agent.hello({ machine, generation });
  const { generation: told = -1 } = await agent.next('welcome');
  agent.say({ type: 'generation_kept', generation: told });
  await until(
    async () => (await fleet.store.read(({ machines }) => machines.byEndpoint(device.endpoint.id)))?.kept === told,
  );
  return { agent, generation: told };
}

/** A second one with the same key. @returns what it was told */
async function refused(
  fleet: Fleet,
  device: Device,
  claim: { readonly machine?: MachineMark; readonly generation?: number },
) {
  const agent = fleet.connect(device);
  agent.hello(claim);
  const told = await agent.next('refused');
  expect(agent.all('welcome')).toEqual([]);
  return told;
}

function isUp(agent: TestAgent): boolean {
  return agent.session.endpoint !== undefined && agent.closedWith === undefined;
}

test.each([
  ['another machine', { machine: there, generation: 1 }, 'other_machine'],
  ['the same machine with older data', { machine: here, generation: 0 }, 'older_data'],
  ['a copy of everything, while the first is there', { machine: here, generation: 1 }, 'both_at_once'],
  ['an older agent, while the first is there', {}, 'both_at_once'],
] as const)(
  'A copy that is %s is refused, remembered and told how to go on; the first goes on.',
  async (_, claim, sign) => {
    await using fleet = await Fleet.open(patience);
    const device = await fleet.enrol();
    const { agent, generation } = await arrive(fleet, device);
    expect(generation).toBe(1);
    const told = await refused(fleet, device, claim);
    expect(told).toMatchObject({ final: false, retryAfter: 300_000 });
    const [copy, ...others] = await copiesOf(fleet, device);
    expect([copy?.sign, copy?.hostName, others]).toEqual([sign, 'host-a', []]);
    expect(told.why).toContain(`custody endpoint accept-machine ${device.endpoint.id} ${copy?.id}`);
    expect(told.why).toContain('custody agent enroll --server');
    expect(isUp(agent)).toBe(true);
    const order = await fleet.order([device], fetchOf('/srv/a'));
    fleet.ring([device]);
    expect((await agent.nextOrder()).actionId).toBe(order.id);
    expect(fleet.gateway.counts.connected).toBe(1);
  },
);

test('A copy of everything that was refused once is known as one when the first is away, too.', async () => {
  await using fleet = await Fleet.open(patience);
  const device = await fleet.enrol();
  const { agent, generation } = await arrive(fleet, device);
  await refused(fleet, device, { machine: here, generation });
  const renewed = await agent.next('generation');
  agent.say({ type: 'generation_kept', generation: renewed.generation });
  const knownOf = () => fleet.store.read(({ machines }) => machines.byEndpoint(device.endpoint.id));
  await until(async () => (await knownOf())?.kept === renewed.generation);
  agent.vanish();
  await refused(fleet, device, { machine: here, generation });
  expect(await copiesOf(fleet, device)).toMatchObject([{ sign: 'older_data' }]);
  const back = await arrive(fleet, device, renewed);
  expect(isUp(back.agent)).toBe(true);
});

test('A copy is refused while the first is away as well, changes nothing of the endpoint, and is one event however often it comes.', async () => {
  await using fleet = await Fleet.open(patience);
  const device = await fleet.enrol();
  const { agent, generation } = await arrive(fleet, device);
  agent.vanish();
  const before = await fleet.store.read(({ endpoints }) => endpoints.byId(device.endpoint.id));
  for (let count = 0; count < 3; count += 1) {
    await refused(fleet, device, { machine: there, generation });
  }
  const after = await fleet.store.read(({ endpoints }) => endpoints.byId(device.endpoint.id));
  expect({ ...after, connectedUntil: null }).toEqual({ ...before, connectedUntil: null } as never);
  expect(await copiesOf(fleet, device)).toHaveLength(1);
  expect(await eventsOf(fleet, device, 'endpoint_cloned')).toHaveLength(1);
  const back = await arrive(fleet, device, { generation });
  expect(isUp(back.agent)).toBe(true);
});

test('Whoever has a key cannot fill the store with machines of ever other names.', async () => {
  await using fleet = await Fleet.open(patience);
  const device = await fleet.enrol();
  const { generation } = await arrive(fleet, device);
  for (let count = 0; count < 12; count += 1) {
    const { endpoint, key } = device;
    const renamed = { key, endpoint: { ...endpoint, hostName: `host-${count}` } };
    await refused(fleet, renamed, { machine: there, generation });
  }
  expect(await copiesOf(fleet, device)).toHaveLength(8);
  expect(await eventsOf(fleet, device, 'endpoint_cloned')).toHaveLength(8);
});

test('An agent whose connection was cut without a word, or that was started again, is no copy, wherever the cut came.', async () => {
  await using fleet = await Fleet.open(patience);
  const device = await fleet.enrol();
  let { agent, generation } = await arrive(fleet, device);
  for (let count = 0; count < 3; count += 1) {
    agent.isCut = true;
    ({ agent, generation } = await arrive(fleet, device, { generation }));
  }
  // Its welcome got lost: it comes with the number before.
  agent.isCut = true;
  const lost = fleet.connect(device);
  lost.hello({ machine: here, generation });
  await lost.next('welcome');
  lost.isCut = true;
  const next = await arrive(fleet, device, { generation });
  expect(isUp(next.agent)).toBe(true);
  expect(await copiesOf(fleet, device)).toEqual([]);
});

test('Of two that come at the same moment one is let in, and the other one is the copy.', async () => {
  await using fleet = await Fleet.open(patience);
  const device = await fleet.enrol();
  const both = [fleet.connect(device), fleet.connect(device)];
  for (const agent of both) {
    agent.hello({ machine: here, generation: 0 });
  }
  await until(() => both.every((agent) => agent.all('welcome').length + agent.all('refused').length === 1));
  expect(both.flatMap((agent) => agent.all('welcome'))).toHaveLength(1);
  expect(both.filter(isUp)).toHaveLength(1);
  expect(await copiesOf(fleet, device)).toMatchObject([{ sign: 'both_at_once' }]);
});

test('The machine that took the place of another is let in once somebody has said so, and the former one is then the copy.', async () => {
  await using fleet = await Fleet.open({ ...patience, watchInterval: 20 });
  const device = await fleet.enrol();
  const { id: endpointId } = device.endpoint;
  const former = await arrive(fleet, device);
  await refused(fleet, device, { machine: there, generation: former.generation });
  const [copy] = await copiesOf(fleet, device);
  const { doorbell } = fleet.gateway;
  const ports = { ...fleet.ports, doorbell };
  expect(settleCopies(ports, administrator, { endpointId, accept: 'another' })).rejects.toMatchObject({
    code: 'not_found',
  });
  await until(() => isUp(former.agent));
  await settleCopies(ports, administrator, { endpointId, accept: copy?.id ?? '' });
  expect(await former.agent.next('refused')).toMatchObject({ final: false });
  const moved = await arrive(fleet, device, { machine: there, generation: former.generation });
  expect(isUp(moved.agent)).toBe(true);
  await refused(fleet, device, { machine: here, generation: former.generation });
  expect(await copiesOf(fleet, device)).toMatchObject([{ sign: 'other_machine' }]);
  await settleCopies(ports, administrator, { endpointId, accept: null });
  expect(await copiesOf(fleet, device)).toEqual([]);
});

test('A machine that was set back is let in once somebody has said so, and what it was before is then older.', async () => {
  await using fleet = await Fleet.open({ ...patience, watchInterval: 20 });
  const device = await fleet.enrol();
  let last = await arrive(fleet, device);
  const { generation: snapshot } = last;
  for (let count = 0; count < 5; count += 1) {
    last.agent.isCut = true;
    last = await arrive(fleet, device, last);
  }
  last.agent.vanish();
  await refused(fleet, device, { machine: here, generation: snapshot });
  const [copy] = await copiesOf(fleet, device);
  const ports = { ...fleet.ports, doorbell: fleet.gateway.doorbell };
  await settleCopies(ports, administrator, { endpointId: device.endpoint.id, accept: copy?.id ?? '' });
  const restored = await arrive(fleet, device, { generation: snapshot });
  restored.agent.vanish();
  expect(await refused(fleet, device, { machine: here, generation: last.generation })).toMatchObject({ final: false });
  expect(await copiesOf(fleet, device)).toMatchObject([{ sign: 'older_data' }]);
});

test('Of two that are connected to two servers of one store, the first goes on and the other one is parted from as a copy.', async () => {
  const settings = { ...patience, answerPatience: 2_000, watchInterval: 20, sharesStore: true };
  await using fleet = await Fleet.open(settings);
  const elsewhere = new AgentGateway(fleet.ports, settings);
  const device = await fleet.enrol();
  const { agent, generation } = await arrive(fleet, device);
  const copy = new TestAgent(elsewhere, device);
  copy.hello({ machine: here, generation });
  const { generation: given = 0 } = await copy.next('welcome');
  copy.say({ type: 'generation_kept', generation: given });
  const renewed = await agent.next('generation');
  agent.say({ type: 'generation_kept', ...{ generation: renewed.generation } });
  expect((await copy.next('refused')).why).toContain('custody endpoint accept-machine');
  expect(isUp(agent)).toBe(true);
  expect(await copiesOf(fleet, device)).toMatchObject([{ sign: 'both_at_once' }]);
  await refused(fleet, device, { machine: here, generation: given });
  await elsewhere.close();
});

test('A copy at another server is parted from although the store remembers no more copies of the endpoint.', async () => {
  const settings = { ...patience, answerPatience: 2_000, watchInterval: 20, sharesStore: true };
  await using fleet = await Fleet.open(settings);
  const elsewhere = new AgentGateway(fleet.ports, settings);
  const device = await fleet.enrol();
  const { agent, generation } = await arrive(fleet, device);
  for (const digit of '01234567') {
    await refused(fleet, device, { machine: { system: digit.repeat(64), hardware: null }, generation });
  }
  const copy = new TestAgent(elsewhere, device);
  copy.hello({ machine: here, generation });
  const { generation: given = 0 } = await copy.next('welcome');
  copy.say({ type: 'generation_kept', generation: given });
  await agent.next('generation');
  expect((await copy.next('refused')).why).toContain('connected from elsewhere at this moment');
  expect(isUp(agent)).toBe(true);
  const signs = (await copiesOf(fleet, device)).map(({ sign }) => sign);
  expect(signs).toEqual(Array.from({ length: 8 }, () => 'other_machine'));
  expect(await eventsOf(fleet, device, 'endpoint_cloned')).toHaveLength(9);
  await elsewhere.close();
});

test('An agent whose connection to one server was cut without a word is no copy at another server of the store.', async () => {
  const settings = { ...patience, watchInterval: 20, sharesStore: true };
  await using fleet = await Fleet.open(settings);
  const elsewhere = new AgentGateway(fleet.ports, settings);
  const device = await fleet.enrol();
  const { agent, generation } = await arrive(fleet, device);
  agent.isCut = true;
  const moved = new TestAgent(elsewhere, device);
  moved.hello({ machine: here, generation });
  await moved.next('welcome');
  await until(() => agent.closedWith === 'the endpoint has connected to another server');
  expect(isUp(moved)).toBe(true);
  expect(await copiesOf(fleet, device)).toEqual([]);
  await elsewhere.close();
});

test('Older agents connect as before.', async () => {
  await using fleet = await Fleet.open(patience);
  const device = await fleet.enrol();
  const first = await fleet.join(device);
  expect(first.all('welcome')[0]).not.toHaveProperty('generation');
  first.isCut = true;
  expect(isUp(await fleet.join(device))).toBe(true);
  expect(await copiesOf(fleet, device)).toEqual([]);
});

test('What is settled as soon as a server has begun is seen: the former machine is parted from.', async () => {
  await using fleet = await Fleet.open({ watchInterval: 500 });
  const device = await fleet.enrol();
  const { agent } = await arrive(fleet, device);
  await refused(fleet, device, { machine: there, generation: 0 });
  const [copy] = await copiesOf(fleet, device);
  const ports = { ...fleet.ports, doorbell: fleet.gateway.doorbell };
  await settleCopies(ports, administrator, { endpointId: device.endpoint.id, accept: copy?.id ?? '' });
  expect((await agent.next('refused')).why).toContain('which machine this endpoint is');
});
