import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { type CortexClient, newKey } from '#kit/cortex.ts';
import { sha256 } from '#kit/disk.ts';
import { openWorld } from '#kit/world.ts';

async function statusOf(key: CortexClient, actionId: string, endpointId: string): Promise<unknown> {
  const { reply } = await key.call('actions/get_action_status', { group_action_id: actionId });
  return (reply as { readonly data: Readonly<Record<string, string>> }).data[endpointId];
}

test('orders to a stopped agent wait, also over a restart of the server, and run once it is back', async () => {
  await using world = await openWorld({ agents: 1 });
  const { client, server } = world;
  const agent = world.agent(0);
  const key = await newKey(server, 'Responder');
  const path = agent.put('later.txt', 'later');
  const guid = await world.known(agent, agent.put('wanted.txt', 'wanted'));
  await agent.end('SIGTERM');

  const { action: fetch } = await client.startFetch({ guids: [guid] });
  const quarantine = await client.quarantineFile({ endpointIds: [agent.id], path, sha256: sha256('later') });
  await server.end('SIGTERM');
  await server.start();
  await Bun.sleep(500);
  expect(await statusOf(key, fetch.id, agent.id)).toBe('PENDING');
  expect(await statusOf(key, quarantine.id, agent.id)).toBe('PENDING');
  expect((await client.readEndpoint(agent.id)).presence).not.toBe('connected');
  expect(existsSync(path)).toBe(true);

  await agent.connect();
  for (const { id } of [fetch, quarantine]) {
    expect((await client.waitForAction(id)).status).toBe('completed_successfully');
  }
  expect(existsSync(path)).toBe(false);
  const restore = await client.restoreFile({ sha256: sha256('later') });
  expect((await client.waitForAction(restore.id)).status).toBe('completed_successfully');
  expect(readFileSync(path, 'utf8')).toBe('later');
});

test('a restore by hash supersedes a quarantine that waits for a stopped agent, and the file is never taken', async () => {
  await using world = await openWorld({ agents: 2 });
  const { server } = world;
  const [holder, stopped] = [world.agent(0), world.agent(1)];
  const key = await newKey(server, 'Responder');
  const administrator = await newKey(server, 'Instance Administrator');
  const set = await administrator.call('configurations/agent/action_center_expiration/set', { quarantine: 2 });
  expect(set).toEqual({ status: 200, reply: true });
  const file_hash = sha256('bad bytes');
  const quarantine = (agent: typeof holder) =>
    key.order('endpoints/quarantine', {
      ...{ file_path: agent.put('bad.bin', 'bad bytes'), file_hash },
      filters: [{ field: 'endpoint_id_list', operator: 'in', value: [agent.id] }],
    });
  const taken = await quarantine(holder);
  expect((await world.client.waitForAction(taken)).status).toBe('completed_successfully');
  await stopped.end('SIGTERM');
  const waiting = await quarantine(stopped);
  const action = await world.client.readAction(waiting);
  expect(Date.parse(action.deadline) - Date.parse(action.createdAt)).toBe(2 * 3_600_000);

  const restore = await key.order('endpoints/restore', { file_hash });
  expect(await statusOf(key, waiting, stopped.id)).toBe('CANCELLED');
  await stopped.connect();
  expect((await world.client.waitForAction(restore)).status).toBe('completed_successfully');
  for (const agent of [holder, stopped]) {
    expect(readFileSync(agent.path('bad.bin'), 'utf8')).toBe('bad bytes');
    const files = [{ endpoint_id: agent.id, file_path: agent.path('bad.bin'), file_hash }];
    expect((await key.call('quarantine/status', { files })).reply).toMatchObject([{ status: false }]);
  }
});
