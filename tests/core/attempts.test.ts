import { describe, expect, test } from 'bun:test';
import type { FileOutcome, Task } from '#core/action/action.ts';
import type { TaskId } from '#core/action/action-id.ts';
import { type Attempts, attemptsOf, retryParameters, standingOutcomes, standingStatus } from '#core/action/attempts.ts';
import type { TaskParameters } from '#core/action/verb.ts';
import { parsePath } from '#core/file/file-path.ts';
import type { Outcome } from '#core/outcome.ts';
import { fetchOf, quarantineOf } from '#kit/parameters.ts';
import { outcomeOf, sha256Of, taskId, taskOf } from '../conformance/store/records.ts';

const names = ['/a', '/b', '/c'];
const later = 9_999_999;
const byHash: TaskParameters = { ...quarantineOf('/x', sha256Of('evil')), path: null };

/** `a:done` is a file by its path, `a:done:1` one that is also the vault object 1. */
function told(task: number, words: readonly string[]): readonly FileOutcome[] {
  return words.map((word, index) => {
    const [name = '', outcome, object] = word.split(':');
    return outcomeOf(task, names.includes(`/${name}`) ? names.indexOf(`/${name}`) : index, {
      outcome: outcome as Outcome,
      path: name === '' ? null : parsePath(`/${name}`),
      vaultObject: object ?? null,
    });
  });
}

interface Try {
  readonly parameters: TaskParameters;
  readonly state?: Task['state'];
  readonly ends: readonly string[];
}

function attempts(...tries: readonly Try[]): Attempts {
  const tasks = tries.map(({ parameters, state = 'finished' }, index) =>
    taskOf(index + 1, { ordinal: 0, round: index + 1, parameters, state }),
  );
  const [all] = attemptsOf(
    tasks.toReversed(),
    tries.flatMap(({ ends }, index) => told(index + 1, ends)),
  );
  return all ?? expect.unreachable();
}

/** Ordinals of a retry are its own. */
const again = (outcome: FileOutcome, ordinal: number): FileOutcome => ({ ...outcome, ordinal });

const shown = (all: Attempts) =>
  standingOutcomes(all).map(({ taskId: id, path, outcome, vaultObject }) =>
    [Number.parseInt(id, 16), path === null ? '' : Buffer.from(path).toString(), outcome, vaultObject ?? '']
      .filter((part) => part !== '')
      .join(' '),
  );

describe('A fetch', () => {
  const first: Try = { parameters: fetchOf(...names), ends: ['a:done', 'b:not_found', 'c:access_denied'] };
  const second = (state: Task['state'], ends: readonly Outcome[]): Attempts => {
    const [one] = attempts(first);
    const task = taskOf(2, { ordinal: 0, round: 2, parameters: fetchOf('/b', '/c'), state });
    const outcomes = ends.map((outcome, ordinal) =>
      again(outcomeOf(2, 0, { outcome, path: parsePath(ordinal === 0 ? '/b' : '/c') }), ordinal),
    );
    return [one, { task, outcomes }];
  };

  test('asks again for what did not come, and for nothing else', () => {
    expect(retryParameters(attempts(first))).toEqual(fetchOf('/b', '/c'));
    expect(retryParameters(second('finished', ['done', 'not_found']))).toEqual(fetchOf('/c'));
    expect(retryParameters(second('finished', ['done', 'already_done']))).toBeUndefined();
  });

  test('shows each file once, by the attempt that brought it, or else the last one', () => {
    expect(shown(second('running', []))).toEqual(['1 /a done']);
    expect(shown(second('finished', ['done', 'not_found']))).toEqual(['1 /a done', '2 /b done', '2 /c not_found']);
  });

  test('goes on with its last attempt, and is whole once every file came', () => {
    expect(standingStatus(second('pending', []), 0)).toBe('pending');
    expect(standingStatus(second('finished', ['done', 'not_found']), 0)).toBe('completed_partial');
    expect(standingStatus(second('finished', ['done', 'done']), 0)).toBe('completed_successfully');
    expect(standingStatus(second('cancelled', ['cancelled', 'cancelled']), 0)).toBe('completed_partial');
  });

  test('is not whole when the last attempt is overdue, even before that is written', () => {
    expect(standingStatus(second('running', []), later)).toBe('completed_partial');
  });

  test('counts a late report of what was tried again, and no file twice', () => {
    const [, last] = second('finished', ['done', 'not_found']);
    const late = attempts({ parameters: fetchOf(...names), ends: ['a:done', 'b:done', 'c:done'] });
    expect(shown([late[0], last ?? expect.unreachable()])).toEqual(['1 /a done', '1 /b done', '1 /c done']);
    expect(standingStatus([late[0], last ?? expect.unreachable()], 0)).toBe('completed_successfully');
  });

  test('that names a path twice asks for it as often as nothing came for it', () => {
    const twice = attempts({ parameters: fetchOf('/a', '/a', '/b'), ends: [] });
    expect(retryParameters(twice)).toEqual(fetchOf('/a', '/a', '/b'));
  });
});

