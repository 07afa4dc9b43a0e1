import { describe, expect, test } from 'bun:test';
import { type Verb, verbs } from '#core/action/verb.ts';
import type { EventFilter, EventOrder, EventSearch } from '#core/ports/store/events.ts';
import type { Store } from '#core/ports/store/store.ts';
import { incidentOf } from './incidents.ts';
import { type MakePlace, withStore } from './place.ts';
import { actionId, actionOf, endpointId, endpointOf, eventOf, outcomeOf, plant, taskId, taskOf } from './records.ts';

async function sequences(store: Store, filter: EventFilter): Promise<readonly number[]> {
  const events = await store.read((reader) => reader.events.list(filter, 0, 100));
  return events.map(({ sequence }) => sequence);
}

const asked: EventSearch = {
  causedBy: 'others',
  kinds: [{ type: 'logged_in' }, { type: 'action_started', verb: 'quarantine' }, { type: 'batch_closed' }],
};

const byTime: EventOrder = { by: 'at', direction: 'ascending' };

async function found(store: Store, search: EventSearch, order: EventOrder = byTime): Promise<readonly number[]> {
  const listing = await store.read(({ events }) => events.search(search, order, { offset: 0, limit: 100 }));
  expect(listing.total).toBe(listing.items.length);
  return listing.items.map(({ sequence }) => sequence);
}

function searches(makePlace: MakePlace): void {
  test(
    'Events are found by kind, cause, user and time, in every order, a page at a time.',
    withStore(makePlace, async (store) => {
      const user = (name: string) => ({ kind: 'user', id: 'u', name }) as const;
      await plant(store);
      await store.transact(async ({ actions, events }) => {
        await actions.insert(actionOf(2, { verb: 'restore' }));
        await events.append([
          eventOf('1', { type: 'logged_in', at: 50, actor: user('ana@x') }),
          eventOf('2', { type: 'action_started', at: 40, actionId: actionId(1) }),
          eventOf('3', { type: 'action_started', at: 30, actionId: actionId(2) }),
          eventOf('4', { type: 'batch_closed', at: 20, actor: { kind: 'key', id: '1', name: 'ana@x' } }),
          eventOf('5', { type: 'logged_out', at: 10 }),
          eventOf('6', { type: 'batch_closed', at: 10, actor: { kind: 'agent', id: 'a', name: 'a' } }),
        ]);
      });
      expect(await found(store, asked)).toEqual([4, 2, 1]);
      expect(await found(store, asked, { by: 'at', direction: 'descending' })).toEqual([1, 2, 4]);
      expect(await found(store, { ...asked, causedBy: 'agents' })).toEqual([6]);
      expect(await found(store, { ...asked, kinds: [] })).toEqual([]);
      const started = (verb: Verb) => ({ type: 'action_started', verb }) as const;
      expect(await found(store, { ...asked, kinds: [started('restore')] })).toEqual([3]);
      expect(await found(store, { ...asked, kinds: verbs.map(started) })).toEqual([3, 2]);
      expect(await found(store, { ...asked, userNames: ['ANA@x'] })).toEqual([1]);
      expect(await found(store, { ...asked, userNames: ['', 'eve'] })).toEqual([4]);
      expect(await found(store, { ...asked, from: 40, to: 50 })).toEqual([2, 1]);
      const ranks = [[{ type: 'batch_closed' }], [started('quarantine')], [{ type: 'logged_in' }]] as const;
      expect(await found(store, asked, { by: { ranks }, direction: 'ascending' })).toEqual([4, 2, 1]);
      expect(await found(store, asked, { by: { ranks }, direction: 'descending' })).toEqual([1, 2, 4]);
      const page = await store.read(({ events }) => events.search(asked, byTime, { offset: 1, limit: 1 }));
      expect(page).toMatchObject({ total: 3, items: [{ sequence: 2, facts: { text: '2' } }] });
      const none = await store.read(({ events }) => events.search(asked, byTime, { offset: 9, limit: 0 }));
      expect(none).toEqual({ total: 3, items: [] });
    }),
  );

  test(
    'Events of agents are found by how their tasks ended, and by what is known of the endpoint.',
    withStore(makePlace, async (store) => {
      const agent = { kind: 'agent', id: 'a', name: 'a' } as const;
      await plant(store);
      await store.transact(async ({ endpoints, tasks, outcomes, events }) => {
        await endpoints.insert(endpointOf(2, { domain: 'Corp', agentVersion: '0.2.0' }));
        await tasks.insert([taskOf(1), taskOf(2, { endpointId: endpointId(2) })]);
        await outcomes.put([outcomeOf(1, 0), outcomeOf(2, 0), outcomeOf(2, 1, { outcome: 'in_use' })]);
        const end = { type: 'task_finished', actor: agent, actionId: actionId(1) } as const;
        await events.append([
          eventOf('1', { ...end, endpointId: endpointId(1) }),
          eventOf('2', { ...end, endpointId: endpointId(2) }),
          eventOf('3', { type: 'endpoint_connected', actor: agent, endpointId: endpointId(2) }),
        ]);
        expect(await outcomes.failedAmong([1, 2, 3].map(taskId))).toEqual([taskId(2)]);
        expect(await outcomes.failedAmong([])).toEqual([]);
      });
      const kinds = [{ type: 'task_finished', verb: 'quarantine' }, { type: 'endpoint_connected' }] as const;
      const told: EventSearch = { causedBy: 'agents', kinds };
      expect(await found(store, told)).toEqual([1, 2, 3]);
      expect(await found(store, { ...told, failed: true })).toEqual([2, 3]);
      expect(await found(store, { ...told, failed: false })).toEqual([1, 3]);
      expect(await found(store, { ...told, endpointIds: [endpointId(1)] })).toEqual([1]);
      expect(await found(store, { ...told, hostNames: ['HOST-2'] })).toEqual([2, 3]);
      expect(await found(store, { ...told, domains: ['corp', 'x'] })).toEqual([2, 3]);
      expect(await found(store, { ...told, domains: [] })).toEqual([]);
      expect(await found(store, { ...told, agentVersions: ['0.1.0'] })).toEqual([1]);
      expect(await found(store, told, { by: 'agentVersion', direction: 'descending' })).toEqual([3, 2, 1]);
      expect(await found(store, told, { by: 'domain', direction: 'ascending' })).toEqual([2, 3, 1]);
    }),
  );
}

