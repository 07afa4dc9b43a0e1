import { describe, expect, test } from 'bun:test';
import type { FileRecord } from '#core/file/file.ts';
import { filePathSchema } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { FileCondition, FileFilter, HashesByAlgorithm } from '#core/ports/store/files.ts';
import type { Store } from '#core/ports/store/store.ts';
import { type MakePlace, withStore } from './place.ts';
import { actionId, endpointId, endpointOf, fileOf, pathOf, quarantineOf, sha256Of } from './records.ts';

const odd = fileOf(1, filePathSchema.parse(Uint8Array.from([47, 0xff, 0xfe, 10, 0x5c])), { name: 'odd' });
const files = [
  fileOf(1, '/opt/Ünïcode.EXE'),
  fileOf(1, '/opt/100%_sure.txt'),
  fileOf(1, "/opt/it's.txt", { state: 'quarantined' }),
  fileOf(2, '/opt/a\\b.txt'),
  fileOf(2, '/srv/a.txt', { state: 'gone' }),
  odd,
] as const;

const everyState = ['present', 'quarantined', 'gone'] as const;

const conditions: readonly (readonly [FileCondition, readonly number[]])[] = [
  [{ field: 'name', operator: 'equals', values: ['Ünïcode.EXE'] }, [0]],
  [{ field: 'name', operator: 'equals', values: ['ünïcode.exe'] }, []],
  [{ field: 'name', operator: 'equals', values: ["it's.txt", 'nothing', '100%_sure.txt'] }, [1, 2]],
  [{ field: 'name', operator: 'equals', values: [] }, []],
  [{ field: 'name', operator: 'equals_ignore_case', values: ['ÜNÏCODE.exe'] }, [0]],
  [{ field: 'name', operator: 'contains_ignore_case', values: ['NÏC'] }, [0]],
  [{ field: 'name', operator: 'contains_ignore_case', values: ['%_'] }, [1]],
  [{ field: 'name', operator: 'contains_ignore_case', values: ['_'] }, [1]],
  [{ field: 'name', operator: 'contains_ignore_case', values: ["'"] }, [2]],
  [{ field: 'name', operator: 'contains_ignore_case', values: ['*'] }, []],
  [{ field: 'displayPath', operator: 'contains_ignore_case', values: ['\\B'] }, [3]],
  [{ field: 'displayPath', operator: 'equals', values: ['/opt/a\\b.txt', '/srv/a.txt'] }, [3, 4]],
  [{ field: 'displayPath', operator: 'equals_ignore_case', values: ['/OPT/ÜNÏCODE.exe'] }, [0]],
  [{ field: 'displayPath', operator: 'matches_wildcard', values: ['/opt/*.txt'] }, [1, 2, 3]],
  [{ field: 'displayPath', operator: 'matches_wildcard', values: ['/OPT/?N?CODE.*'] }, [0]],
  [{ field: 'name', operator: 'matches_wildcard', values: ['%'] }, []],
  [{ field: 'name', operator: 'matches_wildcard', values: ['***%**'] }, [1]],
  [{ field: 'name', operator: 'matches_wildcard', values: ['?.txt', 'odd'] }, [4, 5]],
  [{ field: 'sha256', operator: 'equals', values: [files[1].sha256] }, [1]],
  [{ field: 'sha256', operator: 'equals_ignore_case', values: [files[1].sha256.toUpperCase()] }, [1]],
  [{ field: 'sha1', operator: 'equals', values: [files[2].sha1] }, [2]],
  [{ field: 'md5', operator: 'equals', values: [files[3].md5] }, [3]],
  [{ field: 'guid', operator: 'equals', values: [files[4].guid] }, [4]],
  [{ field: 'endpointId', operator: 'equals', values: [endpointId(2)] }, [3, 4]],
  [{ field: 'endpointName', operator: 'equals', values: ['Host-TWO'] }, [3, 4]],
  [{ field: 'endpointName', operator: 'equals', values: ['host-two'] }, []],
  [{ field: 'endpointName', operator: 'equals_ignore_case', values: ['host-two'] }, [3, 4]],
  [{ field: 'endpointName', operator: 'contains_ignore_case', values: ['TWO'] }, [3, 4]],
  [{ field: 'endpointName', operator: 'matches_wildcard', values: ['host-?wo'] }, [3, 4]],
  [{ field: 'name', operator: 'equals', values: ["x' or 1=1 --"] }, []],
];

