import { describe, expect, test } from 'bun:test';
import type { EvidenceDeletion, EvidenceFilter } from '#core/ports/store/evidence.ts';
import type { Store, Transaction } from '#core/ports/store/store.ts';
import { alertOf } from './alerts.ts';
import { incidentOf, observedFileOf, processOf } from './incidents.ts';
import { type MakePlace, withStore } from './place.ts';
import { actionId, actionOf, endpointId, outcomeOf, plant, sha256Of, taskId, taskOf } from './records.ts';

const a = sha256Of('a');
const b = sha256Of('b');
const c = sha256Of('c');
const d = sha256Of('d');
const page = { offset: 0, limit: 10 };
const ana = { kind: 'user', id: 'u', name: 'ana' } as const;
const kept = { damagedAt: null, deletion: null };
const deletion: Omit<EvidenceDeletion, 'erasedAt'> = { at: 7, rule: 'person', reason: 'é', by: ana };

export function describeEvidence(makePlace: MakePlace): void {
  describe('keeps account of evidence', () => {
    records(makePlace);
    walks(makePlace);
    claims(makePlace);
    holds(makePlace);
  });
}

const read = (store: Store, ...hashes: Parameters<typeof sha256Of>[0][]) =>
  store.read(({ evidence }) => evidence.byHashes(hashes.map(sha256Of)));

function records(makePlace: MakePlace): void {
  test(
    'Evidence is recorded once per hash.',
    withStore(makePlace, async (store) => {
      const record = { sha256: a, size: Number.MAX_SAFE_INTEGER, storedAt: 5 };
      await store.transact(async ({ evidence }) => {
        await evidence.insert(record);
        await evidence.insert({ ...record, size: 1, storedAt: 6 });
      });
      expect(await read(store, 'a', 'b')).toEqual([{ ...record, ...kept, wantedAt: 5 }]);
      expect(await store.read(({ evidence }) => evidence.totals())).toEqual({
        ...{ files: 1, bytes: record.size, damaged: 0 },
      });
    }),
  );
  test(
    'What is deleted stays known, with who and why, until it is stored anew.',
    withStore(makePlace, async (store) => {
      await store.transact(({ evidence }) => evidence.insert({ sha256: a, size: 1, storedAt: 5 }));
      await store.transact(async ({ evidence }) => {
        await evidence.markErased(a, 6);
        await evidence.markDeleted(a, deletion);
        await evidence.markDeleted(a, { ...deletion, at: 8, reason: 'later' });
        await evidence.markDeleted(b, deletion);
      });
      const deleted = { sha256: a, size: 1, storedAt: 5, wantedAt: 5, damagedAt: null };
      expect(await read(store, 'a', 'b')).toEqual([{ ...deleted, deletion: { ...deletion, erasedAt: null } }]);
      expect(await store.read(({ evidence }) => evidence.unerased(9))).toEqual([a]);
      expect(await store.read(({ evidence }) => evidence.totals())).toEqual({ files: 0, bytes: 0, damaged: 0 });
      await store.transact(({ evidence }) => evidence.markErased(a, 9));
      expect(await read(store, 'a')).toEqual([{ ...deleted, deletion: { ...deletion, erasedAt: 9 } }]);
      expect(await store.read(({ evidence }) => evidence.unerased(9))).toEqual([]);
      await store.transact(({ evidence }) => evidence.insert({ sha256: a, size: 1, storedAt: 12 }));
      expect(await read(store, 'a')).toEqual([{ sha256: a, size: 1, storedAt: 12, wantedAt: 12, ...kept }]);
    }),
  );
  test(
    'Damage is told of once, not of what is deleted, and is over when the bytes are stored anew.',
    withStore(makePlace, async (store) => {
      await store.transact(async ({ evidence }) => {
        await evidence.insert({ sha256: a, size: 1, storedAt: 5 });
        await evidence.insert({ sha256: b, size: 1, storedAt: 5 });
        await evidence.markDeleted(b, deletion);
      });
      const mark = (hash: typeof a) => store.transact(({ evidence }) => evidence.markDamaged(hash, 6));
      expect([await mark(a), await mark(a), await mark(b), await mark(c)]).toEqual([true, false, false, false]);
      const totals = await store.read(({ evidence }) => evidence.totals());
      expect(totals).toEqual({ files: 1, bytes: 1, damaged: 1 });
      const ids = async (states: readonly ('kept' | 'damaged' | 'deleted')[]) =>
        (await store.read(({ evidence }) => evidence.list({ states }, page))).items.map(({ sha256 }) => sha256);
      expect([await ids(['kept']), await ids(['damaged']), await ids(['deleted'])]).toEqual([[], [a], [b]]);
      await store.transact(({ evidence }) => evidence.insert({ sha256: a, size: 1, storedAt: 9 }));
      expect([await ids(['kept']), await ids(['damaged', 'deleted'])]).toEqual([[a], [b]]);
    }),
  );
}

