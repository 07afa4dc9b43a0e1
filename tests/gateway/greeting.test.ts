import { expect, test } from 'bun:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { ClockDoubt } from '#core/ports/clock-guard.ts';
import { hour } from '#core/time.ts';
import { AgentGateway } from '#gateway/agent-gateway.ts';
import { systemClock } from '#server/system-clock.ts';
import { encode } from '#wire/codec.ts';
import { signBytes } from '#wire/signature.ts';
import { Fleet } from './fleet.ts';
import { TestAgent } from './test-agent.ts';
import { until } from './until.ts';

test('A connection is challenged with 32 bytes that never come twice.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const [first] = fleet.connect(device).all('challenge');
  const [second] = fleet.connect(device).all('challenge');
  expect(first?.nonce).toHaveLength(32);
  expect(first?.versions).toEqual([4, 3, 2, 1]);
  expect(first?.nonce).not.toEqual(second?.nonce);
});

test('An enrolled endpoint that signs the nonce is welcomed, and the store says that it is connected.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  expect(fleet.gateway.counts).toMatchObject({ connected: 1, strangers: 0 });
  const stored = await fleet.store.read(({ endpoints }) => endpoints.byId(device.endpoint.id));
  expect(stored?.connectedUntil).toBeGreaterThan(Date.now() + 60_000);
  agent.say({ type: 'heartbeat' });
  expect((await agent.next('heartbeat')).time).toBeGreaterThan(0);
});

test('A server that was away and cannot know the time tells agents what has surely come, and one whose clock jumped just what it knows.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  let kind: ClockDoubt['kind'] = 'absent';
  const clockGuard = {
    ...{ surely: { ...systemClock, now: () => 77 }, accept: async () => undefined },
    doubt: () => ({ kind, ahead: hour, believedIn: null }),
  };
  const gateway = new AgentGateway({ ...fleet.ports, clockGuard });
  const agent = new TestAgent(gateway, device);
  agent.hello();
  expect(await agent.next('welcome')).toMatchObject({ time: expect.any(Number), surely: 77 });
  agent.say({ type: 'heartbeat' });
  expect(await agent.next('heartbeat')).toMatchObject({ time: expect.any(Number), surely: 77 });
  kind = 'jumped';
  agent.say({ type: 'heartbeat' });
  expect(await agent.next('heartbeat')).not.toContainKey('surely');
  await gateway.close();
});

test('The end of a connection ends the presence.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  (await fleet.join(device)).vanish();
  await until(async () => {
    const stored = await fleet.store.read(({ endpoints }) => endpoints.byId(device.endpoint.id));
    return stored?.connectedUntil === null;
  });
  expect(fleet.gateway.counts.connected).toBe(0);
});

test('An agent that is back before its end was recorded stays connected.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  (await fleet.join(device)).vanish();
  await fleet.join(device);
  await wait(150);
  const stored = await fleet.store.read(({ endpoints }) => endpoints.byId(device.endpoint.id));
  expect(stored?.connectedUntil).not.toBeNull();
});

test('A signature by another key is refused for good.', async () => {
  await using fleet = await Fleet.open();
  const [device, other] = [await fleet.enrol(), await fleet.enrol('host-b')];
  const agent = fleet.connect({ endpoint: device.endpoint, key: other.key });
  agent.hello();
  expect(await agent.next('refused')).toMatchObject({ final: true });
  expect(agent.closedWith).toContain('signature');
  expect(fleet.gateway.counts).toMatchObject({ connected: 0, strangers: 0 });
});

test("A signature over another connection's nonce is refused: a recorded hello opens nothing.", async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const overheard = fleet.connect(device).all('challenge')[0]?.nonce ?? new Uint8Array();
  const agent = fleet.connect(device);
  agent.hello({ signature: signBytes('custody-hello-v1', overheard, device.key) });
  expect(await agent.next('refused')).toMatchObject({ final: true });
});

test('An endpoint that is not enrolled is refused for good.', async () => {
  await using fleet = await Fleet.open();
  await using other = await Fleet.open();
  const agent = fleet.connect(await other.enrol());
  agent.hello();
  expect(await agent.next('refused')).toMatchObject({ final: true, why: 'This endpoint is not enrolled here.' });
});

test('An agent of a version that this server does not speak may come again.', async () => {
  await using fleet = await Fleet.open();
  const agent = fleet.connect(await fleet.enrol());
  agent.hello({ version: 9 });
  expect(await agent.next('refused')).toMatchObject({ final: false });
});

test('Whoever says no hello in time is let go.', async () => {
  await using fleet = await Fleet.open({ helloPatience: 100 });
  const agent = fleet.connect(await fleet.enrol());
  expect(await agent.next('refused')).toMatchObject({ final: false, why: 'No hello came in time.' });
  expect(fleet.gateway.counts.strangers).toBe(0);
});