async function plantFiles(store: Store): Promise<void> {
  await store.transact(async (transaction) => {
    await transaction.endpoints.insert(endpointOf(1));
    await transaction.endpoints.insert(endpointOf(2, { hostName: 'Host-TWO' }));
    expect(await transaction.files.upsert(files)).toEqual([]);
  });
}

async function guids(store: Store, filter: FileFilter): Promise<readonly string[]> {
  const found = await store.read((reader) => reader.files.list(filter, { offset: 0, limit: 100 }));
  expect(found.total).toBe(found.items.length);
  return found.items.map(({ guid }) => guid);
}

async function states(store: Store): Promise<readonly (string | undefined)[]> {
  const found = await store.read((reader) => reader.files.byGuids(files.map(({ guid }) => guid)));
  return files.map((file) => found.find(({ guid }) => guid === file.guid)?.state);
}

export function describeFiles(makePlace: MakePlace): void {
  describe('keeps files', () => {
    searches(makePlace);
    scans(makePlace);
    holders(makePlace);
    copies(makePlace);
    hashes(makePlace);
    spread(makePlace);
    changes(makePlace);
  });
}

function searches(makePlace: MakePlace): void {
  test(
    'A file comes back byte for byte, however odd its path.',
    withStore(makePlace, async (store) => {
      await plantFiles(store);
      expect(await store.read((reader) => reader.files.byGuids([odd.guid]))).toEqual([odd]);
      expect(await store.read((reader) => reader.files.byGuids([]))).toEqual([]);
    }),
  );

  test(
    'Every operator on every field finds just what it describes.',
    withStore(makePlace, async (store) => {
      await plantFiles(store);
      for (const [condition, expected] of conditions) {
        const found = await guids(store, { conditions: [condition], states: everyState });
        const wanted = expected.map((index) => files[index]?.guid ?? '');
        expect([condition, found.toSorted()]).toEqual([condition, wanted.toSorted()]);
      }
    }),
  );

  test(
    'All conditions must hold, and only the states that were asked for are found.',
    withStore(makePlace, async (store) => {
      await plantFiles(store);
      const text: FileCondition = { field: 'name', operator: 'matches_wildcard', values: ['*.txt'] };
      const first: FileCondition = { field: 'endpointName', operator: 'equals', values: ['host-1'] };
      expect(await guids(store, { conditions: [text, first], states: ['present'] })).toEqual([files[1].guid]);
      expect(await guids(store, { conditions: [text], states: ['gone'] })).toEqual([files[4].guid]);
      expect(await guids(store, { conditions: [], states: [] })).toEqual([]);
    }),
  );

  test(
    'Files are listed by name, then path, then GUID, byte by byte, in pages.',
    withStore(makePlace, async (store) => {
      const listed = [fileOf(1, '/z/B'), fileOf(1, '/a/a'), fileOf(1, '/b/a'), fileOf(2, '/b/a'), fileOf(1, '/a/ä')];
      const [large = '', first = '', second = '', third = '', umlaut = ''] = listed.map(({ guid }) => String(guid));
      await store.transact(async (transaction) => {
        await transaction.endpoints.insert(endpointOf(1));
        await transaction.endpoints.insert(endpointOf(2));
        await transaction.files.upsert(listed.toReversed());
      });
      const twins = [second, third].toSorted();
      const order = await guids(store, { conditions: [], states: everyState });
      expect(order).toEqual([large, first, ...twins, umlaut]);
      const page = await store.read((reader) =>
        reader.files.list({ conditions: [], states: everyState }, { offset: 1, limit: 2 }),
      );
      expect({ total: page.total, guids: page.items.map(({ guid }) => String(guid)) }).toEqual({
        total: 5,
        guids: order.slice(1, 3),
      });
    }),
  );
}

