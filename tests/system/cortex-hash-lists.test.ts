import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { type CortexClient, newKey } from '#kit/cortex.ts';
import { sha256 } from '#kit/disk.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

const evil = Buffer.from('what no machine should have\n');

let world: World;
let desk: CortexClient;

beforeAll(async () => {
  world = await openWorld({ agents: 1 });
  desk = await newKey(world.server, 'Responder');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const change = (call: string) => desk.call(`hash_exceptions/${call}/`, { hash_list: [sha256(evil)] });

test('A file that was blocked over the Cortex API is taken when it appears; allowed and restored, it stays.', async () => {
  const agent = world.agent(0);
  expect(await change('blocklist')).toEqual({ status: 200, reply: true });
  const path = agent.put('dropped.bin', evil);
  await until('the vault holds it', async () => {
    const { reply } = await desk.call('quarantine/status', {
      files: [{ endpoint_id: agent.id, file_path: path, file_hash: sha256(evil) }],
    });
    return (reply as readonly { readonly status: boolean }[])[0]?.status === true ? true : undefined;
  });
  expect(existsSync(path)).toBe(false);
  const restore = { file_hash: sha256(evil), endpoint_id: agent.id };
  expect((await desk.call('endpoints/restore', restore)).status).toBe(500);
  expect(await change('blocklist/remove')).toEqual({ status: 200, reply: true });
  expect(await change('allowlist')).toEqual({ status: 200, reply: true });
  await desk.order('endpoints/restore', restore);
  await until('it is back', () => (existsSync(path) ? true : undefined));
  await world.known(agent, path);
  const copy = agent.put('copy.bin', evil);
  await world.known(agent, copy);
  expect([readFileSync(path), readFileSync(copy)]).toEqual([evil, evil]);
  expect((await world.client.listActions({ verb: ['quarantine'] })).total).toBe(1);
});
