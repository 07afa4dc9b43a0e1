import { describe, expect, test } from 'bun:test';
import { fileGuid, type Guid, incidentGuid, processGuid } from '#core/file/guid.ts';
import type { FileObservation, Incident, IncidentComment, ProcessObservation } from '#core/incident/incident.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { IncidentFilter, IncidentOrder, IncidentReader, ProcessFilter } from '#core/ports/store/incidents.ts';
import type { Store } from '#core/ports/store/store.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';
import { actionId, actionOf, endpointId, endpointNumber, eventOf, pathOf, plant, sha256Of } from './records.ts';

function incidentId(number: number): IncidentId {
  return String(number) as IncidentId;
}

export function incidentOf(number: number, more: Partial<Incident> = {}): Incident {
  return {
    id: incidentId(number),
    guid: incidentGuid(incidentId(number)),
    name: `incident ${number}`,
    description: 'ü "quoted"',
    severity: 'high',
    manualSeverity: null,
    starred: false,
    status: 'new',
    assignedTo: null,
    createdBy: { kind: 'key', id: '1', name: 'siem' },
    dialect: 'native',
    createdAt: 1_000 + number,
    updatedAt: 1_000 + number,
    resolvedAt: null,
    resolveComment: '',
    externalId: null,
    ...more,
  };
}

export function processOf(incident: number, pid: number, more: Partial<ProcessObservation> = {}): ProcessObservation {
  const path = pathOf('/bin/evil');
  return {
    incidentId: incidentId(incident),
    guid: processGuid(endpointNumber(1), { path, pid, startedAt: 5 }),
    endpointId: endpointId(1),
    path,
    displayPath: '/bin/evil',
    name: 'evil',
    sha256: sha256Of('evil'),
    pid,
    commandLine: 'evil --all',
    userName: 'root',
    startedAt: 5,
    endedAt: null,
    ...more,
  };
}

export function observedFileOf(incident: number, name: string, more: Partial<FileObservation> = {}): FileObservation {
  const path = pathOf(`/srv/${name}`);
  return {
    incidentId: incidentId(incident),
    fileGuid: fileGuid(endpointNumber(1), path),
    endpointId: endpointId(1),
    path,
    displayPath: `/srv/${name}`,
    sha256: null,
    ...more,
  };
}

const all = { offset: 0, limit: 100 };

async function idsOf(store: Store, filter: IncidentFilter): Promise<readonly string[]> {
  const found = await store.read(({ incidents }) => incidents.list(filter, all));
  expect(found.total).toBe(found.items.length);
  return found.items.map(({ id }) => id);
}

export function describeIncidents(makePlace: MakePlace): void {
  describe('keeps incidents', () => {
    listings(makePlace);
    changes(makePlace);
    observations(makePlace);
    parts(makePlace);
    timelines(makePlace);
  });
}

