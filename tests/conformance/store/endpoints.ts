import { describe, expect, test } from 'bun:test';
import { taskStates } from '#core/action/task-state.ts';
import { presenceOf, standingOf } from '#core/endpoint/presence.ts';
import { scanStatuses, scanStatusOf } from '#core/endpoint/scan-status.ts';
import { outcomes } from '#core/outcome.ts';
import type { EndpointFilter, EndpointOrder } from '#core/ports/store/endpoints.ts';
import type { Store } from '#core/ports/store/store.ts';
import { day } from '#core/time.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';
import {
  actionId,
  actionOf,
  endpointId,
  endpointNumber,
  endpointOf,
  outcomeOf,
  plant,
  taskId,
  taskOf,
} from './records.ts';

const byId: EndpointOrder = { by: 'id', direction: 'ascending' };
const now = 100 * day;
const all = { offset: 0, limit: 100 };

/** Four endpoints that differ in everything that a filter names. */
const fleet = [
  endpointOf(1, {
    hostName: 'ÄPFEL-web',
    platform: 'linux',
    tags: ['x', 'a "tag"', 'vip'],
    lastSeen: now - 10,
    connectedUntil: now + 10,
  }),
  endpointOf(2, { hostName: 'db_1', alias: 'Käse', platform: 'macos', lastSeen: now - 20, connectedUntil: now }),
  endpointOf(3, { hostName: "o'hara%", platform: 'windows', users: ['CORP\\Anna'], lastSeen: now - 31 * day }),
  endpointOf(4, {
    hostName: 'DBX1',
    addresses: ['FE80::1', '10.9.9.9'],
    tags: ['VIP'],
    lastSeen: now - 30 * day,
  }),
];

const filters: readonly (readonly [string, EndpointFilter, readonly number[]])[] = [
  ['nothing', {}, [1, 2, 3, 4]],
  ['ids', { ids: [endpointId(2), endpointId(4), endpointId(99)] }, [2, 4]],
  ['no ids', { ids: [] }, []],
  ['numbers', { numbers: [endpointNumber(3)] }, [3]],
  ['a host name in other capitals', { hostNames: ['äpfel-WEB'] }, [1]],
  ['a part of a host name', { hostNameContains: ['db'] }, [2, 4]],
  ['an underscore, which is no wildcard', { hostNameContains: ['b_1'] }, [2]],
  ['a percent sign, which is no wildcard', { hostNameContains: ['%'] }, [3]],
  ['a quote', { hostNames: ["O'HARA%"] }, [3]],
  ['a text that would end a statement', { hostNames: ["'; drop table endpoints; --"] }, []],
  ['an alias in other capitals', { aliases: ['KÄSE'] }, [2]],
  ['platforms', { platforms: ['macos', 'windows'] }, [2, 3]],
  ['an address in other capitals', { addresses: ['fe80::1'] }, [4]],
  ['a user name', { userNames: ['corp\\anna'] }, [3]],
  ['a user name that is an address', { userNames: ['10.9.9.9'] }, []],
  ['connected', { presence: { among: ['connected'], now } }, [1]],
  ['disconnected', { presence: { among: ['disconnected'], now } }, [2, 4]],
  ['lost', { presence: { among: ['lost'], now } }, [3]],
  ['connected or lost', { presence: { among: ['connected', 'lost'], now } }, [1, 3]],
  ['no presence', { presence: { among: [], now } }, []],
  ['a part of an alias', { aliasContains: ['äs'] }, [2]],
  ['a part of a user name', { userNameContains: ['\\an', 'nobody'] }, [3]],
  ['a tag', { tags: ['a "tag"', 'nothing'] }, [1]],
  ['a tag in other capitals', { tags: ['VIP'] }, [4]],
  ['no tags', { tags: [] }, []],
  ['not connected', { without: [{ presence: { among: ['connected'], now } }] }, [2, 3, 4]],
  ['neither of two', { without: [{ platforms: ['macos'] }, { tags: ['vip', 'VIP'] }] }, [3]],
  ['both parts of a host name', { every: [{ hostNameContains: ['db'] }, { hostNameContains: ['x'] }] }, [4]],
  ['enrolment', { enrolledFrom: 1_002, enrolledTo: 1_003 }, [2, 3]],
  ['last seen', { lastSeenFrom: now - 30 * day, lastSeenTo: now - 20 }, [2, 4]],
  ['two conditions', { hostNameContains: ['db'], platforms: ['linux'] }, [4]],
];

