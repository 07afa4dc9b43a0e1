import { describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { z } from 'zod';
import { taskStates } from '#core/action/task-state.ts';
import { displayPath, parsePath } from '#core/file/file-path.ts';
import { outcomes } from '#core/outcome.ts';
import { searchCuts } from '#core/outcome-details.ts';
import { day } from '#core/time.ts';
import { actionStates, isFinal, stateOf } from '#dialects/cybereason/sensors/action-state.ts';
import { type FileCondition, meets, splitFileFilters } from '#dialects/cybereason/sensors/file-conditions.ts';
import { planSearch } from '#dialects/cybereason/sensors/search-plan.ts';
import { openWorld, post, texts } from './world.ts';

const start = '/rest/sensors/action/fileSearch';

function by(fieldName: string, operator: string, ...values: readonly unknown[]) {
  return { fieldName, operator, values };
}

const fileSchema = z.looseObject({ path: z.string(), guid: z.string().nullable() });
const actionSchema = z.looseObject({
  batchId: z.int(),
  finalState: z.boolean(),
  totalNumberOfProbes: z.int(),
  globalStats: z.object({ stats: z.record(z.string(), z.int()) }),
});
const resultsSchema = actionSchema.extend({ sensors: z.array(z.looseObject({ files: z.array(fileSchema) })) });

async function openSearch() {
  const world = await openWorld({ policy: { sessionLifetime: 30 * day } });
  const cookie = await world.cookieOf('Responder');
  const ask = (path: string, body: unknown) => world.send(post(path, cookie, body));
  const get = (path: string) => world.send({ path, headers: { cookie } });
  const begin = async (fileFilters: readonly unknown[], more: object = {}) =>
    actionSchema.parse(await (await ask(start, { filters: [], fileFilters, ...more })).json());
  const results = async (batchId: number) =>
    resultsSchema.parse(await (await get(`${start}/results/${batchId}`)).json());
  const found = async (...fileFilters: readonly unknown[]) => {
    const { batchId } = await begin(fileFilters, { filters: [by('machineName', 'Equals', 'web-1')] });
    await world.web.agent.work();
    const { sensors } = await results(batchId);
    return (sensors[0]?.files ?? []).map(({ path }) => path).toSorted();
  };
  return { world, ask, get, begin, results, found };
}

const report = texts['/srv/report.txt'] ?? '';

test('files are found by name, folder, size, time and hash, each and together', async () => {
  const { world, found } = await openSearch();
  await using _ = world;
  const sha256 = createHash('sha256').update(report).digest('hex');
  const [old, current, backup] = ['/srv/old/report.txt', '/srv/report.txt', '/srv/reports.txt.bak'] as const;
  const reports = [old, current, backup];
  for (const [filters, expected] of [
    [[by('fileName', 'Equals', 'report.txt')], reports.slice(0, 2)],
    [[by('fileName', 'Equals', 'REPORT.txt')], []],
    [[by('fileName', 'EqualsIgnoreCase', 'REPORT.txt')], reports.slice(0, 2)],
    [[by('fileName', 'ContainsIgnoreCase', 'EPORT')], reports],
    [[by('fileName', 'ContainsIgnoreCase', 'calc', 'BAK')], ['/srv/calc.bin', '/srv/reports.txt.bak']],
    [[by('fileName', 'ContainsIgnoreCase', 'ünïcode NÄME')], ['/srv/Ünïcode näme.txt']],
    [[by('fileName', 'ContainsIgnoreCase', '.*')], []],
    [
      [by('fileName', 'ContainsIgnoreCase', 'eport'), by('fileName', 'NotContainsIgnoreCase', 'bak')],
      reports.slice(0, 2),
    ],
    [[by('fileName', 'ContainsIgnoreCase', 'eport'), by('folder', 'Equals', '/srv/old/')], reports.slice(0, 1)],
    [[by('folder', 'Equals', '/srv'), by('fileName', 'Equals', 'report.txt')], reports.slice(0, 2)],
    [[by('folder', 'Equals', '/srv/old', '/srv/new')], reports.slice(0, 1)],
    [[by('folder', 'NotEquals', '/srv/old'), by('fileName', 'ContainsIgnoreCase', 'eport')], reports.slice(1)],
    [[by('folder', 'ContainsIgnoreCase', 'OLD')], reports.slice(0, 1)],
    [
      [by('size', 'LessThan', 10), by('fileName', 'ContainsIgnoreCase', 'eport')],
      [old, backup],
    ],
    [[by('size', 'Between', 9, 9), by('fileName', 'ContainsIgnoreCase', 'eport')], [old]],
    [[by('modificationTime', 'GreaterThan', 1_700_000_000_000), by('fileName', 'ContainsIgnoreCase', 'eport')], []],
    [
      [by('modificationTime', 'GreaterOrEqualsTo', 1_700_000_000_000), by('fileName', 'Equals', 'calc.bin')],
      ['/srv/calc.bin'],
    ],
    [[by('sha256', 'Equals', sha256.toUpperCase())], ['/srv/report.txt']],
    [[by('sha256', 'Equals', sha256), by('folder', 'Equals', '/srv/old')], []],
    [[by('sha256', 'Equals', sha256, '0'.repeat(64)), by('fileName', 'ContainsIgnoreCase', 'r')], ['/srv/report.txt']],
  ] as const) {
    expect({ filters, found: await found(...filters) }).toEqual({
      filters,
      found: [...expected],
    });
  }
});

test('what cannot be searched for is refused before anything starts', async () => {
  const { world, ask, begin } = await openSearch();
  await using _ = world;
  const name = by('fileName', 'Equals', 'a');
  const md5 = 'd'.repeat(32);
  for (const fileFilters of [
    undefined,
    null,
    [],
    [by('machineName', 'Equals', 'web-1')],
    [by('colour', 'Equals', 'red')],
    [by('constructor', 'Equals', 'red')],
    [by('creationTime', 'GreaterThan', 5), name],
    [by('size', 'GreaterThan', 'big')],
    [by('size', 'Between', 5)],
    [by('fileName', 'Equals')],
    [by('fileName', 'Sounds', 'a')],
    [by('folder', 'Equals', 'Downloads')],
    [by('folder', 'Equals', 'C:\\a', 'D:\\b')],
    [by('md5', 'Equals', 'no hash')],
    [by('md5', 'Equals', md5, md5)],
    [by('md5', 'Equals', md5), by('sha1', 'Equals', 'a'.repeat(40))],
    [by('md5', 'NotEquals', md5)],
  ]) {
    const answer = await ask(start, { filters: [], fileFilters });
    expect({ fileFilters, status: answer.status }).toEqual({ fileFilters, status: 400 });
  }
  const yara = await ask(start, { filters: [], fileFilters: [name], yaraName: 'evil.yar' });
  expect([yara.status, z.looseObject({ message: z.string() }).parse(await yara.json()).message]).toEqual([
    400,
    expect.stringContaining('YARA'),
  ]);
  expect((await ask(start, { filters: [by('machineName', 'Equals', 'nobody')], fileFilters: [name] })).status).toBe(
    204,
  );
  const { items } = await world.ports.store.read(({ actions }) => actions.list({}, { offset: 0, limit: 10 }));
  expect(items).toEqual([]);
  expect((await begin([name], { yaraName: null })).totalNumberOfProbes).toBe(2);
});

test('a search waits three days for sensors that are away, and says who did not answer', async () => {
  const { world, begin, results } = await openSearch();
  await using _ = world;
  const { batchId } = await begin([by('fileName', 'Equals', 'calc.bin')]);
  world.ports.clock.advance(3 * day - 1);
  expect((await results(batchId)).globalStats.stats).toMatchObject({ None: 2 });
  await world.web.agent.work();
  world.ports.clock.advance(1);
  const ended = await results(batchId);
  expect(ended.globalStats.stats).toMatchObject({ None: 0, Succeeded: 1, TimeoutSending: 1 });
  expect(ended.finalState).toBe(true);
  const [file] = ended.sensors.flatMap(({ files }) => files);
  expect(file?.guid).toBe(world.web.guidOf('/srv/calc.bin'));
});

test('a search that is said to be over has all that it found in the same answer', async () => {
  const { world, begin, results } = await openSearch();
  await using _ = world;
  const { store } = world.ports;
  const read = store.read.bind(store);
  let left = Number.POSITIVE_INFINITY;
  // The agents come to their end between two looks into the store, whichever.
  store.read = async (work, options) => {
    const result = await read(work, options);
    left -= 1;
    if (left === 0) {
      await world.web.agent.work();
      await world.mail.agent.work();
    }
    return result;
  };
  for (let looks = 1; looks <= 6; looks += 1) {
    const { batchId } = await begin([by('fileName', 'Equals', 'calc.bin')]);
    left = looks;
    const { finalState, sensors } = await results(batchId);
    expect([looks, finalState && sensors.some(({ files }) => files.length === 0)]).toEqual([looks, false]);
  }
});

test('a sensor with more files than it tells of says so, and a file without a record has no GUID', async () => {
  const { world, begin, results, get } = await openSearch();
  await using _ = world;
  for (let number = 0; number < 1_001; number += 1) {
    world.web.agent.disk.set(`/srv/many/=cmd ${number}`, Buffer.from('x'));
  }
  const { batchId } = await begin([by('fileName', 'ContainsIgnoreCase', 'cmd')]);
  await world.web.agent.work();
  const { globalStats, sensors } = await results(batchId);
  expect(globalStats.stats).toMatchObject({ EndedWithTooManyResults: 1, None: 1 });
  expect(sensors[1]).toMatchObject({ machineName: 'web-1', status: 'EndedWithTooManyResults' });
  expect(sensors[1]?.files).toHaveLength(1_000);
  expect(sensors[1]?.files[0]).toMatchObject({ fileName: '=cmd 0', folder: '/srv/many', guid: null });
  const csv = await (await get(`${start}/results/${batchId}/csv`)).text();
  expect(csv.split('\r\n')).toHaveLength(1_003);
  expect((await get(`${start}/results/${batchId}?limit=1&offset=1`)).json()).resolves.toMatchObject({
    totalResults: 2,
    hasMoreResults: false,
    sensors: [{ machineName: 'web-1' }],
  });
});

describe('How a sensor fares', () => {
  const standings = fc.record({
    state: fc.constantFrom(...taskStates),
    isAccepted: fc.boolean(),
    isOverdue: fc.boolean(),
    outcome: fc.option(fc.constantFrom(...outcomes)),
    reason: fc.constantFrom(null, 'order_rejected' as const),
    cut: fc.option(fc.constantFrom(...searchCuts)),
  });

  test('is one of the vendor’s counters, final when nothing can follow, and a success only when it was one', () => {
    fc.assert(
      fc.property(standings, fc.constantFrom('search' as const, 'logs' as const), (standing, kind) => {
        const state = stateOf(kind, standing);
        expect(actionStates).toContain(state);
        const isOver = standing.isOverdue || ['finished', 'expired', 'cancelled'].includes(standing.state);
        expect(isFinal(state)).toBe(isOver);
        if (state === 'Succeeded') {
          expect([standing.state, ['done', 'already_done'].includes(standing.outcome ?? '')]).toEqual([
            'finished',
            true,
          ]);
        }
      }),
    );
  });

  test.each([
    [{ cut: 'limit' }, 'EndedWithTooManyResults'],
    [{ cut: 'report' }, 'EndedWithTooManyResults'],
    [{ cut: 'time' }, 'EndedWithSensorTimeout'],
    [{ cut: 'no_folder' }, 'EndedWithNoValidFolder'],
    [{ outcome: 'refused', reason: 'order_rejected' }, 'EndedWithUnsupportedFilter'],
    [{ outcome: 'refused', reason: 'denied_by_policy' }, 'Failed'],
    [{ outcome: 'agent_error' }, 'EndedWithUnknownError'],
    [{ outcome: 'interrupted' }, 'EndedWithSensorTimeout'],
    [{ outcome: null }, 'EndedWithUnknownError'],
    [{ state: 'expired', isAccepted: true }, 'EndedWithSensorTimeout'],
    [{ state: 'expired', isAccepted: false }, 'TimeoutSending'],
    [{ state: 'cancelling' }, 'Aborting'],
  ] as const)('%j is %s', (standing, state) => {
    const finished = {
      state: 'finished',
      isAccepted: true,
      isOverdue: false,
      outcome: 'done',
      reason: null,
      cut: null,
    } as const;
    expect(stateOf('search', { ...finished, ...standing })).toBe(state);
  });
});

test('agents are asked for at least every file that meets the conditions', () => {
  const part = fc.oneof(
    fc.string({
      unit: fc.constantFrom('a', 'B', 'k', 'i', '.', '\\', '[', '$', 'é', '\u0130', '\u212a', ' ', '-'),
      minLength: 1,
      maxLength: 5,
    }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }),
  );
  const name = part.filter((text) => !/[/\\\0]/.test(text) && text.isWellFormed());
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parsePath(`/${parts.join('/')}`));
  const operator = fc.constantFrom('Equals' as const, 'EqualsIgnoreCase' as const, 'ContainsIgnoreCase' as const);
  const fields = fc.constantFrom('name' as const, 'folder' as const);
  fc.assert(
    fc.property(
      fc.record({
        file: path,
        wanted: operator,
        field: fields,
        cased: fc.constantFrom('toUpperCase' as const, 'toLowerCase' as const, 'toString' as const),
      }),
      ({ file, wanted, field, cased }) => {
        const parts = displayPath(file).split('/');
        const text = (field === 'name' ? parts.at(-1) : parts.at(-2)) ?? '';
        if (text === '' || (field === 'folder' && wanted !== 'ContainsIgnoreCase')) {
          return;
        }
        const value = wanted === 'Equals' ? text : text[cased]();
        const condition: FileCondition = { field, operator: wanted, values: [value] };
        const found = { path: file, size: 1, sha256: null, details: {} };
        const { pattern } = planSearch([condition]);
        expect(pattern.by).toBe('regex');
        if (pattern.by === 'regex' && meets(found, condition)) {
          expect(new RegExp(pattern.regex, 'u').test(displayPath(file))).toBe(true);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

test('a plan for Windows keeps drives and both separators', () => {
  const { files } = splitFileFilters([
    { fieldName: 'folder', operator: 'Equals', values: ['C:\\Users\\Ana\\', 'C:\\Users\\Bo'] },
    { fieldName: 'fileName', operator: 'EqualsIgnoreCase', values: ['evil.exe'] },
  ]);
  const { under, pattern } = planSearch(files);
  expect(under && displayPath(under)).toBe('C:\\Users');
  const regex = pattern.by === 'regex' ? new RegExp(pattern.regex, 'u') : /x/;
  expect(regex.test('C:\\Users\\Ana\\Evil.EXE')).toBe(true);
  expect(regex.test('C:\\Users\\Ana\\notevil.exe')).toBe(false);
  const found = { path: parsePath('C:\\Users\\Ana\\Downloads\\EVIL.exe'), size: 1, sha256: null, details: {} };
  expect(files.every((condition) => meets(found, condition))).toBe(true);
  expect(planSearch([{ field: 'folder', operator: 'Equals', values: ['D:'] }]).under).toEqual(parsePath('D:\\'));
  const long = { field: 'name', operator: 'ContainsIgnoreCase', values: ['x'.repeat(2_000)] } as const;
  expect(planSearch([long]).pattern).toEqual({ by: 'regex', regex: '^' });
});