function listings(makePlace: MakePlace): void {
  test(
    'Incidents are listed newest first, and found by id, GUID, state, severity, time, endpoint and foreign id.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      const [first, second, third] = [
        incidentOf(9, { updatedAt: 5_000 }),
        incidentOf(10, { createdAt: 1_009, severity: 'low', externalId: 'siem-7' }),
        incidentOf(11, {
          createdAt: 2_000,
          status: 'resolved_false_positive',
          resolvedAt: 3_000,
          assignedTo: 'a@b',
          description: '',
        }),
      ];
      await store.transact(async ({ incidents }) => {
        await incidents.insert(first, [endpointId(2), endpointId(1), endpointId(2)]);
        await incidents.insert(second, [endpointId(1)]);
        await incidents.insert(third, []);
      });
      expect(await store.read(({ incidents }) => incidents.byId(incidentId(11)))).toEqual(third);
      expect(await store.read(({ incidents }) => incidents.byGuid(second.guid))).toEqual(second);
      expect(await store.read(({ incidents }) => incidents.byId(incidentId(12)))).toBeUndefined();
      expect(await idsOf(store, {})).toEqual(['11', '10', '9']);
      expect(await idsOf(store, { ids: [incidentId(9)] })).toEqual(['9']);
      expect(await idsOf(store, { guids: [first.guid, 'x' as Guid] })).toEqual(['9']);
      expect(await idsOf(store, { statuses: ['new'] })).toEqual(['10', '9']);
      expect(await idsOf(store, { severities: ['low', 'critical'] })).toEqual(['10']);
      expect(await idsOf(store, { externalIds: ['siem-7'] })).toEqual(['10']);
      expect(await idsOf(store, { createdFrom: 1_009, createdTo: 1_999 })).toEqual(['10', '9']);
      expect(await idsOf(store, { updatedFrom: 1_010, updatedTo: 1_010 })).toEqual(['10']);
      expect(await idsOf(store, { endpointIds: [endpointId(2)] })).toEqual(['9']);
      expect(await idsOf(store, { descriptions: ['ü "quoted"', 'incident 10'] })).toEqual(['10', '9']);
      expect(await idsOf(store, { descriptionContains: ['QUOTED', '100%'] })).toEqual(['10', '9']);
      expect(await idsOf(store, { descriptionContains: ['IDENT 1'] })).toEqual(['11']);
      expect(await idsOf(store, { descriptionContains: [] })).toEqual([]);
      expect(await idsOf(store, { alertSources: ['x'] })).toEqual([]);
      const oldest = { by: 'createdAt', direction: 'ascending' } as const;
      const byUpdate = { by: 'updatedAt', direction: 'descending' } as const;
      await store.read(async ({ incidents }) => {
        const ids = async (order: IncidentOrder) => (await incidents.list({}, all, order)).items.map(({ id }) => id);
        expect(await ids({ by: 'id', direction: 'ascending' })).toEqual(
          ['9', '10', '11'].map((id) => id as IncidentId),
        );
        expect(await ids(oldest)).toEqual(['9', '10', '11'].map((id) => id as IncidentId));
        expect(await ids(byUpdate)).toEqual(['9', '11', '10'].map((id) => id as IncidentId));
      });
      const endpoints = await store.read(({ incidents }) => incidents.endpointsOf([9, 10, 11].map(incidentId)));
      expect([...endpoints]).toEqual([
        [incidentId(10), [endpointId(1)]],
        [incidentId(9), [endpointId(2), endpointId(1)]],
      ]);
    }),
  );
}

function changes(makePlace: MakePlace): void {
  test(
    'What a person judges counts, and stands beside what was reported.',
    withStore(makePlace, async (store) => {
      const judged = incidentOf(1, {
        severity: 'low',
        manualSeverity: 'critical',
        starred: true,
        resolveComment: 'ok',
      });
      await store.transact(async ({ incidents }) => {
        await incidents.insert(judged, []);
        await incidents.insert(incidentOf(2), []);
      });
      expect(await store.read(({ incidents }) => incidents.byId(judged.id))).toEqual(judged);
      expect(await idsOf(store, { severities: ['low'] })).toEqual([]);
      expect(await idsOf(store, { severities: ['critical', 'high'] })).toEqual(['2', '1']);
      expect(await idsOf(store, { starred: true })).toEqual(['1']);
      expect(await idsOf(store, { starred: false })).toEqual(['2']);
    }),
  );

  test(
    'An incident changes as a whole, its id is taken once, and its comments stay in order.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      const changed = incidentOf(1, { status: 'on_hold', name: 'renamed', updatedAt: 9 });
      const comment = (number: number): IncidentComment => ({
        id: `c${number}`,
        incidentId: incidentId(1),
        at: 100 - number,
        author: { kind: 'user', id: 'u', name: 'ana' },
        text: `words ${number}`,
      });
      await store.transact(async ({ incidents }) => {
        await incidents.insert(incidentOf(1), [endpointId(1)]);
        await incidents.update(changed);
        await incidents.addEndpoints(incidentId(1), [endpointId(2), endpointId(1)]);
        await incidents.addComment(comment(1));
        await incidents.addComment(comment(2));
      });
      await expectFault(
        store.transact(({ incidents }) => incidents.insert(incidentOf(1), [])),
        'conflict',
      );
      await store.read(async ({ incidents }) => {
        expect(await incidents.byId(incidentId(1))).toEqual(changed);
        const both = [incidentId(1), incidentId(2)];
        expect([...(await incidents.lastComments(both, 9))]).toEqual([
          [incidentId(1), { items: [comment(2), comment(1)], total: 2 }],
        ]);
        const newest = await incidents.lastComments(both, 1);
        expect(newest.get(incidentId(1))).toEqual({ items: [comment(1)], total: 2 });
        expect((await incidents.endpointsOf([incidentId(1)])).get(incidentId(1))).toEqual([1, 2].map(endpointId));
      });
    }),
  );
}

