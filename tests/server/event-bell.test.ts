import { expect, test } from 'bun:test';
import { openPorts, type TestPorts } from '#kit/ports.ts';
import { until } from '#kit/until.ts';
import { StoreEventBell } from '#server/event-bell.ts';

async function append({ store }: Pick<TestPorts, 'store'>): Promise<void> {
  const actor = { kind: 'server', id: 's', name: 's' } as const;
  await store.transact(({ events }) => events.append([{ type: 'logged_out', at: 1, actor, facts: {} }]));
}

test('The bell rings after a commit that appended events, and after no other, until nobody listens.', async () => {
  await using ports = await openPorts();
  const bell = new StoreEventBell(ports);
  let rings = 0;
  const withdraw = bell.listen(() => {
    rings += 1;
  });
  await append(ports);
  expect(rings).toBe(1);
  await ports.store.narrowedTo({ tags: ['a'], by: { kind: 'key', id: '1' } }).transact(async ({ events }) => {
    await events.append([{ type: 'logged_out', at: 1, actor: { kind: 'server', id: 's', name: 's' }, facts: {} }]);
  });
  expect(rings).toBe(2);
  await ports.store.transact(({ idempotency }) => idempotency.deleteExpired(0));
  await ports.store.read(({ events }) => events.lastSequence());
  const failed = ports.store.transact(async ({ events }) => {
    await events.append([{ type: 'logged_out', at: 1, actor: { kind: 'server', id: 's', name: 's' }, facts: {} }]);
    throw new Error('rolled back');
  });
  expect(await failed.catch((error: Error) => error.message)).toBe('rolled back');
  expect(rings).toBe(2);
  withdraw();
  await append(ports);
  expect(rings).toBe(2);
});

test('Where servers share the store it rings for what another one wrote, and looks only while somebody listens.', async () => {
  await using ports = await openPorts();
  let looks = 0;
  const shared = {
    reach: 'cluster' as const,
    onEvents: () => () => undefined,
    read: (...work: Parameters<typeof ports.store.read>) => {
      looks += 1;
      return ports.store.read(...work);
    },
  } as Pick<typeof ports.store, 'reach' | 'onEvents' | 'read'>;
  const clock = { schedule: (delay: number, call: () => void) => ports.clock.schedule(delay / 50, call) };
  const bell = new StoreEventBell({ ...ports, store: shared, clock });
  let rings = 0;
  const withdraw = bell.listen(() => {
    rings += 1;
  });
  await until('it has looked', () => looks > 1);
  const before = rings;
  await append(ports);
  await until('it has rung', () => rings > before);
  const after = rings;
  const seen = looks;
  await until('it has looked again', () => looks > seen + 2);
  expect(rings).toBe(after);
  withdraw();
  await Bun.sleep(100);
  const last = looks;
  await Bun.sleep(100);
  expect(looks).toBe(last);
});
