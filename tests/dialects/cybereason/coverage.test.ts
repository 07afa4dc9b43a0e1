import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operations } from '#dialects/cybereason/operations.ts';

const here = import.meta.dir;
const page = readFileSync(join(here, 'coverage.md'), 'utf8');
const covered = page.split(/^## /m).find((part) => part.startsWith('Covered')) ?? '';
/** Call, what it does, tests. */
const rows = covered
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => line.split(/(?<!\\)\|/).slice(1, -1));

interface Call {
  readonly method: string;
  readonly path: string;
}

function codeOf(cell: string | undefined): readonly string[] {
  return Array.from((cell ?? '').matchAll(/`([^`]+)`/g), ([, code]) => code ?? '');
}

/** `a/{b,c}` is two; what stands in braces alone is a parameter. */
function expand(path: string): readonly string[] {
  const [, head = '', choices, tail = ''] = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/.exec(path) ?? [];
  return choices === undefined ? [path] : choices.split(',').flatMap((choice) => expand(`${head}${choice}${tail}`));
}

/** Of a pattern of the dialect's, whose parameters begin with a colon; the last path of all is literal. */
function patternOf(path: string): RegExp {
  const escaped = path.replaceAll(/[.*]/g, String.raw`\$&`);
  const filled = escaped.replaceAll(/:\w+/g, '[^/]+').replaceAll('//', '/[^/]*/');
  return new RegExp(`^${filled === '/' ? filled : filled.replace(/\/$/, '')}$`);
}

const served = operations.flatMap(({ method, paths }) => paths.map((path) => ({ method, path })));
const methods = [...new Set(served.map(({ method }) => method))] as readonly string[];

/** The calls of a cell: `GET`, `POST /path`, `/other`, `.../end of a path that begins as the one before`. */
function callsOf(cell: string | undefined): readonly Call[] {
  const calls: Call[] = [];
  let stated: readonly string[] = [];
  let last = '';
  for (const word of codeOf(cell).flatMap((code) => code.split(' '))) {
    if (methods.includes(word)) {
      stated = methods.includes(last) ? [...stated, word] : [word];
    } else if (/^(?:\.\.\.)?\//.test(word)) {
      calls.push(...pathsOf(word, calls.at(-1)?.path ?? '').flatMap((path) => withMethods(path, stated)));
    }
    last = word;
  }
  return calls;
}

function withMethods(path: string, stated: readonly string[]): readonly Call[] {
  return (stated.length === 0 ? methods : stated).map((method) => ({ method, path }));
}

function pathsOf(word: string, before: string): readonly string[] {
  const path = word === '/rest/...' ? '/rest/*' : (word.split('?', 1)[0] ?? '');
  return expand(path).map((each) => resolve(each, before));
}

function resolve(path: string, before: string): string {
  if (!path.startsWith('...')) {
    return path;
  }
  const start = before.split('/').slice(0, 3).join('/');
  const named = new RegExp(
    `${path
      .slice(3)
      .replaceAll('.', String.raw`\.`)
      .replaceAll(/\{\w+\}/g, ':\\w+')}$`,
  );
  return served.find((call) => call.path.startsWith(`${start}/`) && named.test(call.path))?.path ?? path;
}

const named = rows.flatMap(([cell]) => callsOf(cell));

test('every call that is served stands on the page of what is covered', () => {
  const missing = served.filter(
    ({ method, path }) => !named.some((call) => call.method === method && patternOf(path).test(call.path)),
  );
  expect(missing).toEqual([]);
});

test('every call that the page names is served', () => {
  const unserved = named.filter(
    ({ method, path }) => !served.some((call) => call.method === method && patternOf(call.path).test(path)),
  );
  expect(unserved).toEqual([]);
});

test('every test that the page names is there', () => {
  const absent = rows
    .flatMap(([, , cell]) => codeOf(cell))
    .filter((name) => {
      const places = name.endsWith('.test.ts')
        ? [join(here, name), join(here, '..', name), join(here, '../..', name)]
        : [join(here, 'golden', `${name}.json`), join(here, '../../system', `${name}.test.ts`)];
      return !places.some((place) => existsSync(place));
    });
  expect(absent).toEqual([]);
});

test('every golden file stands on the page', async () => {
  const names = rows.flatMap(([, , cell]) => codeOf(cell));
  const files = [...new Bun.Glob('*.json').scanSync(join(here, 'golden'))].map((file) => file.replace('.json', ''));
  expect(files.filter((file) => !names.includes(file))).toEqual([]);
});
