import { describe, expect, test } from 'bun:test';
import { actionIdSchema } from '#core/action/action-id.ts';
import { actionStatuses } from '#core/action/action-status.ts';
import type { Json } from '#core/custody/event.ts';
import { cancelAction } from '#core/verbs/cancel-action.ts';
import { closeBatch } from '#core/verbs/close-batch.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { type CortexStatus, cortexStatus } from '#dialects/cortex/status.ts';
import { administrator } from '#kit/fleet.ts';
import { badHash, badPath, type CortexWorld, goodPath, openWorld, quarantineFields, retrievalFields } from './world.ts';

type Reasons = Readonly<Record<string, unknown>>;

describe('withdrawn orders', () => {
  test('are CANCELLED where no agent had them, and PENDING_ABORT and then the end where one had', async () => {
    await using world = await openWorld();
    const { web, mac } = world;
    const fields = retrievalFields({ linux: [goodPath], macos: [goodPath] }, web, mac);
    const { reply } = await world.call('endpoints/file_retrieval', fields);
    const id = String(reply['action_id']);
    await web.accept();
    await withdraw(world, id);
    const statuses = async () => (await world.call('actions/get_action_status', { group_action_id: id })).reply['data'];
    expect(await statuses()).toEqual({ [web.endpoint.id]: 'PENDING_ABORT', [mac.endpoint.id]: 'CANCELLED' });
    await web.abort();
    expect(await statuses()).toEqual({ [web.endpoint.id]: 'ABORTED', [mac.endpoint.id]: 'CANCELLED' });
  });
});

describe('every status of the vendor', () => {
  test('is reached, each with the reasons that belong to it, endpoints in the order of the request', async () => {
    await using world = await openWorld();
    const { web, mac, ports } = world;
    const order = async (call: string, fields: Json) => String((await world.call(call, fields)).reply['action_id']);
    const poll = async (id: string) => (await world.call('actions/get_action_status/', { group_action_id: id })).reply;
    const reached = new Set<unknown>();
    const see = async (id: string, expected: readonly CortexStatus[]) => {
      const { data, errorReasons = {} } = (await poll(id)) as { data: Reasons; errorReasons?: Reasons };
      expect(Object.values(data)).toEqual([...expected]);
      for (const status of expected) {
        reached.add(status);
      }
      return errorReasons;
    };
    const both = quarantineFields(mac, web);

    const taken = await order('endpoints/quarantine', both);
    expect(await see(taken, ['PENDING', 'PENDING'])).toEqual({});
    await web.accept();
    expect(await see(taken, ['PENDING', 'IN_PROGRESS'])).toEqual({});
    await world.work();
    expect(await see(taken, ['COMPLETED_SUCCESSFULLY', 'COMPLETED_SUCCESSFULLY'])).toEqual({});

    const absent = await order('endpoints/quarantine', quarantineFields(web));
    await world.work();
    const failed = await see(absent, ['FAILED']);
    expect(failed[web.endpoint.id]).toEqual({
      errorDescription: 'There is no such file on the endpoint.',
      errorData: expect.stringMatching(/^\{"reportIds": \["[0-9a-f]{32}"\], "errorText": "", "files": \[/),
      ...{ file_name: 'bad.bin', file_path: badPath },
    });

    const paths = { linux: [goodPath, '/srv/none'], macos: ['/srv/none'] };
    const partly = await order('endpoints/file_retrieval', retrievalFields(paths, web, mac));
    await world.work();
    expect(await see(partly, ['COMPLETED_PARTIAL', 'FAILED'])).toMatchObject({
      [web.endpoint.id]: { missing_files: [{ file_path: '/srv/none' }] },
    });

    ports.clock.advance(1);
    const superseded = await order('endpoints/quarantine', both);
    await order('endpoints/restore', { file_hash: badHash });
    const reasons = await see(superseded, ['CANCELLED', 'CANCELLED']);
    expect(reasons[mac.endpoint.id]).toEqual({
      errorDescription: 'The order was withdrawn (superseded by a newer restore).',
      errorText: expect.stringMatching(/^The order was superseded by the restore \d+\.$/),
      errorData: expect.stringContaining('"reason": "superseded"'),
      ...{ file_name: 'bad.bin', file_path: badPath, terminated_by: 'a Responder' },
    });
    await world.work();

    ports.clock.advance(1);
    const stopped = await order('endpoints/quarantine', both);
    await web.accept();
    await cancelAction(ports, administrator, actionIdSchema.parse(stopped));
    await see(stopped, ['CANCELLED', 'PENDING_ABORT']);
    await web.abort();
    expect(await see(stopped, ['CANCELLED', 'ABORTED'])).toMatchObject({
      [mac.endpoint.id]: { terminated_by: administrator.name },
      [web.endpoint.id]: { terminated_by: administrator.name, errorDescription: 'The order was withdrawn.' },
    });

    const late = await order('endpoints/quarantine', both);
    await web.accept();
    ports.clock.advance(ports.policy.lifetime.quarantine);
    const ends = {
      [mac.endpoint.id]: { errorDescription: 'The endpoint did not take the order before its deadline.' },
      [web.endpoint.id]: {
        errorDescription: 'The endpoint took the order but did not report before its deadline.',
      },
    };
    expect(await see(late, ['EXPIRED', 'TIMEOUT'])).toEqual(ends);
    await expireOverdue(ports);
    expect(await see(late, ['EXPIRED', 'TIMEOUT'])).toMatchObject(ends);
    expect(reached).toEqual(new Set(Object.values(cortexStatus)));
  });
});

test('every status is one word of the vendor, and no two are the same, but for the two ways of waiting', () => {
  const words = actionStatuses.map((status) => cortexStatus[status]);
  expect(new Set(words).size).toBe(actionStatuses.length - 1);
  expect(cortexStatus.held).toBe(cortexStatus.pending);
});

async function withdraw({ ports }: CortexWorld, id: string): Promise<void> {
  const action = await ports.store.read(({ actions }) => actions.byId(actionIdSchema.parse(id)));
  if (action === undefined) {
    throw new Error(`There is no action ${id}.`);
  }
  await closeBatch(ports, administrator, action);
}