function scans(makePlace: MakePlace): void {
  test(
    'Files are gone through by GUID, each once, whatever the size of the steps.',
    withStore(makePlace, async (store) => {
      await plantFiles(store);
      const text: FileCondition = { field: 'name', operator: 'matches_wildcard', values: ['*.txt'] };
      for (const filter of [
        { conditions: [], states: everyState },
        { conditions: [text], states: ['present', 'gone'] as const },
      ]) {
        const all = (await guids(store, filter)).toSorted();
        const gone: string[] = [];
        let after: FileRecord['guid'] | undefined;
        do {
          const from = { after, limit: 2 };
          const found = await store.read((reader) => reader.files.scan(filter, from));
          after = found.at(-1)?.guid;
          gone.push(...found.map(({ guid }) => guid));
        } while (after !== undefined);
        expect(gone).toEqual(gone.toSorted());
        expect(gone.toSorted()).toEqual(all);
      }
    }),
  );

  test(
    'A file for which every exception holds is left out, and no other.',
    withStore(makePlace, async (store) => {
      await plantFiles(store);
      const contains: FileCondition = { field: 'displayPath', operator: 'contains_ignore_case', values: ['/opt/'] };
      const named: FileCondition = { field: 'name', operator: 'equals_ignore_case', values: ["IT'S.txt", 'a\\b.txt'] };
      const onSecond: FileCondition = { field: 'endpointName', operator: 'equals', values: ['Host-TWO'] };
      const left = async (except: readonly FileCondition[]) =>
        (await guids(store, { conditions: [contains], except, states: everyState })).toSorted();
      const guidsAt = (...indices: readonly number[]) => indices.map((index) => String(files[index]?.guid)).toSorted();
      expect(await left([])).toEqual(guidsAt(0, 1, 2, 3));
      expect(await left([named])).toEqual(guidsAt(0, 1));
      expect(await left([named, onSecond])).toEqual(guidsAt(0, 1, 2));
      expect(await left([contains])).toEqual([]);
    }),
  );
}

function holders(makePlace: MakePlace): void {
  test(
    'Which endpoints have files that a filter leaves is told once for each, however many files those are.',
    withStore(makePlace, async (store) => {
      await plantFiles(store);
      const withAll = async (filter: FileFilter) => {
        const found = await store.read((reader) => reader.files.endpointsWith(filter));
        return found.toSorted();
      };
      const both = [endpointId(1), endpointId(2)].toSorted();
      expect(await withAll({ conditions: [], states: everyState })).toEqual(both);
      const inSrv: FileCondition = { field: 'displayPath', operator: 'contains_ignore_case', values: ['/SRV/'] };
      expect(await withAll({ conditions: [inSrv], states: everyState })).toEqual([endpointId(2)]);
      expect(await withAll({ conditions: [inSrv], states: ['present'] })).toEqual([]);
      const onSecond: FileCondition = { field: 'endpointName', operator: 'equals_ignore_case', values: ['host-two'] };
      expect(await withAll({ conditions: [onSecond], states: everyState })).toEqual([endpointId(2)]);
    }),
  );
}

function copies(makePlace: MakePlace): void {
  test(
    'Contents are found by any hash of theirs, with what vouches for them and how many there are now.',
    withStore(makePlace, async (store) => {
      const { sha256, sha1, md5 } = files[0];
      const same = { sha256, sha1, md5 };
      await plantFiles(store);
      await store.transact((transaction) =>
        transaction.files.upsert([
          fileOf(1, '/usr/bin/same', same),
          fileOf(2, '/usr/bin/same', { ...same, package: 'tool' }),
          fileOf(2, '/old/same', { ...same, package: 'other', state: 'gone' }),
        ]),
      );
      const none = { sha256: [], sha1: [], md5: [] };
      const found = { ...same, copies: 3, package: 'tool' };
      const copiesOf = (hashes: HashesByAlgorithm) => store.read((reader) => reader.files.copiesOf(hashes));
      expect(await copiesOf({ ...none, sha256: [sha256, 'unknown'] })).toEqual([found]);
      expect(await copiesOf({ ...none, sha1: [sha1] })).toEqual([found]);
      expect(await copiesOf({ ...none, md5: [md5] })).toEqual([found]);
      expect(await copiesOf({ sha256: [sha256], sha1: [sha1], md5: [md5] })).toEqual([found]);
      expect(await copiesOf(none)).toEqual([]);
      expect(await copiesOf({ ...none, md5: [files[4].md5] })).toEqual([]);
      const holders = await store.read((reader) => reader.files.holdersOf([sha256, files[4].sha256]));
      expect(holders).toEqual([
        { sha256, endpointId: endpointId(1) },
        { sha256, endpointId: endpointId(2) },
      ]);
    }),
  );
}