function latest(makePlace: MakePlace): void {
  test(
    'The latest events come first, and are read on before any number, an incident’s too.',
    withStore(makePlace, async (store) => {
      await plant(store);
      await store.transact(async ({ actions, incidents, events }) => {
        await incidents.insert(incidentOf(5), []);
        await actions.insert(actionOf(9, { incidentId: incidentOf(5).id }));
        await events.append([
          eventOf('1', { incidentId: incidentOf(5).id }),
          eventOf('2', { type: 'logged_in' }),
          eventOf('3', { actionId: actionId(9) }),
          eventOf('4', { type: 'logged_in', at: 9 }),
          eventOf('5'),
        ]);
      });
      const latest = async (filter: EventFilter, after = 0, most = 100) =>
        (await store.read(({ events }) => events.latest(filter, after, most))).map(({ facts }) =>
          Number(facts['text']),
        );
      expect(await latest({})).toEqual([5, 4, 3, 2, 1]);
      expect(await latest({}, 0, 2)).toEqual([5, 4]);
      expect(await latest({ upTo: 3 }, 1, 2)).toEqual([3, 2]);
      expect(await latest({ upTo: 0 })).toEqual([]);
      expect(await latest({ types: ['logged_in'] })).toEqual([4, 2]);
      expect(await latest({ types: ['logged_in'] }, 2)).toEqual([4]);
      expect(await latest({ incidentId: incidentOf(5).id })).toEqual([3, 1]);
      expect(await latest({ incidentId: incidentOf(5).id }, 0, 1)).toEqual([3]);
    }),
  );
}

export function describeEvents(makePlace: MakePlace): void {
  describe('keeps events', () => {
    searches(makePlace);
    latest(makePlace);

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
      'Events are filtered by when they happened and by the name of who caused them.',
      withStore(makePlace, async (store) => {
        const ben = { kind: 'user', id: 'b', name: 'ben' } as const;
        await store.transact((transaction) =>
          transaction.events.append([
            eventOf('1', { at: 1_000 }),
            eventOf('2', { at: 2_000, actor: ben }),
            eventOf('3', { at: 3_000, actor: ben }),
          ]),
        );
        expect(await sequences(store, { from: 2_000 })).toEqual([2, 3]);
        expect(await sequences(store, { to: 2_000 })).toEqual([1, 2]);
        expect(await sequences(store, { actorName: 'ben', to: 2_999 })).toEqual([2]);
        expect(await sequences(store, { actorName: 'be' })).toEqual([]);
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