async function ids(store: Store, filter: EndpointFilter, order = byId): Promise<readonly string[]> {
  const found = await store.read((reader) => reader.endpoints.list(filter, order, all));
  expect(found.total).toBe(found.items.length);
  return found.items.map((endpoint) => endpoint.id);
}

async function plantFleet(store: Store): Promise<void> {
  await store.transact(async (transaction) => {
    for (const endpoint of fleet) {
      await transaction.endpoints.insert(endpoint);
    }
  });
}

export function describeEndpoints(makePlace: MakePlace): void {
  describe('keeps endpoints', () => {
    departures(makePlace);
    scans(makePlace);
    lists(makePlace);
    standings(makePlace);
    changes(makePlace);
  });
}

/** A scan in every state, alive and overdue, and finished with every outcome: one for each endpoint. */
const scanned = [
  ...taskStates.flatMap((state) => [false, true].map((isOverdue) => ({ state, isOverdue, ends: ['done'] as const }))),
  ...outcomes.map((outcome) => ({ state: 'finished', isOverdue: false, ends: [outcome] }) as const),
].map(({ state, isOverdue, ends }, index) => {
  const number = index + 1;
  const deadline = isOverdue ? now : now + 1;
  const parameters = { verb: 'scan' } as const;
  const task = taskOf(number, { endpointId: endpointId(number), parameters, state, deadline, acceptedAt: 1 });
  return { number, task, ends: state === 'finished' ? ends : [] };
});

function scans(makePlace: MakePlace): void {
  test(
    'How the newest scan went is a filter that agrees with the rule, and an older scan is of no matter.',
    withStore(makePlace, async (store) => {
      await plant(store, scanned.length + 1);
      await store.transact(async (transaction) => {
        await transaction.actions.insert(actionOf(1_000));
        await transaction.tasks.insert(scanned.map(({ task }) => ({ ...task, actionId: actionId(1_000) })));
        const older = { state: 'pending', deadline: now + 1 } as const;
        await transaction.tasks.insert(
          scanned.map(({ number, task }) => ({ ...task, ...older, id: taskId(1_000 + number), actionId: actionId(1) })),
        );
        await transaction.outcomes.put(
          scanned.flatMap(({ number, ends }) => ends.map((outcome) => outcomeOf(number, 0, { outcome }))),
        );
      });
      for (const status of scanStatuses) {
        const agreeing = scanned.filter(({ task, ends }) => scanStatusOf(task, ends, now) === status);
        const expected = agreeing.map(({ number }) => number).concat(status === 'none' ? [scanned.length + 1] : []);
        expect([status, await ids(store, { lastScan: { among: [status], now } })]).toEqual([
          status,
          expected.map(endpointId),
        ]);
      }
      expect(await ids(store, { lastScan: { among: [], now } })).toEqual([]);
    }),
  );
}

