import { expect, test } from 'bun:test';
import type { ClockDoubt } from '#core/ports/clock-guard.ts';
import { day, hour } from '#core/time.ts';
import { acceptClock } from '#core/verbs/accept-clock.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { openPorts } from '#kit/ports.ts';
import { createClient } from '#sdk/client.ts';

const doubt: ClockDoubt = { kind: 'jumped', ahead: hour, believedIn: day };
const by = { kind: 'user', id: 'u1', name: 'anna' } as const;

test('a doubted clock is accepted once, with an event that says by whom, why and how far it was ahead', async () => {
  await using ports = await openPorts();
  let doubted: ClockDoubt | undefined = doubt;
  const clockGuard = {
    surely: ports.clock,
    doubt: () => doubted,
    accept: async () => {
      const ended = doubted;
      doubted = undefined;
      return ended;
    },
  };
  const dialect = createNativeDialect({ ...ports, clockGuard });
  const client = createClient({
    send: ({ method, path, headers, body }) =>
      dialect.handle(
        new Request(`https://custody.test${path}`, { method, headers, ...(body !== undefined && { body }) }),
        { remoteAddress: 'local', local: true },
      ),
  });
  const shown = { kind: 'jumped', aheadSeconds: 3_600, believedInSeconds: 86_400 } as const;
  expect((await client.readServer()).clockDoubt).toEqual(shown);
  expect((await client.acceptClock({ reason: 'paused' })).ended).toEqual(shown);
  expect((await client.readServer()).clockDoubt).toBeNull();
  expect((await client.acceptClock({ reason: 'again' })).ended).toBeNull();
  const { items } = await client.listEvents({ type: ['clock_accepted'] });
  expect(items).toMatchObject([{ facts: { reason: 'paused', kind: 'jumped', ahead: hour } }]);
});

test('a clock is not accepted of which no record can be written', async () => {
  await using ports = await openPorts();
  let accepted = 0;
  const clockGuard = {
    surely: ports.clock,
    doubt: () => doubt,
    accept: async () => {
      accepted += 1;
      return doubt;
    },
  };
  const store = {
    ...ports.store,
    transact: () => Promise.reject(new Error('the disk is full')),
  };
  let failure: unknown;
  try {
    await acceptClock({ store, clock: ports.clock, clockGuard }, by, 'paused');
  } catch (thrown) {
    failure = thrown;
  }
  expect(String(failure)).toContain('the disk is full');
  expect(accepted).toBe(0);
});
