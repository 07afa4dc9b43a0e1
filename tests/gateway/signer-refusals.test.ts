import { expect, test } from 'bun:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Action } from '#core/action/action.ts';
import type { TaskId } from '#core/action/action-id.ts';
import { obstacleWords } from '#core/action/obstacle-words.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { cancelAction } from '#core/verbs/cancel-action.ts';
import { dispatchObstacle, whatTasksWaitFor } from '#core/verbs/dispatch-obstacle.ts';
import { administrator } from '#kit/fleet.ts';
import { fetchOf, quarantineOf } from '#kit/parameters.ts';
import { Fleet } from './fleet.ts';
import { until } from './until.ts';

const quarantine = quarantineOf('/srv/evil', sha256Schema.parse('ab'.repeat(32)));

const stateOf = async (fleet: Fleet, action: Action) => (await fleet.tasksOf(action))[0]?.state;

test('What the signer refuses stays pending and is said to wait, and the rest goes on; it leaves once, when the rule allows.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  fleet.signer.refuses = ({ parameters }) => (parameters.verb === 'quarantine' ? 'verb' : undefined);
  const refused = await fleet.order([device], quarantine);
  const allowed = await fleet.order([device], fetchOf('/srv/a'));
  fleet.ring([device]);
  expect((await agent.nextOrder()).actionId).toBe(allowed.id);
  expect(await stateOf(fleet, refused)).toBe('pending');
  expect(await dispatchObstacle(fleet.ports, refused)).toBe('signer_verb');
  expect(await dispatchObstacle(fleet.ports, allowed)).toBeUndefined();
  const tasks = await fleet.tasksOf(refused);
  expect([...(await whatTasksWaitFor(fleet.ports, tasks)).values()]).toEqual(['signer_verb']);
  expect(obstacleWords.signer_verb).toContain('verb');
  // Again and again, and never sent.
  const asked = fleet.signer.calls.length;
  await until(() => fleet.signer.calls.length > asked + 2);
  expect(agent.all('order')).toHaveLength(1);
  fleet.signer.refuses = () => undefined;
  expect((await agent.nextOrder()).actionId).toBe(refused.id);
  expect(await stateOf(fleet, refused)).toBe('sent');
  await wait(200);
  expect(agent.all('order')).toHaveLength(2);
});

test('A limit that is reached lets out what it allows, asks for no more of the rest, and loses and doubles nothing.', async () => {
  await using fleet = await Fleet.open();
  const devices = await Promise.all(Array.from({ length: 30 }, (_, index) => fleet.enrol(`host-${index}`)));
  const agents = await Promise.all(devices.map((device) => fleet.join(device)));
  let left = 0;
  fleet.signer.refuses = ({ parameters }) => {
    if (parameters.verb !== 'quarantine') {
      return undefined;
    }
    left -= 1;
    return left < 0 ? 'destructive_rate' : undefined;
  };
  const action = await fleet.order(devices, quarantine);
  const looked = await fleet.order(devices.slice(0, 3), fetchOf('/srv/a'));
  const renewing = setInterval(() => {
    left = 4;
  }, 60);
  fleet.ring(devices);
  const orders = () => agents.flatMap((agent) => agent.all('order'));
  await until(() => orders().length === 33);
  clearInterval(renewing);
  await wait(150);
  expect(orders()).toHaveLength(33);
  expect((await fleet.tasksOf(action)).every(({ state }) => state === 'sent')).toBe(true);
  expect((await fleet.tasksOf(looked)).every(({ state }) => state === 'sent')).toBe(true);
});

test('Far more refused tasks than fit into a round keep none from leaving that is allowed.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  fleet.signer.refuses = ({ parameters }) => (parameters.verb === 'quarantine' ? 'verb' : undefined);
  fleet.signer.retryAfter = 60_000;
  for (let count = 0; count < 300; count += 1) {
    await fleet.order([device], quarantine);
  }
  const allowed = await fleet.order([device], fetchOf('/srv/a'));
  fleet.ring([device]);
  expect((await agent.nextOrder()).actionId).toBe(allowed.id);
});

test('What is withdrawn while it waits for the signer never leaves, and ends at once.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  fleet.signer.refuses = () => 'rate';
  const action = await fleet.order([device], quarantine);
  fleet.ring([device]);
  await until(() => fleet.logged.some(({ message }) => message.includes('The signer refuses orders')));
  await cancelAction({ ...fleet.ports, doorbell: fleet.gateway.doorbell }, administrator, action.id);
  expect(await stateOf(fleet, action)).toBe('cancelled');
  fleet.signer.refuses = () => undefined;
  await wait(200);
  expect(agent.all('order')).toEqual([]);
});