function departures(makePlace: MakePlace): void {
  test(
    'Endpoints are archived, brought back and revoked once; the revoked are connected no more.',
    withStore(makePlace, async (store) => {
      await plantFleet(store);
      const [one, two, three] = [endpointId(1), endpointId(2), endpointId(3)];
      await store.transact(async ({ endpoints }) => {
        expect((await endpoints.archive([one, two], 5, 'ü')).toSorted()).toEqual([one, two]);
        expect(await endpoints.archive([two, endpointId(99)], 6, 'again')).toEqual([]);
        expect(await endpoints.byId(two)).toMatchObject({ archivedAt: 5, archiveReason: 'ü' });
      });
      expect(await ids(store, { archived: true })).toEqual([one, two]);
      expect(await ids(store, { archived: false })).toEqual([three, endpointId(4)]);
      const count = (filter: EndpointFilter) => store.read(({ endpoints }) => endpoints.count(filter, now));
      expect(await count({})).toEqual({ connected: 0, disconnected: 1, lost: 1, archived: 2 });
      await store.transact(async ({ endpoints }) => {
        expect(await endpoints.unarchive([one, three], 'back')).toEqual([one]);
        expect(await endpoints.byId(one)).toMatchObject({ archivedAt: null, archiveReason: 'back' });
      });
      expect(await count({ revoked: false })).toEqual({ connected: 1, disconnected: 1, lost: 1, archived: 1 });
      await store.transact(async ({ endpoints }) => {
        expect(await endpoints.revoke([one, endpointId(99)], 8)).toEqual([one]);
        expect(await endpoints.revoke([one], 9)).toEqual([]);
        await endpoints.markSeen([one], now, now + 10);
        expect(await endpoints.byId(one)).toMatchObject({ revokedAt: 8, connectedUntil: null });
        expect(await endpoints.revokedAmong([one, two])).toEqual([one]);
      });
      expect(await ids(store, { revoked: true })).toEqual([one]);
      expect(await count({ revoked: false })).toEqual({ connected: 0, disconnected: 1, lost: 1, archived: 1 });
    }),
  );
}

function lists(makePlace: MakePlace): void {
  test(
    'An endpoint comes back as it was given.',
    withStore(makePlace, async (store) => {
      const endpoint = endpointOf(1, { connectedUntil: 8_640_000_000_000_000, revokedAt: 5, domain: '"\\ü\u2028' });
      await store.transact((transaction) => transaction.endpoints.insert(endpoint));
      expect(await store.read((reader) => reader.endpoints.byId(endpoint.id))).toEqual(endpoint);
      expect(await store.read((reader) => reader.endpoints.byNumbers([endpoint.number]))).toEqual([endpoint]);
      expect(await store.read((reader) => reader.endpoints.byNumbers([]))).toEqual([]);
      expect(await store.read((reader) => reader.endpoints.byId(endpointId(2)))).toBeUndefined();
    }),
  );

  test(
    'Every filter finds just the endpoints that it describes, and presence agrees with the rule.',
    withStore(makePlace, async (store) => {
      await plantFleet(store);
      for (const [name, filter, expected] of filters) {
        expect([name, await ids(store, filter)]).toEqual([name, expected.map(endpointId)]);
      }
      for (const presence of ['connected', 'disconnected', 'lost'] as const) {
        const expected = fleet.filter((endpoint) => presenceOf(endpoint, now) === presence).map(({ id }) => id);
        expect(await ids(store, { presence: { among: [presence], now } })).toEqual(expected);
      }
    }),
  );

  test(
    'Lists are ordered, ties by id, and cut into pages with the whole count beside them.',
    withStore(makePlace, async (store) => {
      await plantFleet(store);
      await store.transact((transaction) => transaction.endpoints.insert(endpointOf(5, { hostName: 'db_1' })));
      expect(await ids(store, {}, { by: 'hostName', direction: 'ascending' })).toEqual([2, 5, 4, 3, 1].map(endpointId));
      expect(await ids(store, {}, { by: 'lastSeen', direction: 'descending' })).toEqual(
        [1, 2, 4, 3, 5].map(endpointId),
      );
      expect(await ids(store, {}, { by: 'enrolledAt', direction: 'descending' })).toEqual(
        [5, 4, 3, 2, 1].map(endpointId),
      );
      const page = await store.read((reader) => reader.endpoints.list({}, byId, { offset: 1, limit: 2 }));
      expect(page.total).toBe(5);
      expect(page.items.map(({ id }) => id)).toEqual([2, 3].map(endpointId));
      await expectFault(
        store.read((reader) => reader.endpoints.list({}, byId, { offset: 0, limit: 10_001 })),
        'invalid_request',
      );
    }),
  );

  test(
    'Of the endpoints asked for, the targets are those that are enrolled and not revoked.',
    withStore(makePlace, async (store) => {
      await store.transact(async ({ endpoints }) => {
        await endpoints.insert(endpointOf(1));
        await endpoints.insert(endpointOf(2, { revokedAt: 7 }));
        await endpoints.insert(endpointOf(3, { platform: 'windows' }));
        await endpoints.insert(endpointOf(4));
      });
      const found = await store.read(({ endpoints }) => endpoints.targetsAmong([3, 2, 1, 9].map(endpointId)));
      expect(found.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        { id: endpointId(1), number: endpointNumber(1), platform: 'linux' },
        { id: endpointId(3), number: endpointNumber(3), platform: 'windows' },
      ]);
      expect(await store.read(({ endpoints }) => endpoints.targetsAmong([]))).toEqual([]);
      const everyone = await store.read(({ endpoints }) => endpoints.allTargets());
      expect(everyone.map(({ id }) => id)).toEqual([1, 3, 4].map(endpointId));
    }),
  );

  test(
    'Any number of ids may be asked for at once.',
    withStore(makePlace, async (store) => {
      await plantFleet(store);
      const many = Array.from({ length: 100_000 }, (_, number) => endpointId(number));
      expect((await store.read((reader) => reader.endpoints.byIds(many))).length).toBe(4);
      await store.transact((transaction) => transaction.endpoints.markSeen(many, 7, 8));
      expect((await store.read((reader) => reader.endpoints.byId(endpointId(4))))?.lastSeen).toBe(7);
    }),
  );
}

