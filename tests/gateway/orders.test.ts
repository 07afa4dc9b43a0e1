import { expect, test } from 'bun:test';
import { setTimeout as wait } from 'node:timers/promises';
import { sha256Schema } from '#core/file/hash.ts';
import { fetchOf, quarantineOf } from '#kit/parameters.ts';
import { decode } from '#wire/codec.ts';
import { orderSchema } from '#wire/order.ts';
import { isSignatureValid, readPublicKey } from '#wire/signature.ts';
import { Fleet } from './fleet.ts';
import { until } from './until.ts';

const sha256 = sha256Schema.parse('ab'.repeat(32));
const quarantine = quarantineOf('/srv/evil', sha256);

test('An order reaches a connected agent, signed over the very bytes that were sent.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  const action = await fleet.order([device], quarantine);
  fleet.ring([device]);
  const { order: bytes, signature } = await agent.next('order');
  expect(isSignatureValid('custody-order-v1', { bytes, signature }, readPublicKey(fleet.signer.publicKey))).toBe(true);
  const [task] = await fleet.tasksOf(action);
  expect(decode(bytes, orderSchema)).toMatchObject({
    endpointId: device.endpoint.id,
    actionId: action.id,
    taskId: task?.id,
    parameters: { verb: 'quarantine', sha256 },
    deadline: action.deadline,
  });
  expect(task?.state).toBe('sent');
});

test('An agent that connects later is given what waited for it.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const action = await fleet.order([device], quarantine);
  fleet.ring([device]);
  const agent = await fleet.join(device);
  expect((await agent.nextOrder()).actionId).toBe(action.id);
});

test('Rings for many endpoints are few calls of the signer.', async () => {
  await using fleet = await Fleet.open();
  const devices = await Promise.all(Array.from({ length: 20 }, (_, index) => fleet.enrol(`host-${index}`)));
  const agents = await Promise.all(devices.map((device) => fleet.join(device)));
  await fleet.order(devices, quarantine);
  for (const device of devices) {
    fleet.ring([device]);
  }
  await Promise.all(agents.map((agent) => agent.nextOrder()));
  // The rounds of the agents' own backfill may still be under way, and take the first few.
  expect(fleet.signer.calls.length).toBeLessThanOrEqual(3);
  expect(fleet.signer.calls.reduce((sum, orders) => sum + orders, 0)).toBe(20);
});

test('What a session was handed is not sent to it again; a new session is sent the same bytes.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  await fleet.order([device], quarantine);
  fleet.ring([device]);
  const first = await agent.next('order');
  fleet.ring([device]);
  await wait(50);
  expect(agent.all('order')).toHaveLength(1);
  agent.vanish();
  const again = await (await fleet.join(device)).next('order');
  expect(again.order).toEqual(first.order);
  expect(again.signature).toEqual(first.signature);
});

test('Only the named endpoint hears of an order.', async () => {
  await using fleet = await Fleet.open();
  const [device, other] = [await fleet.enrol(), await fleet.enrol('host-b')];
  const [agent, bystander] = [await fleet.join(device), await fleet.join(other)];
  await fleet.order([device], quarantine);
  fleet.ring([device, other]);
  await agent.nextOrder();
  expect(bystander.all('order')).toEqual([]);
});

test('While the signer is away tasks stay pending, and go out when it returns.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  await wait(50);
  fleet.signer.isAway = true;
  const action = await fleet.order([device], quarantine);
  fleet.ring([device]);
  await until(() => fleet.logged.some(({ message }) => message.includes('could not be handed out')));
  expect((await fleet.tasksOf(action))[0]?.state).toBe('pending');
  fleet.signer.isAway = false;
  expect((await agent.nextOrder()).actionId).toBe(action.id);
});

test('An acceptance is recorded; one for the task of another endpoint is not.', async () => {
  await using fleet = await Fleet.open();
  const [device, other] = [await fleet.enrol(), await fleet.enrol('host-b')];
  const [agent, liar] = [await fleet.join(device), await fleet.join(other)];
  const action = await fleet.order([device], quarantine);
  fleet.ring([device]);
  const { taskId } = await agent.nextOrder();
  liar.accept(taskId);
  await wait(100);
  expect((await fleet.tasksOf(action))[0]?.state).toBe('sent');
  agent.accept(taskId);
  await until(async () => (await fleet.tasksOf(action))[0]?.state === 'running');
});

test('An order that an agent refuses ends its task.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  const action = await fleet.order([device], quarantine);
  fleet.ring([device]);
  const { taskId } = await agent.nextOrder();
  agent.say({ type: 'order_refused', taskId, why: 'the signature is wrong' });
  await until(async () => (await fleet.tasksOf(action))[0]?.state === 'finished');
  const [outcome] = await fleet.store.read(({ outcomes }) => outcomes.byTask(taskId));
  expect(outcome).toMatchObject({ outcome: 'refused', reason: 'order_rejected' });
});

test('A task that is to be cancelled is called off, once, at an agent that has it.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  await fleet.order([device], quarantine);
  fleet.ring([device]);
  const { taskId } = await agent.nextOrder();
  await fleet.store.transact(({ tasks }) => tasks.transition([taskId], 'cancel'));
  fleet.ring([device]);
  expect((await agent.next('cancel')).taskId).toBe(taskId);
  fleet.ring([device]);
  await wait(50);
  expect(agent.all('cancel')).toHaveLength(1);
  expect(agent.all('order')).toHaveLength(1);
});

test('A task that is to be cancelled goes with its order to an agent that never had it, and is called off before it comes.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const action = await fleet.order([device], quarantine);
  const ids = (await fleet.tasksOf(action)).map((task) => task.id);
  await fleet.store.transact(({ tasks }) => tasks.transition(ids, 'send'));
  await fleet.store.transact(({ tasks }) => tasks.transition(ids, 'cancel'));
  const agent = await fleet.join(device);
  await agent.nextOrder();
  await until(() => agent.all('cancel').length === 2);
  expect(agent.heard.map(({ type }) => type).slice(-3)).toEqual(['cancel', 'order', 'cancel']);
});

test('A connection that is full is sent no more orders until it has drained.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  agent.result = 'full';
  await Promise.all([1, 2, 3].map(() => fleet.order([device], quarantine)));
  fleet.ring([device]);
  await agent.nextOrder();
  await wait(50);
  expect(agent.all('order')).toHaveLength(1);
  agent.result = 'sent';
  agent.session.drained();
  await agent.nextOrder();
  await agent.nextOrder();
  expect(new Set(agent.all('order').map(({ order }) => decode(order, orderSchema).taskId)).size).toBe(3);
});

test('More orders than fit into one round all arrive.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  for (let index = 0; index < 300; index += 1) {
    await fleet.order([device], quarantine);
  }
  const agent = await fleet.join(device);
  await until(async () => agent.all('order').length === 300);
  expect(fleet.signer.calls).toEqual([256, 44]);
}, 20_000);

test('An order that fits into no frame ends its task instead of waiting for the deadline.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  await fleet.join(device);
  const paths = Array.from({ length: 150 }, (_, index) => `/${'x'.repeat(30_000)}${index}`);
  const action = await fleet.order([device], fetchOf(...paths));
  fleet.ring([device]);
  await until(async () => (await fleet.tasksOf(action))[0]?.state === 'finished');
});
