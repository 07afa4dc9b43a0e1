import { afterAll, beforeAll, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type CybereasonClient, newUser } from '#kit/cybereason.ts';
import { sha256 } from '#kit/disk.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

const evil = Buffer.from('what no machine should have\n');
const md5 = createHash('md5').update(evil).digest('hex');

let world: World;
let ana: CybereasonClient;

beforeAll(async () => {
  world = await openWorld({ agents: 2 });
  ana = await newUser(world.server, 'ana@example.com', 'Responder');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

async function update(item: object): Promise<unknown> {
  const answer = await ana.post('/rest/classification/update', [{ keys: [md5], ...item }]);
  return { status: answer.status, ...((await answer.json()) as object) };
}

async function put(name: string, agent = 0): Promise<string> {
  const path = world.agent(agent).put(name, evil);
  await world.known(world.agent(agent), path);
  return path;
}

async function taken(path: string): Promise<void> {
  await until(`the vault holds ${path}`, async () => {
    const { items } = await world.client.listQuarantine({ state: ['held'] });
    return items.some((item) => item.path === path) ? true : undefined;
  });
  expect(existsSync(path)).toBe(false);
}

test('A new file with a blocked hash goes into the vault; an old copy stays, and one that was not to be prevented.', async () => {
  const old = await put('old.bin');
  expect(await update({ maliciousType: 'blacklist', prevent: false, remove: false })).toMatchObject({
    outcome: 'success',
  });
  const quiet = await put('quiet.bin');
  expect(await update({ maliciousType: 'blacklist', prevent: 'true', remove: 'false' })).toMatchObject({
    outcome: 'success',
  });
  const fresh = world.agent(0).put('new.bin', evil);
  const elsewhere = world.agent(1).put('new.bin', evil);
  await taken(fresh);
  await taken(elsewhere);
  expect([readFileSync(old), readFileSync(quiet)]).toEqual([evil, evil]);
  expect((await world.client.listActions({ verb: ['quarantine'] })).total).toBe(2);
});

test('What was taken comes back only once its hash is allowed, and then stays.', async () => {
  const [agent, path] = [world.agent(1), world.agent(1).path('new.bin')];
  const restore = { sha256: sha256(evil), endpointId: agent.id };
  const refused = await world.client.restoreFile(restore).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'conflict' });
  await world.client.restoreFile({ ...restore, allow: true });
  await until(`${path} is back`, () => (existsSync(path) ? true : undefined));
  await world.known(agent, path);
  const again = await put('allowed.bin', 1);
  expect([readFileSync(path), readFileSync(again)]).toEqual([evil, evil]);
  expect((await world.client.listActions({ verb: ['quarantine'] })).total).toBe(2);
});