function standings(makePlace: MakePlace): void {
  test(
    'A removed endpoint is nowhere else, and a standing agrees with the rule.',
    withStore(makePlace, async (store) => {
      await plantFleet(store);
      await store.transact(({ endpoints }) => endpoints.revoke([endpointId(4)], now));
      const endpoints = await store.read((reader) => reader.endpoints.byIds(fleet.map(({ id }) => id)));
      for (const standing of ['connected', 'disconnected', 'lost', 'removed'] as const) {
        const expected = endpoints.filter((endpoint) => standingOf(endpoint, now) === standing).map(({ id }) => id);
        expect(await ids(store, { standing: { among: [standing], now } })).toEqual(expected.toSorted());
        expect(expected).toHaveLength(1);
      }
      expect(await ids(store, { standing: { among: ['lost', 'removed'], now } })).toEqual([3, 4].map(endpointId));
      expect(await ids(store, { standing: { among: [], now } })).toEqual([]);
    }),
  );

  test(
    'Of archived endpoints only those that are connected still stand where they stood.',
    withStore(makePlace, async (store) => {
      await plantFleet(store);
      const all = fleet.map(({ id }) => id);
      await store.transact(({ endpoints }) => endpoints.archive(all, now, ''));
      const endpoints = await store.read((reader) => reader.endpoints.byIds(all));
      for (const standing of ['connected', 'disconnected', 'lost', 'removed'] as const) {
        const expected = endpoints.filter((endpoint) => standingOf(endpoint, now) === standing).map(({ id }) => id);
        expect(await ids(store, { standing: { among: [standing], now } })).toEqual(expected.toSorted());
      }
      expect(await ids(store, { standing: { among: ['connected'], now } })).toEqual([endpointId(1)]);
      expect(await ids(store, { standing: { among: ['removed'], now } })).toEqual([2, 3, 4].map(endpointId));
    }),
  );

  test(
    'Endpoints keep the order in which they came, whatever the clock said.',
    withStore(makePlace, async (store) => {
      const came = [
        endpointOf(3, { enrolledAt: 9 }),
        endpointOf(1, { enrolledAt: 9 }),
        endpointOf(2, { enrolledAt: 8 }),
      ];
      for (const endpoint of came) {
        await store.transact(({ endpoints }) => endpoints.insert(endpoint));
      }
      await store.transact(({ endpoints }) => endpoints.revoke([endpointId(1)], 10));
      expect(await ids(store, {}, { by: 'enrolment', direction: 'ascending' })).toEqual([3, 1, 2].map(endpointId));
      expect(await ids(store, {}, { by: 'enrolment', direction: 'descending' })).toEqual([2, 1, 3].map(endpointId));
    }),
  );
}

