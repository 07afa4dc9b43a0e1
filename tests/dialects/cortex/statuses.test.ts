import { describe, expect, test } from 'bun:test';
import { actionIdSchema } from '#core/action/action-id.ts';
import { actionStatuses } from '#core/action/action-status.ts';
import { closeBatch } from '#core/verbs/close-batch.ts';
import { cortexStatus } from '#dialects/cortex/status.ts';
import { administrator } from '#kit/fleet.ts';
import { type CortexWorld, goodPath, openWorld, retrievalFields } from './world.ts';

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

test('every status is one word of the vendor, and no two are the same', () => {
  const words = actionStatuses.map((status) => cortexStatus[status]);
  expect(new Set(words).size).toBe(actionStatuses.length);
});

async function withdraw({ ports }: CortexWorld, id: string): Promise<void> {
  const action = await ports.store.read(({ actions }) => actions.byId(actionIdSchema.parse(id)));
  if (action === undefined) {
    throw new Error(`There is no action ${id}.`);
  }
  await closeBatch(ports, administrator, action);
}