function walks(makePlace: MakePlace): void {
  test(
    'What nobody wanted for long comes by age, page by page, and a claim makes it young again.',
    withStore(makePlace, async (store) => {
      await plant(store, 1);
      await store.transact(async ({ tasks, evidence }) => {
        await tasks.insert([taskOf(1)]);
        for (const [hash, storedAt] of [
          [a, 5],
          [b, 5],
          [c, 3],
          [d, 4],
        ] as const) {
          await evidence.insert({ sha256: hash, size: 1, storedAt });
        }
        await evidence.markDeleted(d, deletion);
      });
      const oldest = (before: number, after?: { readonly wantedAt: number; readonly sha256: typeof a }, limit = 9) =>
        store.read(async ({ evidence }) =>
          (await evidence.unwantedSince(before, after, limit)).map(({ sha256 }) => sha256),
        );
      const [first = a, second = b] = [a, b].toSorted();
      expect(await oldest(6)).toEqual([c, first, second]);
      expect(await oldest(5)).toEqual([c]);
      expect(await oldest(6, undefined, 2)).toEqual([c, first]);
      expect(await oldest(6, { wantedAt: 3, sha256: c })).toEqual([first, second]);
      expect(await oldest(6, { wantedAt: 5, sha256: first })).toEqual([second]);
      await store.transact(({ evidence }) => evidence.claim({ sha256: c, taskId: taskId(1), ordinal: 0, at: 20 }));
      expect(await oldest(6)).toEqual([first, second]);
      const listed = await store.read(({ evidence }) => evidence.list({}, { offset: 0, limit: 1 }));
      expect({ ...listed, items: listed.items.map(({ sha256 }) => sha256) }).toEqual({ items: [c], total: 4 });
    }),
  );
}

function claims(makePlace: MakePlace): void {
  test(
    'A claim tells which file of which action needed the bytes, once, and whether its agent is still at it.',
    withStore(makePlace, async (store) => {
      await plant(store, 1);
      await store.transact(async ({ actions, tasks, evidence }) => {
        await actions.insert(actionOf(2, { incidentId: '77' }));
        await tasks.insert([taskOf(1), taskOf(2, { actionId: actionId(2) })]);
        await tasks.finish([
          {
            id: taskId(2),
            report: { bytes: Uint8Array.of(1), signature: Uint8Array.of(2) },
            acceptedAt: 1,
            endedAt: 2,
          },
        ]);
        await evidence.insert({ sha256: a, size: 1, storedAt: 5 });
        await evidence.claim({ sha256: a, taskId: taskId(1), ordinal: 3, at: 6 });
        await evidence.claim({ sha256: a, taskId: taskId(1), ordinal: 3, at: 9 });
        await evidence.claim({ sha256: a, taskId: taskId(2), ordinal: 0, at: 7 });
      });
      const claim = { sha256: a, endpointId: endpointId(1) };
      expect(await store.read(({ evidence }) => evidence.claimsOf([a, b]))).toEqual([
        { ...claim, taskId: taskId(1), ordinal: 3, at: 6, actionId: actionId(1), incidentId: null, isOpen: true },
        { ...claim, taskId: taskId(2), ordinal: 0, at: 7, actionId: actionId(2), incidentId: '77', isOpen: false },
      ]);
      await store.transact(({ outcomes }) => outcomes.put([outcomeOf(2, 0, { displayPath: '/srv/Evil.bin' })]));
      const sources = [
        {
          ...{ ...claim, taskId: taskId(2), ordinal: 0, at: 7, actionId: actionId(2), incidentId: '77' },
          displayPath: '/srv/Evil.bin',
        },
        {
          ...{ ...claim, taskId: taskId(1), ordinal: 3, at: 6, actionId: actionId(1), incidentId: null },
          displayPath: null,
        },
      ];
      const sourcesOf = (most: number) => store.read(({ evidence }) => evidence.sourcesOf([a, b], most));
      expect(await sourcesOf(2)).toEqual(new Map([[a, { items: sources, total: 2 }]]));
      expect(await sourcesOf(1)).toEqual(new Map([[a, { items: sources.slice(0, 1), total: 2 }]]));
      const actionsOf = (most: number) => store.read(({ evidence }) => evidence.actionsOf([a, b], most));
      await store.transact(({ evidence }) => evidence.claim({ sha256: a, taskId: taskId(1), ordinal: 4, at: 11 }));
      expect(await actionsOf(9)).toEqual(new Map([[a, { items: [actionId(2), actionId(1)], total: 2 }]]));
      expect(await actionsOf(1)).toEqual(new Map([[a, { items: [actionId(2)], total: 2 }]]));
      expect((await sourcesOf(1)).get(a)).toMatchObject({ items: [{ ordinal: 4, at: 11 }], total: 3 });
      await store.transact(({ evidence }) => evidence.insert({ sha256: b, size: 1, storedAt: 5 }));
      const found = async (filter: EvidenceFilter) =>
        (await store.read(({ evidence }) => evidence.list(filter, page))).items.map(({ sha256 }) => sha256);
      expect(await found({ pathContains: 'EVIL.b' })).toEqual([a]);
      expect(await found({ pathContains: 'evil.c' })).toEqual([]);
      expect(await found({ sha256: [b] })).toEqual([b]);
      expect(await found({ sha256: [] })).toEqual([]);
      expect(await found({})).toEqual([a, b]);
      const claimed = { sha256: a, taskId: taskId(1), ordinal: 3 };
      const others = [
        { ...claimed, ordinal: 0 },
        { ...claimed, sha256: b },
        { ...claimed, taskId: taskId(2) },
      ];
      expect(await store.read(({ evidence }) => evidence.claimedAmong([...others, claimed]))).toEqual([claimed]);
      expect(await store.read(({ evidence }) => evidence.claimedAmong([]))).toEqual([]);
    }),
  );
}

