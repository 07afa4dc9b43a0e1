import { describe, expect, test } from 'bun:test';
import type { ActionId } from '#core/action/action-id.ts';
import { isSuccess, type Outcome, outcomes } from '#core/outcome.ts';
import type { RemediationRow } from '#core/remediation/remediation.ts';
import { type FollowedTask, remediationLog } from '#core/remediation/remediation-log.ts';

const createdAt = 1_000;
const deadline = 9_000;

function ordered(number: number): RemediationRow {
  const result = { kind: 'ordered', actionId: String(number) as ActionId } as const;
  return { machine: 'm', target: String(number), actionType: 'QUARANTINE_FILE', result };
}

const listed: RemediationRow = { ...ordered(0), target: 'listed', result: { kind: 'listed', hash: 'h' } };
const failed: RemediationRow = {
  ...ordered(0),
  target: 'failed',
  result: { kind: 'failed', failure: 'unsupported', message: 'why' },
};

function ends(...all: readonly Outcome[]): FollowedTask['outcomes'] {
  return all.map((outcome) => ({ outcome, reason: null, message: `said ${outcome}` }));
}

type Facts = Partial<FollowedTask['task']> & { readonly outcomes?: FollowedTask['outcomes'] };

function followed({ outcomes: files = [], ...task }: Facts): FollowedTask {
  return {
    task: { state: 'pending', ring: null, acceptedAt: null, endedAt: null, deadline, ...task },
    outcomes: files,
  };
}

function logOf(rows: readonly RemediationRow[], tasks: readonly Facts[], now = 5_000) {
  const byAction = new Map(tasks.map((task, index) => [String(index + 1) as ActionId, followed(task)]));
  const { entries, endedAt } = remediationLog({ rows, createdAt }, byAction, now);
  return { endedAt, steps: entries.map(({ row, status, at }) => `${row.target} ${status} ${at}`), entries };
}

const done = { state: 'finished', acceptedAt: 2_000, endedAt: 3_000 } as const;

describe('The log of one row', () => {
  const table: readonly (readonly [string, Facts, readonly string[]])[] = [
    ['waits', {}, ['pending 1000']],
    ['is held back', { state: 'held' }, ['pending 1000']],
    ['was sent', { state: 'sent' }, ['pending 1000']],
    ['was taken', { state: 'running', acceptedAt: 2_000 }, ['pending 1000', 'in_progress 2000']],
    ['is to be stopped', { state: 'cancelling' }, ['pending 1000']],
    ['is done', { ...done, outcomes: ends('done') }, ['pending 1000', 'in_progress 2000', 'succeeded 3000']],
    [
      'was done before',
      { ...done, outcomes: ends('already_done') },
      ['pending 1000', 'in_progress 2000', 'succeeded 3000'],
    ],
    [
      'is done with one file and not with another',
      { ...done, outcomes: ends('done', 'not_found') },
      ['pending 1000', 'in_progress 2000', 'failed 3000'],
    ],
    ['ended with no file', { ...done }, ['pending 1000', 'in_progress 2000', 'failed 3000']],
    [
      'was withdrawn',
      { state: 'cancelled', endedAt: 3_000, outcomes: ends('cancelled') },
      ['pending 1000', 'aborted 3000'],
    ],
    [
      'was stopped by the agent',
      { ...done, outcomes: ends('cancelled') },
      ['pending 1000', 'in_progress 2000', 'aborted 3000'],
    ],
    ['expired', { state: 'expired', endedAt: 9_100, outcomes: ends('expired') }, ['pending 1000', 'failed 9100']],
    [
      'was reported before it was sent, by clocks that disagree',
      { state: 'finished', acceptedAt: 900, endedAt: 800, outcomes: ends('done') },
      ['pending 1000', 'in_progress 1000', 'succeeded 1000'],
    ],
  ];
  test.each(table)('that %s', (_, facts, steps) => {
    const log = logOf([ordered(1)], [facts]);
    expect(log.steps).toEqual(steps.map((step) => `1 ${step}`));
    const end = /(?:succeeded|failed|aborted) (\d+)$/.exec(steps.at(-1) ?? '')?.[1];
    expect(log.endedAt).toBe(end === undefined ? null : Number(end));
    for (const { status, error } of log.entries) {
      expect(error === null).toBe(status !== 'failed' && status !== 'aborted');
    }
  });

  test.each(['pending', 'sent', 'running', 'cancelling'] as const)('has ended when it is overdue, %s', (state) => {
    const log = logOf([ordered(1)], [{ state, acceptedAt: state === 'running' ? 2_000 : null }], deadline);
    expect(log.steps.at(-1)).toBe('1 failed 9000');
    expect(log.endedAt).toBe(deadline);
    expect(log.entries.at(-1)?.error).toMatchObject({ outcome: 'expired', reason: 'deadline_passed' });
    expect(logOf([ordered(1)], [{ state }], deadline - 1).endedAt).toBeNull();
  });

  test.each(outcomes.filter((outcome) => !isSuccess(outcome)))('says why: %s', (outcome) => {
    const error = logOf([ordered(1)], [{ ...done, outcomes: ends('done', outcome) }]).entries.at(-1)?.error;
    expect(error).toMatchObject({ kind: 'file', outcome, message: `said ${outcome}` });
  });

  test('of which nothing was ordered is one step', () => {
    expect(logOf([failed], [])).toMatchObject({ steps: ['failed failed 1000'], endedAt: 1_000 });
    expect(logOf([failed], []).entries[0]?.error).toEqual({ kind: 'row', failure: 'unsupported', message: 'why' });
    expect(logOf([listed], [])).toMatchObject({ steps: ['listed succeeded 1000'], endedAt: 1_000 });
  });
});

describe('The log of several rows', () => {
  test('is by time, ends with the last of them, and stays open while one is', () => {
    const one = { ...done, outcomes: ends('done') };
    const log = logOf([ordered(1), ordered(2)], [one, { ...one, acceptedAt: 2_500, endedAt: 2_600 }]);
    expect(log.steps).toEqual([
      '1 pending 1000',
      '2 pending 1000',
      '1 in_progress 2000',
      '2 in_progress 2500',
      '2 succeeded 2600',
      '1 succeeded 3000',
    ]);
    expect(log.endedAt).toBe(3_000);
    expect(logOf([ordered(1), ordered(2)], [one, {}]).endedAt).toBeNull();
  });

  test('does not end with what ended at once while another is open', () => {
    expect(logOf([ordered(1), failed, listed], [{}]).steps).toEqual([
      'failed failed 1000',
      'listed succeeded 1000',
      '1 pending 1000',
    ]);
  });

  test('keeps the steps of a row in order where all happened in one moment', () => {
    const atOnce = { state: 'finished', acceptedAt: 1_000, endedAt: 1_000, outcomes: ends('done') } as const;
    const steps = ['2 pending 1000', '2 in_progress 1000', '2 succeeded 1000'];
    expect(logOf([ordered(1), ordered(2)], [{}, atOnce]).steps).toEqual([...steps, '1 pending 1000']);
    expect(logOf([ordered(2)], [{}, atOnce]).steps).toEqual(steps);
  });

  test('ends with what failed, once all has ended', () => {
    const log = logOf([failed, listed, ordered(1)], [{ ...done, outcomes: ends('done') }]);
    expect(log.steps.at(-1)).toBe('failed failed 1000');
    expect(log.endedAt).toBe(3_000);
  });
});
