import { expect, test } from 'bun:test';
import { actionIdSchema } from '#core/action/action-id.ts';
import { hour } from '#core/time.ts';
import { confirmAction } from '#core/verbs/confirm-action.ts';
import { retryAction } from '#core/verbs/retry-action.ts';
import { administrator } from '#kit/fleet.ts';
import { unzip } from '#kit/unzip.ts';
import { type CortexWorld, goodBytes, goodPath, openWorld, quarantineFields, retrievalFields } from './world.ts';

const later = '/srv/later.txt';
const origin = { principal: administrator, dialect: 'native' } as const;

async function retry(world: CortexWorld, id: string): Promise<void> {
  await retryAction(world.ports, { origin, actionId: actionIdSchema.parse(id) });
}

const statusOf = async (world: CortexWorld, id: string) =>
  (await world.call('actions/get_action_status', { group_action_id: id })).reply;

test('A retrieval of which a file was missing is whole for the vendor’s calls after a retry, each file once', async () => {
  await using world = await openWorld();
  const { web, mac } = world;
  const paths = { linux: [later, goodPath], macos: [later] };
  const { reply } = await world.call('endpoints/file_retrieval', retrievalFields(paths, web, mac));
  const id = String(reply['action_id']);
  await world.work();
  expect((await statusOf(world, id))['data']).toEqual({
    [web.endpoint.id]: 'COMPLETED_PARTIAL',
    [mac.endpoint.id]: 'FAILED',
  });

  await retry(world, id);
  expect(await statusOf(world, id)).toEqual({ data: { [web.endpoint.id]: 'PENDING', [mac.endpoint.id]: 'PENDING' } });
  web.disk.set(later, new TextEncoder().encode('later'));
  await world.work();
  const after = await statusOf(world, id);
  expect(after['data']).toEqual({ [web.endpoint.id]: 'COMPLETED_SUCCESSFULLY', [mac.endpoint.id]: 'FAILED' });
  expect(after['errorReasons']).toMatchObject({ [mac.endpoint.id]: { missing_files: [{ file_path: later }] } });

  const details = await world.call('actions/file_retrieval_details', { group_action_id: id });
  const links = details.reply['data'] as Record<string, string>;
  expect(links[mac.endpoint.id]).toBe('');
  const path = new URL(links[web.endpoint.id] ?? '').pathname;
  const archive = await world.send({ method: 'GET', path, headers: await world.key('Investigator') });
  const files = await unzip(await archive.bytes());
  expect(Object.keys(files).toSorted()).toEqual(['retrieval_log.json', 'srv/good.txt', 'srv/later.txt']);
  expect(files['srv/good.txt']).toBe(new TextDecoder().decode(goodBytes));
  expect(JSON.parse(files['retrieval_log.json'] ?? '')).toMatchObject([
    { file_path: later, status: 'done' },
    { file_path: goodPath, status: 'done' },
  ]);
});

test('A quarantine that was stopped and is retried is told of as it stands, endpoints in the order of the request', async () => {
  await using world = await openWorld();
  const { web, mac } = world;
  const { reply } = await world.call('endpoints/quarantine', quarantineFields(mac, web));
  const id = String(reply['action_id']);
  await web.work();
  await mac.abort();
  expect((await statusOf(world, id))['data']).toEqual({
    [mac.endpoint.id]: 'ABORTED',
    [web.endpoint.id]: 'COMPLETED_SUCCESSFULLY',
  });
  await retry(world, id);
  await mac.accept();
  expect(await statusOf(world, id)).toEqual({
    data: { [mac.endpoint.id]: 'IN_PROGRESS', [web.endpoint.id]: 'COMPLETED_SUCCESSFULLY' },
  });
  await mac.work();
  const { data } = await statusOf(world, id);
  expect(Object.entries(data as object)).toEqual([
    [mac.endpoint.id, 'COMPLETED_SUCCESSFULLY'],
    [web.endpoint.id, 'COMPLETED_SUCCESSFULLY'],
  ]);
});

test('An old quarantine is PENDING with the words that it waits to be confirmed, until somebody does', async () => {
  await using world = await openWorld({ policy: { confirmAfter: hour } });
  const { ports, web } = world;
  const { reply } = await world.call('endpoints/quarantine', quarantineFields(web));
  const id = String(reply['action_id']);
  expect(await statusOf(world, id)).toEqual({ data: { [web.endpoint.id]: 'PENDING' } });
  ports.clock.advance(hour + 1);
  expect(await statusOf(world, id)).toMatchObject({
    data: { [web.endpoint.id]: 'PENDING' },
    errorReasons: { [web.endpoint.id]: { errorDescription: expect.stringContaining('confirmed anew') } },
  });
  await confirmAction(ports, { principal: administrator, actionId: actionIdSchema.parse(id) });
  expect(await statusOf(world, id)).toEqual({ data: { [web.endpoint.id]: 'PENDING' } });
});