function observations(makePlace: MakePlace): void {
  test(
    'A process still runs while no incident says that it ended, and counts once, whatever the number of incidents.',
    withStore(makePlace, async (store) => {
      await plant(store);
      const other = processOf(1, 9, { sha256: sha256Of('other') });
      await store.transact(async ({ incidents }) => {
        await incidents.insert(incidentOf(1), []);
        await incidents.insert(incidentOf(2), []);
        await incidents.addProcesses([processOf(1, 7), processOf(2, 7), processOf(1, 3), other]);
        await incidents.addProcesses([processOf(2, 3, { endedAt: 8 }), processOf(2, 5)]);
      });
      const found = await store.read(({ incidents }) => incidents.stillRunning(sha256Of('evil'), all));
      expect(found.total).toBe(2);
      expect(found.items.map(({ pid }) => pid).toSorted()).toEqual([5, 7]);
    }),
  );

  test(
    'Observations keep the order in which they were told, and what is told again is what counts.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      await store.transact(async ({ incidents }) => {
        await incidents.insert(incidentOf(1), []);
        await incidents.insert(incidentOf(2), []);
        await incidents.addProcesses([processOf(1, 7), processOf(1, 3), processOf(2, 3)]);
        await incidents.addProcesses([processOf(1, 1), processOf(1, 3, { endedAt: 8 })]);
        await incidents.addFiles([observedFileOf(1, 'b'), observedFileOf(1, 'a'), observedFileOf(1, 'b')]);
        await incidents.addFiles([observedFileOf(1, 'a', { sha256: sha256Of('a') }), observedFileOf(2, 'a')]);
        await incidents.addFiles([]);
        // What somebody leaves out is not unknown for that.
        await incidents.addFiles([observedFileOf(1, 'a')]);
        const silent = { sha256: null, commandLine: null, userName: null };
        await incidents.addProcesses([processOf(1, 3, silent), processOf(1, 1), processOf(1, 1, silent)]);
      });
      await store.read(async ({ incidents }) => {
        const processes = await incidents.processes({ incidentIds: [incidentId(1)] }, all);
        expect(processes).toEqual({
          total: 3,
          items: [processOf(1, 7), processOf(1, 3, { endedAt: 8 }), processOf(1, 1)],
        });
        const shared = await incidents.processes({ guids: [processOf(1, 3).guid] }, all);
        expect(shared.items).toEqual([processOf(1, 3, { endedAt: 8 }), processOf(2, 3)]);
        expect((await incidents.processes({ endpointIds: [endpointId(2)] }, all)).total).toBe(0);
        await narrowed(incidents);
        const both = [incidentId(1), incidentId(2), incidentId(3)];
        expect([...(await incidents.firstProcesses(both, 2))]).toEqual([
          [incidentId(1), { items: [processOf(1, 7), processOf(1, 3, { endedAt: 8 })], total: 3 }],
          [incidentId(2), { items: [processOf(2, 3)], total: 1 }],
        ]);
        expect([...(await incidents.firstFiles(both, 1))]).toEqual([
          [incidentId(1), { items: [observedFileOf(1, 'b')], total: 2 }],
          [incidentId(2), { items: [observedFileOf(2, 'a')], total: 1 }],
        ]);
        expect((await incidents.firstFiles([], 1)).size).toBe(0);
        const files = await incidents.files({ incidentIds: [incidentId(1)] }, { offset: 1, limit: 5 });
        expect(files).toEqual({ total: 2, items: [observedFileOf(1, 'a', { sha256: sha256Of('a') })] });
        expect((await incidents.files({ guids: [observedFileOf(1, 'a').fileGuid] }, all)).total).toBe(2);
        expect((await incidents.files({ endpointIds: [endpointId(1)], incidentIds: [] }, all)).total).toBe(0);
      });
    }),
  );
}