function hashes(makePlace: MakePlace): void {
  test(
    'The hashes of many contents are told at once, each as one of its files has them, gone or not; unknown ones are left out.',
    withStore(makePlace, async (store) => {
      await plantFiles(store);
      const [one, two] = files;
      await store.transact((transaction) =>
        transaction.files.upsert([
          fileOf(2, '/copy', { sha256: one.sha256, sha1: one.sha1, md5: one.md5 }),
          { ...fileOf(2, '/gone', { state: 'gone' }), sha256: two.sha256, sha1: two.sha1, md5: two.md5 },
        ]),
      );
      const hashesOf = (asked: readonly Sha256[]) => store.read((reader) => reader.files.hashesOf(asked));
      const expected = [one, two].map(({ sha256, sha1, md5 }) => ({ sha256, sha1, md5 }));
      const found = await hashesOf([one.sha256, sha256Of('nowhere'), two.sha256]);
      expect(found).toHaveLength(2);
      expect(new Map(found.map((each) => [each.sha256, each]))).toEqual(
        new Map(expected.map((each) => [each.sha256, each])),
      );
      expect(await hashesOf([])).toEqual([]);
      const many = Array.from({ length: 10_500 }, (_, index) => sha256Of(`other ${index}`));
      expect(await hashesOf([...many, two.sha256])).toEqual(expected.slice(1));
    }),
  );
}

function spread(makePlace: MakePlace): void {
  test(
    'Where a content is is counted by files, endpoints, paths and packages, without what is gone, taken or on removed endpoints.',
    withStore(makePlace, async (store) => {
      await plantFiles(store);
      const { sha256 } = files[0];
      await store.transact(async (transaction) => {
        await transaction.endpoints.insert(endpointOf(3));
        await transaction.endpoints.markSeen([endpointId(1)], 1_000, 9_000);
        await transaction.endpoints.markSeen([endpointId(2)], 1_000, 5_000);
        await transaction.files.upsert([
          fileOf(1, '/a', { sha256, package: 'tool', firstSeenAt: 1_500 }),
          fileOf(2, '/a', { sha256, package: 'tool' }),
          fileOf(2, '/b', { sha256, package: 'kit' }),
          fileOf(2, '/gone', { sha256, package: 'old', state: 'gone', firstSeenAt: 1 }),
          fileOf(2, '/taken', { sha256, state: 'quarantined', firstSeenAt: 1 }),
          fileOf(3, '/removed', { sha256, firstSeenAt: 1 }),
        ]);
        await transaction.endpoints.revoke([endpointId(3)], 2_000);
      });
      const at = (now: number, most: number) => store.read((reader) => reader.files.spreadOf(sha256, { now, most }));
      expect(await at(8_000, 2)).toEqual({
        ...{ files: 4, endpoints: 2, connected: 1, firstSeenAt: 1_500, pathsCount: 3 },
        paths: [
          { displayPath: '/a', files: 2 },
          { displayPath: '/b', files: 1 },
        ],
        packages: [
          { package: 'tool', files: 2 },
          { package: 'kit', files: 1 },
        ],
      });
      expect((await at(4_000, 9)).connected).toBe(2);
      const holders = await store.read((reader) => reader.files.reachableHolders(sha256));
      expect(holders).toEqual([endpointId(1), endpointId(2)]);
      const asked = [sha256, files[1].sha256, sha256Of('nowhere')];
      expect(await store.read((reader) => reader.files.packagedAmong(asked))).toEqual([sha256]);
      const nowhere = await store.read((reader) => reader.files.spreadOf(sha256Of('nowhere'), { now: 1, most: 9 }));
      expect(nowhere).toEqual({
        ...{ files: 0, endpoints: 0, connected: 0, firstSeenAt: null, pathsCount: 0 },
        ...{ paths: [], packages: [] },
      });
    }),
  );

  test(
    'A file is first seen when its bytes are: told again it keeps the time, with other bytes it has another.',
    withStore(makePlace, async (store) => {
      await plantFiles(store);
      const later = { seenAt: 7_000, firstSeenAt: 7_000 };
      const again = { ...files[0], ...later };
      const other = { ...files[1], ...later, sha256: sha256Of('other bytes') };
      await store.transact((transaction) => transaction.files.upsert([again, other]));
      const found = await store.read((reader) => reader.files.byGuids([again.guid, other.guid]));
      const times = Object.fromEntries(found.map(({ guid, seenAt, firstSeenAt }) => [guid, [seenAt, firstSeenAt]]));
      expect(times).toEqual({ [again.guid]: [7_000, 3_000], [other.guid]: [7_000, 7_000] });
    }),
  );
}