/** Calls off what an agent has. */
async function callOff(fleet: Fleet, taskId: TaskId): Promise<void> {
  await fleet.store.transact(({ tasks }) => tasks.transition([taskId], 'cancel'));
}

test.each([
  ['of one endpoint while orders for another wait', { others: 1 }],
  ['of the endpoint that more orders wait for than a round takes', { others: 0 }],
])('A cancellation leaves while the signer is away: %s.', async (_, { others }) => {
  await using fleet = await Fleet.open();
  const [device, other] = [await fleet.enrol(), await fleet.enrol('host-b')];
  const [agent, second] = [await fleet.join(device), await fleet.join(other)];
  const waiting = others === 0 ? device : other;
  fleet.signer.refuses = ({ parameters }) => (parameters.verb === 'quarantine' ? 'verb' : undefined);
  // Older than what is called off, so that it comes first in every round.
  for (let count = 0; count < (others === 0 ? 300 : 1); count += 1) {
    await fleet.order([waiting], quarantine);
  }
  const called = await fleet.order([device], fetchOf('/srv/a'));
  fleet.ring([device]);
  const { taskId, actionId } = await agent.nextOrder();
  expect(actionId).toBe(called.id);
  fleet.signer.refuses = () => undefined;
  fleet.signer.isAway = true;
  fleet.ring([waiting]);
  await until(() => fleet.logged.some(({ message }) => message.includes('could not be handed out')));
  await callOff(fleet, taskId);
  const { asked } = fleet.signer;
  fleet.ring([device, waiting]);
  expect((await agent.next('cancel')).taskId).toBe(taskId);
  // At once, and not only when it is the signer's turn again.
  expect(fleet.signer.asked).toBe(asked);
  const orders = () => [...agent.all('order'), ...second.all('order')];
  expect(orders()).toHaveLength(1);
  fleet.signer.isAway = false;
  await until(() => orders().length === (others === 0 ? 301 : 2));
  await wait(100);
  expect(orders()).toHaveLength(others === 0 ? 301 : 2);
  expect(agent.all('cancel')).toHaveLength(1);
});

test('What was signed before the signer went away leaves, and is not asked for again.', async () => {
  await using fleet = await Fleet.open();
  const devices = await Promise.all(Array.from({ length: 300 }, (_, index) => fleet.enrol(`host-${index}`)));
  const agents = await Promise.all(devices.map((device) => fleet.join(device)));
  // So that no round of their arrivals sees the orders before the one that takes them all.
  await wait(200);
  fleet.signer.afterSigning = () => {
    fleet.signer.isAway = true;
  };
  await fleet.order(devices, quarantine);
  fleet.ring(devices);
  const orders = () => agents.flatMap((agent) => agent.all('order'));
  await until(() => orders().length > 0);
  await wait(100);
  expect(orders()).toHaveLength(256);
  fleet.signer.afterSigning = () => undefined;
  fleet.signer.isAway = false;
  await until(() => orders().length === 300);
  expect(fleet.signer.calls).toEqual([256, 44]);
});

test('A cancellation does not wait for a signer that is silent.', async () => {
  await using fleet = await Fleet.open();
  const [device, other] = [await fleet.enrol(), await fleet.enrol('host-b')];
  const [agent, second] = [await fleet.join(device), await fleet.join(other)];
  await fleet.order([device], quarantine);
  fleet.ring([device]);
  const { taskId } = await agent.nextOrder();
  await callOff(fleet, taskId);
  await fleet.order([other], quarantine);
  fleet.signer.isSilent = true;
  fleet.ring([device, other]);
  expect((await agent.next('cancel')).taskId).toBe(taskId);
  expect(second.all('order')).toEqual([]);
  fleet.signer.isSilent = false;
  expect(await second.nextOrder()).toBeDefined();
});

test('A running task is called off though its order, sent again after a new connection, is refused.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  const action = await fleet.order([device], quarantine);
  fleet.ring([device]);
  const { taskId } = await agent.nextOrder();
  agent.accept(taskId);
  await until(async () => (await stateOf(fleet, action)) === 'running');
  agent.vanish();
  fleet.signer.refuses = () => 'verb';
  fleet.signer.retryAfter = 60_000;
  const again = await fleet.join(device);
  await until(() => fleet.logged.some(({ message }) => message.includes('The signer refuses orders')));
  await callOff(fleet, taskId);
  fleet.ring([device]);
  expect((await again.next('cancel')).taskId).toBe(taskId);
  expect(again.all('order')).toEqual([]);
});
