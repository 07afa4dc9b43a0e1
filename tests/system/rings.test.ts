import { expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { sha256 } from '#kit/disk.ts';
import { until } from '#kit/until.ts';
import { openWorld } from '#kit/world.ts';

setDefaultTimeout(180_000);

const patience = { timeout: 60_000 };
/** Nothing here waits for time to pass: a ring that has reported is judged at once, and nobody is away. */
const settings = { CUSTODY_GUARD_ENDPOINTS: '1', CUSTODY_RINGS: '1', CUSTODY_RING_WATCH_SECONDS: '0' };

test('An order that fails on its first machine halts, over a restart too, until a person resumes it.', async () => {
  await using world = await openWorld({ agents: 2, settings });
  const { client, server } = world;
  const [first] = world.agents;
  const path = first?.put('evil.txt', 'other bytes than the order names') ?? expect.unreachable();
  const email = 'bob@example.test';
  await client.createUser({ email, password: 'the password of bob', role: 'Privileged Responder' });
  const { token } = await client.logIn({ email, password: 'the password of bob' });
  const bob = server.clientOf(token ?? expect.unreachable());
  const endpointIds = world.agents.map(({ id }) => id);
  const { id, approval } = await client.quarantineFile({ endpointIds, path, sha256: sha256('evil') });
  expect((await client.readAction(id)).rollout).toMatchObject({ state: 'planned', waitsFor: 'approval' });
  await bob.approveAction(id, { digest: approval?.digest ?? '' });
  await until('a halt', async () => (await client.readAction(id)).rollout?.state === 'halted');
  await server.end('SIGKILL');
  await server.start();
  const halted = await client.readAction(id);
  expect(halted).toMatchObject({
    status: 'in_progress',
    rollout: {
      ...{ heldBack: 1, waitsFor: 'person' },
      halt: { rule: 'failures', count: 1, of: 1, limit: 10 },
      rings: [
        { ring: 1, upTo: 1, state: 'halted', size: 1, ended: 1, failed: 1 },
        { ring: 2, upTo: null, state: 'waiting', size: 0 },
      ],
    },
  });
  const calls = halted.rollout?.halt?.proposals.map(({ call }) => call.slice(call.lastIndexOf('/') + 1));
  expect(calls).toEqual(['undo', 'cancel', 'resume']);
  expect(halted.tasks.map(({ waitsFor }) => waitsFor?.reason ?? null).toSorted()).toEqual([null, 'rings_halted']);
  expect((await client.readServer()).alerts).toMatchObject([{ kind: 'rings_halted', actionId: id }]);
  expect(await client.readMetrics()).toContain('custody_rings_halted 1\n');
  expect(await bob.resumeAction(id, { reason: 'we know' })).toEqual({ released: 1, heldBack: 0 });
  expect(await client.waitForAction(id, patience)).toMatchObject({ status: 'failed', rollout: { state: 'out' } });
  expect((await client.readServer()).alerts).toEqual([]);
  expect(existsSync(path)).toBe(true);
});
