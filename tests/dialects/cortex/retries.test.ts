import { expect, test } from 'bun:test';
import { type ActionId, actionIdSchema } from '#core/action/action-id.ts';
import { parsePath } from '#core/file/file-path.ts';
import { hour } from '#core/time.ts';
import { confirmAction } from '#core/verbs/confirm-action.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { retryAction } from '#core/verbs/retry-action.ts';
import { undoAction } from '#core/verbs/undo-action.ts';
import { administrator } from '#kit/fleet.ts';
import { unzip } from '#kit/unzip.ts';
import {
  badBytes,
  badHash,
  badPath,
  type CortexWorld,
  goodBytes,
  goodPath,
  openWorld,
  quarantineFields,
  retrievalFields,
} from './world.ts';

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

test('An undo of a quarantine that was retried gives back what each attempt took, and its status is of both', async () => {
  await using world = await openWorld();
  const { ports, web } = world;
  const copy = '/srv/copy.bin';
  const { id } = await quarantineFiles(ports, { origin, endpointIds: [web.endpoint.id], path: null, sha256: badHash });
  await web.work();
  expect(web.disk.has(badPath)).toBe(false);
  await leaveOneOut(world, id);
  web.disk.set(copy, badBytes);
  await retry(world, id);
  await web.work();
  expect(web.disk.has(copy)).toBe(false);
  const { undo } = await undoAction(ports, { origin, actionId: id });
  await web.work();
  expect([web.disk.get(badPath), web.disk.get(copy)]).toEqual([badBytes, badBytes]);
  expect((await statusOf(world, undo?.id ?? ''))['data']).toEqual({ [web.endpoint.id]: 'COMPLETED_SUCCESSFULLY' });
});

/** As if the agent had told of a copy beside, which it could not take. */
async function leaveOneOut({ ports }: CortexWorld, id: ActionId): Promise<void> {
  await ports.store.transact(async ({ tasks, outcomes }) => {
    const [task] = await tasks.byAction(id);
    const ended = await outcomes.byTask(task?.id ?? expect.unreachable());
    const [first = expect.unreachable()] = ended;
    const left = { ...first, ordinal: 1, outcome: 'in_use', vaultObject: null, effect: null } as const;
    await outcomes.put([...ended, { ...left, path: parsePath('/srv/copy.bin'), displayPath: '/srv/copy.bin' }]);
  });
}
