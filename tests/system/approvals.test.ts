import { expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, rmSync } from 'node:fs';
import { sha256 } from '#kit/disk.ts';
import { openWorld, type World } from '#kit/world.ts';
import type { Client } from '#sdk/client.ts';

setDefaultTimeout(120_000);

const content = 'the same bytes on two machines';
const hash = sha256(content);
const patience = { timeout: 60_000 };

async function person({ client, server }: World, name: string): Promise<Client> {
  const email = `${name}@example.test`;
  const password = `the password of ${name}`;
  await client.createUser({ email, password, role: 'Privileged Responder' });
  const { token } = await client.logIn({ email, password });
  return server.clientOf(token ?? expect.unreachable());
}

test('Agents of a real fleet get an order that is too wide only once another person has approved it, over a restart too.', async () => {
  await using world = await openWorld({
    agents: 2,
    settings: { CUSTODY_GUARD_ENDPOINTS: '1', CUSTODY_RING_WATCH_SECONDS: '0' },
  });
  const paths = world.agents.map((agent) => agent.put('evil.txt', content));
  for (const [index, path] of paths.entries()) {
    await world.known(world.agent(index), path);
  }
  const [ana, bob] = [await person(world, 'ana'), await person(world, 'bob')];
  const endpointIds = world.agents.map(({ id }) => id);
  const started = await ana.quarantineFile({ endpointIds, path: null, sha256: hash });
  expect(started).toMatchObject({ status: 'held', approval: { state: 'waiting' } });
  const digest = started.approval?.digest ?? '';
  expect(await ana.approveAction(started.id, { digest }).catch((error: unknown) => error)).toMatchObject({
    code: 'permission_denied',
  });
  // Whatever an agent is told of comes in order, so a narrow order that was carried out shows that the wide one was not sent.
  for (const { id } of world.agents) {
    const search = await ana.startSearch({ endpointIds: [id], pattern: { by: 'sha256', sha256: hash } });
    expect(await ana.waitForAction(search.id, patience)).toMatchObject({ status: 'completed_successfully' });
  }
  expect(paths.filter((path) => existsSync(path))).toEqual(paths);
  await world.server.end('SIGKILL');
  await world.server.start();
  expect((await bob.readAction(started.id)).status).toBe('held');
  expect(await bob.approveAction(started.id, { digest })).toMatchObject({ state: 'approved' });
  expect(await ana.waitForAction(started.id, patience)).toMatchObject({ status: 'completed_successfully' });
  expect(paths.filter((path) => existsSync(path))).toEqual([]);
  const back = await ana.restoreFile({ sha256: hash });
  expect(back.approval).toBeNull();
  expect(await ana.waitForAction(back.id, patience)).toMatchObject({ status: 'completed_successfully' });
  expect(paths.filter((path) => existsSync(path))).toEqual(paths);
  for (const path of paths) {
    rmSync(path);
  }
});
