import { expect, test } from 'bun:test';
import type { Action } from '#core/action/action.ts';
import type { TaskParameters } from '#core/action/verb.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { hour } from '#core/time.ts';
import { cancelAction } from '#core/verbs/cancel-action.ts';
import { confirmAction } from '#core/verbs/confirm-action.ts';
import { openAction } from '#core/verbs/open-action.ts';
import { administrator } from '#kit/fleet.ts';
import { fetchOf, purgeOf, quarantineOf, restoreOf } from '#kit/parameters.ts';
import type { Device } from './device.ts';
import { Fleet } from './fleet.ts';

const evil = sha256Schema.parse('ab'.repeat(32));

const open = () => Fleet.open({}, { confirmAfter: hour });

/** Ordered two hours ago, for four. */
function oldOrder(fleet: Fleet, devices: readonly Device[], parameters: TaskParameters): Promise<Action> {
  const clock = { ...fleet.ports.clock, now: () => Date.now() - 2 * hour };
  const targets = devices.map(({ endpoint }) => ({ endpointId: endpoint.id, parameters }));
  const origin = { principal: administrator, dialect: 'native' } as const;
  const order = { origin, targets, lifetime: 4 * hour };
  return fleet.store.transact((transaction) => openAction({ ...fleet.ports, clock }, transaction, order));
}

const stateOf = async (fleet: Fleet, action: Action) => (await fleet.tasksOf(action))[0]?.state;

const eventsOf = (fleet: Fleet, action: Action) =>
  fleet.store.read(({ events }) =>
    events.list({ actionId: action.id, types: ['confirmation_awaited', 'action_confirmed'] }, 0, 9),
  );

const ports = (fleet: Fleet) => ({ ...fleet.ports, doorbell: fleet.gateway.doorbell });

test('Old orders that take or delete wait for a confirmation, once told of; everything else goes out.', async () => {
  await using fleet = await open();
  const device = await fleet.enrol();
  const held = [
    await oldOrder(fleet, [device], quarantineOf('/srv/evil', evil)),
    await oldOrder(fleet, [device], purgeOf(evil)),
  ];
  const free = [
    await oldOrder(fleet, [device], fetchOf('/srv/a')),
    await oldOrder(fleet, [device], restoreOf(evil)),
    await fleet.order([device], quarantineOf('/srv/new', evil)),
  ];
  const agent = await fleet.join(device);
  const left = [await agent.nextOrder(), await agent.nextOrder(), await agent.nextOrder()];
  expect(left.map(({ actionId }) => actionId)).toEqual(free.map(({ id }) => id));
  for (const action of held) {
    expect(await stateOf(fleet, action)).toBe('pending');
    expect(await eventsOf(fleet, action)).toMatchObject([
      { type: 'confirmation_awaited', actor: { kind: 'server' }, facts: { endpointIds: [device.endpoint.id] } },
    ]);
  }
  const next = await fleet.order([device], fetchOf('/srv/b'));
  fleet.ring([device]);
  expect((await agent.nextOrder()).actionId).toBe(next.id);
  expect(await eventsOf(fleet, held[0] ?? expect.unreachable())).toHaveLength(1);
});

test('Whoever may quarantine confirms it, on the endpoints that they name, and then it leaves.', async () => {
  await using fleet = await open();
  const [one, two] = [await fleet.enrol('one'), await fleet.enrol('two')];
  const action = await oldOrder(fleet, [one, two], quarantineOf('/srv/evil', evil));
  const [first, second] = [await fleet.join(one), await fleet.join(two)];
  const confirm = (device: Device) =>
    confirmAction(ports(fleet), {
      ...{ principal: administrator, actionId: action.id, endpointIds: [device.endpoint.id], reason: 'still bad' },
    });
  expect(await confirm(one)).toBe(1);
  expect((await first.nextOrder()).actionId).toBe(action.id);
  expect(second.all('order')).toEqual([]);
  const events = await eventsOf(fleet, action);
  expect(events.find(({ type }) => type === 'action_confirmed')).toMatchObject({
    actor: { id: administrator.id },
    facts: { endpointIds: [one.endpoint.id], verb: 'quarantine', reason: 'still bad' },
  });
  try {
    await confirm(one);
    expect.unreachable();
  } catch (fault) {
    expect(fault).toMatchObject({ code: 'conflict' });
  }
});

test('What left, and never arrived, is not sent once more when it is old; and a request to stop never waits.', async () => {
  await using fleet = await open();
  const device = await fleet.enrol();
  const action = await oldOrder(fleet, [device], quarantineOf('/srv/evil', evil));
  const [task = expect.unreachable()] = await fleet.tasksOf(action);
  await fleet.store.transact(({ tasks }) => tasks.transition([task.id], 'send'));
  const agent = await fleet.join(device);
  const next = await fleet.order([device], fetchOf('/srv/a'));
  fleet.ring([device]);
  expect((await agent.nextOrder()).actionId).toBe(next.id);
  expect(await cancelAction(ports(fleet), administrator, action.id)).toMatchObject({ withdrawn: 0, asked: 1 });
  expect((await agent.next('cancel')).taskId).toBe(task.id);
});