function parts(makePlace: MakePlace): void {
  test(
    'Parts of texts are found as they are, %, _ and backslashes too, in any case of A to Z, and other letters as they were written.',
    withStore(makePlace, async (store) => {
      await plant(store);
      const texts = { displayPath: '/Ünï_dir/100%.bin', commandLine: 'run C:\\Ä_b 50%', userName: 'Özge_A' };
      await store.transact(async ({ incidents }) => {
        await incidents.insert(incidentOf(1, { description: 'Über_100% of C:\\' }), []);
        await incidents.insert(incidentOf(2, { description: '', name: 'Uber 100 of C:' }), []);
        await incidents.addProcesses([
          { ...processOf(1, 7), ...texts },
          { ...processOf(2, 8), displayPath: '/Unx-dir/1000.bin', commandLine: 'run C:Axb 50', userName: 'Ozge-A' },
        ]);
      });
      const pids = async (filter: ProcessFilter) =>
        (await store.read(({ incidents }) => incidents.processes(filter, all))).items.map(({ pid }) => pid);
      for (const part of ['Ünï_dir', '_DIR', '100%', '%.b', 'Ünï_dir/100%.bin']) {
        expect([part, await pids({ pathContains: [part] })]).toEqual([part, [7]]);
      }
      for (const part of ['C:\\Ä_b', '\\', '50%', 'RUN C:\\']) {
        expect([part, await pids({ commandLineContains: [part] })]).toEqual([part, [7]]);
      }
      expect(await pids({ userNameContains: ['nobody', 'Özge_A'] })).toEqual([7]);
      expect(await pids({ userNameContains: ['ge_a', 'GE-'] })).toEqual([7, 8]);
      for (const part of ['Über_', '_100%', 'C:\\']) {
        expect([part, await idsOf(store, { descriptionContains: [part] })]).toEqual([part, ['1']]);
      }
      expect(await idsOf(store, { descriptionContains: ['BER'] })).toEqual(['2', '1']);
    }),
  );
}

function timelines(makePlace: MakePlace): void {
  test(
    'The events of an incident are its own and those of the actions that were ordered for it.',
    withStore(makePlace, async (store) => {
      await plant(store);
      await store.transact(async ({ actions, events }) => {
        await actions.insert(actionOf(2, { incidentId: '7' }));
        await events.append([
          eventOf('other'),
          eventOf('created', { incidentId: incidentId(7) }),
          eventOf('ordered', { actionId: actionId(2) }),
          eventOf('foreign action', { actionId: actionId(1) }),
          eventOf('foreign incident', { incidentId: incidentId(8) }),
        ]);
      });
      const found = await store.read(({ events }) => events.list({ incidentId: incidentId(7) }, 0, 10));
      expect(found.map(({ facts }) => facts['text'])).toEqual(['created', 'ordered']);
      expect(found[0]?.incidentId).toBe(incidentId(7));
    }),
  );
}

/** Of the processes 7, 3 (ended) and 1 of one incident, and 3 of another. */
async function narrowed(incidents: Pick<IncidentReader, 'processes'>): Promise<void> {
  const found = async (filter: ProcessFilter) =>
    (await incidents.processes(filter, all)).items.map(({ incidentId: of, pid }) => `${of}.${pid}`);
  const every = ['1.7', '1.3', '1.1', '2.3'];
  expect(await found({ pathContains: ['no', 'BIN/ev'], commandLineContains: ['--ALL'] })).toEqual(every);
  expect(await found({ userNameContains: ['ROO'], sha256: [sha256Of('evil')] })).toEqual(every);
  expect(await found({ running: false })).toEqual(['1.3']);
  expect(await found({ running: true })).toEqual(['1.7', '1.1', '2.3']);
  expect(await found({ pathContains: ['%'] })).toEqual([]);
  expect(await found({ userNameContains: [] })).toEqual([]);
}