function changes(makePlace: MakePlace): void {
  test(
    "An endpoint's later word replaces its earlier one; another endpoint's GUID is left alone and told.",
    withStore(makePlace, async (store) => {
      await plantFiles(store);
      const later = fileOf(1, '/opt/100%_sure.txt', {
        size: Number.MAX_SAFE_INTEGER,
        createdNs: '5',
        sha256: sha256Of('x'),
      });
      const stolen = { ...fileOf(2, '/opt/100%_sure.txt'), guid: odd.guid };
      const fresh = fileOf(2, '/new');
      const left = await store.transact((transaction) => transaction.files.upsert([files[1], later, stolen, fresh]));
      expect(left).toEqual([odd.guid]);
      const found = await store.read((reader) => reader.files.byGuids([later.guid, odd.guid, fresh.guid]));
      expect(found.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([later, fresh, odd]);
    }),
  );

  test(
    'States change by GUID; what a vault holds is not gone until it has left.',
    withStore(makePlace, async (store) => {
      await plantFiles(store);
      const some = [files[0].guid, files[2].guid, fileOf(9, '/unknown').guid];
      const held = quarantineOf(1, { fileGuid: files[2].guid });
      await store.transact((transaction) => transaction.quarantine.insert([held]));
      await store.transact((transaction) => transaction.files.markGone(some));
      expect(await states(store)).toEqual(['gone', 'present', 'quarantined', 'present', 'gone', 'present']);
      await store.transact((transaction) => transaction.files.releaseQuarantined(some));
      expect((await states(store))[2]).toBe('quarantined');
      await store.transact(async (transaction) => {
        const by = { endpointId: endpointId(1), at: 5, by: actionId(1) };
        const left = await transaction.quarantine.markDeparted([
          { ...by, vaultObject: held.vaultObject, state: 'purged' },
        ]);
        await transaction.files.releaseQuarantined(left);
      });
      expect((await states(store))[2]).toBe('gone');
      await store.transact((transaction) => transaction.files.setState(some, 'present'));
      expect(await states(store)).toEqual(['present', 'present', 'present', 'present', 'gone', 'present']);
    }),
  );

  test(
    'A late inventory does not bring back what the vault took; other bytes and later changes are another file.',
    withStore(makePlace, async (store) => {
      await plantFiles(store);
      const [file] = files;
      const takenAt = 1_700_000_000_000;
      const held = quarantineOf(1, { fileGuid: file.guid, sha256: file.sha256, takenAt });
      await store.transact(async (transaction) => {
        await transaction.quarantine.insert([held]);
        await transaction.files.setState([file.guid], 'quarantined');
      });
      const seen = async (change: Partial<FileRecord>) => {
        await store.transact((transaction) => transaction.files.upsert([{ ...file, ...change }]));
        return (await states(store))[0];
      };
      expect(await seen({ changedNs: `${takenAt}000000` })).toBe('quarantined');
      expect(await seen({ changedNs: '-5' })).toBe('quarantined');
      expect(await seen({ changedNs: `${takenAt}000001` })).toBe('present');
      await store.transact((transaction) => transaction.files.retainOnly(endpointId(1), []));
      expect((await states(store))[0]).toBe('quarantined');
      expect(await seen({ sha256: sha256Of('other'), changedNs: '5' })).toBe('present');
    }),
  );

  test(
    "After a whole inventory, only this endpoint's present files that it did not name are gone.",
    withStore(makePlace, async (store) => {
      await plantFiles(store);
      await store.transact((transaction) => transaction.files.retainOnly(endpointId(1), [files[0].guid]));
      expect(await states(store)).toEqual(['present', 'gone', 'quarantined', 'present', 'gone', 'gone']);
      await store.transact((transaction) => transaction.files.retainOnly(endpointId(2), []));
      expect((await states(store))[3]).toBe('gone');
    }),
  );

  test(
    'Thousands of files and the longest of paths go in at once.',
    withStore(makePlace, async (store) => {
      await store.transact((transaction) => transaction.endpoints.insert(endpointOf(1)));
      const noise = Array.from({ length: 30_000 }, (_, index) => String.fromCharCode(33 + ((index * 7_919) % 90)));
      const long = fileOf(1, pathOf(`/${noise.join('').replaceAll('/', '.')}`));
      const many = [long, ...Array.from({ length: 3_000 }, (_, number) => fileOf(1, `/data/${number}`))];
      await store.transact((transaction) => transaction.files.upsert(many));
      const found = await store.read((reader) => reader.files.byGuids(many.map(({ guid }) => guid)));
      expect(found.length).toBe(3_001);
      const byName: FileCondition = { field: 'name', operator: 'equals', values: [long.name] };
      expect(await guids(store, { conditions: [byName], states: ['present'] })).toEqual([long.guid]);
    }),
  );
}