function changes(makePlace: MakePlace): void {
  test(
    'A taken id or number is a conflict.',
    withStore(makePlace, async (store) => {
      await store.transact((transaction) => transaction.endpoints.insert(endpointOf(1)));
      for (const rival of [
        endpointOf(1, { number: endpointNumber(2) }),
        endpointOf(2, { number: endpointNumber(1) }),
      ]) {
        await expectFault(
          store.transact((transaction) => transaction.endpoints.insert(rival)),
          'conflict',
        );
      }
    }),
  );

  test(
    'New facts take the place of the old ones, in searches too, and leave the rest alone.',
    withStore(makePlace, async (store) => {
      await plantFleet(store);
      const facts = { ...endpointOf(3), hostName: 'New', users: ['bob'], addresses: [] };
      await store.transact(async (transaction) => {
        await transaction.endpoints.updateFacts(endpointId(3), facts, 77);
        await transaction.endpoints.updateFacts(endpointId(99), facts, 77);
        await transaction.endpoints.updateKeys(endpointId(3), 'age1new');
      });
      const found = await store.read((reader) => reader.endpoints.byId(endpointId(3)));
      expect(found).toEqual({ ...facts, id: endpointId(3), lastSeen: 77, vaultRecipient: 'age1new' });
      expect(await ids(store, { userNames: ['corp\\anna'] })).toEqual([]);
      expect(await ids(store, { userNames: ['BOB'] })).toEqual([endpointId(3)]);
      expect(await ids(store, { hostNames: ['new'] })).toEqual([endpointId(3)]);
    }),
  );

  test(
    'Aliases and tags are set for those named, found by, and kept when the facts change.',
    withStore(makePlace, async (store) => {
      await plantFleet(store);
      const [one, two] = [endpointId(1), endpointId(2)];
      await store.transact(async ({ endpoints }) => {
        expect(await endpoints.rename([one, two, endpointId(99)], 'Käse')).toEqual([one]);
        await endpoints.setTags([one, two].map((id) => ({ id, tags: ['a,b', '"c"'] })));
        await endpoints.updateFacts(two, endpointOf(2), 9);
      });
      expect(await ids(store, { aliases: ['käse'] })).toEqual([one, two]);
      expect(await ids(store, { tags: ['"c"'] })).toEqual([one, two]);
      expect(await ids(store, { tags: [',', 'vip'] })).toEqual([]);
      const kept = await store.read((reader) => reader.endpoints.byId(two));
      expect(kept).toMatchObject({ alias: 'Käse', tags: ['a,b', '"c"'] });
    }),
  );

  test(
    'Presence is renewed for those named and cleared for all.',
    withStore(makePlace, async (store) => {
      await plantFleet(store);
      await store.transact((transaction) => transaction.endpoints.markSeen([endpointId(3)], now, now + 5));
      expect(await ids(store, { presence: { among: ['connected'], now } })).toEqual([1, 3].map(endpointId));
      await store.transact((transaction) => transaction.endpoints.clearPresence());
      expect(await ids(store, { presence: { among: ['connected'], now } })).toEqual([]);
      expect((await store.read((reader) => reader.endpoints.byId(endpointId(3))))?.lastSeen).toBe(now);
    }),
  );

  test(
    'Text with a NUL and integers beyond 2^53 are refused, for they would not come back as they were.',
    withStore(makePlace, async (store) => {
      const bad = (endpoint: Parameters<typeof endpointOf>[1]) =>
        store.transact((transaction) => transaction.endpoints.insert(endpointOf(1, endpoint)));
      await expectFault(bad({ hostName: 'a\0b' }), 'invalid_request');
      await expectFault(bad({ lastSeen: 2 ** 53 }), 'internal');
      await expectFault(bad({ lastSeen: 1.5 }), 'internal');
      await expectFault(
        store.read((reader) => reader.endpoints.list({ hostNames: ['a\0b'] }, byId, all)),
        'invalid_request',
      );
      await bad({ lastSeen: Number.MAX_SAFE_INTEGER, enrolledAt: Number.MIN_SAFE_INTEGER });
      const kept = await store.read((reader) => reader.endpoints.byId(endpointId(1)));
      expect([kept?.lastSeen, kept?.enrolledAt]).toEqual([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);
    }),
  );
}
