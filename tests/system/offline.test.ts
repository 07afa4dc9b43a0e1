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
