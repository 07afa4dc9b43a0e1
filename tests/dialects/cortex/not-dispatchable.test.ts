import { expect, test } from 'bun:test';
import { newTaskId } from '#core/action/action-id.ts';
import { dispatchObstacle } from '#core/verbs/dispatch-obstacle.ts';
import { engageEmergencyStop } from '#core/verbs/engage-emergency-stop.ts';
import { administrator } from '#kit/fleet.ts';
import { badHash, openWorld, quarantineFields } from './world.ts';

test('an order that nobody can be sent now is recorded with status 0 and says why, as statuses say reasons', async () => {
  await using world = await openWorld({ obstacle: 'signer_away' });
  const { web, mac } = world;
  const { status, reply } = await world.call('endpoints/quarantine', quarantineFields(mac, web));
  const errorDescription =
    'The order is recorded, but the signer of orders is away; it leaves once the signer is back.';
  expect([status, reply]).toEqual([
    200,
    {
      action_id: expect.stringMatching(/^\d+$/),
      status: 0,
      endpoints_count: '2',
      errorReasons: { [mac.endpoint.id]: { errorDescription }, [web.endpoint.id]: { errorDescription } },
    },
  ]);
  const { reply: standing } = await world.call('actions/get_action_status', {
    group_action_id: String(reply['action_id']),
  });
  expect(standing).toEqual({
    data: { [mac.endpoint.id]: 'PENDING', [web.endpoint.id]: 'PENDING' },
    errorReasons: { [mac.endpoint.id]: { errorDescription }, [web.endpoint.id]: { errorDescription } },
  });
  const restore = await world.call('endpoints/restore', { file_hash: badHash });
  expect(restore.reply).toMatchObject({ status: 0, endpoints_count: '2' });
});

test('while the emergency stop is engaged a quarantine waits for it and says so, and a restore is sent and supersedes it', async () => {
  await using world = await openWorld();
  const { ports, web } = world;
  await engageEmergencyStop(ports, administrator, 'the wrong hash');
  const { reply } = await world.call('endpoints/quarantine', quarantineFields(web));
  const errorDescription = expect.stringContaining('the emergency stop is engaged');
  expect(reply).toMatchObject({ status: 0, errorReasons: { [web.endpoint.id]: { errorDescription } } });
  const asked = { group_action_id: String(reply['action_id']) };
  expect((await world.call('actions/get_action_status', asked)).reply).toEqual({
    data: { [web.endpoint.id]: 'PENDING' },
    errorReasons: { [web.endpoint.id]: { errorDescription } },
  });
  expect((await world.call('endpoints/restore', { file_hash: badHash })).reply).toMatchObject({ status: 1 });
  expect((await world.call('actions/get_action_status', asked)).reply).toMatchObject({
    data: { [web.endpoint.id]: 'CANCELLED' },
  });
});

test('while all its tasks are held, so is the order; one that is released makes it dispatchable', async () => {
  await using world = await openWorld();
  const { ports, web, mac } = world;
  const { reply } = await world.call('endpoints/quarantine', quarantineFields(web, mac));
  const [action] = (await ports.store.read(({ actions }) => actions.list({}, { offset: 0, limit: 1 }))).items;
  expect(reply).toMatchObject({ status: 1 });
  if (action === undefined) {
    throw new Error('An action was started.');
  }
  const id = String(Number(action.id) + 1) as typeof action.id;
  const tasks = await ports.store.transact(async (transaction) => {
    await transaction.actions.insert({ ...action, id });
    const held = (await transaction.tasks.byAction(action.id)).map((task) => ({
      ...{ ...task, actionId: id, id: newTaskId(ports.random), state: 'held' as const },
    }));
    await transaction.tasks.insert(held);
    return held;
  });
  expect(await dispatchObstacle(ports, { id })).toBe('held');
  const { reply: standing } = await world.call('actions/get_action_status', { group_action_id: id });
  expect(standing['data']).toEqual({ [web.endpoint.id]: 'PENDING', [mac.endpoint.id]: 'PENDING' });
  await ports.store.transact((transaction) =>
    transaction.tasks.transition([tasks[0]?.id ?? newTaskId(ports.random)], 'release'),
  );
  expect(await dispatchObstacle(ports, { id })).toBeUndefined();
});