test.each([
  ['anything before hello', encode({ type: 'heartbeat' })],
  ['bytes that are no MessagePack', new Uint8Array([0xc1])],
  ['nothing', new Uint8Array()],
  ['a message of no known type', encode({ type: 'drop_tables' })],
  ['a hello with missing fields', encode({ type: 'hello', version: 1 })],
  ['a frame that is too long for a stranger', encode({ type: 'hello', vaultRecipient: 'x'.repeat(300_000) })],
])('A stranger that sends %s is let go, and counted.', async (_name, frame) => {
  await using fleet = await Fleet.open();
  const agent = fleet.connect(await fleet.enrol());
  agent.session.frame(frame);
  expect(await agent.next('refused')).toMatchObject({ final: false });
  expect(agent.closedWith).toBeDefined();
  expect(fleet.gateway.counts).toMatchObject({ strangers: 0, violations: 1 });
});

test('A frame that breaks the schema ends an open session too.', async () => {
  await using fleet = await Fleet.open();
  const agent = await fleet.join(await fleet.enrol());
  agent.session.frame(encode({ type: 'accepted', taskIds: ['not a task id'] }));
  expect(await agent.next('refused')).toMatchObject({ final: false });
  expect(fleet.gateway.counts).toMatchObject({ connected: 0, violations: 1 });
});

test('A second hello has no place in an open session.', async () => {
  await using fleet = await Fleet.open();
  const agent = await fleet.join(await fleet.enrol());
  agent.hello();
  expect(await agent.next('refused')).toMatchObject({ final: false });
});

test('A second connection takes the place of one that was cut without a word.', async () => {
  await using fleet = await Fleet.open({ answerPatience: 50 });
  const device = await fleet.enrol();
  const first = await fleet.join(device);
  first.isCut = true;
  const second = await fleet.join(device);
  const refused = await first.next('refused');
  expect(refused.final).toBe(false);
  expect(refused.retryAfter).toBeGreaterThan(0);
  expect(first.closedWith).toBeDefined();
  expect(second.closedWith).toBeUndefined();
  expect(fleet.gateway.counts.connected).toBe(1);
  await wait(150);
  const stored = await fleet.store.read(({ endpoints }) => endpoints.byId(device.endpoint.id));
  expect(stored?.connectedUntil).not.toBeNull();
});

test('In a storm, those that are too many are told to come again, at different times.', async () => {
  await using fleet = await Fleet.open({ hellosAtOnce: 4, stormSpread: 10_000 });
  const devices = await Promise.all(Array.from({ length: 12 }, (_, index) => fleet.enrol(`host-${index}`)));
  const agents = devices.map((device) => fleet.connect(device));
  for (const agent of agents) {
    agent.hello();
  }
  const refused = agents.flatMap((agent) => agent.all('refused'));
  expect(refused).toHaveLength(8);
  expect(refused.every(({ final, retryAfter }) => !final && retryAfter >= 1_000 && retryAfter <= 11_000)).toBe(true);
  expect(new Set(refused.map(({ retryAfter }) => retryAfter)).size).toBeGreaterThan(4);
  await Promise.all(agents.filter((agent) => agent.closedWith === undefined).map((agent) => agent.next('welcome')));
  expect(fleet.gateway.counts.connected).toBe(4);
});

test('A gateway that closes parts from everyone with words, and takes nobody more.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const [open, stranger] = [await fleet.join(device), fleet.connect(await fleet.enrol('host-b'))];
  await fleet.gateway.close();
  for (const agent of [open, stranger, fleet.connect(device)]) {
    expect(agent.all('refused')).toMatchObject([{ final: false }]);
    expect(agent.closedWith).toBeDefined();
  }
  const stored = await fleet.store.read(({ endpoints }) => endpoints.byId(device.endpoint.id));
  expect(stored?.connectedUntil).toBeNull();
});

test('After its welcome every agent is told where to go and whom to trust, where an administrator has said so.', async () => {
  const announcement = { trust: new Uint8Array([1, 2, 3]), signature: new Uint8Array(64) };
  await using telling = await Fleet.open({ announcement });
  const told = await telling.join(await telling.enrol());
  expect(told.all('trust')).toEqual([{ type: 'trust', ...announcement }]);
  await using silent = await Fleet.open();
  expect((await silent.join(await silent.enrol())).all('trust')).toEqual([]);
});

test.each([
  ['by the ring that follows', {}, true],
  ['by the next renewal, where the ring was lost', { presenceInterval: 1_000 }, false],
] as const)(
  'An endpoint that is revoked while it is connected is parted from for good, %s.',
  async (_, settings, rings) => {
    await using fleet = await Fleet.open(settings);
    const device = await fleet.enrol();
    const agent = await fleet.join(device);
    // The welcome rings, too.
    await wait(200);
    await fleet.store.transact(({ endpoints }) => endpoints.revoke([device.endpoint.id], Date.now()));
    if (rings) {
      fleet.gateway.doorbell.ring([device.endpoint.id]);
    }
    agent.say({ type: 'heartbeat' });
    expect(await agent.next('refused')).toMatchObject({ final: true, why: 'This endpoint was revoked.' });
    const again = fleet.connect(device);
    again.hello();
    expect(await again.next('refused')).toMatchObject({ final: true });
  },
);