describe('What changes a vault', () => {
  const cases: readonly (readonly [
    name: string,
    tries: readonly (readonly string[])[],
    standing: readonly string[],
  ])[] = [
    [
      'keeps what was done when the rest is',
      [['a:done:1', 'b:access_denied'], ['b:done:2']],
      ['1 /a done 1', '2 /b done 2'],
    ],
    ['counts what is found done once', [['a:done:1', 'b:in_use'], ['a:already_done:1']], ['2 /a already_done 1']],
    ['believes the later word about a path', [['a:done:1', 'b:in_use'], ['a:access_denied']], ['2 /a access_denied']],
    ['drops failures that were tried again', [['b:in_use'], ['b:not_found']], ['2 /b not_found']],
    [
      'keeps both where the later word is of another file',
      [['a:done:1', 'b:in_use'], [':not_found']],
      ['1 /a done 1', '2 not_found'],
    ],
  ];
  test.each(cases)('%s', (_, tries, standing) => {
    expect(shown(attempts(...tries.map((ends) => ({ parameters: byHash, ends }))))).toEqual([...standing]);
  });

  test('is asked for once more as it was, unless all was done', () => {
    expect(retryParameters(attempts({ parameters: byHash, ends: ['a:done:1', 'b:in_use'] }))).toEqual(byHash);
    expect(retryParameters(attempts({ parameters: byHash, ends: ['a:done:1'] }))).toBeUndefined();
    expect(retryParameters(attempts({ parameters: byHash, ends: [] }))).toEqual(byHash);
  });

  test('shows what was done while the rest is tried again', () => {
    const open = attempts(
      { parameters: byHash, ends: ['a:done:1', 'b:in_use'] },
      { parameters: byHash, state: 'running', ends: [] },
    );
    expect(shown(open)).toEqual(['1 /a done 1']);
    expect(standingStatus(open, 0)).toBe('in_progress');
  });
});

test('A search is repeated whole, so that nothing of the attempt before is shown.', () => {
  const parameters: TaskParameters = {
    ...{ verb: 'search', pattern: { by: 'glob', glob: '*' }, live: false, under: null, limit: 9 },
  };
  const all = attempts({ parameters, ends: ['a:done', 'b:agent_error'] }, { parameters, ends: ['a:done'] });
  expect(shown(all)).toEqual(['2 /a done']);
});

test('Attempts are of one endpoint of one action, in the order of their rounds.', () => {
  const tasks = [taskOf(1, { ordinal: 0 }), taskOf(2, { ordinal: 1 }), taskOf(3, { ordinal: 0, round: 2 })];
  const grouped = attemptsOf(tasks, []).map((all) => all.map(({ task }) => task.id));
  const id = (number: number): TaskId => taskId(number);
  expect(grouped).toEqual([[id(1), id(3)], [id(2)]]);
});