async function plantIncidents({ incidents, actions, tasks, outcomes, evidence, alerts }: Transaction): Promise<void> {
  for (const number of [1, 2, 3, 4, 5, 6]) {
    await incidents.insert(incidentOf(number), []);
  }
  await actions.insert(actionOf(2, { incidentId: '2' }));
  await tasks.insert([taskOf(1, { actionId: actionId(2) }), taskOf(2)]);
  const about = observedFileOf(3, 'by path');
  await outcomes.put([outcomeOf(2, 0, { fileGuid: about.fileGuid })]);
  await evidence.claim({ sha256: a, taskId: taskId(1), ordinal: 0, at: 1 });
  await evidence.claim({ sha256: a, taskId: taskId(2), ordinal: 0, at: 1 });
  await incidents.addFiles([about, { ...observedFileOf(4, 'by hash'), sha256: a }]);
  await incidents.addProcesses([{ ...processOf(5, 1), sha256: a }]);
  await alerts.insert([alertOf(1, { incidentId: incidentOf(6).id, sha256: a })]);
}

function holds(makePlace: MakePlace): void {
  test(
    'Bytes are kept by every incident on hold that has anything to do with them, and by no other.',
    withStore(makePlace, async (store) => {
      await plant(store, 1);
      await store.transact(plantIncidents);
      const holders = () => store.read(({ evidence }) => evidence.holdsOn([a, b]));
      expect(await holders()).toEqual([]);
      for (const number of [1, 2, 3, 4, 5, 6]) {
        const hold = { incidentId: incidentOf(number).id, reason: 'court', at: number, by: ana };
        expect(await store.transact(({ incidents }) => incidents.hold(hold))).toBe(true);
      }
      const of = (number: number) => ({ sha256: a, incidentId: incidentOf(number).id });
      expect(await holders()).toEqual([2, 3, 4, 5, 6].map(of));
      await store.transact(({ incidents }) => incidents.release(incidentOf(4).id));
      expect(await holders()).toEqual([2, 3, 5, 6].map(of));
    }),
  );
  test(
    'An incident is held once, as it was first, and released once.',
    withStore(makePlace, async (store) => {
      const { id } = incidentOf(1);
      const hold = { incidentId: id, reason: 'court', at: 1, by: ana };
      await store.transact(({ incidents }) => incidents.insert(incidentOf(1), []));
      expect(await store.transact(({ incidents }) => incidents.hold(hold))).toBe(true);
      expect(await store.transact(({ incidents }) => incidents.hold({ ...hold, reason: 'later', at: 2 }))).toBe(false);
      expect(await store.read(({ incidents }) => incidents.holdsOf([id]))).toEqual(new Map([[id, hold]]));
      expect(await store.transact(({ incidents }) => incidents.release(id))).toBe(true);
      expect(await store.transact(({ incidents }) => incidents.release(id))).toBe(false);
      expect(await store.read(({ incidents }) => incidents.holdsOf([id]))).toEqual(new Map());
    }),
  );
}
