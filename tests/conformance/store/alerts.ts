import { describe, expect, test } from 'bun:test';
import type { Alert, AlertId } from '#core/incident/alert.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { AlertFilter, AlertOrder } from '#core/ports/store/alerts.ts';
import type { Store } from '#core/ports/store/store.ts';
import { incidentOf, observedFileOf } from './incidents.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';
import { endpointId, plant, sha256Of } from './records.ts';

export function alertOf(number: number, more: Partial<Alert> = {}): Alert {
  return {
    id: String(number) as AlertId,
    incidentId: String(1) as IncidentId,
    fingerprint: `f${number}`,
    likeness: null,
    name: `alert ${number}`,
    description: 'ü "quoted"',
    severity: 'medium',
    source: 'vendor product',
    category: 'Malware',
    action: '',
    externalId: null,
    detectedAt: 1_000 + number,
    receivedAt: 2_000,
    endpointId: null,
    hostName: '',
    userName: '',
    localAddress: '192.0.2.1',
    localPort: null,
    remoteAddress: '',
    remotePort: 65_535,
    filePath: 'C:\\evil.exe',
    sha256: null,
    ...more,
  };
}

const all = { offset: 0, limit: 100 };
const oldest: AlertOrder = { by: 'detectedAt', direction: 'ascending' };

async function idsOf(store: Store, filter: AlertFilter, order = oldest): Promise<readonly string[]> {
  const found = await store.read(({ alerts }) => alerts.list(filter, order, all));
  expect(found.total).toBe(found.items.length);
  return found.items.map(({ id }) => id);
}

async function plantIncidents(store: Store): Promise<void> {
  await plant(store, 2);
  await store.transact(async ({ incidents }) => {
    for (const number of [1, 2, 3, 4]) {
      const resolved = number === 4 ? ({ status: 'resolved_other', resolvedAt: 5 } as const) : {};
      await incidents.insert(incidentOf(number, resolved), []);
    }
  });
}

export function describeAlerts(makePlace: MakePlace): void {
  describe('keeps alerts', () => {
    testListing(makePlace);
    testHomes(makePlace);
    testOnce(makePlace);
  });
}

function testListing(makePlace: MakePlace): void {
  test(
    'Alerts come back as they were given, are found by everything, and are counted by incident.',
    withStore(makePlace, async (store) => {
      await plantIncidents(store);
      const first = alertOf(9, { severity: 'critical', externalId: 'siem-9', userName: 'root' });
      const second = alertOf(10, { incidentId: incidentOf(2).id, source: 'other', receivedAt: 3_000 });
      const third = alertOf(11, {
        endpointId: endpointId(1),
        sha256: sha256Of('a'),
        localPort: 0,
        severity: 'unknown',
      });
      await store.transact(({ alerts }) => alerts.insert([first, second, third]));
      const { items } = await store.read(({ alerts }) => alerts.list({}, oldest, all));
      expect(items).toEqual([first, second, third]);
      expect(await idsOf(store, { ids: [first.id, second.id] })).toEqual(['9', '10']);
      expect(await idsOf(store, { ids: [] })).toEqual([]);
      expect(await idsOf(store, { incidentIds: [incidentOf(2).id] })).toEqual(['10']);
      expect(await idsOf(store, { sources: ['other'] })).toEqual(['10']);
      expect(await idsOf(store, { severities: ['critical', 'unknown'] })).toEqual(['9', '11']);
      expect(await idsOf(store, { externalIds: ['siem-9'] })).toEqual(['9']);
      expect(await idsOf(store, { detectedFrom: 1_010, detectedTo: 1_010 })).toEqual(['10']);
      expect(await idsOf(store, { receivedFrom: 2_001 })).toEqual(['10']);
      expect(await idsOf(store, { receivedTo: 2_000 })).toEqual(['9', '11']);
      expect(await idsOf(store, {}, { by: 'severity', direction: 'descending' })).toEqual(['9', '10', '11']);
      expect(await idsOf(store, {}, { by: 'receivedAt', direction: 'descending' })).toEqual(['10', '11', '9']);
      const page = await store.read(({ alerts }) => alerts.list({}, oldest, { offset: 1, limit: 1 }));
      expect([page.total, page.items.map(({ id }) => String(id))]).toEqual([3, ['10']]);
      const tally = await store.read(({ alerts }) => alerts.tally([incidentOf(1).id]));
      expect(tally).toHaveLength(2);
      expect(tally).toContainEqual({
        ...{ incidentId: first.incidentId, severity: 'critical', source: first.source, userName: 'root', count: 1 },
      });
      const found = await store.read(({ incidents }) => incidents.list({ alertSources: ['other'] }, all));
      expect(found.items.map(({ id }) => id)).toEqual([second.incidentId]);
    }),
  );
}

function testHomes(makePlace: MakePlace): void {
  test(
    'The home of an alert is the newest open incident with its file, endpoint or likeness that has room.',
    withStore(makePlace, async (store) => {
      await plantIncidents(store);
      const [a, b, c] = [sha256Of('a'), sha256Of('b'), sha256Of('c')];
      await store.transact(async ({ alerts, incidents }) => {
        await incidents.addFiles([observedFileOf(3, 'a', { sha256: a }), observedFileOf(4, 'a', { sha256: a })]);
        await alerts.insert([
          alertOf(1, { sha256: a }),
          alertOf(2, { incidentId: incidentOf(2).id, sha256: b, endpointId: endpointId(1) }),
          alertOf(3, { incidentId: incidentOf(2).id, sha256: b }),
          alertOf(4, { incidentId: incidentOf(1).id, likeness: 'x' }),
          alertOf(5, { incidentId: incidentOf(4).id, sha256: c, likeness: 'y' }),
        ]);
      });
      const asked = { hashes: [a, b, c], endpointIds: [endpointId(1), endpointId(2)], likenesses: ['x', 'y'] };
      const homes = (most: number) => store.read(({ alerts }) => alerts.homesOf(asked, most));
      const ids = (map: ReadonlyMap<string, IncidentId>) => [...map].map(([key, id]) => [key, String(id)]).toSorted();
      const found = await homes(3);
      expect(new Map(ids(found.byHash) as [string, string][])).toEqual(
        new Map([
          [a, '3'],
          [b, '2'],
        ]),
      );
      expect(ids(found.byEndpoint)).toEqual([[endpointId(1), '2']]);
      expect(ids(found.byLikeness)).toEqual([['x', '1']]);
      expect((await homes(2)).byHash.get(b)).toBeUndefined();
      const none = await store.read(({ alerts }) =>
        alerts.homesOf({ hashes: [], endpointIds: [], likenesses: [] }, 10),
      );
      expect(none.byHash.size + none.byEndpoint.size + none.byLikeness.size).toBe(0);
    }),
  );
}

function testOnce(makePlace: MakePlace): void {
  test(
    'An alert is kept once, and many are kept in one go.',
    withStore(makePlace, async (store) => {
      await plantIncidents(store);
      const many = Array.from({ length: 700 }, (_, index) => alertOf(index + 1));
      await store.transact(({ alerts }) => alerts.insert(many));
      const known = await store.read(({ alerts }) => alerts.knownFingerprints(['f700', 'f701', 'f1']));
      expect(known.toSorted()).toEqual(['f1', 'f700']);
      const again = store.transact(({ alerts }) => alerts.insert([alertOf(800, { fingerprint: 'f7' })]));
      await expectFault(again, 'conflict');
    }),
  );
}
