import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { operations } from '#dialects/cortex/operations.ts';
import { cortexStatus } from '#dialects/cortex/status.ts';

const here = import.meta.dir;
const prefix = '/public_api/v1/';
const parts = readFileSync(join(here, 'coverage.md'), 'utf8').split(/^## /m);

/** The cells of the rows of a table, without its head. */
function rowsOf(part: string | undefined): readonly (readonly string[])[] {
  const lines = (part ?? '').split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => line.split(/(?<!\\)\|/).slice(1, -1));
}

interface Row {
  readonly calls: readonly Call[];
  readonly goldens: readonly string[];
  readonly flows: readonly string[];
}

interface Call {
  readonly method: string;
  readonly path: string;
}

const served: readonly Call[] = operations.flatMap(({ method, paths }) => paths.map((path) => ({ method, path })));

function isServed({ method, path }: Call): boolean {
  return served.some((call) => call.method === method && call.path === path);
}

function codeOf(cell: string): readonly string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, code]) => code ?? '');
}

const methods: readonly string[] = [...new Set(operations.map(({ method }) => method))];

/** `GET`, `POST a/b`, `c` (is `a/c` by the same methods), `.../d` (is `a/b/d` and `a/c/d`), `e` (is `a/e`), `/from/the/root`. */
function callsOf(cell: string): readonly Call[] {
  const calls: Call[] = [];
  let stated: readonly string[] = [];
  let last = '';
  for (const word of codeOf(cell).flatMap((code) => code.split(' '))) {
    if (methods.includes(word)) {
      stated = methods.includes(last) ? [...stated, word] : [word];
    } else if (!isStart(word)) {
      calls.push(...pathsOf(word, calls).flatMap((path) => stated.map((method) => ({ method, path }))));
    }
    last = word;
  }
  return calls;
}

/** Where other paths begin, such as `audits/`, and no path itself. */
function isStart(word: string): boolean {
  return word.endsWith('/') || /^\/public_api\/v\d$/.test(word);
}

function pathsOf(word: string, before: readonly Call[]): readonly string[] {
  const earlier = [...new Set(before.map(({ path }) => path))];
  if (word.startsWith('.../')) {
    return earlier.map((path) => path + word.slice(3));
  }
  if (word.startsWith('/')) {
    return [word];
  }
  const path = word.replaceAll(/<(\w+)>/g, ':$1');
  const parent = path.includes('/') ? undefined : earlier[0]?.replace(/[^/]+$/, '');
  return [`${parent ?? prefix}${path}`];
}

function wordsOf(cell: string | undefined): readonly string[] {
  return (cell ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

const rows: readonly Row[] = rowsOf(parts[0]).map(([calls = '', , goldens, flows]) => ({
  calls: callsOf(calls),
  goldens: wordsOf(goldens),
  flows: wordsOf(flows),
}));

const goldenFiles = readdirSync(join(here, 'golden'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));
const caseSchema = z.array(z.object({ path: z.string(), method: z.string().default('POST') }));
const conversations = new Map(
  goldenFiles.map((name) => [
    name,
    caseSchema.parse(JSON.parse(readFileSync(join(here, 'golden', `${name}.json`), 'utf8'))),
  ]),
);

function isTest(name: string): boolean {
  const system = /^system `([^`]+)`$/.exec(name)?.[1];
  const places =
    system === undefined
      ? [join(here, `${name}.test.ts`), join(here, '../../system', `${name}.test.ts`)]
      : [join(here, '../../system', `${system}.test.ts`)];
  return places.some((place) => existsSync(place));
}

/** The row of an operation: the one that names any of its paths. */
function rowOf({ method, paths }: (typeof operations)[number]): Row | undefined {
  return rows.find(({ calls }) => calls.some((call) => call.method === method && paths.includes(call.path)));
}

const cases = operations.map((operation) => [`${operation.method} ${operation.paths[0]}`, operation] as const);

test.each(cases)('%s stands on the page, with a golden conversation in which it is called', (_, operation) => {
  const { method, paths } = operation;
  const row = rowOf(operation);
  expect(row).toBeDefined();
  const patterns = paths.map((path) => new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`));
  const calling = (row?.goldens ?? []).filter((name) =>
    conversations
      .get(name)
      ?.some((golden) => golden.method === method && patterns.some((pattern) => pattern.test(golden.path))),
  );
  expect(calling).not.toEqual([]);
});

test('every call that the page names is served, and every row names one', () => {
  expect(rows.flatMap(({ calls }) => calls).filter((call) => !isServed(call))).toEqual([]);
  expect(rows.filter(({ calls }) => calls.length === 0)).toEqual([]);
});

test('every test and every golden conversation that the page names is there', () => {
  expect(rows.flatMap(({ goldens }) => goldens).filter((name) => !goldenFiles.includes(name))).toEqual([]);
  expect(rows.flatMap(({ flows }) => flows).filter((name) => !isTest(name))).toEqual([]);
});

test('every golden conversation stands on the page', () => {
  const named = [...rows.flatMap(({ goldens }) => goldens), ...codeOf(parts[0] ?? '').flatMap(goldenNamed)];
  expect(goldenFiles.filter((name) => !named.includes(name))).toEqual([]);
});

function goldenNamed(code: string): readonly string[] {
  const name = /golden\/([\w-]+)\.json$/.exec(code)?.[1];
  return name === undefined ? [] : [name];
}

const reached = rowsOf(parts.find((part) => part.startsWith('Statuses and errors')));

test('every status and every kind of error stands on the page', () => {
  const named = reached.flatMap(([what = '']) => wordsOf(what));
  const errors = ['400', '401', '402', '403', '404', '413', '429', '500'];
  expect([...Object.values(cortexStatus), ...errors].filter((name) => !named.includes(name))).toEqual([]);
});

test('and what reaches it is there', () => {
  const named = reached.flatMap(([, by = '']) => by.split(/;|, in every file/).map((each) => each.trim()));
  const absent = named.filter((each) => {
    const [, golden, name] = /^(golden)? ?([\w-]*)/.exec(each) ?? [];
    return golden === undefined ? !isTest(name ?? '') : name !== '' && !goldenFiles.includes(name ?? '');
  });
  expect(absent.filter((each) => each !== '')).toEqual([]);
});
