import { expect, test } from 'bun:test';
import { builtInRole } from '#core/access/role.ts';
import type { ActionId } from '#core/action/action-id.ts';
import { hour } from '#core/time.ts';
import { approveAction } from '#core/verbs/approve-action.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { describeApproval } from '#core/verbs/describe-approval.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { refuseApproval } from '#core/verbs/refuse-approval.ts';
import { administrator } from '#kit/fleet.ts';
import { guard } from '#kit/ports.ts';
import { badHash, type CortexWorld, openWorld, quarantineFields } from './world.ts';

const guarded = { policy: { guard: { ...guard, reach: 'all', mostEndpoints: 1 } } } as const;

async function order(world: CortexWorld) {
  const { reply } = await world.call('endpoints/quarantine', quarantineFields(world.web, world.mac));
  const id = String(reply['action_id']);
  const standing = async () => (await world.call('actions/get_action_status', { group_action_id: id })).reply;
  return { id: id as ActionId, reply, standing };
}

async function secondPerson({ ports }: CortexWorld) {
  const email = 'bob@example.test';
  const user = await createUser(ports, administrator, {
    email,
    password: 'a long password',
    role: 'Privileged Responder',
  });
  return {
    kind: 'user',
    id: user.id,
    name: email,
    role: builtInRole('Privileged Responder'),
    scope: user.scope,
  } as const;
}

test('connectors see an order that waits as PENDING, with the reason in words, and its end once it was approved', async () => {
  await using world = await openWorld(guarded);
  const { web, mac, ports } = world;
  const { id, reply, standing } = await order(world);
  const both = (word: unknown) => ({ [web.endpoint.id]: word, [mac.endpoint.id]: word });
  const recorded = { errorDescription: expect.stringContaining('second person') };
  expect(reply).toEqual({ action_id: id, status: 0, endpoints_count: '2', errorReasons: both(recorded) });
  const waits = { errorDescription: expect.stringContaining('until a second one approves it') };
  expect(await standing()).toEqual({ data: both('PENDING'), errorReasons: both(waits) });
  await world.work();
  expect(await standing()).toMatchObject({ data: both('PENDING') });
  const { digest } = (await describeApproval(ports, id)).approval;
  await approveAction(ports, { principal: await secondPerson(world), actionId: id, digest });
  expect(await standing()).toEqual({ data: both('PENDING') });
  await world.work();
  expect(await standing()).toEqual({ data: both('COMPLETED_SUCCESSFULLY') });
});

test('they are told who refused it, and that nobody approved it in time', async () => {
  await using world = await openWorld(guarded);
  const { web, ports } = world;
  const refused = await order(world);
  await refuseApproval(ports, { principal: await secondPerson(world), actionId: refused.id, reason: 'wrong hash' });
  const reasonOf = (reply: Readonly<Record<string, unknown>>) =>
    Reflect.get(reply['errorReasons'] ?? {}, web.endpoint.id);
  const ended = await refused.standing();
  expect(ended['data']).toMatchObject({ [web.endpoint.id]: 'CANCELLED' });
  expect(reasonOf(ended)).toMatchObject({
    ...{
      errorDescription: 'The order was withdrawn (no second person approved it).',
      terminated_by: 'bob@example.test',
    },
    errorText: 'The order was refused by bob@example.test: wrong hash',
  });
  const late = await order(world);
  ports.clock.advance(24 * hour);
  await expireOverdue(ports);
  const expired = await late.standing();
  expect(expired['data']).toMatchObject({ [web.endpoint.id]: 'EXPIRED' });
  expect(reasonOf(expired)).toMatchObject({ errorText: expect.stringContaining('Nobody approved the order in time') });
});

test('unless it is told otherwise the guard leaves this API alone, and a restore always', async () => {
  await using unguarded = await openWorld({ policy: { guard: { ...guard, mostEndpoints: 1 } } });
  expect((await order(unguarded)).reply).toMatchObject({ status: 1 });
  await unguarded.work();
  await using world = await openWorld(guarded);
  const { id } = await order(world);
  const { digest } = (await describeApproval(world.ports, id)).approval;
  await approveAction(world.ports, { principal: await secondPerson(world), actionId: id, digest });
  await world.work();
  const { reply } = await world.call('endpoints/restore', { file_hash: badHash });
  expect(reply).toMatchObject({ status: 1, endpoints_count: '2' });
});
