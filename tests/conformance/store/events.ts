import { describe, expect, test } from 'bun:test';
import type { EventFilter } from '#core/ports/store/events.ts';
import type { Store } from '#core/ports/store/store.ts';
import { type MakePlace, withStore } from './place.ts';
import { actionId, endpointId, eventOf } from './records.ts';

async function sequences(store: Store, filter: EventFilter): Promise<readonly number[]> {
  const events = await store.read((reader) => reader.events.list(filter, 0, 100));
  return events.map(({ sequence }) => sequence);
}

export function describeEvents(makePlace: MakePlace): void {
  describe('keeps events', () => {
    test(
      'Events come back as they were given, numbered from 1.',
      withStore(makePlace, async (store) => {
        const facts = { z: [1, 2.5, null, true], a: { 'ke"y': '\u0000ü\ud83d\ude00' }, big: 9_007_199_254_740_991 };
        expect(await store.read((reader) => reader.events.lastSequence())).toBe(0);
        const events = [
          eventOf('', { facts }),
          eventOf('b', { actionId: actionId(7), endpointId: endpointId(1), type: 'task_finished' }),
        ];
        await store.transact(async (transaction) => {
          await transaction.events.append([]);
          await transaction.events.append(events);
        });
        const expected = events.map((event, index) => ({ ...event, sequence: index + 1 }));
        expect(await store.read((reader) => reader.events.list({}, 0, 10))).toEqual(expected);
      }),
    );

    test(
      'Events are filtered, and read on from any number.',
      withStore(makePlace, async (store) => {
        await store.transact((transaction) =>
          transaction.events.append([
            eventOf('1'),
            eventOf('2', { type: 'logged_in' }),
            eventOf('3', { actionId: actionId(5) }),
            eventOf('4', { endpointId: endpointId(5) }),
            eventOf('5', { type: 'logged_out' }),
          ]),
        );
        expect(await sequences(store, {})).toEqual([1, 2, 3, 4, 5]);
        const slice = await store.read((reader) => reader.events.list({}, 2, 2));
        expect(slice.map(({ sequence }) => sequence)).toEqual([3, 4]);
        expect(await sequences(store, { types: ['logged_in', 'logged_out'] })).toEqual([2, 5]);
        expect(await sequences(store, { upTo: 3 })).toEqual([1, 2, 3]);
        expect(await sequences(store, { upTo: 4, types: ['logged_in', 'logged_out'] })).toEqual([2]);
        expect(await sequences(store, { upTo: 0 })).toEqual([]);
        expect(await store.read(({ events }) => events.lastSequence())).toBe(5);
        expect(await sequences(store, { types: [] })).toEqual([]);
        expect(await sequences(store, { actionId: actionId(5) })).toEqual([3]);
        expect(await sequences(store, { endpointId: endpointId(5) })).toEqual([4]);
      }),
    );

    test(
      'A rolled-back event gives its number to the next one.',
      withStore(makePlace, async (store) => {
        const failing = store.transact(async (transaction) => {
          await transaction.events.append([eventOf('lost')]);
          throw new Error('no');
        });
        await failing.catch(() => undefined);
        await store.transact((transaction) => transaction.events.append([eventOf('kept')]));
        expect(await store.read((reader) => reader.events.list({}, 0, 10))).toEqual([
          { ...eventOf('kept'), sequence: 1 },
        ]);
      }),
    );

    test(
      'Thousands of events in one append have no gap.',
      withStore(makePlace, async (store) => {
        const many = Array.from({ length: 2_500 }, (_, number) => eventOf(String(number)));
        await store.transact((transaction) => transaction.events.append(many));
        const found = await store.read((reader) => reader.events.list({}, 0, 5_000));
        expect(found).toEqual(many.map((event, index) => ({ ...event, sequence: index + 1 })));
      }),
    );
  });
}
